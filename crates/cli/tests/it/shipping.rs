//! From release to release, without a request lost.

use super::journal::Journal;
use super::load::Load;
use super::processes;
use super::project::{CHECK, Project, free_address};
use super::until::until_true;

#[test]
fn a_second_release_takes_over_step_by_step_and_no_request_fails() {
    let project = Project::new();
    project.ship();
    project.rests_on(1);
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 200);
    project.version("2");
    project.ship();
    load.wait_for(2, 50);
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "shift 10%");
    assert_eq!(journal.wait_for_end(2), "committed");
    project.rests_on(2);
    assert_eq!(project.instance(1, "pid"), None, "the old release is stopped");
    project.logbook_is_intact();
}

#[test]
fn what_serves_already_is_not_shipped_again_and_that_is_no_fault() {
    let project = Project::new();
    project.ship();
    let entries = || project.run(&["log", "--verify", "--json"]).exits(0).json()["entries"].clone();
    let before = entries();
    project.run(&["ship", "production"]).exits(0).says("release 1 already serves production, nothing to do");
    let again = project.run(&["ship", "production", "--json"]).exits(0).json();
    assert_eq!(
        (&again["format"], &again["outcome"], &again["serving"], &again["exit"]),
        (&1.into(), &"unchanged".into(), &1.into(), &0.into())
    );
    project.run(&["ship", "production", "--release", "1", "--detach"]).exits(0).says("nothing to do");
    project.run(&["plan", "production"]).exits(0).says("release 1 already serves production");
    assert_eq!(project.run(&["plan", "production", "--json"]).exits(0).json()["outcome"], "unchanged");
    project.run(&["check", "production"]).exits(0);
    assert_eq!(entries(), before, "nothing is worth an entry");
    project.rests_on(1);

    // What is no part of a release waits for one, and somebody who changed it is told so.
    let text = project.toml(&Project::web(), "login = [\"/enter\"]", CHECK);
    project.write("sternway.toml", &text);
    project.run(&["ship", "production"]).exits(0).says("login in sternway.toml");
    // What else stands against it is still said: here a rollout that waits.
    project.write("sternway.toml", &project.toml(&Project::web(), "approvals = 1", CHECK));
    project.version("2");
    project.run(&["ship", "production"]).exits(12);
    project.version("1");
    project.run(&["ship", "production"]).exits(10).says("S0901");
    project.run(&["rollback", "production"]);
}

#[test]
fn code_of_an_earlier_release_goes_out_with_todays_configuration() {
    let project = Project::new();
    project.ship();
    project.version("2");
    project.ship();
    project.write("web.env", "GREETING=good evening\n");
    project.version("3, not to be shipped");
    project.run(&["ship", "production", "--release", "1"]).exits(0);
    project.rests_on(3);
    assert!(project.get("/").unwrap().text().contains("version 1"));
    assert_eq!(project.get("/greeting").unwrap().text(), "good evening");
    project.run(&["ship", "production", "--release", "77"]).exits(2).says("S0904");
}

#[test]
fn what_serves_in_staging_goes_to_production_with_productions_configuration() {
    let project = Project::new();
    let staging = free_address(1);
    let more = format!(
        "[environments.staging]\nlisten = \"{staging}\"\nsteps = [100]\nbake = \"2s\"\n[environments.staging.config]\nweb = {{ GREETING = \"staging\" }}\n"
    );
    project.write("sternway.toml", &format!("{}\n{more}", project.toml(&Project::web(), "", CHECK)));
    project.version("tried in staging");
    project.run(&["ship", "staging"]).exits(0);
    project.version("never tried");
    project.run(&["ship", "production", "--from", "staging"]).exits(0);
    assert!(project.get("/").unwrap().text().contains("tried in staging"));
    assert_eq!(project.get("/greeting").unwrap().text(), "good day");
    assert_eq!(super::http::get(staging, "/greeting").unwrap().text(), "staging");
}

#[test]
fn releases_that_are_a_way_back_stay_and_the_others_go() {
    let project = Project::new();
    project.write("sternway.toml", &project.toml(&Project::web(), "keep = 1", CHECK));
    for version in 1..=4 {
        project.version(&version.to_string());
        project.ship();
    }
    // It looks when it starts, and then every minute.
    processes::kill(project.part("serve"));
    let journal = Journal::follow(&project);
    let removed = journal.wait_for("the removal", |entry| {
        let releases = entry["event"]["removed"]["releases"].as_array()?;
        Some(releases.iter().filter_map(serde_json::Value::as_u64).collect::<Vec<_>>())
    });
    assert_eq!(removed, [1, 2]);
    project.rests_on(4);
    assert_eq!(project.production()["ways_back"], serde_json::json!([3]));
    project.run(&["rollback", "production", "1"]).exits(2).says("S0904");
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(3);
    let staged = project.state.join("agent/staged/production");
    until_true("the files of release 1 are gone", || !staged.join("r1").exists());
    assert!(staged.join("r3").exists());
}
