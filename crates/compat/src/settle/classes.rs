//! The classes that the code declares, and what they stand on.

use std::collections::HashMap;

use super::File;
use crate::seen::Class;

/// By name without case.
pub(super) struct Classes<'f> {
    classes: HashMap<&'f str, &'f Class>,
}

impl<'f> Classes<'f> {
    pub(super) fn of(files: &'f [File]) -> Self {
        let all = files.iter().flat_map(|file| &file.seen.declared.classes);
        Self { classes: all.map(|class| (class.name.as_str(), class)).collect() }
    }

    pub(super) fn has(&self, lower: &str) -> bool {
        self.classes.contains_key(lower)
    }

    /// The classes that are none of the code's, from which a class may get a member: itself, or what it stands on. None when the code
    /// declares the member on the way.
    pub(super) fn bases<'c>(&'c self, class: &'c str, member: &str) -> Vec<&'c str> {
        let mut bases = Vec::new();
        let mut line: Vec<&str> = vec![class];
        let mut at = 0;
        while let Some(class) = line.get(at).copied() {
            at += 1;
            let Some(own) = self.classes.get(class.to_ascii_lowercase().as_str()) else {
                bases.push(class);
                continue;
            };
            if own.members.iter().any(|known| known == member) {
                return Vec::new();
            }
            for parent in &own.parents {
                if line.len() < 64 && !line.iter().any(|known| known.eq_ignore_ascii_case(parent)) {
                    line.push(parent);
                }
            }
        }
        bases
    }
}
