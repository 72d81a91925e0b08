use proptest::prelude::*;

use super::COMPLETE;
use crate::project::parse;

/// A refusal always says what and where, within the text.
fn is_answered_well(text: &str) {
    let Err(problems) = parse(text, "sternway.toml") else { return };
    assert!(!problems.is_empty());
    for problem in problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
        assert!(problem.finding.places[0].line >= 1 && problem.finding.places[0].column >= 1);
        assert!(problem.finding.code.starts_with("S01"));
        assert!(!problem.finding.message.is_empty());
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC*|[\\[\\]{}=\"'.,#\\n a-z0-9]{0,200}") {
        is_answered_well(&text);
    }

    /// The complete file with one stretch replaced: most of it still makes sense, so that the rules behind the syntax are reached.
    #[test]
    fn any_slip_in_a_good_file_is_answered(
        at in 0..COMPLETE.len(),
        length in 0_usize..40,
        instead in "[\\[\\]{}=\"'.,#\\n a-z0-9]{0,12}|\"[a-z:/0-9.-]{0,12}\"|-?[0-9]{1,30}",
    ) {
        let mut text = COMPLETE.to_owned();
        text.replace_range(at..(at + length).min(COMPLETE.len()), &instead);
        is_answered_well(&text);
    }
}

/// Each value of the complete file replaced by one of each other type.
#[test]
fn any_other_value_is_answered() {
    let others = [
        "1",
        "-1",
        "1.5",
        "nan",
        "true",
        "\"\"",
        "\"x\"",
        "[]",
        "[1]",
        "[[]]",
        "{}",
        "{ x = 1 }",
        "1979-05-27",
        "99999999999999999999",
    ];
    let lines: Vec<&str> = COMPLETE.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        for other in others {
            let changed = format!("{key} = {other}");
            let mut lines = lines.clone();
            lines[at] = &changed;
            is_answered_well(&lines.join("\n"));
        }
    }
}

#[test]
fn deep_and_long_texts_are_answered() {
    for (open, close) in [("[", "]"), ("{ a = ", "}"), ("[{ a = ", "}]")] {
        is_answered_well(&format!("a = {}{}", open.repeat(20_000), close.repeat(20_000)));
        let json = format!("json = {}1{}", open.repeat(60), close.repeat(60));
        is_answered_well(&COMPLETE.replace("json = {", &format!("{json}, jsom = {{")));
    }
    let dotted = "a.".repeat(20_000);
    is_answered_well(&format!("{dotted}a = 1"));
    is_answered_well(&format!("{COMPLETE}\n[[checks]]\nname = \"deep\"\nhttp.json.{dotted}a = 1"));
    is_answered_well(&"x".repeat(200_000));
}

#[test]
fn line_ends_and_marks_of_other_systems_change_nothing() {
    let project = parse(COMPLETE, "sternway.toml").unwrap().project;
    let marked = format!("\u{feff}{}", COMPLETE.replace('\n', "\r\n"));
    assert_eq!(parse(&marked, "sternway.toml").unwrap().project, project);
}
