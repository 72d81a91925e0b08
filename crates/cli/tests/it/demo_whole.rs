//! The demo, whole: what a program is told at its end, and that nothing of it is left.

use std::process::Command;

use serde_json::Value;

use super::processes;
use super::project::ran;

#[test]
fn every_release_ends_as_told_every_account_is_there_and_the_last_line_says_so() {
    let folder = tempfile::Builder::new().prefix("sternway-it-").tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sternway"));
    command.args(["demo", "--json"]).env("TMPDIR", folder.path()).current_dir(&folder);
    let ended = ran(command).exits(0);
    let last: Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    let number = |key: &str| last[key].as_u64().unwrap_or_else(|| panic!("no `{key}` in {last}"));
    assert!(number("requests") > 900 && number("failed") < number("requests"), "{last}");
    assert!(number("accounts_created") > 0 && number("accounts_created") == number("accounts_present"), "{last}");
    let releases: Vec<(String, bool)> = last["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["outcome"].as_str().unwrap().to_owned(), one["as_told"].as_bool().unwrap()))
        .collect();
    let told = ["committed", "stopped by smoke", "rolled back", "committed"];
    assert_eq!(releases, told.map(|outcome| (outcome.to_owned(), true)));
    // Users met the third release: that they did is what the demo shows.
    assert!(number("failed") > 0 && number("longest_failure_ms") > 0, "{last}");
    let report = std::fs::read_to_string(last["report"].as_str().unwrap()).unwrap();
    assert!(report.contains("<!doctype html>") && report.contains("401"), "{report}");
    let left = processes::of_folder(folder.path());
    assert!(left.is_empty(), "{left:?}");
}
