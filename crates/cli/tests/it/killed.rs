//! `kill -9` of each part at each step, of good releases and of bad ones: whatever dies, the environment ends on the old or the new
//! release, verified, and no lock is left for a person to remove.

use super::journal::Journal;
use super::load::Load;
use super::processes;
use super::project::{CHECK, Project, finish, pid};
use super::until::until;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Ship,
    Serve,
    Agent,
    Shim,
    Proxy,
    Service,
}

const GOOD: [&str; 5] = ["start", "verify 10%", "switch", "bake", "retire"];
const BAD: [&str; 3] = ["verify 50%", "undo shift 50%", "undo start"];

impl Victim {
    /// Its process id while the candidate is starting or runs; `None` when it is gone already.
    fn pid(self, project: &Project, ship: u32, candidate: u64, step: &str) -> Option<u32> {
        let instance = |key| {
            if step == "start" {
                let started = || project.instance(candidate, key).ok_or("not there yet");
                return Some(until("the candidate's process", started));
            }
            project.instance(candidate, key)
        };
        match self {
            Self::Ship => Some(ship),
            Self::Serve => Some(project.part("serve")),
            Self::Agent => Some(project.part("agent")),
            Self::Proxy => Some(project.part("proxy-production")),
            Self::Shim => instance("shim"),
            Self::Service => instance("pid"),
        }
    }

    /// Whether users cannot notice its death at all.
    fn is_unseen(self) -> bool {
        matches!(self, Self::Ship | Self::Serve | Self::Agent)
    }
}

/// Ships one release after the other, each good, and kills the victim at another step each time.
fn of_good_releases(victim: Victim, steps: &[&str]) {
    let project = Project::new();
    // Long enough in its start that the victim dies within.
    project.write("web.env", "START_DELAY=300\n");
    // A proxy that comes back needs a while in which nothing can be known.
    let bake = if victim == Victim::Proxy { "bake = \"4s\"" } else { "bake = \"1500ms\"" };
    let text = project.toml(&Project::web(), "", CHECK);
    project.write("sternway.toml", &text.replace("bake = \"2s\"", bake));
    project.ship();
    let journal = Journal::follow(&project);
    let load = Load::start(project.listen, "/account");
    let mut serving = 1;
    for (round, step) in steps.iter().enumerate() {
        let number = round as u64 + 2;
        load.wait_for(serving, 20);
        project.version(&number.to_string());
        let ship = project.start(&["ship", "production"]);
        journal.wait_for_step(number, step);
        if let Some(pid) = victim.pid(&project, ship.id(), number, step) {
            processes::kill(pid);
        }
        let outcome = journal.wait_for_end(number);
        finish(ship);
        if outcome == "committed" {
            serving = number;
        }
        // Only the candidate's own end may send it back.
        let why = journal.why_back(number);
        assert!(
            outcome == "committed" || matches!(victim, Victim::Service | Victim::Shim),
            "{step}: {outcome}: {why:?}"
        );
        project.rests_on(serving);
        project.logbook_is_intact();
    }
    let seen = load.end();
    assert!(!victim.is_unseen() || seen.failed.is_empty(), "{:?}", seen.failed);
}

/// The same with releases that refuse logged-in users, which no smoke check sees.
fn of_bad_releases(victim: Victim, steps: &[&str]) {
    let project = Project::new();
    // Enough of the traffic, and long enough, that the judge is sure also on a slow machine.
    let text = project.toml(&Project::web(), "", CHECK);
    project
        .write("sternway.toml", &text.replace("[10, 100]", "[50, 100]").replace("verify = \"1s\"", "verify = \"3s\""));
    project.ship();
    let journal = Journal::follow(&project);
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 600);
    project.write("web.env", "STATUS=401\n");
    for (round, step) in steps.iter().enumerate() {
        let number = round as u64 + 2;
        project.version(&number.to_string());
        let ship = project.start(&["ship", "production"]);
        journal.wait_for_step(number, step);
        if let Some(pid) = victim.pid(&project, ship.id(), number, step) {
            processes::kill(pid);
        }
        assert_eq!(journal.wait_for_end(number), "rolled_back", "{step}");
        finish(ship);
        load.wait_for(1, 20);
        project.rests_on(1);
        project.logbook_is_intact();
    }
    let seen = load.end();
    let strange: Vec<_> = seen.failed.iter().filter(|failure| !failure.starts_with("401 ")).collect();
    assert!(!victim.is_unseen() || strange.is_empty(), "{strange:?}");
}

#[test]
fn ship_during_good_releases() {
    of_good_releases(Victim::Ship, &GOOD);
}

#[test]
fn ship_during_bad_releases() {
    of_bad_releases(Victim::Ship, &BAD);
}

// After the death of `serve` its lease must run out, so these take longest and are spread over several tests.
#[test]
fn serve_during_the_start_and_the_canary_of_good_releases() {
    of_good_releases(Victim::Serve, &GOOD[..2]);
}

#[test]
fn serve_during_the_switch_and_the_bake_of_good_releases() {
    of_good_releases(Victim::Serve, &GOOD[2..4]);
}

#[test]
fn serve_during_bad_releases() {
    of_bad_releases(Victim::Serve, &BAD[..2]);
}

#[test]
fn agent_during_good_releases() {
    of_good_releases(Victim::Agent, &GOOD);
}

#[test]
fn agent_during_bad_releases() {
    of_bad_releases(Victim::Agent, &BAD);
}

#[test]
fn shim_during_good_releases() {
    of_good_releases(Victim::Shim, &GOOD);
}

#[test]
fn shim_during_bad_releases() {
    of_bad_releases(Victim::Shim, &BAD);
}

#[test]
fn proxy_during_good_releases() {
    of_good_releases(Victim::Proxy, &GOOD);
}

#[test]
fn proxy_during_bad_releases() {
    of_bad_releases(Victim::Proxy, &BAD);
}

#[test]
fn service_during_good_releases() {
    of_good_releases(Victim::Service, &GOOD);
}

#[test]
fn service_during_bad_releases() {
    of_bad_releases(Victim::Service, &BAD);
}

/// Like a machine that loses its power: every process at once.
fn everything_at(step: &str, next: &[&str]) {
    let project = Project::new();
    project.ship();
    project.version("2");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, step);
    let mut left = processes::of_folder(project.root());
    while !left.is_empty() {
        for process in &left {
            processes::kill(process.pid);
        }
        left = processes::of_folder(project.root());
    }
    drop(journal);
    finish(ship);
    assert!(project.get("/").is_err());
    let ran = project.run(next);
    assert!([0, 10].contains(&ran.code), "{ran:?}");
    let outcome = Journal::follow(&project).wait_for_end(2);
    let serving = match (next[0], outcome.as_str()) {
        ("ship", "committed") => 2,
        (_, "rolled_back") => 1,
        other => panic!("{other:?}"),
    };
    project.rests_on(serving);
    project.logbook_is_intact();
}

#[test]
fn everything_at_the_canary_and_then_the_next_ship() {
    everything_at("verify 10%", &["ship", "production"]);
}

#[test]
fn everything_at_the_bake_and_then_a_rollback() {
    everything_at("bake", &["rollback", "production"]);
}

#[test]
fn what_serves_comes_back_by_itself_after_its_process_died() {
    let project = Project::new();
    project.ship();
    for key in ["pid", "shim"] {
        let before = project.instance(1, "pid").unwrap();
        processes::kill(project.instance(1, key).unwrap());
        until("another process", || match project.instance(1, "pid") {
            Some(now) if now != before => Ok(()),
            other => Err(other),
        });
        project.rests_on(1);
    }
    let proxy = project.production()["proxy"]["pid"].as_u64().map(pid).unwrap();
    processes::kill(proxy);
    project.rests_on(1);
    assert_ne!(project.part("proxy-production"), proxy);
}

#[test]
fn an_agent_that_serve_brought_back_outlives_serve_with_all_that_it_started() {
    let project = Project::new();
    project.ship();
    let agent = project.part("agent");
    processes::kill(agent);
    until("another agent", || match project.status()["parts"][0]["pid"].as_u64() {
        Some(now) if now != u64::from(agent) => Ok(()),
        other => Err(other),
    });
    project.version("2");
    project.ship();
    let before = (project.part("agent"), project.instance(2, "pid"), project.instance(2, "shim"));
    let serve = project.part("serve");
    processes::kill(serve);
    until("another `serve`", || if project.part("serve") == serve { Err("not yet") } else { Ok(()) });
    project.serves(2);
    assert_eq!((project.part("agent"), project.instance(2, "pid"), project.instance(2, "shim")), before);
}

#[test]
fn down_stops_also_what_an_agent_left_behind() {
    let project = Project::new();
    project.ship();
    // `serve` would bring the agent back, and its shim would bring back `serve`.
    let status = project.status();
    let parts = status["parts"].as_array().unwrap();
    let of = |name: &str, key: &str| parts.iter().find(|part| part["name"] == name)?[key].as_u64().map(pid);
    for (name, key) in [("agent", "pid"), ("serve", "shim"), ("serve", "pid")] {
        processes::kill(of(name, key).unwrap());
    }
    project.serves(1);
    project.run(&["down"]).exits(2).says("S0918");
    project.run(&["down", "--yes"]).exits(0);
    assert!(project.get("/").is_err());
    until("nothing is left", || match processes::of_folder(project.root()) {
        left if left.is_empty() => Ok(()),
        left => Err(left),
    });
}
