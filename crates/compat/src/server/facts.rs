//! The table of Apache's configuration: `facts/apache.tsv`, whose header says what its columns mean.

use std::sync::OnceLock;

use sternway_core::finding::Severity;

use crate::version::Version;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What an `<IfModule>` names.
    Container,
    Directive,
    /// What `LoadModule` names, without `_module`.
    Module,
    /// An argument of a directive.
    Value,
}

/// Under which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// The version is PHP's.
    Php,
    /// This module is not loaded.
    Without(&'static str),
    /// Some arguments have a sign, others not.
    Mixed,
    Count(usize),
    Word(&'static str),
    NoWord(&'static str),
    Contains(&'static str),
}

/// One fact.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) when: When,
    /// Of Apache; of PHP when it is 5.0 or later.
    pub(super) version: (u8, u8),
    pub(super) effect: &'static str,
    pub(super) message: &'static str,
    pub(super) replacement: &'static str,
    pub(super) source: &'static str,
}

impl Row {
    /// Whether it holds on this version of PHP, with the Apache that every distribution has.
    pub(super) fn is_reached(&self, target: Version) -> bool {
        let of_php = self.version.0 >= 5;
        !of_php || Version::new(self.version.0, self.version.1) <= target
    }

    /// How much it weighs; `None` when there is nothing to say.
    pub(super) fn severity(&self) -> Option<Severity> {
        match self.effect {
            "removed" | "error" => Some(Severity::Error),
            "deprecated" | "changed" => Some(Severity::Warning),
            _ => None,
        }
    }
}

/// All rows, by kind and name.
pub(super) fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| text_rows().filter_map(row).collect())
}

fn text_rows() -> impl Iterator<Item = &'static str> {
    include_str!("../../facts/apache.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn row(line: &'static str) -> Option<Row> {
    let columns: Vec<&'static str> = line.split('\t').collect();
    let [kind, name, when, version, effect, message, replacement, source] = columns[..] else { return None };
    let (major, minor) = version.split_once('.')?;
    let words = |text: &'static str| if text == "-" { "" } else { text };
    let known = ["added", "changed", "deprecated", "error", "removed"].contains(&effect);
    if !known || !source.starts_with("https://") || message.is_empty() || replacement.is_empty() {
        return None;
    }
    Some(Row {
        kind: match kind {
            "container" => Kind::Container,
            "directive" => Kind::Directive,
            "module" => Kind::Module,
            "value" => Kind::Value,
            _ => return None,
        },
        name,
        when: when_of(when)?,
        version: (major.parse().ok()?, minor.parse().ok()?),
        effect,
        message: words(message),
        replacement: words(replacement),
        source,
    })
}

fn when_of(text: &'static str) -> Option<When> {
    match text {
        "-" => return Some(When::Always),
        "php" => return Some(When::Php),
        "mixed" => return Some(When::Mixed),
        _ => {}
    }
    if let Some(module) = text.strip_prefix("without:") {
        return Some(When::Without(module));
    }
    if let Some(count) = text.strip_prefix("args=") {
        return count.parse().ok().map(When::Count);
    }
    let rest = text.strip_prefix("word")?;
    let word = rest.strip_prefix('=').map(When::Word);
    word.or_else(|| rest.strip_prefix("!=").map(When::NoWord)).or_else(|| rest.strip_prefix('~').map(When::Contains))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_stands_in_order() {
        let mut before: Option<[&str; 4]> = None;
        for line in text_rows() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [kind, name, when, version, ..] = columns[..] else { panic!("{line}") };
            assert!(row(line).is_some(), "{line}");
            let key = [kind, name, version, when];
            assert!(before.is_none_or(|before| before < key), "not in order, or twice: {line}");
            before = Some(key);
        }
        assert!(rows().len() > 100);
    }
}
