//! Measures the fold of 1,000,000 real entries into the real state, from the first entry and from a checkpoint, and prints one JSON
//! object.
//!
//! `cargo run --release -p sternway-engine --example bench_fold [FOLDER]`. `rollouts.jsonl` holds what two rollouts of a web
//! application with two services wrote (the first, and one by way of a canary); the second is written again and again with other
//! numbers and digests, until there are a million.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::collections::VecDeque;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sternway_core::digest::Digest;
use sternway_core::event::{Entry, Event};
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_engine::{CheckpointStands, Clock, LogbookJournal};
use sternway_logbook::{Draft, Guard, Logbook};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ENTRIES: u64 = 1_000_000;
const OLDEST: u64 = 30_000;
const RUNS: usize = 7;
const ROLLOUTS: &str = include_str!("rollouts.jsonl");

/// The fold reads no clock.
struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn pause(&self, _span: Duration) {}

    fn passed(&self) -> Duration {
        Duration::ZERO
    }
}

fn main() -> Outcome<()> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let path = folder.path().join("logbook.db");
    let mut rollouts = Rollouts::new()?;
    // The oldest checkpoint that is not written anew: after a thirty-second part of the entries it is.
    fill(&path, &mut rollouts, ENTRIES - OLDEST)?;
    open(&path)?;
    let payload_bytes = fill(&path, &mut rollouts, OLDEST)? / OLDEST;
    let whole = |state: State| if state.head == ENTRIES { Ok(()) } else { Err("the fold is wrong".into()) };
    let oldest = timed(|| whole(open(&path)?))?;
    let logbook = Logbook::open_existing(&path)?;
    std::fs::remove_file(logbook.checkpoint_path())?;
    open(&path)?;
    let newest = timed(|| whole(open(&path)?))?;
    let journal = LogbookJournal::new(logbook.clone(), Arc::new(NoClock));
    let kept = journal.check_checkpoint()?;
    if kept != (CheckpointStands::Agrees { seq: ENTRIES }) {
        return Err(format!("no checkpoint was measured: {kept:?}").into());
    }
    let folds = timed(|| whole(journal.fold_from_the_first()?))?;
    let verifies = timed(|| {
        let verified = logbook.verify(&[])?;
        if verified.count == ENTRIES { Ok(()) } else { Err("the chain is wrong".into()) }
    })?;
    let report = json!({
        "version": 2,
        "entries": ENTRIES,
        "rollouts": journal.fold()?.last_rollout,
        "payload_bytes": payload_bytes,
        "file_bytes": std::fs::metadata(&path)?.len(),
        "checkpoint_bytes": std::fs::metadata(logbook.checkpoint_path())?.len(),
        "fold_from_the_first_entry_seconds": folds,
        "open_with_the_newest_checkpoint_seconds": newest,
        "open_with_the_oldest_checkpoint_seconds": oldest,
        "verify_seconds": verifies,
    });
    println!("{report:#}");
    Ok(())
}

/// What a command does first: opens the logbook and folds it; what it folded is kept when it was much.
fn open(path: &Path) -> Outcome<State> {
    Ok(LogbookJournal::new(Logbook::open_existing(path)?, Arc::new(NoClock)).fold()?)
}

/// Median and worst of several runs, and the median of the processor time that they took on all cores.
fn timed(work: impl Fn() -> Outcome<()>) -> Outcome<Value> {
    let (mut seconds, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (since, used) = (Instant::now(), processor_seconds());
        work()?;
        seconds.push((since.elapsed().as_secs_f64() * 1000.0).round() / 1000.0);
        cpu.push(((processor_seconds() - used) * 100.0).round() / 100.0);
    }
    seconds.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    Ok(json!({ "median": seconds[RUNS / 2], "worst": seconds[RUNS - 1], "cpu": cpu[RUNS / 2] }))
}

/// Of this process, user and system: fields 14 and 15 of its `stat`, in hundredths of a second.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Appends so many; the bytes of their payloads.
fn fill(path: &Path, rollouts: &mut Rollouts, count: u64) -> Outcome<u64> {
    let logbook = Logbook::open(path)?;
    let (mut left, mut bytes) = (count, 0);
    while left > 0 {
        let batch = (0..left.min(10_000)).map(|_| rollouts.next_draft()).collect::<Outcome<Vec<_>>>()?;
        left -= batch.len() as u64;
        bytes += batch.iter().map(|draft| draft.payload.len() as u64).sum::<u64>();
        logbook.append(batch, Guard::default())?;
    }
    Ok(bytes)
}

/// Entries without end: the first rollout, then the second again and again.
struct Rollouts {
    again: Vec<&'static str>,
    digests: [String; 2],
    base: String,
    release: u64,
    ready: VecDeque<Draft>,
}

impl Rollouts {
    fn new() -> Outcome<Self> {
        let lines: Vec<&str> = ROLLOUTS.lines().collect();
        let second = lines.iter().rposition(|line| line.contains("\"sealed\"")).ok_or("there are two rollouts")?;
        let (first, again) = lines.split_at(second);
        let digests = [sealed(first)?, sealed(again)?];
        let ready = first.iter().map(|line| draft(&serde_json::from_str(line)?, 1)).collect::<Outcome<_>>()?;
        Ok(Self { again: again.to_vec(), base: digests[0].clone(), digests, release: 1, ready })
    }

    fn next_draft(&mut self) -> Outcome<Draft> {
        loop {
            if let Some(draft) = self.ready.pop_front() {
                return Ok(draft);
            }
            self.release += 1;
            let candidate = Digest::of(&u64::to_be_bytes(self.release)).as_str().to_owned();
            for line in &self.again {
                let line = line.replace(&self.digests[0], &self.base).replace(&self.digests[1], &candidate);
                let mut entry: Value = serde_json::from_str(&line)?;
                renumber(&mut entry, self.release);
                self.ready.push_back(draft(&entry, self.release)?);
            }
            self.base = candidate;
        }
    }
}

/// The digest of the release that these lines seal.
fn sealed(lines: &[&str]) -> Outcome<String> {
    let entry: Value = serde_json::from_str(lines[0])?;
    Ok(entry["event"]["sealed"]["release"]["digest"].as_str().ok_or("a release is sealed first")?.to_owned())
}

/// Makes the second rollout's entries those of the rollout that ships this release over the one before it.
fn renumber(value: &mut Value, release: u64) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| renumber(one, release)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field.as_u64()) {
                    ("release" | "number", Some(1)) => *field = (release - 1).into(),
                    ("release" | "number", Some(4)) | ("rollout" | "epoch", Some(_)) => *field = release.into(),
                    _ => renumber(field, release),
                }
            }
        }
        _ => {}
    }
}

fn draft(entry: &Value, epoch: u64) -> Outcome<Draft> {
    let entry: Entry = serde_json::from_value(entry.clone())?;
    let kind = Event::kind(&entry.event).to_owned();
    let epoch = entry.epoch.map(|_| sternway_core::ids::Epoch(epoch));
    let payload = serde_json::to_vec(&entry.event)?;
    Ok(Draft { at: entry.at, environment: entry.environment, epoch, by: entry.by, kind, payload })
}
