//! What follows from one look at what a protected environment runs with: an incident when it got worse and nobody shipped anything.
//!
//! The last look is part of the state, so that a look which sees the same again appends nothing, also after a restart, and of two
//! who look at once only the first finds something new.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::event::{Event, Observation};
use crate::finding::{Finding, Severity};
use crate::ids::{EnvironmentName, IncidentNumber, ReleaseNumber};
use crate::state::{EnvironmentState, State};
use crate::time::Timestamp;

/// Under what circumstances a look was taken. Looks under other circumstances say nothing about a drift: somebody shipped, or asks for
/// something else, and the logbook or the project file says who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// What served, in every environment.
    pub releases: BTreeMap<EnvironmentName, ReleaseNumber>,
    /// What the project file asks for.
    pub rules: Digest,
}

/// One look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Under what circumstances.
    pub against: Against,
    /// What was found. Notes are passed over.
    pub findings: Vec<Finding>,
    /// What could not be seen, and why. What was found before and is not seen now is over only when everything could be.
    pub unseen: Vec<String>,
}

/// A watch that cannot see all that it is to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blind {
    /// Since when.
    pub since: Timestamp,
    /// What, and why: the last cause that was recorded.
    pub why: String,
}

/// The finding that an agreement could not be checked.
const NOT_CHECKED: &str = "S0223";

/// What an [`Observation::Missing`] of the watch names as its source.
pub const SOURCE: &str = "watch";

/// What got worse by itself, with its incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// The incident that was opened for it.
    pub incident: IncidentNumber,
    /// What of it is still found.
    pub findings: Vec<Finding>,
}

/// The last look that differed from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Watch {
    /// When.
    pub at: Timestamp,
    /// Under what circumstances.
    pub against: Against,
    /// Warnings and errors that were found.
    pub findings: Vec<Finding>,
    /// What of them came by itself.
    pub drift: Option<Drift>,
}

impl State {
    /// What serves, in every environment.
    pub fn serving(&self) -> BTreeMap<EnvironmentName, ReleaseNumber> {
        let serving = |(name, place): (&EnvironmentName, &EnvironmentState)| {
            Some((name.clone(), place.current.as_ref()?.release.number))
        };
        self.environments.iter().filter_map(serving).collect()
    }

    /// The drift of an environment whose incident is neither restored nor resolved.
    pub fn drift(&self, environment: &EnvironmentName) -> Option<&Drift> {
        let drift = self.environments.get(environment)?.watch.as_ref()?.drift.as_ref()?;
        let incident = self.incidents.get(&drift.incident)?;
        (incident.restored.is_none() && incident.resolved.is_none()).then_some(drift)
    }
}

/// What is to be appended after a look; nothing when it saw what was known, or when what serves has moved since it was taken.
pub fn decide(state: &State, environment: &EnvironmentName, look: &Look, now: Timestamp) -> Vec<Event> {
    let Some(place) = state.environments.get(environment) else { return Vec::new() };
    if place.rollout.is_some() || state.serving() != look.against.releases {
        return Vec::new();
    }
    let mut events = compared(state, environment, look, now);
    // What was seen ends the blindness; where it lasts it is written behind that.
    if !look.unseen.is_empty() {
        let why = look.unseen.join("; ");
        if !events.is_empty() || !is_known(place, &why) {
            events.push(missing(place, why, now));
        }
    }
    events
}

/// What is to be appended when nothing could be looked at, and why: once for each cause.
pub fn decide_blind(state: &State, environment: &EnvironmentName, why: &str, now: Timestamp) -> Vec<Event> {
    let Some(place) = state.environments.get(environment) else { return Vec::new() };
    if place.rollout.is_some() || is_known(place, why) { Vec::new() } else { vec![missing(place, why.to_owned(), now)] }
}

fn is_known(place: &EnvironmentState, why: &str) -> bool {
    place.blind.as_ref().is_some_and(|blind| blind.why == why)
}

fn missing(place: &EnvironmentState, why: String, now: Timestamp) -> Event {
    let from = place.blind.as_ref().map_or(now, |blind| blind.since);
    Event::Observed { rollout: None, from, to: now, what: Observation::Missing { source: SOURCE.to_owned(), why } }
}

fn compared(state: &State, environment: &EnvironmentName, look: &Look, now: Timestamp) -> Vec<Event> {
    let Some(place) = state.environments.get(environment) else { return Vec::new() };
    let known = place.watch.as_deref().filter(|known| known.against == look.against);
    let mut findings: Vec<Finding> = look.findings.iter().filter(|found| weighs(found)).cloned().collect();
    if !look.unseen.is_empty() {
        // That an agreement could not be checked is what was not seen, once more.
        findings.retain(|found| found.code != NOT_CHECKED);
        let Some(known) = known else { return Vec::new() };
        findings
            .extend(known.findings.iter().filter(|before| !look.findings.iter().any(|f| f.is_same(before))).cloned());
    }
    // That everything can be seen again is written, also when it is as it was.
    let sees_again = place.blind.is_some() && look.unseen.is_empty();
    if !sees_again && known.is_some_and(|known| are_the_same(&known.findings, &findings)) {
        return Vec::new();
    }
    let worse: Vec<Finding> = known.map(|known| worse(&known.findings, &findings)).unwrap_or_default();
    let before = state.drift(environment);
    // A new release moves places, so that a drift is followed by what it is about.
    let about_the_same = |one: &Finding, other: &Finding| one.code == other.code && one.subject == other.subject;
    let mut lasting: Vec<Finding> = before.iter().flat_map(|drift| &drift.findings).cloned().collect();
    lasting.retain(|drifted| findings.iter().any(|found| about_the_same(found, drifted)));
    lasting.retain(|drifted| !worse.iter().any(|found| about_the_same(found, drifted)));
    let (mut events, incident) = match before {
        Some(drift) if !worse.is_empty() => {
            (vec![updated(drift.incident, format!("more is found: {}", told(&worse)), None)], Some(drift.incident))
        }
        Some(drift) if lasting.is_empty() => {
            (vec![updated(drift.incident, "nothing of it is found any more: it is over".to_owned(), Some(now))], None)
        }
        Some(drift) => (Vec::new(), Some(drift.incident)),
        None if worse.is_empty() => (Vec::new(), None),
        None => {
            let (number, opened) = opened(state, environment, &worse, now);
            (opened, Some(number))
        }
    };
    let drift = incident.map(|incident| Drift { incident, findings: lasting.into_iter().chain(worse).collect() });
    events.push(Event::Watched { against: look.against.clone(), findings, drift });
    events
}

fn weighs(finding: &Finding) -> bool {
    finding.severity > Severity::Note
}

fn worse(before: &[Finding], now: &[Finding]) -> Vec<Finding> {
    let is_known =
        |found: &Finding| before.iter().any(|known| known.is_same(found) && known.severity >= found.severity);
    now.iter().filter(|found| !is_known(found)).cloned().collect()
}

fn are_the_same(one: &[Finding], other: &[Finding]) -> bool {
    let all_in = |one: &[Finding], other: &[Finding]| {
        one.iter().all(|a| other.iter().any(|b| a.is_same(b) && a.severity == b.severity))
    };
    all_in(one, other) && all_in(other, one)
}

fn opened(
    state: &State,
    environment: &EnvironmentName,
    worse: &[Finding],
    now: Timestamp,
) -> (IncidentNumber, Vec<Event>) {
    let incident = IncidentNumber(state.incidents.keys().next_back().map_or(1, |last| last.0 + 1));
    let first = worse.iter().max_by_key(|found| found.severity);
    let first = first.map(|found| format!("{} {}", found.code, found.subject)).unwrap_or_default();
    let more = if worse.len() > 1 { format!(" and {} more", worse.len() - 1) } else { String::new() };
    let serves =
        state.serving().get(environment).map_or_else(|| "nothing".to_owned(), |number| format!("release {number}"));
    let opened = Event::IncidentOpened {
        incident,
        rollout: None,
        title: format!("{environment} drifted, though nothing was shipped: {first}{more}"),
        started: now,
        state: format!("{serves} serves; next: sternway watch {environment} --once shows what was found"),
    };
    (incident, vec![opened, updated(incident, format!("found: {}", told(worse)), None)])
}

fn updated(incident: IncidentNumber, text: String, restored: Option<Timestamp>) -> Event {
    Event::IncidentUpdated { incident, text, restored, impact: None }
}

/// Codes, keys, places.
fn told(findings: &[Finding]) -> String {
    let one = |found: &Finding| {
        let mut text = found.to_string();
        for (index, place) in found.places.iter().enumerate() {
            let _infallible = write!(text, "{}{place}", if index == 0 { " at " } else { ", " });
        }
        text
    };
    findings.iter().map(one).collect::<Vec<_>>().join("; ")
}
