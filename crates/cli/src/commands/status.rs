//! `status`: what runs where, since when, and what waits for whom.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sternway_core::ids::EnvironmentName;
use sternway_core::state::{EnvironmentState, State};
use sternway_drivers::proxy::Proxy;
use sternway_engine::Clock as _;
use sternway_host::client::Agent;
use sternway_host::protocol::{Instance, InstanceState, Status as AgentStatus};
use sternway_proxy::protocol::{Request, Response, Status as ProxyStatus};

use super::plan::fold;
use crate::args::Status;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render::style::{bad, bold, careful, dim, good};
use crate::render::{self, line};
use crate::wiring::clock::SystemClock;

/// What was seen of one environment, beside what the logbook says.
struct Seen<'a> {
    agent: Option<&'a AgentStatus>,
    proxy: Option<ProxyStatus>,
    lease: Option<sternway_logbook::LeaseStatus>,
}

pub(super) fn run(context: &Context, args: &Status, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let state = fold(&journal)?;
    let agent = Agent::connect(&context.agent_socket()).and_then(|agent| agent.status()).ok();
    let wanted = |name: &EnvironmentName| args.environment.as_ref().is_none_or(|only| only == name.as_str());
    let mut shown = BTreeMap::new();
    for (name, place) in state.environments.iter().filter(|(name, _)| wanted(name)) {
        let seen = Seen {
            agent: agent.as_ref(),
            proxy: ask_proxy(context, name),
            lease: journal.logbook().lease(name).ok().flatten(),
        };
        if json {
            shown.insert(name.clone(), as_json(&state, name, place, &seen));
        } else {
            print(&state, name, place, &seen);
        }
    }
    if json {
        render::json(&json!({
            "format": 1, "state": context.state, "agent": agent.is_some(), "parts": parts(agent.as_ref()),
            "environments": shown,
        }));
    } else if let Some(only) = &args.environment
        && !state.environments.keys().any(|name| name.as_str() == only)
    {
        return Err(Failure::usage("S0912", format!("nothing was ever shipped to `{only}`")).next("sternway status"));
    } else if agent.is_none() {
        line(&format!(
            "{}: the agent does not answer; services go on, nothing new is started. Next: any `sternway ship` or `rollback` starts it",
            careful("careful")
        ));
    }
    Ok(Exit::Done)
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

fn print(state: &State, name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>) {
    let current = place.current.as_ref().map_or_else(
        || careful("no release"),
        |current| {
            format!(
                "release {} {}",
                bold(&current.release.number.to_string()),
                dim(&format!("since {}", current.since))
            )
        },
    );
    line(&format!("{}  {current}", bold(name.as_str())));
    for drift in drift(place, seen) {
        line(&format!("  {:<10}{drift}", careful("drift")));
    }
    for instance in instances(seen, name) {
        let pid = instance.pid.map(|pid| format!(" pid {pid}")).unwrap_or_default();
        let address = instance.address.clone().unwrap_or_default();
        let restarts =
            if instance.restarts > 0 { format!(", restarted {} times", instance.restarts) } else { String::new() };
        line(&format!(
            "  {:<10}{:<14} r{:<4} {} {address}{}",
            "instance",
            instance.id.service,
            instance.id.release,
            words(&instance.state),
            dim(&format!("{pid}{restarts}"))
        ));
    }
    match &seen.proxy {
        Some(proxy) => {
            let listen = proxy.table.as_ref().map_or("nothing", |table| table.listen.as_str());
            let share = proxy
                .candidate
                .map(|candidate| format!(", release {candidate} has {}%", proxy.percent))
                .unwrap_or_default();
            let held = proxy.held.map(|held| format!(", {held} requests held")).unwrap_or_default();
            line(&format!("  {:<10}listens at {listen}{share}{held}", "proxy"));
            for address in &proxy.unhealthy {
                line(&format!("  {:<10}{address} does not accept connections", bad("down")));
            }
        }
        None => line(&format!("  {:<10}does not answer", careful("proxy"))),
    }
    rollout(name, place, seen);
    let ways: Vec<String> = place.ways_back(&state.releases).iter().map(|way| way.release.number.to_string()).collect();
    line(&format!(
        "  {:<10}{}",
        "way back",
        if ways.is_empty() { "none".to_owned() } else { format!("release {}", ways.join(", ")) }
    ));
    for (number, incident) in state.open_incidents(name) {
        let restored = incident.restored.map_or_else(|| bad("not restored"), |at| format!("restored at {at}"));
        line(&format!(
            "  {:<10}{number}: {} ({restored}); sternway report {number}",
            careful("incident"),
            incident.title
        ));
    }
    for past in place.history.iter().rev().take(3) {
        let why =
            past.why.as_ref().and_then(|why| why.lines().next()).map(|why| format!(": {why}")).unwrap_or_default();
        line(&dim(&format!(
            "  history   rollout {} to release {} {} at {} by {}{why}",
            past.rollout,
            past.candidate.number,
            outcome(past.outcome),
            past.at,
            past.by
        )));
    }
}

fn rollout(name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>) {
    let Some(open) = &place.rollout else { return };
    let step = open.position().and_then(|(step, dir)| {
        let step = open.plan.steps.get(usize::from(step))?;
        Some(format!("{}{}", if dir == sternway_core::event::Dir::Undo { "undo of " } else { "" }, step.name))
    });
    let driver = match &seen.lease {
        Some(lease) if lease.is_held(SystemClock.now()) => {
            format!("driven by {} until {}", lease.holder.as_deref().unwrap_or("nobody"), lease.until)
        }
        _ => "nobody drives it now; it is taken over by itself".to_owned(),
    };
    line(&format!(
        "  {:<10}{} by {} since {}: at {}; {}",
        bold("rollout"),
        open.plan.rollout,
        open.by,
        open.opened,
        step.unwrap_or_else(|| "its end".to_owned()),
        open.serving_in_words()
    ));
    line(&format!("  {:<10}{}", "", dim(&driver)));
    if let Some(why) = &open.unwinding {
        line(&format!("  {:<10}{why}", bad("goes back")));
    }
    if let Some(hold) = &open.hold {
        line(&format!(
            "  {:<10}{}; next: sternway resume {name}, or sternway rollback {name}",
            careful("held"),
            hold.why
        ));
    } else if !open.has_begun() && usize::try_from(open.plan.approvals).unwrap_or(0) > open.approvals.len() {
        line(&format!(
            "  {:<10}for {} approvals, has {}; next: sternway approve {}",
            careful("waits"),
            open.plan.approvals,
            open.approvals.len(),
            open.plan.digest().short()
        ));
    }
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

fn words(state: &InstanceState) -> String {
    match state {
        InstanceState::Starting => careful("starting"),
        InstanceState::Ready => good("ready"),
        InstanceState::BackingOff { ended, until } => bad(&format!("down ({ended}), starts again at {until}")),
        InstanceState::Stopping => careful("stopping"),
        InstanceState::Ended { ended } => bad(&format!("ended ({ended})")),
    }
}

fn as_json(state: &State, name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>) -> Value {
    let rollout = place.rollout.as_ref().map(|open| {
        json!({
            "number": open.plan.rollout, "release": open.plan.candidate.number, "by": open.by, "since": open.opened,
            "digest": open.plan.digest(), "step": open.position().and_then(|(step, _)| Some(open.plan.steps.get(usize::from(step))?.name.clone())),
            "back": open.unwinding, "held": open.hold.as_ref().map(|hold| hold.why.clone()), "production": open.serving_in_words(),
        })
    });
    let incidents: Vec<_> = state
        .open_incidents(name)
        .map(|(number, incident)| json!({ "number": number, "title": incident.title, "restored": incident.restored }))
        .collect();
    json!({
        "release": place.current.as_ref().map(|current| current.release.number),
        "since": place.current.as_ref().map(|current| current.since),
        "instances": instances(seen, name),
        "proxy": seen.proxy,
        "rollout": rollout,
        "ways_back": place.ways_back(&state.releases).iter().map(|way| way.release.number).collect::<Vec<_>>(),
        "incidents": incidents,
        "drift": drift(place, seen),
    })
}

fn outcome(outcome: sternway_core::event::Outcome) -> &'static str {
    match outcome {
        sternway_core::event::Outcome::Committed => "committed",
        sternway_core::event::Outcome::RolledBack => "rolled back",
        sternway_core::event::Outcome::Cancelled => "cancelled",
    }
}
