//! Good releases in a row under load: nothing fails, and nothing waits.
//!
//! A request stands *beside a switch* when any part of it, from when it was due to its response, lies between the moment at which the
//! switch began and 100 ms after it was done: its first requests open new connections to the new release. *Without* are the requests
//! of the quiet time before the first release. Those during a release but beside no switch are shown as well, since starting and
//! stopping instances takes the same two cores.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::app::Behaviour;
use super::load::{Load, Plan, Recorded, Sample};
use super::machine;
use super::options::Options;
use super::stage::{Ran, Settings, Stage};
use super::stats::{latencies, median, percentile, worst};
use super::table::{Table, tenths};
use super::{Fault, Outcome};
use crate::say;

const SETTINGS: Settings = Settings { steps: &[100], verify: "1s", bake: "1s" };
const QUIET: Duration = Duration::from_secs(20);
/// So long after a switch requests still count as beside it.
const AFTER: i64 = 100;

/// What one run found.
struct Run {
    requests: usize,
    failed: usize,
    resent: usize,
    core_share: f64,
    load: f64,
    ships: Vec<f64>,
    steps: BTreeMap<String, Vec<f64>>,
    quiet: Vec<f64>,
    during: Vec<f64>,
    beside: Vec<f64>,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<serde_json::Value> {
    let (releases, runs) = (options.get("releases", 100), options.get("runs", 1));
    let runs = (0..runs).map(|_| one(releases, options)).collect::<Outcome<Vec<Run>>>()?;
    let over = |of: fn(&Run) -> f64| runs.iter().map(of).collect::<Vec<_>>();
    let p99 = |part: fn(&Run) -> &Vec<f64>| runs.iter().map(|run| percentile(part(run), 0.99)).collect::<Vec<_>>();
    let added: Vec<f64> = runs.iter().map(|run| percentile(&run.beside, 0.99) - percentile(&run.quiet, 0.99)).collect();
    let ships: Vec<f64> = runs.iter().flat_map(|run| run.ships.iter().copied()).collect();

    let mut table = Table::new(&["switch", "median", "worst", "goal"]);
    let mut row = |name: &str, values: &[f64], goal: &str| {
        table.row([name.to_owned(), tenths(median(values)), tenths(worst(values)), goal.to_owned()]);
    };
    let failed = over(|run| run.failed as f64);
    row("failed requests", &failed, "0");
    row("requests", &over(|run| run.requests as f64), "");
    row("sent again on a fresh connection", &over(|run| run.resent as f64), "");
    row("p99 without a release, ms", &p99(|run| &run.quiet), "");
    row("p99 during a release, beside no switch, ms", &p99(|run| &run.during), "");
    row("p99 beside a switch, ms", &p99(|run| &run.beside), "");
    row("p99 added by a switch, ms", &added, "50.0");
    row("one release, s", &ships, "");
    row("the sender's share of a core", &over(|run| run.core_share), "");
    row("load average", &over(|run| run.load), "");
    table.print();
    steps(&runs);

    let of = |values: &[f64]| json!({ "median": median(values), "worst": worst(values) });
    Ok(json!({
        "releases": releases,
        "runs": runs.len(),
        "requests": over(|run| run.requests as f64).iter().sum::<f64>(),
        "beside_a_switch": over(|run| run.beside.len() as f64).iter().sum::<f64>(),
        "failed": failed.iter().sum::<f64>(),
        "resent": over(|run| run.resent as f64).iter().sum::<f64>(),
        "p99_without_ms": of(&p99(|run| &run.quiet)),
        "p99_during_ms": of(&p99(|run| &run.during)),
        "p99_beside_ms": of(&p99(|run| &run.beside)),
        "p99_added_ms": of(&added),
        "release_seconds": of(&ships),
        "load": of(&over(|run| run.load)),
        "met": failed.iter().all(|&failed| failed < 1.0) && median(&added) <= 50.0,
    }))
}

/// Where the time of a release goes.
fn steps(runs: &[Run]) {
    let mut all: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, spans) in runs.iter().flat_map(|run| &run.steps) {
        all.entry(name).or_default().extend(spans);
    }
    let mut table = Table::new(&["step, ms", "median", "worst"]);
    for (name, spans) in all {
        table.row([name.to_owned(), tenths(median(&spans)), tenths(worst(&spans))]);
    }
    table.print();
}

fn one(releases: u64, options: &Options) -> Outcome<Run> {
    machine::wait_for_quiet(options);
    let mut stage = Stage::set(SETTINGS)?;
    let load = Load::start(Plan::standard(stage.listen));
    thread::sleep(Duration::from_secs(2));
    let quiet_from = load.now();
    thread::sleep(QUIET);
    let quiet_to = load.now();
    let mut ships = Vec::new();
    for n in 1..=releases {
        let shipped = stage.ship(Behaviour::Good)?.expect(0)?;
        ships.push(shipped.took.as_secs_f64());
        if n % 10 == 0 {
            say(&format!("{n} releases, {} requests\n", load.done()));
        }
    }
    let to = load.now();
    let average = machine::load();
    thread::sleep(Duration::from_millis(500));
    let recorded = load.stop()?;
    let ran = stage.ran()?;
    let switches = switches(&ran, &recorded)?;
    // The first release was shipped before the load began.
    if switches.len() != usize::try_from(releases)? {
        return Err(format!("{} switches in the logbook for {releases} releases", switches.len()).into());
    }
    let answered: BTreeSet<u64> = recorded.samples.iter().filter_map(|sample| sample.release).collect();
    if answered.len() < usize::try_from(releases)? {
        return Err(format!("only {} releases ever answered", answered.len()).into());
    }
    let is_beside = |sample: &Sample| switches.iter().any(|&(from, to)| sample.due <= to && sample.end() >= from);
    let (beside, others): (Vec<&Sample>, Vec<&Sample>) = recorded.samples.iter().partition(|sample| is_beside(sample));
    let within = |sample: &Sample, from, to| sample.due >= from && sample.due < to;
    let of = |from, to| latencies(others.iter().copied().filter(|sample| within(sample, from, to)));
    let mut steps: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for ran in &ran {
        steps.entry(ran.step.clone()).or_default().push((ran.to - ran.from) as f64);
    }
    Ok(Run {
        requests: recorded.samples.len(),
        failed: recorded.samples.iter().filter(|sample| sample.failed()).count(),
        resent: recorded.samples.iter().filter(|sample| sample.resent).count(),
        core_share: recorded.core_share,
        load: average,
        ships,
        steps,
        quiet: of(quiet_from, quiet_to),
        during: of(quiet_to, to),
        beside: latencies(beside),
    })
}

/// The windows around the switches, since the load's start.
fn switches(ran: &[Ran], recorded: &Recorded) -> Outcome<Vec<(Duration, Duration)>> {
    let began = i64::try_from(recorded.began.duration_since(UNIX_EPOCH)?.as_millis())?;
    let since = |at: i64| Ok::<_, Fault>(Duration::from_millis(u64::try_from(at - began)?));
    let switch = |ran: &&Ran| ran.step == "switch" && !ran.back && ran.from >= began;
    ran.iter().filter(switch).map(|ran| Ok((since(ran.from)?, since(ran.to + AFTER)?))).collect()
}
