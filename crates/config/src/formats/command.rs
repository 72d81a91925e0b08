//! What a command prints: one JSON object whose values are texts, numbers, true, false or null (an empty text), when it begins with `{`;
//! else a dotenv file in the dialect of [`dotenv`](crate::dotenv).

use super::json_tree::{Dialect, parse};
use super::text::{Encoding, Fault, LARGEST, Reading, Spot, decode};
use crate::document::{Node, NodeValue};
use crate::dotenv;
use crate::source::{Input, Read, is_key};

/// Reads a command's output.
pub(super) fn read(input: &Input<'_>) -> Read {
    if input.bytes.len() <= LARGEST && input.bytes.trim_ascii_start().first() != Some(&b'{') {
        return dotenv::read(input);
    }
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let document = parse(&text, Dialect::JSON, &mut reading);
    for (key, place, node) in document.iter().flat_map(Node::entries) {
        let spot = Spot { line: place.line, column: place.column };
        match &node.value {
            NodeValue::Scalar(_) if !is_key(key) => {
                let message = "this is not a name that an environment variable can have";
                reading.fault(Fault::error(spot, message, "use letters, digits and `_`, not starting with a digit"));
            }
            NodeValue::Scalar(value) if value.plain().is_some_and(|text| text.contains('\0')) => {
                let message = "its value holds a NUL, which no environment variable can hold";
                reading.fault(Fault::error(spot, message, "take it out, or encode the value"));
            }
            NodeValue::Scalar(value) => reading.assign(key.as_str(), value.clone(), spot),
            NodeValue::List(_) | NodeValue::Map(_) => {
                let message = "this is a list or an object, and an environment variable holds text";
                reading.fault(Fault::error(spot, message, "print one flat object, with `jq` for instance"));
            }
        }
    }
    reading.finish()
}
