//! appsettings.json as .NET reads it (Microsoft.Extensions.Configuration.Json 9.0, `JsonConfigurationFileParser`).
//!
//! - JSON with comments and a comma after the last entry; keys are joined by `:`, entries of lists are counted from 0: `Hosts:0:Name`.
//!   `true` is `True`, `false` is `False`, null is empty, as `ToString` makes them.
//! - `#Environment` lays `appsettings.Environment.json` beside the file over it, when that is there. Keys are the same whatever their
//!   case: the first spelling stays. A key that is there twice in one file is refused.

use std::collections::{HashMap, HashSet};

use super::json_tree::{Dialect, parse};
use super::select::flatten;
use super::text::{Encoding, Fault, Reading, Spot, decode};
use crate::document::NodeValue;
use crate::source::{Input, Read};

const DIALECT: Dialect = Dialect {
    comments: true,
    trailing_commas: true,
    booleans: ["False", "True"],
    keep_equal_keys: true,
    ..Dialect::JSON
};

/// Reads an appsettings.json, and the file of the environment over it.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut spellings = HashMap::new();
    let mut read = one(input.bytes, input.file, &mut spellings);
    let Some(environment) = input.part.filter(|part| !part.contains(['/', '\\'])) else { return read };
    let beside = match input.file.rsplit_once('.') {
        Some((name, ending)) => format!("{name}.{environment}.{ending}"),
        None => format!("{}.{environment}", input.file),
    };
    let over = if let Ok(bytes) = input.files.read(&beside) {
        one(&bytes, &beside, &mut spellings)
    } else {
        let mut reading = Reading::new(input.file);
        let message = "there is no file for the environment beside it";
        reading.fault(Fault::note(Spot::WHOLE, message, "make it, or take the part after `#` away"));
        reading.finish_as_is()
    };
    read.assignments.extend(over.assignments);
    read.findings.extend(over.findings);
    read
}

fn one(bytes: &[u8], file: &str, spellings: &mut HashMap<String, String>) -> Read {
    let mut reading = Reading::new(file);
    let Some(text) = decode(bytes, Encoding::Marked, &mut reading) else { return reading.finish_as_is() };
    let Some(document) = parse(&text, DIALECT, &mut reading) else { return reading.finish_as_is() };
    if !matches!(document.value, NodeValue::Map(_)) {
        reading.fault(Fault::error(Spot::START, "the document is no object", "write { \"key\": value }"));
        return reading.finish_as_is();
    }
    flatten(&mut reading, &document, ":");
    let mut seen = HashSet::with_capacity(reading.read.assignments.len());
    let mut twice = Vec::new();
    for assignment in &mut reading.read.assignments {
        let same = assignment.key.to_uppercase();
        let spot = Spot { line: assignment.place.line, column: assignment.place.column };
        if !seen.insert(same.clone()) {
            twice.push(spot);
        }
        assignment.key = spellings.entry(same).or_insert_with(|| assignment.key.clone()).clone();
    }
    for spot in twice {
        let message = "this key is there before, perhaps in other case: .NET refuses the file";
        reading.fault(Fault::error(spot, message, "keep one of them"));
    }
    reading.finish_as_is()
}

/// The key that a variable of the environment sets: `ConnectionStrings__Main` is `ConnectionStrings:Main`.
pub fn from_variable(name: &str) -> String {
    name.replace("__", ":")
}
