//! `application.yml` and `application.properties` as Spring Boot reads them (3.4: its reference, "Externalized Configuration").
//!
//! - `#profile` names the active profiles, separated by commas; without it the profile `default` is active. Documents with
//!   `spring.config.activate.on-profile` (or the older `spring.profiles`) count when they fit; then come `application-PROFILE` files
//!   beside the file, of the same ending, which win over it.
//! - Keys are in the form that Spring calls canonical: lower case, words joined by `-`, entries of lists as `[0]`. [`uniform`] is the
//!   form in which keys are the same to Spring, and [`from_variable`] the key that a variable such as `SPRING_DATASOURCE_URL` sets.
//! - `${name:default}` is a key in any spelling, or a variable, and is looked up in the end.
//! - `spring.config.import` and profile groups are not followed, and documents for a cloud platform do not count: each is noted.

use std::collections::HashMap;

use super::glyphs::Glyph;
use super::placeholders;
use super::text::{Encoding, Fault, Reading, Spot, decode, set_twice};
use super::{properties, yaml};
use crate::document::{Node, NodeValue};
use crate::source::{Assignment, Input, Read, Template};

/// Reads an application file and those of the active profiles beside it.
pub(super) fn read(input: &Input<'_>) -> Read {
    let profiles: Vec<&str> = match input.part {
        Some(part) => part.split(',').map(str::trim).filter(|profile| !profile.is_empty()).collect(),
        None => vec!["default"],
    };
    let mut all = Read { late: true, ..Read::default() };
    let mut spellings = HashMap::new();
    one(input.bytes, input.file, &profiles, &mut spellings, &mut all);
    for profile in &profiles {
        let Some((name, ending)) = input.file.rsplit_once('.') else { break };
        let beside = format!("{name}-{profile}.{ending}");
        if profile.contains(['/', '\\']) {
            continue;
        }
        if let Ok(bytes) = input.files.read(&beside) {
            one(&bytes, &beside, &profiles, &mut spellings, &mut all);
        }
    }
    all
}

const ON_PROFILE: &str = "spring.config.activate.on-profile";
const ON_PLATFORM: &str = "spring.config.activate.on-cloud-platform";
const OLD_PROFILES: &str = "spring.profiles";

/// Reads one file.
fn one(bytes: &[u8], file: &str, profiles: &[&str], spellings: &mut HashMap<String, String>, all: &mut Read) {
    let mut reading = Reading::new(file);
    let documents =
        if file.ends_with(".properties") { of_properties(bytes, &mut reading) } else { of_yaml(bytes, &mut reading) };
    for mut document in documents {
        for assignment in &mut document {
            let key = canonical(&assignment.key);
            assignment.key.clone_from(spellings.entry(uniform(&key)).or_insert(key));
        }
        if !counts(&document, profiles, &mut reading) {
            continue;
        }
        document.retain(|assignment| !is_condition(&assignment.key));
        reading.read.findings.extend(set_twice(&document));
        note(&document, &mut reading);
        reading.read.assignments.extend(document);
    }
    let read = reading.finish_as_is();
    all.assignments.extend(read.assignments);
    all.findings.extend(read.findings);
}

fn of_properties(bytes: &[u8], reading: &mut Reading<'_>) -> Vec<Vec<Assignment>> {
    let mut documents: Vec<Vec<Assignment>> = Vec::new();
    for entry in properties::entries(bytes, reading) {
        if documents.len() <= entry.document {
            documents.resize_with(entry.document + 1, Vec::new);
        }
        let value = placeholders::template(&entry.value, names, reading);
        let place = reading.place(entry.spot);
        documents[entry.document].push(Assignment { key: entry.key, value, place });
    }
    documents
}

fn of_yaml(bytes: &[u8], reading: &mut Reading<'_>) -> Vec<Vec<Assignment>> {
    let Some(text) = decode(bytes, Encoding::Marked, reading) else { return Vec::new() };
    let nodes = yaml::documents(&text, reading);
    let mut documents = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut document = Vec::new();
        let mut written = 0;
        gather(&node, String::new(), &mut document, &mut written, reading);
        if written > super::text::LARGEST * 8 {
            let message = "its keys, written out as paths, are larger than 64 MiB";
            reading.fault(Fault::error(Spot::WHOLE, message, "name a file that holds configuration and nothing else"));
        }
        documents.push(document);
    }
    documents
}

/// One assignment for each scalar.
fn gather(node: &Node, key: String, into: &mut Vec<Assignment>, written: &mut usize, reading: &Reading<'_>) {
    *written = written.saturating_add(key.len());
    if *written > super::text::LARGEST * 8 {
        return;
    }
    match &node.value {
        NodeValue::Map(entries) if !entries.is_empty() => {
            for (name, place, below) in entries {
                let dot = if key.is_empty() || name.starts_with('[') { "" } else { "." };
                let from = into.len();
                gather(below, format!("{key}{dot}{name}"), into, written, reading);
                // A value's key stands where its name does.
                if let [assignment] = &mut into[from..]
                    && matches!(below.value, NodeValue::Scalar(_))
                {
                    assignment.place = place.clone();
                }
            }
        }
        NodeValue::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                gather(item, format!("{key}[{index}]"), into, written, reading);
            }
        }
        _ if key.is_empty() => {}
        NodeValue::Map(_) | NodeValue::List(_) => {
            into.push(Assignment { key, value: Template::text(""), place: node.place.clone() });
        }
        NodeValue::Scalar(template) => {
            let value = match template.plain() {
                Some(text) => {
                    let at = Spot { line: node.place.line, column: node.place.column };
                    let glyphs: Vec<Glyph> = text.chars().map(|is| Glyph { is, at }).collect();
                    placeholders::template(&glyphs, names, reading)
                }
                None => template.clone(),
            };
            into.push(Assignment { key, value, place: node.place.clone() });
        }
    }
}

/// Whether a key says when its document counts.
fn is_condition(key: &str) -> bool {
    [ON_PROFILE, ON_PLATFORM, OLD_PROFILES].iter().any(|condition| names_it(key, condition))
}

/// The key itself, or an entry of a list of it.
fn names_it(key: &str, wanted: &str) -> bool {
    key.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// Whether a document counts with these profiles.
fn counts(document: &[Assignment], profiles: &[&str], reading: &mut Reading<'_>) -> bool {
    if let Some(platform) = document.iter().find(|assignment| names_it(&assignment.key, ON_PLATFORM)) {
        let spot = Spot { line: platform.place.line, column: platform.place.column };
        let message = "this document is for a cloud platform, and does not count here";
        reading.fault(Fault::note(spot, message, "name its values in a source of their own if they do"));
        return false;
    }
    let mut any = None;
    for condition in document {
        if names_it(&condition.key, ON_PROFILE) || names_it(&condition.key, OLD_PROFILES) {
            let fits = condition.value.plain().is_some_and(|expression| fits(&expression, profiles));
            any = Some(any.unwrap_or(false) || fits);
        }
    }
    any.unwrap_or(true)
}

/// Whether one of the expressions, which commas separate, is true of the active profiles.
fn fits(expressions: &str, profiles: &[&str]) -> bool {
    expressions.split(',').map(str::trim).filter(|one| !one.is_empty()).any(|expression| {
        let mut expression = Expression { rest: expression, profiles, depth: 0 };
        expression.any() == Some(true) && expression.rest.trim().is_empty()
    })
}

/// `org.springframework.core.env.Profiles`: names with `!`, `&`, `|` and brackets.
struct Expression<'a> {
    rest: &'a str,
    profiles: &'a [&'a str],
    depth: u32,
}

impl Expression<'_> {
    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn any(&mut self) -> Option<bool> {
        let mut value = self.all()?;
        while self.take('|') {
            value |= self.all()?;
        }
        Some(value)
    }

    fn all(&mut self) -> Option<bool> {
        let mut value = self.single()?;
        while self.take('&') {
            value &= self.single()?;
        }
        Some(value)
    }

    fn single(&mut self) -> Option<bool> {
        self.depth += 1;
        if self.depth > 64 {
            return None;
        }
        let value = if self.take('!') {
            !self.single()?
        } else if self.take('(') {
            let value = self.any()?;
            self.take(')').then_some(value)?
        } else {
            let rest = self.rest.trim_start();
            let (name, rest) = rest.split_at(rest.find(['!', '&', '|', '(', ')']).unwrap_or(rest.len()));
            self.rest = rest;
            let name = name.trim();
            if name.is_empty() {
                return None;
            }
            self.profiles.contains(&name)
        };
        self.depth -= 1;
        Some(value)
    }
}

/// Says what is not followed.
fn note(document: &[Assignment], reading: &mut Reading<'_>) {
    for assignment in document {
        let import = names_it(&assignment.key, "spring.config.import");
        let group = assignment.key.starts_with("spring.profiles.group");
        if import || group {
            let spot = Spot { line: assignment.place.line, column: assignment.place.column };
            let message = if import { "imports are not followed" } else { "groups of profiles are not followed" };
            let hint =
                if import { "name what it imports as a source of its own" } else { "name all profiles after `#`" };
            reading.fault(Fault::note(spot, message, hint));
        }
    }
}

/// By which keys and variables a placeholder's name is looked up: the canonical key, the name as it stands, the variable for it.
fn names(name: &str) -> Vec<String> {
    let canonical = canonical(name);
    let variable = to_variable(name);
    let mut names = vec![canonical];
    for other in [name.to_owned(), variable] {
        if !names.contains(&other) {
            names.push(other);
        }
    }
    names
}

/// A key in Spring's canonical form: `spring.datasource.hikari.maximumPoolSize`, `..._pool_size` and `...POOL_SIZE` are all
/// `spring.datasource.hikari.maximum-pool-size`. What stands in brackets stays as it is.
pub fn canonical(key: &str) -> String {
    let mut done = String::with_capacity(key.len() + 4);
    let mut brackets = 0_usize;
    let mut before: Option<char> = None;
    for character in key.trim().chars() {
        match character {
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        if brackets > 0 {
            done.push(character);
        } else if character == '_' {
            done.push('-');
        } else {
            let word = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
            if character.is_uppercase() && word {
                done.push('-');
            }
            done.extend(character.to_lowercase());
        }
        before = Some(character);
    }
    done
}

/// The form in which keys are the same to Spring: lower case, without `-` and `_`, but for what stands in brackets.
pub fn uniform(key: &str) -> String {
    let mut brackets = 0_usize;
    let mut done = String::with_capacity(key.len());
    for character in canonical(key).chars() {
        match character {
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        if brackets > 0 || character != '-' {
            done.push(character);
        }
    }
    done
}

/// The key that a variable of the environment sets, in [`uniform`] form: `SPRING_DATASOURCE_URL` is `spring.datasource.url`, `APP_HOSTS_0_NAME`
/// is `app.hosts[0].name`.
pub fn from_variable(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for part in name.split('_').filter(|part| !part.is_empty()) {
        if !key.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            key.push('[');
            key.push_str(part);
            key.push(']');
            continue;
        }
        if !key.is_empty() {
            key.push('.');
        }
        key.push_str(&part.to_lowercase());
    }
    key
}

/// The variable of the environment that sets a key: dots become `_`, dashes go, all in upper case.
pub fn to_variable(key: &str) -> String {
    let kept = canonical(key).replace(['.', '['], "_").replace(['-', ']'], "");
    kept.to_uppercase()
}
