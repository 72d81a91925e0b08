//! Sources over each other.

use std::collections::BTreeMap;
use std::fs;

use sternway_config::{Provenance, resolve};
use sternway_core::finding::{Place, Severity};
use sternway_core::project::ConfigSource;

fn named_at(line: u32) -> Place {
    Place { file: "sternway.toml".to_owned(), line, column: 5 }
}

fn dotenv(path: &str, line: u32) -> ConfigSource {
    ConfigSource::File { kind: "dotenv".to_owned(), path: path.to_owned(), part: None, place: named_at(line) }
}

fn inline(values: &[(&str, &str)], line: u32) -> ConfigSource {
    let values = values.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    ConfigSource::Inline { values, place: named_at(line) }
}

fn at(file: &str, line: u32, column: u32, layer: &str) -> Provenance {
    Provenance { file: file.into(), line, column, layer: layer.into() }
}

#[test]
fn later_sources_win_and_each_value_knows_where_it_comes_from() {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join("config")).unwrap();
    fs::write(project.path().join("config/base.env"), "HOST=db1\nNAME=shop\nexport  URL=$HOST/$NAME\n").unwrap();
    fs::write(project.path().join("config/web.env"), "HOST=db2\nDSN=redis://$HOST/${NAME}\n").unwrap();
    let sources =
        [dotenv("config/base.env", 1), dotenv("config/web.env", 2), inline(&[("HOST", "db3"), ("RAW", "$HOST")], 3)];
    let resolved = resolve(project.path(), &sources).unwrap();
    let expected =
        [("DSN", "redis://db2/shop"), ("HOST", "db3"), ("NAME", "shop"), ("RAW", "$HOST"), ("URL", "db1/shop")];
    let expected: BTreeMap<_, _> = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(resolved.reveal(), expected);
    assert!(resolved.warnings.is_empty());

    let host = &resolved.values["HOST"];
    assert_eq!(host.provenance, at("sternway.toml", 3, 5, "inline"));
    assert_eq!(
        host.overridden,
        [at("config/base.env", 1, 1, "dotenv:config/base.env"), at("config/web.env", 1, 1, "dotenv:config/web.env")]
    );
    assert_eq!(resolved.values["URL"].provenance, at("config/base.env", 3, 9, "dotenv:config/base.env"));
}

#[test]
fn the_environment_of_the_process_is_not_looked_at() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("x.env"), "A=${PATH:-nothing}\nB=$HOME").unwrap();
    let findings = resolve(project.path(), &[dotenv("x.env", 1)]).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["S0205"]);
    fs::write(project.path().join("x.env"), "A=${PATH:-nothing}").unwrap();
    let resolved = resolve(project.path(), &[dotenv("x.env", 1)]).unwrap();
    assert_eq!(resolved.values["A"].text().unwrap().reveal(), "nothing");
}

#[test]
fn a_missing_file_is_named_where_it_is_asked_for() {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join("folder.env")).unwrap();
    let sources = [dotenv("gone.env", 7), inline(&[("A", "1")], 8), dotenv("folder.env", 9)];
    let findings = resolve(project.path(), &sources).unwrap_err();
    let seen: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.subject.as_str(), finding.places[0].line))
        .collect();
    assert_eq!(seen, [("S0202", "gone.env", 7), ("S0202", "folder.env", 9)]);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Error && !finding.hint.is_empty()));
}

#[test]
fn inline_keys_are_held_to_the_same_rules() {
    let project = tempfile::tempdir().unwrap();
    let sources = [inline(&[("PORT", "80"), ("STERNWAY_X", "1"), ("a-b", "1"), ("NUL", "a\0b"), ("fine", "1")], 4)];
    let findings = resolve(project.path(), &sources).unwrap_err();
    let mut seen: Vec<_> = findings.iter().map(|finding| (finding.subject.as_str(), finding.code.as_str())).collect();
    seen.sort_unstable();
    assert_eq!(seen, [("NUL", "S0201"), ("PORT", "S0204"), ("STERNWAY_X", "S0204"), ("a-b", "S0201")]);
}

#[test]
fn warnings_do_not_stand_in_the_way() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("x.env"), "A=1\nA=2\n").unwrap();
    let resolved = resolve(project.path(), &[dotenv("x.env", 1)]).unwrap();
    assert_eq!(resolved.values["A"].text().unwrap().reveal(), "2");
    assert_eq!(resolved.values["A"].overridden.len(), 1);
    assert_eq!(resolved.warnings[0].code, "S0203");
}

#[test]
fn debug_shows_no_value() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("x.env"), "PASSWORD=s3cret\n").unwrap();
    let resolved = resolve(project.path(), &[dotenv("x.env", 1)]).unwrap();
    let shown = format!("{resolved:?}");
    assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
}
