//! Connection strings.

mod assembled;
mod comparing;
mod databases;
mod fuzz;
mod guessing;
mod libpq_uri;
mod messaging;
mod outlines;
mod properties;
mod redis;
mod secrets;

use std::fmt::Write as _;

use sternway_config::stores::{Comparison, Connection, Dialect, Endpoint, Part, Placement, compare};

/// What a reading says, in one line: `~` marks what the client filled in, `?` what is unknown; absent parts are left out.
fn facts(made: &Connection) -> String {
    let mut line = match &made.endpoints {
        Part::Given(endpoints) => places(&endpoints.list),
        Part::Default(endpoints) => format!("~{}", places(&endpoints.list)),
        Part::Absent => "nowhere".to_owned(),
        Part::Unknown => "?".to_owned(),
    };
    let space = &made.namespace;
    for (name, part) in [
        ("group", &made.group),
        ("db", &space.database),
        ("schema", &space.schema),
        ("vhost", &space.vhost),
        ("prefix", &space.prefix),
        ("path", &space.path),
    ] {
        add(&mut line, name, part, Clone::clone);
    }
    add(&mut line, "user", &made.user, |text| text.reveal().to_owned());
    add(&mut line, "pass", &made.password, |text| text.reveal().to_owned());
    add(&mut line, "tls", &made.tls, |level| format!("{level:?}"));
    for (name, value) in &made.options {
        let _ = write!(line, " {name}:{}", value.reveal());
    }
    for (name, value) in &made.unread {
        let _ = write!(line, " unread:{name}:{}", value.reveal());
    }
    line
}

fn add<T>(line: &mut String, name: &str, part: &Part<T>, show: impl Fn(&T) -> String) {
    let _ = match part {
        Part::Given(value) => write!(line, " {name}={}", show(value)),
        Part::Default(value) => write!(line, " {name}=~{}", show(value)),
        Part::Unknown => write!(line, " {name}=?"),
        Part::Absent => Ok(()),
    };
}

fn places(list: &[Endpoint]) -> String {
    let words: Vec<_> = list
        .iter()
        .map(|endpoint| match endpoint {
            Endpoint::Tcp { host, port: Part::Default(port) } => format!("{}:~{port}", host.as_str()),
            Endpoint::Tcp { host, port: Part::Given(port) } => format!("{}:{port}", host.as_str()),
            Endpoint::Tcp { host, .. } => format!("{}:?", host.as_str()),
            other => format!("{other:?}"),
        })
        .collect();
    words.join(",")
}

/// Every row of a table: a text and what the dialect says of it; `!` and a piece of the reason where it is refused.
#[track_caller]
fn table(dialect: Dialect, rows: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (text, expected) in rows {
        let got = match dialect.parse(text) {
            Ok(made) => facts(&made),
            Err(error) => format!("!{}", error.why()),
        };
        let fits = match expected.strip_prefix('!') {
            Some(piece) => got.starts_with('!') && got.contains(piece),
            None => got == *expected,
        };
        if !fits {
            let _ = write!(wrong, "\n{text}\n   wanted {expected}\n   got    {got}");
        }
    }
    assert!(wrong.is_empty(), "{dialect}:{wrong}");
}

fn read(dialect: Dialect, text: &str) -> Connection {
    dialect.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Two texts of one dialect on one host.
fn compared(dialect: Dialect, one: &str, other: &str) -> Comparison {
    compare(&read(dialect, one), &read(dialect, other), Placement::OneHost)
}
