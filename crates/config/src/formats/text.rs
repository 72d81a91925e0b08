//! What the parsers of files share: text with places, what is wrong with it, and a reading that gathers both.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sternway_core::finding::{Finding, Place, Severity};

use crate::secret::SecretText;
use crate::source::{Assignment, Piece, Read, Template};

/// Files with more bytes than this are no configuration.
pub(crate) const LARGEST: usize = 8 << 20;

/// Documents hold no more values than this.
pub(super) const MOST_NODES: usize = 500_000;

/// After this many faults a file is not read on: it is of another kind.
const MOST_FAULTS: usize = 100;

/// Documents are no deeper than this.
pub(super) const DEEPEST: usize = 128;

/// A place within the file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// From 1.
    pub(super) line: u32,
    /// In characters, from 1.
    pub(super) column: u32,
}

impl Spot {
    pub(super) const START: Self = Self { line: 1, column: 1 };
    pub(super) const WHOLE: Self = Self { line: 0, column: 0 };

    /// The place after a character.
    pub(super) fn after(self, character: char) -> Self {
        if character == '\n' {
            Self { line: self.line.saturating_add(1), column: 1 }
        } else {
            Self { line: self.line, column: self.column.saturating_add(1) }
        }
    }
}

/// Why something cannot be read. Neither message nor hint holds anything of it: it may be a piece of a secret.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) spot: Spot,
    pub(super) severity: Severity,
    pub(super) message: Cow<'static, str>,
    pub(super) hint: &'static str,
}

impl Fault {
    /// What the program that reads the file refuses.
    pub(super) fn error(spot: Spot, message: impl Into<Cow<'static, str>>, hint: &'static str) -> Self {
        Self { spot, severity: Severity::Error, message: message.into(), hint }
    }

    /// What the program that reads the file skips or bends.
    pub(super) fn warning(spot: Spot, message: impl Into<Cow<'static, str>>, hint: &'static str) -> Self {
        Self { spot, severity: Severity::Warning, message: message.into(), hint }
    }

    /// What is worth knowing about how the file is read.
    pub(super) fn note(spot: Spot, message: impl Into<Cow<'static, str>>, hint: &'static str) -> Self {
        Self { spot, severity: Severity::Note, message: message.into(), hint }
    }
}

/// What was read so far of one file.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) file: &'a str,
    pub(super) read: Read,
    faults: usize,
    /// How many characters were read again, after faults.
    again: usize,
    full: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, read: Read::default(), faults: 0, again: 0, full: false }
    }

    pub(super) fn place(&self, spot: Spot) -> Place {
        Place { file: self.file.to_owned(), line: spot.line, column: spot.column }
    }

    pub(super) fn assign(&mut self, key: impl Into<String>, value: Template, spot: Spot) {
        let place = self.place(spot);
        self.read.assignments.push(Assignment { key: key.into(), value, place });
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if self.is_full() {
            return;
        }
        self.faults += 1;
        self.full |= self.faults == MOST_FAULTS;
        let make = match fault.severity {
            Severity::Error => Finding::error,
            Severity::Warning => Finding::warning,
            Severity::Note => Finding::note,
        };
        let finding = make("S0201", self.file.to_owned(), fault.message.into_owned());
        self.read.findings.push(finding.hint(fault.hint).at(self.file, fault.spot.line, fault.spot.column));
    }

    /// Whether so much is wrong that reading on is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// A fault may be found at the end of the file, and reading then goes on with the line after the one where it began: so many
    /// characters are read again, of so many in the file. This keeps the work in proportion to the file.
    pub(super) fn read_again(&mut self, characters: usize, of: usize) {
        self.again = self.again.saturating_add(characters);
        self.full |= self.again > of.saturating_mul(4).saturating_add(10_000);
    }

    /// A warning that a key is set at all these spots.
    pub(super) fn twice(&mut self, key: &str, spots: &[Spot]) {
        let finding = spots
            .iter()
            .fold(repeated(key, spots.len()), |finding, spot| finding.at(self.file, spot.line, spot.column));
        self.read.findings.push(finding);
    }

    /// What was read, with a warning for each key that is set more than once.
    pub(super) fn finish(mut self) -> Read {
        self.read.findings.extend(set_twice(&self.read.assignments));
        self.finish_as_is()
    }

    /// What was read, where keys that are set more than once are nothing to speak of, or were spoken of already.
    pub(super) fn finish_as_is(mut self) -> Read {
        if self.is_full() {
            let message = "too many lines cannot be read or do nothing: the rest of the file is not read";
            let hint = "is this a file of the kind that sternway.toml says?";
            self.read.findings.push(Finding::error("S0201", self.file, message).hint(hint).at(self.file, 0, 0));
        }
        self.read
    }
}

/// A warning for each key that is set more than once.
pub(super) fn set_twice(assignments: &[Assignment]) -> Vec<Finding> {
    let mut places: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for assignment in assignments {
        places.entry(&assignment.key).or_default().push(&assignment.place);
    }
    let several = places.into_iter().filter(|(_, places)| places.len() > 1);
    let warn = |(key, places): (&str, Vec<&Place>)| {
        let finding = repeated(key, places.len());
        places.into_iter().fold(finding, |finding, place| finding.at(&place.file, place.line, place.column))
    };
    several.map(warn).collect()
}

fn repeated(key: &str, times: usize) -> Finding {
    let message = format!("it is set {times} times in one file; the last counts");
    Finding::warning("S0203", key, message).hint("keep one of the lines")
}

/// A value that grows.
#[derive(Debug, Default)]
pub(super) struct Builder {
    done: Vec<Piece>,
    text: String,
}

impl Builder {
    pub(super) fn push(&mut self, character: char) {
        self.text.push(character);
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn piece(&mut self, piece: Piece) {
        self.flush();
        self.done.push(piece);
    }

    pub(super) fn extend(&mut self, template: Template) {
        for piece in template.0 {
            match piece {
                Piece::Text(text) => self.push_str(text.reveal()),
                other => self.piece(other),
            }
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(SecretText::new(std::mem::take(&mut self.text))));
        }
    }

    pub(super) fn finish(mut self) -> Template {
        self.flush();
        Template(self.done)
    }
}

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8; a byte order mark is skipped.
    Utf8,
    /// UTF-8, or UTF-16 when a byte order mark says so.
    Marked,
}

/// The text of a file, unless it is too large. What is not readable is a fault, and stands in the text as U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], encoding: Encoding, reading: &mut Reading<'_>) -> Option<Cow<'a, str>> {
    if bytes.len() > LARGEST {
        let message = "the file is larger than 8 MiB, and not read";
        reading.fault(Fault::error(Spot::WHOLE, message, "name a file that holds configuration and nothing else"));
        return None;
    }
    if encoding == Encoding::Marked {
        if let Some(bytes) = bytes.strip_prefix(b"\xff\xfe") {
            return Some(Cow::Owned(utf16(bytes, u16::from_le_bytes, reading)));
        }
        if let Some(bytes) = bytes.strip_prefix(b"\xfe\xff") {
            return Some(Cow::Owned(utf16(bytes, u16::from_be_bytes, reading)));
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let spot = before.chars().fold(Spot::START, Spot::after);
            reading.fault(Fault::error(spot, "this is not UTF-8", "save the file as UTF-8"));
            String::from_utf8_lossy(bytes)
        }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, reading: &mut Reading<'_>) -> String {
    let units = bytes.chunks(2).map(|two| unit([two[0], *two.get(1).unwrap_or(&0xff)]));
    let mut spot = Spot::START;
    let mut text = String::with_capacity(bytes.len());
    let mut broken = None;
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or_else(|_| {
            broken.get_or_insert(spot);
            char::REPLACEMENT_CHARACTER
        });
        spot = spot.after(character);
        text.push(character);
    }
    if let Some(spot) = broken {
        reading.fault(Fault::error(spot, "this is not UTF-16", "save the file as UTF-8"));
    }
    text
}

/// Places of byte offsets, for parsers that tell only those: each look-up takes a bounded number of steps.
#[derive(Debug)]
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// Where lines begin.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`].
    characters: Vec<usize>,
}

const STRIDE: usize = 256;

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut lines = vec![0];
        let mut characters = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut count = 0;
        for (offset, byte) in text.bytes().enumerate() {
            if offset % STRIDE == 0 {
                characters.push(count);
            }
            if !is_continuation(byte) {
                count += 1;
            }
            if byte == b'\n' {
                lines.push(offset + 1);
            }
        }
        Self { text, lines, characters }
    }

    /// How many characters begin before an offset.
    fn before(&self, offset: usize) -> usize {
        let Some(known) = self.characters.get(offset / STRIDE).or(self.characters.last()) else { return 0 };
        let from = (offset / STRIDE).min(self.characters.len() - 1) * STRIDE;
        known + self.text.as_bytes()[from..offset].iter().filter(|byte| !is_continuation(**byte)).count()
    }

    pub(super) fn spot(&self, offset: usize) -> Spot {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let column = self.before(offset) - self.before(self.lines[line - 1]) + 1;
        Spot { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}
