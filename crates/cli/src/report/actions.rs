//! What was done about an incident: undone steps, decisions, marks.

use sternway_core::event::{Choice, Dir, Entry, Event, StepResult};
use sternway_core::plan::{PlanKind, Undo};

use super::evidence::step_name;
use super::model::{ActionTaken, Tone};
use super::scope::Scope;
use super::words::{action, automatic, choice};

/// What was done: undone steps, decisions, marks.
pub(super) fn actions(scope: &Scope<'_>) -> Vec<ActionTaken> {
    scope
        .entries
        .iter()
        .filter_map(|entry| {
            let (what, tone) = acted(scope, entry)?;
            let (at, by) = (entry.at, entry.by.clone());
            Some(ActionTaken { at, by, automatic: automatic(entry), what, tone, entry: entry.seq })
        })
        .collect()
}

fn acted(scope: &Scope<'_>, entry: &Entry) -> Option<(String, Tone)> {
    let rollback = scope.plan.is_some_and(|(_, plan)| plan.kind == PlanKind::Rollback);
    match &entry.event {
        Event::Opened { plan, .. } if rollback => {
            Some((format!("opened a rollback to release {}", plan.candidate.number), Tone::Plain))
        }
        Event::Finished { step, dir, result, .. } if *dir == Dir::Undo || rollback => {
            step_action(scope, *step, *dir).map(|what| step_ended(&what, result))
        }
        Event::Resumed { choice: made, reason, .. } => {
            let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let tone = if *made == Choice::Accept { Tone::Notable } else { Tone::Plain };
            Some((format!("decided to {}{because}", choice(*made)), tone))
        }
        Event::Held { why, .. } if !automatic(entry) => Some((format!("held the rollout: {why}"), Tone::Notable)),
        Event::Unwound { why, .. } => Some((format!("turned the rollout back: {why}"), Tone::Plain)),
        Event::MarkedBad { release, .. } => Some((format!("marked release {} bad", release.number), Tone::Plain)),
        Event::IncidentUpdated { text, restored: None, .. } if !automatic(entry) => {
            Some((format!("noted: {text}"), Tone::Plain))
        }
        Event::IncidentResolved { text, .. } => Some((format!("resolved the incident: {text}"), Tone::Good)),
        _ => None,
    }
}

/// What finishing this step in this direction did; `None` when it changed nothing.
fn step_action(scope: &Scope<'_>, number: u16, dir: Dir) -> Option<String> {
    let Some(step) = scope.step(number) else {
        return Some(format!("undo step {}", step_name(scope, number)));
    };
    match (dir, &step.undo) {
        (Dir::Do, _) => Some(action(&step.action)),
        (Dir::Undo, Undo::By(undo)) => Some(format!("undo `{}`: {}", step.name, action(undo))),
        (Dir::Undo, Undo::Nothing) => None,
        (Dir::Undo, Undo::Irreversible(why)) => Some(format!("undo `{}`, which is irreversible: {why}", step.name)),
    }
}

fn step_ended(what: &str, result: &StepResult) -> (String, Tone) {
    match result {
        StepResult::Done { .. } => (what.to_owned(), Tone::Good),
        StepResult::Failed { findings } => {
            let why =
                findings.first().map(|finding| format!(" ({}: {})", finding.code, finding.message)).unwrap_or_default();
            (format!("tried to {what}{why}"), Tone::Bad)
        }
        StepResult::Unknown { why } => (format!("tried to {what}; unknown whether it succeeded: {why}"), Tone::Unknown),
    }
}
