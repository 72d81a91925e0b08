//! Sources laid over each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use sternway_core::finding::{Finding, Place, Severity};
use sternway_core::project::ConfigSource;

use crate::facts::Sealed;
use crate::file::FileSource;
use crate::inline::Inline;
use crate::process::ProcessSource;
use crate::secret::SecretText;
use crate::shape::Shape;
use crate::source::{Assignment, Missing, Piece, Read, Site, Source, Template, is_key};
use crate::variable::{Settled, Variable};

/// The kernel hands no process an environment variable of this many bytes or more, name and `=` included (`MAX_ARG_STRLEN`,
/// execve(2)); it also bounds what references to references can grow to.
const LONGEST: usize = 128 * 1024;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// File, relative to the project's folder. Shared: a project has many values and few files.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Which source: `dotenv:config/production.env`, `inline`.
    pub layer: Arc<str>,
}

impl Provenance {
    /// The place alone.
    pub fn place(&self) -> Place {
        Place { file: self.file.to_string(), line: self.line, column: self.column }
    }
}

/// A value with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub content: Content,
    /// Where it was set.
    pub provenance: Provenance,
    /// Where it was set before, oldest first.
    pub overridden: Vec<Provenance>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// What the process gets, or reads.
    Known(SecretText),
    /// It is not here: only what was sealed of it is.
    Sealed(Sealed),
    /// It is only known when the program runs; why, in words that hold nothing of it.
    Unknown(String),
}

impl Value {
    /// Its text, when it is known.
    pub fn text(&self) -> Option<&SecretText> {
        match &self.content {
            Content::Known(text) => Some(text),
            Content::Sealed(_) | Content::Unknown(_) => None,
        }
    }

    /// What it looks like, when that can be told.
    pub fn shape(&self) -> Option<Shape> {
        match &self.content {
            Content::Known(text) => Some(Shape::of(text.reveal())),
            Content::Sealed(sealed) => Some(sealed.known().shape),
            Content::Unknown(_) => None,
        }
    }

    /// Whether another one is the same; `None` when that cannot be told.
    pub fn same(&self, other: &Self) -> Option<bool> {
        match (&self.content, &other.content) {
            (Content::Known(one), Content::Known(other)) => Some(one == other),
            (Content::Sealed(sealed), Content::Known(text)) | (Content::Known(text), Content::Sealed(sealed)) => {
                sealed.is(text.reveal())
            }
            (Content::Sealed(one), Content::Sealed(other)) => one.same(other),
            (Content::Unknown(_), _) | (_, Content::Unknown(_)) => None,
        }
    }

    /// Why that cannot be told.
    pub(crate) fn why_unknown(&self, other: &Self) -> String {
        match (&self.content, &other.content) {
            (Content::Unknown(why), _) | (_, Content::Unknown(why)) => why.clone(),
            (Content::Sealed(_), Content::Sealed(_)) => "they were sealed with different fingerprint keys".to_owned(),
            _ => "only what was sealed of it is known here, and the fingerprint key is not".to_owned(),
        }
    }
}

/// The effective configuration of one service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// By key.
    pub values: BTreeMap<String, Value>,
    /// What does not stand in the way, such as keys that are set twice.
    pub warnings: Vec<Finding>,
}

impl Resolved {
    /// The plain texts, for the release's own file of values.
    pub fn reveal(&self) -> BTreeMap<String, String> {
        let known = |(key, value): (&String, &Value)| Some((key.clone(), value.text()?.reveal().to_owned()));
        self.values.iter().filter_map(known).collect()
    }
}

/// Reads the sources of what a process is given and lays each over those before it. With errors, answers with all that was found; a
/// value that is not known is one.
pub fn resolve(site: &Site<'_>, sources: &[ConfigSource]) -> Result<Resolved, Vec<Finding>> {
    let (values, mut findings) = lay_all(&Resolved::default(), read(site, sources));
    for (key, value) in &values {
        let places = value.overridden.iter().chain([&value.provenance]);
        findings.extend(places.filter_map(|at| reserved(key, &at.place())));
        findings.extend(not_known(key, value));
        findings.extend(not_a_name(key, value));
    }
    settled(values, findings)
}

/// Reads the sources of what a service reads by itself; `variables` is what its process is given, which they may refer to. Values may be
/// unknown.
pub fn resolve_reads(
    site: &Site<'_>,
    variables: &Resolved,
    sources: &[ConfigSource],
) -> Result<Resolved, Vec<Finding>> {
    lay(variables, read(site, sources))
}

fn read(site: &Site<'_>, sources: &[ConfigSource]) -> Vec<(String, Read)> {
    let one = |source: Box<dyn Source + '_>| {
        let mut read = source.read(site);
        (read.layer.take().unwrap_or_else(|| source.layer()), read)
    };
    sources.iter().map(source).map(one).collect()
}

/// The source behind a declaration.
pub fn source(declared: &ConfigSource) -> Box<dyn Source + '_> {
    match declared {
        ConfigSource::File { kind, path, place, .. } if ProcessSource::is(kind) => {
            Box::new(ProcessSource { kind, named: path, place })
        }
        ConfigSource::File { kind, path, part, place } => {
            Box::new(FileSource { kind, path, part: part.as_deref(), place })
        }
        ConfigSource::Inline { values, place } => Box::new(Inline { values, place }),
    }
}

/// Lays what was read over each other; references may also be to `variables`. Pure.
pub fn lay(variables: &Resolved, layers: Vec<(String, Read)>) -> Result<Resolved, Vec<Finding>> {
    let (values, findings) = lay_all(variables, layers);
    settled(values, findings)
}

fn settled(values: BTreeMap<String, Value>, findings: Vec<Finding>) -> Result<Resolved, Vec<Finding>> {
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    Ok(Resolved { values, warnings: findings })
}

fn lay_all(variables: &Resolved, layers: Vec<(String, Read)>) -> (BTreeMap<String, Value>, Vec<Finding>) {
    let mut laid = Laid {
        variables,
        values: BTreeMap::new(),
        late: BTreeMap::new(),
        hidden: BTreeMap::new(),
        file: Arc::from(""),
    };
    let mut findings = Vec::new();
    for (layer, read) in layers {
        let layer = Arc::from(layer);
        findings.extend(read.findings);
        for assignment in read.assignments {
            findings.extend(laid.assign(&layer, assignment, read.late, read.document));
        }
    }
    findings.extend(laid.settle());
    (laid.values, findings)
}

/// What is laid so far.
struct Laid<'a> {
    variables: &'a Resolved,
    values: BTreeMap<String, Value>,
    /// Of values that refer to what the keys are in the end: each settled once all layers are there.
    late: BTreeMap<String, Template>,
    /// What the environment has for keys that a document has, too.
    hidden: BTreeMap<String, Option<Content>>,
    /// That of the last assignment.
    file: Arc<str>,
}

/// What is only known as it was sealed cannot be a part of another value.
const NOT_HERE: &str = "it refers to a value that is not here";

/// References to references go no deeper than this: deeper ones go round.
const DEEPEST: u32 = 32;

impl Laid<'_> {
    /// Answers with what is wrong with the assignment, if anything is.
    fn assign(&mut self, layer: &Arc<str>, assignment: Assignment, late: bool, document: bool) -> Option<Finding> {
        let Assignment { key, value, place } = assignment;
        if *self.file != *place.file {
            self.file = Arc::from(place.file.as_str());
        }
        if !document {
            self.hidden.remove(&key);
        } else if !self.hidden.contains_key(&key) {
            let content = self.values.get(&key).map(|value| match self.late.get(&key) {
                Some(template) => self.content(&key, template, &value.provenance.place()).0,
                None => value.content.clone(),
            });
            self.hidden.insert(key.clone(), content);
        }
        let (line, column) = (place.line, place.column);
        let provenance = Provenance { file: Arc::clone(&self.file), line, column, layer: Arc::clone(layer) };
        if late {
            self.set(key.clone(), Content::Known(SecretText::new("")), provenance);
            self.late.insert(key, value);
            return None;
        }
        let (content, finding) = self.content(&key, &value, &place);
        self.late.remove(&key);
        self.set(key, content, provenance);
        finding
    }

    fn settle(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let keys: Vec<String> = self.late.keys().cloned().collect();
        let settled: Vec<(String, Content)> = keys
            .into_iter()
            .filter_map(|key| {
                let (template, at) = (self.late.get(&key)?, &self.values.get(&key)?.provenance);
                let (content, finding) = self.content(&key, template, &at.place());
                findings.extend(finding);
                Some((key, content))
            })
            .collect();
        for (key, content) in settled {
            self.values.entry(key).and_modify(|value| value.content = content);
        }
        findings
    }

    fn content(&self, key: &str, template: &Template, place: &Place) -> (Content, Option<Finding>) {
        let mut text = String::new();
        match self.expand(template, LONGEST.saturating_sub(key.len() + 2), 0, &mut text) {
            Ok(()) => (Content::Known(SecretText::new(text)), None),
            Err(Trouble::Unknown(why)) => (Content::Unknown(why), None),
            // Set all the same, so that what refers to this key is not reported, too.
            Err(trouble) => (Content::Known(SecretText::new("")), Some(trouble.finding(key, place))),
        }
    }

    fn set(&mut self, key: String, content: Content, provenance: Provenance) {
        let overridden = match self.values.remove(&key) {
            Some(Value { provenance, mut overridden, .. }) => {
                overridden.push(provenance);
                overridden
            }
            None => Vec::new(),
        };
        self.values.insert(key, Value { content, provenance, overridden });
    }

    /// What a key is now, if it is set: its text is appended to a new one.
    fn look_up(&self, name: &str, longest: usize, depth: u32) -> Result<Option<String>, Trouble> {
        if let Some(template) = self.late.get(name) {
            let mut text = String::new();
            self.expand(template, longest, depth + 1, &mut text)?;
            return Ok(Some(text));
        }
        match self.values.get(name).or_else(|| self.variables.values.get(name)).map(|value| &value.content) {
            Some(Content::Known(text)) => Ok(Some(text.reveal().to_owned())),
            Some(Content::Sealed(_)) => Err(Trouble::Unknown(NOT_HERE.to_owned())),
            Some(Content::Unknown(why)) => Err(Trouble::Unknown(why.clone())),
            None => Ok(None),
        }
    }

    /// What the environment has for a key. What the process is given counts before what it reads from files by itself: that is how
    /// those libraries have it.
    fn environment(&self, name: &str, longest: usize, depth: u32) -> Result<Option<String>, Trouble> {
        let content = match (self.variables.values.get(name), self.hidden.get(name)) {
            (Some(given), _) => Some(&given.content),
            (None, Some(hidden)) => hidden.as_ref(),
            (None, None) => return self.look_up(name, longest, depth),
        };
        match content {
            Some(Content::Known(text)) => Ok(Some(text.reveal().to_owned())),
            Some(Content::Sealed(_)) => Err(Trouble::Unknown(NOT_HERE.to_owned())),
            Some(Content::Unknown(why)) => Err(Trouble::Unknown(why.clone())),
            None => Ok(None),
        }
    }

    /// Appends what a look-up in the environment gives.
    fn expand_variable(
        &self,
        variable: &Variable,
        longest: usize,
        depth: u32,
        text: &mut String,
    ) -> Result<(), Trouble> {
        let unknown = |why: &str| Err(Trouble::Unknown(why.to_owned()));
        if variable.or_file {
            let file = self.environment(&format!("{}_FILE", variable.name), longest, depth)?;
            if file.is_some_and(|file| !file.is_empty()) {
                return unknown("it is read from the file that the variable with _FILE at its end names");
            }
        }
        match self.environment(&variable.name, longest, depth)?.map(|found| variable.settle(&found)) {
            Some(Settled::Text(found)) => text.push_str(&found),
            Some(Settled::Unknown(why)) => return unknown(why),
            Some(Settled::Default) | None => match &variable.default {
                Some(default) => self.expand(default, longest, depth + 1, text)?,
                None => return unknown("it is looked up in the environment, where it is not set here"),
            },
        }
        Ok(())
    }

    /// Appends a value to `text`, with references replaced by what their keys have now.
    fn expand(&self, template: &Template, longest: usize, depth: u32, text: &mut String) -> Result<(), Trouble> {
        for piece in &template.0 {
            match piece {
                Piece::Text(more) => text.push_str(more.reveal()),
                Piece::Unknown { why, .. } => return Err(Trouble::Unknown(why.clone())),
                Piece::Reference { place, .. } | Piece::Alternative { place, .. } if depth >= DEEPEST => {
                    return Err(Trouble::Round(place.clone()));
                }
                Piece::Variable(variable) if depth >= DEEPEST => return Err(Trouble::Round(variable.place.clone())),
                Piece::Variable(variable) => self.expand_variable(variable, longest, depth, text)?,
                Piece::Reference { name, default, or_empty, missing, place } => {
                    match (self.look_up(name, longest, depth)?, default, missing) {
                        (Some(found), Some(default), _) if *or_empty && found.is_empty() => {
                            self.expand(default, longest, depth + 1, text)?;
                        }
                        (Some(found), _, _) => text.push_str(&found),
                        (None, Some(default), _) => self.expand(default, longest, depth + 1, text)?,
                        (None, None, Missing::Empty) => {}
                        (None, None, Missing::Error) => return Err(Trouble::NotSet(place.clone())),
                        (None, None, Missing::Unknown) => {
                            return Err(Trouble::Unknown("it refers to a key that is not set here".to_owned()));
                        }
                    }
                }
                Piece::Alternative { name, then, or_empty, .. } => {
                    let found = self.look_up(name, longest, depth)?;
                    if found.is_some_and(|found| !(*or_empty && found.is_empty())) {
                        self.expand(then, longest, depth + 1, text)?;
                    }
                }
            }
            if text.len() > longest {
                return Err(Trouble::TooLong);
            }
        }
        Ok(())
    }
}

fn not_known(key: &str, value: &Value) -> Option<Finding> {
    let Content::Unknown(why) = &value.content else { return None };
    let Place { file, line, column } = value.provenance.place();
    let message = format!("its value cannot be told before the program runs: {why}");
    let hint = "a process can only be given what is known: write the value out, or name the source under `reads`";
    Some(Finding::error("S0209", key, message).at(file, line, column).hint(hint))
}

/// Docker and Kubernetes allow names that shells do not.
fn not_a_name(key: &str, value: &Value) -> Option<Finding> {
    if is_key(key) {
        return None;
    }
    let Place { file, line, column } = value.provenance.place();
    let message = "a shell may drop a variable of this name, and services are started by one";
    let hint = "use letters, digits and `_`, not starting with a digit";
    Some(Finding::warning("S0201", key, message).at(file, line, column).hint(hint))
}

/// Why a value has no text.
enum Trouble {
    NotSet(Place),
    Round(Place),
    TooLong,
    Unknown(String),
}

impl Trouble {
    fn finding(self, key: &str, place: &Place) -> Finding {
        match self {
            // The name is not repeated: a `$` in the middle of a password looks like a reference.
            Self::NotSet(place) => {
                let message = "its value refers to a key that is not set before it";
                let hint = "set that key first (the process's environment is not looked at), give a default as ${KEY:-default}, or write \\$ or single quotes for a plain `$`";
                Finding::error("S0205", key, message).at(place.file, place.line, place.column).hint(hint)
            }
            Self::Round(place) => {
                let message = "its value refers to itself, or to references that go too deep";
                let hint = "write the value out at one of them";
                Finding::error("S0205", key, message).at(place.file, place.line, place.column).hint(hint)
            }
            Self::Unknown(why) => Finding::error("S0209", key, why).at(&place.file, place.line, place.column),
            Self::TooLong => {
                let message = "its value is longer than the 128 KiB that the system allows an environment variable";
                let hint = "keep it in a file, and its path here";
                Finding::error("S0206", key, message).at(&place.file, place.line, place.column).hint(hint)
            }
        }
    }
}

/// Keys that Sternway sets itself.
fn reserved(key: &str, place: &Place) -> Option<Finding> {
    let hint = if key == "PORT" {
        "take it out: each instance gets a free port in PORT; a service that needs a fixed one says so with `port` in sternway.toml"
    } else if key.starts_with("STERNWAY_") {
        "choose a name that does not begin with STERNWAY_"
    } else {
        return None;
    };
    let finding = Finding::error("S0204", key, "this key is set by Sternway itself").hint(hint);
    Some(finding.at(&place.file, place.line, place.column))
}
