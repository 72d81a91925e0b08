//! Proofs: what the agent hands to its prover, and what it does meanwhile.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use serde_json::json;
use sternway_core::time::Millis;
use sternway_host::client::{Agent, ClientError};

use crate::rig::{Rig, failure, until};

#[test]
fn question_and_limit_reach_the_prover_and_its_answer_comes_back() {
    let rig = Rig::start();
    let answer = rig.client().prove(json!({ "say": "x" }), Millis(1500)).unwrap();
    assert_eq!(answer, json!({ "said": "x", "within": 1500 }));
    // No command waits for ever on an agent's account.
    let answer = rig.client().prove(json!({ "say": "x" }), Millis::from_secs(86_400)).unwrap();
    assert_eq!(answer["within"], 600_000);
    let finding = failure(rig.client().prove(json!({ "refuse": true }), Millis(1500)));
    assert_eq!((finding.code.as_str(), finding.message.as_str()), ("S0323", "nothing was proven: as it was told"));
}

#[test]
fn while_it_proves_the_agent_does_all_else_and_proves_only_so_much_at_once() {
    let rig = Rig::start();
    let gate = rig.folder.path().join("gate");
    let started = |index: usize| rig.folder.path().join(format!("started{index}"));
    thread::scope(|scope| {
        let proofs: Vec<_> = (0..4)
            .map(|index| {
                let question = json!({ "touch": started(index), "wait": gate });
                let agent = rig.client();
                scope.spawn(move || agent.prove(question, Millis::from_secs(120)))
            })
            .collect();
        until("all are under way", || (0..4).all(|index| started(index).exists()).then_some(()));
        assert_eq!(rig.client().status().unwrap().pid, rig.agent_pid());
        let fifth = failure(rig.client().prove(json!({ "say": "x" }), Millis(1500)));
        assert!(fifth.message.contains("as much as it may"), "{fifth}");
        fs::write(&gate, "").unwrap();
        for proof in proofs {
            assert_eq!(proof.join().unwrap().unwrap(), json!({ "waited": true }));
        }
    });
    assert!(rig.client().prove(json!({ "say": "x" }), Millis(1500)).is_ok());
}

#[test]
fn who_asks_and_goes_away_harms_nobody() {
    let rig = Rig::start();
    let (gate, started) = (rig.folder.path().join("gate"), rig.folder.path().join("started"));
    let request = json!({ "prove": { "question": { "touch": started, "wait": gate }, "within": 120_000 } });
    let mut stream = UnixStream::connect(rig.socket()).unwrap();
    writeln!(stream, "{request}").unwrap();
    until("it is under way", || started.exists().then_some(()));
    drop(stream);
    fs::write(&gate, "").unwrap();
    assert!(rig.client().prove(json!({ "say": "x" }), Millis(1500)).is_ok());
}

/// An agent of a version before there were proofs, in its own words.
#[test]
fn an_agent_of_an_earlier_version_is_told_from_one_that_fails() {
    let rig = Rig::start();
    let mut stream = UnixStream::connect(rig.socket()).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    writeln!(stream, "{}", json!({ "levitate": { "height": 3 } })).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&line).unwrap();
    let finding = serde_json::from_value(answer["failed"]["finding"].clone()).unwrap();
    assert!(ClientError::Failed(Box::new(finding)).is_of_before());
    let refused = rig.client().prove(json!({ "refuse": true }), Millis(1500)).unwrap_err();
    assert!(!refused.is_of_before());
    let nobody = Agent::connect(&rig.folder.path().join("nobody.sock")).unwrap_err();
    assert!(!nobody.is_of_before());
}
