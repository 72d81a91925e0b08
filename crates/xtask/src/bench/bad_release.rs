//! Releases that fail under traffic although every check passes: how long do users see it?

use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Map, json};

use super::Outcome;
use super::app::Behaviour;
use super::load::{Load, Plan, Recorded, Sample};
use super::machine;
use super::options::Options;
use super::stage::{Settings, Shipped, Stage};
use super::stats::{failing_span, median, millis, worst};
use super::table::{Table, tenths};
use crate::say;

/// One kind of bad release.
struct Case {
    name: &'static str,
    behaviour: Behaviour,
    steps: &'static [u8],
    /// Milliseconds that the median of first to last failed response may take.
    goal: f64,
}

const CASES: [Case; 5] = [
    Case { name: "every response fails, at once to all", behaviour: Behaviour::Fails(100), steps: &[100], goal: 300.0 },
    Case {
        name: "every response fails, first to 10%",
        behaviour: Behaviour::Fails(100),
        steps: &[10, 100],
        goal: 300.0,
    },
    Case { name: "30% fail, at once to all", behaviour: Behaviour::Fails(30), steps: &[100], goal: 2000.0 },
    Case { name: "30% fail, first to 10%", behaviour: Behaviour::Fails(30), steps: &[10, 100], goal: 2000.0 },
    Case { name: "caught by smoke", behaviour: Behaviour::FailsItsCheck, steps: &[10, 100], goal: 0.0 },
];

/// The base has so much on its record before the first bad release: the judge compares with it.
const RECORD: u64 = 2500;
/// Between a rollback and the next release, so that nothing of one falls on the other.
const REST: Duration = Duration::from_secs(1);

/// One bad release.
struct Seen {
    span: f64,
    failed: usize,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<serde_json::Value> {
    let runs = options.get("runs", 5);
    machine::wait_for_quiet(options);
    let settings = |case: &Case| Settings { steps: case.steps, verify: "10s", bake: "10s" };
    let mut stage = Stage::set(Settings { steps: &[100], verify: "1s", bake: "1s" })?;
    let load = Load::start(Plan::standard(stage.listen));
    while load.done() < RECORD {
        thread::sleep(Duration::from_millis(50));
    }
    let mut shipped = Vec::new();
    let mut loads = Vec::new();
    for number in 1..=runs {
        for case in &CASES {
            stage.configure(settings(case))?;
            shipped.push((case, stage.ship(case.behaviour)?.expect(11)?));
            thread::sleep(REST);
        }
        loads.push(machine::load());
        say(&format!("run {number} of {runs}\n"));
    }
    let recorded = load.stop()?;

    let mut table = Table::new(&["first to last failed response, ms", "median", "worst", "goal", "failed requests"]);
    let mut result = Map::new();
    let mut explained = 0;
    for case in &CASES {
        let seen = shipped.iter().filter(|(of, _)| of.name == case.name).map(|(_, ship)| see(ship, &recorded));
        let seen = seen.collect::<Outcome<Vec<Seen>>>()?;
        let spans: Vec<f64> = seen.iter().map(|seen| seen.span).collect();
        let failed: Vec<f64> = seen.iter().map(|seen| seen.failed as f64).collect();
        explained += seen.iter().map(|seen| seen.failed).sum::<usize>();
        // What a smoke test catches fails no request at all.
        let met = median(&spans) <= case.goal && (case.goal > 0.0 || worst(&failed) < 1.0);
        let failures = format!("{} (worst {})", median(&failed), worst(&failed));
        table.row([case.name.to_owned(), tenths(median(&spans)), tenths(worst(&spans)), tenths(case.goal), failures]);
        let figures = json!({
            "median_ms": median(&spans), "worst_ms": worst(&spans), "goal_ms": case.goal, "met": met,
            "failed_median": median(&failed), "failed_worst": worst(&failed),
        });
        result.insert(case.name.to_owned(), figures);
    }
    table.print();
    let failed = recorded.samples.iter().filter(|sample| sample.failed()).count();
    say(&format!(
        "{} requests; failed outside of these releases: {}; load average {} to {}\n",
        recorded.samples.len(),
        failed - explained,
        loads.iter().copied().fold(f64::INFINITY, f64::min),
        worst(&loads)
    ));
    Ok(json!({
        "runs": runs,
        "requests": recorded.samples.len(),
        "failed_otherwise": failed - explained,
        "cases": result,
        "load": worst(&loads),
    }))
}

/// What users saw of one release, until a second after the command returned.
fn see(shipped: &Shipped, recorded: &Recorded) -> Outcome<Seen> {
    let since = |at: SystemTime| at.duration_since(recorded.began);
    let (from, to) = (since(shipped.span.0)?, since(shipped.span.1)? + REST / 2);
    let of: Vec<&Sample> = recorded.samples.iter().filter(|sample| sample.end() >= from && sample.end() < to).collect();
    let failed = of.iter().filter(|sample| sample.failed()).count();
    Ok(Seen { span: millis(failing_span(of)), failed })
}
