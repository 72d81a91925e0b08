//! The tree of a file, and what a version does not take of it.
//!
//! The parser takes what PHP 7.4 and later take, and what they reject it still puts into the tree where it can. So the tree of the target
//! version is the right one unless a part of the file means nothing to it; then the source version's is taken, if that knows what it means.

use php_ast::Program;
use php_rs_parser::bumpalo::Bump;
use php_rs_parser::diagnostics::ParseError;
use php_rs_parser::{ParseOptions, PhpVersion, parse_arena_with};

use crate::version::Version;

/// A file's tree.
pub(super) struct Parsed<'a> {
    pub(super) program: &'a Program<'a, 'a>,
    /// What the target does not take and the source version does, or what no version is known to take.
    pub(super) errors: Vec<ParseError>,
    /// Where the source version gives up as well, and why: what stands there is unknown.
    pub(super) unread: Option<ParseError>,
}

/// The parser's version for one of ours: the nearest that it knows.
fn known(version: Version) -> PhpVersion {
    match (version.major(), version.minor()) {
        (..=7, _) => PhpVersion::Php74,
        (8, 0) => PhpVersion::Php80,
        (8, 1) => PhpVersion::Php81,
        (8, 2) => PhpVersion::Php82,
        (8, 3) => PhpVersion::Php83,
        (8, 4) => PhpVersion::Php84,
        (8, 5) => PhpVersion::Php85,
        _ => PhpVersion::Php86,
    }
}

/// One of our versions for the parser's.
pub(super) fn version_of(version: PhpVersion) -> Version {
    match version {
        PhpVersion::Php74 => Version::new(7, 4),
        PhpVersion::Php80 => Version::new(8, 0),
        PhpVersion::Php81 => Version::new(8, 1),
        PhpVersion::Php82 => Version::new(8, 2),
        PhpVersion::Php83 => Version::new(8, 3),
        PhpVersion::Php84 => Version::new(8, 4),
        PhpVersion::Php85 => Version::new(8, 5),
        _ => Version::new(8, 6),
    }
}

/// Parses a text for a target. `source` is the version that it runs on now, when somebody said so.
pub(super) fn parse<'a>(arena: &'a Bump, text: &'a str, target: Version, source: Option<Version>) -> Parsed<'a> {
    let options = |version| ParseOptions::default().version(version).source_map(false);
    let at_target = parse_arena_with(arena, text, &options(known(target)));
    if at_target.errors.is_empty() {
        return Parsed { program: arena.alloc(at_target.program), errors: Vec::new(), unread: None };
    }
    let is_torn = |errors: &[ParseError]| errors.iter().any(ParseError::leaves_ast_incomplete);
    let torn = is_torn(&at_target.errors);
    let (known_target, known_source) = (known(target), known(source.unwrap_or(Version::OLDEST_SOURCE)));
    if known_source == known_target || (!torn && source.is_none()) {
        let unread = at_target.errors.iter().find(|error| error.leaves_ast_incomplete()).cloned();
        let errors = if source.is_some_and(|source| known(source) == known_target) && known_source != PhpVersion::Php74
        {
            Vec::new()
        } else {
            at_target.errors
        };
        return Parsed { program: arena.alloc(at_target.program), errors, unread };
    }
    let at_source = parse_arena_with(arena, text, &options(known_source));
    let unread = at_source.errors.iter().find(|error| error.leaves_ast_incomplete() && torn).cloned();
    // What both reject the upgrade does not break, if the parser knows the source version itself.
    let is_new = |error: &ParseError| {
        source.is_none_or(|source| source < Version::new(7, 4))
            || !at_source.errors.iter().any(|known| is_same(known, error))
    };
    let errors = at_target.errors.iter().filter(|error| is_new(error)).cloned().collect();
    let better = torn && !is_torn(&at_source.errors);
    let program = if better { at_source.program } else { at_target.program };
    Parsed { program: arena.alloc(program), errors, unread }
}

fn is_same(one: &ParseError, other: &ParseError) -> bool {
    one.code() == other.code() && one.span().start == other.span().start
}
