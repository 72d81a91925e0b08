//! The HTTP server around a site: keep-alive, bounded bodies, and a stop that finishes what was begun.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::message::{Answer, Asked, broken, html};

/// Requests that wait for SQLite at the same time.
const WORKERS: usize = 8;
/// A sign-up or a login is far smaller.
const BODY_LIMIT: usize = 16 * 1024;
/// Open requests have this long to end once the service is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(8);

/// Something that answers requests; may block.
pub(super) trait Site: Send + Sync + 'static {
    fn answer(&self, asked: &Asked) -> Answer;
}

/// Serves until SIGTERM or SIGINT.
pub(super) fn until_terminated(listener: TcpListener, site: impl Site) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(WORKERS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        log(format_args!("listening on {}", listener.local_addr()?));
        let stop = async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        until(listener, site, stop).await?;
        log(format_args!("stopped"));
        Ok(())
    })
}

/// Serves until `stop` comes true and the open requests have ended.
pub(super) async fn until(
    listener: TcpListener,
    site: impl Site,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let site = Arc::new(site);
    let (stopping, told) = watch::channel(());
    // Each connection holds a sender: when all are gone, the receiver ends.
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = connection(stream, site.clone(), told.clone());
                    let open = open.clone();
                    tokio::spawn(async move {
                        connection.await;
                        drop(open);
                    });
                }
                // Out of descriptors, say: the next round may find some.
                Err(error) => {
                    log(format_args!("accept: {error}"));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
        }
    }
    drop(listener);
    drop(open);
    let _ = stopping.send(());
    if tokio::time::timeout(LAST_REQUESTS, closed.recv()).await.is_err() {
        log(format_args!("stopped with open requests"));
    }
    Ok(())
}

async fn connection<S: Site>(stream: TcpStream, site: Arc<S>, mut told: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(site.clone(), request));
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    let stopped = tokio::select! {
        _ = &mut connection => false,
        _ = told.changed() => true,
    };
    if stopped {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

async fn answer<S: Site>(site: Arc<S>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(html(StatusCode::PAYLOAD_TOO_LARGE, "<p>That is too much.</p>"));
    };
    let asked = Asked::new(&head, &body.to_bytes());
    let answered = tokio::task::spawn_blocking(move || site.answer(&asked)).await;
    Ok(answered.unwrap_or_else(|error| broken(&error)))
}

/// A line in the service's log. A log that nobody reads any more is no reason to stop.
pub(super) fn log(line: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
