//! When it began to fail, what decided, and when users were served well again: each with the entry that says so.

use sternway_core::counts::Metric;
use sternway_core::event::{Choice, Dir, Entry, Event, Observation, StepResult};
use sternway_core::plan::{Action, PlanKind, Undo};
use sternway_core::time::Timestamp;
use sternway_core::verdict::Verdict;

use super::model::{Moment, Restoration};
use super::scope::{Scope, brings_back};
use super::words::{automatic, choice};

/// A judgement that rejected the failing release.
pub(super) struct Rejection<'a> {
    pub(super) entry: &'a Entry,
    pub(super) to: Timestamp,
    pub(super) release: sternway_core::ids::ReleaseNumber,
    pub(super) metric: Metric,
    pub(super) errors: u64,
    pub(super) requests: u64,
    pub(super) against: &'a str,
}

/// Every judgement that rejected the failing release, in order.
pub(super) fn rejections<'a>(scope: &Scope<'a>) -> Vec<Rejection<'a>> {
    let rejection = |entry: &&'a Entry| match &entry.event {
        Event::Observed {
            to,
            what: Observation::Judged { release, metric, errors, requests, against, verdict: Verdict::Fail, .. },
            ..
        } if scope.concerns(*release) => Some(Rejection {
            entry,
            to: *to,
            release: *release,
            metric: *metric,
            errors: *errors,
            requests: *requests,
            against,
        }),
        _ => None,
    };
    scope.entries.iter().filter_map(rejection).collect()
}

/// Above which latency, in microseconds, a response is slow: the 99th percentile of the record of the release that served before,
/// at least the plan's floor. `None` without that record.
pub(super) fn slow_limit(scope: &Scope<'_>) -> Option<u64> {
    let floor = scope.plan.map_or(0, |(_, plan)| plan.judge.slow_floor.0.saturating_mul(1000));
    scope.entries.iter().find_map(|entry| match &entry.event {
        Event::Observed { what: Observation::Base { counts, .. }, .. } => {
            counts.latency.percentile(0.99).map(|p99| p99.max(floor))
        }
        _ => None,
    })
}

/// The metrics in which a window of traffic counts as failing: those that were rejected, else what no release may do.
pub(super) fn failing_metrics(scope: &Scope<'_>) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = rejections(scope).iter().map(|rejection| rejection.metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    if metrics.is_empty() { vec![Metric::ServerErrors, Metric::Unreachable] } else { metrics }
}

/// The first failing observation: the earliest among what was recorded when the incident was opened, failed checks of the release,
/// failed steps, rejections, and windows of traffic with errors in a metric that was rejected later.
pub(super) fn started(scope: &Scope<'_>) -> Moment {
    let recorded = Moment {
        at: scope.started,
        entry: scope.opened.seq,
        how: "as recorded when the incident was opened".to_owned(),
    };
    let rejected: Vec<Metric> = rejections(scope).iter().map(|rejection| rejection.metric).collect();
    let slow = slow_limit(scope);
    let seen =
        scope.entries.iter().filter_map(|entry| failing(scope, entry, &rejected, slow)).min_by_key(|moment| moment.at);
    let first = match seen {
        Some(seen) if seen.at <= recorded.at => seen,
        _ if typed(scope) => Moment {
            how: format!("{} typed the rollback; when users were first affected is to be written", scope.opened.by),
            ..recorded
        },
        _ => recorded,
    };
    // Nothing is detected before it starts: then it started at the latest when it was detected.
    match detected(scope) {
        Some(Moment { at, .. }) if at < first.at && typed(scope) && first.entry == scope.opened.seq => {
            Moment { at, ..first }
        }
        Some(Moment { at, entry, how }) if at < first.at => {
            Moment { at, entry, how: format!("at the latest when it was detected: {how}") }
        }
        _ => first,
    }
}

/// Whether a person took the release back without anything that was measured: then nobody knows when users were first affected.
pub(super) fn typed(scope: &Scope<'_>) -> bool {
    scope.plan.is_some_and(|(_, plan)| plan.kind == PlanKind::Rollback) && !automatic(scope.opened)
}

/// What a single entry shows to be failing, if anything.
fn failing(scope: &Scope<'_>, entry: &Entry, rejected: &[Metric], slow: Option<u64>) -> Option<Moment> {
    let moment = |at, how| Some(Moment { at, entry: entry.seq, how });
    match &entry.event {
        Event::Finished { step, dir: Dir::Do, result: StepResult::Failed { findings }, .. } => {
            let why = findings.first().map(|finding| format!(": {}", finding.message)).unwrap_or_default();
            moment(entry.at, format!("step `{}` failed{why}", step_name(scope, *step)))
        }
        Event::Observed { from, to, what, .. } => match what {
            Observation::Check { check, release, answer, .. }
                if scope.concerns(*release) && answer.verdict == Verdict::Fail && !passed_later(scope, entry) =>
            {
                moment(*from, format!("check `{check}` failed on release {release}: {}", answer.seen))
            }
            Observation::Judged { release, metric, errors, requests, verdict: Verdict::Fail, .. }
                if scope.concerns(*release) =>
            {
                moment(*to, format!("{} on release {release}: {errors} of {requests} requests", metric.label()))
            }
            Observation::Traffic { release, counts, .. } if scope.concerns(*release) => {
                let first = rejected.iter().find_map(|&metric| {
                    let slow = if metric == Metric::Latency { slow? } else { 0 };
                    Some((metric, counts.errors(metric, slow))).filter(|(_, errors)| *errors > 0)
                });
                let (metric, errors) = first?;
                let how =
                    format!("first {} on release {release}: {errors} of {} requests", metric.label(), counts.requests);
                moment(*from, how)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a check that is asked until it passes failed here and passed at a later try. A monitor's failures all count.
fn passed_later(scope: &Scope<'_>, failed: &Entry) -> bool {
    let asked = |entry: &Entry| match &entry.event {
        Event::Observed { what: Observation::Check { check, release, monitor: false, answer }, .. } => {
            Some((check.clone(), *release, answer.verdict))
        }
        _ => None,
    };
    let Some((check, release, _)) = asked(failed) else { return false };
    let passed = (check, release, Verdict::Pass);
    scope.entries.iter().filter(|entry| entry.seq > failed.seq).any(|entry| asked(entry).as_ref() == Some(&passed))
}

/// The entry that decided: the first rejection or the failed check that ended the step, or the person who said so.
pub(super) fn detected(scope: &Scope<'_>) -> Option<Moment> {
    let person = scope.entries.iter().find_map(|entry| match &entry.event {
        Event::Resumed { choice: choice_made @ Choice::RollBack, reason, .. } => {
            let who = if automatic(entry) { "the hold's limit".to_owned() } else { entry.by.clone() };
            let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            Some(Moment {
                at: entry.at,
                entry: entry.seq,
                how: format!("{who} decided to {}{because}", choice(*choice_made)),
            })
        }
        _ => None,
    });
    // Who typed a rollback had seen enough: steps of it that fail later are not what decided.
    let by_hand = typed(scope).then(|| rolled_back_by_plan(scope)).flatten();
    let first = [measured(scope), person, by_hand].into_iter().flatten().min_by_key(|moment| moment.entry);
    first.or_else(|| rolled_back_by_plan(scope)).or_else(|| watched(scope))
}

/// What was measured that decided: the first rejection, else the step that failed first and the failed check before it.
fn measured(scope: &Scope<'_>) -> Option<Moment> {
    if let Some(rejection) = rejections(scope).first() {
        let Rejection { metric, release, errors, requests, against, .. } = rejection;
        let how = format!(
            "judged bad: {} on release {release}: {errors} of {requests} requests, against {against}",
            metric.label()
        );
        return Some(Moment { at: rejection.to.max(rejection.entry.at), entry: rejection.entry.seq, how });
    }
    let (failed, step, message) = scope.entries.iter().find_map(|entry| match &entry.event {
        Event::Finished { step, dir: Dir::Do, result: StepResult::Failed { findings }, .. } => {
            Some((entry, *step, findings.first().map(|finding| finding.message.as_str())))
        }
        _ => None,
    })?;
    let began = began_before(scope, step, failed.seq);
    let mut within = scope.entries.iter().rev().filter(|entry| entry.seq < failed.seq && entry.seq > began);
    let check = within.find_map(|entry| failed_check(scope, entry));
    let why = message.map(|message| format!(": {message}")).unwrap_or_default();
    check.or_else(|| {
        let how = format!("step `{}` failed{why}", step_name(scope, step));
        Some(Moment { at: failed.at, entry: failed.seq, how })
    })
}

fn failed_check(scope: &Scope<'_>, entry: &Entry) -> Option<Moment> {
    match &entry.event {
        Event::Observed { what: Observation::Check { check, release, answer, monitor }, .. }
            if scope.concerns(*release) && answer.verdict == Verdict::Fail =>
        {
            let kind = if *monitor { "monitor" } else { "check" };
            let how = format!("{kind} `{check}` failed on release {release}: {}", answer.seen);
            Some(Moment { at: entry.at, entry: entry.seq, how })
        }
        _ => None,
    }
}

/// The entry with which a step last began before this one; 0 when it is not at hand.
fn began_before(scope: &Scope<'_>, number: u16, before: u64) -> u64 {
    let began = scope.entries.iter().rev().filter(|entry| entry.seq < before);
    let mut began =
        began.filter(|entry| matches!(entry.event, Event::Began { step, dir: Dir::Do, .. } if step == number));
    began.next().map_or(0, |entry| entry.seq)
}

/// For a rollback that was opened as a plan of its own, that opening.
fn rolled_back_by_plan(scope: &Scope<'_>) -> Option<Moment> {
    let (entry, plan) = scope.plan.filter(|(_, plan)| plan.kind == PlanKind::Rollback)?;
    let how = format!("{} opened a rollback to release {}", entry.by, plan.candidate.number);
    Some(Moment { at: entry.at, entry: entry.seq, how })
}

/// Outside of a rollout: the last failed check before the incident was opened, else the opening itself.
fn watched(scope: &Scope<'_>) -> Option<Moment> {
    let before = scope.entries.iter().rev().filter(|entry| entry.seq < scope.opened.seq);
    let how = format!("incident opened by {}", scope.opened.by);
    before.filter(|_| scope.rollout.is_none()).find_map(|entry| failed_check(scope, entry)).or(Some(Moment {
        at: scope.opened.at,
        entry: scope.opened.seq,
        how,
    }))
}

/// When users were served well again. What a person says goes before what the rollout verified, and that before what was updated
/// by itself; a release that never had traffic took no stability from anybody, whatever was said.
pub(super) fn restored(scope: &Scope<'_>, started: &Moment) -> Restoration {
    if scope.had_traffic() == Some(false) {
        let why = "no step that routes requests to the release had begun".to_owned();
        return Restoration::NeverLost { why };
    }
    let confirmed = if typed(scope) { confirmed(scope) } else { None };
    let moment = said(scope, false).or(confirmed).or_else(|| said(scope, true)).or_else(|| traffic_back(scope));
    match moment {
        // Machines' clocks disagree: nothing is restored before it was lost.
        Some(moment) => Restoration::At(Moment { at: moment.at.max(started.at), ..moment }),
        None => not_restored(scope),
    }
}

/// The last update that says when stability was restored: by a part of Sternway, or by a person.
fn said(scope: &Scope<'_>, by_itself: bool) -> Option<Moment> {
    let mut updates =
        scope.entries.iter().rev().filter(|entry| automatic(entry) == by_itself && !was_accepted(scope, entry));
    updates.find_map(|entry| match &entry.event {
        Event::IncidentUpdated { restored: Some(at), text, .. } => {
            let how = match (text.is_empty(), by_itself) {
                (true, _) => format!("as {} says", entry.by),
                (false, true) => text.clone(),
                (false, false) => format!("{}: {text}", entry.by),
            };
            Some(Moment { at: *at, entry: entry.seq, how })
        }
        _ => None,
    })
}

/// Whether the rollout itself wrote this update after a person had accepted that its release is not verified.
fn was_accepted(scope: &Scope<'_>, update: &Entry) -> bool {
    let open = !scope.entries.iter().any(|entry| entry.seq < update.seq && matches!(entry.event, Event::Closed { .. }));
    automatic(update)
        && open
        && accepted(scope).is_some_and(|entry| entry.seq < update.seq)
        && confirmed(scope).is_none()
}

/// The entry with which a person accepted a result, whatever it was.
fn accepted<'a>(scope: &Scope<'a>) -> Option<&'a Entry> {
    let mut entries = scope.entries.iter().rev();
    entries.find(|entry| matches!(entry.event, Event::Resumed { choice: Choice::Accept, .. })).copied()
}

/// The last result of seeing that the release serves to which the environment went back.
fn confirmation<'a>(scope: &Scope<'a>) -> Option<(&'a Entry, &'a StepResult, String)> {
    let good = scope.good()?;
    scope.entries.iter().rev().find_map(|entry| {
        let Event::Finished { step, dir, result, .. } = &entry.event else { return None };
        let step = scope.step(*step)?;
        let action = match (dir, &step.undo) {
            (Dir::Do, _) => &step.action,
            (Dir::Undo, Undo::By(undo)) => undo,
            (Dir::Undo, _) => return None,
        };
        let confirms = matches!(action, Action::ConfirmServing { release } if release.number == good);
        let verb = if *dir == Dir::Undo { "undo of step" } else { "step" };
        confirms.then(|| (*entry, result, format!("{verb} `{}`", step.name)))
    })
}

/// The step that saw the good release serve, when it did.
fn confirmed(scope: &Scope<'_>) -> Option<Moment> {
    let good = scope.good()?;
    let (entry, result, step) = confirmation(scope)?;
    let how = format!("{step} done: release {good} serves, verified");
    matches!(result, StepResult::Done { .. }).then(|| Moment { at: entry.at, entry: entry.seq, how })
}

/// The first finished step that put all requests back on the release that served before; for a rollback, the one that saw it
/// serve. What was not verified, or waits for a person, is not restored.
fn traffic_back(scope: &Scope<'_>) -> Option<Moment> {
    let (_, plan) = scope.plan?;
    let good = scope.good()?;
    let confirmed = confirmed(scope);
    if plan.kind == PlanKind::Rollback {
        return confirmed;
    }
    if confirmed.is_none() && (confirmation(scope).is_some() || waits(scope).is_some() || accepted(scope).is_some()) {
        return None;
    }
    scope.entries.iter().find_map(|entry| {
        let Event::Finished { step: number, dir: Dir::Undo, result: StepResult::Done { .. }, .. } = entry.event else {
            return None;
        };
        let step = scope.step(number)?;
        let back = brings_back(&step.undo) && was_begun(scope, number);
        let how = format!("undo of step `{}` done: all traffic on release {good}", step.name);
        back.then_some(Moment { at: entry.at, entry: entry.seq, how })
    })
}

fn was_begun(scope: &Scope<'_>, number: u16) -> bool {
    scope.entries.iter().any(|entry| matches!(entry.event, Event::Began { step, dir: Dir::Do, .. } if step == number))
}

/// Why the rollout waits, if it does.
fn waits(scope: &Scope<'_>) -> Option<String> {
    let last = scope.entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Held { why, .. } => Some(Some(format!("the rollout waits (#{}): {why}", entry.seq))),
        Event::Closed { .. } | Event::Resumed { .. } => Some(None),
        _ => None,
    });
    last.flatten()
}

/// That nothing is restored as far as was seen, or that nothing was seen.
fn not_restored(scope: &Scope<'_>) -> Restoration {
    if let Some(why) = waits(scope) {
        return Restoration::NotRestored { why };
    }
    if let (Some(entry), None) = (accepted(scope), confirmed(scope)) {
        let why = format!(
            "{} accepted (#{}) a step that failed or was unknown, so that nothing was verified",
            entry.by, entry.seq
        );
        return Restoration::NotRestored { why };
    }
    match confirmation(scope) {
        Some((entry, StepResult::Failed { findings }, step)) => {
            let why = findings.first().map(|finding| format!(": {}", finding.message)).unwrap_or_default();
            Restoration::NotRestored { why: format!("{step} failed (#{}){why}", entry.seq) }
        }
        Some((entry, StepResult::Unknown { why }, step)) => {
            Restoration::NotRestored { why: format!("{step} could not tell (#{}): {why}", entry.seq) }
        }
        _ if scope.plan.is_some() && scope.good().is_none() => Restoration::NotRecorded {
            why: "nothing served before this release, so that there was nothing to go back to".to_owned(),
        },
        _ => Restoration::NotRecorded { why: "no entry says so".to_owned() },
    }
}

/// A step's name, or its number when the plan is not in the logbook.
pub(super) fn step_name(scope: &Scope<'_>, number: u16) -> String {
    scope.step(number).map_or_else(|| format!("number {number}"), |step| step.name.clone())
}
