//! Few users, little on record: what fails for all of them does not stay.

use std::time::Duration;

use super::load::Load;
use super::project::Project;

#[test]
fn a_release_that_fails_for_each_of_twenty_users_goes_back_although_every_check_passes() {
    let project = Project::new();
    project.ship();
    let load = Load::of_people(project.listen, "/account", 20, Duration::from_millis(300));
    load.wait_for(1, 60);
    project.write("web.env", "STATUS=500\n");
    let plan = project.run(&["plan", "production"]).exits(0);
    assert!(plan.out.contains("clients that stays unknown, and it goes back"), "{}", plan.out);
    // By chance the candidate has none of them at first, or two that are too few to be sure, or enough.
    let ship = project.run(&["ship", "production"]).exits(11);
    assert!(ship.out.contains("5xx responses"), "{}", ship.out);
    load.wait_for(1, 60);
    let seen = load.end();
    assert!(!seen.failed.is_empty());
    assert!(seen.failed.iter().all(|failure| failure == "500 of Some(2)"), "{:?}", seen.failed);
    project.rests_on(1);
}

#[test]
fn a_release_that_fails_for_its_only_user_goes_back_and_a_good_one_stays() {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", super::project::CHECK).replace("steps = [10, 100]", "steps = [100]");
    project.write("sternway.toml", &text);
    project.ship();
    let load = Load::of_people(project.listen, "/account", 1, Duration::from_millis(200));
    load.wait_for(1, 3);
    project.version("2");
    project.ship();
    project.write("web.env", "STATUS=503\n");
    let ship = project.run(&["ship", "production"]).exits(11);
    assert!(ship.out.contains("requests are 5xx responses, against base: "), "{}", ship.out);
    project.rests_on(2);
    let seen = load.end();
    assert!(
        !seen.failed.is_empty() && seen.failed.iter().all(|failure| failure == "503 of Some(3)"),
        "{:?}",
        seen.failed
    );
}
