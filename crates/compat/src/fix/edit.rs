//! Changes of a text.

use php_ast::Span;

/// One change: what stands from `start` to `end` becomes `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) new: String,
}

/// Changes that mend one place that a rule names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fix {
    /// The rule, as in a problem.
    pub(super) rule: String,
    /// Where the problem is said to be.
    pub(super) at: u32,
    pub(super) edits: Vec<Edit>,
}

impl Edit {
    pub(super) fn new(start: u32, end: u32, new: impl Into<String>) -> Self {
        Self { start, end, new: new.into() }
    }

    pub(super) fn of(span: Span, new: impl Into<String>) -> Self {
        Self::new(span.start, span.end, new)
    }
}

/// The text with these changes, which do not overlap.
pub(super) fn applied(text: &str, edits: &mut [Edit]) -> String {
    edits.sort_by_key(|edit| edit.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.start as usize, edit.end as usize);
        let Some(before) = text.get(at..start) else { continue };
        out.push_str(before);
        out.push_str(&edit.new);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// A text whose characters are bytes, as bytes again.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(c.to_string().bytes()),
        }
    }
    bytes
}
