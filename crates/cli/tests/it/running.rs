//! The environment of running processes: as a source of configuration, and as what the watch looks at.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::processes;
use super::project::{CHECK, Project, pid};
use super::until::until;

const HIDDEN: &str = "hunter2-hunter2";

struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

/// One whose web service has a worker beside it, with this configuration.
fn beside(queue: &str) -> Project {
    let project = Project::new();
    let worker =
        "[services.queue]\npath = \"web\"\nkind = \"worker\"\nready = \"alive:100ms\"\nrun = \"exec sleep 1000\"\n";
    let text = project.toml(&(Project::web() + worker), "watch = false", CHECK);
    let text = text.replace("web = [\"dotenv:web.env\"]\n", &format!("web = [\"dotenv:web.env\"]\n{queue}\n"));
    project.write("sternway.toml", &text);
    project.write("web.env", &format!("GREETING=good day\nAPI_TOKEN={HIDDEN}\n"));
    project
}

#[test]
fn what_a_services_process_runs_with_is_a_source_that_names_the_process() {
    let project = beside("");
    project.ship();
    let text = fs::read_to_string(project.dir.join("sternway.toml")).unwrap();
    let web = "web = [\"dotenv:web.env\"]\n";
    project.write("sternway.toml", &text.replace(web, &format!("{web}queue = [\"process:web\"]\n")));
    let pid = of_web(&project, "pid");
    let explained = project.run(&["diff", "--explain", "queue:API_TOKEN"]).exits(0);
    let explained = explained.says(&format!("process:web  by process {pid} of web, release 1")).says("a secret");
    let all = project.run(&["diff", "--all"]).exits(0).says("queue:GREETING");
    // What Sternway and the shell set for a start are no configuration.
    for own in ["queue:PORT", "queue:STERNWAY_RELEASE", "queue:PATH", "queue:PWD", "queue:STERNWAY_INSTANCE"] {
        assert!(!all.out.contains(own), "{own} in {}", all.out);
    }
    // What it is now, and not what the next release is to be.
    project.write("web.env", &format!("GREETING=good evening\nAPI_TOKEN={HIDDEN}\nLATER=1\n"));
    let all = project.run(&["diff", "--all"]).exits(0);
    assert!(all.out.contains("web:LATER") && !all.out.contains("queue:LATER"), "{}", all.out);
    project.ship();
    let sealed = project.run(&["diff", "--json"]).exits(0);
    for ran in [explained, all, sealed] {
        assert!(!ran.out.contains(HIDDEN) && !ran.err.contains(HIDDEN), "{}", ran.out);
    }
}

#[test]
fn where_nothing_runs_the_source_is_unknown_and_says_so() {
    let project = beside("queue = [\"process:web\"]");
    project.run(&["ship", "production"]).exits(2).says("S0242").says("no release serves in production");
    let text = fs::read_to_string(project.dir.join("sternway.toml")).unwrap();
    project.write("sternway.toml", &text.replace("process:web", "process:wbe"));
    project.run(&["check"]).exits(10).says("S0108").says("did you mean");
}

#[test]
fn a_process_outside_of_sternway_is_a_source_by_its_pid_file() {
    let project = beside("queue = [\"process-pid-file:run/legacy.pid\"]");
    let mut command = Command::new("sleep");
    command.arg("1000").env_clear().env("LEGACY_TOKEN", HIDDEN).env("PATH", "/usr/bin").stdin(Stdio::null());
    let other = Other(command.spawn().unwrap());
    project.write("run/legacy.pid", &format!("{}\n", other.0.id()));
    // Nothing runs yet, no agent either.
    let explained = project.run(&["diff", "--explain", "LEGACY_TOKEN"]).exits(0);
    let named = format!("process {} of run/legacy.pid", other.0.id());
    let explained = explained.says(&format!("process-pid-file:run/legacy.pid  by {named}"));
    // And it is sealed like any other source.
    project.ship();
    let queue = project.state.join("agent/instances/production.queue.r1/spec.json");
    assert!(fs::read_to_string(queue).unwrap().contains(HIDDEN));
    let again = project.run(&["diff", "--explain", "LEGACY_TOKEN"]).exits(0).says(&named);
    for ran in [explained, again] {
        assert!(!ran.out.contains(HIDDEN) && !ran.err.contains(HIDDEN), "{}", ran.out);
    }
    drop(other);
    project.run(&["plan", "production"]).exits(2).says("S0242").says("does not run");
}

#[test]
fn the_watch_finds_a_process_that_somebody_started_with_another_configuration() {
    let project = beside("");
    project.ship();
    project.run(&["watch", "--once"]).exits(0).says("consistent");
    let instance = project.state.join("agent/instances/production.web.r1/spec.json");
    restart_with(&project, &instance, |text| text.replace("good day", "set-by-hand"));
    let seen = project.run(&["watch", "production", "--once"]).exits(10);
    let seen = seen.says("S0243").says("web:GREETING").says("they were altered");
    // As seldom as everything that a watch sees: once.
    let again = project.run(&["watch", "production", "--once", "--json"]).exits(10);
    assert_eq!(again.json()["recorded"], 0);
    // Started anew with the same, it is the same drift.
    restart_with(&project, &instance, str::to_owned);
    assert_eq!(project.run(&["watch", "production", "--once", "--json"]).exits(10).json()["recorded"], 0);
    restart_with(&project, &instance, |text| text.replace("set-by-hand", "good day"));
    let over = project.run(&["watch", "production", "--once"]).exits(0);
    for ran in [seen, again, over] {
        assert!(!ran.out.contains("set-by-hand") && !ran.out.contains(HIDDEN), "{}", ran.out);
    }
    project.logbook_is_intact();
}

/// A process id of the web service's instance: `pid` or `shim`.
fn of_web(project: &Project, key: &str) -> u32 {
    let status = project.production();
    let web = status["instances"].as_array().unwrap().iter().find(|one| one["id"]["service"] == "web").unwrap();
    pid(web[key].as_u64().unwrap())
}

/// Alters what the agent noted of an instance, and has it started by that.
fn restart_with(project: &Project, spec: &PathBuf, alter: impl Fn(&str) -> String) {
    let text = fs::read_to_string(spec).unwrap();
    let (before, shim) = (of_web(project, "pid"), of_web(project, "shim"));
    fs::write(spec, alter(&text)).unwrap();
    processes::kill(shim);
    until("it runs again", || {
        let status = project.production();
        let web = status["instances"].as_array().unwrap().iter().find(|one| one["id"]["service"] == "web").cloned();
        let web = web.ok_or(status)?;
        let ready = web["state"] == "ready" && web["pid"].as_u64().is_some_and(|now| now != u64::from(before));
        if ready { Ok(()) } else { Err(web) }
    });
}
