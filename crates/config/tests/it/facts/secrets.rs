//! No secret is in facts, findings, tables or their Debug, whatever it looks like and wherever it stands.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use sternway_config::dotenv::parse;
use sternway_config::facts::{Facts, Keys};
use sternway_config::landscape::{Environment, Landscape, Service};
use sternway_config::resolve::{Resolved, lay};
use sternway_config::table::rows;
use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ServiceName};

use super::verdicts::{AGREEMENTS, agreements, report};
use super::{key, sealed};

/// Where a secret may stand in a file; `{}` as it is, `{%}` percent-encoded.
const PLACES: [&str; 16] = [
    "DB_PASSWORD='{}'\n",
    "SESSION_DSN='redis://:{%}@cache/1'\n",
    "SESSION_DSN='redis://user:{}@cache/1'\n",
    "DATABASE_URL='postgres://{%}:{%}@db/shop?options={%}'\n",
    "DATABASE_URL='postgres://u:{}'\n",
    "MSSQL='Server=db;User ID=u;Password={};Database=shop'\n",
    "API='https://api.example.org/v1?key={%}'\n",
    "PLAIN='{}'\n",
    "# DB_PASSWORD={}\n",
    "A=1 # {}\n",
    "{}\n",
    "B='{}\n",
    "what {} is this\n",
    "C=\"${{}}\"\n",
    "HOST='{}.example.org'\n",
    "DB_HOST=db\nDB_PASSWORD='{}'\nDB_USERNAME='{}'\nDB_CONNECTION=mysql\n",
];

/// What secrets look like.
const FORMS: [&str; 16] = [
    "{}",
    "{}!",
    "p@{}",
    "{}/x",
    "{}#{}",
    "{} {}",
    "ghp_{}",
    "sk_live_{}",
    "eyJ{}.e30.x",
    "base64:{}==",
    "-----BEGIN {}",
    "{}%20{}",
    "{}:{}",
    "ä{}ß",
    "{}\\t",
    "$2y$10${}",
];

/// Secrets of many forms, with a core that no way of writing them changes.
fn secret() -> impl Strategy<Value = (String, String)> {
    ("[a-zA-Z0-9]{12,24}", select(&FORMS[..])).prop_filter_map("a word of the program's own", |(core, form)| {
        // Not one that is hex by chance, as every fingerprint is.
        let core = format!("Zq7{core}Wx");
        Some((form.replace("{}", &core), core))
    })
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// What of a file can be read, line by line; and all that is said about the rest.
fn read(text: &str, file: &str) -> (Service, String) {
    let read = parse(text.as_bytes(), file);
    let said = format!("{:?}", read.findings);
    match lay(&Resolved::default(), vec![(format!("dotenv:{file}"), read)]) {
        Ok(given) => (Service::from_sources(given, Resolved::default(), BTreeMap::new()), said),
        Err(findings) => {
            let unseen = sternway_config::landscape::Origin::Unseen { why: format!("{findings:?}") };
            (Service::without(unseen), said)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_secret_is_in_anything_that_is_said((secret, core) in secret(), places in proptest::collection::vec(select(&PLACES[..]), 1..5)) {
        let fill = |place: &&str| place.replace("{%}", &encoded(&secret)).replace("{}", &secret);
        let (mut told, mut environments) = (String::new(), BTreeMap::new());
        for environment in ["production", "staging"] {
            let mut services = BTreeMap::new();
            for (index, name) in ["web", "component"].into_iter().enumerate() {
                // Each on its own, so that one broken line hides nothing of the others.
                let lines: String = places.iter().skip(index).map(fill).collect();
                let (service, said) = read(&lines, &format!("{environment}.env"));
                told += &said;
                services.insert(ServiceName::new(name).unwrap(), service);
            }
            let protected = environment == "production";
            environments.insert(EnvironmentName::new(environment).unwrap(), Environment { protected, services });
        }
        let landscape = Landscape { environments };
        let agreements = agreements(AGREEMENTS);
        let names: Vec<EnvironmentName> = landscape.environments.keys().cloned().collect();
        let mut look = |landscape: &Landscape| {
            let _ = write!(told, "{:?}{:?}{landscape:?}", report(landscape, &agreements), rows(landscape, &names));
        };
        look(&landscape);
        let seen = landscape.environments.values().all(|place| place.services.values().all(Service::is_seen));
        if seen {
            for keys in [Keys::default(), Keys::of([key(7)])] {
                look(&sealed(&landscape, &["production"], &key(7), &keys));
            }
        }
        for place in landscape.environments.values() {
            let facts = Facts::of(&place.services, &key(7));
            told += &serde_json::to_string_pretty(&facts).unwrap();
            let _ = write!(told, "{facts:?}");
        }
        prop_assert!(!told.to_lowercase().contains(&core.to_lowercase()), "{core} in {told}");
        for text in [&secret, &core] {
            prop_assert!(!told.contains(&Digest::of(text.as_bytes()).hex()[..16]), "an unkeyed digest");
        }
    }
}
