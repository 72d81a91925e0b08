//! Where values lead: into development from production, or the reverse.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Key, at, list, wanted};
use crate::hosts::Host;
use crate::landscape::Report;
use crate::shape::Shape;

/// Reports hosts whose names say that they belong elsewhere.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let hosts: Vec<_> = key
        .values
        .iter()
        .filter_map(|held| Some((held.environment, held.at, held.value, Host::of(held.value)?)))
        .collect();
    report.count("hosts in values", hosts.len());
    for (environment, place, value, host) in hosts.iter().filter(|entry| wanted(about, entry.0)) {
        let subject = everywhere.subject(key.name);
        let others: Vec<_> = hosts.iter().filter(|other| other.0 != *environment).collect();
        if place.protected {
            let local = host.is_local() && !others.is_empty() && others.iter().all(|other| !other.3.is_local());
            let why = if local {
                let names: Vec<&EnvironmentName> = others.iter().map(|other| other.0).collect();
                Some(format!(
                    "it leads to this machine itself in {environment}, and to a host of its own in {}",
                    list(&names)
                ))
            } else {
                host.says_development()
                    .map(|word| format!("in {environment} it leads to a host whose name says `{word}`"))
            };
            if let Some(message) = why {
                let hint = "see whether the values of two environments were swapped";
                report.findings.push(at(Finding::warning("S0218", subject, message).hint(hint), value));
            }
            continue;
        }
        let production =
            others.iter().find(|other| other.1.protected && other.3.same(host) == Some(true) && !host.is_local());
        let named = host.says_production();
        if let Some(other) = production.filter(|_| named.is_some()) {
            let message = format!("{environment} leads to the same host as {}", other.0);
            let hint = format!(
                "what is tried in {environment} would reach the users of {}: give it a host of its own",
                other.0
            );
            let finding = at(Finding::warning("S0218", subject, message).hint(hint), value);
            report.findings.push(at(finding, other.2));
        } else if let Some(word) = named.filter(|word| *word != environment.as_str()) {
            let message = format!("in {environment} it leads to a host whose name says `{word}`");
            let hint = "see whether the values of two environments were swapped";
            report.findings.push(at(Finding::warning("S0218", subject, message).hint(hint), value));
        }
    }
}

pub(crate) const DEVELOPMENT: [&str; 15] = [
    "dev",
    "devel",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "stg",
    "qa",
    "uat",
    "sandbox",
    "mailhog",
    "mailpit",
    "mailtrap",
    "preprod",
];
pub(crate) const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// The word of a host's labels that is one of these. `latest` says nothing; `db-staging` and `staging1` do.
pub(crate) fn label(host: &str, words: &[&'static str]) -> Option<&'static str> {
    host.split(['.', '-', '_'])
        .map(|label| label.trim_end_matches(|c: char| c.is_ascii_digit()))
        .find_map(|label| words.iter().find(|word| **word == label).copied())
}

pub(crate) fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "host.docker.internal"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host of a URL, of `host:port`, or of the first `host=` or `server=` of a connection string; in small letters.
pub(crate) fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let authority = match Shape::of(text) {
        Shape::Url => {
            let (_, rest) = text.split_once("://")?;
            let authority = rest.split(['/', '?', '#', ';', ',']).next()?;
            authority.rsplit_once('@').map_or(authority, |(_, host)| host)
        }
        Shape::Host => text,
        Shape::Pairs => {
            let of = |pair: &str| {
                let (key, value) = pair.split_once('=')?;
                let key = key.trim().to_ascii_lowercase();
                let key = key.rsplit(':').next().unwrap_or_default();
                ["host", "server", "data source", "addr"].contains(&key).then(|| value.trim().to_owned())
            };
            let found = text.split([';', ' ', ',']).find_map(of)?;
            return host(&found);
        }
        _ => return None,
    };
    let authority = authority.trim_end_matches('.');
    let bare = if let Some(rest) = authority.strip_prefix('[') {
        rest.split(']').next()?
    } else if authority.matches(':').count() == 1 {
        authority.split(':').next()?
    } else {
        authority
    };
    (!bare.is_empty()).then(|| bare.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_the_forms_that_values_have() {
        for (text, found) in [
            ("redis://user:pass@Cache.Example.org:6379/1", Some("cache.example.org")),
            ("https://api.example.org", Some("api.example.org")),
            ("db.example.org:5432", Some("db.example.org")),
            ("redis://[::1]:6379", Some("::1")),
            ("host=db.internal.example dbname=shop", Some("db.internal.example")),
            ("production", None),
            ("12", None),
        ] {
            assert_eq!(host(text).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn names_say_where_a_host_belongs() {
        assert_eq!(label("db-staging.example.org", &DEVELOPMENT), Some("staging"));
        assert_eq!(label("staging1.example.org", &DEVELOPMENT), Some("staging"));
        assert_eq!(label("latest.example.org", &DEVELOPMENT), None);
        assert_eq!(label("contest.example.org", &DEVELOPMENT), None);
    }
}
