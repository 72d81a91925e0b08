//! The logbook's own benchmark, as a table.

use std::process::Command;

use serde_json::Value;

use super::machine;
use super::options::Options;
use super::table::Table;
use super::{Outcome, binaries, build};
use crate::say;

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<Value> {
    build(&["--package", "sternway-logbook", "--example", "bench_logbook"])?;
    machine::wait_for_quiet(options);
    let output = Command::new(binaries()?.join("examples/bench_logbook")).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let mut report: Value = serde_json::from_slice(&output.stdout)?;
    let load = machine::load();
    let mut table = Table::new(&["durable entries a second", "median", "worst"]);
    for (name, figures) in report["durable_entries_a_second"].as_object().into_iter().flatten() {
        table.row([name.replace('_', " "), figures["median"].to_string(), figures["worst"].to_string()]);
    }
    table.print();
    let mut table = Table::new(&["1,000,000 entries", "median s", "worst s", "goal"]);
    for (name, figures) in report["million"].as_object().into_iter().flatten() {
        if let Some(name) = name.strip_suffix("_seconds") {
            let goal = if name == "read_check_and_fold" { "1.0" } else { "" };
            let cells = [&figures["median"], &figures["worst"]].map(Value::to_string);
            let [median, worst] = cells;
            table.row([name.replace('_', " "), median, worst, goal.to_owned()]);
        }
    }
    table.print();
    say(&format!("load average {load}\n"));
    report["met"] =
        report["million"]["read_check_and_fold_seconds"]["median"].as_f64().is_some_and(|s| s <= 1.0).into();
    Ok(report)
}
