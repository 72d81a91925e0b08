//! What is to be shipped serves already: that is no fault, and a pipeline that runs again must end well. But it is only said of
//! what is seen to serve.

use std::time::{Duration, Instant};

use sternway_core::finding::Severity;
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::planner::Planned;
use sternway_core::project::Environment;
use sternway_core::state::State;
use sternway_drivers::proxy::Proxy;
use sternway_proxy::protocol::{Request, Response};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;
use crate::render::style::{careful, good};

/// How long what was stopped may take to serve again.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether nothing stands against the release but that it serves already; its mark, or the room that nobody needs now, do not.
pub(super) fn is(planned: &Planned) -> bool {
    let mut errors = planned.findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
    let serves = planned.findings.iter().any(|finding| finding.code == "S0501");
    serves && errors.all(|finding| matches!(finding.code.as_str(), "S0501" | "S0502" | "S0403"))
}

/// `ship`: there is nothing to do, once the release is seen to serve.
pub(super) fn shipped(
    context: &Context,
    state: &State,
    environment: &EnvironmentName,
    settings: &Environment,
    release: ReleaseNumber,
    json: bool,
) -> Result<Exit, Failure> {
    if !settings.traffic.listen.is_empty() {
        is_seen_to_serve(context, environment, release)?;
    }
    if json {
        render::json(&serde_json::json!({
            "format": 1, "environment": environment, "rollout": null, "digest": null, "release": release, "outcome": "unchanged",
            "serving": release, "why": null, "production": format!("release {release} serves"), "accepted": false,
            "incident": null, "exit": Exit::Done as i32,
        }));
        return Ok(Exit::Done);
    }
    render::line(&format!("{}: release {release} already serves {environment}, nothing to do", good("done")));
    let differs = waiting(state, environment, settings);
    if !differs.is_empty() {
        let differs = differs.join(", ");
        render::line(&format!(
            "  {}: {differs} in sternway.toml are not as release {release} was shipped with; they come with the next release that differs",
            careful("careful")
        ));
    }
    Ok(Exit::Done)
}

/// `plan`: nothing would change.
pub(super) fn planned(environment: &EnvironmentName, release: ReleaseNumber, json: bool) -> Exit {
    if json {
        render::json(&serde_json::json!({
            "format": 1, "digest": null, "plan": null, "environment": environment, "release": release, "outcome": "unchanged",
        }));
    } else {
        render::line(&format!("release {release} already serves {environment}: nothing would change"));
    }
    Exit::Done
}

/// Settings of traffic that are no part of a release, and so take effect only with one.
fn waiting(state: &State, environment: &EnvironmentName, settings: &Environment) -> Vec<&'static str> {
    let current = state.environments.get(environment).and_then(|place| place.current.as_ref());
    let Some(traffic) = current.and_then(|current| current.traffic.as_ref()) else { return Vec::new() };
    let new = &settings.traffic;
    [
        ("listen", traffic.listen != new.listen),
        ("login", traffic.login != new.login),
        ("drain", traffic.drain != new.drain),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Waits until the proxy has all its traffic go to this release: after everything was stopped, `serve` starts it again.
fn is_seen_to_serve(context: &Context, environment: &EnvironmentName, release: ReleaseNumber) -> Result<(), Failure> {
    let proxy = Proxy::at(&context.proxy_socket(environment));
    let start = Instant::now();
    loop {
        let why = match proxy.ask_once(&Request::Status, Duration::from_secs(2)) {
            Ok(Response::Status(status)) => match &status.table {
                Some(table) if !table.current.values().all(|targets| targets.release == release) => {
                    "the proxy sends requests to another release".to_owned()
                }
                Some(_) if status.unhealthy.is_empty() => return Ok(()),
                Some(_) => format!("{} does not accept connections", status.unhealthy.join(", ")),
                None => "the proxy sends requests nowhere yet".to_owned(),
            },
            Ok(_) | Err(_) => "the proxy does not answer".to_owned(),
        };
        if start.elapsed() > PATIENCE {
            return Err(Failure::internal(
                "S0922",
                format!("release {release} is to serve {environment}, and is not seen to"),
            )
            .because(why)
            .production("as before; nothing was begun")
            .next(format!("sternway status {environment}")));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
