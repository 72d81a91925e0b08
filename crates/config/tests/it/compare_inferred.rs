//! What is inferred from how other environments are configured: each mistake with what looks like it and is none.

use std::collections::BTreeMap;

use sternway_config::compare::{Silent, compare};
use sternway_config::dotenv::parse;
use sternway_config::landscape::{Environment, Landscape, Service};
use sternway_config::resolve::{Resolved, lay};
use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::compare::{landscape, said};

fn found(landscape: &Landscape) -> Vec<String> {
    let production = EnvironmentName::new("production").unwrap();
    said(&compare(landscape, Some(&production), &Silent::default()).findings)
}

/// `web` in staging and production.
fn two(staging: &str, production: &str) -> Vec<String> {
    found(&landscape(&[("staging", &[("web", staging)]), ("production", &[("web", production)])]))
}

/// `web` and `worker` in staging and production.
fn four(staging: [&str; 2], production: [&str; 2]) -> Vec<String> {
    let of = |[web, worker]: [&'static str; 2]| [("web", web), ("worker", worker)];
    // The texts live as long as the test.
    let leak = |texts: [&str; 2]| texts.map(|text| &*Box::leak(text.to_owned().into_boxed_str()));
    let (staging, production) = (of(leak(staging)), of(leak(production)));
    found(&landscape(&[("staging", &staging), ("production", &production)]))
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_store_that_services_share_elsewhere_is_one_here() {
    let staging = "REDIS_HOST=redis.stg.example.org\nREDIS_PORT=6379\nREDIS_DB=2\n";
    let production = "REDIS_HOST=redis.example.org\nREDIS_PORT=6379\nREDIS_DB=2\n";
    assert_eq!(four([staging, staging], [production, production]), NOTHING);
    let other = production.replace("redis.", "redis-old.");
    assert_eq!(four([staging, staging], [production, &other]), ["S0271 production/worker.env:1:1"]);
    // Written otherwise, it is the same.
    let same = "REDIS_HOST=Redis.Example.ORG.\nREDIS_PORT=6379\nREDIS_DB=2\n";
    assert_eq!(four([staging, staging], [production, same]), NOTHING);
    // Each has a database of its own on one server of staging: that is no reason to share one of production.
    let of = |host: &str, name: &str| format!("DATABASE_URL=postgres://u@{host}/{name}\n");
    let apart = [of("pg.stg.example.org", "orders"), of("pg.stg.example.org", "billing")];
    let servers = [of("pg1.example.org", "orders"), of("pg2.example.org", "billing")];
    assert_eq!(four([&apart[0], &apart[1]], [&servers[0], &servers[1]]), NOTHING);
}

#[test]
fn keys_of_other_names_are_one_where_the_store_says_so() {
    let staging =
        ["A_URL=postgres://u@db.stg.example.org/shop\n", "B_DSN=\"host=db.stg.example.org dbname=shop user=u\"\n"];
    assert_eq!(
        four(
            staging,
            ["A_URL=postgres://u@db.example.org/shop\n", "B_DSN=\"host=db.example.org dbname=shop user=u\"\n"]
        ),
        NOTHING
    );
    assert_eq!(
        four(
            staging,
            ["A_URL=postgres://u@db.example.org/shop\n", "B_DSN=\"host=db9.example.org dbname=shop user=u\"\n"]
        ),
        ["S0271 production/worker.env:1:1"]
    );
    // A copy to read from is another server in production alone.
    let copies =
        |host: &str| format!("DB_URL=postgres://u@db.{host}/shop\nDB_REPLICA_URL=postgres://u@{{}}.{host}/shop\n");
    let (staging, production) =
        (copies("stg.example.org").replace("{}", "db"), copies("example.org").replace("{}", "db-ro"));
    assert_eq!(two(&staging, &production), NOTHING);
    // Two that happen to share the first database of staging's only Redis.
    let staging = "CACHE=redis://r.stg.example.org\nQUEUE=redis://r.stg.example.org\n";
    assert_eq!(two(staging, "CACHE=redis://r1.example.org\nQUEUE=redis://r2.example.org\n"), NOTHING);
}

#[test]
fn values_under_one_key_are_shared_unless_they_tune() {
    let all = |key: &str, level: &str| format!("JWT_SECRET={key}\nLOG_LEVEL={level}\nWORKERS=2\n");
    let (staging, web) = (all("one-1234", "debug"), all("two-5678", "info"));
    assert_eq!(four([&staging, &staging], [&web, &all("two-5678", "error")]), NOTHING);
    assert_eq!(four([&staging, &staging], [&web, &all("three-91", "info")]), ["S0271 production/worker.env:1:1"]);
    // Of three, the one that differs from both others is meant.
    let three = landscape(&[
        ("staging", &[("a", "TOPIC=jobs\n"), ("b", "TOPIC=jobs\n"), ("c", "TOPIC=jobs\n")]),
        ("production", &[("a", "TOPIC=work\n"), ("b", "TOPIC=tasks\n"), ("c", "TOPIC=work\n")]),
    ]);
    assert_eq!(found(&three), ["S0271 production/b.env:1:1"]);
}

#[test]
fn an_agreement_or_silence_is_not_inferred_about() {
    let landscape = landscape(&[
        ("staging", &[("web", "TOPIC=jobs\n"), ("worker", "TOPIC=jobs\n")]),
        ("production", &[("web", "TOPIC=work\n"), ("worker", "TOPIC=tasks\n")]),
    ]);
    assert_eq!(found(&landscape), ["S0271 production/worker.env:1:1"]);
    let production = EnvironmentName::new("production").unwrap();
    let mut silent = Silent::default();
    silent.add(Some(&ServiceName::new("worker").unwrap()), "TOPIC");
    assert_eq!(said(&compare(&landscape, Some(&production), &silent).findings), NOTHING);
}

#[test]
fn more_than_the_environments_name_differs() {
    for (staging, production, expected) in [
        ("redis://r.stg.example.org:6379/1", "redis://r.example.org:6379/1", false),
        ("redis://r.stg.example.org:6379/1", "redis://r.example.org/1", false),
        ("redis://r.stg.example.org:6379/1", "redis://r.example.org:6379/3", true),
        ("redis://r.stg.example.org:6379/1", "redis://r.example.org:6390/1", true),
        ("redis://r.stg.example.org:6379/1", "rediss://r.example.org:6380/1", false),
        ("redis://r.example.org/1", "redis://r.example.org/2", false),
        ("postgres://u@db.stg.example.org/shop_staging", "postgres://u@db.example.org/shop_production", false),
        ("postgres://u@db.stg.example.org/shop_staging", "postgres://u@db.example.org/shop", false),
        ("postgres://u@db.stg.example.org/shop_staging", "postgres://u@db.example.org/shop_old", true),
        ("postgres://u@db.stg.example.org/shop_staging", "postgres://u@db.example.org/billing_production", true),
        ("postgres://u@db.stg.example.org/test7", "postgres://u@db.example.org/harbour", false),
        ("https://api.stg.example.org/v1/x", "https://api.example.org/v2/x", true),
        ("https://k@errors.example.org/7", "https://k@errors.example.org/8", false),
        ("smtp://mail.example.org:587", "smtp://mail.example.org:588", true),
    ] {
        let found = two(&format!("X={staging}\n"), &format!("X={production}\n"));
        let expected: &[&str] = if expected { &["S0272 production/web.env:1:1"] } else { &[] };
        assert_eq!(found, expected, "{staging} {production}");
    }
    for (staging, production, expected) in [
        ("CACHE_PREFIX=shop_", "CACHE_PREFIX=shop_", false),
        ("CACHE_PREFIX=shop-staging:", "CACHE_PREFIX=shop-production:", false),
        ("CACHE_PREFIX=shop_", "CACHE_PREFIX=app_shop_", true),
        ("TOPIC=jobs-staging", "TOPIC=jobs-production", false),
        ("TOPIC=jobs-staging", "TOPIC=tasks-production", true),
        ("TOPIC=jobs", "TOPIC=tasks", false),
    ] {
        let expected: &[&str] = if expected { &["S0272 production/web.env:1:1"] } else { &[] };
        assert_eq!(two(&format!("{staging}\n"), &format!("{production}\n")), expected, "{staging} {production}");
    }
}

#[test]
fn what_is_encrypted_elsewhere_is_here() {
    for (staging, production, expected) in [
        ("U=rediss://r.stg.example.org", "U=redis://r.example.org", true),
        ("U=redis://r.stg.example.org", "U=rediss://r.example.org", false),
        ("U=rediss://r.stg.example.org", "U=redis://localhost", false),
        ("U=postgres://u@a.example.org/d?sslmode=require", "U=postgres://u@b.example.org/d?sslmode=disable", true),
        ("U=postgres://u@a.example.org/d?sslmode=require", "U=postgres://u@b.example.org/d", true),
        ("U=postgres://u@a.example.org/d?sslmode=require", "U=postgres://u@b.example.org/d?sslmode=verify-full", false),
        ("U=https://a.example.org", "U=http://b.example.org", true),
        ("SESSION_SECURE_COOKIE=true", "SESSION_SECURE_COOKIE=false", true),
        ("SESSION_SECURE_COOKIE=true", "SESSION_SECURE_COOKIE=1", false),
        ("MAIL_ENCRYPTION=tls", "MAIL_ENCRYPTION=null", true),
        ("TLS_CERT_FILE=true", "TLS_CERT_FILE=false", false),
    ] {
        let found = two(&format!("{staging}\n"), &format!("{production}\n"));
        let said = found.iter().any(|line| line == "S0273 production/web.env:1:1");
        assert_eq!(said, expected, "{staging} {production}: {found:?}");
    }
}

#[test]
fn a_secret_of_another_environment_is_found_under_any_key_and_within_a_connection() {
    for (staging, production, expected) in [
        ("U=redis://:blue-heron@a.example.org", "U=redis://:blue-heron@b.example.org", true),
        ("U=redis://:blue-heron@a.example.org", "U=redis://:grey-heron@b.example.org", false),
        ("U=redis://:blue%2Dheron@a.example.org", "U=redis://:blue-heron@b.example.org", true),
        ("OTHER_TOKEN=blue-heron-4\nAPI_TOKEN=x1", "API_TOKEN=blue-heron-4\nOTHER_TOKEN=y1", true),
    ] {
        let found = two(&format!("{staging}\n"), &format!("{production}\n"));
        assert_eq!(found.iter().any(|line| line.starts_with("S0217")), expected, "{staging} {production}: {found:?}");
    }
}

#[test]
fn what_names_another_environment_belongs_there() {
    for (staging, production, expected) in [
        ("APP_ENV=staging", "APP_ENV=staging", true),
        ("NODE_ENV=production", "NODE_ENV=production", false),
        ("BUCKET=media-staging", "BUCKET=media-staging", true),
        ("BUCKET=media-staging", "BUCKET=media", false),
        ("NOTE=for staging", "NOTE=not for staging but production", false),
        ("API_TOKEN=ab12staging", "API_TOKEN=cd-staging-9", false),
    ] {
        let found = two(&format!("{staging}\n"), &format!("{production}\n"));
        assert_eq!(found.iter().any(|line| line.starts_with("S0275")), expected, "{staging} {production}: {found:?}");
    }
}

#[test]
fn a_part_of_a_connection_that_says_the_default_may_be_left_out() {
    let with = |host: &str| format!("DB_CONNECTION=mysql\nDB_HOST={host}\nDB_PORT=3306\nDB_DATABASE=shop\n");
    let (staging, production) = (with("a.example.org"), with("b.example.org"));
    assert_eq!(two(&staging.replace("DB_PORT=3306\n", ""), &production), NOTHING);
    assert_eq!(two(&staging, &production.replace("DB_PORT=3306\n", "")), NOTHING);
    let other = production.replace("3306", "3307");
    assert_eq!(two(&staging.replace("DB_PORT=3306\n", ""), &other), ["S0212 production/web.env:3:1"]);
}

#[test]
fn placeholders_hide_within_connections() {
    for (production, expected) in [
        ("U=redis://:changeme@b.example.org", true),
        ("U=postgres://shop:your-password-here@b.example.org/d", true),
        ("U=postgres://shop:__DB_PASSWORD__@b.example.org/d", true),
        ("U=postgres://shop:kingfisher@b.example.org/d", false),
    ] {
        let found = two("U=redis://:teal@a.example.org\n", &format!("{production}\n"));
        assert_eq!(found.iter().any(|line| line.starts_with("S0215")), expected, "{production}: {found:?}");
    }
}

/// `web` in two environments, each with these files over each other.
fn layered(staging: &[(&str, &str)], production: &[(&str, &str)]) -> Vec<String> {
    let service = |files: &[(&str, &str)]| {
        let layers =
            files.iter().map(|(file, text)| (format!("dotenv:{file}"), parse(text.as_bytes(), file))).collect();
        Service::from_sources(lay(&Resolved::default(), layers).unwrap(), Resolved::default(), BTreeMap::new())
    };
    let place = |name: &str, files| {
        let services = [(ServiceName::new("web").unwrap(), service(files))].into();
        (EnvironmentName::new(name).unwrap(), Environment { protected: name == "production", services })
    };
    found(&Landscape { environments: [place("staging", staging), place("production", production)].into() })
}

#[test]
fn a_layer_that_others_have_is_missed() {
    let base = (".env", "HOST=localhost\nNAME=x\n");
    let staging = [base, (".env.staging", "HOST=localhost\n")];
    assert_eq!(layered(&staging, &[base, (".env.production", "HOST=localhost\n")]), NOTHING);
    assert_eq!(layered(&staging, &[base]), ["S0274 .env.staging:1:1"]);
    // In another file, under another name, it is there.
    assert_eq!(layered(&staging, &[base, ("sternway.toml", "HOST=localhost\n")]), NOTHING);
    assert_eq!(layered(&[base], &staging), NOTHING);
}
