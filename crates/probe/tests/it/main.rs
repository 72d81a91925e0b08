//! Checks asked of real servers and real processes.
#![expect(clippy::unwrap_used, reason = "tests")]

mod command;
mod http;
mod server;
mod tcp;

use std::collections::BTreeMap;

use sternway_core::check::{Check, CheckAnswer, HttpCheck, Question};
use sternway_core::time::Millis;
use sternway_core::verdict::Verdict;
use sternway_probe::{Prober, Subject};

/// A check that is patient: only the tests about time-outs shorten it.
fn check(question: Question) -> Check {
    Check {
        name: "test".into(),
        question,
        service: None,
        smoke: true,
        monitor: None,
        timeout: Millis::from_secs(20),
        latency: None,
        place: None,
    }
}

fn get(url: &str) -> HttpCheck {
    HttpCheck {
        method: "GET".into(),
        url: url.into(),
        headers: BTreeMap::new(),
        form: BTreeMap::new(),
        json: None,
        body: None,
        status: vec![],
        contains: vec![],
        lacks: vec![],
        json_path: BTreeMap::new(),
        follow: false,
    }
}

fn subject(base: &str) -> Subject {
    Subject { default_base: base.into(), ..Subject::default() }
}

fn ask(question: Question, subject: &Subject) -> CheckAnswer {
    Prober::new().unwrap().evaluate(&check(question), subject)
}

fn ask_within(millis: u64, question: Question, subject: &Subject) -> CheckAnswer {
    let check = Check { timeout: Millis(millis), ..check(question) };
    Prober::new().unwrap().evaluate(&check, subject)
}

#[track_caller]
fn assert_answer(answer: &CheckAnswer, verdict: Verdict, seen: &str) {
    assert_eq!((answer.verdict, answer.seen.as_str()), (verdict, seen));
}
