//! What watches fails too: proxies that start anew, checks that cannot be asked, disks that are full; and candidates that get bad
//! late. Unknown is never pass, and never the release's fault.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Dir, Event, Observation, StepResult};
use sternway_core::ids::ReleaseNumber;
use sternway_core::plan::OnLimit;
use sternway_core::release::ServiceKind::Web;
use sternway_core::time::Timestamp;
use sternway_engine::ports::Traffic as _;
use sternway_engine::simulator::{Before, Behaviour, Ending, Scenario, World, drive_to_the_end, fold};

use crate::crash_matrix::prologue;

pub(crate) fn story(candidate: Behaviour) -> Scenario {
    Scenario {
        name: "watched",
        parts: vec![("web", Web, true, false)],
        before: Before::Release,
        candidate,
        rollback: false,
        on_unknown: OnLimit::RollBack,
        approvals: 0,
    }
}

fn bad() -> Behaviour {
    Behaviour { unauthorized: 1.0, ..Behaviour::default() }
}

fn tell(story: &Scenario, world: &Arc<World>) -> Ending {
    let ending = drive_to_the_end(world).unwrap_or_else(|why| panic!("{why}"));
    story.consistent(world, &ending).unwrap_or_else(|why| panic!("{ending:?}: {why}"));
    ending
}

/// Whether any release carries the bad mark.
fn is_marked(world: &Arc<World>) -> bool {
    !fold(world).unwrap().environment(&Scenario::environment()).bad.is_empty()
}

#[test]
fn a_candidate_that_is_bad_only_with_all_traffic_goes_back() {
    let story = story(Behaviour { only_when_current: true, ..bad() });
    let world = prologue(&story);
    assert_eq!(tell(&story, &world), Ending::RolledBack);
    assert!(is_marked(&world));
}

#[test]
fn a_candidate_that_gets_bad_late_in_the_bake_goes_back() {
    let story = story(Behaviour { only_after: Some(Duration::from_millis(5_500)), ..bad() });
    let world = prologue(&story);
    assert_eq!(tell(&story, &world), Ending::RolledBack);
}

#[test]
fn checks_that_cannot_be_asked_for_a_while_are_waited_for() {
    let story = story(Behaviour::default());
    let prologue = prologue(&story);
    let boundaries = boundaries(&story, &prologue);
    for boundary in 0..boundaries {
        let world = prologue.copy(1);
        let other = Arc::clone(&world);
        // Shorter than any window: what was unknown gets known within as much time again.
        world.pause_at(boundary, move || other.blind_checks(Duration::from_millis(300)));
        assert_eq!(tell(&story, &world), Ending::Committed, "blind at {boundary}");
    }
}

fn boundaries(story: &Scenario, prologue: &Arc<World>) -> u64 {
    let world = prologue.copy(1);
    world.faults(Vec::new());
    tell(story, &world);
    world.boundaries()
}

#[test]
fn checks_that_cannot_be_asked_at_all_go_back_or_hold_as_chosen_and_mark_nothing() {
    for (on_unknown, rolled_back) in [(OnLimit::RollBack, true), (OnLimit::Hold, false)] {
        let story = Scenario { on_unknown, ..story(Behaviour::default()) };
        let world = prologue(&story);
        // From the bake on, for longer than the bake's limit, and not so long that the base cannot be confirmed.
        world.pause_at(at_the_bake(&story), {
            let world = Arc::clone(&world);
            move || world.blind_checks(Duration::from_secs(37))
        });
        let ending = tell(&story, &world);
        assert_eq!(ending == Ending::RolledBack, rolled_back, "{ending:?}");
        assert_eq!(matches!(ending, Ending::Held(_)), !rolled_back, "{ending:?}");
        assert!(!is_marked(&world), "nothing is known against the release");
    }
}

/// The boundary just before the bake's first look.
fn at_the_bake(story: &Scenario) -> u64 {
    let world = prologue(story);
    world.faults(Vec::new());
    // Every boundary is tried until the one at which the bake has begun and not ended.
    for boundary in 0..200 {
        let world = world.copy(1);
        let (other, found) = (Arc::clone(&world), Arc::new(std::sync::Mutex::new(false)));
        let seen = Arc::clone(&found);
        world.pause_at(boundary, move || {
            let state = fold(&other).unwrap();
            let open = state.rollout(&Scenario::environment()).unwrap();
            let bake = open.plan.steps.iter().position(|step| step.name == "bake").unwrap();
            *seen.lock().unwrap() = open.steps[bake].forward.has_begun();
        });
        drive_to_the_end(&world).unwrap();
        if *found.lock().unwrap() {
            return boundary;
        }
    }
    panic!("there is no bake");
}

#[test]
fn a_proxy_that_does_not_answer_is_never_a_pass() {
    for on_unknown in [OnLimit::RollBack, OnLimit::Hold] {
        let story = Scenario { on_unknown, ..story(bad()) };
        let world = prologue(&story);
        world.unreliable(0.0, 1.0);
        let ending = tell(&story, &world);
        assert_ne!(ending, Ending::Committed);
        assert!(!is_marked(&world));
    }
}

#[test]
fn a_share_that_cannot_be_renewed_is_never_a_pass() {
    let story = Scenario { on_unknown: OnLimit::Hold, ..story(Behaviour::default()) };
    let world = prologue(&story);
    world.lose_renewals(Duration::from_hours(1));
    let ending = tell(&story, &world);
    assert!(matches!(&ending, Ending::Held(why) if why.contains("renewal")), "{ending:?}");
}

#[test]
fn a_watch_that_begins_long_after_the_shift_gives_the_share_before_it_looks() {
    let story = story(bad());
    let prologue = prologue(&story);
    for boundary in 0..boundaries(&story, &prologue) {
        let world = prologue.copy(1);
        let other = Arc::clone(&world);
        // A person holds it between shift and verify, and lets it go on when the share has run out.
        world.pause_at(boundary, move || other.pass(Duration::from_secs(15)));
        assert_eq!(tell(&story, &world), Ending::RolledBack, "late at {boundary}");
        let (began, failed) = span_of(&world, "verify 10%");
        // Of a begin that was dated before the fifteen seconds, those do not count.
        let lasted = failed.since(began);
        let lasted = lasted.checked_sub(Duration::from_secs(15)).unwrap_or(lasted);
        assert!(lasted < Duration::from_secs(1), "late at {boundary}: {began} to {failed}");
    }
}

#[test]
fn a_watch_lasts_its_whole_window_from_when_the_share_was_given() {
    let story = story(Behaviour::default());
    let world = prologue(&story);
    world.lose_renewals(Duration::from_secs(9));
    assert_eq!(tell(&story, &world), Ending::Committed);
    let (began, ended) = span_of(&world, "verify 10%");
    assert!(ended.since(began) > Duration::from_secs(12), "{began} to {ended}");
}

/// When a step of the last rollout began, and when it ended.
fn span_of(world: &Arc<World>, name: &str) -> (Timestamp, Timestamp) {
    let entries = world.entries();
    let plan = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Opened { plan } => Some(plan.clone()),
        _ => None,
    });
    let plan = plan.unwrap();
    let index = plan.steps.iter().position(|step| step.name == name).unwrap();
    let at = |wanted: &str| {
        let of = |event: &Event| match event {
            Event::Began { rollout, step, dir: Dir::Do, .. } => Some(("began", *rollout, *step)),
            Event::Finished { rollout, step, dir: Dir::Do, .. } => Some(("finished", *rollout, *step)),
            _ => None,
        };
        let found = entries.iter().rev().find(|entry| {
            of(&entry.event).is_some_and(|(kind, rollout, step)| {
                kind == wanted && rollout == plan.rollout && usize::from(step) == index
            })
        });
        found.unwrap().at
    };
    (at("began"), at("finished"))
}

#[test]
fn a_proxy_that_starts_anew_at_any_boundary_changes_no_verdict() {
    for (candidate, told) in [
        (Behaviour::default(), Ending::Committed),
        (Behaviour { unauthorized: 0.5, ..Behaviour::default() }, Ending::RolledBack),
        (Behaviour { only_when_current: true, ..bad() }, Ending::RolledBack),
    ] {
        let story = story(candidate);
        let prologue = prologue(&story);
        for boundary in 0..boundaries(&story, &prologue) {
            let world = prologue.copy(1);
            let other = Arc::clone(&world);
            world.pause_at(boundary, move || other.restart_proxy());
            assert_eq!(tell(&story, &world), told, "the proxy starts anew at {boundary}");
        }
    }
}

#[test]
fn what_a_new_proxy_counted_before_the_first_look_is_not_missed() {
    let story = story(Behaviour::default());
    let world = prologue(&story);
    let other = Arc::clone(&world);
    world.pause_at(at_the_bake(&story), move || {
        other.restart_proxy();
        other.pass(Duration::from_secs(1));
    });
    tell(&story, &world);
    let recorded: u64 = world.entries().iter().map(|entry| requests(&entry.event)).sum();
    let counted = world.counts(&Scenario::environment()).unwrap().releases[&ReleaseNumber(2)].current.requests;
    // A few more came while the old release was retired.
    assert!(recorded + 50 > counted, "{recorded} of {counted} requests were recorded");
}

/// How many requests of the candidate as current an event tells of.
fn requests(event: &Event) -> u64 {
    match event {
        Event::Observed {
            what: Observation::Traffic { release: ReleaseNumber(2), percent: 100, counts, .. }, ..
        } => counts.requests,
        _ => 0,
    }
}

#[test]
fn a_disk_that_is_full_for_a_while_at_any_boundary_changes_no_end_and_leaves_no_lock() {
    for (candidate, told) in [(Behaviour::default(), Ending::Committed), (bad(), Ending::RolledBack)] {
        let story = story(candidate);
        let prologue = prologue(&story);
        for boundary in 0..boundaries(&story, &prologue) {
            let world = prologue.copy(1);
            let other = Arc::clone(&world);
            world.pause_at(boundary, move || other.fill_disk(Duration::from_secs(12)));
            assert_eq!(tell(&story, &world), told, "full at {boundary}");
        }
    }
}

#[test]
fn what_was_observed_is_written_before_the_verdict_that_rests_on_it() {
    let story = story(Behaviour { unauthorized: 0.5, ..Behaviour::default() });
    let world = prologue(&story);
    tell(&story, &world);
    let entries = world.entries();
    let failed = |event: &Event| matches!(event, Event::Finished { result: StepResult::Failed { .. }, .. });
    let verdict = entries.iter().position(|entry| failed(&entry.event)).unwrap();
    let observed = entries[..verdict].iter().rev().take_while(|entry| entry.event.kind() == "observed").count();
    assert!(observed >= 2, "traffic and judgement stand right before the verdict");
}
