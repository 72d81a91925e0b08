//! Where less is encrypted than elsewhere.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Held, Key, at, list, wanted};
use crate::destination::Destination;
use crate::landscape::Report;
use crate::recognise::words;
use crate::stores::{Part, Tls};

/// Reports a connection that is less encrypted than in all other environments, and a setting for encryption that is off here alone.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    if key.values.len() < 2 {
        return;
    }
    let levels: Vec<Option<Level>> = key.values.iter().map(|held| level(everywhere, key, held)).collect();
    for (index, (here, mine)) in key.values.iter().zip(&levels).enumerate() {
        let Some(mine) = mine.filter(|_| wanted(about, here.environment)) else { continue };
        let others: Vec<(&Held<'_>, Level)> = key
            .values
            .iter()
            .zip(&levels)
            .enumerate()
            .filter(|(at, _)| *at != index)
            .filter_map(|(_, (held, level))| Some((held, (*level)?)))
            .collect();
        // A developer's machine needs no encryption; where there is nothing else, it still shows that it was thought of.
        let is_real = |held: &Held<'_>, level: Level| !level.local && !everywhere.is_of_development(held);
        let real: Vec<_> = others.iter().filter(|(held, level)| is_real(held, *level)).copied().collect();
        let others = if real.is_empty() { others } else { real };
        report.count("encryption of values", usize::from(!others.is_empty()));
        if mine.local || others.is_empty() || !others.iter().all(|(_, other)| other.strength > mine.strength) {
            continue;
        }
        let names: Vec<&EnvironmentName> = others.iter().map(|(held, _)| held.environment).collect();
        let message =
            format!("in {} it is {}, and in {} {}", here.environment, mine.word(), list(&names), others[0].1.word());
        let hint = "encrypt it as elsewhere; or say that it is meant: may_differ in [[agreements]]";
        let finding = Finding::warning("S0273", everywhere.subject(key.name), message).hint(hint);
        report.findings.push(at(at(finding, here.value), others[0].0.value));
    }
}

#[derive(Clone, Copy)]
struct Level {
    /// 0: never, 1: when the server can, 2: always, 3: and the server is verified.
    strength: u8,
    local: bool,
    setting: bool,
}

impl Level {
    fn word(self) -> &'static str {
        match (self.setting, self.strength) {
            (true, 0) => "off",
            (true, _) => "on",
            (false, 0) => "not encrypted",
            (false, 1) => "encrypted only if the server wants it",
            (false, 2) => "always encrypted",
            (false, _) => "always encrypted, to a server that is verified",
        }
    }
}

fn level(everywhere: &Everywhere<'_>, key: &Key<'_>, held: &Held<'_>) -> Option<Level> {
    let leads = &everywhere.places[held.place].leads;
    if let Some(lead) = leads.alone(key.name) {
        let connection = lead.as_ref().ok()?;
        return Some(Level { strength: strength(connection)?, local: connection.is_local(), setting: false });
    }
    if !is_setting(key.name) {
        return None;
    }
    let local = leads.together(key.name).and_then(|(_, lead)| lead.as_ref().ok()).is_some_and(Destination::is_local);
    let text = held.value.text()?.reveal();
    Some(Level { strength: said(text)?, local, setting: true })
}

fn strength(connection: &Destination) -> Option<u8> {
    match connection.tls() {
        Part::Given(tls) | Part::Default(tls) => Some(match tls {
            Tls::Off => 0,
            Tls::Allow | Tls::Prefer => 1,
            Tls::Unverified | Tls::On => 2,
            Tls::VerifyCa | Tls::VerifyFull => 3,
        }),
        // Left to the client: no client insists by itself unless its scheme says so. Where readers disagree it is not known.
        Part::Absent => Some(1),
        Part::Unknown => connection.has_unknown_place().then_some(0),
    }
}

/// Whether a key decides on encryption: `DB_SSLMODE`, `SESSION_SECURE_COOKIE`, `FORCE_SSL`, `MAIL_ENCRYPTION`.
fn is_setting(key: &str) -> bool {
    const WORDS: [&str; 12] = [
        "ssl",
        "tls",
        "sslmode",
        "secure",
        "https",
        "encryption",
        "encrypt",
        "starttls",
        "hsts",
        "verify",
        "insecure",
        "ssl_mode",
    ];
    // What speaks of a key, a certificate, a port or a version is no switch.
    const NO_SWITCH: [&str; 14] = [
        "key",
        "cert",
        "certificate",
        "ca",
        "port",
        "version",
        "path",
        "file",
        "protocols",
        "ciphers",
        "salt",
        "host",
        "password",
        "name",
    ];
    let words = words(key);
    words.iter().any(|word| WORDS.contains(&word.as_str()))
        && !words.iter().any(|word| NO_SWITCH.contains(&word.as_str()))
}

/// How strong a setting says that it is.
fn said(text: &str) -> Option<u8> {
    Some(match text.trim().to_ascii_lowercase().as_str() {
        "" | "0" | "no" | "off" | "false" | "none" | "null" | "disable" | "disabled" | "never" => 0,
        "allow" | "prefer" | "preferred" | "auto" | "optional" | "starttls-if-available" => 1,
        "1" | "yes" | "on" | "true" | "tls" | "ssl" | "starttls" | "require" | "required" | "enabled" | "always"
        | "mandatory" => 2,
        "verify-ca" | "verify-full" | "verify_ca" | "verify_identity" | "strict" => 3,
        _ => return None,
    })
}
