//! `check --fix`: what is missing becomes a commented placeholder in the right file, and nothing else becomes anything.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use super::project::{CHECK, Project, free_address, on_a_small_disk};

/// Two environments of one service, with what is declared for it in each.
fn project(production: &str, staging: &str) -> Project {
    let project = Project::new();
    let text = format!(
        "[project]\nname = \"shop\"\n\n{}\n[environments.production]\nlisten = \"{}\"\n{production}\n\n[environments.staging]\nlisten = \"{}\"\n{staging}\n\n{CHECK}",
        Project::web(),
        project.listen,
        free_address(1)
    );
    project.write("sternway.toml", &text);
    project
}

fn text(project: &Project, file: &str) -> String {
    fs::read_to_string(project.dir.join(file)).unwrap()
}

const STAGING: &str =
    "GREETING=hidden-1\nMAIL_HOST=hidden-2\nMAIL_PORT=25\nSESSION_DSN=redis://:hidden-3@127.0.0.1/1\n";

fn with_files() -> Project {
    let project = project(
        "config.web = [\"dotenv:config/production.env\"]\nreads.web = [\"yaml:app.production.yml\", \"json:app.production.json\"]",
        "config.web = [\"dotenv:config/staging.env\"]\nreads.web = [\"yaml:app.staging.yml\", \"json:app.staging.json\"]",
    );
    project.write("config/staging.env", STAGING);
    project.write(
        "config/production.env",
        "# ours\r\nGREETING=hidden-4\r\n\r\n# sessions\r\nSESSION_DSN=redis://:hidden-5@127.0.0.1/2",
    );
    project.write("app.staging.yml", "log:\n  level: debug\n  file: hidden-6\n");
    project.write("app.production.yml", "log:\n  level: info\n");
    project.write("app.staging.json", "{\"queue\": {\"size\": 3, \"name\": \"a\"}}\n");
    project.write("app.production.json", "{\"queue\": {\"name\": \"b\"}}\n");
    project.write("web/read.php", "<?php\n$x = getenv('API_TOKEN');\n");
    project
}

#[test]
fn missing_keys_are_written_once_as_comments_into_the_environments_own_files() {
    let project = with_files();
    let before: Vec<String> = ["config/staging.env", "app.staging.yml", "app.production.json", "sternway.toml"]
        .iter()
        .map(|file| text(&project, file))
        .collect();
    fs::set_permissions(project.dir.join("config/production.env"), fs::Permissions::from_mode(0o600)).unwrap();

    // What would be written is shown, without a line of what is there.
    let (env, yaml) = (text(&project, "config/production.env"), text(&project, "app.production.yml"));
    let dry = project.run(&["check", "production", "--fix", "--dry-run"]).exits(10);
    let dry = dry
        .says("@@ -2,0 +3 @@")
        .says("+# MAIL_HOST=")
        .says("+  # file:")
        .says("4 placeholders would be written to 2 files");
    assert_eq!((text(&project, "config/production.env"), text(&project, "app.production.yml")), (env, yaml));

    let ran = project.run(&["check", "production", "--fix"]).exits(10);
    let ran =
        ran.says("4 placeholders written to 2 files").says("# MAIL_PORT=").says("as in ").says("JSON has no comments");
    assert_eq!(
        text(&project, "config/production.env"),
        "# ours\r\nGREETING=hidden-4\r\n# MAIL_HOST=\r\n# MAIL_PORT=\r\n\r\n# sessions\r\nSESSION_DSN=redis://:hidden-5@127.0.0.1/2\r\n# API_TOKEN="
    );
    let mode = fs::metadata(project.dir.join("config/production.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(text(&project, "app.production.yml"), "log:\n  level: info\n  # file:\n");
    let after: Vec<String> = ["config/staging.env", "app.staging.yml", "app.production.json", "sternway.toml"]
        .iter()
        .map(|file| text(&project, file))
        .collect();
    assert_eq!(before, after, "nothing else is changed");

    // What is said is said of the file as it is now: the place of a value below has moved.
    let report = project.run(&["check", "production", "--json"]).exits(10).json();
    let places = report["findings"].to_string();
    assert!(!places.contains("production.env\",\"line\":5,"), "{places}");

    // The keys are missing as before, and a second time nothing is written.
    let (env, yaml) = (text(&project, "config/production.env"), text(&project, "app.production.yml"));
    let again = project.run(&["check", "production", "--fix", "--json"]).exits(10).json();
    assert_eq!(again["fix"]["written"], Value::Array(Vec::new()));
    let there: Vec<(&str, &Value)> = again["fix"]["there"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["key"].as_str().unwrap(), &one["line"]))
        .collect();
    let line = Value::from;
    assert_eq!(
        there,
        [("log.file", &line(3)), ("MAIL_HOST", &line(3)), ("MAIL_PORT", &line(4)), ("API_TOKEN", &line(8))]
    );
    let not = &again["fix"]["not_written"][0];
    assert_eq!((&not["key"], &not["environment"]), (&Value::from("queue.size"), &Value::from("production")));
    assert_eq!((text(&project, "config/production.env"), text(&project, "app.production.yml")), (env, yaml));
    for ran in [dry, ran] {
        assert!(!ran.out.contains("hidden") && !ran.err.contains("hidden"), "{}{}", ran.out, ran.err);
    }
    // Once it has a value it is set.
    let filled = text(&project, "config/production.env").replace("# MAIL_HOST=", "MAIL_HOST=mail");
    project.write("config/production.env", &filled);
    let now = project.run(&["check", "production"]).exits(10).says("S0211]: web:MAIL_PORT");
    assert!(!now.out.contains("S0211]: web:MAIL_HOST"), "{}", now.out);
}

#[test]
fn without_an_environment_all_are_filled_and_other_formats_are_not_disturbed() {
    let project = project(
        "config.web = [\"dotenv:common.env\", \"dotenv:production.env\"]",
        "config.web = [\"dotenv:common.env\", \"dotenv:staging.env\"]",
    );
    project.write("common.env", "A=1\n");
    project.write("production.env", "B=1\nP=2\n");
    project.write("staging.env", "B=2\nS=1\n");
    let ran = project.run(&["check", "--fix", "--format", "sarif"]).exits(0);
    let sarif: Value = ran.json();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(ran.err.contains("2 placeholders written to 2 files"), "{}", ran.err);
    assert_eq!(text(&project, "production.env"), "B=1\n# S=\nP=2\n");
    assert_eq!(text(&project, "staging.env"), "B=2\n# P=\nS=1\n");
    assert_eq!(text(&project, "common.env"), "A=1\n", "what all read is not where one lacks a key");
}

#[test]
fn what_must_not_or_cannot_be_written_is_said_and_stays_as_it_was() {
    let project = project("config.web = [\"dotenv:production.env\"]", "config.web = [\"dotenv:staging.env\"]");
    project.write("staging.env", STAGING);
    let outside = project.root().join("outside.env");
    let refused = |why: &str| {
        let ran = project.run(&["check", "production", "--fix"]).says("not written").says(why);
        assert!(ran.code == 0 || ran.code == 10);
        assert!(!ran.out.contains("hidden"), "{}", ran.out);
        let left: Vec<_> = fs::read_dir(&project.dir).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains(".sternway-")), "{left:?}");
    };
    let own = project.dir.join("production.env");
    fs::write(&outside, "GREETING=x\n").unwrap();
    symlink(&outside, &own).unwrap();
    refused("it leads out of the project");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "GREETING=x\n");
    fs::remove_file(&own).unwrap();
    project.write("production.env", "GREETING=x\n");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o444)).unwrap();
    refused("it is read-only");
    assert_eq!(text(&project, "production.env"), "GREETING=x\n");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o644)).unwrap();
    // A link within the project stays one.
    fs::create_dir(project.dir.join("real")).unwrap();
    fs::rename(&own, project.dir.join("real/production.env")).unwrap();
    symlink("real/production.env", &own).unwrap();
    project.run(&["check", "production", "--fix"]).says("3 placeholders written to 1 file");
    assert!(fs::symlink_metadata(&own).unwrap().is_symlink());
    assert!(text(&project, "real/production.env").contains("# SESSION_DSN=\n"));
    // What a baseline accepts, or may differ, is not missed.
    project.run(&["check", "--dry-run"]).exits(2);
    project.run(&["check", "--register", "--fix"]).exits(2);
}

#[test]
fn a_full_disk_leaves_the_file_as_it_was() {
    on_a_small_disk("fixing::on_the_small_disk", "8m");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn on_the_small_disk() {
    let Ok(disk) = std::env::var("DISK") else { return };
    let mut project = project("config.web = [\"dotenv:production.env\"]", "config.web = [\"dotenv:staging.env\"]");
    let dir = std::path::Path::new(&disk).join("project");
    fs::rename(&project.dir, &dir).or_else(|_| copy(&project.dir, &dir)).unwrap();
    project.dir = dir;
    project.write("staging.env", "GREETING=x\nMAIL_HOST=y\n");
    // The new file needs more than is left, the old one is there.
    let long = format!("GREETING={}\n", "x".repeat(100_000));
    project.write("production.env", &long);
    project.run(&["check", "production"]);
    {
        let mut filler = fs::File::create(project.dir.join("filler")).unwrap();
        while std::io::Write::write(&mut filler, &[0; 4096]).is_ok_and(|written| written > 0) {}
    }
    let ran = project.run(&["check", "production", "--fix"]);
    assert!(
        ran.out.contains("not written web:MAIL_HOST") && ran.out.contains("No space left"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(text(&project, "production.env"), long);
    let left = fs::read_dir(&project.dir).unwrap().flatten();
    assert!(!left.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains(".sternway-")));
    fs::remove_file(project.dir.join("filler")).unwrap();
    project.run(&["check", "production", "--fix"]).says("1 placeholder written to 1 file");
    assert_eq!(text(&project, "production.env"), format!("{long}# MAIL_HOST=\n"));
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
