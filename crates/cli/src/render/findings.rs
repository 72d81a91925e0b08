//! Findings: for a person, and in the formats that CI systems read.

use std::fmt::Write as _;

use sternway_core::finding::{Finding, Place, Severity};

use super::{fix, line, places, style};
use crate::args::Format;
use crate::fix::Fixed;

/// What is told beside the findings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    /// What was checked, in words.
    pub(crate) what: &'a str,
    /// What could not be told, and why.
    pub(crate) unknown: &'a [String],
    /// What was written, when that was wanted.
    pub(crate) fixed: Option<&'a Fixed>,
    /// Who proved live, where that was wanted: `agent` or `command`.
    pub(crate) from: Option<&'a str>,
}

/// All findings in one format, with what was checked.
pub(crate) fn all(findings: &[Finding], format: Format, told: &Told<'_>) {
    let findings = &places::all_shown(findings);
    match format {
        Format::Human => human(findings, told),
        Format::Json => super::json(&json(findings, told)),
        Format::Sarif => super::json(&sarif(findings)),
        Format::Junit => line(&junit(findings, told.what)),
        Format::Checkstyle => line(&super::checkstyle::text(findings)),
        Format::Github => findings.iter().for_each(|finding| line(&github(finding))),
    }
    // The other formats have no place for it, and whoever typed it is to see it all the same.
    if let (Some(fixed), Format::Sarif | Format::Junit | Format::Checkstyle | Format::Github) = (told.fixed, format) {
        for text in fix::lines(fixed) {
            super::say(&text);
        }
    }
}

fn json(findings: &[Finding], told: &Told<'_>) -> serde_json::Value {
    let mut document = serde_json::json!({
        "format": 1, "checked": told.what, "unknown": told.unknown, "findings": findings,
    });
    if let Some(fixed) = told.fixed {
        document["fix"] = fix::json(fixed);
    }
    if let Some(from) = told.from {
        document["proven_from"] = from.into();
    }
    document
}

/// So many of what could not be told are named to a person.
const NAMED: usize = 5;

fn human(findings: &[Finding], told: &Told<'_>) {
    let what = told.what;
    for finding in findings {
        line(text(finding).trim_end());
    }
    for why in told.unknown.iter().take(NAMED) {
        line(&style::dim(&format!("unknown: {why}")));
    }
    if let more @ 1.. = told.unknown.len().saturating_sub(NAMED) {
        line(&style::dim(&format!("unknown: {more} more; --json names them all")));
    }
    if let Some(fixed) = told.fixed {
        for text in fix::lines(fixed) {
            line(&text);
        }
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let verdict = if errors > 0 { style::bad("blocked") } else { style::good("passes") };
    let summary = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
    line(&format!("{verdict}: {summary}; checked: {what}"));
}

/// `1 error`, `2 errors`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// One finding for a person: what, where, what to do.
pub(crate) fn one(finding: &Finding) -> String {
    places::all_shown(std::slice::from_ref(finding)).iter().map(text).collect()
}

/// The same for one whose places are shown already.
fn text(finding: &Finding) -> String {
    let (word, painted) = match finding.severity {
        Severity::Error => ("error", style::bad("error")),
        Severity::Warning => ("warning", style::careful("warning")),
        Severity::Note => ("note", style::dim("note")),
    };
    debug_assert!(!word.is_empty());
    let mut out = format!("{painted}[{}]: {}: {}\n", finding.code, finding.subject, finding.message);
    for place in &finding.places {
        let _infallible = writeln!(out, "  {:<12}{place}", "at:");
    }
    if !finding.hint.is_empty() {
        let _infallible = writeln!(out, "  {:<12}{}", "hint:", finding.hint);
    }
    out
}

fn first_place(finding: &Finding) -> Option<&Place> {
    finding.places.first()
}

/// SARIF 2.1.0 (OASIS), as code-scanning services read it.
fn sarif(findings: &[Finding]) -> serde_json::Value {
    let results: Vec<_> = findings
        .iter()
        .map(|finding| {
            let level = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let locations: Vec<_> = finding
                .places
                .iter()
                .map(|place| {
                    let region = (place.line > 0)
                        .then(|| serde_json::json!({ "startLine": place.line, "startColumn": place.column.max(1) }));
                    let mut physical = serde_json::json!({ "artifactLocation": { "uri": place.file } });
                    if let Some(region) = region {
                        physical["region"] = region;
                    }
                    serde_json::json!({ "physicalLocation": physical })
                })
                .collect();
            serde_json::json!({
                "ruleId": finding.code,
                "level": level,
                "message": { "text": format!("{}: {}", finding.subject, finding.message) },
                "locations": locations,
            })
        })
        .collect();
    serde_json::json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "sternway", "version": env!("CARGO_PKG_VERSION") } },
            "results": results,
        }],
    })
}

fn junit(findings: &[Finding], what: &str) -> String {
    let failures = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = findings.len() + 1;
    let _infallible = writeln!(out, "<testsuite name=\"sternway check\" tests=\"{tests}\" failures=\"{failures}\">");
    let _infallible = writeln!(out, "  <testcase name=\"{}\"/>", xml(&format!("checked: {what}")));
    for finding in findings {
        let name = xml(&format!("{} {}", finding.code, finding.subject));
        let place = first_place(finding).map(|place| format!(" at {place}")).unwrap_or_default();
        let text = xml(&format!("{}{place}", finding.message));
        let _infallible = if finding.severity == Severity::Error {
            writeln!(
                out,
                "  <testcase name=\"{name}\"><failure message=\"{text}\">{}</failure></testcase>",
                xml(&finding.hint)
            )
        } else {
            writeln!(out, "  <testcase name=\"{name}\"><system-out>{text}</system-out></testcase>")
        };
    }
    out.push_str("</testsuite>");
    out
}

pub(super) fn xml(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    })
}

/// GitHub's workflow commands.
fn github(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let property = |text: &str| {
        text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace(':', "%3A").replace(',', "%2C")
    };
    let place = first_place(finding)
        .map(|place| format!("file={},line={},col={},", property(&place.file), place.line.max(1), place.column.max(1)))
        .unwrap_or_default();
    let message = format!("{}: {}. {}", finding.subject, finding.message, finding.hint);
    let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    format!("::{level} {place}title={}::{message}", property(&finding.code))
}
