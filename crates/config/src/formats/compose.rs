//! Compose files: what the container of one service gets (the Compose specification; compose-go 2.4).
//!
//! - `#service` names the service; without it the file must hold one alone. `extends` is followed, also into another file.
//! - `environment` is a map or a list of `KEY=value`, and wins over `env_file`, of which later files win. A key without a value is
//!   taken from where Compose is called: from the `.env` beside the file, else it is unknown.
//! - `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `${NAME:+text}`, `${NAME+text}` are
//!   looked up in the `.env` beside the file; `$$` is a `$`. What is not there, and has no default, may be set where Compose is called: it
//!   is unknown. So may be what is there, but the file is what is meant to count.
//! - In an `env_file`, names are looked up in that `.env`, then in `environment`, then in the files themselves. With `format: raw` its
//!   lines are taken as they are.
//! - The image's own `ENV`, `include`, `configs` and `secrets` are not looked at.

use sternway_core::finding::{Finding, Place};

use super::beside::beside;
use super::glyphs::Glyph;
use super::scope::{Scope, Settling, value_of};
use super::text::{Encoding, Fault, Reading, Spot, decode, set_twice};
use super::{dotenv_compose, dotenv_docker, which, yaml};
use crate::document::{Node, NodeValue};
use crate::source::{Assignment, Files, Input, Piece, Read, Template};

/// Services extend each other no deeper than this.
const DEEPEST: usize = 16;

/// No more files than this are read for one service.
const MOST_FILES: usize = 64;

/// Reads a Compose file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut compose = Compose {
        files: input.files,
        findings: Vec::new(),
        outer: Scope::default(),
        settling: Settling::default(),
        opened: 0,
    };
    let mut service = Service::default();
    if let Some(document) = compose.document(input.bytes, input.file)
        && let Some(name) = compose.choose(&document, input)
    {
        compose.read_outer(input.file);
        compose.service(&document, input.file, &name, 0, &mut service);
    }
    let assignments = compose.assignments(service);
    Read { assignments, findings: compose.findings, ..Read::default() }
}

/// What a service says of its environment, and those that it extends before it.
#[derive(Default)]
struct Service {
    env_files: Vec<EnvFile>,
    /// A key without a value has none.
    environment: Vec<(String, Option<Template>, Place)>,
}

struct EnvFile {
    path: Template,
    required: bool,
    raw: bool,
    place: Place,
}

struct Compose<'a> {
    files: &'a dyn Files,
    findings: Vec<Finding>,
    /// What the `.env` beside the file sets.
    outer: Scope,
    settling: Settling,
    opened: usize,
}

impl Compose<'_> {
    fn fault(&mut self, place: &Place, fault: Fault) {
        let mut reading = Reading::new(&place.file);
        reading.fault(Fault { spot: spot(place), ..fault });
        self.findings.extend(reading.finish_as_is().findings);
    }

    fn document(&mut self, bytes: &[u8], file: &str) -> Option<Node> {
        let mut reading = Reading::new(file);
        let documents = decode(bytes, Encoding::Marked, &mut reading).map(|text| yaml::documents(&text, &mut reading));
        let mut documents = documents.unwrap_or_default();
        if documents.len() > 1 {
            let message = "the file holds several documents, which Compose lays over each other: that is not done here";
            let at = spot(&documents[1].place);
            reading.fault(Fault::error(at, message, "keep each in a file of its own, and name the one that counts"));
        }
        self.findings.extend(reading.finish_as_is().findings);
        (!documents.is_empty()).then(|| documents.remove(0))
    }

    /// Which service counts.
    fn choose(&mut self, document: &Node, input: &Input<'_>) -> Option<String> {
        if let Some((_, place, _)) = document.entries().iter().find(|entry| entry.0 == "include") {
            let message = "what `include` names is not looked at";
            let hint = "name that file, if the service is in it";
            self.fault(place, Fault::note(Spot::START, message, hint));
        }
        let services = document.get("services").map_or(&[][..], Node::entries);
        let names: Vec<String> = services.iter().map(|entry| entry.0.clone()).collect();
        let finding = match (input.part, &names[..]) {
            (Some(part), _) if names.iter().any(|name| name == part) => return Some(part.to_owned()),
            (None, [name]) => return Some(name.clone()),
            (Some(_), _) | (None, []) => which::absent(input.file, "services", &names),
            (None, _) => which::several(input.file, "services", &names),
        };
        self.findings.push(finding);
        None
    }

    /// Reads the `.env` beside the file, if there is one.
    fn read_outer(&mut self, file: &str) {
        let Some(path) = beside(file, ".env") else { return };
        let Ok(bytes) = self.files.read(&path) else { return };
        let input = Input { bytes: &bytes, file: &path, part: None, files: self.files };
        let read = dotenv_compose::read(&input);
        self.findings.extend(read.findings);
        for assignment in read.assignments {
            let value = self.settling.settle(&assignment.value, &[&self.outer], &assignment.place);
            self.outer.set(&assignment.key, &value);
        }
    }

    /// Gathers what a service says, after what those say that it extends.
    fn service(&mut self, document: &Node, file: &str, name: &str, depth: usize, into: &mut Service) {
        let Some(node) = document.get("services").and_then(|services| services.get(name)) else { return };
        if let Some(extends) = node.get("extends") {
            self.extended(document, file, extends, depth, into);
        }
        if let Some(files) = node.get("env_file") {
            self.env_files(files, into);
        }
        if let Some(environment) = node.get("environment") {
            self.environment(environment, into);
        }
    }

    fn extended(&mut self, document: &Node, file: &str, extends: &Node, depth: usize, into: &mut Service) {
        let named = extends.get("service").unwrap_or(extends);
        let Some(name) = self.known(named) else { return };
        if depth == DEEPEST {
            let message = "services that extend each other go round, or too deep";
            return self.fault(&named.place, Fault::error(Spot::START, message, "take one `extends` away"));
        }
        let Some(other) = extends.get("file") else {
            if document.get("services").and_then(|services| services.get(&name)).is_none() {
                let message = "the service that this extends is not in the file";
                return self.fault(&named.place, Fault::error(Spot::START, message, "name one that is"));
            }
            return self.service(document, file, &name, depth + 1, into);
        };
        let Some(path) = self.known(other) else { return };
        let Some((path, bytes)) = self.open(&path, &other.place, true) else { return };
        let Some(document) = self.document(&bytes, &path) else { return };
        if document.get("services").and_then(|services| services.get(&name)).is_none() {
            let message = "the service that this extends is not in that file";
            return self.fault(&named.place, Fault::error(Spot::START, message, "name one that is"));
        }
        self.service(&document, &path, &name, depth + 1, into);
    }

    fn env_files(&mut self, node: &Node, into: &mut Service) {
        let one = std::slice::from_ref(node);
        for entry in if let NodeValue::List(items) = &node.value { items } else { one } {
            let path = entry.get("path").unwrap_or(entry);
            let NodeValue::Scalar(value) = &path.value else {
                let hint = "write a path, or `path:` and `required:`";
                self.fault(&entry.place, Fault::error(Spot::START, "this names no file", hint));
                continue;
            };
            let is = |name: &str, text: &str| entry.get(name).and_then(Node::text).is_some_and(|is| is == text);
            let (required, raw) = (!is("required", "false"), is("format", "raw"));
            if let Some(path) = self.interpolated(value, &path.place) {
                into.env_files.push(EnvFile { path, required, raw, place: entry.place.clone() });
            }
        }
    }

    fn environment(&mut self, node: &Node, into: &mut Service) {
        let from = into.environment.len();
        for (key, place, node) in node.entries() {
            let NodeValue::Scalar(value) = &node.value else {
                let message = "the value of a variable is a map or a list here";
                self.fault(place, Fault::error(Spot::START, message, "write text, in quotes if need be"));
                continue;
            };
            let value = if node.is_null() { Some(None) } else { self.interpolated(value, &node.place).map(Some) };
            into.environment.extend(value.map(|value| (key.clone(), value, place.clone())));
        }
        for node in node.items() {
            let text = node.text();
            let key = text.as_deref().map(|text| text.split_once('=').map_or(text, |(key, _)| key));
            let Some(key) = key.filter(|key| !key.is_empty() && !key.contains('$')) else {
                let message = "this entry has no plain key";
                self.fault(&node.place, Fault::error(Spot::START, message, "write KEY=value"));
                continue;
            };
            let value = text.as_deref().and_then(|text| text.get(key.len() + 1..));
            let value = match value {
                Some(value) => self.interpolated_text(value, &node.place, spot(&node.place)).map(Some),
                None => Some(None),
            };
            into.environment.extend(value.map(|value| (key.to_owned(), value, node.place.clone())));
        }
        if matches!(node.value, NodeValue::Scalar(_)) && !node.is_null() {
            let message = "`environment` is neither a map nor a list";
            self.fault(&node.place, Fault::error(Spot::START, message, "write KEY: value in lines of their own"));
        }
        let own: Vec<Assignment> = into.environment[from..].iter().map(no_value).collect();
        self.findings.extend(set_twice(&own));
    }

    /// A value, whose references are looked up in the `.env`.
    fn interpolated(&mut self, value: &Template, place: &Place) -> Option<Template> {
        match value.plain() {
            Some(text) => self.interpolated_text(&text, place, spot(place)),
            None => Some(value.clone()),
        }
    }

    fn interpolated_text(&mut self, text: &str, place: &Place, at: Spot) -> Option<Template> {
        let glyphs: Vec<Glyph> = text.chars().map(|is| Glyph { is, at }).collect();
        match dotenv_compose::strict(&glyphs, &Reading::new(&place.file)) {
            Ok(template) => Some(self.settling.settle(&template, &[&self.outer], place)),
            Err(fault) => {
                self.fault(place, fault);
                None
            }
        }
    }

    /// A name or path, when it is known.
    fn known(&mut self, node: &Node) -> Option<String> {
        let NodeValue::Scalar(value) = &node.value else {
            self.fault(&node.place, Fault::error(Spot::START, "this is no name", "write a name as text"));
            return None;
        };
        let text = self.interpolated(value, &node.place)?.plain();
        if text.is_none() {
            let message = "which one this names is only known when Compose is called";
            self.fault(&node.place, Fault::warning(Spot::START, message, "write the name out, or set it in `.env`"));
        }
        text
    }

    /// A file that another names, with its path.
    fn open(&mut self, path: &str, place: &Place, required: bool) -> Option<(String, Vec<u8>)> {
        self.opened += 1;
        let path = beside(&place.file, path).filter(|_| self.opened <= MOST_FILES);
        if let Some(path) = path
            && let Ok(bytes) = self.files.read(&path)
        {
            return Some((path, bytes));
        }
        if required {
            let message = "the file that this names is not there, cannot be read, or lies outside of the project";
            let hint = "paths are relative to the file that names them; `required: false` lets it be absent";
            self.fault(place, Fault::error(Spot::START, message, hint));
        }
        None
    }

    fn assignments(&mut self, service: Service) -> Vec<Assignment> {
        let mut environment = Vec::with_capacity(service.environment.len());
        let mut own = Scope::default();
        for (key, value, place) in service.environment {
            let value = value.unwrap_or_else(|| self.callers(&key, &place));
            own.set(&key, &value);
            environment.push(Assignment { key, value, place });
        }
        let mut all = Vec::new();
        let mut before = Scope::default();
        for env_file in service.env_files {
            let Some(path) = env_file.path.plain() else {
                let message = "which file this names is only known when Compose is called";
                let hint = "write the path out, or set it in `.env`";
                self.fault(&env_file.place, Fault::warning(Spot::START, message, hint));
                continue;
            };
            let Some((path, bytes)) = self.open(&path, &env_file.place, env_file.required) else { continue };
            let input = Input { bytes: &bytes, file: &path, part: None, files: self.files };
            let read = if env_file.raw { dotenv_docker::read(&input) } else { dotenv_compose::read(&input) };
            self.findings.extend(read.findings);
            for Assignment { key, value, place } in read.assignments {
                let value = if is_bare(&value) {
                    self.callers(&key, &place)
                } else {
                    self.settling.settle(&value, &[&self.outer, &own, &before], &place)
                };
                before.set(&key, &value);
                all.push(Assignment { key, value, place });
            }
        }
        all.extend(environment);
        all
    }

    /// What a key without a value gets.
    fn callers(&self, key: &str, place: &Place) -> Template {
        match self.outer.get(key) {
            Some(content) => value_of(content, place),
            None => Template::unknown(dotenv_compose::FROM_CALLER, place.clone()),
        }
    }
}

/// Whether a line of a dotenv file is a key alone.
fn is_bare(value: &Template) -> bool {
    matches!(&value.0[..], [Piece::Unknown { why, .. }] if why == dotenv_compose::FROM_CALLER)
}

fn no_value((key, _, place): &(String, Option<Template>, Place)) -> Assignment {
    Assignment { key: key.clone(), value: Template::default(), place: place.clone() }
}

fn spot(place: &Place) -> Spot {
    Spot { line: place.line, column: place.column }
}
