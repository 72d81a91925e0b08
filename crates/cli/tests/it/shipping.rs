//! From release to release, without a request lost.

use super::journal::Journal;
use super::load::Load;
use super::project::Project;

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
