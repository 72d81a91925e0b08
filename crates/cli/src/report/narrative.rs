//! What happened and why, in sentences that rest on entries; what the logbook cannot tell is left open, marked as such.

use std::collections::BTreeMap;

use sternway_core::event::{Dir, Entry, Event, Observation, StepResult};
use sternway_core::plan::{Change, PlanKind};
use sternway_core::time::Timestamp;
use sternway_core::verdict::Verdict;

use super::evidence::step_name;
use super::model::{Affected, MetricImpact, Moment, Report, Restoration, Section, Sentence, Source, ToWrite};
use super::prose::list;
use super::scope::{Scope, routes};
use super::words::{action, by_whom, choice, clock, count, outcome};

/// The moments that the sentences are built around.
pub(super) struct Moments<'a> {
    pub(super) started: &'a Moment,
    pub(super) detected: Option<&'a Moment>,
    pub(super) restored: &'a Restoration,
    pub(super) resolved: Option<&'a Moment>,
}

/// What happened, in order.
pub(super) fn happened(scope: &Scope<'_>, moments: &Moments<'_>) -> Vec<Sentence> {
    let date = super::facts::date(moments.started.at);
    let moment = |what: &str, moment: &Moment| {
        (
            moment.at,
            Sentence::new(full_stop(format!("{what} at {}: {}", clock(moment.at, &date), moment.how)), moment.entry),
        )
    };
    let mut told: Vec<(Timestamp, Sentence)> = Vec::new();
    told.extend(opening(scope, &date));
    told.extend(traffic_given(scope, &date));
    let typed = super::evidence::typed(scope) && moments.started.entry == scope.opened.seq;
    if !typed {
        told.push(moment("The first failing observation was", moments.started));
    }
    told.extend(scope.entries.iter().filter_map(|entry| turn(entry, &date).map(|sentence| (entry.at, sentence))));
    let already: Vec<u64> =
        told.iter().flat_map(|(_, sentence)| sentence.entries.clone()).chain([moments.started.entry]).collect();
    let detected = moments.detected.filter(|detected| !already.contains(&detected.entry));
    told.extend(detected.map(|detected| moment("What decided came", detected)));
    if let Restoration::At(restored) = moments.restored {
        told.push(moment("Stability was restored", restored));
    }
    told.extend(moments.resolved.map(|resolved| moment("The incident was resolved", resolved)));
    told.sort_by_key(|(at, _)| *at);
    let mut told: Vec<Sentence> = told.into_iter().map(|(_, sentence)| sentence).collect();
    match moments.restored {
        Restoration::At(_) => {}
        Restoration::NeverLost { why } => told.push(Sentence::bare(format!("Users were never served by it: {why}."))),
        Restoration::NotRestored { why } => told.push(Sentence::bare(format!("Stability is not restored: {why}."))),
        Restoration::NotRecorded { why } => {
            told.push(Sentence::bare(format!("That stability was restored is not recorded: {why}.")));
        }
    }
    if scope.plan.is_none()
        && let Some(rollout) = scope.rollout
    {
        let text = format!("It happened during rollout {rollout}, whose plan is not among the entries at hand.");
        told.insert(0, Sentence::bare(text));
    }
    told
}

/// The text with a full stop, unless it ends with one.
fn full_stop(text: String) -> String {
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}

fn opening(scope: &Scope<'_>, date: &str) -> Option<(Timestamp, Sentence)> {
    let (entry, plan) = scope.plan?;
    let environment = &plan.environment;
    let to = plan.candidate.number;
    let at = clock(entry.at, date);
    let from = plan.base.as_ref().map(|base| base.number);
    let what = match (plan.kind, from) {
        (PlanKind::Ship, Some(from)) => format!("to ship release {to} to `{environment}`, where release {from} served"),
        (PlanKind::Ship, None) => format!("to ship release {to} to `{environment}`, where nothing served before"),
        (PlanKind::Rollback, Some(from)) => {
            format!("to go back from release {from} to release {to} in `{environment}`")
        }
        (PlanKind::Rollback, None) => format!("to go back to release {to} in `{environment}`"),
    };
    let text = format!("At {at}, {} opened rollout {} {what}.", entry.by, plan.rollout);
    Some((entry.at, Sentence::new(text, entry.seq)))
}

/// Each step that gave the failing release traffic.
fn traffic_given(scope: &Scope<'_>, date: &str) -> Vec<(Timestamp, Sentence)> {
    let done = |entry: &&Entry| match &entry.event {
        Event::Finished { step, dir: Dir::Do, result: StepResult::Done { .. }, .. } => {
            let step = scope.step(*step).filter(|step| routes(&step.action))?;
            scope.plan.filter(|(_, plan)| plan.kind == PlanKind::Ship)?;
            let text = format!("At {} step `{}` was done: {}.", clock(entry.at, date), step.name, action(&step.action));
            Some((entry.at, Sentence::new(text, entry.seq)))
        }
        _ => None,
    };
    scope.entries.iter().filter_map(done).collect()
}

/// Where the rollout took a turn.
fn turn(entry: &Entry, date: &str) -> Option<Sentence> {
    let at = clock(entry.at, date);
    let text = match &entry.event {
        Event::Held { why, .. } => format!("At {at} the rollout was held: {why}."),
        Event::Resumed { choice: made, reason, .. } => {
            let because = if reason.is_empty() { ", without a reason given".to_owned() } else { format!(": {reason}") };
            format!("At {at} it was decided {} to {}{because}.", by_whom(entry), choice(*made))
        }
        Event::Unwound { why, .. } => format!("At {at} the rollout turned back: {why}."),
        Event::Closed { outcome: how, .. } => format!("The rollout closed at {at}: {}.", outcome(*how)),
        _ => return None,
    };
    Some(Sentence::new(full_stop(text.trim_end_matches('.').to_owned()), entry.seq))
}

/// What the evidence says about the cause.
pub(super) fn cause(scope: &Scope<'_>, impact: &[MetricImpact]) -> Vec<Sentence> {
    let mut said = Vec::new();
    if let Some((entry, plan)) = scope.plan {
        said.push(Sentence::new(difference(&plan.change, scope), entry.seq));
    }
    said.extend(impact.iter().filter(|impact| impact.rejected).map(|impact| Sentence {
        text: format!("The judge rejected {}.", impact.text),
        entries: impact.entries.clone(),
    }));
    said.extend(failed_checks(scope));
    said.extend(failed_steps(scope));
    said.extend(let_pass(scope));
    let changed = scope.entries.iter().filter_map(|entry| match &entry.event {
        Event::InstanceChanged { release, service, what, .. } if scope.concerns(*release) => {
            Some(Sentence::new(format!("`{service}` of release {release}: {what}."), entry.seq))
        }
        _ => None,
    });
    said.extend(changed);
    said
}

/// What differed between the failing release and the one that served before or after it.
fn difference(change: &Change, scope: &Scope<'_>) -> String {
    let Some(good) = scope.good() else {
        return "There is no other release to compare with: nothing served before.".to_owned();
    };
    let adopted = |number| scope.releases.get(&number).is_some_and(|record| record.adopted.is_some());
    if adopted(good) || scope.failing().is_some_and(adopted) {
        return format!("What differed from release {good} is not known: it was adopted, not built here.");
    }
    let keys: Vec<String> = change.config.iter().map(|key| format!("`{key}`")).collect();
    match (change.code, keys.as_slice()) {
        (false, []) => format!(
            "Neither code nor configuration differed from release {good}'s: the cause lies outside of what a release holds, or in how it was run."
        ),
        (false, keys) => format!("The code was the same as release {good}'s; only {} differed.", list(keys)),
        (true, []) => format!("The code differed from release {good}'s; the configuration was the same."),
        (true, keys) => {
            format!("The code differed from release {good}'s, and so did {} of the configuration.", list(keys))
        }
    }
}

/// Each failing check, once, with how often it failed and what it saw last.
fn failed_checks(scope: &Scope<'_>) -> Vec<Sentence> {
    struct Asked<'a> {
        total: u64,
        failed: Vec<u64>,
        seen: &'a str,
    }
    let mut checks: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    for entry in &scope.entries {
        if let Event::Observed { what: Observation::Check { check, release, answer, .. }, .. } = &entry.event
            && scope.concerns(*release)
            && answer.verdict != Verdict::Unknown
        {
            let asked = checks.entry(check).or_insert(Asked { total: 0, failed: Vec::new(), seen: "" });
            asked.total += 1;
            if answer.verdict == Verdict::Fail {
                asked.failed.push(entry.seq);
                asked.seen = &answer.seen;
            }
        }
    }
    let failed = checks.into_iter().filter(|(_, asked)| !asked.failed.is_empty());
    failed
        .map(|(check, asked)| Sentence {
            text: format!(
                "The check `{check}` failed {} of {} times, last with: {}.",
                asked.failed.len(),
                asked.total,
                asked.seen
            ),
            entries: asked.failed,
        })
        .collect()
}

/// Each finding with which a step failed, once, with all entries that report it.
fn failed_steps(scope: &Scope<'_>) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = Vec::new();
    for entry in &scope.entries {
        let Event::Finished { step, dir, result: StepResult::Failed { findings }, .. } = &entry.event else { continue };
        let what = if *dir == Dir::Undo { "The undo of step" } else { "Step" };
        let name = step_name(scope, *step);
        for finding in findings {
            let place = finding.places.first().map(|place| format!(" (`{place}`)")).unwrap_or_default();
            let text = format!(
                "{what} `{name}` failed with {} on {}: {}{place}.",
                finding.code, finding.subject, finding.message
            );
            match said.iter_mut().find(|sentence| sentence.text == text) {
                Some(sentence) => sentence.entries.push(entry.seq),
                None => said.push(Sentence::new(text, entry.seq)),
            }
        }
    }
    said
}

/// Findings that would have stopped the release and were overridden.
fn let_pass(scope: &Scope<'_>) -> Vec<Sentence> {
    let overridden = scope.entries.iter().filter_map(|entry| match &entry.event {
        Event::Overridden { code, reason, .. } => {
            let because = if reason.is_empty() { "no reason given".to_owned() } else { reason.clone() };
            Some(Sentence::new(
                format!("The finding {code} was overridden by {} before the release: {because}.", entry.by),
                entry.seq,
            ))
        }
        _ => None,
    });
    overridden.collect()
}

/// What could not be observed, and what the logbook lacks.
pub(super) fn unknown(scope: &Scope<'_>, report: &Report) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = scope.entries.iter().filter_map(|entry| not_observed(scope, entry)).collect();
    if scope.rollout.is_some() && scope.plan.is_none() {
        said.push(Sentence::bare(
            "The plan of the rollout is not among the entries at hand: what changed is not known.",
        ));
    }
    if report.rollout.as_ref().is_some_and(|rollout| rollout.outcome.is_none()) {
        said.push(Sentence::bare("The rollout has not been closed: how it ends is not known yet."));
    }
    if let Restoration::NotRecorded { why } = &report.restored {
        said.push(Sentence::bare(format!("When stability was restored: {why}.")));
    }
    if report.affected.source == Source::Unknown {
        said.push(Sentence::bare("How many users were affected: no traffic of the failing release was observed."));
    }
    said
}

fn not_observed(scope: &Scope<'_>, entry: &Entry) -> Option<Sentence> {
    let text = match &entry.event {
        Event::Observed { what, .. } => match what {
            Observation::Missing { source, why, .. } => format!("`{source}` could not be observed: {why}."),
            Observation::Check { check, release, answer, .. } if answer.verdict == Verdict::Unknown => {
                format!("The check `{check}` could not be asked of release {release}: {}.", answer.seen)
            }
            Observation::Judged { metric, release, verdict: Verdict::Unknown, .. } => {
                format!("The judge could not tell about {} on release {release}.", metric.label())
            }
            _ => return None,
        },
        Event::Finished { step, dir, result: StepResult::Unknown { why }, .. } => {
            let what = if *dir == Dir::Undo { "the undo of step" } else { "step" };
            format!("Whether {what} `{}` succeeded: {why}.", step_name(scope, *step))
        }
        Event::GateEvaluated { verdict: Verdict::Unknown, .. } => "Whether the gates would have passed.".to_owned(),
        _ => return None,
    };
    Some(Sentence::new(text, entry.seq))
}

/// What only a person can write.
pub(super) fn to_write(scope: &Scope<'_>, report: &Report) -> Vec<ToWrite> {
    let mut gaps = Vec::new();
    let mut gap = |section, text: &str| gaps.push(ToWrite { section, text: text.to_owned() });
    if super::evidence::typed(scope) && report.started.entry == scope.opened.seq {
        gap(Section::Affected, "when users were first affected; the logbook knows only when the rollback was typed.");
    }
    gap(Section::Affected, &consequences(&report.affected));
    gap(Section::Happened, "what users saw and reported, and who was told when.");
    match scope.plan.map(|(_, plan)| plan.kind) {
        Some(PlanKind::Ship) => gap(Section::Cause, "why the change was made."),
        Some(PlanKind::Rollback) => gap(Section::Cause, "why the release had to go back."),
        None => {}
    }
    gap(Section::Cause, "the cause behind the evidence above, and why nothing before production showed it.");
    if scope.plan.is_none() {
        gap(Section::Actions, "what was done outside of Sternway.");
    }
    if report.resolved.is_none() {
        gap(Section::Actions, "how the incident was resolved, once it is.");
    }
    gap(Section::Actions, "what is done so that it does not happen again, by whom and until when.");
    gaps
}

fn consequences(affected: &Affected) -> String {
    match affected.failed_requests {
        Some(0) => "whether anybody was affected in a way that traffic does not show.".to_owned(),
        Some(failed) => format!("what the {} meant for those who made them.", count(failed, "failed request")),
        None => "how many people were affected, and how; the logbook cannot tell.".to_owned(),
    }
}
