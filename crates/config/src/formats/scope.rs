//! References of formats that look names up among their own, by their own rules, and never in what other sources set.

use std::collections::HashMap;

use sternway_core::finding::Place;

use crate::resolve::Content;
use crate::secret::SecretText;
use crate::source::{Missing, Piece, Template};

/// A value for a process is no longer than this.
const LONGEST: usize = 128 * 1024;

/// What all references of one source together are replaced by is no longer than this: values of values can fill any memory.
const LARGEST: usize = 64 << 20;

/// References within defaults go no deeper than this.
const DEEPEST: usize = 32;

/// Names and what they stand for.
#[derive(Debug, Default)]
pub(super) struct Scope(HashMap<String, Content>);

impl Scope {
    pub(super) fn get(&self, name: &str) -> Option<&Content> {
        self.0.get(name)
    }

    /// A name stands for a value without references.
    pub(super) fn set(&mut self, name: &str, value: &Template) {
        let content = match (value.plain(), value.0.iter().find_map(why)) {
            (Some(text), _) => Content::Known(SecretText::new(text)),
            (None, Some(why)) => Content::Unknown(why.to_owned()),
            (None, None) => Content::Unknown(ELSEWHERE.to_owned()),
        };
        self.0.insert(name.to_owned(), content);
    }
}

fn why(piece: &Piece) -> Option<&str> {
    if let Piece::Unknown { why, .. } = piece { Some(why) } else { None }
}

const ELSEWHERE: &str = "it refers to a name that is not set here";
const REQUIRED: &str = "it needs a variable that only whoever starts it sets";
const TOO_LONG: &str = "what it refers to is longer than the system allows a variable";

/// Settles values, and keeps count of what they grow to.
#[derive(Debug, Default)]
pub(super) struct Settling {
    written: usize,
}

impl Settling {
    /// A value without references: a name is looked up in the scopes one after the other.
    pub(super) fn settle(&mut self, value: &Template, scopes: &[&Scope], place: &Place) -> Template {
        if value.0.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            return value.clone();
        }
        let mut text = String::new();
        let done = expand(value, scopes, &mut text, 0);
        self.written = self.written.saturating_add(text.len());
        match done {
            Ok(()) if self.written <= LARGEST => Template::text(text),
            Ok(()) => Template::unknown(TOO_LONG, place.clone()),
            Err(why) => Template::unknown(why, place.clone()),
        }
    }
}

/// What a content is as a value again.
pub(super) fn value_of(content: &Content, place: &Place) -> Template {
    match content {
        Content::Known(text) => Template::text(text.reveal()),
        Content::Unknown(why) => Template::unknown(why.clone(), place.clone()),
        Content::Sealed(_) => Template::unknown(ELSEWHERE, place.clone()),
    }
}

fn expand(value: &Template, scopes: &[&Scope], text: &mut String, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(TOO_LONG.to_owned());
    }
    for piece in &value.0 {
        let find = |name: &str| match scopes.iter().find_map(|scope| scope.get(name)) {
            Some(Content::Known(found)) => Ok(Some(found.reveal())),
            Some(Content::Unknown(why)) => Err(why.clone()),
            Some(Content::Sealed(_)) => Err(ELSEWHERE.to_owned()),
            None => Ok(None),
        };
        match piece {
            Piece::Text(more) => text.push_str(more.reveal()),
            Piece::Variable(_) => return Err(ELSEWHERE.to_owned()),
            Piece::Unknown { why, .. } => return Err(why.clone()),
            Piece::Reference { name, default, or_empty, missing, .. } => match (find(name)?, default, missing) {
                (Some(""), Some(default), _) if *or_empty => expand(default, scopes, text, depth + 1)?,
                (Some(""), None, Missing::Error) if *or_empty => return Err(REQUIRED.to_owned()),
                (Some(found), _, _) => text.push_str(found),
                (None, Some(default), _) => expand(default, scopes, text, depth + 1)?,
                (None, None, Missing::Empty) => {}
                (None, None, Missing::Error) => return Err(REQUIRED.to_owned()),
                (None, None, Missing::Unknown) => return Err(ELSEWHERE.to_owned()),
            },
            Piece::Alternative { name, then, or_empty, .. } => {
                if find(name)?.is_some_and(|found| !(*or_empty && found.is_empty())) {
                    expand(then, scopes, text, depth + 1)?;
                }
            }
        }
        if text.len() > LONGEST {
            return Err(TOO_LONG.to_owned());
        }
    }
    Ok(())
}
