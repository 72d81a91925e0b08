//! What a report says of each kind of incident, and what no logbook can make it do.

mod stories;

use proptest::prelude::*;
use sternway_core::event::{Entry, Event, Observation, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::IncidentNumber;
use sternway_core::verdict::Verdict;

use super::model::{Report, Restoration, Source, Status};
use super::{gather, html, json, list, list_json, list_text, markdown, newest};
use stories::{Story, alone, by_hand, canary, let_pass, smoke, stuck, typed as typed_rollback};

const INCIDENT: IncidentNumber = IncidentNumber(1);

fn report(story: &Story) -> Report {
    gather(&story.entries, INCIDENT).unwrap()
}

/// The entry with this number, as the report cites it.
fn kind(story: &Story, seq: u64) -> &'static str {
    story.entries.iter().find(|entry| entry.seq == seq).unwrap().event.kind()
}

macro_rules! snapshots {
    ($name:ident) => {
        let report = report(&$name());
        insta::assert_snapshot!(concat!(stringify!($name), ".md"), markdown(&report));
        insta::assert_snapshot!(concat!(stringify!($name), ".json"), json(&report).unwrap());
    };
}

#[test]
fn stopped_by_smoke_nobody_is_affected() {
    let report = report(&smoke());
    assert!(matches!(report.restored, Restoration::NeverLost { .. }));
    assert_eq!((report.affected.failed_requests, report.affected.requests), (Some(0), Some(0)));
    assert_eq!(report.status, Status::Restored);
    snapshots!(smoke);
}

#[test]
fn without_a_recorded_impact_a_release_without_traffic_still_affected_nobody() {
    let mut story = smoke();
    story.entries.retain(|entry| !matches!(entry.event, Event::IncidentUpdated { .. }));
    let affected = report(&story).affected;
    assert_eq!((affected.source, affected.failed_requests), (Source::NoTraffic, Some(0)));
}

#[test]
fn a_rejected_canary_is_counted_from_its_traffic_and_blamed_on_what_differed() {
    let story = canary();
    let report = report(&story);
    assert_eq!(report.affected.source, Source::Counted);
    assert_eq!((report.affected.failed_requests, report.affected.requests), (Some(18), Some(60)));
    assert_eq!(report.affected.clients, Some(5), "windows may hold the same client: the most of any one");
    assert!(report.cause[0].text.contains("only `component:SESSION_STORE` differed"));
    assert_eq!(kind(&story, report.detected.as_ref().unwrap().entry), "observed");
    let Restoration::At(restored) = &report.restored else { panic!("{:?}", report.restored) };
    assert_eq!(kind(&story, restored.entry), "finished");
    assert_eq!(report.status, Status::Resolved);
    snapshots!(canary);
    insta::assert_snapshot!("canary.html", html(&report));
}

#[test]
fn a_check_that_passed_at_its_second_try_is_not_the_start() {
    let mut story = canary();
    let asked = |entry: &&mut Entry| matches!(&entry.event, Event::Observed { what: Observation::Check { .. }, .. });
    let first = story.entries.iter_mut().find(asked).unwrap();
    let again = Entry { seq: 12, ..first.clone() };
    let Event::Observed { what: Observation::Check { answer, .. }, .. } = &mut first.event else { unreachable!() };
    answer.verdict = Verdict::Fail;
    story.entries.push(again);
    assert_eq!(report(&story).started, report(&canary()).started);
}

#[test]
fn windows_that_overlap_are_not_counted_twice() {
    let mut story = canary();
    let windows: Vec<Entry> =
        story.entries.iter().filter(|entry| matches!(entry.event, Event::Observed { .. })).cloned().collect();
    for (seq, mut entry) in (1_000..).zip(windows) {
        entry.seq = seq;
        story.entries.push(entry);
    }
    let affected = report(&story).affected;
    assert_eq!((affected.failed_requests, affected.requests), (Some(18), Some(60)));
}

#[test]
fn a_person_who_took_it_back_is_named() {
    let report = report(&by_hand());
    let decided = report.actions.iter().find(|action| action.what.starts_with("decided")).unwrap();
    assert_eq!((decided.by.as_str(), decided.automatic), ("bob", false));
    assert!(report.detected.unwrap().how.starts_with("bob decided to go back"));
    assert!(
        report.unknown.iter().any(|said| said.text.contains("`search`")),
        "an unknown answer is said to be unknown"
    );
    snapshots!(by_hand);
}

#[test]
fn a_hold_is_open_and_says_what_is_not_known() {
    let report = report(&stuck());
    assert_eq!(report.status, Status::Open);
    assert!(matches!(&report.restored, Restoration::NotRestored { why } if why.contains("admin socket")));
    assert_eq!(report.affected.failed_requests, None, "not known is not zero");
    assert!(report.rollout.unwrap().held.is_some());
    snapshots!(stuck);
}

#[test]
fn a_typed_rollback_is_over_when_its_release_was_seen_to_serve() {
    let story = typed_rollback(StepResult::Done { note: "3 checks passed".to_owned() });
    let report = report(&story);
    let Restoration::At(restored) = &report.restored else { panic!("{:?}", report.restored) };
    assert!(restored.how.contains("step `confirm` done"), "{restored:?}");
    assert!(restored.at > report.started.at && report.detected.as_ref().unwrap().at >= report.started.at);
    assert_eq!(report.durations.to_restore, None, "users were affected before a person typed it");
    assert!(report.started.how.contains("to be written"), "{:?}", report.started);
    assert!(report.to_write.iter().any(|gap| gap.text.contains("first affected")));
    assert!(!list_text(&list(&story.entries)).contains(" after "));
}

#[test]
fn what_was_not_seen_to_serve_is_not_restored() {
    let finding = Finding::error("S0701", "release 1", "status 500");
    let failed = typed_rollback(StepResult::Failed { findings: vec![finding] });
    let unknown = typed_rollback(StepResult::Unknown { why: "no answer".to_owned() });
    for story in [let_pass(unknown), failed] {
        let report = report(&story);
        assert!(matches!(report.restored, Restoration::NotRestored { .. }), "{:?}", report.restored);
        assert_eq!(report.status, Status::Open);
        assert_eq!(list(&story.entries)[0].restored, None);
        assert!(markdown(&report).contains("not restored"));
    }
}

#[test]
fn without_a_rollout_the_checks_tell() {
    let report = report(&alone());
    assert!(report.rollout.is_none());
    assert!(report.started.how.contains("check `login` failed"));
    assert!(report.timeline[0].what.contains("exited with status 137"), "what happened just before is in the timeline");
    assert!(report.cause.iter().any(|said| said.text.contains("exited with status 137")));
    snapshots!(alone);
}

#[test]
fn an_incident_that_the_logbook_does_not_know_has_no_report() {
    assert!(gather(&canary().entries, IncidentNumber(2)).is_none());
    assert!(gather(&[], INCIDENT).is_none());
    assert_eq!(newest(&[]), None);
}

#[test]
fn the_list_has_the_newest_first() {
    let mut entries = canary().entries;
    entries.push(Entry {
        seq: 500,
        event: Event::IncidentOpened {
            incident: IncidentNumber(2),
            rollout: None,
            title: "second\nline".to_owned(),
            started: entries[0].at,
            state: String::new(),
        },
        ..entries[0].clone()
    });
    assert_eq!(newest(&entries), Some(IncidentNumber(2)));
    insta::assert_snapshot!("list.txt", list_text(&list(&entries)));
    insta::assert_snapshot!("list.json", list_json(&list(&entries)).unwrap());
}

/// A story in which everything that a person may type is this text.
fn typed(text: &str) -> Story {
    let mut story = canary();
    let last = story.entries.last().unwrap().clone();
    for entry in &mut story.entries {
        match &mut entry.event {
            Event::IncidentOpened { title, state, .. } => {
                text.clone_into(title);
                text.clone_into(state);
            }
            Event::Sealed { release } => text.clone_into(&mut release.origin),
            Event::IncidentResolved { text: said, .. } => text.clone_into(said),
            Event::Unwound { why, .. } | Event::MarkedBad { why, .. } => text.clone_into(why),
            _ => {}
        }
        text.clone_into(&mut entry.by);
    }
    let note = Event::Noted { text: text.to_owned() };
    story.entries.push(Entry { seq: 20, event: note, at: story.entries[10].at, ..last });
    story
}

#[test]
fn what_people_typed_cannot_become_markup() {
    let attack = "</title><script>alert(1)</script> | <img src=x onerror=alert(1)> \"quoted' `</code><b>`\n\n# heading";
    let report = report(&typed(attack));
    let page = html(&report);
    for tag in ["<script", "<img", "<b>", "onerror=alert(1)>"] {
        assert!(!page.contains(tag), "{tag} in the page");
    }
    let document = markdown(&report);
    assert!(!document.contains("\n# heading"));
    let header = document.lines().position(|line| line == "| Entry | Time (UTC) | Who | What |  |").unwrap();
    let rows: Vec<&str> = document.lines().skip(header).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > report.timeline.len(), "every line of the timeline is a row");
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 6, "{row}");
        assert!(row.ends_with('|'));
    }
}

/// All renderers, which must not panic.
fn render(entries: &[Entry]) {
    if let Some(report) = gather(entries, INCIDENT) {
        assert!(!markdown(&report).is_empty() && !html(&report).is_empty());
        json(&report).unwrap();
    }
    list_text(&list(entries));
}

fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    let stories = [smoke(), canary(), by_hand(), stuck(), alone()];
    let all: Vec<Vec<Entry>> = stories.into_iter().map(|story| story.entries).collect();
    let mixed = all.concat();
    prop::sample::select(all).prop_flat_map(move |entries| {
        let some = prop::sample::subsequence(entries.clone(), 0..=entries.len());
        let foreign = prop::sample::subsequence(mixed.clone(), 0..=8);
        (some, foreign).prop_map(|(some, foreign)| [some, foreign].concat()).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_and_order_of_entries_makes_it_panic(entries in any_entries()) {
        render(&entries);
    }

    #[test]
    fn no_text_that_people_typed_makes_it_panic_or_changes_the_page(text in any::<String>()) {
        let report = report(&typed(&text));
        let (page, model) = (html(&report), html(&self::report(&typed("text"))));
        prop_assert_eq!(page.matches("<section").count(), model.matches("<section").count());
        prop_assert_eq!(page.matches("<li").count(), model.matches("<li").count());
        render(&typed(&text).entries);
    }

    #[test]
    fn the_order_in_which_entries_arrive_does_not_matter(entries in Just(canary().entries).prop_shuffle()) {
        prop_assert_eq!(gather(&entries, INCIDENT), gather(&canary().entries, INCIDENT));
    }

    #[test]
    fn clocks_that_disagree_do_no_harm(shifts in prop::collection::vec(any::<i64>(), 60)) {
        let mut entries = canary().entries;
        for (entry, shift) in entries.iter_mut().zip(shifts) {
            entry.at = sternway_core::time::Timestamp::from_millis(entry.at.as_millis().saturating_add(shift));
        }
        render(&entries);
    }
}
