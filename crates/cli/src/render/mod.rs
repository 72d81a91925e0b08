//! What a terminal, a file or a program reads. Nothing is decided here.

mod censored;
mod checkstyle;
pub(crate) mod diff;
pub(crate) mod entry;
pub(crate) mod findings;
pub(crate) mod fix;
pub(crate) mod follow;
mod harmless;
pub(crate) mod incident;
pub(crate) mod moment;
pub(crate) mod places;
pub(crate) mod plan;
mod project;
pub(crate) mod register;
pub(crate) mod scan;
pub(crate) mod style;
pub(crate) mod ticker;
pub(crate) mod watch;

use std::io::Write as _;

pub(crate) use harmless::in_a_line;

use crate::failure::{Exit, Failure};

/// One line on standard output. A reader that went away (`| head`) is no fault.
pub(crate) fn line(text: &str) {
    ticker::clear();
    let mut out = std::io::stdout().lock();
    let text = harmless::for_a_terminal(text);
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        leave(Exit::Done);
    }
}

/// Bytes on standard output, as they are.
pub(crate) fn bytes(bytes: &[u8]) {
    ticker::clear();
    let mut out = std::io::stdout().lock();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        leave(Exit::Done);
    }
}

/// Ends the program here and now.
#[expect(clippy::exit, reason = "a reader that went away, and Ctrl-C, end the program wherever it is")]
pub(crate) fn leave(exit: Exit) -> ! {
    std::process::exit(exit as i32)
}

/// One line for a person, on standard error.
pub(crate) fn say(text: &str) {
    say_as_it_is(&harmless::for_a_terminal(text));
}

fn say_as_it_is(text: &str) {
    ticker::clear();
    let _nobody_reads = writeln!(std::io::stderr().lock(), "{text}");
}

/// A value as JSON, on one line.
pub(crate) fn json(value: &serde_json::Value) {
    line(&value.to_string());
}

/// Why a command failed.
pub(crate) fn failure(failure: &Failure, as_json: bool) {
    if as_json {
        json(&failure_json(failure));
    }
    match failure {
        Failure::Project { text, file, problems } => say_as_it_is(&project::problems(text, file, problems)),
        Failure::Plain(diagnostic) => say(diagnostic.text().trim_end()),
    }
}

fn failure_json(failure: &Failure) -> serde_json::Value {
    match failure {
        Failure::Project { problems, .. } => {
            let findings: Vec<_> = problems.iter().map(|problem| problem.finding.clone()).collect();
            let findings = places::all_shown(&findings);
            serde_json::json!({ "format": 1, "error": { "code": "S0100", "what": "sternway.toml is wrong", "findings": findings }, "exit": 2 })
        }
        Failure::Plain(diagnostic) => serde_json::json!({
            "format": 1,
            "error": {
                "code": diagnostic.code, "what": diagnostic.what, "production": diagnostic.production,
                "causes": diagnostic.causes, "next": diagnostic.next, "findings": places::all_shown(&diagnostic.findings),
            },
            "exit": diagnostic.exit as i32,
        }),
    }
}
