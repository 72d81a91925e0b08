//! Problems of sternway.toml, with the lines that they are about, of which no value is shown.

use std::fmt::Write as _;
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use sternway_core::project::Problem;

use super::censored::censored;

#[derive(Debug)]
struct Shown<'a> {
    source: NamedSource<String>,
    problem: &'a Problem,
    span: Range<usize>,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.finding.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.problem.finding.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let hint = &self.problem.finding.hint;
        (!hint.is_empty()).then(|| Box::new(hint) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new(None, self.span.start, self.span.len()))))
    }
}

/// All problems, each with its line, and what to do next.
pub(super) fn problems(text: &str, file: &str, problems: &[Problem]) -> String {
    let theme = if super::style::colour() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(120).with_context_lines(0);
    let mut out = String::new();
    for problem in problems {
        let (text, span) = censored(text, &problem.span, problem.finding.code == "S0101");
        let shown = Shown { source: NamedSource::new(file, text), problem, span };
        let _infallible_into_a_string = handler.render_report(&mut out, &shown);
    }
    let count = problems.len();
    let things = if count == 1 { "one thing is".to_owned() } else { format!("{count} things are") };
    let _infallible = write!(
        out,
        "error[S0100]: {things} wrong in {file}\n  production: unchanged; nothing was begun\n  next:       mend it, then: sternway check"
    );
    out
}
