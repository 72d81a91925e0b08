//! The same is found by facts as by values.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use sternway_config::agreements::check;
use sternway_config::compare::{Silent, compare};
use sternway_config::facts::Keys;
use sternway_config::landscape::{Landscape, Report};
use sternway_config::table::{Cell, rows};
use sternway_core::ids::EnvironmentName;
use sternway_core::project::{self, Agreement};

use super::{key, sealed};
use crate::compare::landscape;

pub(super) const AGREEMENTS: &str = r#"
[[agreements]]
name = "keys"
must_agree = ["web:APP_KEY", "component:APP_KEY"]
[[agreements]]
name = "databases"
must_agree = ["web:DATABASE_URL", "component:DATABASE_URL"]
on = ["store", "namespace", "credential", "tls"]
[[agreements]]
name = "apart"
must_differ = ["*:QUEUE"]
[[agreements]]
name = "sessions"
session = ["web", "component"]
"#;

pub(super) fn agreements(text: &str) -> Vec<Agreement> {
    let services = ["web", "component"].map(|name| format!("[services.{name}]\nrun = \"x\"\n")).concat();
    let environments =
        "[environments.staging]\nlisten = \"127.0.0.1:8001\"\nroutes = { \"/\" = \"web\", \"/c\" = \"component\" }\n";
    let text = format!("[project]\nname = \"shop\"\n{services}{environments}{text}");
    project::parse(&text, "sternway.toml").unwrap().project.agreements
}

pub(super) fn report(landscape: &Landscape, agreements: &[Agreement]) -> Report {
    let mut report = compare(landscape, None, &Silent::of(agreements));
    report.extend(check(landscape, agreements, None));
    report
}

/// Code, severity and subject of what was found, but for what says how it was looked.
pub(super) fn found(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter().filter(|finding| !["S0281", "S0282"].contains(&finding.code.as_str()));
    findings.map(|finding| format!("{} {:?} {}", finding.code, finding.severity, finding.subject)).collect()
}

/// The letters of each row.
fn letters(landscape: &Landscape) -> Vec<(String, String, Vec<String>)> {
    let names: Vec<EnvironmentName> = landscape.environments.keys().cloned().collect();
    let letter = |cell: &Cell| match cell {
        Cell::Set { group, shape, secret, .. } => format!("{group} {shape} {secret}"),
        other => format!("{other:?}").split(' ').next().unwrap_or_default().to_owned(),
    };
    rows(landscape, &names)
        .into_iter()
        .map(|row| {
            let relations = row
                .relations
                .iter()
                .map(|one| format!("{:?} {:?} {:?} {:?}", one.verdict, one.differ, one.same, one.unknown));
            let cells = row.cells.values().map(letter).chain(relations).collect();
            (row.service.to_string(), row.key, cells)
        })
        .collect()
}

/// Values that have something in common, so that every rule has something to find.
fn value(key: &'static str) -> impl Strategy<Value = String> {
    let texts: &[&str] = match key {
        "SESSION_DSN" | "QUEUE" => &[
            "redis://cache/1",
            "redis://cache:6379/1",
            "redis://:pw@cache/1",
            "redis://cache/2",
            "redis://other.example.org/1",
            "redis://localhost/1",
            "redis://127.0.0.1/1",
            "rediss://cache/1",
            "amqp://mq/%2f",
            "tcp://cache:6379?database=1",
        ],
        "DATABASE_URL" => &[
            "postgres://u:correct-horse@db.prod.example/shop",
            "postgresql://v:correct-horse@DB.prod.example:5432/shop",
            "postgres://u:correct-horse@db.prod.example/other",
            "postgres://u:correct-horse@db-staging.example/shop",
            "mysql://u:pw@db.prod.example/shop",
            "sqlite:///shop.db",
            "12",
        ],
        "REDIS_HOST" => &["cache", "other.example.org", "127.0.0.1", "localhost"],
        "REDIS_PREFIX" | "SESSION_COOKIE" => &["shop_", "other_", ""],
        "API" => &["https://api.example.org", "https://api-test.example.org", "5", "changeme", "true", "#{Api}", ""],
        _ => &["base64:AAAAAAAAAAAAAAAAAAAAAAAA", "base64:BBBBBBBBBBBBBBBBBBBBBBBB", "correct-horse", "x", ""],
    };
    select(texts).prop_map(str::to_owned)
}

fn service() -> impl Strategy<Value = String> {
    const KEYS: [&str; 9] = [
        "SESSION_DSN",
        "QUEUE",
        "DATABASE_URL",
        "REDIS_HOST",
        "REDIS_PREFIX",
        "SESSION_COOKIE",
        "API",
        "APP_KEY",
        "API_TOKEN",
    ];
    let all: Vec<_> = KEYS
        .iter()
        .map(|name| {
            proptest::option::weighted(0.8, value(name))
                .prop_map(move |value| value.map(|value| format!("{name}='{value}'\n")))
        })
        .collect();
    all.prop_map(|lines| lines.into_iter().flatten().chain(["REDIS_PORT=6379\n".to_owned()]).collect())
}

pub(super) fn places() -> impl Strategy<Value = Landscape> {
    [service(), service(), service(), service()].prop_map(|[a, b, c, d]| {
        landscape(&[
            ("production", &[("component", a.as_str()), ("web", b.as_str())]),
            ("staging", &[("component", c.as_str()), ("web", d.as_str())]),
        ])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn comparison_by_facts_finds_what_comparison_of_values_finds(landscape in places(), declared in any::<bool>()) {
        let agreements = if declared { agreements(AGREEMENTS) } else { Vec::new() };
        let by_values = report(&landscape, &agreements);
        for environments in [&["production"][..], &["staging"], &["production", "staging"]] {
            let landscape = sealed(&landscape, environments, &key(7), &Keys::of([key(8), key(7)]));
            let by_facts = report(&landscape, &agreements);
            let needs_texts = |one: &String| ["S0217", "S0271", "S0272", "S0273", "S0275"].contains(&&one[..5]);
            let (mut there, mut here) = (found(&by_facts), found(&by_values));
            there.retain(|one| !needs_texts(one));
            here.retain(|one| !needs_texts(one));
            prop_assert_eq!(there, here, "{:?}", environments);
        }
        let by_facts = sealed(&landscape, &["production"], &key(7), &Keys::of([key(7)]));
        prop_assert_eq!(letters(&by_facts), letters(&landscape));
    }
}

#[test]
fn the_pool_of_values_has_something_for_every_rule() {
    // Otherwise the property above would say less than it seems to.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let agreements = agreements(AGREEMENTS);
    let mut codes = BTreeSet::new();
    for agreements in [agreements.as_slice(), &[]] {
        for _ in 0..64 {
            let landscape = places().new_tree(&mut runner).unwrap().current();
            codes.extend(report(&landscape, agreements).findings.into_iter().map(|finding| finding.code));
        }
    }
    let expected =
        ["S0211", "S0212", "S0214", "S0215", "S0216", "S0217", "S0218", "S0220", "S0221", "S0222", "S0223", "S0225"];
    for code in expected {
        assert!(codes.contains(code), "{code} of {codes:?}");
    }
}

#[test]
fn an_inferred_session_store_is_found_by_facts() {
    let production: &[(&str, &str)] =
        &[("component", "SESSION_DSN=redis://other/1\n"), ("web", "SESSION_DSN=redis://cache/1\n")];
    let staging: &[(&str, &str)] =
        &[("component", "SESSION_DSN=redis://one/1\n"), ("web", "SESSION_DSN=redis://one/1\n")];
    let landscape = landscape(&[("production", production), ("staging", staging)]);
    for environments in [&["production"][..], &["production", "staging"]] {
        let by_facts = sealed(&landscape, environments, &key(7), &Keys::of([key(7)]));
        let report = report(&by_facts, &[]);
        assert!(found(&report).contains("S0224 Error web:SESSION_DSN"), "{report:?}");
        assert!(report.findings.iter().any(|finding| finding.code == "S0281" && finding.message.contains("release 7")));
    }
    // With two facts under one key that is not here, they still compare with each other.
    let both = sealed(&landscape, &["production", "staging"], &key(7), &Keys::default());
    assert!(found(&report(&both, &[])).contains("S0224 Error web:SESSION_DSN"));
}
