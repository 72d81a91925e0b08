//! What people get wrong, and services that do not behave.

use std::fs;
use std::net::TcpListener;

use super::load::Load;
use super::project::{CHECK, Project, Ran};
use super::{app, processes};

/// What a project file that is wrong makes of `ship` and `check`.
#[track_caller]
fn refused(text: &str) -> Ran {
    let project = Project::new();
    project.write("sternway.toml", text);
    project.run(&["check"]).exits(10);
    project.run(&["ship", "production"]).exits(2)
}

#[test]
fn broken_toml_is_shown_with_its_place() {
    refused("[project]\nname = \"shop\n").says("S0101").says("sternway.toml:2:");
}

#[test]
fn an_unknown_key_comes_with_a_suggestion() {
    let project = Project::new();
    let text = project.toml(&(Project::web() + "biuld = \"make\"\n"), "", CHECK);
    project.write("sternway.toml", &text);
    project
        .run(&["ship", "production"])
        .exits(2)
        .says("S0102")
        .says("`biuld`")
        .says("did you mean `build`")
        .says(":10:1");
}

#[test]
fn no_value_that_stands_beside_a_mistake_is_shown() {
    let values = "config.web = [{ DB_PASSWORD = \"hunter2\" }] # hunter2\n";
    let unknown = format!("[project]\nname = \"shop\"\n[environments.production]\n{values}stpes = [1] # hunter2\n");
    let unquoted = "[project]\nname = \"shop\"\n[environments.production]\nconfig.web = [{ DB_PASSWORD = hunter2 }]\n";
    for text in [unknown.as_str(), unquoted, "[project]\nname = \"hunter2\n"] {
        let ran = refused(text).says("sternway.toml");
        assert!(!ran.out.contains("hunter2") && !ran.err.contains("hunter2"), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn what_is_not_there_is_named() {
    let project = Project::new();
    fs::remove_file(project.dir.join("web.env")).unwrap();
    project.run(&["ship", "production"]).exits(2).says("S0202").says("web.env");
    project.write("web.env", "A=1\n");
    project.run(&["ship", "nowhere"]).exits(2).says("S0912").says("production");
    fs::remove_dir_all(project.dir.join("web")).unwrap();
    project.run(&["ship", "production"]).exits(2).says("S0407").says("web");
    fs::remove_file(project.dir.join("sternway.toml")).unwrap();
    project.run(&["ship", "production"]).exits(2).says("S0913").says("sternway init");
    project.run(&["status"]).exits(0);
}

#[test]
fn a_listen_address_that_somebody_has_is_refused_before_anything_begins() {
    let project = Project::new();
    let taken = TcpListener::bind(project.listen).unwrap();
    project.run(&["ship", "production"]).exits(10).says("S0404");
    drop(taken);
    project.ship();
    project.rests_on(1);
}

/// A second release whose service is run like this does not come up, and nobody notices.
#[track_caller]
fn does_not_come_up(run: &str, ready_within: &str, why: &str) {
    let project = Project::new();
    project.ship();
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 20);
    let run = toml::Value::String(run.to_owned());
    let web = format!(
        "[services.web]\npath = \"web\"\nrun = {run}\nready = \"http:/up\"\nready_within = \"{ready_within}\"\ngrace = \"500ms\"\n"
    );
    project.write("sternway.toml", &project.toml(&web, "", CHECK));
    project.version("2");
    project.run(&["ship", "production"]).exits(11).says("release 1 serves").says(why);
    project.rests_on(1);
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
    assert_eq!(project.instance(2, "pid"), None);
}

#[test]
fn a_service_that_never_gets_ready() {
    does_not_come_up("exec sleep 100000", "1s", "not ready within 1 s");
}

#[test]
fn a_service_that_ends_at_once() {
    does_not_come_up("echo no database here; exit 7", "20s", "exit status 7");
}

#[test]
fn a_service_that_forks_and_leaves() {
    does_not_come_up(&format!("({}) & exit 0", app::command()), "20s", "exit status 0");
}

#[test]
fn a_service_that_is_not_there() {
    does_not_come_up("exec no-such-program-anywhere", "20s", "exit status 127");
}

#[test]
fn a_service_that_ignores_sigterm_is_stopped_with_all_that_it_forked() {
    let project = Project::new();
    let run = format!("trap '' TERM; sleep 100001 & setsid sleep 100002 & {}", app::command());
    let run = toml::Value::String(run);
    let web = format!("[services.web]\npath = \"web\"\nrun = {run}\nready = \"http:/up\"\ngrace = \"500ms\"\n");
    project.write("sternway.toml", &project.toml(&web, "", CHECK));
    project.ship();
    let sleepers = || {
        let all = processes::of_folder(project.root());
        all.iter().filter(|process| process.words.starts_with("sleep 10000")).count()
    };
    assert_eq!(sleepers(), 2);
    project.write("sternway.toml", &project.toml(&Project::web(), "", CHECK));
    project.ship();
    project.rests_on(2);
    assert_eq!(sleepers(), 0);
}

#[test]
fn a_check_that_hangs_fails_at_its_limit() {
    let project = Project::new();
    project.ship();
    let hanging = "[[checks]]\nname = \"report\"\nhttp = { url = \"/hang\" }\ntimeout = \"500ms\"\n";
    project.write("sternway.toml", &project.toml(&Project::web(), "", &format!("{CHECK}\n{hanging}")));
    project.version("2");
    project.run(&["ship", "production"]).exits(11).says("check `report`");
    // Under traffic alone, where it must not keep the judge from looking.
    project.write(
        "sternway.toml",
        &project.toml(&Project::web(), "", &format!("{CHECK}\n{hanging}smoke = false\nmonitor = \"200ms\"\n")),
    );
    project.version("3");
    project.run(&["ship", "production"]).exits(11).says("report");
    project.rests_on(1);
}
