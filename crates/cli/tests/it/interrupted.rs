//! Ctrl-C, and two people at once.

use rustix::process::Signal;

use super::journal::Journal;
use super::processes;
use super::project::{Project, finish};

#[test]
fn ctrl_c_only_stops_following() {
    let project = Project::new();
    project.ship();
    project.version("2");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "verify 10%");
    processes::signal(ship.id(), Signal::INT);
    let ended = finish(ship).exits(130);
    assert!(ended.out.contains("goes on by itself") || ended.err.contains("goes on by itself"), "{ended:?}");
    assert_eq!(journal.wait_for_end(2), "committed");
    project.rests_on(2);
}

#[test]
fn whoever_comes_second_is_told_who_holds_it() {
    let project = Project::new();
    project.ship();
    project.version("2");
    let first = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "shift 10%");
    let opened_by = journal.wait_for("who opened it", |entry| {
        (entry["event"]["opened"]["plan"]["rollout"] == 2).then(|| entry["by"].as_str().unwrap().to_owned())
    });
    project.version("3");
    project.run(&["ship", "production"]).exits(10).says("S0901").says(&opened_by);
    finish(first).exits(0);
    project.rests_on(2);
    project.ship();
    project.rests_on(3);
}

#[test]
fn of_two_at_the_same_moment_exactly_one_wins() {
    let project = Project::new();
    project.ship();
    project.version("2");
    let both = [project.start(&["ship", "production"]), project.start(&["ship", "production"])];
    let mut codes = both.map(|ship| finish(ship).code);
    codes.sort_unstable();
    assert_eq!(codes, [0, 10]);
    project.rests_on(2);
    project.logbook_is_intact();
}
