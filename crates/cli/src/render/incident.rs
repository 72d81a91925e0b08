//! Incidents, for a person and as JSON.

use serde_json::{Value, json};
use sternway_core::event::{Entry, Event};
use sternway_core::time::Timestamp;

use super::line;
use super::moment::with_age;
use super::style::{bad, bold, careful, dim, good};
use crate::report::{self, Report, Restoration, Status, Summary};

/// The list, newest first, and what to type next.
pub(crate) fn list(incidents: &[Summary], known: usize, now: Timestamp) {
    if incidents.is_empty() {
        let resolved = if known == 0 { String::new() } else { format!("; {known} resolved: sternway incident --all") };
        line(&format!("no incident is open{resolved}"));
        return;
    }
    for incident in incidents {
        line(&format!("{}  {}", bold(&format!("{:>3}", incident.incident.0)), incident.title));
        line(&format!("     started {}; {}{}", with_age(incident.started, now), came_to(incident), failed(incident)));
    }
    if let Some(open) = incidents.iter().find(|incident| incident.status != Status::Resolved) {
        let number = open.incident;
        line(&dim(&format!(
            "next: sternway incident show {number}; when it is over: sternway incident resolve {number} --reason TEXT"
        )));
    }
}

/// How far it has come.
pub(crate) fn came_to(incident: &Summary) -> String {
    let after = incident.to_restore.map(|span| format!(" after {span}")).unwrap_or_default();
    match (incident.status, incident.restored) {
        (Status::Resolved, _) => good("resolved"),
        (Status::Open, _) => bad("not restored"),
        (Status::Restored, Some(_)) => format!("restored{after}, {}", careful("not resolved")),
        (Status::Restored, None) => format!("users were served all the time, {}", careful("not resolved")),
    }
}

fn failed(incident: &Summary) -> String {
    match incident.failed_requests {
        Some(1) => "; 1 request failed".to_owned(),
        Some(failed) if failed > 0 => format!("; {failed} requests failed"),
        _ => String::new(),
    }
}

/// One, with what was noted and what to do next.
pub(crate) fn show(record: &Report, notes: &[&Entry], now: Timestamp) {
    let number = record.incident;
    let row = |name: &str, text: &str| line(&format!("  {name:<10}{text}"));
    let moment = |moment: &report::Moment| format!("{}: {}", with_age(moment.at, now), moment.how);
    line(&format!("{}  {}", bold(&format!("incident {number}")), record.title));
    row("status", record.status.label());
    row("started", &moment(&record.started));
    match &record.restored {
        Restoration::At(at) => row("restored", &moment(at)),
        Restoration::NeverLost { why } => row("restored", &format!("users were served all the time: {why}")),
        Restoration::NotRestored { why } => row("restored", &format!("{}: {why}", bad("no"))),
        Restoration::NotRecorded { why } => row("restored", &format!("{}: {why}", careful("not known"))),
    }
    if let Some(resolved) = &record.resolved {
        row("resolved", &moment(resolved));
    }
    row("affected", &affected(record));
    for (first, cause) in record.cause.iter().enumerate() {
        row(if first == 0 { "cause" } else { "" }, &cause.text);
    }
    // What to type next stands below, for now and not for then.
    let production = record.production.split("; next: ").next().unwrap_or_default();
    row("opened", &format!("{}; then: {production}", with_age(record.opened.at, now)));
    for entry in notes {
        if let Event::IncidentUpdated { text, .. } = &entry.event {
            row("note", &format!("{} by {}: {text}", with_age(entry.at, now), entry.by));
        }
    }
    row("next", &format!("sternway report {number}"));
    row("", &format!("sternway incident note {number} TEXT"));
    if record.status != Status::Resolved {
        row("", &format!("sternway incident resolve {number} --reason TEXT"));
    }
}

fn affected(record: &Report) -> String {
    match (record.affected.failed_requests, record.affected.requests) {
        (Some(0), _) => "no request failed, as far as was counted".to_owned(),
        (Some(failed), Some(requests)) => format!("{failed} of {requests} requests failed"),
        (Some(failed), None) => format!("{failed} requests failed"),
        (None, _) => format!("not known; {}", record.affected.method),
    }
}

/// The same as JSON: what `report` says is there; this is what one looks at while it is open.
pub(crate) fn json(record: &Report, notes: &[&Entry]) -> Value {
    let notes: Vec<Value> = notes
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::IncidentUpdated { text, restored, .. } => {
                Some(json!({ "at": entry.at, "by": entry.by, "text": text, "restored": restored, "entry": entry.seq }))
            }
            _ => None,
        })
        .collect();
    json!({
        "format": 1, "incident": record.incident, "title": record.title, "environment": record.environment,
        "status": record.status, "started": record.started, "restored": record.restored, "resolved": record.resolved,
        "opened": record.opened, "production": record.production, "affected": record.affected, "cause": record.cause,
        "notes": notes,
    })
}
