//! What follows from looks at what an environment runs with.

use sternway_core::digest::Digest;
use sternway_core::event::Event;
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, IncidentNumber, ServiceName};
use sternway_core::state::Illegal;
use sternway_core::watch::{Against, Look, decide, decide_blind};

use crate::book::{Book, done};
use crate::releases::WEB;

fn error(subject: &str, line: u32) -> Finding {
    Finding::error("S0220", subject, "they differ").at("web/config.php", line, 1)
}

fn warning(subject: &str) -> Finding {
    Finding::warning("S0214", subject, "another type").at("web/config.php", 3, 1)
}

fn look(book: &Book, findings: &[Finding]) -> Look {
    let against = Against { releases: book.state.serving(), rules: Digest::of(b"rules") };
    Look { against, findings: findings.to_vec(), unseen: Vec::new() }
}

/// Decides and appends; answers with the kinds of what was appended.
fn see(book: &mut Book, look: &Look) -> Vec<&'static str> {
    let events = decide(&book.state, &book.place, look, book.now);
    let kinds = events.iter().map(Event::kind).collect();
    for event in events {
        book.person("serve", event).unwrap();
    }
    kinds
}

fn looks(book: &mut Book, findings: &[Finding]) -> Vec<&'static str> {
    let look = look(book, findings);
    see(book, &look)
}

const NOTHING: [&str; 0] = [];
const OPENED: [&str; 3] = ["incident_opened", "incident_updated", "watched"];

#[test]
fn what_got_worse_by_itself_opens_one_incident_which_names_it_and_is_over_when_it_is_gone() {
    let mut book = Book::serving(&[WEB]);
    assert_eq!(looks(&mut book, &[warning("web:A")]), ["watched"], "the first look is what others are compared with");
    assert_eq!(looks(&mut book, &[warning("web:A")]), NOTHING);
    assert_eq!(looks(&mut book, &[warning("web:A"), error("web:B", 7)]), OPENED);
    let texts: Vec<String> = book
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::IncidentUpdated { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["found: S0220 web:B: they differ at web/config.php:7:1"]);
    assert_eq!(looks(&mut book, &[warning("web:A"), error("web:B", 8)]), NOTHING, "a line that moved is no news");
    assert_eq!(looks(&mut book, &[warning("web:A")]), ["incident_updated", "watched"]);
    assert!(book.state.incidents[&IncidentNumber(1)].restored.is_some());
    assert!(book.state.drift(&book.place).is_none());
    assert_eq!(looks(&mut book, &[warning("web:A"), error("web:B", 7)]), OPENED, "it came back: another incident");
    assert_eq!(book.state.incidents.len(), 2);
}

#[test]
fn more_of_it_is_added_to_the_same_incident_and_part_of_it_is_not_the_end() {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    assert_eq!(looks(&mut book, &[error("web:B", 7)]), OPENED);
    assert_eq!(looks(&mut book, &[error("web:B", 7), error("web:C", 1)]), ["incident_updated", "watched"]);
    assert_eq!(looks(&mut book, &[error("web:C", 1)]), ["watched"]);
    assert_eq!(book.state.drift(&book.place).unwrap().findings, [error("web:C", 1)]);
    assert_eq!(looks(&mut book, &[]), ["incident_updated", "watched"]);
    assert_eq!(book.state.incidents.len(), 1);
}

#[test]
fn a_warning_that_becomes_an_error_is_worse_and_a_note_is_nothing() {
    let mut book = Book::serving(&[WEB]);
    let weak = Finding::warning("S0220", "web:B", "they differ").at("web/config.php", 7, 1);
    looks(&mut book, &[weak]);
    assert_eq!(looks(&mut book, &[error("web:B", 7), Finding::note("S0219", "web", "unseen")]), OPENED);
    assert_eq!(looks(&mut book, &[error("web:B", 7)]), NOTHING);
}

#[test]
fn a_release_or_other_rules_explain_what_is_found() {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    let mut other_rules = look(&book, &[error("web:B", 7)]);
    other_rules.against.rules = Digest::of(b"others");
    assert_eq!(see(&mut book, &other_rules), ["watched"]);
    book.seal(2, &[WEB]);
    let plan = book.case(2, &[WEB]).plan();
    let stale = look(&book, &[warning("web:A")]);
    book.open(&plan);
    assert_eq!(looks(&mut book, &[warning("web:A")]), NOTHING, "not while a rollout is open");
    book.end(|_| done());
    assert_eq!(see(&mut book, &stale), NOTHING, "what serves has moved since this look");
    assert_eq!(looks(&mut book, &[warning("web:A")]), ["watched"]);
    assert!(book.state.incidents.is_empty());
}

#[test]
fn of_two_who_see_the_same_at_once_one_opens_the_incident() {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    let (one, other) = (look(&book, &[error("web:B", 7)]), look(&book, &[error("web:B", 7)]));
    assert_eq!(see(&mut book, &one), OPENED);
    assert_eq!(see(&mut book, &other), NOTHING);
}

#[test]
fn what_cannot_be_seen_is_not_over() {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    looks(&mut book, &[error("web:B", 7)]);
    let blind = |book: &Book, why: &str, found: &[Finding]| Look { unseen: vec![why.to_owned()], ..look(book, found) };
    let now = book.now;
    let not_checked = Finding::warning("S0223", "agreement", "it could not be checked").at("sternway.toml", 3, 1);
    let first = blind(&book, "host.env is not there", &[not_checked]);
    assert_eq!(see(&mut book, &first), ["observed"], "that it does not see is said");
    assert_eq!(see(&mut book, &first), NOTHING, "once for each cause");
    let other = blind(&book, "host.env cannot be read", &[]);
    assert_eq!(see(&mut book, &other), ["observed"]);
    assert!(book.state.drift(&book.place).is_some());
    let more = blind(&book, "host.env cannot be read", &[error("web:C", 1)]);
    assert_eq!(see(&mut book, &more), ["incident_updated", "watched", "observed"], "what is seen counts all the same");
    let known = book.state.environment(&book.place).blind.unwrap();
    assert_eq!((known.since, known.why.as_str()), (now, "host.env cannot be read"));
    assert_eq!(see(&mut book, &more), NOTHING);
    assert_eq!(
        looks(&mut book, &[error("web:B", 7), error("web:C", 1)]),
        ["watched"],
        "it sees again, and it is as it was"
    );
    assert!(book.state.environment(&book.place).blind.is_none());
    assert_eq!(looks(&mut book, &[error("web:B", 7), error("web:C", 1)]), NOTHING);
}

#[test]
fn a_watch_that_cannot_look_at_all_says_so_once_for_each_cause_and_not_during_a_rollout() {
    let mut book = Book::serving(&[WEB]);
    let blind = |book: &mut Book, why: &str| -> usize {
        let events = decide_blind(&book.state, &book.place, why, book.now);
        let count = events.len();
        for event in events {
            book.person("serve", event).unwrap();
        }
        count
    };
    let since = book.now;
    assert_eq!([blind(&mut book, "gone"), blind(&mut book, "gone"), blind(&mut book, "other")], [1, 0, 1]);
    assert_eq!(book.state.environment(&book.place).blind.unwrap().since, since);
    book.seal(2, &[WEB]);
    let plan = book.case(2, &[WEB]).plan();
    book.open(&plan);
    assert_eq!(blind(&mut book, "gone"), 0);
    book.end(|_| done());
    assert_eq!([blind(&mut book, "gone"), blind(&mut book, "gone")], [1, 0]);
    assert_eq!(looks(&mut book, &[]), ["watched"]);
    assert_eq!(blind(&mut book, "gone"), 1, "the same cause after it was over is said again");
    assert_eq!(book.state.environment(&EnvironmentName::new("nowhere").unwrap()).blind, None);
    assert!(decide_blind(&book.state, &EnvironmentName::new("nowhere").unwrap(), "gone", book.now).is_empty());
}

/// A drift with incident 1.
fn drifted() -> Book {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    assert_eq!(looks(&mut book, &[error("web:B", 7)]), OPENED);
    book
}

fn is_open(book: &Book) -> bool {
    let known = &book.state.incidents[&IncidentNumber(1)];
    known.restored.is_none() && known.resolved.is_none()
}

#[test]
fn no_release_that_goes_out_or_back_ends_a_drift_but_a_look_does() {
    let mut book = drifted();
    book.seal(2, &[WEB]);
    let plan = book.case(2, &[WEB]).plan();
    book.open(&plan);
    book.end(|_| done());
    assert!(is_open(&book), "a release that holds says nothing of what drifted");
    assert_eq!(looks(&mut book, &[error("web:B", 9)]), ["watched"], "it lasts, and is the same incident");
    assert!(is_open(&book));
    let mut case = book.case(1, &[WEB]);
    case.base = Some(crate::releases::release(2, &[WEB]));
    let plan = case.rollback().plan.unwrap();
    book.open(&plan);
    book.end(|_| done());
    assert!(is_open(&book), "nor does a rollback");
    assert_eq!(looks(&mut book, &[]), ["incident_updated", "watched"]);
    assert!(book.state.incidents[&IncidentNumber(1)].restored.is_some());
    // What a look found to be over is resolved as every other incident is, by the next release that holds.
    book.seal(3, &[WEB]);
    let plan = book.case(3, &[WEB]).plan();
    book.open(&plan);
    book.end(|_| done());
    assert!(book.state.incidents[&IncidentNumber(1)].resolved.is_some());
}

#[test]
fn other_incidents_end_with_a_release_beside_a_drift_that_lasts() {
    let mut book = drifted();
    let incident = IncidentNumber(2);
    let (title, state) = ("users write in".to_owned(), "release 1 serves".to_owned());
    book.person("ann", Event::IncidentOpened { incident, rollout: None, title, started: book.now, state }).unwrap();
    book.seal(2, &[WEB]);
    let plan = book.case(2, &[WEB]).plan();
    book.open(&plan);
    book.end(|_| done());
    assert!(is_open(&book));
    assert!(book.state.incidents[&incident].resolved.is_some());
}

#[test]
fn in_a_logbook_of_before_a_rollback_that_restored_a_drift_did_so() {
    let mut book = drifted();
    let text = "release 1 serves again, verified".to_owned();
    let event = Event::IncidentUpdated { incident: IncidentNumber(1), text, restored: Some(book.now), impact: None };
    book.person("serve", event).unwrap();
    assert!(!is_open(&book) && book.state.drift(&book.place).is_none());
}

#[test]
fn a_person_who_resolves_it_is_not_told_again() {
    let mut book = Book::serving(&[WEB]);
    looks(&mut book, &[]);
    looks(&mut book, &[error("web:B", 7)]);
    book.person("ann", Event::IncidentResolved { incident: IncidentNumber(1), text: "meant".to_owned() }).unwrap();
    assert_eq!(looks(&mut book, &[error("web:B", 7)]), NOTHING);
    assert_eq!(looks(&mut book, &[]), ["watched"]);
}

#[test]
fn the_register_is_folded_and_only_what_is_in_it_can_be_taken_out() {
    let mut book = Book::serving(&[WEB]);
    let service = ServiceName::new("web").unwrap();
    let accepted = |owner: &str| Event::RegisterAccepted {
        service: service.clone(),
        key: "K".to_owned(),
        owner: owner.to_owned(),
        reason: "r".to_owned(),
        until: None,
    };
    let removed = Event::RegisterRemoved { service: service.clone(), key: "K".to_owned(), reason: String::new() };
    assert!(matches!(book.person("ann", removed.clone()), Err(Illegal::OutOfTurn { .. })));
    book.person("ann", accepted("ops")).unwrap();
    book.person("bob", accepted("payments")).unwrap();
    let entry = book.state.environment(&book.place).register[&service]["K"].clone();
    assert_eq!((entry.owner.as_str(), entry.by.as_str()), ("payments", "bob"));
    book.person("ann", removed).unwrap();
    assert!(book.state.environment(&book.place).register.is_empty());
}
