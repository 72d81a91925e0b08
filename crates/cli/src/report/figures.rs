//! The figures of a report in words, the same for every format: pairs of a name and what is to be said.

use sternway_core::plan::PlanKind;
use sternway_core::time::Millis;

use super::model::{ReleaseSeen, Report, Restoration};
use super::prose::cite;
use super::words::{count, date_time, outcome, percent, span};

const UNKNOWN: &str = "not known";

/// What stands at the top: where, what and when.
pub(super) fn head(report: &Report) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Status", report.status.label().to_owned()), ("Date", report.date.clone())];
    let environment =
        report.environment.as_ref().map_or("the project as a whole".to_owned(), |name| format!("`{name}`"));
    rows.push(("Environment", environment));
    match &report.rollout {
        Some(rollout) => {
            let ended = rollout.outcome.map_or("not closed yet", outcome);
            let kind = if rollout.kind == PlanKind::Rollback { "rollback, " } else { "" };
            rows.push(("Rollout", format!("{} ({kind}{ended})", rollout.number)));
            rows.push(("From", rollout.from.as_ref().map_or("nothing served before".to_owned(), release)));
            rows.push(("To", release(&rollout.to)));
        }
        None => rows.push(("Rollout", "none".to_owned())),
    }
    rows
}

fn release(release: &ReleaseSeen) -> String {
    let origin = if release.origin.is_empty() { String::new() } else { format!(" ({})", release.origin) };
    let bad = if release.bad { ", marked bad" } else { "" };
    format!("release {}{origin}{bad}", release.number)
}

/// One moment of the incident.
pub(super) struct When {
    /// Its name.
    pub(super) name: &'static str,
    /// Date and time, or why there is none.
    pub(super) at: String,
    /// The time that passed since it started, where that can be told.
    pub(super) after: String,
    /// How it is known.
    pub(super) how: String,
    /// The entry that says so.
    pub(super) cite: String,
}

/// The moments, in order.
pub(super) fn moments(report: &Report) -> Vec<When> {
    let durations = &report.durations;
    let row = |name, moment: &super::model::Moment, after: Option<Millis>| When {
        name,
        at: date_time(moment.at),
        after: after.map_or_else(|| "-".to_owned(), |after| format!("+{}", span(after))),
        how: moment.how.clone(),
        cite: cite(&[moment.entry]),
    };
    let none = |name, at: &str, how: &str| When {
        name,
        at: at.to_owned(),
        after: "-".to_owned(),
        how: how.to_owned(),
        cite: "-".to_owned(),
    };
    vec![
        row("Started", &report.started, None),
        report.detected.as_ref().map_or_else(
            || none("Detected", UNKNOWN, "no entry says what decided"),
            |moment| row("Detected", moment, durations.to_detect),
        ),
        match &report.restored {
            Restoration::At(moment) => row("Stability restored", moment, durations.to_restore),
            Restoration::NeverLost { why } => none("Stability restored", "never lost", why),
            Restoration::NotRestored { why } => none("Stability restored", "not restored", why),
            Restoration::NotRecorded { why } => none("Stability restored", UNKNOWN, why),
        },
        report.resolved.as_ref().map_or_else(
            || none("Resolved", "open", "nobody has resolved it yet"),
            |moment| row("Resolved", moment, durations.to_resolve),
        ),
    ]
}

/// Who was affected and how often.
pub(super) fn affected(report: &Report) -> Vec<(&'static str, String)> {
    let affected = &report.affected;
    let frequency = &report.frequency;
    let number = |figure: Option<u64>| figure.map_or_else(|| UNKNOWN.to_owned(), |figure| figure.to_string());
    let failed = match (affected.failed_requests, affected.requests) {
        (Some(0), Some(0)) => "none: no request reached the failing release".to_owned(),
        (Some(failed), Some(requests)) => format!("{failed} of {}", count(requests, "request")),
        (failed, _) => number(failed),
    };
    let clients = match affected.clients {
        Some(0) | None => number(affected.clients),
        Some(clients) => format!("at least {clients}"),
    };
    let mut rows = vec![("Failed requests", failed), ("Clients", clients)];
    let lasted = affected.span.map(span);
    rows.extend(lasted.map(|lasted| ("First to last failure", lasted)));
    let share = frequency.share.map(|share| format!("{} of the failing release's requests", percent(share)));
    let rate = frequency.per_second.map(|rate| format!("{rate:.1} a second while it lasted"));
    let often: Vec<String> = share.into_iter().chain(rate).collect();
    if !often.is_empty() {
        rows.push(("Frequency", often.join("; ")));
    }
    rows.extend(frequency.percent.map(|percent| ("Share of traffic", format!("at most {percent}% was given to it"))));
    rows.extend(frequency.expected.map(|expected| {
        (
            "To be expected",
            format!("about {expected:.1} of as many requests, by the record of the release that served before"),
        )
    }));
    rows.push(("Method", affected.method.clone()));
    if !affected.not_included.is_empty() {
        rows.push(("Not included", affected.not_included.join("; ")));
    }
    if !affected.entries.is_empty() {
        rows.push(("Entries", cite_run(&affected.entries)));
    }
    rows
}

/// Entries with runs drawn together: `#3-#9, #12`.
pub(super) fn cite_run(entries: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut sorted = entries.to_vec();
    sorted.sort_unstable();
    for seq in sorted {
        match runs.last_mut() {
            Some((_, last)) if last.saturating_add(1) >= seq => *last = seq,
            _ => runs.push((seq, seq)),
        }
    }
    let text = runs
        .into_iter()
        .map(|(first, last)| if first == last { format!("#{first}") } else { format!("#{first}-#{last}") });
    text.collect::<Vec<_>>().join(", ")
}

/// The entries of a line of the timeline.
pub(super) fn cite_line(line: &super::model::Line) -> String {
    if line.first == line.last { format!("#{}", line.first) } else { format!("#{}-#{}", line.first, line.last) }
}
