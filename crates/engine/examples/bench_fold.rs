//! Measures the fold of 1,000,000 real entries into the real state, and prints one JSON object.
//!
//! `cargo run --release -p sternway-engine --example bench_fold [FOLDER]`. `rollouts.jsonl` holds what two rollouts of a web
//! application with two services wrote (the first, and one by way of a canary); the second is written again and again with other
//! numbers and digests, until there are a million.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sternway_core::digest::Digest;
use sternway_core::event::{Entry, Event};
use sternway_core::time::Timestamp;
use sternway_engine::{Clock, LogbookJournal};
use sternway_logbook::{Draft, Guard, Logbook};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ENTRIES: u64 = 1_000_000;
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
    let logbook = Logbook::open(&path)?;
    let payload_bytes = write(&logbook)?;
    let journal = LogbookJournal::new(logbook.clone(), Arc::new(NoClock));
    let folds = timed(|| {
        let state = journal.fold()?;
        if state.head == ENTRIES { Ok(()) } else { Err("the fold is wrong".into()) }
    })?;
    let verifies = timed(|| {
        let verified = logbook.verify(&[])?;
        if verified.count == ENTRIES { Ok(()) } else { Err("the chain is wrong".into()) }
    })?;
    let report = json!({
        "version": 1,
        "entries": ENTRIES,
        "rollouts": journal.fold()?.last_rollout,
        "payload_bytes": payload_bytes / ENTRIES,
        "file_bytes": std::fs::metadata(&path)?.len(),
        "fold_seconds": folds,
        "verify_seconds": verifies,
    });
    println!("{report:#}");
    Ok(())
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

/// Fills the logbook; the bytes of all payloads.
fn write(logbook: &Logbook) -> Outcome<u64> {
    let lines: Vec<&str> = ROLLOUTS.lines().collect();
    let second = lines.iter().rposition(|line| line.contains("\"sealed\"")).ok_or("there are two rollouts")?;
    let (first, again) = lines.split_at(second);
    let digests: Vec<String> = [first, again].iter().map(|lines| sealed(lines)).collect::<Outcome<_>>()?;
    let (mut batch, mut written, mut bytes) = (Vec::new(), 0, 0);
    let mut release = 1;
    for line in first {
        batch.push(draft(&serde_json::from_str(line)?, release)?);
    }
    let mut base = digests[0].clone();
    'all: loop {
        release += 1;
        let candidate = Digest::of(&u64::to_be_bytes(release)).as_str().to_owned();
        for line in again {
            let line = line.replace(&digests[0], &base).replace(&digests[1], &candidate);
            let mut entry: Value = serde_json::from_str(&line)?;
            renumber(&mut entry, release);
            batch.push(draft(&entry, release)?);
            if written + batch.len() as u64 == ENTRIES {
                break 'all;
            }
        }
        if batch.len() >= 10_000 {
            (written, bytes) = (written + batch.len() as u64, bytes + size(&batch));
            logbook.append(std::mem::take(&mut batch), Guard::default())?;
        }
        base = candidate;
    }
    bytes += size(&batch);
    logbook.append(batch, Guard::default())?;
    Ok(bytes)
}

fn size(batch: &[Draft]) -> u64 {
    batch.iter().map(|draft| draft.payload.len() as u64).sum()
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
