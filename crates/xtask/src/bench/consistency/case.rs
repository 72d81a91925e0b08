//! One change of a project, and what must be said of it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::entries::Entry;
use super::layout::Layout;
use super::sites::Site;

/// A change of some files.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// What was done, in words.
    pub(super) what: String,
    /// New texts by path; `None` for a file that is gone.
    pub(super) files: BTreeMap<String, Option<String>>,
    /// Where it was done: a finding that points there is about it. Line 0 stands for the whole file.
    pub(super) places: Vec<(String, u32)>,
    /// The keys that it is about.
    pub(super) keys: Vec<String>,
}

impl Case {
    /// Nothing yet.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), files: BTreeMap::new(), places: Vec::new(), keys: Vec::new() }
    }

    /// With another text in the place of these bytes.
    pub(super) fn splice(mut self, layout: &Layout, file: &str, at: Range<usize>, new: &str) -> Self {
        let text = match self.files.get(file) {
            Some(Some(text)) => text.as_str(),
            _ => layout.text(file),
        };
        let text = format!("{}{new}{}", &text[..at.start], &text[at.end..]);
        self.files.insert(file.to_owned(), Some(text));
        self
    }

    /// With another text for a file.
    pub(super) fn file(mut self, file: &str, text: Option<String>) -> Self {
        self.files.insert(file.to_owned(), text);
        self
    }

    /// About this place.
    pub(super) fn at(mut self, file: &str, line: u32) -> Self {
        self.places.push((file.to_owned(), line));
        self
    }

    /// About this key.
    pub(super) fn key(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    /// Whether it changes anything.
    pub(super) fn is_change(&self, layout: &Layout) -> bool {
        self.files.iter().any(|(file, text)| layout.files.get(file) != text.as_ref())
    }
}

/// Another value in the place of an entry's, between the same quotes.
pub(super) fn with_value(layout: &Layout, entry: &Entry, value: &str, what: &str) -> Case {
    let Site { file, line, value_at, .. } = &entry.site;
    Case::new(format!("{what}: {} in {file}:{line}", entry.key))
        .splice(layout, file, value_at.clone(), value)
        .at(file, *line)
        .key(&entry.key)
}

/// Another text for a part of an entry's value.
pub(super) fn with_part(layout: &Layout, entry: &Entry, part: Range<usize>, new: &str, what: &str) -> Case {
    let value = &entry.site.value;
    with_value(layout, entry, &format!("{}{new}{}", &value[..part.start], &value[part.end..]), what)
}
