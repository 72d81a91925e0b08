//! XML documents.
//!
//! Keys are the names of elements from the root on, joined by `.`, without their namespaces; an attribute is `@name`, and of elements of one name
//! below the same parent each has its number: `config.servers.server.0.@host`. An element's own text, without spaces at its ends, is the
//! value of the element; an element with nothing in it is empty. A DOCTYPE is skipped, and one that declares entities is refused.

use std::collections::HashMap;

use roxmltree::Node;

use super::text::{Fault, LARGEST, Offsets, Reading, Spot};
use super::xml_tree::{parse, spot_of, text};
use crate::source::{Input, Read, Template};

/// Reads an XML file.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = text(input.bytes, &mut reading) else { return reading.finish() };
    let offsets = Offsets::new(&text);
    let Some(document) = parse(&text, &offsets, &mut reading) else { return reading.finish() };
    let root = document.root_element();
    let written = gather(root, root.tag_name().name(), ".", &offsets, &mut reading, 0);
    if written > MOST_WRITTEN {
        let message = "its keys, written out as paths, are larger than 64 MiB";
        reading.fault(Fault::error(Spot::WHOLE, message, "name a file that holds configuration and nothing else"));
    }
    reading.finish()
}

const MOST_WRITTEN: usize = LARGEST * 8;

/// Assigns what an element holds; answers with how much text all keys take so far.
pub(super) fn gather(
    element: Node<'_, '_>,
    path: &str,
    separator: &str,
    offsets: &Offsets<'_>,
    reading: &mut Reading<'_>,
    written: usize,
) -> usize {
    let mut written = written.saturating_add(path.len());
    for attribute in element.attributes() {
        let key = format!("{path}{separator}@{}", attribute.name());
        written = written.saturating_add(key.len());
        if written > MOST_WRITTEN {
            return written;
        }
        reading.assign(key, Template::text(attribute.value()), offsets.spot(attribute.range().start));
    }
    let own: String = element.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    let own = own.trim();
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for child in element.children().filter(Node::is_element) {
        counts.entry(child.tag_name().name()).or_default().0 += 1;
    }
    if !own.is_empty() || counts.is_empty() && element.attributes().len() == 0 {
        reading.assign(path, Template::text(own), spot_of(element, offsets));
    }
    for child in element.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let (of_name, next) = counts.get_mut(name).map_or((1, 0), |(of_name, next)| {
            *next += 1;
            (*of_name, *next - 1)
        });
        let number = if of_name > 1 { format!("{separator}{next}") } else { String::new() };
        written = gather(child, &format!("{path}{separator}{name}{number}"), separator, offsets, reading, written);
        if written > MOST_WRITTEN {
            return written;
        }
    }
    written
}
