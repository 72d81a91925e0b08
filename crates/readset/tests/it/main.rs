//! What code reads, by language, by folder, and under abuse.
#![expect(clippy::unwrap_used, reason = "tests")]

mod abuse;
mod folders;
mod php;
mod projects;
mod python;
mod script;
mod sift;

use std::fmt::Write as _;

use sternway_readset::{Fallback, Key, Read, ReadSet, read_file};

/// All that a text reads, a line for each: `line:column KEY how [default] [required] [set]`.
fn lines(name: &str, text: &str) -> Vec<String> {
    set(name, text).reads.iter().map(line).collect()
}

fn set(name: &str, text: &str) -> ReadSet {
    read_file(name, text.as_bytes()).unwrap()
}

fn line(read: &Read) -> String {
    let key = match &read.key {
        Key::Named(name) => name.clone(),
        Key::Pattern { prefix } => format!("{prefix}*"),
        Key::Computed => "?".to_owned(),
    };
    let default = match read.has_default {
        Fallback::None => String::new(),
        Fallback::Literal(shape) => format!(" = {shape:?}"),
        other => format!(" {other:?}"),
    };
    let required = if read.required { " required" } else { "" };
    let by_code = if read.set_by_code { " set" } else { "" };
    format!("{}:{} {key} {}{default}{required}{by_code}", read.place.line, read.place.column, read.how)
}

/// A table of sources, each with what it reads.
fn table(name: &str, before: &str, rows: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (source, expected) in rows {
        let text = format!("{before}{source}");
        let found = lines(name, &text);
        if found != *expected {
            let _ = writeln!(wrong, "{source}\n    found    {found:?}\n    expected {expected:?}");
        }
        let unparsed = set(name, &text).unparsed;
        if !unparsed.is_empty() {
            let _ = writeln!(wrong, "{source}\n    {unparsed:?}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
