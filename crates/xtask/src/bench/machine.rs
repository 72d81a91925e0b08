//! Where it was measured, and what else the machine did.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::options::Options;
use crate::say;

/// Processor, cores, and the load averages now.
pub(crate) fn describe() -> serde_json::Value {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    json!({
        "cpu": model.map_or("unknown", |(_, name)| name.trim()),
        "cores": thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "load": load(),
    })
}

/// The load average over one minute.
pub(crate) fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// The share of all cores that was busy, or waited for a disk, over this span.
fn busy(over: Duration) -> f64 {
    let look = || {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let fields: Vec<f64> =
            text.lines().next().unwrap_or_default().split_whitespace().skip(1).filter_map(|w| w.parse().ok()).collect();
        let all: f64 = fields.iter().take(8).sum();
        (all, fields.get(3).copied().unwrap_or_default())
    };
    let (all, idle) = look();
    thread::sleep(over);
    let (all_after, idle_after) = look();
    1.0 - (idle_after - idle) / (all_after - all).max(1.0)
}

/// Waits for a moment in which the machine has little else to do, at most as long as `--wait` says; the busy share when it went on.
pub(crate) fn wait_for_quiet(options: &Options) -> f64 {
    let at_most = Duration::from_secs(options.get("wait", 120));
    let since = Instant::now();
    let mut told = false;
    loop {
        let share = busy(Duration::from_millis(1500));
        if share < 0.15 || since.elapsed() >= at_most {
            return share;
        }
        if !told {
            say(&format!("the machine is {:.0}% busy: waiting for a quieter moment\n", share * 100.0));
            told = true;
        }
    }
}
