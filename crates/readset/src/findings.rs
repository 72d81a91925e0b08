//! What a language finds in one file, and how the finds of a file bear on each other.

use std::collections::HashMap;
use std::ops::Range;

use crate::read::{Fallback, Key, Shape};

/// What surrounds a read: what happens to its value when the key is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Nothing.
    Nothing,
    /// A literal takes its place.
    Literal(Shape),
    /// An expression takes its place.
    Expression,
    /// The code asks whether it is there.
    Asked,
    /// The code asks, and ends when it is not there.
    Demanded,
    /// What is done with the value fails when there is none.
    Fails,
    /// The code compares it with a literal.
    Compared,
}

impl Care {
    /// Whether nothing works without the key.
    pub(crate) fn requires(self) -> bool {
        matches!(self, Self::Demanded | Self::Fails)
    }

    pub(crate) fn fallback(self) -> Fallback {
        match self {
            Self::Nothing | Self::Demanded | Self::Fails => Fallback::None,
            Self::Literal(shape) => Fallback::Literal(shape),
            Self::Expression => Fallback::Expression,
            Self::Asked => Fallback::Guarded,
            Self::Compared => Fallback::Compared,
        }
    }
}

/// A read as a language finds it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) key: Key,
    /// Byte offset in the text.
    pub(crate) at: usize,
    pub(crate) how: &'static str,
    pub(crate) fallback: Fallback,
    pub(crate) required: bool,
    /// Bytes of the function in which it stands, or of the whole file.
    pub(crate) scope: Range<usize>,
    /// The variable that gets the value as it is, if one does.
    pub(crate) bound: Option<String>,
    /// Whether this read is a question for the key's presence, so that later reads of the key are guarded by it.
    pub(crate) asks: bool,
    pub(crate) set_by_code: bool,
}

impl Found {
    pub(crate) fn new(key: Key, at: usize, how: &'static str, scope: Range<usize>) -> Self {
        Self {
            key,
            at,
            how,
            fallback: Fallback::None,
            required: false,
            scope,
            bound: None,
            asks: false,
            set_by_code: false,
        }
    }

    /// With what surrounds it. A default that the read has of its own is not taken away.
    pub(crate) fn with(mut self, care: Care) -> Self {
        self.asks |= matches!(care, Care::Asked | Care::Demanded);
        if self.fallback == Fallback::None && !self.required {
            self.fallback = care.fallback();
            self.required = care.requires();
        }
        self
    }
}

/// A key that the code sets.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) key: String,
    pub(crate) at: usize,
    pub(crate) scope: Range<usize>,
}

/// A variable after which the code asks, or for which it has a default.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) at: usize,
    pub(crate) scope: Range<usize>,
    pub(crate) care: Care,
}

/// All finds of one file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) reads: Vec<Found>,
    pub(crate) sets: Vec<Set>,
    pub(crate) asked: Vec<Asked>,
    /// Why the file was not understood as a whole.
    pub(crate) broken: Option<String>,
    /// The file defines a global function of the name `env` that does not read the environment.
    pub(crate) own_env_function: bool,
}

impl Findings {
    /// Lets the finds bear on each other: a question guards the later reads of its function; a variable's default is the default of the
    /// read that filled it; what is set before is marked. Order within a function is all that is looked at, not the flow of control.
    pub(crate) fn settle(&mut self) {
        self.reads.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key.cmp(&b.key)));
        self.reads.dedup_by(|a, b| a.at == b.at && a.key == b.key && a.how == b.how);
        self.asked.sort_by_key(|asked| asked.at);
        self.defaults_of_variables();
        self.guards();
        let mut sets: HashMap<&str, Vec<&Set>> = HashMap::new();
        for set in &self.sets {
            sets.entry(&set.key).or_default().push(set);
        }
        for read in &mut self.reads {
            let Key::Named(name) = &read.key else { continue };
            let before = |set: &&Set| set.at < read.at && set.scope.contains(&read.at);
            read.set_by_code = sets.get(name.as_str()).is_some_and(|sets| sets.iter().any(before));
        }
    }

    fn defaults_of_variables(&mut self) {
        let mut by_name: HashMap<&str, Vec<&Asked>> = HashMap::new();
        for asked in &self.asked {
            by_name.entry(&asked.name).or_default().push(asked);
        }
        for read in self.reads.iter_mut().filter(|read| read.fallback == Fallback::None && !read.required) {
            let asked = read.bound.as_deref().and_then(|name| by_name.get(name));
            let later =
                asked.and_then(|asked| asked.iter().find(|asked| asked.at > read.at && asked.scope == read.scope));
            if let Some(asked) = later {
                read.fallback = asked.care.fallback();
                read.required = asked.care.requires();
            }
        }
    }

    fn guards(&mut self) {
        let mut questions: HashMap<Key, Vec<Question>> = HashMap::new();
        for read in self.reads.iter().filter(|read| read.asks) {
            let question = Question { at: read.at, scope: read.scope.clone(), demands: read.required };
            questions.entry(read.key.clone()).or_default().push(question);
        }
        for read in self.reads.iter_mut().filter(|read| read.fallback == Fallback::None && !read.asks) {
            let Key::Named(_) = read.key else { continue };
            let guard = questions.get(&read.key).and_then(|questions| {
                questions.iter().find(|question| question.at < read.at && question.scope.contains(&read.at))
            });
            if let Some(guard) = guard {
                read.required = guard.demands;
                read.fallback = if guard.demands { Fallback::None } else { Fallback::Guarded };
            }
        }
    }
}

/// A read that asks for a key's presence.
struct Question {
    at: usize,
    scope: Range<usize>,
    demands: bool,
}
