//! JSON documents, by RFC 8259. Numbers are as they are written, null is empty. Of two equal keys in an object the last counts, and is
//! warned of. `#part` names the node that counts.

use super::json_tree::{Dialect, parse};
use super::select;
use super::text::{Encoding, Fault, Reading, Spot, decode};
use crate::source::{Input, Read};

/// Reads a JSON file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    if input.bytes.starts_with(b"\xef\xbb\xbf") {
        // RFC 8259, section 8.1: parsers may skip it or refuse it. Node.js and Python refuse it.
        let message = "the file begins with a byte order mark, which many parsers of JSON refuse";
        reading.fault(Fault::warning(Spot::START, message, "save it as UTF-8 without byte order mark"));
    }
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    if let Some(document) = parse(&text, Dialect::JSON, &mut reading) {
        select::assign(&mut reading, &[document], input.part);
    }
    reading.finish()
}
