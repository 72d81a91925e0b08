//! `status` for a person.

use sternway_core::event::{Dir, Outcome};
use sternway_core::ids::EnvironmentName;
use sternway_core::plan::PlanKind;
use sternway_core::state::{EnvironmentState, Past, Rollout, State};
use sternway_core::time::Timestamp;
use sternway_host::protocol::{Instance, InstanceState};

use super::{Seen, drift, instances, serve_runs, ways_back};
use crate::render::incident::came_to;
use crate::render::line;
use crate::render::moment::{relative, with_age};
use crate::render::style::{bad, bold, careful, dim, good};
use crate::report::{Status, Summary};

/// How something is painted.
type Paint = fn(&str) -> String;

/// One line below an environment. What is painted is padded first: colours have no width.
fn row(paint: Paint, name: &str, text: &str) {
    // One line, whatever stands in an old logbook: nobody's reason may look like a line of ours.
    line(&format!("  {}{}", paint(&format!("{name:<10}")), text.replace(['\n', '\r'], " ")));
}

fn plain(text: &str) -> String {
    text.to_owned()
}

pub(super) fn print(state: &State, name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>, now: Timestamp) {
    line(&format!("{}  {}", bold(name.as_str()), headline(place, seen, now)));
    for drift in drift(place, seen) {
        row(careful, "drift", &drift);
    }
    if let Some(blind) = &place.blind {
        row(careful, "watch", &format!("does not see all, since {}: {}", with_age(blind.since, now), blind.why));
    }
    rollout(name, place, seen, now);
    for incident in &seen.incidents {
        print_incident(incident, now);
    }
    for instance in instances(seen, name) {
        row(plain, "instance", &instance_in_words(instance, now));
    }
    proxy(seen);
    let ways: Vec<String> = ways_back(state, place).iter().map(ToString::to_string).collect();
    let ways = if ways.is_empty() { no_way_back(name, place) } else { format!("release {}", ways.join(", ")) };
    row(plain, "way back", &ways);
    for past in place.history.iter().rev().take(3) {
        row(dim, "history", &dim(&past_in_words(past, now)));
    }
}

/// What users get now; when nothing answers, what the logbook says that they should.
fn headline(place: &EnvironmentState, seen: &Seen<'_>, now: Timestamp) -> String {
    if seen.agent.is_none() && seen.proxy.is_none() {
        let last = place.current.as_ref().map(|current| format!("; by the logbook release {}", current.release.number));
        return format!("{}{}", bad("nothing answers"), last.unwrap_or_default());
    }
    if seen.proxy.is_none() && is_routed(place) {
        let served = place
            .current
            .as_ref()
            .map(|current| format!("; by the logbook release {} is what serves", current.release.number));
        return format!("{}{}", bad("the proxy does not answer, so users get nothing"), served.unwrap_or_default());
    }
    if let Some(open) = &place.rollout {
        let words = open.serving_in_words();
        let candidate = words.contains(&format!("release {}", open.plan.candidate.number));
        let accepted = if candidate && !open.is_accepted() { ", not accepted yet" } else { "" };
        return format!("{}{}", bold(&words), careful(accepted));
    }
    place.current.as_ref().map_or_else(
        || careful("no release"),
        |current| {
            let since = dim(&format!("since {}", with_age(current.since, now)));
            format!("release {} {since}", bold(&current.release.number.to_string()))
        },
    )
}

/// Whether users reach this through a proxy.
fn is_routed(place: &EnvironmentState) -> bool {
    let current = place.current.as_ref().and_then(|current| current.traffic.as_ref());
    current.is_some_and(sternway_core::plan::TrafficSpec::is_routed)
}

/// That there is none, and how one that somebody went back from is one all the same.
fn no_way_back(name: &EnvironmentName, place: &EnvironmentState) -> String {
    let current = place.current.as_ref().map(|current| &current.release);
    let served = place.history.iter().rev().filter(|past| past.outcome == Outcome::Committed);
    let bad =
        served.map(|past| &past.candidate).find(|past| Some(*past) != current && place.bad.contains_key(&past.digest));
    match bad {
        Some(bad) => format!(
            "none that is good; release {0} served before and is marked bad: sternway rollback {name} {0} --accept-bad",
            bad.number
        ),
        None => "none".to_owned(),
    }
}

/// An open incident: how far it has come, and how to look at it and to end it.
fn print_incident(incident: &Summary, now: Timestamp) {
    let number = incident.incident;
    let paint: Paint = if incident.status == Status::Open { bad } else { careful };
    row(paint, "incident", &format!("{number}: {}", incident.title));
    row(plain, "", &format!("since {}; {}", with_age(incident.started, now), came_to(incident)));
    let over = format!("when it is over: sternway incident resolve {number} --reason TEXT");
    row(plain, "", &dim(&format!("sternway incident show {number}; {over}")));
}

fn instance_in_words(instance: &Instance, now: Timestamp) -> String {
    let pid = instance.pid.map(|pid| format!(" pid {pid}")).unwrap_or_default();
    let restarts = match instance.restarts {
        0 => String::new(),
        1 => ", restarted once".to_owned(),
        times => format!(", restarted {times} times"),
    };
    format!(
        "{:<14} r{:<4} {} {}{}",
        instance.id.service.as_str(),
        instance.id.release,
        words(&instance.state, now),
        instance.address.clone().unwrap_or_default(),
        dim(&format!("{pid}{restarts}"))
    )
}

fn words(state: &InstanceState, now: Timestamp) -> String {
    match state {
        InstanceState::Starting => careful("starting"),
        InstanceState::Ready => good("ready"),
        InstanceState::BackingOff { ended, until } => {
            bad(&format!("down ({ended}), starts again {}", relative(*until, now)))
        }
        InstanceState::Stopping => careful("stopping"),
        InstanceState::Ended { ended } => bad(&format!("ended ({ended})")),
    }
}

fn proxy(seen: &Seen<'_>) {
    let Some(proxy) = &seen.proxy else {
        row(careful, "proxy", "does not answer");
        return;
    };
    let listen = proxy.table.as_ref().map_or("nothing", |table| table.listen.as_str());
    let share = proxy.candidate.map(|candidate| format!(", release {candidate} has {}%", proxy.percent));
    let held = proxy.held.map(|held| format!(", {held} requests held")).unwrap_or_default();
    row(plain, "proxy", &format!("listens at {listen}{}{held}", share.unwrap_or_default()));
    for address in &proxy.unhealthy {
        row(bad, "down", &format!("{address} does not accept connections"));
    }
}

fn rollout(name: &EnvironmentName, place: &EnvironmentState, seen: &Seen<'_>, now: Timestamp) {
    let Some(open) = &place.rollout else { return };
    let step = open.position().and_then(|(step, dir)| {
        let step = open.plan.steps.get(usize::from(step))?;
        Some(format!("{}{}", if dir == Dir::Undo { "undo of " } else { "" }, step.name))
    });
    let driver = match &seen.lease {
        Some(lease) if lease.is_held(now) => {
            let holder = lease.holder.as_deref().unwrap_or("nobody");
            format!("driven by {holder}; its lease runs out {} unless renewed", relative(lease.until, now))
        }
        _ if serve_runs(seen) => "nobody drives it now; it is taken over by itself".to_owned(),
        _ => "nobody drives it: serve does not run".to_owned(),
    };
    let step = step.unwrap_or_else(|| "its end".to_owned());
    row(
        bold,
        "rollout",
        &format!("{} by {} since {}: at {step}", open.plan.rollout, open.by, with_age(open.opened, now)),
    );
    row(plain, "", &dim(&driver));
    if let Some(why) = &open.unwinding {
        row(bad, "goes back", why);
    }
    if let Some(hold) = &open.hold {
        row(careful, "held", &format!("since {}: {}", with_age(hold.since, now), hold.why));
        row(plain, "", &format!("next: {}", next_of_held(name, open)));
        return;
    }
    if open.has_begun() {
        return;
    }
    if !open.is_approved() {
        let first = open.plan.steps.first().map_or("", |step| step.name.as_str());
        row(
            careful,
            "waits",
            &format!(
                "before its first step ({first}) for {}, has {}; next: sternway approve {}",
                approvals(open.plan.approvals),
                open.approvals.len(),
                open.plan.digest().short()
            ),
        );
    }
    if let Some(start) = open.plan.not_before.filter(|start| now < *start) {
        row(careful, "waits", &format!("until {}", with_age(start, now)));
    }
}

fn approvals(needed: u32) -> String {
    if needed == 1 { "1 approval".to_owned() } else { format!("{needed} approvals") }
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

fn past_in_words(past: &Past, now: Timestamp) -> String {
    // What a service said last stands on further lines: that is for the report.
    let why = past.why.as_ref().and_then(|why| why.lines().next()).map(|why| why.trim_end_matches(" Its last lines:"));
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!(
        "rollout {} to release {} {} {} by {}{why}",
        past.rollout,
        past.candidate.number,
        outcome(past.outcome),
        with_age(past.at, now),
        past.by
    )
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Committed => "committed",
        Outcome::RolledBack => "rolled back",
        Outcome::Cancelled => "cancelled",
    }
}
