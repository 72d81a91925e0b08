//! The parser, from the outside: what it accepts, how it refuses, and that the schema says the same.

mod any;
mod bad;
mod good;
mod pages;
mod schema;

use super::source::Problem;
use crate::finding::Finding;

const COMPLETE: &str = include_str!("complete.toml");

/// As a person would see it: place, code, message, hint and the text that is underlined.
fn render(text: &str, problems: &[Problem]) -> String {
    let one = |problem: &Problem| {
        let token = text.get(problem.span.clone()).unwrap_or("outside the text");
        format!("{}    token: {}\n", line(&problem.finding), token.lines().next().unwrap_or(""))
    };
    problems.iter().map(one).collect()
}

fn line(finding: &Finding) -> String {
    let place = finding.places.first().map(ToString::to_string).unwrap_or_default();
    let hint = if finding.hint.is_empty() { String::new() } else { format!("    hint:  {}\n", finding.hint) };
    format!("{place}: {} [{}] {}\n{hint}", finding.code, finding.subject, finding.message)
}
