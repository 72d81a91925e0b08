//! Sources that are no files: folders, commands and processes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use sternway_config::machine::{Machine, Running, Which};
use sternway_config::{SecretText, Site, resolve};
use sternway_core::finding::{Finding, Place};
use sternway_core::project::ConfigSource;

use crate::formats::{read, table};

/// A machine on which one command was run and one process runs.
struct Scripted<T>(Result<T, &'static str>);

impl Machine for Scripted<&'static str> {
    fn command(&self, line: &str) -> Result<Arc<Vec<u8>>, String> {
        assert_eq!(line, "x");
        self.0.map(|printed| Arc::new(printed.as_bytes().to_vec())).map_err(str::to_owned)
    }

    fn process(&self, _which: Which<'_>) -> Result<Running, String> {
        Err("nothing runs".to_owned())
    }
}

impl Machine for Scripted<Running> {
    fn command(&self, _line: &str) -> Result<Arc<Vec<u8>>, String> {
        Err("nothing is run".to_owned())
    }

    fn process(&self, which: Which<'_>) -> Result<Running, String> {
        assert!([Which::Service("x"), Which::PidFile("x"), Which::Unit("x")].contains(&which), "{which:?}");
        self.0.clone().map_err(str::to_owned)
    }
}

fn of(project: &Path, kind: &str, path: &str) -> Result<Vec<(String, String)>, Vec<Finding>> {
    on(&Site::files(project), kind, path)
}

fn on(site: &Site<'_>, kind: &str, path: &str) -> Result<Vec<(String, String)>, Vec<Finding>> {
    let place = Place { file: "sternway.toml".to_owned(), line: 9, column: 4 };
    let source = ConfigSource::File { kind: kind.to_owned(), path: path.to_owned(), part: None, place };
    let resolved = resolve(site, &[source])?;
    assert!(resolved.warnings.is_empty(), "{:?}", resolved.warnings);
    let place = |value: &sternway_config::Value| format!("{} {}", value.provenance.file, value.provenance.line);
    let told = resolved
        .values
        .iter()
        .map(|(key, value)| (format!("{key} {}", place(value)), value.text().unwrap().reveal().to_owned()));
    Ok(told.collect())
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn told(findings: &[Finding]) -> String {
    let told = findings.iter().map(|one| format!("{} {}: {} ({:?})", one.code, one.subject, one.message, one.places));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_folder_of_values_is_read_as_kubernetes_mounts_it() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path().join("run");
    fs::create_dir_all(folder.join("..2026_11_21/below")).unwrap();
    fs::write(folder.join("..2026_11_21/DB_PASSWORD"), "hidden\n\n").unwrap();
    symlink("..2026_11_21", folder.join("..data")).unwrap();
    symlink("..data/DB_PASSWORD", folder.join("DB_PASSWORD")).unwrap();
    symlink("nowhere", folder.join("GONE")).unwrap();
    fs::write(folder.join("db_host"), "$HOST\r\n").unwrap();
    fs::write(folder.join("EMPTY"), "").unwrap();
    fs::write(folder.join(".hidden"), "x").unwrap();
    fs::create_dir(folder.join("FOLDER")).unwrap();
    let expected = pairs(&[
        ("DB_PASSWORD run/DB_PASSWORD 1", "hidden\n"),
        ("EMPTY run/EMPTY 1", ""),
        ("db_host run/db_host 1", "$HOST"),
    ]);
    assert_eq!(of(project.path(), "files", "run").unwrap(), expected);
}

#[test]
fn what_is_wrong_with_a_folder_is_told_without_its_values() {
    let project = tempfile::tempdir().unwrap();
    let findings = of(project.path(), "files", "run").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].subject.as_str()), ("S0202", "run"));
    assert_eq!((findings[0].message.as_str(), findings[0].places[0].line), ("the folder is not there", 9));
    fs::create_dir(project.path().join("run")).unwrap();
    fs::write(project.path().join("run/A"), b"hidden\xff").unwrap();
    fs::write(project.path().join("run/B"), b"hidden\0").unwrap();
    fs::write(project.path().join("run/C"), vec![b'x'; (8 << 20) + 1]).unwrap();
    let findings = of(project.path(), "files", "run").unwrap_err();
    assert!(!told(&findings).contains("hidden"));
    let files: Vec<_> = findings.iter().map(|one| format!("{} {}", one.code, one.places[0].file)).collect();
    assert_eq!(files, ["S0201 run/A", "S0201 run/B", "S0201 run"]);
}

#[test]
fn what_a_command_prints_is_read_as_dotenv_or_json() {
    let project = tempfile::tempdir().unwrap();
    let machine = Scripted(Ok("# x\nA=1\nB=${A}2\n"));
    let site = Site { folder: project.path(), machine: &machine };
    assert_eq!(on(&site, "command", "x").unwrap(), pairs(&[("A sternway.toml 9", "1"), ("B sternway.toml 9", "12")]));
    table("command", &[(" {\"A\": \"${B}\", \"C\": true, \"D\": null, \"E\": 1.50}", "A=${B} C=true D= E=1.50")]);
    for broken in ["{\"A\": []}", "{\"A\": {\"B\": 1}}", "{\"A-B\": 1}", "{\"A\": \"\\u0000\"}", "{\"A\": "] {
        assert!(!read("command", broken).findings.is_empty(), "{broken}");
    }
}

#[test]
fn a_command_that_fails_is_told_where_it_is_named() {
    let project = tempfile::tempdir().unwrap();
    let machine: Scripted<&str> = Scripted(Err("it failed: exit 3"));
    let findings = on(&Site { folder: project.path(), machine: &machine }, "command", "x").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].places[0].line), ("S0241", 9));
    assert_eq!(findings[0].message, "the command's output cannot be had: it failed: exit 3");
    let machine = Scripted(Ok("A=1\nB C hidden\n"));
    let findings = on(&Site { folder: project.path(), machine: &machine }, "command", "x").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].places[0].line), ("S0201", 9));
    assert!(findings[0].message.starts_with("in line 2 of what the command prints: "), "{}", told(&findings));
    assert!(!told(&findings).contains("hidden"));
}

#[test]
fn a_running_process_is_a_source_whose_places_outlive_it() {
    let project = tempfile::tempdir().unwrap();
    let place = Place { file: "sternway.toml".to_owned(), line: 9, column: 4 };
    let variables = [
        ("B", "$A \\n"),
        ("A", "1"),
        ("BASH_FUNC_x%%", "() { :; }"),
        ("PORT", "4711"),
        ("STERNWAY_RELEASE", "12"),
        ("PATH", "/bin"),
        ("INVOCATION_ID", "5"),
    ];
    let variables = variables.map(|(key, value)| (key.to_owned(), SecretText::new(value))).to_vec();
    let machine = Scripted(Ok(Running { name: "process 812 of web, release 12".to_owned(), variables }));
    for kind in ["process", "process-pid-file", "process-unit"] {
        let source =
            ConfigSource::File { kind: kind.to_owned(), path: "x".to_owned(), part: None, place: place.clone() };
        let resolved = resolve(&Site { folder: project.path(), machine: &machine }, &[source]).unwrap();
        assert_eq!(
            resolved.reveal(),
            BTreeMap::from([("A", "1"), ("B", "$A \\n")].map(|(k, v)| (k.to_owned(), v.to_owned())))
        );
        let at = &resolved.values["A"].provenance;
        assert_eq!((at.place().to_string(), &*at.layer), (format!("{kind}:x"), "process 812 of web, release 12"));
    }
}

#[test]
fn a_process_that_cannot_be_looked_at_is_told_where_it_is_named() {
    let project = tempfile::tempdir().unwrap();
    let machine: Scripted<Running> = Scripted(Err("no release serves"));
    let findings = on(&Site { folder: project.path(), machine: &machine }, "process", "x").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].subject.as_str()), ("S0242", "process:x"));
    assert_eq!(findings[0].places[0].line, 9);
    assert!(findings[0].message.ends_with("no release serves"), "{}", told(&findings));
    // Without anybody who fills the port nothing is run and nothing looked at.
    for (kind, code) in [("command", "S0241"), ("process", "S0242")] {
        let findings = of(project.path(), kind, "touch ran").unwrap_err();
        assert_eq!(findings[0].code, code);
    }
    assert!(!project.path().join("ran").exists());
}
