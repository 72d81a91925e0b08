//! The stories: what serves, what comes, and how it ends when nothing dies.

use sternway_core::plan::OnLimit;
use sternway_core::release::ServiceKind::{Job, Web, Worker};
use sternway_engine::simulator::{Before, Behaviour, Ending, Scenario, World, drive_to_the_end};

/// Every plan of the test set.
pub(crate) fn all() -> Vec<(Scenario, Ending)> {
    let web = vec![("front", Web, true, false), ("component", Web, true, false)];
    let mixed = vec![
        ("migrate", Job, true, true),
        ("seed", Job, true, false),
        ("queue", Worker, true, false),
        ("web", Web, true, false),
    ];
    let exclusive = vec![("web", Web, false, false), ("queue", Worker, true, false)];
    let workers = vec![("queue", Worker, true, false), ("mail", Worker, true, false)];
    let half = vec![("web", Web, true, false), ("legacy", Web, false, false)];
    let story = |name, parts: &Vec<_>, before, candidate, rollback| Scenario {
        name,
        parts: parts.clone(),
        before,
        candidate,
        rollback,
        on_unknown: OnLimit::RollBack,
        approvals: 0,
    };
    let good = Behaviour::default;
    let not_ready = || Behaviour { never_ready: true, ..Behaviour::default() };
    let smoke = || Behaviour { fails_smoke: true, ..Behaviour::default() };
    let bad = || Behaviour { unauthorized: 1.0, ..Behaviour::default() };
    let worse = || Behaviour { unauthorized: 0.3, ..Behaviour::default() };
    let job = || Behaviour { job_fails: true, ..Behaviour::default() };
    vec![
        (story("first", &web, Before::Nothing, good(), false), Ending::Committed),
        (story("first, bad", &web, Before::Nothing, smoke(), false), Ending::RolledBack),
        (story("good", &web, Before::Release, good(), false), Ending::Committed),
        (story("not ready", &web, Before::Release, not_ready(), false), Ending::RolledBack),
        (story("smoke", &web, Before::Release, smoke(), false), Ending::RolledBack),
        (story("all fail", &web, Before::Release, bad(), false), Ending::RolledBack),
        (story("a third fails", &web, Before::Release, worse(), false), Ending::RolledBack),
        (story("adopted, good", &web, Before::Adopted, good(), false), Ending::Committed),
        (story("adopted, bad", &web, Before::Adopted, bad(), false), Ending::RolledBack),
        (story("jobs and workers, good", &mixed, Before::Release, good(), false), Ending::Committed),
        (story("jobs and workers, bad", &mixed, Before::Release, bad(), false), Ending::RolledBack),
        (story("jobs and workers, job fails", &mixed, Before::Release, job(), false), Ending::RolledBack),
        (story("one at a time, first", &exclusive, Before::Nothing, good(), false), Ending::Committed),
        (story("one at a time, good", &exclusive, Before::Release, good(), false), Ending::Committed),
        (story("one at a time, bad", &exclusive, Before::Release, bad(), false), Ending::RolledBack),
        (story("one at a time, not ready", &exclusive, Before::Release, not_ready(), false), Ending::RolledBack),
        (story("half and half, good", &half, Before::Release, good(), false), Ending::Committed),
        (story("half and half, bad", &half, Before::Release, bad(), false), Ending::RolledBack),
        (story("workers alone, first", &workers, Before::Nothing, good(), false), Ending::Committed),
        (story("workers alone, good", &workers, Before::Release, good(), false), Ending::Committed),
        (story("workers alone, not ready", &workers, Before::Release, not_ready(), false), Ending::RolledBack),
        (story("by hand, workers alone", &workers, Before::Release, good(), true), Ending::Committed),
        (story("by hand", &web, Before::Release, good(), true), Ending::Committed),
        (story("by hand, to what was adopted", &web, Before::Adopted, good(), true), Ending::Committed),
        (story("by hand, jobs and workers", &mixed, Before::Release, good(), true), Ending::Committed),
        (story("by hand, one at a time", &exclusive, Before::Release, good(), true), Ending::Committed),
    ]
}

#[test]
fn each_story_ends_as_told_when_nothing_dies() {
    for (story, told) in all() {
        let world = World::new(1);
        story.prepare(&world).unwrap_or_else(|why| panic!("{}: {why}", story.name));
        let ending = drive_to_the_end(&world).unwrap_or_else(|why| panic!("{}: {why}", story.name));
        assert_eq!(ending, told, "{}", story.name);
        story.consistent(&world, &ending).unwrap_or_else(|why| panic!("{}: {why}", story.name));
    }
}
