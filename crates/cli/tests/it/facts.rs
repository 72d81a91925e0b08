//! Environments compared by people who may not see their values.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::project::{CHECK, Project, Ran, free_address, ran};

/// What nobody but production may know.
const SECRET: &str = "hunter2-hunter2-hunter2";

const PRODUCTION: &str = "DATABASE_URL=postgres://shop:hunter2-hunter2-hunter2@db.example.org/shop\n\
    SESSION_DSN=redis://:hunter2-hunter2-hunter2@cache.example.org/1\n\
    API_TOKEN=hunter2-hunter2-hunter2\nGREETING=good day\nLICENCE=for-all-of-us\n";
const STAGING: &str = "DATABASE_URL=postgresql://shop:another-word@DB.example.org:5432/shop\n\
    SESSION_DSN=redis://:another-word@cache.staging.example/1\n\
    API_TOKEN=hunter2-hunter2-hunter2\nGREETING=good day\nLICENCE=for-all-of-us\nDEBUG=1\n";

const WEB: &str = "secret = [\"LICENCE\"]\n";

/// A checkout with staging beside production; `production` stands in the environment's table.
fn checkout(production: &str) -> Project {
    let project = Project::new();
    let staging = format!(
        "[environments.staging]\nlisten = \"{}\"\n\n[environments.staging.config]\nweb = [\"dotenv:staging.env\"]\n\n",
        free_address(1)
    );
    let text = project.toml(&(Project::web() + WEB), production, &format!("{staging}{CHECK}"));
    project.write("sternway.toml", &text);
    project.write("staging.env", STAGING);
    project.write("web.env", PRODUCTION);
    project
}

/// A checkout of somebody who has no configuration of production.
fn elsewhere(production: &str) -> Project {
    let project = checkout(production);
    fs::remove_file(project.dir.join("web.env")).unwrap();
    project
}

fn with_key(project: &Project, words: &[&str], key: &Path) -> Ran {
    let mut command = project.command(words);
    command.env("STERNWAY_FINGERPRINT_KEY_FILE", key);
    ran(command)
}

/// `code severity subject` of each finding about consistency.
fn found(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap().iter();
    let one = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("code"), text("severity"), text("subject"))
    };
    findings.map(one).filter(|one| one.starts_with("S02")).collect()
}

/// The facts of production, sealed with its first release, and the key: as they are given away.
fn given_away(project: &Project) -> (PathBuf, PathBuf) {
    let (facts, key) = (project.root().join("production.facts.json"), project.root().join("shop.key"));
    let export = ["facts", "export", "production", "--out", facts.to_str().unwrap()];
    project.run(&export).exits(0).says("5 keys of production, as of release 1");
    project.run(&["facts", "key", "--out", key.to_str().unwrap()]).exits(0).says("(0600)");
    (facts, key)
}

#[test]
fn who_may_not_see_production_compares_with_its_facts() {
    let operators = checkout("");
    operators.ship();
    let (facts, key) = given_away(&operators);
    let text = fs::read_to_string(&facts).unwrap();
    assert!(!text.contains("hunter2") && !text.contains("example.org"), "{text}");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let developer = elsewhere("");
    assert_eq!(found(&developer.run(&["check", "--json"]).exits(10)), ["S0202 error web.env"]);
    let facts = facts.to_str().unwrap();
    let open = with_key(&developer, &["check", "--json", "--facts", facts], &key).exits(0);
    assert_eq!(
        found(&open),
        [
            "S0217 warning web:API_TOKEN",
            "S0225 warning web:DATABASE_URL",
            "S0211 warning web:DEBUG",
            "S0217 warning web:LICENCE",
            "S0281 note production",
        ]
    );
    // What is about staging is the same by facts as by values.
    let by_facts = with_key(&developer, &["check", "staging", "--json", "--facts", facts], &key).exits(0);
    let by_values = operators.run(&["check", "staging", "--json"]).exits(0);
    let mut there = found(&by_facts);
    there.retain(|one| !one.starts_with("S0281"));
    assert_eq!(there, found(&by_values));
    assert!(!there.is_empty());

    // Without the key, or with another one, nothing is equal, and that is said.
    let blind = developer.run(&["check", "--json", "--facts", facts]).exits(0);
    assert_eq!(found(&blind), ["S0282 warning production", "S0211 warning web:DEBUG", "S0281 note production"]);
    let diff = ["diff", "staging", "production", "--facts", facts];
    developer.run(&diff).exits(0).says("cannot be told");
    let diff = with_key(&developer, &diff, &key).exits(0);
    let diff = diff.says("production and staging: password differs; server, database, user, encryption the same");
    let diff = diff.says("production and staging: server, password differ; database").says("by the facts of release 1");
    let json = with_key(&developer, &["diff", "--json", "--all", "--facts", facts], &key).exits(0).json();
    let row = |key: &str| json["keys"].as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().clone();
    assert_eq!(row("DATABASE_URL")["connections"][0]["verdict"], "same_store_other_credential");
    assert_eq!(
        (&row("GREETING")["same"], &row("LICENCE")["environments"]["production"]["secret"]),
        (&true.into(), &true.into())
    );
    for said in [&open, &blind, &diff, &by_facts] {
        assert!(!format!("{said:?}").contains("hunter2"), "{said:?}");
    }
}

#[test]
fn a_file_of_facts_stands_in_where_sternway_toml_names_it() {
    let operators = checkout("");
    operators.ship();
    let (facts, key) = given_away(&operators);
    let developer = elsewhere("facts = \"config/production.facts.json\"");
    developer.run(&["check", "--json"]).exits(10).says("S0202");
    developer.write("config/production.facts.json", &fs::read_to_string(&facts).unwrap());
    let all = with_key(&developer, &["check", "--json"], &key).exits(0);
    assert!(found(&all).contains(&"S0225 warning web:DATABASE_URL".to_owned()), "{all:?}");
    let places = all.json()["findings"].to_string();
    assert!(places.contains("config/production.facts.json"), "{places}");
    // Nothing can be planned for production here, and its consistency is checked all the same.
    let production = with_key(&developer, &["check", "production"], &key).exits(0);
    production.says("S0217").says("nothing else");
    developer.run(&["plan", "production"]).exits(2).says("web.env");
    // Where its sources can be read, they count.
    developer
        .write("web.env", &PRODUCTION.replace("API_TOKEN=hunter2-hunter2-hunter2", "API_TOKEN=quite-another-word"));
    let all = with_key(&developer, &["check", "--json"], &key).exits(0);
    assert!(!found(&all).iter().any(|one| one.contains("API_TOKEN") || one.contains("S0281")), "{all:?}");
}

#[test]
fn facts_that_cannot_be_used_are_refused_by_name() {
    let operators = checkout("");
    // Before a release serves they are made of the sources.
    let facts = operators.root().join("facts.json");
    let facts = facts.to_str().unwrap();
    operators.run(&["facts", "export", "production", "--out", facts]).exits(0).says("as of its sources");
    let good = fs::read_to_string(facts).unwrap();
    assert_eq!(
        operators.run(&["facts", "export", "production"]).exits(0).json()["facts"]["services"],
        serde_json::from_str::<Value>(&good).unwrap()["facts"]["services"]
    );
    let check = |text: &str| {
        fs::write(facts, text).unwrap();
        operators.run(&["check", "--facts", facts]).exits(2).says("S0283").says("sternway facts export")
    };
    check("{}");
    check(&good.replace("\"shop\"", "\"other\"")).says("of the project other");
    check(&good.replace("\"environment\": \"production\"", "\"environment\": \"lab\"")).says("lab");
    check(&good.replacen("\"format\": 1", "\"format\": 9", 1)).says("has format 9");
    fs::remove_file(facts).unwrap();
    operators.run(&["check", "--facts", facts]).exits(2).says("S0283");
    operators.run(&["facts", "export", "nowhere"]).exits(2).says("S0912");
    operators.run(&["facts", "export", "production", "--out", "/dev/null/x"]).exits(2).says("S0283");

    let key = operators.root().join("key");
    let words = ["facts", "key", "--out", key.to_str().unwrap()];
    operators.run(&words).exits(0);
    operators.run(&words).exits(2).says("S0207");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    with_key(&operators, &["check"], &key).exits(2).says("S0207").says("chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    operators.run(&["facts", "key", "--take", key.to_str().unwrap()]).exits(0);
    let other = checkout("");
    other.run(&["facts", "key", "--take", key.to_str().unwrap()]).exits(0);
    let facts_of = |project: &Project| project.run(&["facts", "export", "staging"]).exits(0).json()["facts"].clone();
    assert_eq!(facts_of(&operators), facts_of(&other), "one key, the same facts");
    let third = checkout("");
    third.run(&["facts", "export", "staging"]).exits(0);
    third
        .run(&["facts", "key", "--take", key.to_str().unwrap()])
        .exits(2)
        .says("another key")
        .says("STERNWAY_FINGERPRINT_KEY_FILE");
}

#[test]
fn what_was_sealed_stands_in_for_sources_that_are_gone() {
    let project = checkout("");
    project.ship();
    fs::remove_file(project.dir.join("web.env")).unwrap();
    // Facts are enough: the values need not even be readable.
    let released = project.state.join("agent/store/releases");
    let release = fs::read_dir(released).unwrap().next().unwrap().unwrap().path();
    fs::write(release.join("values.json"), "{}").unwrap();
    let all = project.run(&["check", "--json"]).exits(10);
    assert_eq!(
        found(&all),
        [
            "S0202 error web.env",
            "S0217 warning web:API_TOKEN",
            "S0225 warning web:DATABASE_URL",
            "S0211 warning web:DEBUG",
            "S0217 warning web:LICENCE",
            "S0281 note production",
        ]
    );
    let staging = project.run(&["check", "staging", "--json"]).exits(0);
    assert!(staging.json()["findings"].to_string().contains("what was sealed with release 1"), "{staging:?}");
    project.run(&["diff"]).exits(0).says("as sealed with release 1").says("password differs");
    // With neither values nor facts nothing is known, and nothing is assumed.
    fs::remove_file(release.join("facts.json")).unwrap();
    let blind = project.run(&["check", "--json"]).exits(10);
    assert_eq!(found(&blind), ["S0202 error web.env"]);
    assert!(!format!("{all:?}{staging:?}{blind:?}").contains(SECRET));
}

#[test]
fn facts_hold_what_a_service_reads_by_itself() {
    let project = checkout("reads.web = [\"dotenv:host.env\"]");
    project.write("host.env", "LIMIT=5\nMODE=true\n");
    project.ship();
    let export = || project.run(&["facts", "export", "production"]).exits(0).json();
    let keys = export()["facts"]["services"]["web"]["keys"].clone();
    assert_eq!((&keys["LIMIT"]["given"], &keys["GREETING"]["given"]), (&false.into(), &true.into()));
    assert_eq!(keys["MODE"]["value"]["known"]["shape"], "truth");
    // What cannot be read any more is not forgotten; what is read otherwise is seen when somebody looks.
    fs::remove_file(project.dir.join("host.env")).unwrap();
    project.run(&["check", "production"]);
    assert_eq!(export()["facts"]["services"]["web"]["keys"]["LIMIT"], keys["LIMIT"]);
    project.write("host.env", "LIMIT=5\n");
    project.run(&["check", "production"]).exits(0);
    assert_eq!(export()["facts"]["services"]["web"]["keys"]["MODE"], Value::Null);
}
