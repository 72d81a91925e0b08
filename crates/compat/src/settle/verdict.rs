//! What is said about the uses at one place.

use std::collections::BTreeMap;

use sternway_core::finding::Severity;

use super::{Question, place};
use crate::facts::{Effect, Facts, Kind, Row};
use crate::report::Problem;
use crate::seen::{Confidence, Rejected, Seen, Use};
use crate::text::Spot;
use crate::version::Version;

/// How bad it is, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Fine,
    Changed,
    Deprecated,
    Fails,
}

/// All that is to be said about one file.
pub(super) fn problems(
    file: &str,
    uses: &[Use],
    seen: &Seen,
    facts: &'static Facts<'static>,
    question: Question,
) -> Vec<Problem> {
    // Code that needs a version was written for it: what changed before that is none of its surprises.
    let written_for = oldest(uses, facts).max(Version::OLDEST_SOURCE);
    // The rows about one symbol at one place are weighed together.
    let mut places: BTreeMap<(Spot, Kind, &str), Vec<&Use>> = BTreeMap::new();
    for used in uses {
        let row = facts.row(used.row);
        places.entry((used.at, row.kind, row.name)).or_default().push(used);
    }
    let mut problems: Vec<Problem> = Vec::new();
    for uses in places.into_values() {
        problems.extend(problem(file, &uses, facts, question, written_for));
    }
    for rejected in &seen.rejected {
        let told = |problem: &Problem| {
            let same_line = problem.place.at.line == rejected.at.line && problem.severity == Severity::Error;
            same_line || key_of(&rejected.rule).is_some_and(|key| problem.rule.split(' ').nth(1) == Some(key))
        };
        if !problems.iter().any(told) && !is_of_a_later_version(rejected, question) {
            problems.push(refused(file, rejected, question));
        }
    }
    let mut problems = one_a_place(problems);
    problems.extend(seen.said.iter().map(|said| Problem {
        code: said.code.clone(),
        severity: said.severity,
        rule: said.rule.clone(),
        place: place(file, said.at),
        message: said.message.clone(),
        hint: said.hint.clone(),
        source: said.source.clone(),
        confidence: said.confidence,
    }));
    if let Some((at, why)) = &seen.unread {
        problems.push(unread(file, *at, why));
    }
    problems
}

/// The rule of the table that says what the parser says.
fn key_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "unparenthesized-nested-ternary" => "nested-ternary",
        "curly-offset-access" => "curly-offset",
        "real-cast" => "real-cast",
        "unset-cast" => "unset-cast",
        "reference-assign-new" => "new-by-reference",
        "call-time-pass-by-reference" => "call-time-by-reference",
        "duplicate-parameter" => "duplicate-parameter",
        "empty-list" => "empty-list",
        "break-out-of-loop" => "break-outside-loop",
        "invalid-break-operand" => "break-expression",
        "duplicate-switch-default" => "multiple-default",
        "whitespace-in-namespaced-name" => "namespace-whitespace",
        "parent-without-parent-class" => "parent-without-parent",
        "magic-method-static" => "magic-method-static",
        "magic-method-parameter-type" | "magic-method-return-type" | "to-string-return-type" => "magic-method-types",
        "magic-method-argument-count" => "magic-method-arguments",
        "invalid-globals-write" => "globals-write",
        "custom-assert-function" => "namespaced-assert",
        _ => return None,
    })
}

/// Whether the parser, whose oldest version is 7.4, rejects what only versions after the target reject.
fn is_of_a_later_version(rejected: &Rejected, question: Question) -> bool {
    const SINCE_7_0: &[&str] =
        &["reserved-class-name", "reserved-class-reference", "keyword-as-declaration-name", "expected"];
    question.target < Version::new(7, 4) && SINCE_7_0.contains(&rejected.rule.as_str())
}

/// Of several problems at one place about the same name, the worst.
fn one_a_place(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| {
        let key = |problem: &Problem| (problem.place.at, std::cmp::Reverse(problem.severity));
        key(a).cmp(&key(b))
    });
    problems.dedup_by(|next, first| next.place == first.place);
    problems
}

fn rank(row: &Row<'_>, used: &Use, source: Version) -> Rank {
    match row.effect {
        // Not there yet: nothing fails where it need not be there.
        Effect::Added if used.softly => Rank::Fine,
        Effect::Removed | Effect::Error | Effect::Added => Rank::Fails,
        Effect::Deprecated => Rank::Deprecated,
        Effect::Changed if used.since.unwrap_or(row.version) > source => Rank::Changed,
        Effect::Changed => Rank::Fine,
    }
}

/// Forms that a person writes only where the version that brought them is taken for granted.
const TELLING: &[&str] = &[
    "arrow-function",
    "attribute",
    "catch-without-variable",
    "constructor-promotion",
    "enum",
    "first-class-callable",
    "group-use",
    "match",
    "mixed-type",
    "named-argument",
    "never-type",
    "null-coalesce-assign",
    "nullable-type",
    "nullsafe",
    "object-type",
    "readonly-class",
    "readonly-property",
    "return-type",
    "scalar-type",
    "static-return-type",
    "strict-types",
    "throw-expression",
    "typed-class-constant",
    "typed-property",
    "union-type",
    "void-type",
];

/// The version that a file was written for, as the forms in it tell.
fn oldest(uses: &[Use], facts: &Facts<'_>) -> Version {
    let certain = |used: &&Use| used.confidence == Confidence::High && !used.softly;
    let added = uses.iter().filter(certain).map(|used| (used, facts.row(used.row)));
    let needed =
        added.filter(|(_, row)| row.effect == Effect::Added && row.kind == Kind::Syntax && TELLING.contains(&row.name));
    needed.map(|(_, row)| row.version).max().unwrap_or(Version::OLDEST_SOURCE)
}

fn problem(
    file: &str,
    uses: &[&Use],
    facts: &'static Facts<'static>,
    question: Question,
    written_for: Version,
) -> Option<Problem> {
    let source = question.source.unwrap_or(written_for);
    let at = |version: Version| {
        uses.iter()
            .filter(move |used| used.live.has(version))
            .map(move |used| (rank(facts.row(used.row), used, source), *used))
            .max_by_key(|(rank, used)| (*rank, facts.row(used.row).version))
    };
    let (rank, used) = at(question.target)?;
    // What changes after the source version was not so there; of the rest only what got worse.
    let before = question.source.and_then(at).map_or(Rank::Fine, |(rank, _)| rank);
    if rank == Rank::Fine || (rank != Rank::Changed && rank <= before) {
        return None;
    }
    let row = facts.row(used.row);
    let since = uses.iter().map(|used| facts.row(used.row)).find(|row| row.effect == Effect::Deprecated);
    let fails = rank == Rank::Fails;
    let severity = if fails && !used.softly { Severity::Error } else { Severity::Warning };
    Some(Problem {
        code: code(row, rank).to_owned(),
        severity,
        rule: rule(row),
        place: place(file, used.at),
        message: message(row, used, since.filter(|_| fails), question.target),
        hint: hint(row),
        source: row.source.to_owned(),
        confidence: used.confidence,
    })
}

fn code(row: &Row<'_>, rank: Rank) -> &'static str {
    match (row.kind, row.effect, rank) {
        (_, Effect::Added, _) => "S1004",
        (Kind::Syntax | Kind::Word, _, Rank::Fails) => "S1005",
        (_, _, Rank::Fails) => "S1001",
        (_, _, Rank::Deprecated) => "S1002",
        _ => "S1003",
    }
}

/// The name of a rule: the same for all problems of one kind.
fn rule(row: &Row<'_>) -> String {
    format!("{} {}", row.kind.as_str(), row.name)
}

/// What a row is about, in words.
fn subject(row: &Row<'_>, used: &Use) -> String {
    let name = used.written.as_deref().unwrap_or(row.name);
    match row.kind {
        Kind::Function => format!("the function `{}()`", row.name),
        Kind::Call => format!("`{}()`", row.name),
        Kind::Method => format!("the method `{}()`", row.name),
        Kind::Class => format!("the class `{}`", row.name),
        Kind::Constant | Kind::ClassConstant => format!("the constant `{}`", row.name),
        Kind::Property => format!("the property `{}`", row.name),
        Kind::Variable => format!("the variable `{}`", row.name),
        Kind::Ini | Kind::FatalIni => format!("the directive `{}`", row.name),
        Kind::Extension => format!("the extension `{}`", row.name),
        Kind::Word => format!("`{name}` as a name"),
        Kind::Syntax | Kind::Behaviour => match &used.written {
            Some(written) => format!("`{written}`"),
            None => row.name.replace('-', " "),
        },
    }
}

fn message(row: &Row<'_>, used: &Use, deprecated: Option<&Row<'_>>, target: Version) -> String {
    let subject = subject(row, used);
    let version = used.since.unwrap_or(row.version);
    let what = match row.effect {
        Effect::Added => format!("{subject} comes with PHP {version} and is not in {target}"),
        Effect::Removed => format!("{subject} was removed in PHP {version}"),
        Effect::Error => format!("{subject} fails since PHP {version}"),
        Effect::Deprecated => format!("{subject} is deprecated since PHP {version}"),
        Effect::Changed => format!("{subject} works differently since PHP {version}"),
    };
    let before = deprecated.map_or(String::new(), |row| format!(" (deprecated since {})", row.version));
    if row.message.is_empty() || row.effect == Effect::Added {
        format!("{what}{before}")
    } else {
        format!("{what}{before}: {}", row.message)
    }
}

fn hint(row: &Row<'_>) -> String {
    if row.effect == Effect::Added {
        return format!("ask for it first, or ship a polyfill; it is there from PHP {} on", row.version);
    }
    if row.replacement.is_empty() { String::new() } else { format!("use {}", row.replacement) }
}

fn refused(file: &str, rejected: &Rejected, question: Question) -> Problem {
    let target = question.target;
    let (code, message) = match rejected.needs {
        Some(_) => ("S1004", format!("{}, and the target is {target}", rejected.message)),
        None => ("S1005", format!("PHP {target} does not take this: {}", rejected.message)),
    };
    Problem {
        code: code.to_owned(),
        severity: Severity::Error,
        rule: format!("syntax {}", rejected.rule),
        place: place(file, rejected.at),
        message,
        hint: format!("php -l of PHP {target} says the same"),
        source: String::new(),
        confidence: Confidence::High,
    }
}

fn unread(file: &str, at: Spot, why: &str) -> Problem {
    Problem {
        code: "S1006".to_owned(),
        severity: Severity::Warning,
        rule: "file unread".to_owned(),
        place: place(file, at),
        message: format!("could not be looked at as a whole: {why}"),
        hint: "mend it, or look at it by hand: nothing is known about what was left out".to_owned(),
        source: String::new(),
        confidence: Confidence::High,
    }
}
