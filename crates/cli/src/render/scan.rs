//! What a scan found: for a person by rule, with each line; in JSON as it is documented; and as other findings are for other tools.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sternway_compat::{Confidence, FilePatch, Fixes, Needs, Problem, Report, Version};
use sternway_core::finding::{Finding, Severity};

use super::findings::{Told, counted};
use super::{line, places, style};
use crate::args::Format;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) target: Version,
    pub(crate) source: Option<Version>,
}

/// A problem, and the finding with the place as it can be opened.
#[derive(Debug, Clone)]
pub(crate) struct Shown<'r> {
    pub(crate) problem: &'r Problem,
    pub(crate) finding: Finding,
}

/// Numbers beside the findings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    /// Left out because they are not sure enough.
    pub(crate) unsure: usize,
    /// Left out because the baseline accepts them.
    pub(crate) accepted: usize,
    pub(crate) seconds: f64,
}

/// All that was found, in one format. `more` is what there is to say about the baseline.
pub(crate) fn all(
    shown: &[Shown<'_>],
    more: &[Finding],
    report: &Report,
    asked: Asked,
    counts: Counts,
    format: Format,
) {
    let what = summary(report, asked, counts);
    match format {
        Format::Human => human(shown, more, &what),
        Format::Json => super::json(&json(shown, report, asked, counts)),
        other => {
            let findings: Vec<Finding> = shown.iter().map(|shown| &shown.finding).chain(more).cloned().collect();
            super::findings::all(&findings, other, &Told { what: &what, unknown: &[], fixed: None, from: None });
        }
    }
}

fn json(shown: &[Shown<'_>], report: &Report, asked: Asked, counts: Counts) -> serde_json::Value {
    let findings: Vec<_> = shown
        .iter()
        .map(|Shown { problem, finding }| {
            let places: Vec<_> = finding.places.iter().map(places::shown).collect();
            serde_json::json!({
                "code": finding.code, "severity": finding.severity, "places": places, "message": finding.message,
                "hint": finding.hint, "source": problem.source, "rule": problem.rule, "confidence": problem.confidence,
            })
        })
        .collect();
    serde_json::json!({
        "format": 1, "php": asked.target, "from": asked.source, "findings": findings,
        "files": report.files, "bytes": report.bytes, "seconds": (counts.seconds * 1000.0).round() / 1000.0,
        "binary": report.binary, "cached": report.cached, "accepted": counts.accepted, "unsure": counts.unsure,
        "needs": report.needs,
    })
}

/// What was scanned and what the code needs, in words.
fn summary(report: &Report, asked: Asked, counts: Counts) -> String {
    let mut out = format!(
        "{} with {:.1} MB in {:.1} s for PHP {}",
        counted(report.files, "file"),
        report.bytes as f64 / 1e6,
        counts.seconds,
        asked.target
    );
    if let Some(source) = asked.source {
        let _infallible = write!(out, " from {source}");
    }
    let mut more = |count: usize, what: &str| {
        if count > 0 {
            let _infallible = write!(out, "; {count} {what}");
        }
    };
    more(report.binary, "left out that are no text");
    more(counts.unsure, "guessed and not shown (--min-confidence low)");
    more(counts.accepted, "accepted by the baseline");
    format!("{out}; {}", needs(report.needs))
}

/// On which versions the code runs.
fn needs(needs: Needs) -> String {
    match (needs.lowest, needs.highest) {
        (None, _) => "the code as it is runs on no version as a whole".to_owned(),
        (Some(lowest), None) => format!("the code needs PHP {lowest} or later"),
        (Some(lowest), Some(highest)) if lowest == highest => format!("the code runs on PHP {lowest} alone"),
        (Some(lowest), Some(highest)) => format!("the code runs on PHP {lowest} to {highest}"),
    }
}

fn human(shown: &[Shown<'_>], more: &[Finding], what: &str) {
    let mut files = Files::default();
    for group in groups(shown) {
        line(text(&group, &mut files).trim_end());
        line("");
    }
    for finding in more {
        line(super::findings::one(finding).trim_end());
    }
    let count = |severity| shown.iter().filter(|shown| shown.finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let verdict = if errors > 0 { style::bad("blocked") } else { style::good("passes") };
    line(&format!("{verdict}: {}, {}; scanned: {what}", counted(errors, "error"), counted(warnings, "warning")));
}

/// A file's name in a patch: as `git apply` reads it, from the top of the repository that the reader is in; outside of one, from the reader's
/// folder.
pub(crate) fn name_for_git(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let top = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here);
    let settled = places::settled(file);
    let inside = settled.strip_prefix(top).unwrap_or(&settled);
    inside.to_string_lossy().trim_start_matches('/').to_owned()
}

/// A patch, and beside it what it does not do.
pub(crate) fn fixes(fixes: &Fixes, name: impl Fn(&str) -> String) {
    for patch in &fixes.patches {
        super::bytes(&whole(patch, &name));
    }
    let places: usize = fixes.patches.iter().map(|patch| patch.places).sum();
    let files = counted(fixes.patches.len(), "file");
    super::say(&format!("a patch for {} in {files}; nothing was changed", counted(places, "place")));
    if fixes.left > 0 {
        super::say(&format!("left to a person: {}", counted(fixes.left, "finding")));
    }
    for line in &fixes.plan {
        super::say(&format!("  {line}"));
    }
}

/// The same as JSON.
pub(crate) fn fixes_json(fixes: &Fixes, name: impl Fn(&str) -> String) {
    let patch: String =
        fixes.patches.iter().map(|patch| String::from_utf8_lossy(&whole(patch, &name)).into_owned()).collect();
    let places: usize = fixes.patches.iter().map(|patch| patch.places).sum();
    super::json(&serde_json::json!({
        "format": 1, "patch": patch, "files": fixes.patches.len(), "places": places, "left": fixes.left, "plan": fixes.plan,
    }));
}

fn whole(patch: &FilePatch, name: impl Fn(&str) -> String) -> Vec<u8> {
    let name = name(&patch.file);
    let mut out = format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n").into_bytes();
    out.extend_from_slice(&patch.hunks);
    out
}

/// Problems of one rule together, errors first.
fn groups<'s, 'r>(shown: &'s [Shown<'r>]) -> Vec<Vec<&'s Shown<'r>>> {
    let mut groups: Vec<Vec<&Shown<'_>>> = Vec::new();
    let mut known: HashMap<(&str, &str, Severity), usize> = HashMap::new();
    for one in shown {
        let key = (one.problem.code.as_str(), one.problem.rule.as_str(), one.problem.severity);
        let number = *known.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[number].push(one);
    }
    groups.sort_by_key(|group| group.first().map(|one| std::cmp::Reverse(one.problem.severity)));
    groups
}

fn text(group: &[&Shown<'_>], files: &mut Files) -> String {
    let Some(first) = group.first() else { return String::new() };
    let problem = first.problem;
    let painted = match problem.severity {
        Severity::Error => style::bad("error"),
        Severity::Warning => style::careful("warning"),
        Severity::Note => style::dim("note"),
    };
    let mut out = format!("{painted}[{}]: {}\n", problem.code, problem.message);
    let mut row = |name: &str, text: &str| {
        if !text.is_empty() {
            let _infallible = writeln!(out, "  {:<12}{text}", format!("{name}:"));
        }
    };
    row("hint", &problem.hint);
    row("see", &problem.source);
    for one in group {
        let Some(place) = one.finding.places.first() else { continue };
        let unsure = match one.problem.confidence {
            Confidence::High => "",
            Confidence::Medium => " (likely)",
            Confidence::Low => " (guessed)",
        };
        let _infallible = writeln!(out, "  {:<12}{}{unsure}", "at:", places::shown(place));
        if one.problem.message != problem.message {
            let _infallible = writeln!(out, "  {:<12}{}", "", one.problem.message);
        }
        out.push_str(&files.marked(&place.file, place.line, place.column));
    }
    out
}

/// The last file that lines were shown of.
#[derive(Default)]
struct Files {
    name: String,
    lines: Vec<String>,
}

/// Longer lines are cut around the place.
const WIDEST: usize = 120;

impl Files {
    /// A line with a caret under a column; nothing when the file is not there any more.
    fn marked(&mut self, file: &str, number: u32, column: u32) -> String {
        if number == 0 {
            return String::new();
        }
        if self.name != file {
            file.clone_into(&mut self.name);
            let bytes = fs::read(file).unwrap_or_default();
            self.lines = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        }
        let Some(text) = self.lines.get(number as usize - 1) else { return String::new() };
        let at = column.saturating_sub(1) as usize;
        let from = at.saturating_sub(WIDEST / 2);
        let cut: String = text.chars().skip(from).take(WIDEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let bar = style::dim("|");
        format!("{number:>8} {bar} {}\n{:>8} {bar} {}^\n", cut.trim_end(), "", " ".repeat(at - from))
    }
}
