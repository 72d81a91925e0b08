//! Environments that are not compared from their sources: what that means for what is found, and for what is not.

use std::collections::BTreeMap;

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::landscape::{Environment, Origin, Report, Service};
use crate::resolve::Content;

/// Says of an environment what it is compared from, and when its values cannot be told from others.
pub(super) fn look(name: &EnvironmentName, environment: &Environment, report: &mut Report) {
    let mut by_words: BTreeMap<(String, &str), Vec<&ServiceName>> = BTreeMap::new();
    for (service, found) in &environment.services {
        if let Origin::Sealed { why, .. } | Origin::Facts { why, .. } = &found.origin {
            by_words.entry((found.origin.to_string(), why)).or_default().push(service);
        }
    }
    for ((origin, why), services) in by_words {
        let shown: Vec<String> = services.iter().map(|service| format!("`{service}`")).collect();
        let message = format!("{} in {name} is compared by {origin}: {why}", shown.join(", "));
        report.findings.push(Finding::note("S0281", name.to_string(), message));
    }
    let closed: Vec<String> = environment
        .services
        .iter()
        .filter(|(_, found)| is_closed(found))
        .map(|(service, _)| format!("`{service}`"))
        .collect();
    if closed.is_empty() {
        return;
    }
    let what = closed.join(", ");
    let why = "the fingerprint key that its facts were made with is not here";
    report.unknown.push(format!("values of {what} in {name}: {why}"));
    let message = format!(
        "values of {what} in {name} cannot be told from those that are here, only by what they look like: {why}"
    );
    let hint = "ask for the project's key (`sternway facts key --out FILE` where it is), and name it: STERNWAY_FINGERPRINT_KEY_FILE=FILE";
    report.findings.push(Finding::warning("S0282", name.to_string(), message).hint(hint));
}

/// Whether its values were sealed with a key that is not here.
fn is_closed(service: &Service) -> bool {
    service.values.values().any(|value| matches!(&value.content, Content::Sealed(sealed) if !sealed.is_open()))
}
