//! The agent and what it remembers: whom it makes room for, and what shows when nothing of it runs.

use std::process::{Child, Stdio};

use super::journal::Journal;
use super::project::{Project, finish};
use super::until::until;

/// Everything but the agent itself: process ids of `serve`, the proxy, the service and its shim.
fn beside_the_agent(project: &Project) -> Vec<Option<u32>> {
    vec![
        Some(project.part("serve")),
        Some(project.part("proxy-production")),
        project.instance(1, "pid"),
        project.instance(1, "shim"),
    ]
}

fn agent_of_its_own(project: &Project) -> Child {
    project.command(&["agent"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn an_agent_that_a_command_started_makes_room_for_that_of_systemd_and_that_one_for_no_other() {
    let project = Project::new();
    project.ship();
    let before = beside_the_agent(&project);
    let own = agent_of_its_own(&project);
    until("the other agent", || match project.part("agent") {
        pid if pid == own.id() => Ok(()),
        pid => Err(pid),
    });
    assert_eq!(beside_the_agent(&project), before, "what ran was restarted");
    project.serves(1);
    // Two that are meant to run would end each other for ever. Exit 2 keeps systemd from trying.
    finish(agent_of_its_own(&project)).exits(2).says("was not started by a command");
    assert_eq!(project.part("agent"), own.id());
    project.version("2");
    project.ship();
    project.rests_on(2);
    project.run(&["down", "--yes"]).exits(0);
    finish(own).exits(0);
}

#[test]
fn a_logbook_whose_end_was_cut_off_shows_also_while_nothing_runs() {
    let project = Project::new();
    project.ship();
    // `serve` shows the head to agent and proxy every few seconds.
    until("a witness of the last entry", || {
        let verified = project.run(&["log", "--verify", "--json"]).exits(0).json();
        let seen = project.production()["proxy"]["witness"][0].clone();
        if seen == verified["entries"] { Ok(()) } else { Err(format!("{seen} of {}", verified["entries"])) }
    });
    project.run(&["down", "--yes"]).exits(0);
    project.run(&["status"]).exits(1).says("DOWN");
    project.run(&["log", "--verify"]).exits(0).says("the agent's memory, the memory of the proxy of production");
    let logbook = rusqlite::Connection::open(project.state.join("logbook.db")).unwrap();
    logbook
        .execute_batch(
            "DROP TRIGGER entries_follow; DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;
             DELETE FROM entries WHERE seq > (SELECT max(seq) - 12 FROM entries);",
        )
        .unwrap();
    drop(logbook);
    project.run(&["log", "--verify"]).exits(1).says("S0803");
    // Without anybody who remembers, that is said.
    for folder in ["agent", "proxy-production"] {
        for file in ["agent.json", "agent.good.json", "state.json", "state.json.1"] {
            let _not_all_are_in_both = std::fs::remove_file(project.state.join(folder).join(file));
        }
    }
    project.run(&["log", "--verify"]).exits(0).says("that its end was cut off would not show");
}

#[test]
fn down_during_a_rollout_says_to_everybody_what_stands_still_and_the_way_back_is_open() {
    let project = Project::new();
    project.ship();
    project.version("2");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "verify 10%");
    project.run(&["down"]).exits(2).says("rollout 2 of production is under way and would stand still");
    let down = project.run(&["down", "--yes", "--json"]).exits(0).json();
    assert_eq!((&down["stopped"], &down["rollouts"][0]["rollout"]), (&true.into(), &2.into()));
    journal.wait_for("the word for who follows", |entry| {
        entry["event"]["noted"]["text"].as_str().filter(|text| text.contains("stops everything")).map(|_| ())
    });
    // What was stopped is not started by an upgrade.
    project.run(&["upgrade"]).exits(0).says("nothing runs here");
    project.run(&["status"]).exits(1).says("DOWN");
    project.run(&["rollback", "production"]).exits(0);
    finish(ship).exits(11).says("stops everything");
    project.rests_on(1);
}
