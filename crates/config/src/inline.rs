//! Values that stand in sternway.toml itself. They are taken as they are: `$` means nothing in them.

use std::collections::BTreeMap;

use sternway_core::finding::{Finding, Place};

use crate::source::{Assignment, Read, Site, Source, Template, is_key};

/// A table of sternway.toml.
#[derive(Debug)]
pub struct Inline<'a> {
    /// Key to value.
    pub values: &'a BTreeMap<String, String>,
    /// Where the table stands.
    pub place: &'a Place,
}

impl Source for Inline<'_> {
    fn layer(&self) -> String {
        "inline".to_owned()
    }

    fn read(&self, _site: &Site<'_>) -> Read {
        let mut read = Read::default();
        let Place { file, line, column } = self.place;
        for (key, value) in self.values {
            let wrong = |message, hint: &str| Finding::error("S0201", key, message).at(file, *line, *column).hint(hint);
            if !is_key(key) {
                let hint = "use letters, digits and `_`, not starting with a digit";
                read.findings.push(wrong("this is not a name that an environment variable can have", hint));
            } else if value.contains('\0') {
                let message = "its value holds a NUL, which no environment variable can hold";
                read.findings.push(wrong(message, "take it out, or encode the value"));
            } else {
                let value = Template::text(value);
                read.assignments.push(Assignment { key: key.clone(), value, place: self.place.clone() });
            }
        }
        read
    }
}
