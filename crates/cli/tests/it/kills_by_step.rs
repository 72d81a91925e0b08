//! `kill -9` at the steps that [`killed`](super::killed) does not reach: of releases with a worker and a job, of an exchange, and of a
//! way back by hand. One table of them; each line is one rollout.

use std::net::TcpListener;

use super::journal::Journal;
use super::processes;
use super::project::{CHECK, Project, finish};

/// Which step it dies at, and what dies.
type Kill = (&'static str, &'static str);

const GOOD: [Kill; 6] = [
    ("baseline", "serve"),
    ("stage", "agent"),
    ("job tables", "serve"),
    ("smoke", "agent"),
    ("shift 50%", "proxy-production"),
    ("workers", "serve"),
];
const BAD: [Kill; 5] = [
    ("workers", "agent"),
    ("undo switch", "serve"),
    ("undo workers", "serve"),
    ("undo job tables", "agent"),
    ("undo baseline", "serve"),
];
const BY_HAND: [Kill; 4] = [("start", "agent"), ("switch", "serve"), ("workers", "agent"), ("confirm", "serve")];
const EXCHANGES: [Kill; 2] = [("exchange", "serve"), ("exchange", "agent")];
const BAD_EXCHANGES: [Kill; 2] = [("undo exchange", "serve"), ("undo exchange", "agent")];

/// A check that sees, from the first moment on, a release that greets nobody once it has all traffic.
const GREETED: &str = "[[checks]]\nname = \"greeted\"\nhttp = { url = \"/greeting\", contains = \"good day\" }\nsmoke = false\nmonitor = \"100ms\"\n";

fn with_worker_and_job(project: &Project, steps: &str) {
    let others = "[services.queue]\npath = \"web\"\nkind = \"worker\"\nready = \"alive:50ms\"\nrun = \"exec sleep 100000\"\n\n\
         [services.tables]\npath = \"web\"\nkind = \"job\"\nrun = \"sleep 0.2; echo do >> ../done\"\nundo = \"sleep 0.2; echo undo >> ../done\"\n\n";
    let text = project.toml(&(Project::web() + "\n" + others), "", &format!("{CHECK}\n{GREETED}"));
    let text = text.replace("[10, 100]", steps).replace("drain = \"3s\"", "drain = \"1s\"");
    project.write("sternway.toml", &text.replace("bake = \"2s\"", "bake = \"1s\""));
}

/// Types these words, kills at the step, and says how the rollout ended.
fn killing(project: &Project, journal: &Journal, rollout: u64, words: &[&str], (step, victim): Kill) -> String {
    let typed = project.start(words);
    journal.wait_for_step(rollout, step);
    processes::kill(project.part(victim));
    let outcome = journal.wait_for_end(rollout);
    finish(typed);
    project.logbook_is_intact();
    outcome
}

/// Releases that follow each other, from rollout 2 on; each must end as told, and production rest where it says.
fn ships(project: &Project, kills: &[Kill], outcome: &str, serving: impl Fn(u64) -> u64) {
    let journal = Journal::follow(project);
    for (rollout, kill) in (2..).zip(kills) {
        project.version(&rollout.to_string());
        assert_eq!(
            killing(project, &journal, rollout, &["ship", "production"], *kill),
            outcome,
            "{kill:?}: {:?}",
            journal.why_back(rollout)
        );
        project.rests_on(serving(rollout));
    }
}

#[test]
fn of_a_good_release_with_a_worker_and_a_job() {
    let project = Project::new();
    with_worker_and_job(&project, "[50, 100]");
    project.ship();
    ships(&project, &GOOD, "committed", |rollout| rollout);
}

#[test]
fn of_a_bad_release_with_a_worker_and_a_job() {
    let project = Project::new();
    with_worker_and_job(&project, "[100]");
    project.ship();
    // Only in the bake is it seen, so that all is to be undone.
    project.write("web.env", "GREETING=\n");
    ships(&project, &BAD, "rolled_back", |_| 1);
}

#[test]
fn of_a_way_back_by_hand() {
    let project = Project::new();
    with_worker_and_job(&project, "[100]");
    project.ship();
    project.version("2");
    project.ship();
    let journal = Journal::follow(&project);
    for (rollout, kill) in (3..).zip(BY_HAND) {
        let to = if rollout % 2 == 1 { 1 } else { 2 };
        let words = ["rollback", "production", &to.to_string(), "--accept-bad"];
        assert_eq!(killing(&project, &journal, rollout, &words, kill), "committed", "{kill:?}");
        project.rests_on(to);
    }
}

fn exclusive(project: &Project, checks: &str) {
    let start = 19_000 - u16::try_from(std::process::id() % 7000).unwrap();
    let port = (start..20_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap();
    let web = Project::web() + &format!("overlap = false\nport = {port}\n");
    let text = project.toml(&web, "", checks).replace("bake = \"2s\"", "bake = \"1s\"");
    project.write("sternway.toml", &text);
}

#[test]
fn of_an_exchange() {
    let project = Project::new();
    exclusive(&project, &format!("{CHECK}\n{GREETED}"));
    project.ship();
    ships(&project, &EXCHANGES, "committed", |rollout| rollout);
}

#[test]
fn of_an_exchange_that_is_undone() {
    let project = Project::new();
    exclusive(&project, &format!("{CHECK}\n{GREETED}"));
    project.ship();
    project.write("web.env", "GREETING=\n");
    ships(&project, &BAD_EXCHANGES, "rolled_back", |_| 1);
}
