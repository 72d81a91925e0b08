//! What `check --fix` wrote, would write, or could not.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{places, style};
use crate::fix::{Fixed, Gap, Written};

/// Lines for a person.
pub(crate) fn lines(fixed: &Fixed) -> Vec<String> {
    let mut lines = if fixed.dry { diff(fixed) } else { fixed.written.iter().map(written).collect() };
    for (gap, place) in &fixed.there {
        lines.push(format!("there already {}  {}", places::shown(place), named(gap)));
    }
    for (gap, why) in &fixed.not_written {
        lines.push(format!("{} {}: {why}", style::careful("not written"), named(gap)));
    }
    let count = fixed.written.len();
    let mut files: Vec<&str> = fixed.written.iter().map(|one| one.place.file.as_str()).collect();
    files.dedup();
    let noun = |count: usize, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    lines.push(match (count, fixed.dry) {
        (0, _) => "fix: nothing to write".to_owned(),
        (_, true) => format!("fix: {} would be written to {}", noun(count, "placeholder"), noun(files.len(), "file")),
        (_, false) => format!(
            "fix: {} written to {}; each waits for a value, nothing reads a comment",
            noun(count, "placeholder"),
            noun(files.len(), "file")
        ),
    });
    lines
}

fn named(gap: &Gap) -> String {
    format!("{}:{} in {}", gap.service, gap.key, gap.environment)
}

fn written(one: &Written) -> String {
    let like = one.like.as_ref().map(|like| format!(", as in {}", places::shown(like))).unwrap_or_default();
    let text = one.text.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" / ");
    format!("{} {}  {text}  ({}{like})", style::good("wrote"), places::shown(&one.place), named(&one.gap))
}

/// A unified diff without context: other lines of the file may hold values.
fn diff(fixed: &Fixed) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut file, mut before) = ("", 0);
    for one in &fixed.written {
        if one.place.file != file {
            (file, before) = (&one.place.file, 0);
            let shown = places::shown(&one.place).file;
            lines.extend([style::bold(&format!("--- {shown}")), style::bold(&format!("+++ {shown}"))]);
        }
        let count = u32::try_from(one.text.len()).unwrap_or(u32::MAX);
        let mut head = format!("@@ -{},0 +{}", one.place.line.saturating_sub(1).saturating_sub(before), one.place.line);
        if count != 1 {
            let _infallible = write!(head, ",{count}");
        }
        lines.push(style::dim(&format!("{head} @@")));
        lines.extend(one.text.iter().map(|line| style::good(&format!("+{line}"))));
        before += count;
    }
    lines
}

/// The same as JSON.
pub(crate) fn json(fixed: &Fixed) -> Value {
    let gap = |gap: &Gap| json!({ "environment": gap.environment, "service": gap.service, "key": gap.key });
    let with = |gap_of: &Gap, more: Value| {
        let mut value = gap(gap_of);
        if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
            value.extend(more);
        }
        value
    };
    let written: Vec<Value> = fixed
        .written
        .iter()
        .map(|one| {
            let place = places::shown(&one.place);
            let like = one.like.as_ref().map(places::shown);
            with(&one.gap, json!({ "file": place.file, "line": place.line, "text": one.text, "like": like }))
        })
        .collect();
    let there: Vec<Value> = fixed
        .there
        .iter()
        .map(|(gap, place)| {
            let place = places::shown(place);
            with(gap, json!({ "file": place.file, "line": place.line }))
        })
        .collect();
    let not: Vec<Value> = fixed.not_written.iter().map(|(gap, why)| with(gap, json!({ "why": why }))).collect();
    json!({ "dry_run": fixed.dry, "written": written, "there": there, "not_written": not })
}
