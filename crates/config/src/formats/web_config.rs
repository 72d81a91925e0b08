//! web.config and App.config as .NET Framework reads them (System.Configuration, its reference for `appSettings` and
//! `connectionStrings`).
//!
//! - `appSettings` are `appSettings:KEY`. `connectionStrings` are `ConnectionStrings:NAME`, and `ConnectionStrings:NAME_ProviderName`, as .NET's
//!   own provider of variables calls them. `add`, `remove` and `clear` count in their order.
//! - `configSource` names the file that holds a section, the `file` of `appSettings` one whose values win over it: both are read, the latter
//!   only if it is there.
//! - Of `system.web` the elements that decide about sessions are read, too: `sessionState`, `machineKey`, `httpCookies`, `authentication`.
//! - Encrypted sections are unknown. Transforms (`xdt:`) are not applied, and `location` not followed: both are noted.

use roxmltree::Node;

use super::text::{Fault, Offsets, Reading, Spot};
use super::xml::gather;
use super::xml_tree::{parse, spot_of, text};
use crate::source::{Files, Input, Read, Template};

/// Reads a web.config.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = text(input.bytes, &mut reading) else { return reading.finish_as_is() };
    let offsets = Offsets::new(&text);
    let Some(document) = parse(&text, &offsets, &mut reading) else { return reading.finish_as_is() };
    let root = document.root_element();
    if root.tag_name().name() != "configuration" {
        let message = "the root of the document is not `configuration`";
        reading.fault(Fault::error(spot_of(root, &offsets), message, "name a web.config or an App.config"));
        return reading.finish_as_is();
    }
    notes(root, &offsets, &mut reading);
    for section in root.children().filter(Node::is_element) {
        let name = section.tag_name().name();
        match name {
            "appSettings" => follow(section, SETTINGS, &offsets, &mut reading, input.files),
            "connectionStrings" => follow(section, CONNECTIONS, &offsets, &mut reading, input.files),
            "system.web" => {
                let of_sessions = ["sessionState", "machineKey", "httpCookies", "authentication"];
                for element in section.children().filter(|child| of_sessions.contains(&child.tag_name().name())) {
                    let path = format!("system.web:{}", element.tag_name().name());
                    if is_encrypted(element) {
                        unknown(&path, element, &offsets, &mut reading);
                    } else {
                        gather(element, &path, ":", &offsets, &mut reading, 0);
                    }
                }
            }
            _ => {}
        }
    }
    reading.finish_as_is()
}

/// How a section's entries are named.
#[derive(Clone, Copy)]
struct Section {
    /// Before each key.
    prefix: &'static str,
    /// The attribute with the key.
    key: &'static str,
    /// The attribute with the value.
    value: &'static str,
}

const SETTINGS: Section = Section { prefix: "appSettings:", key: "key", value: "value" };
const CONNECTIONS: Section = Section { prefix: "ConnectionStrings:", key: "name", value: "connectionString" };

fn notes(root: Node<'_, '_>, offsets: &Offsets<'_>, reading: &mut Reading<'_>) {
    let is_transform = |node: &Node<'_, '_>| {
        node.attributes().any(|one| one.namespace() == Some("http://schemas.microsoft.com/XML-Document-Transform"))
    };
    if let Some(node) = root.descendants().find(is_transform) {
        let message = "transforms (xdt:) are not applied: this reads as if they were not there";
        reading.fault(Fault::note(spot_of(node, offsets), message, "name the file that is deployed"));
    }
    for location in root.children().filter(|child| child.has_tag_name("location")) {
        let message = "settings of a `location` are not read";
        reading.fault(Fault::note(spot_of(location, offsets), message, "check those of that path by hand"));
    }
}

fn is_encrypted(section: Node<'_, '_>) -> bool {
    section.has_attribute("configProtectionProvider")
        || section.children().any(|child| child.tag_name().name() == "EncryptedData")
}

fn unknown(key: &str, section: Node<'_, '_>, offsets: &Offsets<'_>, reading: &mut Reading<'_>) {
    let spot = spot_of(section, offsets);
    let value = Template::unknown("the section is encrypted", reading.place(spot));
    reading.assign(key, value, spot);
}

/// Reads a section, or the file that it names instead, and what is laid over it.
fn follow(section: Node<'_, '_>, kind: Section, offsets: &Offsets<'_>, reading: &mut Reading<'_>, files: &dyn Files) {
    if is_encrypted(section) {
        unknown(kind.prefix.trim_end_matches(':'), section, offsets, reading);
        return;
    }
    if let Some(named) = section.attribute("configSource") {
        if !beside(named, section, kind, reading, files) {
            let message = "the file that `configSource` names is not there, or not beside this one";
            reading.fault(Fault::error(spot_of(section, offsets), message, "make it: .NET does not start without it"));
        }
        return;
    }
    entries(section, kind, offsets, reading);
    if let Some(named) = section.attribute("file")
        && kind.key == SETTINGS.key
    {
        beside(named, section, kind, reading, files);
    }
}

/// Reads a section from another file, if that is there.
fn beside(named: &str, section: Node<'_, '_>, kind: Section, reading: &mut Reading<'_>, files: &dyn Files) -> bool {
    let named = named.replace('\\', "/");
    if named.starts_with('/') || named.contains(':') || named.split('/').any(|part| part == "..") {
        return false;
    }
    let path = match reading.file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{named}"),
        None => named,
    };
    let Ok(bytes) = files.read(&path) else { return false };
    let mut other = Reading::new(&path);
    // What is set so far, for `remove` and `clear`.
    other.read.assignments = std::mem::take(&mut reading.read.assignments);
    if let Some(text) = text(&bytes, &mut other) {
        let offsets = Offsets::new(&text);
        if let Some(document) = parse(&text, &offsets, &mut other) {
            let root = document.root_element();
            if root.tag_name().name() == section.tag_name().name() {
                entries(root, kind, &offsets, &mut other);
            } else {
                let message = "the root of this file is not the section that names it";
                other.fault(Fault::error(spot_of(root, &offsets), message, "begin it with the section's element"));
            }
        }
    }
    let read = other.finish_as_is();
    reading.read.assignments = read.assignments;
    reading.read.findings.extend(read.findings);
    true
}

fn entries(section: Node<'_, '_>, kind: Section, offsets: &Offsets<'_>, reading: &mut Reading<'_>) {
    let mut spots: std::collections::BTreeMap<String, Vec<Spot>> = std::collections::BTreeMap::new();
    let mut removed: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut cleared = 0;
    for entry in section.children().filter(Node::is_element) {
        let spot = spot_of(entry, offsets);
        let key = entry.attribute(kind.key);
        match (entry.tag_name().name(), key) {
            ("add", Some(key)) => {
                let place = entry.attribute_node(kind.key).map_or(spot, |key| offsets.spot(key.range().start));
                let name = format!("{}{key}", kind.prefix);
                spots.entry(name.to_lowercase()).or_default().push(place);
                reading.assign(name.clone(), Template::text(entry.attribute(kind.value).unwrap_or_default()), place);
                if let Some(provider) = entry.attribute("providerName").filter(|_| kind.key == CONNECTIONS.key) {
                    reading.assign(format!("{name}_ProviderName"), Template::text(provider), place);
                }
            }
            ("remove", Some(key)) => {
                let name = format!("{}{key}", kind.prefix).to_lowercase();
                spots.remove(&name);
                removed.insert(name, reading.read.assignments.len());
            }
            ("clear", _) => {
                spots.clear();
                cleared = reading.read.assignments.len();
            }
            _ => {
                let message = "this is none of add, remove and clear, or names no key";
                reading.fault(Fault::error(spot, message, "write <add key=\"...\" value=\"...\" />"));
            }
        }
    }
    for (name, spots) in spots.iter().filter(|(_, spots)| spots.len() > 1) {
        reading.twice(name, spots);
    }
    let mut index = 0;
    let of_section = |key: &str| key.starts_with(kind.prefix);
    reading.read.assignments.retain(|assignment| {
        index += 1;
        let name = assignment.key.to_lowercase();
        let name = name.strip_suffix("_providername").unwrap_or(&name);
        let taken = index <= cleared || removed.get(name).is_some_and(|at| index <= *at);
        !(of_section(&assignment.key) && taken)
    });
}
