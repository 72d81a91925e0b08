//! The same services in several environments.

use std::collections::BTreeMap;

use sternway_config::compare::{Silent, compare};
use sternway_config::dotenv::parse;
use sternway_config::landscape::{Environment, Landscape, Origin, Report, Service};
use sternway_config::resolve::{Resolved, lay};
use sternway_config::table::{Cell, Row, rows};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};

/// Environments by name, each with `service` to the text of a dotenv file. `production` is protected.
pub(crate) fn landscape(environments: &[(&str, &[(&str, &str)])]) -> Landscape {
    let service = |environment: &str, (name, text): &(&str, &str)| {
        let file = format!("{environment}/{name}.env");
        let given = lay(&Resolved::default(), vec![(format!("dotenv:{file}"), parse(text.as_bytes(), &file))]).unwrap();
        (ServiceName::new(*name).unwrap(), Service::from_sources(given, Resolved::default(), BTreeMap::new()))
    };
    let environment = |(name, services): &(&str, &[(&str, &str)])| {
        let services = services.iter().map(|entry| service(name, entry)).collect();
        (EnvironmentName::new(*name).unwrap(), Environment { protected: *name == "production", services })
    };
    Landscape { environments: environments.iter().map(environment).collect() }
}

/// `web` in staging and production.
fn two(staging: &str, production: &str) -> Landscape {
    landscape(&[("staging", &[("web", staging)]), ("production", &[("web", production)])])
}

fn report(landscape: &Landscape) -> Report {
    compare(landscape, Some(&EnvironmentName::new("production").unwrap()), &Silent::default())
}

/// `code place` of each finding.
pub(crate) fn said(findings: &[Finding]) -> Vec<String> {
    let one = |finding: &Finding| {
        format!("{} {}", finding.code, finding.places.first().map(ToString::to_string).unwrap_or_default())
    };
    findings.iter().map(one).collect()
}

#[test]
fn what_is_the_same_but_for_its_values_is_quiet() {
    let staging = "HOST=db.staging.example\nPORT=5432\nDEBUG=true\nURL=https://staging.example\nLEVEL=debug\n";
    let production = "HOST=db.example\nPORT=5433\nDEBUG=0\nURL=https://www.example.org/\nLEVEL=warning\n";
    let report = report(&two(staging, production));
    assert_eq!(said(&report.findings), Vec::<String>::new());
    assert!(report.effective() > 10, "{:?}", report.checked);
}

#[test]
fn what_is_missing_has_a_place_here_and_there() {
    let report = report(&two("A=1\nDSN=redis://h/1\n", "A=1\n"));
    assert_eq!(said(&report.findings), ["S0211 production/web.env"]);
    assert_eq!(report.findings[0].places[1].to_string(), "staging/web.env:2:1");
}

#[test]
fn a_key_that_only_production_has_is_said() {
    assert_eq!(said(&report(&two("A=1\n", "A=1\nNEW=2\n")).findings), ["S0212 production/web.env:2:1"]);
}

#[test]
fn a_mistyped_key_is_one_finding() {
    let report = report(&two("SESSION_DSN=redis://h/1\n", "SESION_DSN=redis://h/2\n"));
    assert_eq!(said(&report.findings), ["S0213 production/web.env:1:1"]);
    assert!(report.findings[0].message.contains("SESION_DSN"));
}

#[test]
fn values_of_another_type_and_values_that_are_none_are_said() {
    let staging = "URL=https://a.example\nKEY=something\nTOKEN_HOST=a.example\nNAME=x\n";
    for (production, expected) in [
        ("URL=5432\nKEY=something\nTOKEN_HOST=a.example\nNAME=x\n", "S0214 production/web.env:1:1"),
        ("URL=https://b.example\nKEY=changeme\nTOKEN_HOST=a.example\nNAME=x\n", "S0215 production/web.env:2:1"),
        ("URL=https://b.example\nKEY=something\nTOKEN_HOST='#{Host}'\nNAME=x\n", "S0215 production/web.env:3:1"),
        ("URL=https://b.example\nKEY=something\nTOKEN_HOST=a.example\nNAME=\n", "S0216 production/web.env:4:1"),
    ] {
        assert_eq!(said(&report(&two(staging, production)).findings), [expected], "{production}");
    }
}

#[test]
fn one_secret_for_two_environments_is_said_without_it() {
    let report = report(&two("DB_PASSWORD=correct-horse-battery\n", "DB_PASSWORD=correct-horse-battery\n"));
    assert_eq!(said(&report.findings), ["S0217 production/web.env:1:1"]);
    assert!(!format!("{report:?}").contains("correct-horse"));
}

#[test]
fn endpoints_that_belong_elsewhere_are_said() {
    for (staging, production) in [
        ("URL=redis://cache.example.org/1\n", "URL=redis://localhost/1\n"),
        ("URL=https://api.example.org\n", "URL=https://api-staging.example.org\n"),
        ("HOST=smtp.example.org\n", "HOST=mailhog.example.org\n"),
    ] {
        assert_eq!(said(&report(&two(staging, production)).findings), ["S0218 production/web.env:1:1"], "{production}");
    }
    let both_local = report(&two("URL=redis://127.0.0.1/1\n", "URL=redis://127.0.0.1:6380/1\n"));
    assert_eq!(said(&both_local.findings), Vec::<String>::new());
    let staging = EnvironmentName::new("staging").unwrap();
    let reversed = two("URL=https://db.prod.example.org\n", "URL=https://db.prod.example.org\n");
    let reversed = compare(&reversed, Some(&staging), &Silent::default());
    assert_eq!(said(&reversed.findings), ["S0218 staging/web.env:1:1"]);
}

#[test]
fn what_cannot_be_seen_is_said_and_not_taken_for_missing() {
    let mut landscape = two("A=1\nB=2\n", "A=1\nB=2\n");
    let production = landscape.environments.get_mut(&EnvironmentName::new("production").unwrap()).unwrap();
    let unseen = Service::without(Origin::Unseen { why: "the file cannot be read".to_owned() });
    production.services.insert(ServiceName::new("web").unwrap(), unseen);
    let report = report(&landscape);
    assert_eq!(said(&report.findings), ["S0219 "]);
    assert_eq!((report.unknown.len(), report.effective()), (1, 2));
}

#[test]
fn keys_that_may_differ_are_silent_for_their_service() {
    let landscape = two("A=1\nDEBUG=1\n", "A=1\n");
    let mut silent = Silent::default();
    silent.add(Some(&ServiceName::new("other").unwrap()), "DEBUG");
    let production = EnvironmentName::new("production").unwrap();
    assert_eq!(compare(&landscape, Some(&production), &silent).findings.len(), 1);
    silent.add(None, "DEBUG");
    assert_eq!(compare(&landscape, Some(&production), &silent).findings.len(), 0);
}

#[test]
fn a_table_says_same_or_different_and_never_a_value() {
    let landscape = landscape(&[
        ("dev", &[("web", "A=one\nB=x\n")]),
        ("staging", &[("web", "A=one\nB=y\nC=changeme\n")]),
        ("production", &[("web", "A=one\nB=x\nC=supersecretvalue\n")]),
    ]);
    let names: Vec<EnvironmentName> = landscape.environments.keys().cloned().collect();
    let rows = rows(&landscape, &names);
    let letters = |row: &Row| -> String {
        let letter = |cell: &Cell| match cell {
            Cell::Set { group, .. } => *group,
            Cell::Missing => '-',
            Cell::Unknown { .. } | Cell::Unseen { .. } => '?',
        };
        row.cells.values().map(letter).collect()
    };
    let said: Vec<(String, String)> = rows.iter().map(|row| (row.key.clone(), letters(row))).collect();
    let expected = [("A", "aaa"), ("B", "aab"), ("C", "-ab")];
    assert_eq!(said, expected.map(|(key, letters)| (key.to_owned(), letters.to_owned())));
    assert_eq!(rows.iter().map(Row::is_same).collect::<Vec<_>>(), [true, false, false]);
    assert!(!format!("{rows:?}").contains("supersecret"));
}
