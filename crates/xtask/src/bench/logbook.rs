//! The logbook's and the engine's own benchmarks, as tables: *steps* are a million small entries, as steps write them, folded into
//! the least that a fold may keep; *rollouts* are a million as whole rollouts write them, plans and traffic and all, folded into the
//! real state: from the first entry, and as a command *opens* the logbook, from the checkpoint beside it. The goal is for folds from the
//! first entry; what is read from a checkpoint was folded before, and is not held against it.

use std::process::Command;

use serde_json::Value;

use super::machine;
use super::options::Options;
use super::table::Table;
use super::{Outcome, binaries, build};
use crate::say;

/// Goal for a fold, in seconds.
const GOAL: f64 = 1.0;

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<Value> {
    build(&["--package", "sternway-logbook", "--example", "bench_logbook"])?;
    build(&["--package", "sternway-engine", "--example", "bench_fold"])?;
    machine::wait_for_quiet(options);
    let mut report = example("bench_logbook")?;
    let rollouts = example("bench_fold")?;
    let load = machine::load();

    let mut table = Table::new(&["durable entries a second", "median", "worst"]);
    for (name, figures) in report["durable_entries_a_second"].as_object().into_iter().flatten() {
        table.row([name.replace('_', " "), figures["median"].to_string(), figures["worst"].to_string()]);
    }
    table.print();

    let mut table = Table::new(&["1,000,000 entries", "median s", "worst s", "CPU s", "goal"]);
    let of = |what: &'static str, from: &Value| {
        let figures: Vec<(String, Value)> = from
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, figures)| Some((name.strip_suffix("_seconds")?.replace('_', " "), figures.clone())))
            .map(|(name, figures)| (format!("{what}: {name}"), figures))
            .collect();
        figures
    };
    for (name, figures) in of("steps", &report["million"]).into_iter().chain(of("rollouts", &rollouts)) {
        let cells = [&figures["median"], &figures["worst"], &figures["cpu"]].map(Value::to_string);
        let goal = if name.ends_with("fold") || name.ends_with("from the first entry") {
            format!("{GOAL:.1}")
        } else {
            String::new()
        };
        table.row([name].into_iter().chain(cells).chain([goal]));
    }
    table.print();
    say(&format!("load average {load}\n"));
    let met = |figures: &Value| figures["median"].as_f64().is_some_and(|seconds| seconds <= GOAL);
    report["met"] = met(&report["million"]["read_and_fold_seconds"]).into();
    report["met_by_rollouts"] = met(&rollouts["fold_from_the_first_entry_seconds"]).into();
    report["rollouts"] = rollouts;
    Ok(report)
}

/// Runs an example; its JSON.
fn example(name: &str) -> Outcome<Value> {
    let output = Command::new(binaries()?.join("examples").join(name)).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
