//! Values that name the environment to which they belong.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Key, at, wanted};
use crate::landscape::Report;
use crate::recognise::{is_secret, words};
use crate::secret::SecretText;
use crate::shape::Shape;

/// Reports a value of a protected environment that names another one, where the other one's value does so, too.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    for here in key.values.iter().filter(|here| here.at.protected && wanted(about, here.environment)) {
        let Some(text) = here.value.text().map(SecretText::reveal) else { continue };
        let own = &everywhere.places[here.place].words;
        if text.len() > 300
            || own.stand_in(text)
            || matches!(Shape::of(text), Shape::Number | Shape::Truth | Shape::Empty)
        {
            continue;
        }
        let mine = without_login(text);
        let other = key.values.iter().filter(|other| !other.at.protected).find(|other| {
            let words = &everywhere.places[other.place].words;
            let theirs = other.value.text().map_or("", SecretText::reveal);
            words.stand_in(mine) && (words.stand_in(without_login(theirs)) || names_environment(key.name))
        });
        // A secret that happens to hold the word says nothing; where a connection has one, only the rest was looked at.
        let Some(other) = other.filter(|_| mine.len() < text.len() || !is_secret(key.name, text)) else { continue };
        let message = format!("in {} it names {}", here.environment, other.environment);
        let hint = "see whether the values of two environments were swapped";
        let finding = Finding::warning("S0275", everywhere.subject(key.name), message).hint(hint);
        report.findings.push(at(at(finding, here.value), other.value));
    }
}

/// A key that says in which environment a program runs.
fn names_environment(key: &str) -> bool {
    words(key)
        .last()
        .is_some_and(|last| matches!(last.as_str(), "env" | "environment" | "profile" | "profiles" | "stage"))
}

/// A URL without user and password.
fn without_login(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return text };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rfind('@').map_or(text, |at| &rest[at + 1..])
}
