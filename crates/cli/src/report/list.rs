//! The incidents that the logbook knows, newest first.

use serde::Serialize;
use sternway_core::event::{Entry, Event};
use sternway_core::ids::{EnvironmentName, IncidentNumber};
use sternway_core::time::{Millis, Timestamp};

use super::facts::gather;
use super::model::{FORMAT, Restoration, Status};
use super::prose::one_line;
use super::words::{date_time, span};

/// One incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// Its number.
    pub(crate) incident: IncidentNumber,
    /// One line.
    pub(crate) title: String,
    /// Where.
    pub(crate) environment: Option<EnvironmentName>,
    /// Whether it is over.
    pub(crate) status: Status,
    /// First failing observation.
    pub(crate) started: Timestamp,
    /// When users were served well again, if that is known.
    pub(crate) restored: Option<Timestamp>,
    /// From the first failing observation to stability, where that can be told.
    pub(crate) to_restore: Option<Millis>,
    /// Failed requests, if they were counted.
    pub(crate) failed_requests: Option<u64>,
}

/// The newest incident: the one with the highest number.
pub(crate) fn newest(entries: &[Entry]) -> Option<IncidentNumber> {
    entries.iter().filter_map(opened).max()
}

fn opened(entry: &Entry) -> Option<IncidentNumber> {
    match entry.event {
        Event::IncidentOpened { incident, .. } => Some(incident),
        _ => None,
    }
}

/// All incidents, newest first.
pub(crate) fn list(entries: &[Entry]) -> Vec<Summary> {
    let mut numbers: Vec<IncidentNumber> = entries.iter().filter_map(opened).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.reverse();
    summaries(entries, numbers)
}

/// These incidents, in this order.
pub(crate) fn summaries(entries: &[Entry], numbers: Vec<IncidentNumber>) -> Vec<Summary> {
    numbers
        .into_iter()
        .filter_map(|number| gather(entries, number))
        .map(|report| Summary {
            incident: report.incident,
            title: report.title,
            environment: report.environment,
            status: report.status,
            started: report.started.at,
            restored: match report.restored {
                Restoration::At(moment) => Some(moment.at),
                _ => None,
            },
            to_restore: report.durations.to_restore,
            failed_requests: report.affected.failed_requests,
        })
        .collect()
}

/// The list for a terminal, one line an incident.
pub(crate) fn list_text(summaries: &[Summary]) -> String {
    if summaries.is_empty() {
        return "No incident was ever opened.\n".to_owned();
    }
    let line = |summary: &Summary| {
        let environment = summary.environment.as_ref().map_or("-", |name| name.as_str());
        let lasted = summary.to_restore.map(span).map(|span| format!(" after {span}")).unwrap_or_default();
        format!(
            "{:>4}  {}  {environment:<12}  {}{lasted}: {}\n",
            summary.incident.0,
            date_time(summary.started),
            summary.status.label(),
            one_line(&summary.title)
        )
    };
    summaries.iter().map(line).collect()
}

/// The list as JSON: `{"format":1,"incidents":[...]}`, each with the fields of [`Summary`].
pub(crate) fn list_json(summaries: &[Summary]) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct List<'a> {
        format: u32,
        incidents: &'a [Summary],
    }
    serde_json::to_string_pretty(&List { format: FORMAT, incidents: summaries })
}
