//! Secrets that two environments share, whatever keys they stand under.

use std::collections::HashMap;

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Seen, at, wanted};
use crate::landscape::Report;
use crate::resolve::{Content, Value};

/// A shorter one may be a word that means nothing: `none`, `guest`.
const SHORTEST: usize = 6;

/// A secret, and the key that holds it.
struct Secret<'a> {
    key: &'a str,
    value: &'a Value,
    text: &'a str,
}

/// Reports secrets of protected environments that others have, too.
pub(super) fn look(everywhere: &Everywhere<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let protected = everywhere.places.iter().filter(|seen| seen.at.protected && wanted(about, seen.environment));
    let mut known: Option<HashMap<&str, (&EnvironmentName, &Value)>> = None;
    for seen in protected {
        let known = known.get_or_insert_with(|| {
            let others = everywhere.places.iter().filter(|seen| !seen.at.protected);
            let all = others.flat_map(|seen| {
                secrets(everywhere, seen).map(|secret| (secret.text, (seen.environment, secret.value)))
            });
            all.collect()
        });
        if known.is_empty() {
            continue;
        }
        for secret in secrets(everywhere, seen) {
            report.count("secrets", 1);
            let Some((environment, other)) = known.get(secret.text) else { continue };
            // A file that both read may only look up what stands elsewhere, and is said there.
            if is_same_place(secret.value, other) && is_a_copy(seen, &secret) {
                continue;
            }
            report.findings.push(shared(everywhere, seen, secret.key, secret.value, (environment, other)));
        }
    }
    by_facts(everywhere, about, report);
}

/// The same where the text of one of the two is not here: by its fingerprint, under the same key. Passwords within connections are compared
/// by the rules of connections (S0225).
fn by_facts(everywhere: &Everywhere<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let is_sealed = |value: &Value| matches!(value.content, Content::Sealed(_));
    for seen in everywhere.places.iter().filter(|seen| seen.at.protected && wanted(about, seen.environment)) {
        for (key, value) in &seen.service.values {
            if everywhere.silent.holds(everywhere.name, key) || !seen.service.is_secret(key, value) {
                continue;
            }
            let others = everywhere.places.iter().filter(|other| !other.at.protected);
            let same = others
                .filter_map(|other| Some((other.environment, other.service.values.get(key)?)))
                .find(|(_, other)| (is_sealed(value) || is_sealed(other)) && value.same(other) == Some(true));
            if let Some(other) = same.filter(|_| !leads_somewhere(seen, key, value)) {
                report.count("secrets", 1);
                report.findings.push(shared(everywhere, seen, key, value, other));
            }
        }
    }
}

fn leads_somewhere(seen: &Seen<'_>, key: &str, value: &Value) -> bool {
    match &value.content {
        Content::Sealed(sealed) => sealed.known().connection.is_some(),
        _ => seen.leads.alone(key).is_some(),
    }
}

fn shared(
    everywhere: &Everywhere<'_>,
    seen: &Seen<'_>,
    key: &str,
    value: &Value,
    (environment, other): (&EnvironmentName, &Value),
) -> Finding {
    let message = format!("{} and {environment} have the same secret", seen.environment);
    let hint = "whoever can read the one can use the other: give each environment a secret of its own";
    let finding = Finding::warning("S0217", everywhere.subject(key), message).hint(hint);
    at(at(finding, value), other)
}

fn is_same_place(one: &Value, other: &Value) -> bool {
    let (one, other) = (&one.provenance, &other.provenance);
    one.file == other.file && one.line == other.line && one.line > 0 && one.column == other.column
}

/// Whether another key of the service has the same.
fn is_a_copy(seen: &Seen<'_>, secret: &Secret<'_>) -> bool {
    let same = |(key, value): (&String, &Value)| {
        key != secret.key && value.text().is_some_and(|text| text.reveal() == secret.text)
    };
    seen.service.values.iter().any(same)
}

/// The secrets of one environment: values that are one, and the passwords of connections.
fn secrets<'a>(everywhere: &'a Everywhere<'_>, seen: &'a Seen<'_>) -> impl Iterator<Item = Secret<'a>> {
    seen.service.values.iter().filter_map(|(key, value)| {
        if everywhere.silent.holds(everywhere.name, key) {
            return None;
        }
        let text = value.text()?.reveal();
        if let Some(Ok(connection)) = seen.leads.alone(key) {
            let password = connection.here()?.password.value()?.reveal();
            return (password.len() >= SHORTEST).then_some(Secret { key, value, text: password });
        }
        (text.len() >= SHORTEST && seen.service.is_secret(key, value)).then_some(Secret { key, value, text })
    })
}
