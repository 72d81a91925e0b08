//! Whether the checks can be asked at all.

use super::Inputs;
use crate::check::{Check, Question, Text};
use crate::finding::Finding;

/// Checks that name a secret which the candidate's configuration does not have: they could only ever be unknown.
pub(super) fn without_their_secrets(inputs: &Inputs<'_>) -> Vec<Finding> {
    let Some(content) = &inputs.candidate.content else { return Vec::new() };
    let has = |key: &str| content.config.values().any(|keys| keys.contains_key(key));
    let mut found = Vec::new();
    for check in inputs.checks {
        for key in secrets(check).into_iter().filter(|key| !has(key)) {
            let text = format!("check `{}` needs `{key}`, which no service's configuration has", check.name);
            let mut finding = Finding::error("S0506", &check.name, text)
                .hint(format!("set {key} in a configuration file of {}, or correct the check", inputs.environment))
                .that_stands();
            finding.places.extend(check.place.clone());
            found.push(finding);
        }
    }
    found
}

fn secrets(check: &Check) -> Vec<&str> {
    let Question::Http(http) = &check.question else { return Vec::new() };
    let texts = http.headers.values().chain(http.form.values()).chain(&http.body);
    texts
        .filter_map(|text| match text {
            Text::Secret(key) => Some(key.as_str()),
            Text::Plain(_) => None,
        })
        .collect()
}
