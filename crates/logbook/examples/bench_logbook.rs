//! Measures the logbook against raw SQLite on the same disk and prints one JSON object.
//!
//! `cargo run --release -p sternway-logbook --example bench_logbook [FOLDER]`; the folder (by default the temporary one) chooses the disk.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use sternway_core::event::{Dir, Event, StepResult};
use sternway_core::ids::{EnvironmentName, Epoch, RolloutNumber};
use sternway_core::time::Timestamp;
use sternway_logbook::{Draft, Guard, Logbook, LogbookError, RecordRef, Unread, VerifyError};

/// Entries a second, in a new logbook at this path.
type Measure<'a> = &'a dyn Fn(&Path) -> Outcome<f64>;
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ENTRIES: u64 = 1_000_000;
const PRODUCERS: u64 = 64;
const RUNS: usize = 7;
/// Each measurement of appends lasts so long.
const WINDOW: Duration = Duration::from_millis(700);

fn main() -> Outcome<()> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let at = |name: &str| folder.path().join(name);
    // In turns, so that whatever else the machine does falls on all of them.
    let measurements: [(&str, Measure<'_>); 5] = [
        ("single", &|path| batches(path, 1)),
        ("raw_sqlite_single", &|path| raw(path, 1)),
        ("batches_of_100", &|path| batches(path, 100)),
        ("raw_sqlite_batches_of_100", &|path| raw(path, 100)),
        ("grouped_from_64_threads", &grouped),
    ];
    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for run in 0..RUNS {
        for (name, measure) in &measurements {
            figures.entry(name).or_default().push(measure(&at(&format!("{name}-{run}")))?.round());
        }
    }
    let mut entries_a_second = Map::new();
    for (name, mut figures) in figures {
        figures.sort_by(f64::total_cmp);
        entries_a_second.insert(name.into(), json!({ "worst": figures[0], "median": figures[RUNS / 2] }));
    }
    let report = json!({
        "version": 1,
        "durable_entries_a_second": entries_a_second,
        "million": million(&at("million"))?,
    });
    println!("{report:#}");
    Ok(())
}

/// Entries as a rollout writes them: steps begin and finish.
fn draft(n: u64) -> Outcome<Draft> {
    let (rollout, step) = (RolloutNumber(n / 20), u16::try_from(n / 2 % 10)?);
    let event = if n.is_multiple_of(2) {
        Event::Began { rollout, step, dir: Dir::Do, attempt: 1 }
    } else {
        let result = StepResult::Done { note: "2 instances ready".into() };
        Event::Finished { rollout, step, dir: Dir::Do, result }
    };
    Ok(Draft {
        at: Timestamp::from_millis(1_700_000_000_000 + i64::try_from(n)?),
        environment: Some(EnvironmentName::new("production")?),
        epoch: Some(Epoch(3)),
        by: "serve@shop-1".into(),
        kind: event.kind().into(),
        payload: serde_json::to_vec(&event)?,
    })
}

fn drafts(from: u64, count: u64) -> Outcome<Vec<Draft>> {
    (from..from + count).map(draft).collect()
}

fn batches(path: &Path, size: u64) -> Outcome<f64> {
    let logbook = Logbook::open(path)?;
    let since = Instant::now();
    let mut appended = 0;
    while since.elapsed() < WINDOW {
        logbook.append(drafts(appended, size)?, Guard::default())?;
        appended += size;
    }
    Ok(appended as f64 / since.elapsed().as_secs_f64())
}

fn grouped(path: &Path) -> Outcome<f64> {
    let logbook = Logbook::open(path)?;
    let since = Instant::now();
    let produce = || -> Outcome<u64> {
        let mut appended = 0;
        while since.elapsed() < WINDOW {
            logbook.append(vec![draft(appended)?], Guard::default())?;
            appended += 1;
        }
        Ok(appended)
    };
    let appended = thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS).map(|_| scope.spawn(produce)).collect();
        producers.into_iter().map(|producer| producer.join().map_err(|_| "a producer panicked")?).sum::<Outcome<u64>>()
    })?;
    Ok(appended as f64 / since.elapsed().as_secs_f64())
}

/// The least that SQLite itself needs for the same rows: no chain, no guards, no threads.
fn raw(path: &Path, size: u64) -> Outcome<f64> {
    let mut connection = Connection::open(path)?;
    let _mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, environment TEXT, epoch INTEGER, \"by\" TEXT NOT NULL,
         kind TEXT NOT NULL, payload BLOB NOT NULL, hash BLOB NOT NULL) STRICT",
    )?;
    let since = Instant::now();
    let mut appended = 0;
    while since.elapsed() < WINDOW {
        let transaction = connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO entries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for draft in drafts(appended, size)? {
                let environment = draft.environment.as_ref().map(EnvironmentName::as_str);
                insert.execute(params![
                    draft.at.as_millis(),
                    environment,
                    3,
                    draft.by,
                    draft.kind,
                    draft.payload,
                    [0_u8; 32].as_slice()
                ])?;
            }
        }
        transaction.commit()?;
        appended += size;
    }
    Ok(appended as f64 / since.elapsed().as_secs_f64())
}

/// What a fold keeps of the events: enough that none of it can be skipped.
#[derive(Debug, Default)]
struct Fold {
    began: BTreeMap<(u64, u16), u32>,
    finished: u64,
}

impl Fold {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Began { rollout, step, attempt, .. } => {
                self.began.insert((rollout.0, *step), *attempt);
            }
            Event::Finished { rollout, step, .. } => {
                self.began.remove(&(rollout.0, *step));
                self.finished += 1;
            }
            _ => {}
        }
    }
}

fn decode(record: RecordRef<'_>) -> Result<Event, FoldError> {
    Ok(serde_json::from_slice(record.payload)?)
}

#[derive(Debug, thiserror::Error)]
enum FoldError {
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Logbook(#[from] LogbookError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

fn million(path: &PathBuf) -> Outcome<Value> {
    let logbook = Logbook::open(path)?;
    for from in (0..ENTRIES).step_by(10_000) {
        logbook.append(drafts(from, 10_000)?, Guard::default())?;
    }
    let timed = |work: &dyn Fn() -> Outcome<()>| -> Outcome<Value> {
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
    };
    let checked = |fold: &Fold| if fold.finished == ENTRIES / 2 { Ok(()) } else { Err("the fold is wrong".into()) };
    Ok(json!({
        "entries": ENTRIES,
        "file_bytes": std::fs::metadata(path)?.len(),
        "read_seconds": timed(&|| {
            let mut bytes = 0;
            logbook.for_each(0, |record| {
                bytes += record.payload.len();
                Ok::<_, LogbookError>(())
            })?;
            if bytes > 0 { Ok(()) } else { Err("nothing was read".into()) }
        })?,
        "read_and_fold_seconds": timed(&|| {
            let mut fold = Fold::default();
            let keep = |event: &Event| {
                fold.apply(event);
                Ok(())
            };
            let decode = |(): &mut (), entry: Unread<'_>| Ok::<_, FoldError>(serde_json::from_slice(entry.payload()?)?);
            logbook.decode_each(0, u64::MAX, decode, keep)?;
            checked(&fold)
        })?,
        "verify_seconds": timed(&|| Ok(logbook.verify(&[]).map(|_| ())?))?,
        "read_check_and_fold_seconds": timed(&|| {
            let mut fold = Fold::default();
            let keep = |event: &Event| {
                fold.apply(event);
                Ok(())
            };
            logbook.replay(decode, keep)?;
            checked(&fold)
        })?,
    }))
}

/// Of this process, user and system: fields 14 and 15 of its `stat`, in hundredths of a second.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}
