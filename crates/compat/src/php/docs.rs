//! What comments of declarations say about types: `@var`, `@param`, `@return`.

use super::names::{Names, is_special};
use super::types::Type;
use crate::seen::Confidence;

/// The type after a tag, for the variable of this name if one is given.
pub(super) fn tagged<'a>(
    comment: &'a str,
    tag: &str,
    variable: Option<&str>,
    names: &Names<'a>,
    class: Option<&'a str>,
) -> Option<Type<'a>> {
    let mut rest = comment;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), tag.as_bytes()) {
        rest = &rest[at + tag.len()..];
        if !rest.starts_with([' ', '\t']) {
            continue;
        }
        let line = rest.lines().next().unwrap_or_default();
        let mut words = line.trim_end_matches("*/").split_whitespace();
        let Some(first) = words.next() else { continue };
        let second = words.next();
        let written = match (variable, first.strip_prefix('$')) {
            (None, _) => first,
            // `@var $x Foo`, as old code has it
            (Some(variable), Some(named)) if named == variable => second?,
            (Some(_), Some(_)) => continue,
            (Some(variable), None) => match second.and_then(named) {
                Some(named) if named == variable => first,
                // `@var Foo` right before an assignment
                None if tag == "@var" => first,
                _ => continue,
            },
        };
        return of_text(written, names, class);
    }
    None
}

/// The variables that a comment in the code tells the types of: `@var Foo $x`.
pub(super) fn variables<'a>(comment: &'a str, names: &Names<'a>, class: Option<&'a str>) -> Vec<(&'a str, Type<'a>)> {
    let mut told = Vec::new();
    for (at, _) in comment.match_indices("@var") {
        let line = comment[at + "@var".len()..].lines().next().unwrap_or_default();
        let mut words = line.trim_end_matches("*/").split_whitespace();
        let (first, second) = (words.next(), words.next());
        let (name, text) = match (first.and_then(named), second.and_then(named)) {
            (None, Some(name)) => (name, first),
            (Some(name), None) => (name, second),
            _ => continue,
        };
        told.extend(text.and_then(|text| of_text(text, names, class)).map(|known| (name, known)));
    }
    told
}

/// The variable that `$x`, `&$x`, `...$x` names.
fn named(word: &str) -> Option<&str> {
    let name = word.trim_start_matches(['&', '.']).strip_prefix('$')?;
    Some(name.trim_end_matches([',', '.', ')']))
}

/// The type that `Foo|null`, `Foo[]`, `array<int, Foo>`, `?Foo` says.
fn of_text<'a>(text: &'a str, names: &Names<'a>, class: Option<&'a str>) -> Option<Type<'a>> {
    let told = Confidence::Medium;
    if let Some(elements) = text.strip_prefix('(').and_then(|text| text.split_once(")[]")) {
        let classes = elements.0.split('|');
        return { classes }.find_map(|element| class_of(element, names, class)).map(|class| Type::List(class, told));
    }
    text.split('|').find_map(|part| {
        let part = part.trim_start_matches('?').trim_matches(['(', ')']);
        if let Some(element) = part.strip_suffix("[]") {
            return class_of(element, names, class).map(|class| Type::List(class, told));
        }
        if let Some((outer, inner)) = part.split_once('<') {
            if !["array", "list", "iterable", "Collection", "Traversable", "Generator"]
                .iter()
                .any(|known| outer.eq_ignore_ascii_case(known))
            {
                return class_of(outer, names, class).map(|class| Type::Object(class, told));
            }
            let element = inner.trim_end_matches('>').rsplit(',').next()?.trim();
            return class_of(element, names, class).map(|class| Type::List(class, told));
        }
        class_of(part, names, class).map(|class| Type::Object(class, told))
    })
}

fn class_of<'a>(name: &'a str, names: &Names<'a>, class: Option<&'a str>) -> Option<&'a str> {
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_\\".contains(&byte) || byte >= 0x80);
    if !is_name || is_no_class(name) {
        return None;
    }
    if is_special(name) || name == "$this" {
        return class;
    }
    Some(names.class_of_words(name))
}

/// Words for types that are no classes.
fn is_no_class(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "array", "bool", "boolean", "callable", "double", "false", "float", "int", "integer", "iterable", "mixed",
        "never", "null", "number", "object", "resource", "scalar", "string", "true", "void", "list",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
}
