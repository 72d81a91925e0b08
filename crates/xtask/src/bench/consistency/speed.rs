//! How fast it is: many services compared, an ordinary project checked, code read.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::options::Options;
use super::super::stats::{median, millis, worst};
use super::super::table::{Table, tenths};
use super::super::{Outcome, binaries, build, machine};
use super::layout::Layout;
use super::run::scratch;
use crate::say;

/// Goals: 500 services in 5 environments with 200 keys each; an ordinary project; megabytes of code in a second.
const COMPARED_MS: f64 = 1000.0;
const COMPARED_MIB: f64 = 300.0;
const CHECKED_MS: f64 = 100.0;
const READ_MB: f64 = 50.0;

/// One run of the program.
struct Ran {
    took: f64,
    peak_mib: f64,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<Value> {
    build(&["--package", "sternway-config", "--example", "bench_compare"])?;
    build(&["--package", "sternway-readset", "--example", "bench_readset"])?;
    let runs = options.get("runs", 7);
    let busy = machine::wait_for_quiet(options);
    let compared = example("bench_compare", &[])?;
    let services = options.get("services", 500);
    let many = many(usize::try_from(services)?, runs)?;
    let checked = ordinary(runs)?;
    let read = example("bench_readset", &[])?;

    let mut table = Table::new(&["services x environments x keys", "median ms", "worst ms", "peak MiB", "goal"]);
    let of =
        |what: &str| [&compared[what]["median"], &compared[what]["worst"]].map(|figure| figure.as_f64().unwrap_or(0.0));
    let goal = format!("{COMPARED_MS:.0} ms, {COMPARED_MIB:.0} MiB");
    for (name, what) in [("files read", "read_ms"), ("compared", "compare_ms"), ("both", "whole_ms")] {
        let [median, worst] = of(what);
        table.row([name.to_owned(), tenths(median), tenths(worst), compared["peak_mib"].to_string(), goal.clone()]);
    }
    let spans: Vec<f64> = many.iter().map(|ran| ran.took).collect();
    let peak = many.iter().map(|ran| ran.peak_mib).fold(0.0, f64::max);
    table.row([
        "sternway check, from sternway.toml to the findings".to_owned(),
        tenths(median(&spans)),
        tenths(worst(&spans)),
        tenths(peak),
        goal,
    ]);
    table.print();

    let mut table = Table::new(&["sternway check production", "median ms", "worst ms", "goal"]);
    for (name, spans) in &checked {
        table.row([name.clone(), tenths(median(spans)), tenths(worst(spans)), format!("{CHECKED_MS:.0}")]);
    }
    table.print();

    let mut table = Table::new(&["code read", "MB", "MB/s", "MB/s of one core", "goal"]);
    for result in read["results"].as_array().into_iter().flatten() {
        let text = |name: &str| result[name].to_string();
        table.row([
            result["name"].as_str().unwrap_or_default().to_owned(),
            text("megabytes"),
            text("megabytes_per_second"),
            text("megabytes_per_processor_second"),
            format!("{READ_MB:.0}"),
        ]);
    }
    table.print();
    say(&format!("load average {}\n", machine::load()));
    let checked_worst = checked.iter().map(|(_, spans)| median(spans)).fold(0.0, f64::max);
    let slowest = read["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|result| result["megabytes_per_second"].as_f64())
        .fold(f64::INFINITY, f64::min);
    Ok(json!({
        "compared": compared,
        "check_of_many": { "median_ms": median(&spans), "worst_ms": worst(&spans), "peak_mib": peak },
        "check_of_layouts": checked.iter().map(|(name, spans)| (name.clone(), json!(median(spans)))).collect::<serde_json::Map<_, _>>(),
        "read": read,
        "busy_before": busy,
        "met": median(&spans) <= COMPARED_MS && peak <= COMPARED_MIB && checked_worst <= CHECKED_MS && slowest >= READ_MB,
    }))
}

fn example(name: &str, words: &[&str]) -> Outcome<Value> {
    let output = Command::new(binaries()?.join("examples").join(name)).args(words).output()?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// `sternway check` of a project with many services.
fn many(services: usize, runs: u64) -> Outcome<Vec<Ran>> {
    let folder = scratch()?;
    let project = folder.path().join("project");
    let mut file = "[project]\nname = \"many\"\n".to_owned();
    for service in 0..services {
        fs::create_dir_all(project.join(format!("s{service}")))?;
        write!(file, "\n[services.s{service}]\npath = \"s{service}\"\nkind = \"worker\"\nrun = \"exec serve\"\n")?;
    }
    for name in ["production", "staging", "test", "development", "preview"] {
        fs::create_dir_all(project.join(name))?;
        write!(file, "\n[environments.{name}.config]\n")?;
        for service in 0..services {
            writeln!(file, "s{service} = \"dotenv:{name}/s{service}.env\"")?;
            fs::write(project.join(format!("{name}/s{service}.env")), keys(name, service))?;
        }
    }
    fs::write(project.join("sternway.toml"), file)?;
    let state = folder.path().join("state");
    let sternway = binaries()?.join("sternway");
    (0..=runs)
        .map(|_| {
            let mut command = Command::new(&sternway);
            command.arg("check").arg("--project").arg(&project).arg("--state").arg(&state);
            timed(&mut command)
        })
        // The first makes the state folder.
        .skip(1)
        .collect()
}

/// 200 keys: some forty name hosts, connection strings and secrets, the others are words, numbers and switches.
fn keys(name: &str, service: usize) -> String {
    let mut text = String::new();
    for key in 0..200 {
        let line = match key % 10 {
            0 => format!("STORE{key}_URL=redis://:{name}-pass-{key}@redis{key}.{name}.example.org:6379/{}", key % 16),
            1 => format!(
                "DATABASE{key}_URL=postgres://app:{name}-{service}-{key}@db{key}.{name}.example.org/s{service}_{name}?sslmode=require"
            ),
            2 => format!("API{key}_BASE=https://api{key}.{name}.example.org/v2"),
            3 => format!("SERVICE{key}_TOKEN={name}{service}x{key}a9f3b2c1d0e4"),
            4 => format!("FEATURE_{key}_ENABLED={}", key % 3 == 0),
            5 => format!("LIMIT_{key}={}", key * 10),
            6 => format!("NAME_{key}=a plain text of some words {key}"),
            7 => format!("PATH_{key}=/srv/data/{key}"),
            8 => format!("TOPIC_{key}=topic-{key}-{name}"),
            _ => format!("MODE_{key}=mode{key}"),
        };
        text += &line;
        text.push('\n');
    }
    text
}

/// `sternway check production` of every layout, in turns.
fn ordinary(runs: u64) -> Outcome<Vec<(String, Vec<f64>)>> {
    let folder = scratch()?;
    let sternway = binaries()?.join("sternway");
    let layouts = Layout::all()?;
    let mut spans: Vec<(String, Vec<f64>)> = layouts.iter().map(|layout| (layout.name.clone(), Vec::new())).collect();
    for layout in &layouts {
        for (path, text) in &layout.files {
            let file: PathBuf = folder.path().join(&layout.name).join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, text)?;
        }
    }
    for run in 0..=runs {
        for (layout, (name, spans)) in layouts.iter().zip(&mut spans) {
            let mut command = Command::new(&sternway);
            command.args(["check", &layout.production().name, "--project"]).arg(folder.path().join(&*name));
            command.arg("--state").arg(folder.path().join(format!("state-{name}")));
            let ran = timed(&mut command)?;
            if run > 0 {
                spans.push(ran.took);
            }
        }
    }
    Ok(spans)
}

/// Runs a program to its end; the greatest memory that was seen (proc(5), `VmHWM`), looked at every two milliseconds.
fn timed(command: &mut Command) -> Outcome<Ran> {
    let since = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0.0_f64;
    let code = loop {
        peak = peak.max(resident(&Path::new("/proc").join(child.id().to_string()).join("status")));
        match child.try_wait()? {
            Some(status) => break status.code(),
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let took = millis(since.elapsed());
    // What blocks a release ends with 10.
    if !matches!(code, Some(0 | 10)) {
        return Err(format!("sternway check ended with {code:?}").into());
    }
    Ok(Ran { took, peak_mib: peak })
}

fn resident(status: &Path) -> f64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kib| kib / 1024.0)
}
