//! Services that are not like the others: one at a time, workers, jobs, shared files, and what served before Sternway came.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command};

use super::load::Load;
use super::processes;
use super::project::{CHECK, Project, free_address};
use super::until::{until, until_true};
use super::{app, http};

#[test]
fn a_service_with_one_fixed_port_is_exchanged_while_its_requests_wait() {
    let project = Project::new();
    // Not among the ports that connections get by chance.
    let port = (11_000..19_000).find(|port| TcpListener::bind(("127.0.0.1", port + u16_of_pid())).is_ok()).unwrap();
    let web = Project::web() + &format!("overlap = false\nport = {}\n", port + u16_of_pid());
    project.write("sternway.toml", &project.toml(&web, "", CHECK));
    project.ship();
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 100);
    project.version("2");
    project.ship();
    load.wait_for(2, 100);
    project.run(&["rollback", "production"]).exits(0);
    load.wait_for(1, 100);
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
    project.rests_on(1);
}

/// Tests at the same time begin to look at different places.
fn u16_of_pid() -> u16 {
    u16::try_from(std::process::id() % 10_000).unwrap()
}

#[test]
fn a_worker_changes_over_and_never_runs_twice() {
    let project = Project::new();
    let marks = project.root().join("marks");
    let worker = format!(
        "[services.queue]\npath = \"web\"\nkind = \"worker\"\nready = \"alive:100ms\"\nrun = \"echo $STERNWAY_RELEASE >> '{}'; exec sleep 100000\"\n",
        marks.display()
    );
    project.write("sternway.toml", &project.toml(&(Project::web() + &worker), "", CHECK));
    project.ship();
    project.version("2");
    project.ship();
    assert_eq!(fs::read_to_string(&marks).unwrap(), "1\n2\n");
    let queues = || {
        let all = processes::of_folder(project.root());
        all.into_iter().filter(|process| process.words.starts_with("sleep 100000")).count()
    };
    assert_eq!(queues(), 1);
    project.run(&["rollback", "production"]).exits(0);
    assert_eq!(fs::read_to_string(&marks).unwrap(), "1\n2\n1\n");
    assert_eq!(queues(), 1);
}

#[test]
fn a_job_runs_once_and_its_undo_once_when_the_release_fails() {
    let project = Project::new();
    let marks = project.root().join("marks");
    let job = format!(
        "[services.tables]\npath = \"web\"\nkind = \"job\"\nrun = \"echo do $STERNWAY_RELEASE >> '{0}'\"\nundo = \"echo undo $STERNWAY_RELEASE >> '{0}'\"\n",
        marks.display()
    );
    let services = Project::web() + &job;
    project.write("sternway.toml", &project.toml(&services, "", CHECK));
    project.ship();
    assert_eq!(fs::read_to_string(&marks).unwrap(), "do 1\n");
    project.write("sternway.toml", &project.toml(&services, "", &CHECK.replace("hello", "farewell")));
    project.version("2");
    project.run(&["ship", "production"]).exits(11);
    assert_eq!(fs::read_to_string(&marks).unwrap(), "do 1\ndo 2\nundo 2\n");
    project.rests_on(1);
}

#[test]
fn a_rollback_by_hand_says_which_jobs_it_does_not_undo() {
    let project = Project::new();
    let job = |name: &str, undo: &str| {
        format!("[services.{name}]\npath = \"web\"\nkind = \"job\"\nrun = \"echo {name} >> done\"\n{undo}")
    };
    let jobs = job("seed", "") + &job("tables", "undo = \"rm done\"\n");
    project.write("sternway.toml", &project.toml(&(Project::web() + &jobs), "", CHECK));
    project.ship();
    for version in ["2", "3"] {
        project.version(version);
        project.ship();
    }
    let told = project.run(&["rollback", "production"]).exits(0);
    for text in [
        "job `seed` of release 3 ran and is not undone; it has no undo",
        "job `tables` of release 3 ran and is not undone; its undo: rm done",
    ] {
        assert!(told.err.contains(text) || told.out.contains(text), "no `{text}` in {}{}", told.out, told.err);
    }
    project.rests_on(2);
    let told = project.run(&["rollback", "production", "1", "--json"]).exits(0);
    let first: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!((&first["outcome"], &first["release"]), (&"opened".into(), &1.into()));
    let left = serde_json::json!([
        { "job": "seed", "release": 2, "undo": null },
        { "job": "tables", "release": 2, "undo": "rm done" },
        { "job": "seed", "release": 3, "undo": null },
        { "job": "tables", "release": 3, "undo": "rm done" },
    ]);
    assert_eq!(first["not_undone"], left);
}

#[test]
fn a_job_that_fails_stops_the_release_before_it_starts() {
    let project = Project::new();
    project.ship();
    let job = "[services.tables]\npath = \"web\"\nkind = \"job\"\nrun = \"echo the table is locked; exit 7\"\n";
    project.write("sternway.toml", &project.toml(&(Project::web() + job), "", CHECK));
    project.run(&["ship", "production"]).exits(11).says("ended with status 7: the table is locked");
    project.rests_on(1);
}

#[test]
fn shared_files_outlive_releases_in_both_directions() {
    let project = Project::new();
    project.write("sternway.toml", &project.toml(&(Project::web() + "shared = [\"uploads\"]\n"), "", CHECK));
    project.ship();
    assert_eq!(project.get("/share").unwrap().text(), "written");
    project.version("2");
    project.ship();
    assert_eq!(project.get("/shared").unwrap().text(), "kept");
    project.run(&["rollback", "production"]).exits(0);
    assert_eq!(project.get("/shared").unwrap().text(), "kept");
}

#[test]
fn a_shared_file_outlives_releases_and_a_name_that_misleads_is_said() {
    let project = Project::new();
    let web = Project::web() + "shared = [\"uploads/file.txt\", \"cache\"]\n";
    project.write("sternway.toml", &project.toml(&web, "", CHECK));
    project.write("web/cache", "a file here");
    project.run(&["check", "production"]).exits(0).says("S0409").says("`cache` is shared as a folder, but is a file");
    project.run(&["check"]).exits(0).says("S0409");
    project.ship();
    assert_eq!(project.get("/share").unwrap().text(), "written");
    project.version("2");
    project.ship();
    assert_eq!(project.get("/shared").unwrap().text(), "kept");
    project.run(&["rollback", "production"]).exits(0);
    assert_eq!(project.get("/shared").unwrap().text(), "kept");
    assert!(project.state.join("agent/shared/production/web/uploads/file.txt").is_file());
}

/// What served before, at an address of its own.
struct Before(Child);

impl Before {
    fn start(project: &Project) -> (Self, u16) {
        let port = free_port_of_loopback();
        let mut command = Command::new("sh");
        command.args(["-c", &app::command()]).env("PORT", port.to_string()).current_dir(project.dir.join("web"));
        command.stdout(std::process::Stdio::null());
        let child = Self(command.spawn().unwrap());
        until("what serves today", || http::get(([127, 0, 0, 1], port).into(), "/up"));
        (child, port)
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn free_port_of_loopback() -> u16 {
    let start = 19_500 - u16_of_pid() % 8_000;
    (start..20_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

#[test]
fn what_served_before_is_the_way_back_of_the_first_release() {
    let project = Project::new();
    let (before, port) = Before::start(&project);
    let adopt = format!("adopt = \"127.0.0.1:{port}\"");
    project.write("sternway.toml", &project.toml(&Project::web(), &adopt, &CHECK.replace("hello", "farewell")));
    project.run(&["ship", "production"]).exits(11).says("release 0 serves");
    project.rests_on(0);
    project.write("sternway.toml", &project.toml(&Project::web(), &adopt, CHECK));
    project.version("2");
    project.ship();
    project.rests_on(2);
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(0);
    project.version("3");
    project.ship();
    project.rests_on(3);
    drop(before);
    // It is gone: production is not left for nothing, unless a person means it, and then there is a way out of that.
    let refused = project.run(&["rollback", "production", "0"]).exits(10).says("S0405");
    assert!(refused.err.contains("release 3 serves") && refused.err.contains("0 --accept-bad"), "{}", refused.err);
    project.serves(3);
    project
        .run(&["rollback", "production", "0", "--accept-bad"])
        .exits(12)
        .says("release 0 has all traffic and does not serve");
    project.run(&["status"]).exits(0).says("release 0 has all traffic and does not serve");
    project.run(&["rollback", "production", "3"]).exits(0);
    project.rests_on(3);
}

#[test]
fn without_anything_to_adopt_the_first_release_is_refused() {
    let project = Project::new();
    let address = free_address(2);
    project.write("sternway.toml", &project.toml(&Project::web(), &format!("adopt = \"{address}\""), CHECK));
    project.run(&["ship", "production"]).exits(10).says("S0405");
    until_true("nothing serves", || project.get("/").is_err());
}
