//! What waits for a person, and what a person decides.

use super::journal::Journal;
use super::project::{CHECK, Project, finish};

fn that_needs_an_approval() -> (Project, String) {
    let project = Project::new();
    project.ship();
    project.write("sternway.toml", &project.toml(&Project::web(), "approvals = 1", CHECK));
    project.version("2");
    project.run(&["ship", "production"]).exits(12).says("waits for 1 approvals");
    project.serves(1);
    let digest = project.production()["rollout"]["digest"].as_str().unwrap().to_owned();
    (project, digest)
}

#[test]
fn an_approved_plan_goes_on_by_itself() {
    let (project, digest) = that_needs_an_approval();
    project.run(&["approve", "0123456789abcdef"]).exits(2).says("S0906");
    project.run(&["approve", &digest["sha256:".len()..][..12], "--reason", "reviewed"]).exits(0);
    let journal = Journal::follow(&project);
    assert_eq!(journal.wait_for_end(2), "committed", "{:?}", journal.why_back(2));
    project.rests_on(2);
}

#[test]
fn a_denied_plan_ends_before_it_began() {
    let (project, digest) = that_needs_an_approval();
    project.run(&["deny", &digest, "--reason", "not on a Friday"]).exits(0);
    assert_eq!(Journal::follow(&project).wait_for_end(2), "cancelled");
    project.rests_on(1);
    // Denied is not bad: it may be shipped another day.
    project.write("sternway.toml", &project.toml(&Project::web(), "", CHECK));
    project.ship();
    project.rests_on(2);
}

#[test]
fn a_held_rollout_waits_and_then_goes_on_or_back() {
    let project = Project::new();
    project.ship();
    for (version, way, exit, serving) in [("2", "continue", 0, 2), ("3", "rollback", 11, 2)] {
        project.version(version);
        let rollout = version.parse().unwrap();
        let ship = project.start(&["ship", "production"]);
        let journal = Journal::follow(&project);
        journal.wait_for_step(rollout, "start");
        project.run(&["hold", "production", "--reason", "looking at something"]).exits(0);
        finish(ship).exits(12).says("looking at something");
        assert!(project.production()["rollout"]["held"].as_str().unwrap().contains("looking at something"));
        project.run(&["resume", "production", "--way", way]).exits(exit);
        project.rests_on(serving);
    }
    project.run(&["resume", "production"]).exits(2).says("S0907");
}

#[test]
fn why_it_is_held_is_not_forgotten_by_holding_it_again() {
    let project = Project::new();
    project.ship();
    project.version("2");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "start");
    project.run(&["hold", "production", "--reason", "looking at something"]).exits(0);
    let ended = finish(ship).exits(12);
    assert_eq!(ended.out.matches("looking at something").count(), 1, "said once: {}", ended.out);
    project
        .run(&["hold", "production", "--reason", "me too"])
        .exits(0)
        .says("held already")
        .says("looking at something");
    assert!(project.production()["rollout"]["held"].as_str().unwrap().contains("looking at something"));
    project.run(&["resume", "production", "--way", "rollback"]).exits(11);
}
