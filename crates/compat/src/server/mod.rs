//! What stands beside the code: php.ini and its kin, Apache's configuration and `.htaccess`.

mod apache;
mod facts;
mod lines;
mod settings;

pub(crate) use apache::{apache, is_apache};
pub(crate) use settings::settings;

use sternway_core::finding::Severity;

use crate::seen::{Confidence, Said};
use crate::text::Spot;

/// The code of what is said here.
const CODE: &str = "S1007";

/// Something to be said about a line.
fn said(severity: Severity, rule: String, line: u32, message: String) -> Said {
    Said {
        code: CODE.to_owned(),
        severity,
        rule,
        at: Spot { line, column: 1 },
        message,
        hint: String::new(),
        source: String::new(),
        confidence: Confidence::High,
    }
}
