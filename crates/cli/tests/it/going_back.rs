//! Back: by itself and by hand.

use std::fs;

use super::journal::Journal;
use super::load::Load;
use super::project::{CHECK, Project, finish};

/// Releases 1 and 2, both good, serving one after the other.
fn with_two_releases() -> Project {
    let project = Project::new();
    project.ship();
    project.version("2");
    project.ship();
    project
}

#[test]
fn a_release_that_refuses_logged_in_users_goes_back_by_itself() {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK);
    project.write("sternway.toml", &text.replace("verify = \"1s\"", "verify = \"5s\""));
    project.ship();
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 600);
    project.write("web.env", "STATUS=401\n");
    let ship = project.run(&["ship", "production", "--json"]).exits(11);
    let end: serde_json::Value = serde_json::from_str(ship.out.lines().last().unwrap()).unwrap();
    assert_eq!((&end["outcome"], &end["serving"], &end["exit"]), (&"rolled_back".into(), &1.into(), &11.into()));
    load.wait_for(1, 50);
    let seen = load.end();
    assert!(seen.failed.iter().all(|failure| failure.starts_with("401 of Some(2)")), "{:?}", seen.failed);
    project.rests_on(1);
    let report = project.run(&["report"]).exits(0);
    for text in ["# ", "401", "release 2"] {
        assert!(report.out.contains(text), "no `{text}` in {}", report.out);
    }

    // It is marked: shipped again only by somebody who says so, and still judged.
    project.run(&["ship", "production"]).exits(10).says("S0502");
    project.run(&["ship", "production", "--override", "S0502"]).exits(2);
    project.write("sternway.toml", &project.toml(&Project::web(), "", "")); // without a check, without load: nothing sees it
    project.run(&["ship", "production", "--override", "S0502", "--reason", "the store was at fault"]).exits(0);
    project.rests_on(2);
    let journal = Journal::follow(&project);
    let reason =
        journal.wait_for("the override", |entry| entry["event"]["overridden"]["reason"].as_str().map(str::to_owned));
    assert_eq!(reason, "the store was at fault");
}

#[test]
fn back_to_the_previous_release_and_to_a_named_one_without_a_request_lost() {
    let project = with_two_releases();
    project.version("3");
    project.ship();
    let load = Load::start(project.listen, "/account");
    load.wait_for(3, 20);
    project.run(&["rollback", "production", "--reason", "users complain"]).exits(0);
    project.rests_on(2);
    project.run(&["rollback", "production", "1"]).exits(0);
    project.rests_on(1);
    load.wait_for(1, 20);
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
    project.run(&["status"]).exits(0).says("none that is good; release 2 served before");
    project.run(&["rollback", "production", "77"]).exits(2).says("S0903");
    // Release 3 was gone back from: a number is easily mistaken.
    project.run(&["rollback", "production", "3"]).exits(10).says("S0923").says("users complain").says("--accept-bad");
    project.rests_on(1);
    project.run(&["rollback", "production", "3", "--accept-bad"]).exits(0);
    project.rests_on(3);
    project.run(&["report", "--list"]).exits(0).says("users complain");
    project.logbook_is_intact();
}

#[test]
fn an_open_rollout_is_told_to_go_back() {
    let project = Project::new();
    project.ship();
    project
        .write("sternway.toml", &project.toml(&Project::web(), "", "").replace("verify = \"1s\"", "verify = \"60s\""));
    project.version("2");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "verify 10%");
    // It goes back to its own base, and to no other.
    project.run(&["rollback", "production", "1"]).exits(10).says("S0901");
    project.run(&["rollback", "production"]).exits(0);
    finish(ship).exits(11);
    assert_eq!(journal.wait_for_end(2), "rolled_back");
    project.rests_on(1);
}

#[test]
fn the_way_back_needs_no_project_file_and_nothing_of_the_broken_release() {
    let project = with_two_releases();
    fs::write(project.dir.join("sternway.toml"), "[project\nname = ").unwrap();
    fs::remove_dir_all(project.dir.join("web")).unwrap();
    fs::remove_file(project.dir.join("web.env")).unwrap();
    fs::remove_dir_all(project.state.join("agent/staged/production/r2")).unwrap();
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(1);
}

#[test]
fn a_first_release_that_fails_leaves_nothing_and_says_so() {
    let project = Project::new();
    project.write("sternway.toml", &project.toml(&Project::web(), "", CHECK).replace("hello", "farewell"));
    let ship = project.run(&["ship", "production"]).exits(11).says("no release serves");
    assert!(ship.out.contains("`smoke` failed"), "{}", ship.out);
    assert!(project.production()["release"].is_null());
    project.run(&["rollback", "production"]).exits(2).says("S0903");
}
