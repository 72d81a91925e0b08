//! Keys that are there and here not.

use std::collections::BTreeMap;

use sternway_core::edits::distance;
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Held, Key, Seen, at, list, wanted};
use crate::destination::Destination;
use crate::landscape::{Missing, Report};
use crate::leads::Lead;
use crate::recognise::words;
use crate::register::ProductionOnly;

/// Reports what is missing, what only a protected environment has, and what is probably mistyped.
pub(super) fn look(
    everywhere: &Everywhere<'_>,
    keys: &[Key<'_>],
    about: Option<&EnvironmentName>,
    report: &mut Report,
) {
    if everywhere.places.len() < 2 {
        return;
    }
    let by_name: BTreeMap<&str, &Key<'_>> = keys.iter().map(|key| (key.name, key)).collect();
    for key in keys {
        report.count("keys present in each environment", everywhere.places.len());
        if key.values.len() == everywhere.places.len() {
            continue;
        }
        let having: Vec<&EnvironmentName> = key.values.iter().map(|held| held.environment).collect();
        for seen in &everywhere.places {
            let &Seen { environment, at: place, service, .. } = seen;
            if having.contains(&environment) || !wanted(about, environment) {
                continue;
            }
            if let Some(why) = &service.unseen {
                report.unknown.push(format!("{} in {environment}: {why}", everywhere.subject(key.name)));
                continue;
            }
            let typed = service.values.keys().find(|other| {
                // A key of its own is one that none of those has who have this one.
                let its_own = by_name
                    .get(other.as_str())
                    .is_some_and(|other| !other.values.iter().any(|held| having.contains(&held.environment)));
                its_own && mistyped(key.name, other)
            });
            if typed.is_none() && says_the_default(everywhere, key, seen) {
                continue;
            }
            let subject = everywhere.subject(key.name);
            let finding = if let Some((other, value)) = typed.and_then(|other| service.values.get_key_value(other)) {
                let message = format!(
                    "{environment} has no `{}`, which {} has, but `{other}`: one of them is probably mistyped",
                    key.name,
                    list(&having)
                );
                let hint = format!("rename `{other}`, or say that both are meant: may_differ in [[agreements]]");
                let finding = if place.protected {
                    Finding::error("S0213", subject, message)
                } else {
                    Finding::warning("S0213", subject, message)
                };
                at(finding, value).hint(hint)
            } else {
                let message = format!("{environment} has no `{}`, which {} has", key.name, list(&having));
                let finding = Finding::warning("S0211", subject, message).hint(format!(
                    "set it for {environment}, or say that it is not needed there: may_differ in [[agreements]]"
                ));
                match key.values.first().and_then(|held| service.usual_file_for(held.value)) {
                    Some(place) => finding.at(place.file, 0, 0),
                    None => finding,
                }
            };
            let finding = key.values.iter().take(3).fold(finding, |finding, held| at(finding, held.value));
            if finding.code == "S0211" {
                report.missing.push(Missing {
                    environment: environment.clone(),
                    service: everywhere.name.clone(),
                    key: key.name.to_owned(),
                    finding: finding.clone(),
                });
            }
            report.findings.push(finding);
        }
        only_in_protected(everywhere, key, about, report);
        beside_what_was_meant(everywhere, key, about, report);
    }
}

/// A key of one environment alone that is probably another one, mistyped, which a layer below sets here, too: what was to be set over it
/// is not.
fn beside_what_was_meant(
    everywhere: &Everywhere<'_>,
    key: &Key<'_>,
    about: Option<&EnvironmentName>,
    report: &mut Report,
) {
    let [Held { environment, at: place, value, place: here }] = key.values.as_slice() else { return };
    if !wanted(about, environment) {
        return;
    }
    let others = || everywhere.places.iter().filter(|seen| seen.environment != *environment);
    let meant = everywhere.places[*here]
        .service
        .values
        .keys()
        .find(|other| mistyped(key.name, other) && others().all(|seen| seen.service.values.contains_key(*other)));
    let Some(meant) = meant else { return };
    let message = format!("only {environment} has `{}`, beside `{meant}`: it is probably that, mistyped", key.name);
    let hint = format!("rename it to `{meant}`, or say that both are meant: may_differ in [[agreements]]");
    let subject = everywhere.subject(key.name);
    let finding = if place.protected {
        Finding::error("S0213", subject, message)
    } else {
        Finding::warning("S0213", subject, message)
    };
    report.findings.push(at(finding, value).hint(hint));
}

fn only_in_protected(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let having: Vec<&EnvironmentName> = key.values.iter().map(|held| held.environment).collect();
    if key.values.iter().any(|held| !held.at.protected) {
        return;
    }
    let others = everywhere.places.iter().filter(|seen| !having.contains(&seen.environment));
    let seen_elsewhere = others.clone().any(|seen| seen.service.values.keys().any(|other| mistyped(key.name, other)));
    // What two of production's regions have and the third has not is no value that only production has.
    let is_tested_somewhere = having.len() > 1 && others.clone().all(|seen| seen.at.protected);
    let may_be_elsewhere = others.clone().any(|seen| seen.service.unseen.is_some());
    if seen_elsewhere
        || may_be_elsewhere
        || is_tested_somewhere
        || others.clone().all(|seen| says_the_default(everywhere, key, seen))
    {
        return;
    }
    let names: Vec<&EnvironmentName> = others.map(|seen| seen.environment).collect();
    let has = if having.len() == 1 { "has" } else { "have" };
    let message = format!("only {} {has} `{}`: nothing in {} ever ran with it", list(&having), key.name, list(&names));
    for &Held { environment, value, .. } in key.values.iter().filter(|held| wanted(about, held.environment)) {
        let hint = format!(
            "set it elsewhere, too, so that tests can see it; or answer for it: sternway register accept {environment} {}",
            everywhere.subject(key.name)
        );
        let finding = Finding::warning("S0212", everywhere.subject(key.name), &message).hint(hint);
        let finding = at(finding, value);
        report.findings.push(finding.clone());
        report.production_only.push(ProductionOnly {
            environment: (*environment).clone(),
            service: everywhere.name.clone(),
            key: key.name.to_owned(),
            finding,
        });
    }
}

/// Whether a key that is a part of a connection elsewhere says only what counts here without it: `DB_PORT=5432`.
fn says_the_default(everywhere: &Everywhere<'_>, key: &Key<'_>, here: &Seen<'_>) -> bool {
    let Some(Ok(without)) = sibling(everywhere, key, here) else { return false };
    let last = words(key.name).pop().unwrap_or_default();
    let same = |with: &Destination| match last.as_str() {
        "port" => with.same_ports(without),
        "db" | "database" => with.same_value(without, |outline| &outline.database),
        "vhost" => with.same_value(without, |outline| &outline.vhost),
        _ => false,
    };
    key.values.iter().all(|held| {
        let there = everywhere.places[held.place].leads.together(key.name);
        there.is_some_and(|(_, lead)| lead.as_ref().is_ok_and(|with| with.kind() == without.kind() && same(with)))
    })
}

/// The connection here of which the key would be a part: the one that shares another key with it.
fn sibling<'a>(everywhere: &'a Everywhere<'_>, key: &Key<'_>, here: &'a Seen<'_>) -> Option<&'a Lead> {
    let held = key.values.first()?;
    let (keys, _) = everywhere.places[held.place].leads.together(key.name)?;
    keys.iter().find_map(|other| Some(here.leads.together(other)?.1))
}

/// Whether one was probably meant as the other: at most two letters apart, and not by a number.
fn mistyped(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longest = a.len().max(b.len());
    let same_letters = |text: &str| text.to_lowercase().replace(['_', '-', '.', ':'], "");
    if longest < 4 || a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    let without_digits = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    if without_digits(one) == without_digits(other) {
        return false;
    }
    if same_letters(one) == same_letters(other) {
        return true;
    }
    // Another word of the field is meant, not mistyped: READ and WRITE, HOST and PORT.
    let allowed = if longest >= 8 { 2 } else { 1 };
    distance(&a, &b, allowed) <= allowed && one_word_differs(one, other)
}

/// Keys of several words are mistyped in one of them, and that one keeps most of its letters.
fn one_word_differs(one: &str, other: &str) -> bool {
    let split = |text: &str| text.split(['_', '-', '.', ':']).map(str::to_lowercase).collect::<Vec<_>>();
    let (one, other) = (split(one), split(other));
    if one.len() != other.len() {
        return true;
    }
    let different: Vec<(&String, &String)> = one.iter().zip(&other).filter(|(a, b)| a != b).collect();
    let [(a, b)] = different.as_slice() else { return different.is_empty() };
    let letters = a.chars().count().max(b.chars().count());
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // `DB_HOST` and `DB_POST` are two words; `SESION` and `SESSION` are one.
    letters >= 4 && distance(&a, &b, 2) * 3 <= letters && !(a.len() == b.len() && letters < 5 && a.first() != b.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_told_from_other_words() {
        for (one, other) in [
            ("SESSION_DSN", "SESION_DSN"),
            ("SESSION_DSN", "SESSOIN_DSN"),
            ("DATABASE_URL", "DATABSE_URL"),
            ("REDIS_PASSWORD", "REDIS_PASWORD"),
            ("APP_KEY", "APPKEY"),
            ("cache.store", "cache.sotre"),
        ] {
            assert!(mistyped(one, other) && mistyped(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("DB_HOST", "DB_PORT"),
            ("DB_HOST1", "DB_HOST2"),
            ("READ_DSN", "WRITE_DSN"),
            ("A", "B"),
            ("MAIL_HOST", "MAIL_POST"),
            ("LOG_LEVEL", "LOG_LABEL"),
            ("S3_KEY", "S3_URL"),
        ] {
            assert!(!mistyped(one, other), "{one} {other}");
        }
    }
}
