//! TOML documents, by TOML 1.1 as the `toml` crate 1.2 reads it.
//!
//! Numbers are decimal and without `_`, dates are as TOML writes them. A key that is set twice is no TOML. `#part` names the node that
//! counts.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::select;
use super::text::{DEEPEST, Encoding, Fault, Offsets, Reading, decode};
use crate::document::{Node, NodeValue};
use crate::source::{Input, Read, Template};

/// Reads a TOML file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Utf8, &mut reading) else { return reading.finish() };
    let offsets = Offsets::new(&text);
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let spot = offsets.spot(error.span().map_or(0, |span| span.start));
        // The parser's own words may quote the file.
        reading.fault(Fault::error(spot, "this cannot be read as TOML", HINT));
    }
    let spot = offsets.spot(0);
    let entries = entries(table.get_ref(), &offsets, &mut reading, 0);
    let document = Node { place: reading.place(spot), value: NodeValue::Map(entries) };
    select::assign(&mut reading, &[document], input.part);
    reading.finish()
}

const HINT: &str = "write key = \"text\", with text in quotes and each key once";

fn entries(
    table: &DeTable<'_>,
    offsets: &Offsets<'_>,
    reading: &mut Reading<'_>,
    depth: usize,
) -> Vec<(String, sternway_core::finding::Place, Node)> {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let place = reading.place(offsets.spot(key.span().start));
        (key.get_ref().to_string(), place, node(value, offsets, reading, depth + 1))
    };
    table.iter().map(entry).collect()
}

fn node(value: &Spanned<DeValue<'_>>, offsets: &Offsets<'_>, reading: &mut Reading<'_>, depth: usize) -> Node {
    let spot = offsets.spot(value.span().start);
    let place = reading.place(spot);
    if depth > DEEPEST {
        reading.fault(Fault::error(spot, "tables go too deep into each other", "no more than 128 levels are read"));
        return Node::scalar(place, "");
    }
    let value = match value.get_ref() {
        DeValue::Table(table) => NodeValue::Map(entries(table, offsets, reading, depth)),
        DeValue::Array(items) => {
            NodeValue::List(items.iter().map(|item| node(item, offsets, reading, depth + 1)).collect())
        }
        DeValue::String(text) => scalar(text),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix()).map(|number| number.to_string());
            scalar(decimal.as_deref().unwrap_or(number.as_str()))
        }
        DeValue::Float(number) => scalar(number.as_str()),
        DeValue::Boolean(truth) => scalar(if *truth { "true" } else { "false" }),
        DeValue::Datetime(when) => scalar(&when.to_string()),
    };
    Node { place, value }
}

fn scalar(text: &str) -> NodeValue {
    NodeValue::Scalar(Template::text(text))
}
