//! The timeline: a line for each entry, or for a run of entries that say the same.

use sternway_core::counts::{Counts, Metric};
use sternway_core::event::{Dir, Entry, Event, Observation, StepResult};
use sternway_core::ids::ReleaseNumber;
use sternway_core::plan::{Plan, PlanKind, WayBack};
use sternway_core::verdict::Verdict;

use super::evidence::{failing_metrics, slow_limit, step_name};
use super::model::{Line, Tone};
use super::scope::Scope;
use super::words::{between, choice, count, date_time, outcome, span};
use crate::baseline::recorded;

/// Runs of the same kind at least this long become one line.
const RUN: usize = 3;

/// What lets an entry join a run of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Checks that passed and traffic without errors.
    Routine,
    /// Traffic of this release with errors.
    Failing(ReleaseNumber),
    /// Each of these is read alone.
    Alone,
}

/// All lines, in the logbook's order.
pub(super) fn timeline(scope: &Scope<'_>) -> Vec<Line> {
    let entries = &scope.entries;
    let watch = Watch { metrics: failing_metrics(scope), slow: slow_limit(scope) };
    let mut lines = Vec::new();
    let mut at = 0;
    while at < entries.len() {
        let sort = watch.sort(entries[at]);
        let run = entries[at..].iter().take_while(|entry| sort != Sort::Alone && watch.sort(entry) == sort).count();
        if run >= RUN {
            lines.push(watch.together(&entries[at..at + run], sort));
            at += run;
        } else if let Some(line) = step_at_once(scope, entries[at], entries.get(at + 1).copied()) {
            lines.push(line);
            at += 2;
        } else {
            lines.push(alone(scope, entries[at], &watch));
            at += 1;
        }
    }
    lines
}

/// How traffic is told good from bad here.
struct Watch {
    metrics: Vec<Metric>,
    slow: Option<u64>,
}

impl Watch {
    fn errors(&self, counts: &Counts) -> u64 {
        let errors = |metric: &Metric| match metric {
            Metric::Latency => self.slow.map_or(0, |slow| counts.errors(*metric, slow)),
            _ => counts.errors(*metric, 0),
        };
        self.metrics.iter().map(errors).fold(0, u64::saturating_add)
    }

    fn sort(&self, entry: &Entry) -> Sort {
        match &entry.event {
            Event::Observed { what, .. } => match what {
                Observation::Check { answer, .. } if answer.verdict == Verdict::Pass => Sort::Routine,
                Observation::Traffic { counts, release, .. } => {
                    if self.errors(counts) == 0 {
                        Sort::Routine
                    } else {
                        Sort::Failing(*release)
                    }
                }
                _ => Sort::Alone,
            },
            _ => Sort::Alone,
        }
    }

    /// A run of entries in one line.
    fn together(&self, entries: &[&Entry], sort: Sort) -> Line {
        let mut checks = 0_u64;
        let mut windows = 0_u64;
        let (mut errors, mut requests) = (0_u64, 0_u64);
        for entry in entries {
            match &entry.event {
                Event::Observed { what: Observation::Traffic { counts, .. }, .. } => {
                    windows += 1;
                    errors = errors.saturating_add(self.errors(counts));
                    requests = requests.saturating_add(counts.requests);
                }
                _ => checks += 1,
            }
        }
        let (what, tone) = if let Sort::Failing(release) = sort {
            let windows = count(windows, "window");
            (format!("{windows} of traffic on release {release}: {errors} of {requests} requests failed"), Tone::Bad)
        } else {
            let checks = (checks > 0).then(|| format!("{} passed", count(checks, "check")));
            let traffic = (windows > 0).then(|| format!("{} without such errors", count(requests, "request")));
            (checks.into_iter().chain(traffic).collect::<Vec<_>>().join("; "), Tone::Good)
        };
        let (first, last) = (entries[0], entries[entries.len() - 1]);
        Line {
            first: first.seq,
            last: last.seq,
            entries: entries.len(),
            at: first.at,
            by: first.by.clone(),
            what,
            tone,
        }
    }
}

/// A step that began and ended without anything between, as one line.
fn step_at_once(scope: &Scope<'_>, began: &Entry, finished: Option<&Entry>) -> Option<Line> {
    let Event::Began { rollout, step, dir, .. } = &began.event else { return None };
    let finished = finished?;
    let Event::Finished { rollout: same_rollout, step: same_step, dir: same_dir, result } = &finished.event else {
        return None;
    };
    if (rollout, step, dir) != (same_rollout, same_step, same_dir) {
        return None;
    }
    let (mut what, tone) = ended(scope, *step, *dir, result);
    if let Some(took) = between(began.at, finished.at) {
        what = format!("{what} (took {})", span(took));
    }
    let by = finished.by.clone();
    Some(Line { first: began.seq, last: finished.seq, entries: 2, at: began.at, by, what, tone })
}

fn alone(scope: &Scope<'_>, entry: &Entry, watch: &Watch) -> Line {
    let (what, tone) = told(scope, entry, watch);
    Line { first: entry.seq, last: entry.seq, entries: 1, at: entry.at, by: entry.by.clone(), what, tone }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Unknown => Tone::Unknown,
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::Unknown => "could not be asked (unknown)",
    }
}

/// `text`, or `text: more` when there is more.
fn with(text: impl Into<String>, more: &str) -> String {
    let text = text.into();
    if more.is_empty() { text } else { format!("{text}: {more}") }
}

fn ended(scope: &Scope<'_>, step: u16, dir: Dir, result: &StepResult) -> (String, Tone) {
    let what = if dir == Dir::Undo { "undo of step" } else { "step" };
    let name = step_name(scope, step);
    match result {
        StepResult::Done { note } => (with(format!("{what} `{name}` done"), note), Tone::Good),
        StepResult::Failed { findings } => {
            let found: Vec<String> =
                findings.iter().map(|found| format!("{} {}: {}", found.code, found.subject, found.message)).collect();
            (with(format!("{what} `{name}` failed"), &found.join("; ")), Tone::Bad)
        }
        StepResult::Unknown { why } => {
            (with(format!("{what} `{name}`: unknown whether it succeeded"), why), Tone::Unknown)
        }
    }
}

fn opened(plan: &Plan) -> String {
    let to = plan.candidate.number;
    let what = match (&plan.kind, &plan.base) {
        (PlanKind::Ship, Some(base)) => format!("opened: release {to} in place of release {}", base.number),
        (PlanKind::Ship, None) => format!("opened: release {to}, where nothing served before"),
        (PlanKind::Rollback, Some(base)) => format!("opened: back from release {} to release {to}", base.number),
        (PlanKind::Rollback, None) => format!("opened: back to release {to}"),
    };
    let way_back = match &plan.way_back {
        WayBack::Proven { to, .. } => format!("way back to release {} proven", to.number),
        WayBack::None { why } => with("no way back", why),
    };
    match plan.kind {
        PlanKind::Ship => format!("rollout {} {what}; {way_back}", plan.rollout),
        PlanKind::Rollback => format!("rollout {} {what}", plan.rollout),
    }
}

fn observed(what: &Observation, watch: &Watch) -> (String, Tone) {
    match what {
        Observation::Traffic { release, percent, counts, clients, .. } => {
            let errors = watch.errors(counts);
            let from =
                if *clients > 0 { format!(", from at least {}", count(*clients, "client")) } else { String::new() };
            let text = format!(
                "traffic on release {release} at {percent}%: {errors} of {} failed{from}",
                count(counts.requests, "request")
            );
            (text, if errors > 0 { Tone::Bad } else { Tone::Good })
        }
        Observation::Base { release, counts, rate, .. } => {
            let record = count(counts.requests, "request");
            (format!("record of release {release} as current: {record}, {rate:.1} a second"), Tone::Plain)
        }
        Observation::Check { check, release, monitor, answer, .. } => {
            let kind = if *monitor { "monitor" } else { "check" };
            let text = format!("{kind} `{check}` {} on release {release}", verdict_word(answer.verdict));
            (with(text, &answer.seen), tone(answer.verdict))
        }
        Observation::Judged { release, metric, errors, requests, against, verdict, evidence, .. } => {
            let judged = match verdict {
                Verdict::Pass => "accepted",
                Verdict::Fail => "rejected",
                Verdict::Unknown => "undecided (unknown)",
            };
            let text = format!(
                "judge: {} on release {release} {judged}: {errors} of {requests} requests against {against} (e-value {evidence:.3e})",
                metric.label()
            );
            (text, tone(*verdict))
        }
        Observation::Missing { source, why, .. } => {
            (with(format!("`{source}` could not be observed (unknown)"), why), Tone::Unknown)
        }
    }
}

fn told(scope: &Scope<'_>, entry: &Entry, watch: &Watch) -> (String, Tone) {
    let plain = |text: String| (text, Tone::Plain);
    match &entry.event {
        Event::Sealed { release, .. } => plain(with(format!("release {} sealed", release.number), &release.origin)),
        Event::Adopted { release, .. } => plain(format!("what served before became release {}", release.number)),
        Event::MarkedBad { release, why, .. } => {
            (with(format!("release {} marked bad", release.number), why), Tone::Notable)
        }
        Event::Removed { releases, why, .. } => {
            plain(with(format!("{} removed", count(releases.len() as u64, "release")), why))
        }
        Event::GateEvaluated { release, findings, overridden, verdict, accepted, .. } => {
            let mut passed =
                if overridden.is_empty() { String::new() } else { format!(", overridden: {}", overridden.join(", ")) };
            if let Some(accepted) = accepted {
                passed = format!("{passed}, {} (sha256 {})", recorded(accepted), accepted.digest.short());
            }
            let found = count(findings.len() as u64, "finding");
            (format!("gates for release {release} {}: {found}{passed}", verdict_word(*verdict)), tone(*verdict))
        }
        Event::Overridden { code, reason, .. } => (with(format!("finding {code} overridden"), reason), Tone::Notable),
        Event::Approved { reason, .. } => plain(with("plan approved", reason)),
        Event::Denied { reason, .. } => plain(with("plan denied", reason)),
        Event::Opened { plan, .. } => plain(opened(plan)),
        Event::Began { step, dir, attempt, .. } => {
            let what = if *dir == Dir::Undo { "undo of step" } else { "step" };
            let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
            plain(format!("{what} `{}` began{again}", step_name(scope, *step)))
        }
        Event::Finished { step, dir, result, .. } => ended(scope, *step, *dir, result),
        Event::Held { why, until, .. } => {
            let then = until
                .as_ref()
                .map(|(at, then)| format!("; at {} without an answer: {}", date_time(*at), choice(*then)));
            (format!("{}{}", with("the rollout waits", why), then.unwrap_or_default()), Tone::Notable)
        }
        Event::Resumed { choice: made, reason, .. } => plain(with(format!("decision: {}", choice(*made)), reason)),
        Event::Unwound { why, .. } => (with("the rollout goes back", why), Tone::Notable),
        Event::Closed { outcome: how, .. } => plain(format!("rollout closed: {}", outcome(*how))),
        Event::Observed { what, .. } => observed(what, watch),
        Event::IncidentOpened { incident, title, .. } => {
            (with(format!("incident {incident} opened"), title), Tone::Notable)
        }
        Event::IncidentUpdated { text, restored, .. } => {
            let since = restored.map(|at| format!(" (stability restored at {})", date_time(at))).unwrap_or_default();
            let tone = if restored.is_some() { Tone::Good } else { Tone::Plain };
            (format!("{}{since}", with("incident updated", text)), tone)
        }
        Event::IncidentResolved { text, .. } => (with("incident resolved", text), Tone::Good),
        Event::RegisterAccepted { service, key, reason, .. } => {
            plain(with(format!("`{service}:{key}` accepted into the register"), reason))
        }
        Event::RegisterRemoved { service, key, reason } => {
            plain(with(format!("`{service}:{key}` taken out of the register"), reason))
        }
        Event::Watched { findings, .. } => plain(format!("watch: {}", count(findings.len() as u64, "finding"))),
        Event::LeaseTaken { epoch, holder, from, .. } => {
            let over = from.as_ref().map(|from| format!(" over from {from}")).unwrap_or_default();
            plain(format!("lease taken{over} by {holder} (epoch {epoch})"))
        }
        Event::InstanceChanged { release, service, what, .. } => {
            (with(format!("`{service}` of release {release}"), what), Tone::Notable)
        }
        Event::Noted { text, .. } => plain(with("note", text)),
    }
}
