//! One file of PHP: parsed, walked, written down.

mod arguments;
mod behaviour;
mod calls;
mod condition;
mod declarations;
mod docs;
mod examine;
mod expressions;
mod guard;
mod infer;
mod known_functions;
pub(crate) mod literal;
mod members;
mod names;
mod objects;
mod own;
mod parse;
mod returns;
mod statements;
mod syntax;
mod types;

use php_rs_parser::bumpalo::Bump;
use php_rs_parser::diagnostics::ParseError;

use crate::facts::Facts;
use crate::seen::{Class, Inherited, Rejected, Seen, Use};
use crate::settle::Question;
use crate::text::Lines;
use crate::version::Version;
use examine::{Examiner, Met};
use own::Own;

/// What is seen in a text of PHP.
pub(crate) fn examine(arena: &Bump, text: &str, facts: &'static Facts<'static>, question: Question) -> Seen {
    let parsed = parse::parse(arena, text, question.target, question.source);
    let own = Own::of(parsed.program, arena, facts);
    let mut examiner = Examiner::new(facts, arena, text, &own, question);
    examiner.program(parsed.program);
    written_down(examiner, &own, &parsed)
}

/// The tree of a text, as a scan walks it.
pub(crate) fn tree<'a>(
    arena: &'a Bump,
    text: &'a str,
    target: Version,
    source: Option<Version>,
) -> &'a php_ast::Program<'a, 'a> {
    parse::parse(arena, text, target, source).program
}

/// What was found, with lines and columns, for other files to be weighed against.
fn written_down<'a>(examiner: Examiner<'a>, own: &Own<'a>, parsed: &parse::Parsed<'a>) -> Seen {
    let mut seen = Seen { declared: own.declared.clone(), ..Seen::default() };
    seen.declared.constants.extend(examiner.defined.iter().map(|name| (*name).to_owned()));
    seen.declared.classes.extend(examiner.aliased.iter().map(|(class, alias)| Class {
        name: alias.to_ascii_lowercase(),
        parents: vec![(*class).to_owned()],
        members: Vec::new(),
    }));
    seen.includes = examiner.included.iter().map(|path| (*path).to_owned()).collect();
    if examiner.found.is_empty() && parsed.errors.is_empty() && parsed.unread.is_none() {
        return seen;
    }
    let lines = Lines::new(examiner.text);
    for found in examiner.found {
        let at = lines.spot(found.at as usize);
        match found.met {
            Met::Row { row, unless, written, softly, since } => seen.uses.push(Use {
                since,
                row,
                at,
                live: found.live,
                confidence: found.confidence,
                softly,
                unless: unless.map(str::to_ascii_lowercase),
                written: written.map(str::to_owned),
            }),
            Met::Inherited { class, member, kind } => seen.inherited.push(Inherited {
                class: class.to_owned(),
                member: member.to_owned(),
                kind,
                at,
                live: found.live,
                confidence: found.confidence,
            }),
        }
    }
    let spot = |error: &ParseError| lines.spot(error.span().start as usize);
    seen.rejected = parsed
        .errors
        .iter()
        .map(|error| Rejected {
            rule: error.code().to_owned(),
            at: spot(error),
            message: error.to_string(),
            needs: match error {
                ParseError::VersionTooLow { required, .. } => Some(parse::version_of(*required)),
                _ => None,
            },
        })
        .collect();
    seen.unread = parsed.unread.as_ref().map(|error| (spot(error), error.to_string()));
    seen
}
