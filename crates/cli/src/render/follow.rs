//! Following a rollout: one line a step, as it happens, and how it ended.

use std::time::{Duration, Instant};

use sternway_core::event::{Choice, Dir, Entry, Event, Outcome, StepResult};
use sternway_core::ids::{IncidentNumber, ReleaseNumber, RolloutNumber};
use sternway_core::plan::{Action, Plan, PlanKind, Undo};
use sternway_core::state::State;
use sternway_core::time::{Millis, Timestamp};
use sternway_engine::{Clock as _, Journal as _, JournalError, LogbookJournal};

use super::{entry, line, moment, style, ticker};
use crate::failure::Exit;
use crate::wiring::clock::SystemClock;

/// How a rollout was when following it ended.
pub(crate) struct Followed {
    plan: Plan,
    end: End,
    why: Option<String>,
    /// Whether a person accepted a step that failed or was unknown: then nothing counts as verified.
    accepted: bool,
    incident: Option<IncidentNumber>,
    /// What users get, in words, as far as the logbook tells.
    serving: Option<String>,
}

enum End {
    Closed(Outcome),
    Held(String),
    WaitsForApproval,
}

impl Followed {
    pub(crate) fn exit(&self) -> Exit {
        match self.end {
            End::Closed(Outcome::Committed) => Exit::Done,
            End::Closed(Outcome::RolledBack | Outcome::Cancelled) => Exit::RolledBack,
            End::Held(_) | End::WaitsForApproval => Exit::Held,
        }
    }

    /// What the logbook knows from before following began, and of what serves. One that cannot be read leaves it open.
    fn learn(&mut self, journal: &LogbookJournal, rollout: RolloutNumber) {
        let Ok(state) = journal.fold() else { return };
        let Some(place) = state.environments.get(&self.plan.environment) else { return };
        let past = place.history.iter().rev().find(|past| past.rollout == rollout);
        let open = place.rollout.as_deref().filter(|open| open.plan.rollout == rollout);
        let why = past.and_then(|past| past.why.clone()).or_else(|| open.and_then(|open| open.unwinding.clone()));
        self.why = self.why.take().or(why);
        self.serving = open.map(sternway_core::state::Rollout::serving_in_words);
        let accepted = |event: &Event| match event {
            Event::Resumed { rollout: resumed, choice: Choice::Accept, .. } => *resumed == rollout,
            _ => false,
        };
        self.accepted |=
            journal.entries_after(0).is_ok_and(|entries| entries.iter().any(|entry| accepted(&entry.event)));
        let mut during = state.incidents.iter().rev().filter(|(_, incident)| incident.rollout == Some(rollout));
        self.incident = self.incident.or_else(|| during.next().map(|(number, _)| *number));
    }
}

/// Prints what happens until the rollout ends or waits for a person.
pub(crate) fn follow(
    journal: &LogbookJournal,
    rollout: RolloutNumber,
    after: u64,
    plan: &Plan,
    json: bool,
) -> Result<Followed, JournalError> {
    let mut seen = after;
    let mut under_way: Option<UnderWay> = None;
    let mut followed = Followed {
        plan: plan.clone(),
        end: End::WaitsForApproval,
        why: None,
        accepted: false,
        incident: None,
        serving: None,
    };
    // One that was told to go back waits for nobody. A logbook that cannot be read says so below.
    let waits = |state: State| {
        let open = state.rollout(&plan.environment).filter(|open| open.plan.rollout == rollout);
        open.is_some_and(|open| !open.is_approved() && !open.is_to_go_back())
    };
    if plan.approvals > 0 && journal.fold().is_ok_and(waits) {
        return Ok(followed);
    }
    let mut alone = Alone::default();
    loop {
        if let (false, Some(step)) = (json, &under_way) {
            step.show(SystemClock.now());
        }
        journal.wait_past(seen, Duration::from_secs(1))?;
        if alone.begins_now(is_driven(journal, plan), Instant::now()) && !json {
            line(&format!(
                "  {}: nobody has driven this for {} s; see sternway status {}",
                style::careful("careful"),
                ALONE.as_secs(),
                plan.environment
            ));
        }
        for entry in journal.entries_after(seen)? {
            seen = entry.seq;
            if entry.environment.as_ref() != Some(&plan.environment) {
                continue;
            }
            if json {
                entry::print(&entry, None, true);
            } else if let Some(text) = told(&entry, plan, &mut under_way) {
                line(&text);
            }
            match &entry.event {
                Event::Unwound { why, .. } => followed.why = Some(why.clone()),
                Event::IncidentOpened { incident, .. } => followed.incident = Some(*incident),
                Event::Resumed { rollout: resumed, choice: Choice::Accept, .. } if *resumed == rollout => {
                    followed.accepted = true;
                }
                Event::Held { rollout: held, why, until: None } if *held == rollout => {
                    followed.end = End::Held(why.clone());
                    followed.learn(journal, rollout);
                    return Ok(followed);
                }
                Event::Closed { rollout: closed, outcome } if *closed == rollout => {
                    followed.end = End::Closed(*outcome);
                    followed.learn(journal, rollout);
                    return Ok(followed);
                }
                _ => {}
            }
        }
    }
}

/// After so long without anybody's lease it is said: a driver that died is followed by the next within seconds.
const ALONE: Duration = Duration::from_secs(15);

/// Since when nobody drives what is followed.
#[derive(Default)]
struct Alone(Option<(Instant, bool)>);

impl Alone {
    /// True once, when nobody has driven it for [`ALONE`].
    fn begins_now(&mut self, driven: bool, now: Instant) -> bool {
        if driven {
            self.0 = None;
            return false;
        }
        let (since, told) = self.0.get_or_insert((now, false));
        let begins = !*told && now.duration_since(*since) >= ALONE;
        *told |= begins;
        begins
    }
}

/// Whether somebody has the environment's lease. A logbook that cannot be asked says so by itself.
fn is_driven(journal: &LogbookJournal, plan: &Plan) -> bool {
    let lease = journal.logbook().lease(&plan.environment);
    lease.map_or(true, |lease| lease.is_some_and(|lease| lease.is_held(SystemClock.now())))
}

/// A step that has begun and not ended.
struct UnderWay {
    name: String,
    since: Timestamp,
    /// How long it is watched, when that is what it does.
    window: Option<Millis>,
}

impl UnderWay {
    /// On the last line of a terminal, since a watch takes minutes.
    fn show(&self, now: Timestamp) {
        let passed = moment::span(now.since(self.since));
        let of = self.window.map(|window| format!(" of {}", moment::span(window.duration()))).unwrap_or_default();
        ticker::show(&format!(
            "  {} {:<18}{}",
            style::bold("...    "),
            self.name,
            style::dim(&format!("{passed}{of}"))
        ));
    }
}

/// What a step is called in a direction.
fn called(plan: &Plan, step: u16, dir: Dir) -> String {
    let Some(step) = plan.steps.get(usize::from(step)) else { return String::new() };
    match (dir, &step.undo) {
        (Dir::Do, _) => step.name.clone(),
        (Dir::Undo, Undo::By(Action::ConfirmServing { release })) => format!("verify release {}", release.number),
        (Dir::Undo, _) => format!("undo {}", step.name),
    }
}

/// The line for an entry, when it is worth one.
fn told(entry: &Entry, plan: &Plan, under_way: &mut Option<UnderWay>) -> Option<String> {
    match &entry.event {
        Event::Began { step, dir, .. } => {
            let window = match plan.steps.get(usize::from(*step)).map(|step| &step.action) {
                Some(Action::Verify { window, .. }) if *dir == Dir::Do => Some(*window),
                _ => None,
            };
            *under_way = Some(UnderWay { name: called(plan, *step, *dir), since: entry.at, window });
            None
        }
        Event::Finished { step, dir, result, .. } => {
            let began = under_way.take().map(|step| step.since);
            let took = began.map(|began| Millis(u64::try_from(entry.at.since(began).as_millis()).unwrap_or(0)));
            let name = called(plan, *step, *dir);
            let (sign, text) = match result {
                StepResult::Done { note } => (style::good("ok     "), note.clone()),
                StepResult::Failed { findings } => (
                    style::bad("failed "),
                    findings
                        .iter()
                        .map(|finding| finding.message.as_str())
                        .collect::<Vec<_>>()
                        .join("\n                            "),
                ),
                StepResult::Unknown { why } => (style::careful("unknown"), why.clone()),
            };
            let took = took.map(|took| format!("({took})")).unwrap_or_default();
            Some(format!("  {sign} {name:<18}{text} {}", style::dim(&took)))
        }
        Event::Observed { what: sternway_core::event::Observation::Check { answer, .. }, .. }
            if answer.verdict != sternway_core::verdict::Verdict::Pass =>
        {
            Some(format!("          {}", entry::words(&entry.event, Some(plan))))
        }
        Event::LeaseTaken { from: Some(_), .. }
        // One that waits for a person ends the following, which says it then.
        | Event::Held { until: Some(_), .. }
        | Event::Resumed { .. }
        | Event::Unwound { .. }
        | Event::Noted { .. }
        | Event::InstanceChanged { .. } => Some(format!("  {}", entry::words(&entry.event, Some(plan)))),
        _ => None,
    }
}

/// What state production is in now, and what to type next.
pub(crate) fn say_ending(followed: &Followed, json: bool) {
    let plan = &followed.plan;
    let (environment, candidate) = (&plan.environment, plan.candidate.number);
    let base = plan.base.as_ref().map(|base| base.number);
    if json {
        super::json(&ending_json(followed, base));
        return;
    }
    let serves = |release: Option<ReleaseNumber>| {
        release.map_or_else(|| "no release serves".to_owned(), |release| format!("release {release} serves"))
    };
    match &followed.end {
        End::Closed(Outcome::Committed) => {
            line(&format!("{}: {environment} is on release {candidate}", style::good("done")));
            if followed.accepted {
                line(&format!("  {}", style::careful(NOT_VERIFIED)));
            }
        }
        End::Closed(Outcome::RolledBack) => {
            line(&format!("{}: release {candidate} did not stay", style::bad("rolled back")));
            line(&format!("  production: {}", after_going_back(base, followed.accepted)));
            line(&format!("  cause:      {}", followed.why.as_deref().unwrap_or("not said")));
            let incident = followed.incident.map(|incident| format!(" {incident}")).unwrap_or_default();
            line(&format!("  next:       sternway report{incident}"));
        }
        End::Closed(Outcome::Cancelled) if plan.kind == PlanKind::Rollback => {
            line("given up: a rollback to another release took its place");
            line(&format!("  next:       sternway status {environment}"));
        }
        End::Closed(Outcome::Cancelled) => {
            line(&format!("cancelled: nothing was begun\n  production: {}", serves(base)));
        }
        End::Held(why) => {
            line(&format!("{}: {why}", style::careful("held")));
            let unread = || format!("see `sternway status {environment}`");
            line(&format!("  production: {}", followed.serving.clone().unwrap_or_else(unread)));
            for next in next_of_held(plan) {
                line(&format!("  next:       {next}"));
            }
        }
        End::WaitsForApproval => {
            line(&format!("waits for {} approvals", plan.approvals));
            line(&format!("  production: {}", serves(base)));
            line(&format!("  next:       sternway approve {}", plan.digest().short()));
        }
    }
}

/// What serves after going back, and whether that was seen: that nothing serves is not verified by anybody.
fn after_going_back(base: Option<ReleaseNumber>, accepted: bool) -> String {
    match base {
        None => "no release serves, as before".to_owned(),
        Some(release) if accepted => format!("release {release} serves, {NOT_VERIFIED}"),
        Some(release) => format!("release {release} serves, verified"),
    }
}

const NOT_VERIFIED: &str = "not verified: a person accepted a step that failed or was unknown";

/// What to type when a rollout is held. A rollback is never rolled back, but the release that it leaves can be gone back to.
fn next_of_held(plan: &Plan) -> Vec<String> {
    let environment = &plan.environment;
    match (plan.kind, &plan.base) {
        (PlanKind::Ship, _) => vec![format!("sternway resume {environment} [--way continue|accept|rollback]")],
        (PlanKind::Rollback, Some(left)) => vec![
            format!("release {0} is still there: sternway rollback {environment} {0}", left.number),
            format!(
                "or sternway resume {environment} [--way continue|accept], or sternway rollback {environment} RELEASE"
            ),
        ],
        (PlanKind::Rollback, None) => vec![format!(
            "sternway resume {environment} [--way continue|accept], or sternway rollback {environment} RELEASE"
        )],
    }
}

fn ending_json(followed: &Followed, base: Option<ReleaseNumber>) -> serde_json::Value {
    let plan = &followed.plan;
    let (outcome, serving, why) = match &followed.end {
        End::Closed(Outcome::Committed) => ("committed", Some(plan.candidate.number), None),
        End::Closed(Outcome::RolledBack) => ("rolled_back", base, followed.why.clone()),
        End::Closed(Outcome::Cancelled) => ("cancelled", base, None),
        End::Held(why) => ("held", None, Some(why.clone())),
        End::WaitsForApproval => ("waits_for_approval", base, None),
    };
    serde_json::json!({
        "format": 1, "environment": plan.environment, "rollout": plan.rollout, "digest": plan.digest(),
        "release": plan.candidate.number, "outcome": outcome, "serving": serving, "why": why,
        "production": followed.serving, "accepted": followed.accepted, "incident": followed.incident, "exit": followed.exit() as i32,
    })
}

#[cfg(test)]
mod tests {
    use super::{ALONE, Alone, Instant, ReleaseNumber, after_going_back};

    #[test]
    fn that_nobody_drives_it_is_said_once_and_anew_when_somebody_did_in_between() {
        let (mut alone, start) = (Alone::default(), Instant::now());
        let said = |alone: &mut Alone, after: u32| alone.begins_now(false, start + ALONE * after);
        assert!(!said(&mut alone, 0) && said(&mut alone, 1) && !said(&mut alone, 2));
        assert!(!alone.begins_now(true, start + ALONE * 3));
        assert!(!said(&mut alone, 4) && said(&mut alone, 5));
    }

    #[test]
    fn that_nothing_serves_is_never_called_verified() {
        assert_eq!(after_going_back(None, false), "no release serves, as before");
        assert_eq!(after_going_back(Some(ReleaseNumber(4)), false), "release 4 serves, verified");
        assert!(after_going_back(Some(ReleaseNumber(4)), true).contains("not verified"));
    }
}
