//! An entry of the logbook, on one line.

use sternway_core::event::{Choice, Dir, Entry, Event, Observation, Outcome, StepResult};
use sternway_core::plan::Plan;
use sternway_core::verdict::Verdict;

use super::{line, style};
use crate::baseline::recorded;

/// Prints an entry as text or as JSON.
pub(crate) fn print(entry: &Entry, plan: Option<&Plan>, json: bool) {
    if json {
        if let Ok(value) = serde_json::to_value(entry) {
            super::json(&value);
        }
        return;
    }
    let environment = entry.environment.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let head = style::dim(&format!("#{:<5} {}{environment}", entry.seq, entry.at));
    line(&format!("{head}  {}  {}", words(&entry.event, plan), style::dim(&format!("({})", entry.by))));
}

/// An event in words; with its plan, steps have their names.
pub(crate) fn words(event: &Event, plan: Option<&Plan>) -> String {
    let step = |index: u16, dir: Dir| {
        let name = plan
            .and_then(|plan| plan.steps.get(usize::from(index)))
            .map_or_else(|| format!("step {}", index + 1), |step| step.name.clone());
        if dir == Dir::Undo { format!("undo of {name}") } else { name }
    };
    match event {
        Event::Sealed { release } => format!("release {} sealed ({})", release.number, release.digest.short()),
        Event::Adopted { release } => {
            let address = release.adopted.as_ref().map_or("", |adopted| adopted.address.as_str());
            format!("{address} adopted as release 0")
        }
        Event::MarkedBad { release, why } => format!("release {} marked bad: {why}", release.number),
        Event::Removed { releases, why } => {
            let numbers: Vec<String> = releases.iter().map(ToString::to_string).collect();
            format!("releases {} removed; {why}", numbers.join(", "))
        }
        Event::GateEvaluated { release, findings, overridden, verdict, accepted } => format!(
            "gates for release {release}: {}, {}{}{}",
            in_a_word(*verdict),
            if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) },
            if overridden.is_empty() { String::new() } else { format!(", overridden: {}", overridden.join(", ")) },
            accepted.as_ref().map(|accepted| format!(", {}", recorded(accepted))).unwrap_or_default()
        ),
        Event::Overridden { code, reason } => format!("{code} overridden: {reason}"),
        Event::Approved { digest, reason } => {
            format!(
                "plan {} approved{}",
                digest.short(),
                if reason.is_empty() { String::new() } else { format!(": {reason}") }
            )
        }
        Event::Denied { digest, reason } => format!("plan {} denied: {reason}", digest.short()),
        Event::Opened { plan } => {
            format!("rollout {} opened: {} (plan {})", plan.rollout, plan.change.summary, plan.digest().short())
        }
        Event::Began { step: index, dir, attempt, .. } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            format!("{} begins{again}", step(*index, *dir))
        }
        Event::Finished { step: index, dir, result, .. } => match result {
            StepResult::Done { note } => {
                format!("{}: {}", step(*index, *dir), if note.is_empty() { "done" } else { note })
            }
            StepResult::Failed { findings } => {
                let why = findings.first().map_or("", |finding| finding.message.as_str());
                format!("{} {}: {why}", step(*index, *dir), style::bad("failed"))
            }
            StepResult::Unknown { why } => format!("{} {}: {why}", step(*index, *dir), style::careful("unknown")),
        },
        Event::Held { why, .. } => format!("held: {why}"),
        Event::Resumed { choice, reason, .. } => {
            let way = match choice {
                Choice::Continue => "go on",
                Choice::RollBack => "go back",
                Choice::Accept => "accept and go on",
            };
            format!("told to {way}{}", if reason.is_empty() { String::new() } else { format!(": {reason}") })
        }
        Event::Unwound { why, .. } => format!("{}: {why}", style::bad("goes back")),
        Event::Closed { outcome, rollout } => match outcome {
            Outcome::Committed => format!("rollout {rollout} {}", style::good("committed")),
            Outcome::RolledBack => format!("rollout {rollout} {}", style::bad("rolled back")),
            Outcome::Cancelled => format!("rollout {rollout} cancelled"),
        },
        Event::Observed { what, .. } => observation(what),
        Event::IncidentOpened { incident, title, .. } => format!("incident {incident} opened: {title}"),
        Event::IncidentUpdated { incident, text, .. } => format!("incident {incident}: {text}"),
        Event::IncidentResolved { incident, text } => format!("incident {incident} resolved: {text}"),
        Event::RegisterAccepted { service, key, owner, reason, until } => {
            let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("{service}:{key} accepted{until}, {owner} answers for it: {reason}")
        }
        Event::RegisterRemoved { service, key, reason } => {
            format!(
                "{service}:{key} taken out of the register{}",
                if reason.is_empty() { String::new() } else { format!(": {reason}") }
            )
        }
        Event::Watched { findings, drift, .. } => {
            let found =
                if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) };
            let drift = drift.as_ref().map(|drift| {
                format!(
                    ", {} (incident {})",
                    style::bad(&format!("{} by itself", drift.findings.len())),
                    drift.incident
                )
            });
            format!("watch: {found}{}", drift.unwrap_or_default())
        }
        Event::LeaseTaken { epoch, holder, from } => {
            let from = from.as_ref().map(|from| format!(", after the lease of {from} had run out")).unwrap_or_default();
            format!("lease taken by {holder}, epoch {epoch}{from}")
        }
        Event::InstanceChanged { release, service, what } => format!("{service} of release {release}: {what}"),
        Event::Noted { text } => text.clone(),
    }
}

const fn in_a_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
    }
}

fn observation(what: &Observation) -> String {
    match what {
        Observation::Traffic { release, percent, counts, .. } => {
            let failed = counts.server_errors
                + counts.unreachable
                + counts.unauthorized
                + counts.login_redirects
                + counts.client_errors;
            format!("release {release} at {percent}%: {} requests, {failed} errors", counts.requests)
        }
        Observation::Base { release, counts, rate } => {
            format!("release {release} on record: {} requests at {rate:.1}/s", counts.requests)
        }
        Observation::Check { check, release, answer, .. } => {
            format!(
                "check `{check}` on release {release}: {}, {} ({})",
                in_a_word(answer.verdict),
                answer.seen,
                answer.took
            )
        }
        Observation::Judged { release, metric, errors, requests, against, .. } => {
            format!("release {release}: {errors} {} of {requests} requests, against {against}", metric.label())
        }
        Observation::Missing { source, why } => format!("{source} could not be observed: {why}"),
    }
}
