//! systemd units: what the processes of a service get (systemd.exec(5), systemd.syntax(7); systemd 252).
//!
//! - The unit is read with its drop-ins beside it: `web.service.d/*.conf`, and those of what it is an instance of (`web@.service.d`), of its
//!   name's beginnings (`web-.service.d` of `web-admin.service`) and of all services (`service.d`), in the order of their names.
//! - `PassEnvironment=` (unknown), then `Environment=`, then `EnvironmentFile=`, each over those before; `UnsetEnvironment=` takes away in
//!   the end. An empty assignment empties its list.
//! - Words of `Environment=` are split and unquoted as systemd does; specifiers such as `%i` and `%h` are unknown, `%%` is a `%`.
//! - The path of an `EnvironmentFile=` begins at the system's root. It is found when the unit lies in a copy of that,
//!   `image/etc/systemd/system/web.service`; otherwise what it sets is unknown, and a note says so.

mod environment_file;
mod unit;
mod words;

use std::collections::BTreeMap;

use sternway_core::finding::{Place, Severity};

use self::unit::{Entry, entries};
use self::words::{Word, words};
use super::beside::{below, fits, is_pattern, root};
use super::glyphs::{Glyph, text_of};
use super::text::{Builder, Fault, Reading, Spot, set_twice};
use crate::source::{Assignment, Files, Input, Piece, Read, Template, is_key};

/// Where units lie below the system's root.
const HOMES: &[&str] =
    &["etc/systemd/system/", "usr/local/lib/systemd/system/", "usr/lib/systemd/system/", "lib/systemd/system/"];

/// No more files than this are read for one unit.
const MOST_FILES: usize = 256;

/// Reads a unit with its drop-ins.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut unit = Unit::new(input);
    unit.file(input.bytes, input.file);
    for path in drop_ins(input) {
        if let Ok(bytes) = input.files.read(&path) {
            unit.file(&bytes, &path);
        }
    }
    unit.finish()
}

/// The drop-ins of a unit, in the order in which they are read. Of equal names the one in the folder that is named first here counts.
fn drop_ins(input: &Input<'_>) -> Vec<String> {
    let (folder, name) = input.file.rsplit_once('/').unwrap_or(("", input.file));
    let Some((stem, kind)) = name.rsplit_once('.') else { return Vec::new() };
    let mut owners = vec![name.to_owned()];
    if let Some((template, instance)) = stem.split_once('@')
        && !instance.is_empty()
    {
        owners.push(format!("{template}@.{kind}"));
    }
    let prefixes = stem.char_indices().rev().filter(|(_, character)| *character == '-').take(16);
    owners.extend(prefixes.map(|(dash, _)| format!("{}.{kind}", &stem[..=dash])));
    owners.push(kind.to_owned());
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for owner in owners {
        let Some(folder) = below(folder, &format!("{owner}.d")) else { continue };
        for file in input.files.list(&folder).unwrap_or_default() {
            if fits("*.conf", &file) {
                let path = format!("{folder}/{file}");
                found.entry(file).or_insert(path);
            }
        }
    }
    found.into_values().take(MOST_FILES).collect()
}

/// What is gathered of a unit.
struct Unit<'a> {
    input: &'a Input<'a>,
    read: Read,
    passed: Vec<(String, Place)>,
    environment: Vec<Assignment>,
    files: Vec<(Template, Place)>,
    /// Names alone, or with the value that is taken away.
    unset: Vec<(String, Option<Template>)>,
}

impl<'a> Unit<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            read: Read::default(),
            passed: Vec::new(),
            environment: Vec::new(),
            files: Vec::new(),
            unset: Vec::new(),
        }
    }

    fn file(&mut self, bytes: &[u8], file: &str) {
        let mut reading = Reading::new(file);
        let from = self.environment.len();
        for entry in entries(bytes, &mut reading) {
            self.entry(&entry, &mut reading);
        }
        let own = self.environment.get(from.min(self.environment.len())..).unwrap_or_default();
        reading.read.findings.extend(set_twice(own));
        self.read.findings.extend(reading.finish_as_is().findings);
    }

    fn entry(&mut self, entry: &Entry, reading: &mut Reading<'_>) {
        let empty = entry.value.is_empty();
        match &*entry.name {
            "Environment" if empty => self.environment.clear(),
            "PassEnvironment" if empty => self.passed.clear(),
            "UnsetEnvironment" if empty => self.unset.clear(),
            "EnvironmentFile" if empty => self.files.clear(),
            "EnvironmentFile" => {
                let place = reading.place(entry.spot);
                self.files.push((specified(&entry.value, reading), place));
            }
            "Environment" | "PassEnvironment" | "UnsetEnvironment" => {
                for word in words(&entry.value, reading) {
                    self.word(&entry.name, &word, reading);
                }
            }
            _ => {}
        }
    }

    fn word(&mut self, name: &str, word: &Word, reading: &mut Reading<'_>) {
        let equals = word.text.iter().position(|glyph| glyph.is == '=');
        let key = text_of(&word.text[..equals.unwrap_or(word.text.len())]);
        let value = equals.map(|equals| specified(&word.text[equals + 1..], reading));
        let message = match (name, value) {
            _ if !is_key(&key) => "this is not a name that a variable can have: systemd skips it",
            ("Environment", Some(value)) => {
                let place = reading.place(word.spot);
                return self.environment.push(Assignment { key, value, place });
            }
            ("Environment", None) => "this word assigns nothing: systemd skips it",
            ("PassEnvironment", None) => return self.passed.push((key, reading.place(word.spot))),
            ("PassEnvironment", Some(_)) => "a variable that is passed has no value here: systemd skips it",
            (_, value) => return self.unset.push((key, value)),
        };
        let hint = "write KEY=value, in double quotes as a whole when it holds spaces: \"KEY=a value\"";
        reading.fault(Fault::warning(word.spot, message, hint));
    }

    fn finish(mut self) -> Read {
        let why = "it is passed on from systemd's own environment";
        for (key, place) in std::mem::take(&mut self.passed) {
            self.read.assignments.push(Assignment { key, value: Template::unknown(why, place.clone()), place });
        }
        self.read.assignments.append(&mut self.environment);
        for (path, place) in std::mem::take(&mut self.files) {
            self.environment_file(&path, &place);
        }
        for (key, value) in std::mem::take(&mut self.unset) {
            self.take_away(&key, value.as_ref());
        }
        self.read
    }

    fn say(&mut self, severity: Severity, place: &Place, message: &'static str, hint: &'static str) {
        let spot = Spot { line: place.line, column: place.column };
        let mut reading = Reading::new(&place.file);
        reading.fault(Fault { severity, ..Fault::note(spot, message, hint) });
        self.read.findings.extend(reading.finish_as_is().findings);
    }

    /// Reads what an `EnvironmentFile=` names.
    fn environment_file(&mut self, path: &Template, place: &Place) {
        let Some(path) = path.plain() else {
            let message = "which file this names is only known to systemd: what it sets is unknown here";
            return self.say(Severity::Warning, place, message, "name the file as a source of its own");
        };
        let optional = path.starts_with('-');
        let path = path.strip_prefix('-').unwrap_or(&path);
        let Some(path) = path.strip_prefix('/') else {
            let message = "this path does not begin at the system's root: systemd skips it";
            return self.say(Severity::Warning, place, message, "write the whole path: /etc/...");
        };
        let Some(root) = root(self.input.file, HOMES) else {
            let message = "the file that this names is on the host: what it sets is unknown here";
            let hint = "name it as a source of its own, or keep the unit in a copy of the host's folders: host/etc/systemd/system/";
            return self.say(Severity::Note, place, message, hint);
        };
        let found = below(root, path).map(|path| matching(self.input.files, &path)).unwrap_or_default();
        if found.is_empty() && !optional {
            let message = "the file that this names is not there: systemd would not start the service";
            self.say(Severity::Error, place, message, "make it, or write `-` before its path when it may be absent");
        }
        for (path, bytes) in found {
            let read = environment_file::read(&bytes, &path);
            self.read.assignments.extend(read.assignments);
            self.read.findings.extend(read.findings);
        }
    }

    fn take_away(&mut self, key: &str, value: Option<&Template>) {
        let Some(value) = value else { return self.read.assignments.retain(|one| one.key != key) };
        let Some(last) = self.read.assignments.iter().rfind(|one| one.key == key) else { return };
        match (last.value.plain(), value.plain()) {
            (Some(is), Some(taken)) if is == taken => self.read.assignments.retain(|one| one.key != key),
            (Some(_), Some(_)) => {}
            _ => {
                let (key, place) = (last.key.clone(), last.place.clone());
                let value = Template::unknown("it may be the value that is unset", place.clone());
                self.read.assignments.push(Assignment { key, value, place });
            }
        }
    }
}

/// The files that a path or pattern names.
fn matching(files: &dyn Files, path: &str) -> Vec<(String, Vec<u8>)> {
    let open = |path: String| files.read(&path).ok().map(|bytes| (path, bytes));
    let Some((folder, name)) = path.rsplit_once('/').filter(|(_, name)| is_pattern(name)) else {
        return open(path.to_owned()).into_iter().collect();
    };
    let names = files.list(folder).unwrap_or_default();
    let fitting = names.into_iter().filter(|file| fits(name, file)).take(MOST_FILES);
    fitting.filter_map(|file| open(format!("{folder}/{file}"))).collect()
}

/// A value with its specifiers (systemd.unit(5)): what they stand for is only known to systemd.
fn specified(text: &[Glyph], reading: &Reading<'_>) -> Template {
    const KNOWN: &str = "iIjJnNpPfcCdDEgGhHklLmMoqrRsStTuUvVwWyYaAbB";
    let mut built = Builder::default();
    let mut rest = text.iter().peekable();
    while let Some(glyph) = rest.next() {
        let next = rest.peek().filter(|_| glyph.is == '%').map(|next| next.is);
        match next {
            Some('%') => {
                rest.next();
                built.push('%');
            }
            Some(letter) if KNOWN.contains(letter) => {
                rest.next();
                let why = "it holds a specifier, which only systemd replaces".to_owned();
                built.piece(Piece::Unknown { why, place: reading.place(glyph.at) });
            }
            _ => built.push(glyph.is),
        }
    }
    built.finish()
}
