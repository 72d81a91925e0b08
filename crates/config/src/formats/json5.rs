//! JSON5 documents, by JSON5 1.0.0 (spec.json5.org): JSON with comments, commas at the end, names as keys, `'...'`, and more numbers,
//! which are written as JSON writes them (`0x10` is 16, `.5` is 0.5, `+1` is 1). Of two equal keys the last counts, and is warned of.

use super::json_tree::{Dialect, parse};
use super::select;
use super::text::{Encoding, Reading, decode};
use crate::source::{Input, Read};

const DIALECT: Dialect = Dialect { comments: true, trailing_commas: true, five: true, ..Dialect::JSON };

/// Reads a JSON5 file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    if let Some(document) = parse(&text, DIALECT, &mut reading) {
        select::assign(&mut reading, &[document], input.part);
    }
    reading.finish()
}
