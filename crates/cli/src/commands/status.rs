//! `status`: what runs where, since when, and what waits for whom.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::plan::PlanKind;
use sternway_core::state::{EnvironmentState, Rollout, State};
use sternway_drivers::proxy::Proxy;
use sternway_engine::{Clock as _, Journal as _, LogbookJournal};
use sternway_host::client::Agent;
use sternway_host::protocol::{Instance, InstanceState, Status as AgentStatus};
use sternway_proxy::protocol::{Request, Response, Status as ProxyStatus};

use super::plan::fold;
use crate::args::Status;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render::style::{bad, bold, careful, dim, good};
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
    let mut shown = BTreeMap::new();
    for (name, place, seen) in places {
        if json {
            shown.insert(name.clone(), as_json(&state, name, place, &seen));
        } else {
            print(&state, name, place, &seen);
        }
    }
    if json {
        render::json(&json!({
            "format": 1, "state": context.state, "agent": agent.is_some(), "down": down, "parts": parts(agent.as_ref()),
            "environments": shown,
        }));
    } else if let Some(only) = &args.environment
        && !state.environments.keys().any(|name| name.as_str() == only)
    {
        return Err(Failure::usage("S0912", format!("nothing was ever shipped to `{only}`")).next("sternway status"));
    } else if agent.is_none() && !down {
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

fn print(state: &State, name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>) {
    line(&format!("{}  {}", bold(name.as_str()), headline(place)));
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
    let ways: Vec<String> = ways_back(state, place).iter().map(ToString::to_string).collect();
    line(&format!(
        "  {:<10}{}",
        "way back",
        if ways.is_empty() { "none".to_owned() } else { format!("release {}", ways.join(", ")) }
    ));
    for incident in &seen.incidents {
        let restored = incident.restored.map_or_else(
            || if incident.status == report::Status::Open { bad("not restored") } else { "never lost".to_owned() },
            |at| format!("restored at {at}"),
        );
        let number = incident.incident;
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

/// What users get now.
fn headline(place: &EnvironmentState) -> String {
    if let Some(open) = &place.rollout {
        let words = open.serving_in_words();
        let candidate = words.contains(&format!("release {}", open.plan.candidate.number));
        let accepted = if candidate && !open.is_accepted() { ", not accepted yet" } else { "" };
        return format!("{}{}", bold(&words), careful(accepted));
    }
    place.current.as_ref().map_or_else(
        || careful("no release"),
        |current| {
            let since = dim(&format!("since {}", current.since));
            format!("release {} {since}", bold(&current.release.number.to_string()))
        },
    )
}

/// The releases that can be gone back to, the one first that the open rollout came from.
fn ways_back(state: &State, place: &EnvironmentState) -> Vec<ReleaseNumber> {
    let base = place.rollout.as_ref().and_then(|open| open.plan.base.as_ref()).map(|base| base.number);
    let known = place.ways_back(&state.releases).into_iter().map(|way| way.release.number);
    base.into_iter().chain(known.filter(|way| Some(*way) != base)).collect()
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
        _ if serve_runs(seen) => "nobody drives it now; it is taken over by itself".to_owned(),
        _ => "nobody drives it: serve does not run".to_owned(),
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
        line(&format!("  {:<10}{}; next: {}", careful("held"), hold.why, next_of_held(name, open)));
        return;
    }
    if open.has_begun() {
        return;
    }
    if !open.is_approved() {
        let first = open.plan.steps.first().map_or("", |step| step.name.as_str());
        line(&format!(
            "  {:<10}before its first step ({first}) for {} approvals, has {}; next: sternway approve {}",
            careful("waits"),
            open.plan.approvals,
            open.approvals.len(),
            open.plan.digest().short()
        ));
    }
    if let Some(start) = open.plan.not_before.filter(|start| SystemClock.now() < *start) {
        line(&format!("  {:<10}until {start}", careful("waits")));
    }
}

/// A rollback is never rolled back, but the release that it leaves can be gone back to.
fn next_of_held(name: &EnvironmentName, open: &Rollout) -> String {
    match (open.plan.kind, &open.plan.base) {
        (PlanKind::Ship, _) => format!("sternway resume {name}, or sternway rollback {name}"),
        (PlanKind::Rollback, Some(left)) => {
            format!("sternway rollback {name} {}, or sternway resume {name}", left.number)
        }
        (PlanKind::Rollback, None) => format!("sternway resume {name}, or sternway rollback {name} RELEASE"),
    }
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
            "not_before": open.plan.not_before,
        })
    });
    let incidents = seen
        .incidents
        .iter()
        .map(|incident| json!({ "number": incident.incident, "title": incident.title, "restored": incident.restored }));
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
    })
}

fn outcome(outcome: sternway_core::event::Outcome) -> &'static str {
    match outcome {
        sternway_core::event::Outcome::Committed => "committed",
        sternway_core::event::Outcome::RolledBack => "rolled back",
        sternway_core::event::Outcome::Cancelled => "cancelled",
    }
}
