//! What stands against a plan, and what a person may let pass.

use sternway_core::event::Event;
use sternway_core::finding::{Finding, Severity};
use sternway_core::plan::WayBack;
use sternway_core::planner::Planned;

use crate::book::{Book, done, failing_at};
use crate::releases::{Case, Part, WEB, adopted, release};

const PARTS: [Part; 1] = [WEB];

fn second() -> Case {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    book.case(2, &PARTS)
}

fn blocking(planned: &Planned) -> Vec<&str> {
    assert_eq!(planned.plan.is_none(), planned.findings.iter().any(|f| blocks(f, planned)), "{:?}", planned.findings);
    planned.findings.iter().filter(|finding| blocks(finding, planned)).map(|finding| finding.code.as_str()).collect()
}

fn blocks(finding: &Finding, planned: &Planned) -> bool {
    finding.severity == Severity::Error && !planned.overridden.contains(&finding.code)
}

/// It blocks with this code; overridden, it blocks no more (or still does).
fn stands(case: &Case, code: &str, overridable: bool) {
    assert_eq!(blocking(&case.ship()), [code]);
    let mut let_pass = case.clone();
    let_pass.overrides = vec![code.to_owned()];
    assert_eq!(let_pass.ship().plan.is_some(), overridable, "{code} with an override");
    let standing = |planned: Planned| planned.findings.iter().any(|found| found.code == code && found.stands);
    assert_eq!(standing(case.ship()), !overridable, "{code} says whether an override helps");
    let mut other = case.clone();
    other.overrides = vec!["S0999".to_owned()];
    assert_eq!(blocking(&other.ship()), [code], "an override of another code");
}

#[test]
fn nothing_stands_against_a_whole_release() {
    assert!(blocking(&second().ship()).is_empty());
    assert!(matches!(second().plan().way_back, WayBack::Proven { to, .. } if to.number.0 == 1));
}

#[test]
fn a_way_back_that_is_damaged_in_any_way() {
    let damages: [fn(&mut Case); 3] = [
        |case| case.base.as_mut().unwrap().intact = Err(Finding::error("S0402", "release 1", "object missing")),
        |case| case.base.as_mut().unwrap().content = None,
        |case| case.base.as_mut().unwrap().content.as_mut().unwrap().format = 7,
    ];
    for damage in damages {
        let mut case = second();
        damage(&mut case);
        stands(&case, "S0401", true);
        // Who approves it must not read that the way back was proven.
        case.overrides = vec!["S0401".to_owned()];
        assert!(matches!(case.plan().way_back, WayBack::None { .. }));
    }
}

#[test]
fn a_release_that_is_not_whole_is_never_shipped_and_never_gone_back_to() {
    let damages: [fn(&mut Case); 3] = [
        |case| case.candidate.intact = Err(Finding::error("S0402", "release 2", "object missing")),
        |case| case.candidate.content = None,
        |case| case.candidate.content.as_mut().unwrap().format = 7,
    ];
    for damage in damages {
        let mut case = second();
        damage(&mut case);
        stands(&case, "S0402", false);
        assert_eq!(blocking(&case.rollback()), ["S0402"]);
    }
}

#[test]
fn too_little_room() {
    let mut case = second();
    case.facts.disk_free = 1999;
    stands(&case, "S0403", true);
    case.facts.disk_free = 2000;
    assert!(blocking(&case.ship()).is_empty());
    case.facts.inodes_free = 19;
    stands(&case, "S0403", true);
    // What does not fit even once fails whoever lets it pass.
    case.facts.inodes_free = 9;
    stands(&case, "S0403", false);
    case.facts.inodes_free = 20;
    case.facts.disk_free = 999;
    stands(&case, "S0403", false);
}

#[test]
fn how_much_room_there_is_stands_in_the_remarks_and_changes_no_digest() {
    for overrides in [Vec::new(), vec!["S0403".to_owned()]] {
        let mut case = second();
        if !overrides.is_empty() {
            case.facts.disk_free = 1000;
            case.facts.inodes_free = 10;
        }
        case.overrides = overrides;
        let before = case.plan();
        case.facts.disk_free += 7;
        case.facts.inodes_free += 1;
        let after = case.plan();
        assert_eq!(before.digest(), after.digest());
        let free = if case.facts.disk_free > 1 << 30 { "1.1 TB free on disk" } else { "1.0 kB free on disk" };
        assert!(after.remarks.iter().any(|remark| remark.starts_with(free)), "{:?}", after.remarks);
    }
}

#[test]
fn a_listen_address_that_somebody_else_has() {
    let mut case = second();
    case.facts.listen_taken = Some("another process".to_owned());
    stands(&case, "S0404", false);
}

#[test]
fn something_adopted_that_does_not_answer_or_was_not_asked() {
    let mut case = Book::adopted().case(1, &PARTS);
    assert!(blocking(&case.ship()).is_empty());
    for answer in [Some(false), None] {
        case.facts.adopted_answers = answer;
        stands(&case, "S0405", true);
    }
}

#[test]
fn the_first_release_has_no_way_back_and_says_so() {
    let planned = Book::new().case(1, &PARTS).ship();
    assert!(planned.findings.iter().any(|finding| finding.code == "S0406" && finding.severity == Severity::Note));
    assert!(matches!(planned.plan.unwrap().way_back, WayBack::None { .. }));
}

#[test]
fn what_serves_already_is_neither_shipped_nor_gone_back_to() {
    let mut case = second();
    case.candidate = release(1, &PARTS);
    stands(&case, "S0501", false);
    // It would start it, switch to it, and stop it as what served before.
    assert_eq!(blocking(&case.rollback()), ["S0501"]);
}

#[test]
fn a_release_that_failed_before() {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    let plan = book.case(2, &PARTS).plan();
    book.open(&plan);
    book.end(failing_at(&plan, "smoke"));
    let case = book.case(2, &PARTS);
    stands(&case, "S0502", true);
    assert!(case.rollback().plan.is_some(), "a way back asks no gate");
}

#[test]
fn no_checks_are_a_warning() {
    let mut case = second();
    case.checks.clear();
    let planned = case.ship();
    assert!(planned.plan.is_some());
    assert!(planned.findings.iter().any(|finding| finding.code == "S0503" && finding.severity == Severity::Warning));
}

#[test]
fn an_open_rollout_stands_against_every_other() {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    book.open(&book.case(2, &PARTS).plan());
    book.seal(3, &PARTS);
    let case = book.case(3, &PARTS);
    stands(&case, "S0901", false);
    assert_eq!(blocking(&case.rollback()), ["S0901"]);
}

#[test]
fn a_way_back_waits_for_no_gate() {
    let mut book = Book::serving(&PARTS);
    book.seal(2, &PARTS);
    book.open(&book.case(2, &PARTS).plan());
    book.end(|_| done());
    let mut case = book.case(1, &PARTS);
    book.person("ann", Event::MarkedBad { release: case.candidate.record.reference(), why: "it was".to_owned() })
        .unwrap();
    case.state = book.state.clone();
    case.facts.disk_free = 0;
    case.facts.listen_taken = Some("another process".to_owned());
    case.facts.adopted_answers = None;
    case.settings.approvals = 3;
    case.checks.clear();
    case.base.as_mut().unwrap().intact = Err(Finding::error("S0402", "release 2", "object missing"));
    let plan = case.rollback().plan.unwrap();
    assert_eq!(plan.approvals, 0);
}

#[test]
fn back_to_what_was_adopted_needs_no_content() {
    let mut book = Book::adopted();
    book.seal(1, &PARTS);
    book.open(&book.case(1, &PARTS).plan());
    book.end(|_| done());
    let mut case = book.case(1, &PARTS);
    case.candidate = adopted();
    assert!(case.rollback().plan.is_some());
}

#[test]
fn production_is_not_taken_to_an_adopted_server_that_is_gone_unless_a_person_means_it() {
    let mut book = Book::adopted();
    book.seal(1, &PARTS);
    book.open(&book.case(1, &PARTS).plan());
    book.end(|_| done());
    let mut case = book.case(1, &PARTS);
    case.candidate = adopted();
    for answer in [Some(false), None] {
        case.facts.adopted_answers = answer;
        assert_eq!(blocking(&case.rollback()), ["S0405"]);
        let mut meant = case.clone();
        meant.overrides = vec!["S0405".to_owned()];
        assert!(meant.rollback().plan.is_some());
    }
    // Away from it, nobody asks whether it answers.
    case.candidate = release(1, &PARTS);
    case.base = Some(adopted());
    assert!(case.rollback().plan.is_some());
}

#[test]
fn an_address_that_moves_stands_in_the_plan_and_is_warned_of() {
    let mut case = second();
    let said = case.plan();
    assert!(said.findings.iter().all(|finding| finding.code != "S0504"));
    assert!(!said.change.summary.contains("listens"), "{}", said.change.summary);
    case.settings.traffic.listen = "127.0.0.1:9090".to_owned();
    case.settings.traffic.login = vec!["/sign-in".to_owned()];
    case.settings.traffic.drain = sternway_core::time::Millis::from_secs(5);
    let plan = case.plan();
    for words in [
        "listens at 127.0.0.1:9090 instead of 127.0.0.1:8080",
        "login pages: /sign-in",
        "drains for 5 s instead of 30 s",
    ] {
        assert!(plan.change.summary.contains(words), "no `{words}` in {}", plan.change.summary);
    }
    let warned = plan.findings.iter().find(|finding| finding.code == "S0504").unwrap();
    assert!(warned.severity == Severity::Warning && warned.message.contains("127.0.0.1:8080 no more"), "{warned:?}");
}

#[test]
fn another_project_of_the_same_name_does_not_take_the_place_of_what_serves() {
    let elsewhere = Some(("/srv/a".to_owned(), "/srv/b".to_owned()));
    // Moved, and nothing else: that is the same project.
    let mut case = second();
    case.facts.other_folder.clone_from(&elsewhere);
    assert!(blocking(&case.ship()).is_empty());
    // The same folder with another address is a change, and from another it is another project.
    let mut moved = second();
    moved.settings.traffic.listen = "127.0.0.1:9090".to_owned();
    assert!(blocking(&moved.ship()).is_empty());
    moved.facts.other_folder.clone_from(&elsewhere);
    stands(&moved, "S0507", true);
    // One that has not the services that serve.
    let mut book = Book::serving(&[WEB, crate::releases::API]);
    book.seal(2, &PARTS);
    let mut fewer = book.case(2, &PARTS);
    fewer.base = Some(release(1, &[WEB, crate::releases::API]));
    assert!(blocking(&fewer.ship()).is_empty());
    fewer.facts.other_folder = elsewhere;
    stands(&fewer, "S0507", true);
    let planned = fewer.ship();
    let said = planned.findings.iter().find(|finding| finding.code == "S0507").unwrap();
    for words in ["/srv/a", "/srv/b", "it has no `api`"] {
        assert!(said.message.contains(words), "no `{words}` in {}", said.message);
    }
}

#[test]
fn whoever_comes_second_is_told_until_when() {
    let told = |book: &Book| {
        let planned = book.case(3, &PARTS).ship();
        planned.findings.iter().find(|finding| finding.code == "S0901").unwrap().message.clone()
    };
    let opened = |approvals, not_before| {
        let mut book = Book::serving(&PARTS);
        book.seal(2, &PARTS);
        let mut case = book.case(2, &PARTS);
        case.settings.approvals = approvals;
        case.not_before = not_before;
        book.open(&case.plan());
        book.seal(3, &PARTS);
        book
    };
    // Two canary steps of 30 s and a bake of two minutes.
    let mut book = opened(0, None);
    let ends = book.rollout().opened.plus(std::time::Duration::from_mins(3));
    assert!(
        told(&book).contains("by ann since") && told(&book).ends_with(&format!("until {ends} at the earliest")),
        "{}",
        told(&book)
    );
    let rollout = book.rollout().plan.rollout;
    book.person("bob", Event::Held { rollout, why: "a look".to_owned(), until: None }).unwrap();
    assert!(told(&book).ends_with("held until a person decides: a look"), "{}", told(&book));
    assert!(told(&opened(2, None)).ends_with("until it has 2 approvals and is done"));
    let hour = sternway_core::time::Timestamp::from_millis(1_800_000_000_000);
    let ends = hour.plus(std::time::Duration::from_mins(3));
    assert!(told(&opened(0, Some(hour))).ends_with(&format!("until {ends} at the earliest")));
}
