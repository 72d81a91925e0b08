//! The counters in Prometheus' text format, on the admin socket and, where configured, over HTTP.

use std::fmt::Write;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sternway_core::counts::{Counts, Histogram};
use tokio::net::TcpListener;

use crate::health;
use crate::live::Shared;

/// Every how manyth of the histogram's buckets is told: one for each doubling.
const STEP: usize = 8;
/// The first bucket that is told (0.12 ms) and the one after the last (67 s).
const TOLD: std::ops::Range<usize> = 55..216;

/// All metrics of the proxy.
pub(crate) fn text(shared: &Shared) -> String {
    let mut out = String::new();
    let environment = &shared.environment;
    let releases = shared.counts();
    let mut counts = Vec::new();
    for (number, now) in &releases {
        for (role, counted) in [("current", &now.current), ("candidate", &now.candidate)] {
            let labels = format!("environment=\"{environment}\",release=\"{number}\",role=\"{role}\"");
            counts.push((labels, counted));
        }
    }
    describe(&mut out, "sternway_requests_total", "counter", "Requests that ended.");
    for (labels, counted) in &counts {
        line(&mut out, "sternway_requests_total", labels, counted.requests);
    }
    describe(&mut out, "sternway_errors_total", "counter", "Requests that count as errors, by kind.");
    for (labels, counted) in &counts {
        for (kind, errors) in kinds(counted) {
            line(&mut out, "sternway_errors_total", &format!("{labels},kind=\"{kind}\""), errors);
        }
    }
    describe(&mut out, "sternway_first_byte_seconds", "histogram", "Time to the first byte of the response.");
    for (labels, counted) in &counts {
        histogram(&mut out, labels, &counted.latency);
    }
    let gauge = |out: &mut String, name: &str, help: &str, value: u64| {
        describe(out, name, "gauge", help);
        line(out, name, &format!("environment=\"{environment}\""), value);
    };
    describe(&mut out, "sternway_open", "gauge", "Open requests and upgraded connections.");
    for (number, now) in &releases {
        let labels = format!("environment=\"{environment}\",release=\"{number}\"");
        line(&mut out, "sternway_open", &labels, now.open);
    }
    let live = shared.live();
    let percent = live.canary.as_ref().map_or(0, |canary| canary.plan.percent);
    let held = live.hold.as_ref().map_or(0, |hold| hold.waiting());
    let unhealthy = health::unhealthy(&live).len() as u64;
    drop(live);
    gauge(&mut out, "sternway_canary_percent", "Share of clients that meet the candidate.", percent.into());
    gauge(&mut out, "sternway_held", "Requests that wait in a hold.", held);
    gauge(&mut out, "sternway_unhealthy_targets", "Current instances that do not accept connections.", unhealthy);
    gauge(&mut out, "sternway_connections", "Open connections of clients.", shared.clients.len() as u64);
    out
}

fn kinds(counts: &Counts) -> [(&'static str, u64); 5] {
    [
        ("server_errors", counts.server_errors),
        ("unreachable", counts.unreachable),
        ("unauthorized", counts.unauthorized),
        ("login_redirects", counts.login_redirects),
        ("client_errors", counts.client_errors),
    ]
}

fn describe(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: u64) {
    let _ = writeln!(out, "{name}{{{labels}}} {value}");
}

fn histogram(out: &mut String, labels: &str, latency: &Histogram) {
    let name = "sternway_first_byte_seconds";
    for bucket in TOLD.step_by(STEP).filter_map(|bucket| u16::try_from(bucket).ok()) {
        let upto: u64 = latency.buckets.iter().filter(|entry| entry.0 <= bucket).map(|entry| entry.1).sum();
        let seconds = Histogram::bound(bucket) as f64 / 1e6;
        line(out, &format!("{name}_bucket"), &format!("{labels},le=\"{seconds}\""), upto);
    }
    line(out, &format!("{name}_bucket"), &format!("{labels},le=\"+Inf\""), latency.total());
    // Within the width of a bucket.
    let sum: f64 =
        latency.buckets.iter().map(|&(bucket, count)| Histogram::bound(bucket) as f64 / 1e6 * count as f64).sum();
    let _ = writeln!(out, "{name}_sum{{{labels}}} {sum:.6}");
    line(out, &format!("{name}_count"), labels, latency.total());
}

/// Serves `GET /metrics`.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| std::future::ready(answer(&request, &shared)));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(request: &Request<Incoming>, shared: &Shared) -> Result<Response<String>, http::Error> {
    if request.uri().path() == "/metrics" {
        let response = Response::builder().header("content-type", "text/plain; version=0.0.4; charset=utf-8");
        return response.body(text(shared));
    }
    Response::builder().status(StatusCode::NOT_FOUND).body("try /metrics\n".to_owned())
}
