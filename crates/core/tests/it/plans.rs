//! The steps of each kind of plan, as text.

use std::fmt::Write as _;

use sternway_core::event::Event;
use sternway_core::ids::ServiceName;
use sternway_core::plan::{Action, Plan, Undo};
use sternway_core::release::ReleaseRef;

use crate::book::{Book, done};
use crate::releases::{API, Case, LEGACY, MIGRATE, Part, QUEUE, SEED, WEB, adopted, release};

fn names(services: &[ServiceName]) -> String {
    services.iter().map(ServiceName::as_str).collect::<Vec<_>>().join("+")
}

fn number(release: Option<&ReleaseRef>) -> String {
    release.map_or_else(|| "nothing".to_owned(), |release| release.number.to_string())
}

fn words(action: &Action) -> String {
    match action {
        Action::Baseline { release } => format!("baseline of {}", number(release.as_ref())),
        Action::ConfirmServing { release } => format!("confirm {}", release.number),
        Action::Stage { release } => format!("stage {}", release.number),
        Action::RunJob { release, service, command, .. } | Action::UndoJob { release, service, command, .. } => {
            format!("run {service} of {}: {command}", release.number)
        }
        Action::Start { release, services } => format!("start {} of {}", names(services), release.number),
        Action::Stop { release, services } => format!("stop {} of {}", names(services), release.number),
        Action::Smoke { release } => format!("smoke {}", release.number),
        Action::Shift { release, percent } => format!("{percent}% to {}", release.number),
        Action::Unshift { release } => format!("0% to {}", release.number),
        Action::Verify { release, percent, window } => format!("watch {} at {percent}% for {window}", release.number),
        Action::Switch { release, traffic } => {
            format!("all to {} by {} routes", release.number, traffic.routes.len())
        }
        Action::Withdraw { release } => format!("none to {}", release.number),
        Action::SwapWorkers { from, stop, to, start } => format!(
            "stop {} of {}, start {} of {}",
            names(stop),
            number(from.as_ref()),
            names(start),
            number(to.as_ref())
        ),
        Action::Exchange { from, stop, to, start, traffic } => format!(
            "hold; stop {} of {}, start {} of {}; all to it by {} routes",
            names(stop),
            number(from.as_ref()),
            names(start),
            number(to.as_ref()),
            traffic.routes.len()
        ),
        Action::Retire { release, services } => format!("drain and stop {} of {}", names(services), release.number),
    }
}

fn text(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let undo = match &step.undo {
            Undo::Nothing => "-".to_owned(),
            Undo::By(action) => words(action),
            Undo::Irreversible(why) => format!("IRREVERSIBLE: {why}"),
        };
        let late = if step.after_commit { " (after the commit)" } else { "" };
        writeln!(text, "{}{late}: {} | {undo}", step.name, words(&step.action)).unwrap();
    }
    for remark in &plan.remarks {
        writeln!(text, "remark: {remark}").unwrap();
    }
    text
}

fn second(parts: &[Part]) -> Case {
    let mut book = Book::serving(parts);
    book.seal(2, parts);
    book.case(2, parts)
}

#[test]
fn the_first_release() {
    insta::assert_snapshot!(text(&Book::new().case(1, &[WEB]).plan()));
}

#[test]
fn the_second_release_with_canary_steps() {
    insta::assert_snapshot!(text(&second(&[WEB]).plan()));
}

#[test]
fn several_services_a_worker_and_jobs_with_and_without_undo() {
    insta::assert_snapshot!(text(&second(&[WEB, API, QUEUE, MIGRATE, SEED]).plan()));
}

#[test]
fn one_that_cannot_run_side_by_side() {
    insta::assert_snapshot!(text(&second(&[WEB, LEGACY]).plan()));
}

#[test]
fn after_something_adopted() {
    insta::assert_snapshot!(text(&Book::adopted().case(1, &[WEB]).plan()));
}

#[test]
fn workers_alone_have_no_step_that_moves_or_counts_requests() {
    let plan = second(&[QUEUE, MIGRATE]).plan();
    insta::assert_snapshot!(text(&plan));
    assert!(!plan.is_routed(&plan.candidate) && !plan.is_routed(plan.base.as_ref().unwrap()));
}

#[test]
fn the_first_release_with_routes_after_workers_alone() {
    let mut case = second(&[QUEUE]);
    let new = Case::new(case.state.clone(), case.base.clone(), release(2, &[QUEUE, WEB]), &[QUEUE, WEB]);
    case = new;
    insta::assert_snapshot!(text(&case.plan()));
}

#[test]
fn the_last_release_with_routes_before_workers_alone() {
    let case = second(&[WEB, QUEUE]);
    let new = Case::new(case.state.clone(), case.base.clone(), release(2, &[QUEUE]), &[QUEUE]);
    insta::assert_snapshot!(text(&new.plan()));
}

/// The second release serves; back to the first.
fn back(parts: &[Part]) -> Case {
    let mut book = Book::serving(parts);
    book.seal(2, parts);
    book.open(&book.case(2, parts).plan());
    book.end(|_| done());
    book.case(1, parts)
}

#[test]
fn back_to_the_previous() {
    insta::assert_snapshot!(text(&back(&[WEB, QUEUE, MIGRATE]).rollback().plan.unwrap()));
}

#[test]
fn back_to_the_previous_that_cannot_run_side_by_side() {
    insta::assert_snapshot!(text(&back(&[WEB, LEGACY]).rollback().plan.unwrap()));
}

#[test]
fn back_to_the_previous_of_workers_alone() {
    insta::assert_snapshot!(text(&back(&[QUEUE]).rollback().plan.unwrap()));
}

#[test]
fn back_to_what_was_adopted() {
    let mut book = Book::adopted();
    book.seal(1, &[WEB]);
    book.open(&book.case(1, &[WEB]).plan());
    book.end(|_| done());
    let mut case = book.case(1, &[WEB]);
    case.candidate = adopted();
    insta::assert_snapshot!(text(&case.rollback().plan.unwrap()));
}

#[test]
fn no_step_back_has_an_undo_and_every_step_has_a_name_of_its_own() {
    for plan in [back(&[WEB, LEGACY, QUEUE]).rollback().plan.unwrap(), second(&[WEB, API, QUEUE, MIGRATE, SEED]).plan()]
    {
        let mut names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), plan.steps.len());
        let undone = plan.steps.iter().filter(|step| step.undo != Undo::Nothing).count();
        assert_eq!(undone == 0, plan.kind == sternway_core::plan::PlanKind::Rollback);
    }
}

#[test]
fn a_digest_changes_with_everything_that_was_agreed_and_with_nothing_else() {
    let case = second(&[WEB, MIGRATE]);
    let plan = case.plan();
    let differs = |change: fn(&mut Plan)| {
        let mut other = plan.clone();
        change(&mut other);
        other.digest() != plan.digest()
    };
    assert!(differs(|plan| plan.change.config.push("web:KEY".to_owned())));
    assert!(differs(|plan| plan.targets.clear()));
    assert!(differs(|plan| plan.base = None));
    assert!(differs(|plan| plan.candidate.number.0 = 9));
    assert!(differs(|plan| plan.steps.swap(0, 1)));
    assert!(differs(|plan| plan.steps[2].undo = Undo::Nothing));
    assert!(differs(|plan| plan.checks.clear()));
    assert!(differs(|plan| plan.judge.alpha = 0.01));
    assert!(differs(|plan| plan.approvals = 7));
    assert!(differs(|plan| plan.way_back = sternway_core::plan::WayBack::None { why: String::new() }));
    assert!(!differs(|plan| plan.rollout.0 = 99));
    assert!(!differs(|plan| plan.remarks.push("a remark".to_owned())));
    // Written and read back it is the same plan.
    let event = Event::Opened { plan: Box::new(plan.clone()) };
    let read: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
    assert!(matches!(read, Event::Opened { plan: read } if read.digest() == plan.digest()));
}

#[test]
fn a_change_says_what_differs_beside_code_and_configuration() {
    let mut case = Book::serving(&[WEB]);
    case.seal(2, &[WEB]);
    let mut case = case.case(2, &[WEB]);
    let content = case.candidate.content.as_mut().unwrap();
    content.services.values_mut().for_each(|spec| spec.run = "another".to_owned());
    case.candidate.record.digest = content.digest();
    case.base.as_mut().unwrap().record.code = case.candidate.record.code.clone();
    let summary = case.ship().plan.unwrap().change.summary;
    assert!(summary.ends_with("run otherwise: `web`"), "{summary}");
}
