//! The register of production-only values: for a person, and as JSON. Never a value.

use serde_json::json;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::register::{Accepted, Standing};
use sternway_core::time::Timestamp;

use super::moment::with_age;
use super::{line, style};

/// One entry.
pub(crate) struct Row<'a> {
    pub(crate) environment: &'a EnvironmentName,
    pub(crate) service: &'a ServiceName,
    pub(crate) key: &'a str,
    pub(crate) accepted: &'a Accepted,
    pub(crate) standing: Standing,
}

/// A table, with what has expired told apart.
pub(crate) fn table(entries: &[Row<'_>], now: Timestamp) {
    if entries.is_empty() {
        line("the register is empty: nobody answers for a value that only production has");
        return;
    }
    let cells: Vec<[String; 5]> = entries.iter().map(|entry| cells(entry, now)).collect();
    let heads = ["key", "owner", "reason", "expires", "accepted by"].map(str::to_owned);
    let width =
        |column: usize| cells.iter().chain([&heads]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2), width(3)];
    let text = |row: &[String; 5]| {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}  {}", padded.join("  "), row[4])
    };
    line(&style::bold(&text(&heads)));
    for (entry, row) in entries.iter().zip(&cells) {
        let text = text(row);
        line(&match entry.standing {
            Standing::Accepted => text,
            Standing::Expired => style::careful(&text),
            Standing::Lapsed => style::bad(&text),
        });
    }
}

fn cells(entry: &Row<'_>, now: Timestamp) -> [String; 5] {
    let accepted = entry.accepted;
    let expires = match (accepted.until, entry.standing) {
        (None, _) => "never".to_owned(),
        (Some(until), Standing::Lapsed) => format!("{}: blocks", with_age(until, now)),
        (Some(until), _) => with_age(until, now),
    };
    let key = format!("{} {}:{}", entry.environment, entry.service, entry.key);
    [
        key,
        accepted.owner.clone(),
        accepted.reason.clone(),
        expires,
        format!("{}, {}", accepted.by, with_age(accepted.at, now)),
    ]
}

/// One document.
pub(crate) fn json(entries: &[Row<'_>]) {
    let one = |entry: &Row<'_>| {
        json!({
            "environment": entry.environment, "service": entry.service, "key": entry.key, "owner": entry.accepted.owner,
            "reason": entry.accepted.reason, "until": entry.accepted.until, "by": entry.accepted.by, "at": entry.accepted.at,
            "standing": entry.standing,
        })
    };
    super::json(&json!({ "format": 1, "register": entries.iter().map(one).collect::<Vec<_>>() }));
}
