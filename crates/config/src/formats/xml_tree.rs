//! XML with places, through roxmltree 0.21.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use super::text::{DEEPEST, Encoding, Fault, MOST_NODES, Offsets, Reading, Spot, decode};

/// The text of an XML file, in the encoding that it declares.
pub(super) fn text<'a>(bytes: &'a [u8], reading: &mut Reading<'_>) -> Option<Cow<'a, str>> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let declared = head.split_once("encoding=").filter(|(before, _)| before.trim_start().starts_with("<?xml"));
    let latin = declared.is_some_and(|(_, name)| {
        let name = name.trim_start_matches(['"', '\'']);
        ["iso-8859-1", "windows-1252", "latin1"].iter().any(|known| name.starts_with(known))
    });
    if latin && bytes.len() <= super::text::LARGEST && std::str::from_utf8(bytes).is_err() {
        return Some(Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()));
    }
    decode(bytes, Encoding::Marked, reading)
}

/// Parses a document. Entities of its own are refused: they may name other files, and grow without bound.
pub(super) fn parse<'a>(text: &'a str, offsets: &Offsets<'_>, reading: &mut Reading<'_>) -> Option<Document<'a>> {
    if let Some(offset) = text.find("<!ENTITY") {
        let message = "the document declares entities, which are not read";
        reading.fault(Fault::error(offsets.spot(offset), message, "write their text where they are used"));
        return None;
    }
    if let Some(offset) = too_deep(text) {
        let message = "elements go too deep into each other";
        reading.fault(Fault::error(offsets.spot(offset), message, "no more than 128 levels are read"));
        return None;
    }
    let limit = u32::try_from(MOST_NODES).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: true, nodes_limit: limit, ..ParsingOptions::default() };
    match Document::parse_with_options(text, options) {
        Ok(document) => Some(document),
        Err(error) => {
            let at = error.pos();
            // Its own words quote names of the file.
            let message = "this cannot be read as XML";
            let hint = "look at tags, quotes and `&` here and just before; write &amp; for a plain `&`";
            reading.fault(Fault::error(Spot { line: at.row, column: at.col }, message, hint));
            None
        }
    }
}

/// Where tags go deeper than is read: the parser itself has no such bound.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let rest = &text[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("</", ">"), ("<!", ">")];
        let skips = skipped.iter().find(|(opening, _)| rest.starts_with(opening));
        let length = if let Some((opening, closing)) = skips {
            depth = depth.saturating_sub(usize::from(*opening == "</"));
            let after = rest.get(opening.len()..).unwrap_or_default();
            after.find(closing).map_or(rest.len(), |end| opening.len() + end + closing.len())
        } else {
            let (length, empty) = tag(rest);
            depth += usize::from(!empty);
            length
        };
        if depth > DEEPEST {
            return Some(start);
        }
        at = start + length;
    }
    None
}

/// The length of a tag that opens an element, and whether it closes it, too.
fn tag(rest: &str) -> (usize, bool) {
    let mut quote = None;
    let mut before = b'<';
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return (index + 1, before == b'/'),
            _ => {}
        }
        before = byte;
    }
    (rest.len(), false)
}

/// Where an element's name stands.
pub(super) fn spot_of(node: Node<'_, '_>, offsets: &Offsets<'_>) -> Spot {
    offsets.spot(node.range().start + 1)
}
