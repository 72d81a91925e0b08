//! Checkstyle's XML, which most tools around PHP read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sternway_core::finding::{Finding, Place, Severity};

use super::findings::xml;

/// Findings by file, each as an error of its severity.
pub(super) fn text(findings: &[Finding]) -> String {
    let mut files: BTreeMap<&str, Vec<(&Place, &Finding)>> = BTreeMap::new();
    for finding in findings {
        match finding.places.first() {
            Some(place) => files.entry(&place.file).or_default().push((place, finding)),
            None => files.entry("").or_default().push((&NOWHERE, finding)),
        }
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"3.0\">\n");
    for (file, findings) in files {
        let _infallible = writeln!(out, "  <file name=\"{}\">", xml(file));
        for (place, finding) in findings {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "info",
            };
            let _infallible = writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"sternway.{}\"/>",
                place.line,
                place.column,
                xml(&format!("{}: {}", finding.subject, finding.message)),
                xml(&finding.code)
            );
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>");
    out
}

/// For what has no place.
static NOWHERE: Place = Place { file: String::new(), line: 0, column: 0 };
