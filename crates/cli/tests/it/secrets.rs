//! A secret of the configuration: where it may be found, and that it is nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::project::{CHECK, Project, Ran};

/// Distinct, and with characters that JSON and shells write in another way.
const SECRET: &str = "tok-5f3a9c0e77d14b2a\"q8";
/// The part that every way of writing it has in common.
const CORE: &[u8] = b"tok-5f3a9c0e77d14b2a";

#[track_caller]
fn is_clean(what: &str, ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!contains(text.as_bytes()), "the secret is in {what}:\n{text}");
    }
}

fn contains(bytes: &[u8]) -> bool {
    bytes.windows(CORE.len()).any(|window| window == CORE)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files(&entry.path(), found);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
}

/// Files that hold it by purpose: the sealed values, what a shim gives its service, and what the service itself wrote.
fn may_hold_it(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let of_instance = path.components().any(|part| part.as_os_str() == "instances");
    let of_release = path.components().any(|part| part.as_os_str() == "releases");
    match name {
        "values.json" => of_release,
        "spec.json" => of_instance,
        _ => of_instance && name.starts_with("out.log"),
    }
}

#[test]
fn a_secret_is_only_where_it_must_be() {
    let project = Project::new();
    let check = "[[checks]]\nname = \"token\"\nhttp = { url = \"/\", headers = { authorization = { secret = \"API_TOKEN\" } }, contains = \"no such text\" }\n";
    let configuration = format!("API_TOKEN='{SECRET}'\n");
    project.write("web.env", &configuration);
    is_clean("the first ship", &project.ship());

    // A release that prints its environment and ends, as frameworks do that fail to start.
    project.write("web.env", &format!("{configuration}ECHO=1\n"));
    is_clean("a ship whose service ends", &project.run(&["ship", "production"]).exits(11).says("API_TOKEN="));
    // A check that sends it, and fails.
    project.write("web.env", &format!("{configuration}A=2\n"));
    project.write("sternway.toml", &project.toml(&Project::web(), "", &format!("{CHECK}\n{check}")));
    is_clean("a ship whose check fails", &project.run(&["ship", "production", "--json"]).exits(11).says("token"));
    // A line that cannot be read.
    project.write("web.env", &format!("{configuration}what {SECRET}\n"));
    is_clean("a ship without a readable configuration", &project.run(&["ship", "production"]).exits(2).says("S0201"));

    for words in [
        &["log", "--json", "--all", "-n", "0"][..],
        &["log", "-n", "0", "--all"],
        &["log", "--service", "web", "--release", "2"],
        &["status", "--json"],
        &["status"],
        &["report", "1"],
        &["report", "1", "--format", "html"],
        &["report", "2", "--format", "json"],
        &["report", "--list"],
    ] {
        is_clean(&words.join(" "), &project.run(words).exits(0));
    }

    let mut all = Vec::new();
    files(&project.state, &mut all);
    assert!(all.iter().any(|path| path.ends_with("logbook.db")));
    let mut holders = 0;
    for path in all {
        if !fs::read(&path).is_ok_and(|bytes| contains(&bytes)) {
            continue;
        }
        holders += 1;
        assert!(may_hold_it(&path), "the secret is in {}", path.display());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    assert!(holders >= 2, "it is sealed somewhere");
}
