//! `status`: what runs where, since when, and what waits for whom.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::state::{EnvironmentState, State};
use sternway_drivers::proxy::Proxy;
use sternway_engine::{Clock as _, Journal as _, LogbookJournal};
use sternway_host::client::Agent;
use sternway_host::protocol::{Instance, Status as AgentStatus};
use sternway_proxy::protocol::{Request, Response, Status as ProxyStatus};

mod text;

use super::plan::fold;
use crate::args::Status;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render::style::{bad, careful};
use crate::render::{self, line};
use crate::report;
use crate::wiring::clock::SystemClock;

/// What was seen of one environment, beside what the logbook says.
struct Seen<'a> {
    agent: Option<&'a AgentStatus>,
    proxy: Option<ProxyStatus>,
    lease: Option<sternway_logbook::LeaseStatus>,
    /// Open incidents, as their reports have them.
    incidents: Vec<report::Summary>,
}

pub(super) fn run(context: &Context, args: &Status, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let state = fold(&journal)?;
    if let Some(only) = &args.environment
        && !state.environments.keys().any(|name| name.as_str() == only)
    {
        let known: Vec<&str> = state.environments.keys().map(EnvironmentName::as_str).collect();
        let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
        return Err(Failure::usage("S0912", format!("nothing was ever shipped to `{only}`"))
            .because(format!("the logbook knows: {known}"))
            .next("sternway status"));
    }
    let agent = Agent::connect(&context.agent_socket()).and_then(|agent| agent.status()).ok();
    let wanted = |name: &EnvironmentName| args.environment.as_ref().is_none_or(|only| only == name.as_str());
    let mut places = Vec::new();
    for (name, place) in state.environments.iter().filter(|(name, _)| wanted(name)) {
        let seen = Seen {
            agent: agent.as_ref(),
            proxy: ask_proxy(context, name),
            lease: journal.logbook().lease(name).ok().flatten(),
            incidents: incidents(&journal, &state, name)?,
        };
        places.push((name, place, seen));
    }
    let down = agent.is_none() && !places.is_empty() && places.iter().all(|(_, _, seen)| seen.proxy.is_none());
    if down && !json {
        line(&bad("DOWN: nothing of Sternway answers here"));
        line(
            "  next:     any `sternway ship`, `rollback` or `resume` starts agent and serve; serve starts the current release again",
        );
    }
    let now = SystemClock.now();
    let mut shown = BTreeMap::new();
    for (name, place, seen) in places {
        if json {
            shown.insert(name.clone(), as_json(&state, name, place, &seen));
        } else {
            text::print(&state, name, place, &seen, now);
        }
    }
    if json {
        render::json(&json!({
            "format": 1, "state": context.state, "agent": agent.is_some(), "down": down, "parts": parts(agent.as_ref()),
            "environments": shown,
        }));
    } else if state.environments.is_empty() {
        line("nothing was shipped yet\n  next:     sternway ship ENV");
    } else if agent.is_none() && !down {
        line(&format!(
            "{}: the agent does not answer; services go on, nothing new is started. Next: any `sternway ship` or `rollback` starts it",
            careful("careful")
        ));
    }
    // Nobody is served: a script that looks must not take that for good.
    Ok(if down { Exit::Internal } else { Exit::Done })
}

/// The processes that Sternway itself needs: the agent, and what it keeps running.
fn parts(agent: Option<&AgentStatus>) -> Vec<Value> {
    let Some(agent) = agent else { return Vec::new() };
    let own = json!({ "name": "agent", "pid": agent.pid, "shim": null, "restarts": 0 });
    let kept = agent
        .kept
        .iter()
        .map(|part| json!({ "name": part.name, "pid": part.pid, "shim": part.shim, "restarts": part.restarts }));
    std::iter::once(own).chain(kept).collect()
}

/// The open incidents of an environment, as `report --list` has them.
fn incidents(journal: &LogbookJournal, state: &State, name: &EnvironmentName) -> Result<Vec<report::Summary>, Failure> {
    let open: Vec<_> = state.open_incidents(name).map(|(number, _)| number).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let entries = journal.entries_after(0).map_err(|error| {
        Failure::internal("S0801", "the logbook cannot be read").cause(&error).next("sternway log --verify")
    })?;
    Ok(report::summaries(&entries, open))
}

fn ask_proxy(context: &Context, name: &EnvironmentName) -> Option<ProxyStatus> {
    match Proxy::at(&context.proxy_socket(name)).ask_once(&Request::Status, Duration::from_secs(2)) {
        Ok(Response::Status(status)) => Some(*status),
        _ => None,
    }
}

fn instances<'a>(seen: &Seen<'a>, name: &EnvironmentName) -> Vec<&'a Instance> {
    let all = seen.agent.map(|agent| agent.instances.as_slice()).unwrap_or_default();
    all.iter().filter(|instance| instance.id.environment == *name).collect()
}

/// The releases that can be gone back to, the one first that the open rollout came from.
fn ways_back(state: &State, place: &EnvironmentState) -> Vec<ReleaseNumber> {
    let base = place.rollout.as_ref().and_then(|open| open.plan.base.as_ref()).map(|base| base.number);
    let known = place.ways_back(&state.releases).into_iter().map(|way| way.release.number);
    base.into_iter().chain(known.filter(|way| Some(*way) != base)).collect()
}

/// Whether the agent keeps `serve` running, which takes over what nobody drives.
fn serve_runs(seen: &Seen<'_>) -> bool {
    seen.agent.is_some_and(|agent| agent.kept.iter().any(|part| part.name == "serve" && part.pid.is_some()))
}

/// Where what was observed differs from what the logbook says.
fn drift(place: &EnvironmentState, seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let (Some(current), None) = (&place.current, &place.rollout) else { return found };
    if let Some(table) = seen.proxy.as_ref().and_then(|proxy| proxy.table.as_ref()) {
        for (service, targets) in &table.current {
            if targets.release != current.release.number {
                found.push(format!("the proxy serves `{service}` from release {}", targets.release));
            }
        }
    }
    found
}

/// What the watch saw last, and what it does not see; `null` when it neither looked nor failed to.
fn watch(state: &State, name: &EnvironmentName, place: &EnvironmentState) -> Value {
    if place.watch.is_none() && place.blind.is_none() {
        return Value::Null;
    }
    let last = place.watch.as_ref();
    json!({
        "changed": last.map(|last| last.at), "findings": last.map(|last| last.findings.len()),
        "drift": state.drift(name).map(|drift| drift.incident),
        "blind": place.blind.as_ref().map(|blind| json!({ "since": blind.since, "why": blind.why })),
    })
}

fn as_json(state: &State, name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>) -> Value {
    let rollout = place.rollout.as_ref().map(|open| {
        json!({
            "number": open.plan.rollout, "release": open.plan.candidate.number, "by": open.by, "since": open.opened,
            "digest": open.plan.digest(), "step": open.position().and_then(|(step, _)| Some(open.plan.steps.get(usize::from(step))?.name.clone())),
            "back": open.unwinding, "held": open.hold.as_ref().map(|hold| hold.why.clone()), "held_since": open.hold.as_ref().map(|hold| hold.since), "production": open.serving_in_words(),
            "not_before": open.plan.not_before,
        })
    });
    let incidents = seen
        .incidents
        .iter()
        .map(|incident| json!({ "number": incident.incident, "title": incident.title, "status": incident.status, "started": incident.started, "restored": incident.restored }));
    let incidents: Vec<_> = incidents.collect();
    json!({
        "release": place.current.as_ref().map(|current| current.release.number),
        "since": place.current.as_ref().map(|current| current.since),
        "instances": instances(seen, name),
        "proxy": seen.proxy,
        "rollout": rollout,
        "ways_back": ways_back(state, place),
        "incidents": incidents,
        "drift": drift(place, seen),
        "watch": watch(state, name, place),
    })
}
