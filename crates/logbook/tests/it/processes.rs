//! Several processes on one logbook, and processes that die.

use std::collections::BTreeMap;

use sternway_core::digest::Digest;
use sternway_logbook::{Head, Logbook};

use crate::child::{BATCH, BATCHES, spawn};
use crate::support::{note, place};

fn parse(ack: &str) -> Head {
    let mut words = ack.split(' ').skip(1);
    let seq = words.next().unwrap().parse().unwrap();
    Head { seq, hash: Digest::try_from(words.next().unwrap().to_owned()).unwrap() }
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let (_folder, path) = place();
    let mut seen = Vec::new();
    // Killed while young, after the log was started over once (1,000 pages), and in between.
    for acknowledgements in [1, 40, 900] {
        let mut child = spawn("append-for-ever", &path);
        seen.extend((0..acknowledgements).map(|_| parse(&child.line(&["ack"]).unwrap())));
        child.kill();
        // What it said before it died counts too; its last line may be torn.
        while let Some(line) = child.line(&["ack"]) {
            if line.ends_with(|c: char| c.is_ascii_hexdigit()) && line.len() > "ack 1 sha256:".len() + 63 {
                seen.push(parse(&line));
            }
        }
        assert!(!child.wait().success());

        let logbook = Logbook::open_existing(&path).unwrap();
        let verified = logbook.verify(&seen).unwrap();
        assert_eq!(verified.witnessed, seen.len());
        assert_eq!(verified.count % BATCH, 0, "half of a batch was kept");
    }
    let logbook = Logbook::open_existing(&path).unwrap();
    let count = logbook.verify(&[]).unwrap().count;
    assert_eq!(note(&logbook, "afterwards").seq, count + 1);
}

#[test]
fn processes_append_at_once_to_a_logbook_that_they_race_to_create() {
    let (_folder, path) = place();
    let mut children: Vec<_> = (0..3).map(|_| spawn("append-some", &path)).collect();
    for child in &mut children {
        child.line(&["ready"]).unwrap();
    }
    children.iter_mut().for_each(crate::child::Process::go);
    for child in &mut children {
        assert!(child.wait().success());
    }

    let logbook = Logbook::open_existing(&path).unwrap();
    assert_eq!(logbook.verify(&[]).unwrap().count, 3 * BATCH * BATCHES);
    let records = logbook.read(0, usize::MAX).unwrap();
    let mut by: BTreeMap<&str, u64> = BTreeMap::new();
    for batch in records.chunks(usize::try_from(BATCH).unwrap()) {
        assert!(batch.iter().all(|record| record.by == batch[0].by), "a batch was torn apart");
        *by.entry(&batch[0].by).or_default() += 1;
    }
    assert_eq!(by.into_values().collect::<Vec<_>>(), [BATCHES; 3]);
}
