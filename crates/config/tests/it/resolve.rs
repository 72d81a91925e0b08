//! Sources over each other.

use std::collections::BTreeMap;
use std::fs;

use sternway_config::resolve::lay;
use sternway_config::source::{Assignment, Missing, Piece, Read, Template};
use sternway_config::{Content, Provenance, Resolved, Site, resolve, resolve_reads};
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
    let resolved = resolve(&Site::files(project.path()), &sources).unwrap();
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
    let findings = resolve(&Site::files(project.path()), &[dotenv("x.env", 1)]).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["S0205"]);
    fs::write(project.path().join("x.env"), "A=${PATH:-nothing}").unwrap();
    let resolved = resolve(&Site::files(project.path()), &[dotenv("x.env", 1)]).unwrap();
    assert_eq!(resolved.values["A"].text().unwrap().reveal(), "nothing");
}

#[test]
fn a_missing_file_is_named_where_it_is_asked_for() {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join("folder.env")).unwrap();
    let sources = [dotenv("gone.env", 7), inline(&[("A", "1")], 8), dotenv("folder.env", 9)];
    let findings = resolve(&Site::files(project.path()), &sources).unwrap_err();
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
    let findings = resolve(&Site::files(project.path()), &sources).unwrap_err();
    let mut seen: Vec<_> = findings.iter().map(|finding| (finding.subject.as_str(), finding.code.as_str())).collect();
    seen.sort_unstable();
    assert_eq!(seen, [("NUL", "S0201"), ("PORT", "S0204"), ("STERNWAY_X", "S0204"), ("a-b", "S0201")]);
}

#[test]
fn warnings_do_not_stand_in_the_way() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("x.env"), "A=1\nA=2\n").unwrap();
    let resolved = resolve(&Site::files(project.path()), &[dotenv("x.env", 1)]).unwrap();
    assert_eq!(resolved.values["A"].text().unwrap().reveal(), "2");
    assert_eq!(resolved.values["A"].overridden.len(), 1);
    assert_eq!(resolved.warnings[0].code, "S0203");
}

#[test]
fn debug_shows_no_value() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("x.env"), "PASSWORD=s3cret\n").unwrap();
    let resolved = resolve(&Site::files(project.path()), &[dotenv("x.env", 1)]).unwrap();
    let shown = format!("{resolved:?}");
    assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn what_a_service_reads_by_itself_may_have_any_key_and_be_unknown() {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("own.env"), "PORT=80\nURL=redis://${HOST}/1\n").unwrap();
    let given = resolve(&Site::files(project.path()), &[inline(&[("HOST", "cache")], 1)]).unwrap();
    let reads = resolve_reads(&Site::files(project.path()), &given, &[dotenv("own.env", 2)]).unwrap();
    assert_eq!(reads.reveal()["URL"], "redis://cache/1");
    assert_eq!(reads.reveal()["PORT"], "80");

    let unknown = Read {
        assignments: vec![Assignment {
            key: "A".to_owned(),
            value: Template::unknown("a call of gethostname()", named_at(7)),
            place: named_at(7),
        }],
        ..Read::default()
    };
    let laid = lay(&given, vec![("x".to_owned(), unknown)]).unwrap();
    assert_eq!(laid.values["A"].content, Content::Unknown("a call of gethostname()".to_owned()));
}

#[test]
fn late_references_are_to_what_the_keys_are_in_the_end() {
    let refer = |name: &str| {
        let (name, place) = (name.to_owned(), named_at(1));
        Template(vec![Piece::Reference { name, default: None, or_empty: false, missing: Missing::Error, place }])
    };
    let set = |key: &str, value: Template| Assignment { key: key.to_owned(), value, place: named_at(2) };
    let late = |assignments| Read { assignments, late: true, ..Read::default() };
    let first = late(vec![set("a", refer("b")), set("b", refer("c"))]);
    let second = late(vec![set("c", Template::text("end"))]);
    let laid = lay(&Resolved::default(), vec![("1".to_owned(), first), ("2".to_owned(), second)]).unwrap();
    assert_eq!(laid.reveal()["a"], "end");

    let round = late(vec![set("a", refer("b")), set("b", refer("a"))]);
    let findings = lay(&Resolved::default(), vec![("1".to_owned(), round)]).unwrap_err();
    assert!(findings.iter().all(|finding| finding.code == "S0205"), "{findings:?}");
}
