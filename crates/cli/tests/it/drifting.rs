//! The resident watch: what ends a drift, what dies in the middle of a look, and a project that cannot be looked at.

use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use serde_json::Value;

use super::consistent::{BAD, GOOD, entries, of_kind, reading};
use super::processes;
use super::project::Project;
use super::until::{until, until_true};

/// A file that shows when somebody has read it.
struct Observed(OwnedFd);

impl Observed {
    fn of(file: &Path) -> Self {
        let descriptor = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        inotify::add_watch(&descriptor, file, WatchFlags::CLOSE_NOWRITE).unwrap();
        Self(descriptor)
    }

    /// Waits until it was read once more.
    fn is_read(&self) {
        let mut buffer = [MaybeUninit::<u8>::uninit(); 4096];
        until_true("somebody reads the file", || inotify::Reader::new(&self.0, &mut buffer).next().is_ok());
    }
}

/// In one moment, so that no look sees half of it.
fn put(project: &Project, file: &str, text: &str) {
    let (beside, path) = (project.root().join("beside"), project.dir.join(file));
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

fn looked(project: &Project, times: usize) {
    until(&format!("look {times}"), || {
        let seen = of_kind(project, "watched");
        if seen.len() == times { Ok(()) } else { Err(seen) }
    });
}

/// What the watch said it cannot see, oldest first.
fn missing(project: &Project) -> Vec<String> {
    let all = entries(project);
    let why = |entry: &Value| Some(entry["event"]["observed"]["what"]["missing"]["why"].as_str()?.to_owned());
    all.iter().filter_map(why).collect()
}

/// Waits until `status` says that the watch does not see, and why.
fn blind(project: &Project, why: &str) {
    until(&format!("blind: {why}"), || {
        let watch = project.production()["watch"].clone();
        if watch["blind"]["why"].as_str().is_some_and(|said| said.contains(why)) { Ok(()) } else { Err(watch) }
    });
}

fn sees(project: &Project) {
    until("it sees", || {
        let watch = project.production()["watch"].clone();
        if watch["blind"].is_null() && watch["changed"].is_string() { Ok(()) } else { Err(watch) }
    });
}

#[test]
fn a_serve_that_is_killed_between_a_look_and_its_entry_leaves_exactly_one_incident() {
    let project = reading("\"1s\"");
    looked(&project, 1);
    // Whoever has looked and wants to write waits for this lock.
    let logbook = rusqlite::Connection::open(project.state.join("logbook.db")).unwrap();
    logbook.execute_batch("BEGIN IMMEDIATE").unwrap();
    put(&project, "host.env", BAD);
    let observed = Observed::of(&project.dir.join("host.env"));
    observed.is_read();
    processes::kill(project.part("serve"));
    assert_eq!(of_kind(&project, "incident_opened").len(), 0, "it had looked, and had written nothing");
    logbook.execute_batch("ROLLBACK").unwrap();
    looked(&project, 2);
    assert_eq!(of_kind(&project, "incident_opened").len(), 1);
    observed.is_read();
    observed.is_read();
    let seen = project.run(&["watch", "production", "--once", "--json"]).exits(10).json();
    assert_eq!((&seen["recorded"], &seen["drift"]["incident"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(of_kind(&project, "incident_opened").len(), 1, "and what looked again has seen it before");
    project.logbook_is_intact();
}

#[test]
fn a_project_that_cannot_be_loaded_is_said_once_for_each_cause_and_found_again() {
    let mut project = reading("\"1s\"");
    looked(&project, 1);
    let right = fs::read_to_string(project.dir.join("sternway.toml")).unwrap();
    put(&project, "sternway.toml", &right.replace("[services.web]", "[services.web]\nbiuld = \"x\""));
    blind(&project, "S0102");
    // A line more moves what is wrong; that is the same cause.
    put(&project, "sternway.toml", &right.replace("[services.web]", "# more\n[services.web]\nbiuld = \"x\""));
    project.run(&["log", "-n", "0"]).exits(0).says("watch could not be observed").says("S0102");
    project.run(&["status"]).exits(0).says("does not see all").says("S0102");
    put(&project, "sternway.toml", &right);
    sees(&project);
    looked(&project, 2);
    assert_eq!(missing(&project).len(), 1, "{:?}", missing(&project));

    // The checkout is moved.
    let moved = project.root().join("elsewhere");
    fs::rename(&project.dir, &moved).unwrap();
    blind(&project, "moved or deleted");
    fs::create_dir(&project.dir).unwrap();
    blind(&project, "no sternway.toml in");
    project.write("sternway.toml", &right.replace("name = \"shop\"", "name = \"other\""));
    blind(&project, "another project now: `other`");
    fs::remove_dir_all(&project.dir).unwrap();
    project.dir = moved;
    project.run(&["watch", "production", "--once"]).exits(0).says("consistent");
    sees(&project);
    put(&project, "host.env", BAD);
    until("it is watched where it is now", || {
        let opened = of_kind(&project, "incident_opened");
        if opened.len() == 1 { Ok(()) } else { Err(opened) }
    });
    let said = fs::read_to_string(project.state.join("agent/kept/serve/out.log")).unwrap_or_default();
    assert_eq!(said.matches("S0102").count(), 1, "{said}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_ends_no_drift() {
    let project = reading("\"1s\"");
    looked(&project, 1);
    put(&project, "host.env", BAD);
    looked(&project, 2);
    fs::remove_file(project.dir.join("host.env")).unwrap();
    blind(&project, "host.env");
    assert_eq!(of_kind(&project, "incident_updated").len(), 1, "only what was found at first");
    project.run(&["watch", "--once"]).exits(10).says("not seen: web in production").says("drifted");
    put(&project, "host.env", BAD);
    sees(&project);
    put(&project, "host.env", GOOD);
    until("it is over", || {
        let updated = of_kind(&project, "incident_updated");
        if updated.len() == 2 { Ok(()) } else { Err(updated) }
    });
}

#[test]
fn of_two_that_serve_at_once_one_writes() {
    let project = reading("\"1s\"");
    looked(&project, 1);
    let mut other = project.start(&["serve"]);
    put(&project, "host.env", BAD);
    let observed = Observed::of(&project.dir.join("host.env"));
    looked(&project, 2);
    (0..4).for_each(|_| observed.is_read());
    assert_eq!(of_kind(&project, "incident_opened").len(), 1);
    fs::remove_file(project.dir.join("sternway.toml")).unwrap();
    blind(&project, "no sternway.toml in");
    // Each has its own pause before it says so.
    until_true("both have said it on their own streams", || {
        let said = fs::read_to_string(project.state.join("agent/kept/serve/out.log")).unwrap_or_default();
        said.contains("no sternway.toml in")
    });
    assert_eq!(missing(&project).len(), 1);
    other.kill().unwrap();
    other.wait().unwrap();
    project.logbook_is_intact();
}

#[test]
fn neither_a_rollback_nor_a_release_ends_a_drift_that_lasts() {
    let project = reading("\"1s\"");
    looked(&project, 1);
    project.version("2");
    project.ship();
    looked(&project, 2);
    put(&project, "host.env", BAD);
    looked(&project, 3);
    let drifts = |incident: &&Value| incident["title"].as_str().is_some_and(|title| title.contains("drifted"));
    let restored = || {
        let production = project.production();
        production["incidents"].as_array().unwrap().iter().find(drifts).map(|incident| incident["restored"].clone())
    };
    project.run(&["rollback", "production", "--reason", "to be sure"]).exits(0);
    looked(&project, 4);
    assert_eq!(restored(), Some(Value::Null), "it drifts as before");
    project.run(&["watch", "production", "--once"]).exits(10).says("drifted");
    put(&project, "host.env", GOOD);
    until("a look that finds nothing of it", || {
        let restored = restored();
        if restored.as_ref().is_some_and(Value::is_string) { Ok(()) } else { Err(restored) }
    });
    let opened = of_kind(&project, "incident_opened");
    let titles = opened.iter().map(|entry| entry["event"]["incident_opened"]["title"].to_string());
    assert_eq!(titles.filter(|title| title.contains("drifted")).count(), 1);
}
