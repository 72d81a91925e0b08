//! Configuration of environments beside each other.

use std::fmt::Write as _;

use sternway_config::Provenance;
use sternway_config::table::{Cell, Relation, Row};
use sternway_core::ids::EnvironmentName;

use super::{line, style};

/// One line a key: environments with the same letter have the same value.
pub(crate) fn table(rows: &[Row], environments: &[EnvironmentName], unseen: &[String], same: usize) {
    let subject = |row: &Row| format!("{}:{}", row.service, row.key);
    let widest = rows.iter().map(|row| subject(row).chars().count()).max().unwrap_or(0).max(3);
    let width = |name: &EnvironmentName| name.as_str().len().max(9);
    if !rows.is_empty() {
        let mut head = format!("{:<widest$}", "key");
        for name in environments {
            let _infallible = write!(head, "  {:<1$}", name.as_str(), width(name));
        }
        line(&style::dim(head.trim_end()));
    }
    for row in rows {
        let mut text = format!("{:<widest$}", subject(row));
        for name in environments {
            let (word, painted) = match row.cells.get(name) {
                None | Some(Cell::Unseen { .. }) => ("not seen".to_owned(), style::dim("not seen")),
                Some(Cell::Missing) => ("missing".to_owned(), style::careful("missing")),
                Some(Cell::Unknown { .. }) => ("unknown".to_owned(), style::careful("unknown")),
                Some(Cell::Set { group, shape, .. }) => {
                    let word = if shape.is_no_value() { format!("{group} !") } else { group.to_string() };
                    (word.clone(), word)
                }
            };
            let room = width(name).saturating_sub(word.chars().count());
            let _infallible = write!(text, "  {painted}{}", " ".repeat(room));
        }
        line(text.trim_end());
        for relation in &row.relations {
            line(&style::dim(&format!("  {}", in_words(relation))));
        }
    }
    for text in unseen {
        line(&style::careful(text));
    }
    let words = match (rows.len(), same) {
        (0, 0) => "no configuration is declared".to_owned(),
        (0, same) => format!("{same} keys, the same everywhere"),
        (rows, same) => format!("{rows} keys shown, {same} the same everywhere; the same letter is the same value"),
    };
    line(&style::dim(&words));
}

/// Where one key comes from in each environment: the layers in their order, the last one counts.
pub(crate) fn explained(rows: &[Row], unseen: &[String]) {
    for row in rows {
        line(&format!("{}:{}", row.service, row.key));
        for (name, cell) in &row.cells {
            match cell {
                Cell::Missing => line(&format!("  {name}: not set")),
                Cell::Unseen { why } => line(&format!("  {name}: not seen: {why}")),
                Cell::Unknown { why, provenance, overridden } => {
                    line(&format!("  {name}: only known when the program runs: {why}"));
                    layers(provenance, overridden);
                }
                Cell::Set { group, shape, secret, provenance, overridden } => {
                    let secret = if *secret { ", a secret" } else { "" };
                    line(&format!("  {name}: value {group}, {shape}{secret}"));
                    layers(provenance, overridden);
                }
            }
        }
        for relation in &row.relations {
            line(&format!("  {}", in_words(relation)));
        }
    }
    for text in unseen {
        line(&style::careful(text));
    }
}

/// How two connections relate: `production and staging: password differs; server, database, user the same`.
fn in_words(relation: &Relation) -> String {
    let group = |words: &[&str], said: &str| (!words.is_empty()).then(|| format!("{} {said}", words.join(", ")));
    let said = [
        group(&relation.differ, if relation.differ.len() == 1 { "differs" } else { "differ" }),
        group(&relation.unknown, "cannot be told"),
        group(&relation.same, "the same"),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let said = if said.is_empty() { "nothing that can be told".to_owned() } else { said.join("; ") };
    format!("{} and {}: {said}", relation.one, relation.other)
}

fn layers(provenance: &Provenance, overridden: &[Provenance]) {
    for earlier in overridden {
        line(&style::dim(&format!("    set at      {}  by {}, overridden", earlier.place(), earlier.layer)));
    }
    line(&format!("    counts      {}  by {}", provenance.place(), provenance.layer));
}

/// The same as JSON.
pub(crate) fn json(rows: &[Row], environments: &[EnvironmentName], unseen: &[String]) {
    let at = |provenance: &Provenance| {
        serde_json::json!({
            "file": &*provenance.file, "line": provenance.line, "column": provenance.column, "layer": &*provenance.layer,
        })
    };
    let cell = |cell: &Cell| match cell {
        Cell::Missing => serde_json::json!({ "state": "missing" }),
        Cell::Unseen { why } => serde_json::json!({ "state": "unseen", "why": why }),
        Cell::Unknown { why, provenance, overridden } => serde_json::json!({
            "state": "unknown", "why": why, "set": at(provenance), "overridden": overridden.iter().map(at).collect::<Vec<_>>(),
        }),
        Cell::Set { group, shape, secret, provenance, overridden } => serde_json::json!({
            "state": "set", "group": group, "shape": shape.to_string(), "secret": secret, "set": at(provenance),
            "overridden": overridden.iter().map(at).collect::<Vec<_>>(),
        }),
    };
    let relation = |relation: &Relation| {
        serde_json::json!({
            "one": relation.one, "other": relation.other, "verdict": relation.verdict.name(), "differ": relation.differ,
            "same": relation.same, "unknown": relation.unknown,
        })
    };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let cells: serde_json::Map<String, serde_json::Value> =
                row.cells.iter().map(|(name, one)| (name.to_string(), cell(one))).collect();
            let relations: Vec<_> = row.relations.iter().map(relation).collect();
            serde_json::json!({
                "service": row.service, "key": row.key, "same": row.is_same(), "environments": cells, "connections": relations,
            })
        })
        .collect();
    super::json(&serde_json::json!({ "format": 1, "environments": environments, "keys": rows, "not_seen": unseen }));
}
