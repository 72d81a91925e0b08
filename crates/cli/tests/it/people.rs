//! What waits for a person, and what a person decides.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use sternway_core::digest::Digest;

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
fn an_approved_plan_does_not_start_on_a_way_back_that_is_gone_and_a_staged_copy_is_one_to_start_from() {
    let (project, digest) = that_needs_an_approval();
    // What only release 1 is made of.
    let own = Digest::of(b"1").hex().to_owned();
    let object = project.state.join("agent/store/objects").join(&own[..2]).join(&own[2..]);
    fs::set_permissions(&object, Permissions::from_mode(0o600)).unwrap();
    fs::write(&object, "x").unwrap();
    project.run(&["approve", &digest]).exits(0);
    let journal = Journal::follow(&project);
    let why = journal.wait_for("a hold", |entry| entry["event"]["held"]["why"].as_str().map(str::to_owned));
    assert!(why.contains("the way back that the plan promises") && why.contains("damaged"), "{why}");
    project.serves(1);
    project.run(&["resume", "production", "--way", "accept"]).exits(0);
    project.rests_on(2);
    // Nobody can unpack it anew, but where it is staged it is whole.
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(1);
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
