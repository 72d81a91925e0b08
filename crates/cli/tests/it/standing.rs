//! What serves by the logbook serves again after everything was stopped; and what happens when going back leads to a bad place.

use std::fs;

use super::journal::Journal;
use super::project::{CHECK, Project, finish};

#[test]
fn what_serves_is_started_again_after_everything_was_stopped() {
    let project = Project::new();
    project.ship();
    project.run(&["down", "--yes"]).exits(0);
    assert!(project.get("/up").is_err());
    // Nothing is to be shipped: but agent and serve run again, and it is not said that release 1 serves before it does.
    project.run(&["ship", "production"]).exits(0).says("release 1 already serves");
    project.serves(1);
    project.rests_on(1);
    project.logbook_is_intact();
}

#[test]
fn a_rollout_whose_base_was_stopped_goes_back_to_it_all_the_same() {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK);
    project.write("sternway.toml", &text.replace("bake = \"", "bake = \"1"));
    project.ship();
    project.version("2");
    let journal = Journal::follow(&project);
    let ship = project.start(&["ship", "production", "--detach"]);
    journal.wait_for_step(2, "bake");
    project.run(&["down", "--yes"]).exits(0);
    finish(ship).exits(0);
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(1);
}

/// A check that passes as long as this file is there.
fn flag(project: &Project, name: &str) -> String {
    let path = project.root().join(name);
    fs::write(&path, "").unwrap();
    format!("[[checks]]\nname = \"{name}\"\ncommand = \"test -e {}\"\nmonitor = \"100ms\"\n", path.display())
}

#[test]
fn a_rollback_that_leads_to_a_bad_place_can_return_to_what_was_left() {
    let project = Project::new();
    for release in ["1", "2"] {
        project.version(release);
        let check = flag(&project, &format!("flag-{release}"));
        project.write("sternway.toml", &project.toml(&Project::web(), "", &check));
        project.ship();
    }
    // What release 1 was verified by does not hold any more.
    fs::remove_file(project.root().join("flag-1")).unwrap();
    project.run(&["rollback", "production"]).exits(12);
    project.run(&["rollback", "production"]).exits(12).says("S0909");
    project.run(&["rollback", "production", "2"]).exits(0);
    project.rests_on(2);
    project.logbook_is_intact();
}
