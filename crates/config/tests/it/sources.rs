//! Sources that are no files: folders and commands.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sternway_config::resolve;
use sternway_core::finding::{Finding, Place};
use sternway_core::project::ConfigSource;

use crate::formats::{read, table};

fn of(project: &Path, kind: &str, path: &str) -> Result<Vec<(String, String)>, Vec<Finding>> {
    let place = Place { file: "sternway.toml".to_owned(), line: 9, column: 4 };
    let source = ConfigSource::File { kind: kind.to_owned(), path: path.to_owned(), part: None, place };
    let resolved = resolve(project, &[source])?;
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
fn a_command_is_read_as_dotenv_or_json_and_run_once() {
    let project = tempfile::tempdir().unwrap();
    let line = "echo x >> runs; cat; echo '# x'; echo A=1; echo 'B=${A}2'";
    let expected = pairs(&[("A sternway.toml 9", "1"), ("B sternway.toml 9", "12")]);
    assert_eq!(of(project.path(), "command", line).unwrap(), expected);
    assert_eq!(of(project.path(), "command", line).unwrap(), expected);
    assert_eq!(fs::read_to_string(project.path().join("runs")).unwrap(), "x\n");
    let other = tempfile::tempdir().unwrap();
    assert_eq!(of(other.path(), "command", line).unwrap(), expected);
    assert_eq!(fs::read_to_string(other.path().join("runs")).unwrap(), "x\n");
    table("command", &[(" {\"A\": \"${B}\", \"C\": true, \"D\": null, \"E\": 1.50}", "A=${B} C=true D= E=1.50")]);
    for broken in ["{\"A\": []}", "{\"A\": {\"B\": 1}}", "{\"A-B\": 1}", "{\"A\": \"\\u0000\"}", "{\"A\": "] {
        assert!(!read("command", broken).findings.is_empty(), "{broken}");
    }
}

#[test]
fn a_command_that_fails_is_told_where_it_is_named() {
    let project = tempfile::tempdir().unwrap();
    let findings = of(project.path(), "command", "echo A=hidden; echo hidden >&2; exit 3").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].places[0].line), ("S0241", 9));
    assert_eq!(findings[0].message, "the command's output cannot be had: it failed: exit 3");
    let findings = of(project.path(), "command", "printf 'A=1\\nB C hid''den\\n'").unwrap_err();
    assert_eq!((findings[0].code.as_str(), findings[0].places[0].line), ("S0201", 9));
    assert!(findings[0].message.starts_with("in line 2 of what the command prints: "), "{}", told(&findings));
    assert!(!told(&findings).contains("hidden"));
}
