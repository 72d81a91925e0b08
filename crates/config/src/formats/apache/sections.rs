//! What the lines of an Apache configuration do, and in which sections they stand.

use std::collections::HashMap;

use sternway_core::finding::{Finding, Place};

use super::lines::{Line, lines};
use crate::formats::glyphs::{Glyph, Scan, text_of};
use crate::formats::include::{DEEPEST, Includes};
use crate::formats::text::{Builder, Encoding, Fault, Reading, decode};
use crate::source::{Input, Piece, Template};

/// Where Apache keeps its configuration.
const HOMES: &[&str] = &["etc/apache2/", "etc/httpd/"];

/// One thing that a line does.
pub(super) struct Step {
    /// Within which virtual host.
    pub(super) host: Option<usize>,
    pub(super) doing: Doing,
    pub(super) place: Place,
}

pub(super) enum Doing {
    Set(String, Template),
    Unset(String),
    /// It may take a key away: why that is not known.
    MayUnset(String, &'static str),
}

/// A section that is open.
struct Section {
    name: String,
    host: Option<usize>,
    /// Why it is not known whether it counts.
    unknown: Option<&'static str>,
    /// Whether it counts for sure not.
    skipped: bool,
}

const STARTED: &str = "whether it counts depends on how Apache is started, and with which modules";
const REQUEST: &str = "whether it counts depends on the request";

pub(super) struct Reader<'a> {
    includes: Includes<'a>,
    sections: Vec<Section>,
    defines: HashMap<String, Template>,
    pub(super) steps: Vec<Step>,
    /// The names of each virtual host.
    pub(super) hosts: Vec<Vec<String>>,
    pub(super) findings: Vec<Finding>,
    /// What references were replaced by so far.
    written: usize,
}

/// What references are replaced by is no longer than this, one and all.
const LONGEST: usize = 128 * 1024;
const LARGEST: usize = 64 << 20;

impl<'a> Reader<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        Self {
            includes: Includes::new(input, HOMES),
            sections: Vec::new(),
            defines: HashMap::new(),
            steps: Vec::new(),
            hosts: Vec::new(),
            findings: Vec::new(),
            written: 0,
        }
    }

    pub(super) fn file(&mut self, bytes: &[u8], file: &str, depth: usize) {
        let mut reading = Reading::new(file);
        let open = self.sections.len();
        for line in decode(bytes, Encoding::Utf8, &mut reading).map(|text| lines(&text)).unwrap_or_default() {
            if reading.is_full() {
                break;
            }
            let name = line.words.first().map(|word| text_of(word).to_ascii_lowercase()).unwrap_or_default();
            if let Some(name) = name.strip_prefix("</") {
                let name = name.trim_end_matches('>');
                match self.sections.last() {
                    Some(section) if self.sections.len() > open && section.name == name => {
                        self.sections.pop();
                    }
                    _ => {
                        let message = "this closes no section that is open";
                        reading.fault(Fault::error(line.spot, message, "close sections in reverse order"));
                    }
                }
            } else if let Some(name) = name.strip_prefix('<') {
                self.open(name.trim_end_matches('>'), &line);
            } else if !self.sections.iter().any(|section| section.skipped) {
                self.line(&name, &line, &mut reading, depth);
            }
        }
        if self.sections.len() > open && !reading.is_full() {
            let message = "a section is not closed before the file ends";
            reading.fault(Fault::error(crate::formats::text::Spot::WHOLE, message, "write </...> for it"));
        }
        self.sections.truncate(open);
        self.findings.extend(reading.finish_as_is().findings);
    }

    fn open(&mut self, name: &str, line: &Line) {
        let argument = line.words.get(1).map(|word| text_of(word)).unwrap_or_default();
        let argument = argument.trim_end_matches('>');
        let host = (name == "virtualhost").then_some(self.hosts.len());
        if host.is_some() {
            self.hosts.push(Vec::new());
        }
        let mut skipped = name == "macro";
        let unknown = match name {
            "ifdefine" => match argument.strip_prefix('!') {
                Some(defined) if self.defines.contains_key(defined) => {
                    skipped = true;
                    None
                }
                None if self.defines.contains_key(argument) => None,
                _ => Some(STARTED),
            },
            "ifmodule" if matches!(argument, "mod_env.c" | "env_module") => None,
            "ifmodule" | "ifversion" | "iffile" | "ifdirective" | "ifsection" => Some(STARTED),
            "if" | "elseif" | "else" | "files" | "filesmatch" | "directorymatch" | "locationmatch" | "proxymatch"
            | "limit" | "limitexcept" => Some(REQUEST),
            _ => None,
        };
        self.sections.push(Section { name: name.to_owned(), host, unknown, skipped });
    }

    fn line(&mut self, name: &str, line: &Line, reading: &mut Reading<'_>, depth: usize) {
        let place = reading.place(line.spot);
        let words: Vec<Template> = line.words[1..].iter().map(|word| self.replaced(word, &place)).collect();
        let plain = |index: usize| words.get(index).and_then(Template::plain);
        let wrong = |message: &'static str, reading: &mut Reading<'_>| {
            reading.fault(Fault::error(line.spot, message, "write a name, and a value in quotes when it holds spaces"));
        };
        match name {
            "setenv" | "php_value" | "php_admin_value" | "php_flag" | "php_admin_flag" | "define" => {
                let Some(key) = plain(0).filter(|_| words.len() <= 2) else {
                    return wrong("this is not a name and a value", reading);
                };
                let value = words.get(1).cloned().unwrap_or_else(|| Template::text(""));
                match name {
                    "define" => {
                        let value = self.unknown(&place).unwrap_or(value);
                        self.defines.insert(key, value);
                    }
                    "setenv" => self.set(key, value, place),
                    _ => self.set(key, of_php(name, value), place),
                }
            }
            "undefine" => {
                if let Some(name) = plain(0) {
                    self.defines.remove(&name);
                }
            }
            "passenv" => {
                for key in (0..words.len()).filter_map(plain) {
                    let why = "it is passed on from Apache's own environment";
                    self.set(key, Template::unknown(why, place.clone()), place.clone());
                }
            }
            "unsetenv" => {
                for key in (0..words.len()).filter_map(plain) {
                    let why = self.sections.iter().find_map(|section| section.unknown);
                    let doing = match why {
                        Some(why) => Doing::MayUnset(key, why),
                        None => Doing::Unset(key),
                    };
                    self.step(doing, place.clone());
                }
            }
            "setenvif" | "setenvifnocase" => self.set_if(&words, 2, &place),
            "setenvifexpr" | "browsermatch" | "browsermatchnocase" => self.set_if(&words, 1, &place),
            "servername" | "serveralias" => {
                if let Some(host) = self.host() {
                    let names = (0..words.len()).filter_map(plain);
                    let names =
                        names.map(|name| name.split_once(':').map_or(name.clone(), |(name, _)| name.to_owned()));
                    let names: Vec<String> = names.collect();
                    let at = if name == "servername" { 0 } else { self.hosts[host].len() };
                    self.hosts[host].splice(at..at, names);
                }
            }
            "include" | "includeoptional" => self.include(name, plain(0), line, reading, depth),
            "use" => {
                let hint = "write out what it stands for, if it sets variables";
                reading.fault(Fault::note(line.spot, "macros are not followed", hint));
            }
            _ => {}
        }
    }

    fn host(&self) -> Option<usize> {
        self.sections.iter().rev().find_map(|section| section.host)
    }

    fn unknown(&self, place: &Place) -> Option<Template> {
        let why = self.sections.iter().find_map(|section| section.unknown)?;
        Some(Template::unknown(why, place.clone()))
    }

    fn set(&mut self, key: String, value: Template, place: Place) {
        let value = self.unknown(&place).unwrap_or(value);
        self.step(Doing::Set(key, value), place);
    }

    fn step(&mut self, doing: Doing, place: Place) {
        self.steps.push(Step { host: self.host(), doing, place });
    }

    /// Variables that are set, or taken away, when a request fits; the first words say when.
    fn set_if(&mut self, words: &[Template], skipped: usize, place: &Place) {
        for word in words.iter().skip(skipped).filter_map(Template::plain) {
            let key = word.split_once('=').map_or(&*word, |(key, _)| key);
            match key.strip_prefix('!') {
                Some(key) => self.step(Doing::MayUnset(key.to_owned(), REQUEST), place.clone()),
                None => self.set(key.to_owned(), Template::unknown(REQUEST, place.clone()), place.clone()),
            }
        }
    }

    fn include(&mut self, name: &str, path: Option<String>, line: &Line, reading: &mut Reading<'_>, depth: usize) {
        if depth == DEEPEST {
            let message = "files include each other, or too deep";
            return reading.fault(Fault::error(line.spot, message, "take one `Include` away"));
        }
        let found = path.map(|path| self.includes.open(&path)).unwrap_or_default();
        if found.is_empty() && name == "include" {
            let message = "the file that is included is not here: what it sets is unknown";
            let hint = "keep it beside this file, or in the folder above, to have it read";
            reading.fault(Fault::warning(line.spot, message, hint));
        }
        for (path, bytes) in found {
            self.file(&bytes, &path, depth + 1);
        }
    }

    /// A word, with what `${NAME}` stands for.
    fn replaced(&mut self, word: &[Glyph], place: &Place) -> Template {
        let mut built = Builder::default();
        let mut scan = Scan::new(word);
        let mut length = 0_usize;
        let last_brace = word.iter().rposition(|glyph| glyph.is == '}');
        while let Some(glyph) = scan.next() {
            let begins = glyph.is == '$' && scan.peek() == Some('{') && last_brace.is_some_and(|last| last > scan.at);
            let rest = if begins { &scan.all[scan.at..] } else { &[] };
            let Some(closing) = rest.iter().position(|glyph| glyph.is == '}') else {
                built.push(glyph.is);
                continue;
            };
            let name = text_of(&scan.all[scan.at + 1..scan.at + closing]);
            scan.at += closing + 1;
            let unknown = |why: &str| Piece::Unknown { why: why.to_owned(), place: place.clone() };
            match self.defines.get(&name) {
                Some(value) => {
                    // What holds something unknown is unknown as a whole: its pieces would double with each name that is made of two.
                    let Some(text) = value.plain() else {
                        let why = value.0.iter().find_map(|piece| match piece {
                            Piece::Unknown { why, .. } => Some(why.as_str()),
                            _ => None,
                        });
                        built.piece(unknown(why.unwrap_or("it holds a name of which nothing is known")));
                        break;
                    };
                    length = length.saturating_add(text.len());
                    if length > LONGEST || self.written.saturating_add(length) > LARGEST {
                        built.piece(unknown("it is too long"));
                        break;
                    }
                    built.extend(value.clone());
                }
                None => built.piece(unknown("it holds a name that is set where Apache is started")),
            }
        }
        self.written = self.written.saturating_add(length);
        built.finish()
    }
}

/// A setting of PHP: `none` empties it, and a flag is 1 or 0.
fn of_php(directive: &str, value: Template) -> Template {
    let Some(text) = value.plain() else { return value };
    if directive.ends_with("flag") {
        let on = text.eq_ignore_ascii_case("on") || text == "1";
        return Template::text(if on { "1" } else { "0" });
    }
    if text.eq_ignore_ascii_case("none") { Template::text("") } else { value }
}
