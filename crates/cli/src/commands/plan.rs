//! `plan`: what `ship` would do, frozen and explained; and what `check`, `plan` and `ship` have in common.

use std::collections::BTreeSet;

use sternway_core::baseline::Acceptance;
use sternway_core::event::{Entry, Event};
use sternway_core::finding::{Finding, Severity};
use sternway_core::ids::{EnvironmentName, ReleaseNumber};
use sternway_core::plan::Plan;
use sternway_core::planner::{self, Facts, Inputs, Known, Planned, adopted_digest};
use sternway_core::project::Environment;
use sternway_core::release::{Adopted, ReleaseRecord};
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_engine::Clock as _;
use sternway_store::Store;

use super::unchanged;
use crate::args::{PlanArgs, Source};
use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::release::{self, Code, Prepared};
use crate::wiring::clock::SystemClock;
use crate::{baseline, gather, person, render};

/// Everything that was read and observed before planning; planning it again on a newer state is pure.
pub(super) struct Ready {
    pub(super) environment: EnvironmentName,
    pub(super) settings: Environment,
    pub(super) loaded: Loaded,
    pub(super) prepared: Prepared,
    /// What the project's baseline accepts of what was found.
    accepted: Option<Acceptance>,
    base: Option<Known>,
    facts: Facts,
    overrides: Vec<String>,
    not_before: Option<Timestamp>,
}

/// What came of planning on one state: the events that lead to the plan, and the plan or what blocks it.
pub(super) struct Outcome {
    pub(super) candidate: ReleaseRecord,
    pub(super) events: Vec<Event>,
    pub(super) planned: Planned,
}

pub(super) fn run(context: &Context, args: &PlanArgs, json: bool) -> Result<Exit, Failure> {
    context.prepare()?;
    let store = context.store()?;
    let state = known_state(context)?;
    let ready = ready(context, &store, &state, &args.environment, &args.source)?.with_baseline(context)?;
    let outcome = ready.plan(&state).map_err(|Moved| moved())?;
    match &outcome.planned.plan {
        Some(plan) if json => render::plan::json(plan),
        Some(plan) => render::plan::text(plan, &outcome.candidate),
        None if unchanged::is(&outcome.planned) => {
            return Ok(unchanged::planned(&ready.environment, outcome.candidate.number, json));
        }
        None => return Err(blocked(&ready.environment, &outcome.planned, &args.source.overrides)),
    }
    Ok(Exit::Done)
}

/// The state, empty when nothing was shipped yet.
pub(super) fn known_state(context: &Context) -> Result<State, Failure> {
    if context.logbook_path().exists() { fold(&context.existing_journal()?) } else { Ok(State::default()) }
}

pub(super) fn fold(journal: &sternway_engine::LogbookJournal) -> Result<State, Failure> {
    journal.fold().map_err(|error| {
        Failure::internal("S0801", "the logbook cannot be read")
            .cause(&error)
            .production("what served goes on serving")
            .next("sternway log --verify")
    })
}

/// The base moved while its facts were gathered.
#[derive(Debug)]
pub(super) struct Moved;

fn moved() -> Failure {
    Failure::internal("S0902", "what serves changed while the plan was made").next("type the command again")
}

/// A gate's "no", with what a person may let pass and what stands whatever they say.
pub(super) fn blocked(environment: &EnvironmentName, planned: &Planned, overrides: &[String]) -> Failure {
    let open = |finding: &&Finding| finding.severity == Severity::Error && !planned.overridden.contains(&finding.code);
    let codes = |stands: bool| -> BTreeSet<&str> {
        let blocking = planned.findings.iter().filter(open).filter(|finding| finding.stands == stands);
        blocking.map(|finding| finding.code.as_str()).collect()
    };
    let (standing, passable) = (codes(true), codes(false));
    let next = if standing.is_empty() {
        let known: Vec<String> = planned
            .overridden
            .iter()
            .map(String::as_str)
            .chain(passable)
            .map(|code| format!("--override {code}"))
            .collect();
        format!("mend it and try again; or, when you know better: {} --reason TEXT", known.join(" "))
    } else if standing.contains("S0901") {
        format!("sternway status {environment}")
    } else {
        let standing: Vec<&str> = standing.iter().copied().collect();
        format!("mend it and try again; no override helps against {}", standing.join(", "))
    };
    let failure = Failure::new(Exit::Blocked, "S0500", format!("the release is not shipped to {environment}"))
        .production("unchanged; nothing was begun")
        .next(next)
        .findings(planned.findings.clone());
    let in_vain: Vec<String> = overrides.iter().filter_map(|code| in_vain(code, &planned.findings)).collect();
    if in_vain.is_empty() { failure } else { failure.because(in_vain.join("; ")) }
}

/// Why an override that was typed does nothing.
fn in_vain(code: &str, findings: &[Finding]) -> Option<String> {
    let mut found = findings.iter().filter(|finding| finding.code == code).peekable();
    if found.peek().is_none() {
        return Some(format!("--override {code}: nothing of this code was found"));
    }
    found
        .any(|finding| finding.stands)
        .then(|| format!("--override {code}: it cannot be let pass, the release would fail all the same"))
}

/// Seals the candidate and observes what the plan rests on.
pub(super) fn ready(
    context: &Context,
    store: &Store,
    state: &State,
    environment: &str,
    source: &Source,
) -> Result<Ready, Failure> {
    let loaded = context.load()?;
    let (name, settings) = loaded.environment(environment)?;
    let settings = settings.clone();
    let code = match (&source.release, &source.from) {
        (Some(number), _) => Code::Release(ReleaseNumber(*number)),
        (None, Some(from)) => Code::ServingIn(loaded.environment(from)?.0),
        (None, None) => Code::Folders,
    };
    let not_before = source.at.as_deref().map(|text| at(text, SystemClock.now())).transpose()?;
    let prepared = release::prepare(context, &loaded, store, state, (&name, &settings), &code, &source.facts)?;
    let adopted = with_adopted(state, &name, &settings);
    let base = gather::base(store, adopted.as_ref().unwrap_or(state), &name);
    let (record, _) = prepared.record(state);
    let candidate = Known { record, content: Some(prepared.content.clone()), intact: Ok(0) };
    let facts = gather::facts(context, store, &name, &settings, &candidate, base.as_ref())?;
    let overrides = source.overrides.clone();
    let accepted = None;
    Ok(Ready { environment: name, settings, loaded, prepared, accepted, base, facts, overrides, not_before })
}

impl Ready {
    /// Leaves out what the project's baseline accepts, which the gate then records.
    pub(super) fn with_baseline(mut self, context: &Context) -> Result<Self, Failure> {
        if let Some(baseline) = baseline::of_project(context, &self.loaded.project)? {
            let found = std::mem::take(&mut self.prepared.findings);
            let left = baseline.apply(found, Some(&self.environment));
            (self.prepared.findings, self.accepted) = (left.findings, left.accepted);
        }
        Ok(self)
    }

    /// Plans on this state. Pure.
    pub(super) fn plan(&self, state: &State) -> Result<Outcome, Moved> {
        let mut events = Vec::new();
        let mut state = state.clone();
        if let Some(event) = adoption(&state, &self.environment, &self.settings) {
            apply(&mut state, &self.environment, &event);
            events.push(event);
        }
        let place = state.environment(&self.environment);
        let serves = place.current.as_ref().map(|current| &current.release.digest);
        if serves != self.base.as_ref().map(|base| &base.record.digest) {
            return Err(Moved);
        }
        let (candidate, sealed_before) = self.prepared.record(&state);
        if !sealed_before {
            let event = Event::Sealed { release: candidate.clone() };
            apply(&mut state, &self.environment, &event);
            events.push(event);
        }
        let planned = planner::ship(&Inputs {
            state: &state,
            environment: &self.environment,
            settings: &self.settings,
            checks: &self.loaded.project.checks,
            base: self.base.clone(),
            candidate: Known {
                record: candidate.clone(),
                content: Some(self.prepared.content.clone()),
                intact: Ok(self.facts.disk_needed),
            },
            facts: self.facts.clone(),
            findings: self.prepared.findings.clone(),
            accepted: self.accepted.clone(),
            overrides: &self.overrides,
            not_before: self.not_before,
        });
        Ok(Outcome { candidate, events, planned })
    }
}

/// The event with which an environment takes what serves today for its release 0.
fn adoption(state: &State, environment: &EnvironmentName, settings: &Environment) -> Option<Event> {
    let address = settings.adopt.clone()?;
    let place = state.environment(environment);
    if place.current.is_some() || place.adopted.is_some() {
        return None;
    }
    let digest = adopted_digest(&address);
    let release = ReleaseRecord {
        number: ReleaseNumber(0),
        digest: digest.clone(),
        environment: environment.clone(),
        code: digest.clone(),
        config: digest,
        services: std::collections::BTreeMap::new(),
        adopted: Some(Adopted { address }),
        origin: "adopted".to_owned(),
    };
    Some(Event::Adopted { release })
}

fn with_adopted(state: &State, environment: &EnvironmentName, settings: &Environment) -> Option<State> {
    let event = adoption(state, environment, settings)?;
    let mut state = state.clone();
    apply(&mut state, environment, &event);
    Some(state)
}

pub(super) fn apply(state: &mut State, environment: &EnvironmentName, event: &Event) {
    let entry = Entry {
        seq: state.head + 1,
        at: SystemClock.now(),
        environment: Some(environment.clone()),
        epoch: None,
        by: person::name(),
        event: event.clone(),
    };
    let _what_cannot_follow_is_refused_when_it_is_appended = state.apply(&entry);
}

/// A time to come, as typed: RFC 3339, or `2026-03-01 22:00 Europe/Berlin`, or without a zone in this machine's.
fn at(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let time = time(text)?;
    if time <= now {
        return Err(Failure::usage("S0915", format!("{time} is past: it is {now} now"))
            .because("what was to wait for its hour would start at once")
            .production("unchanged; nothing was begun")
            .next("name a time to come, with its zone when it is not this machine's; or leave --at out"));
    }
    Ok(time)
}

fn time(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || {
        Failure::usage("S0915", format!("`{text}` is not a time"))
            .next("--at 2026-03-01T22:00:00+01:00, or --at \"2026-03-01 22:00 Europe/Berlin\"")
    };
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let (civil, zone) = match text.rsplit_once(' ') {
        Some((civil, zone)) if zone.contains('/') || zone == "UTC" => (civil, Some(zone)),
        _ => (text, None),
    };
    let civil: jiff::civil::DateTime = civil.trim().parse().map_err(|_| wrong())?;
    let zoned = match zone {
        Some(zone) => civil.in_tz(zone).map_err(|_| wrong())?,
        None => civil.to_zoned(jiff::tz::TimeZone::system()).map_err(|_| wrong())?,
    };
    Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// A plan's digest as a person reads and types it.
pub(super) fn short(plan: &Plan) -> String {
    plan.digest().short().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, at};

    /// 2026-03-01 12:00 UTC.
    const NOW: i64 = 1_772_366_400_000;

    #[test]
    fn an_hour_that_is_past_is_refused_and_one_to_come_is_taken_however_it_is_written() {
        let now = Timestamp::from_millis(NOW);
        for past in
            ["2020-01-01T00:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01 12:59 Europe/Berlin", "2026-03-01 11:00 UTC"]
        {
            let refused = at(past, now).unwrap_err();
            assert!(
                matches!(&refused, crate::failure::Failure::Plain(why) if why.code == "S0915" && why.what.contains("is past")),
                "{past}: {refused:?}"
            );
        }
        for to_come in ["2026-03-01T12:00:01Z", "2026-03-01 13:01 Europe/Berlin", "2026-03-01T22:00:00+01:00"] {
            assert!(at(to_come, now).is_ok(), "{to_come}");
        }
        assert!(at("tomorrow", now).is_err());
    }
}
