//! What the parts of the file say of each other: addresses that collide, and things that hardly do what was meant.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use super::checks::Asked;
use super::environment::Placed;
use super::formats;
use super::parse::Services;
use super::source::{Problems, code};
use crate::check::Question;
use crate::ids::EnvironmentName;
use crate::release::ServiceKind;

type Environments = BTreeMap<EnvironmentName, Placed>;

/// A port that something takes on this machine.
struct Taken {
    address: SocketAddr,
    /// `environments.staging.listen`
    by: String,
    span: Range<usize>,
}

impl Taken {
    fn collides(&self, other: &Taken) -> bool {
        let any = |ip: IpAddr| ip.is_unspecified();
        let (a, b) = (self.address, other.address);
        a.port() == b.port() && (a.ip() == b.ip() || any(a.ip()) || any(b.ip()))
    }
}

/// Addresses that two things would fight over. All environments of this version run on one machine.
pub(super) fn addresses(problems: &mut Problems<'_>, services: &Services, environments: &Environments) {
    let mut taken: Vec<Taken> = Vec::new();
    for (name, placed) in environments {
        let traffic = &placed.environment.traffic;
        if let Ok(address) = formats::listen(&traffic.listen) {
            taken.push(Taken { address, by: format!("environments.{name}.listen"), span: placed.listen_span.clone() });
        }
        let metrics = placed.environment.metrics.as_deref().and_then(|text| formats::listen(text).ok());
        if let Some(address) = metrics {
            taken.push(Taken {
                address,
                by: format!("environments.{name}.metrics"),
                span: placed.metrics_span.clone(),
            });
        }
    }
    for (name, declared) in &services.0 {
        if let (Some(port), Some(span)) = (declared.service.spec.port, declared.port_span.clone()) {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            taken.push(Taken { address, by: format!("services.{name}.port"), span });
        }
    }
    // The later one in the file is reported: the earlier one was there first.
    taken.sort_by_key(|one| one.span.start);
    for (at, later) in taken.iter().enumerate() {
        if let Some(earlier) = taken[..at].iter().find(|earlier| earlier.collides(later)) {
            let line = problems.source.place(earlier.span.start).line;
            let message = format!("{} is taken already by `{}`, on line {line}", later.address, earlier.by);
            problems.error(code::DUPLICATE, &later.by, later.span.clone(), message, "choose another port");
        }
    }
    for (name, declared) in &services.0 {
        if let (Some(port), Some(span), true) =
            (declared.service.spec.port, &declared.port_span, environments.len() > 1)
        {
            let message =
                format!("port {port} is fixed, so that only one environment can run `{name}` on this machine");
            let hint = "let the service listen on $PORT instead";
            problems.warning(code::NO_EFFECT, &format!("services.{name}.port"), span.clone(), message, hint);
        }
    }
}

/// What is right but hardly meant.
pub(super) fn second_looks(
    problems: &mut Problems<'_>,
    services: &Services,
    environments: &Environments,
    checks: &[Asked],
) {
    let held: Vec<&str> = services
        .0
        .iter()
        .filter(|(_, declared)| declared.kind == Some(ServiceKind::Web) && !declared.service.spec.overlap)
        .map(|(name, _)| name.as_str())
        .collect();
    for (name, placed) in environments {
        let at = format!("environments.{name}");
        let steps = placed.steps_span.clone().filter(|_| placed.environment.steps.len() > 1);
        if let (Some(service), Some(span)) = (held.first(), steps) {
            let message = format!("steps below 100 are left out: two releases of `{service}` cannot run side by side");
            problems.warning(code::NO_EFFECT, &format!("{at}.steps"), span, message, "write steps = [100]");
        }
        routes_reach_all(problems, services, &at, placed);
    }
    if checks.is_empty()
        && !services.of_kind(ServiceKind::Web).is_empty()
        && let Some(placed) = environments.values().next()
    {
        let message = "there are no checks: a bad release shows only once it has users";
        let hint = "add [[checks]] with a name and, for instance, http = { url = \"/\" }";
        problems.warning(code::NO_EFFECT, "checks", placed.span.clone(), message, hint);
    }
    for asked in checks {
        asks_the_candidate(problems, environments, asked);
    }
}

fn routes_reach_all(problems: &mut Problems<'_>, services: &Services, at: &str, placed: &Placed) {
    let routes = &placed.environment.traffic.routes;
    let web = services.of_kind(ServiceKind::Web);
    for name in web.into_iter().filter(|name| !routes.values().any(|routed| routed == *name)) {
        let message = format!("no route leads to `{name}`: it runs and gets no requests");
        let hint = "add it to routes, or make it kind = \"worker\"";
        problems.warning(code::NO_EFFECT, &format!("{at}.routes"), placed.span.clone(), message, hint);
    }
}

/// A check that names the proxy's own address asks the release that serves, so that its smoke test proves nothing.
fn asks_the_candidate(problems: &mut Problems<'_>, environments: &Environments, asked: &Asked) {
    let Question::Http(http) = &asked.check.question else { return };
    let Some(rest) = http.url.strip_prefix("http://") else { return };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).unwrap_or(80);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
    let serves =
        |placed: &Placed| formats::listen(&placed.environment.traffic.listen).is_ok_and(|at| at.port() == port);
    if asked.check.smoke && local && environments.values().any(serves) {
        let message = "this asks the release that serves now, not the candidate";
        let hint = format!("write only the path: url = \"/{path}\"");
        let subject = format!("check \"{}\"", asked.check.name);
        problems.warning(code::NO_EFFECT, &subject, asked.url_span.clone(), message, hint);
    }
}
