//! `${name:default}` as Spring reads it (Spring Framework 6.2, `PlaceholderParser`).
//!
//! Names and defaults may hold placeholders themselves; the first `:` ends the name. A placeholder that is not closed is text. What is not
//! set among the keys may come from the environment, the command line or elsewhere, and is unknown.

use super::glyphs::{Glyph, text_of};
use super::text::{Builder, Reading};
use crate::source::{Missing, Piece, Template};

/// Placeholders within placeholders go no deeper than this.
const DEEPEST: usize = 8;

/// A value with its placeholders; `names` says by which keys a name is looked up, in that order.
pub(super) fn template(value: &[Glyph], names: fn(&str) -> Vec<String>, reading: &Reading<'_>) -> Template {
    if !value.iter().any(|glyph| glyph.is == '$') {
        return Template::text(text_of(value));
    }
    let closing = closing(value);
    Placeholders { value, closing, names, reading }.template(0, value.len(), 0)
}

/// For each `$` of a `${`: where its `}` is. Only braces of placeholders are counted, and plain ones within them.
fn closing(value: &[Glyph]) -> Vec<Option<usize>> {
    let mut closing = vec![None; value.len()];
    let mut open: Vec<Option<usize>> = Vec::new();
    for (index, glyph) in value.iter().enumerate() {
        match glyph.is {
            '{' if index > 0 && value[index - 1].is == '$' => open.push(Some(index - 1)),
            '{' if !open.is_empty() => open.push(None),
            '}' => {
                if let Some(Some(dollar)) = open.pop() {
                    closing[dollar] = Some(index);
                }
            }
            _ => {}
        }
    }
    closing
}

struct Placeholders<'a> {
    value: &'a [Glyph],
    closing: Vec<Option<usize>>,
    names: fn(&str) -> Vec<String>,
    reading: &'a Reading<'a>,
}

impl Placeholders<'_> {
    fn template(&self, from: usize, to: usize, depth: usize) -> Template {
        let mut built = Builder::default();
        let mut at = from;
        while at < to {
            if let Some(end) = self.closing[at] {
                built.piece(self.placeholder(at, end, depth));
                at = end + 1;
            } else {
                built.push(self.value[at].is);
                at += 1;
            }
        }
        built.finish()
    }

    fn placeholder(&self, dollar: usize, end: usize, depth: usize) -> Piece {
        let place = self.reading.place(self.value[dollar].at);
        let inner = &self.value[dollar + 2..end];
        let name_length = inner.iter().position(|glyph| glyph.is == ':').unwrap_or(inner.len());
        let built = inner[..name_length].iter().any(|glyph| glyph.is == '$');
        if built || depth == DEEPEST {
            return Piece::Unknown { why: "it refers to a name that is itself built of references".to_owned(), place };
        }
        let colon = dollar + 2 + name_length;
        let mut default = (colon < end).then(|| self.template(colon + 1, end, depth + 1));
        let mut names = (self.names)(text_of(&inner[..name_length]).trim());
        let first = if names.is_empty() { String::new() } else { names.remove(0) };
        let refer = |name: String, default: Option<Template>| Piece::Reference {
            name,
            default,
            or_empty: false,
            missing: Missing::Unknown,
            place: place.clone(),
        };
        while let Some(name) = names.pop() {
            default = Some(Template(vec![refer(name, default)]));
        }
        refer(first, default)
    }
}
