//! `cargo xtask bench NAME`: what docs/benchmarks.md tells, measured again on this machine.
//!
//! Everything runs as a user would run it: the binary as it is installed (profile `dist`), a real project, real processes, load over the network's
//! loopback. [`load`] sends it, [`stage`] holds project and state, [`stats`] computes; each other file is one benchmark.

mod app;
mod bad_release;
mod connection;
mod consistency;
mod load;
mod logbook;
mod machine;
mod options;
mod peers;
mod proxy;
mod stage;
mod stats;
mod switch;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use self::options::Options;
use crate::say;

/// Why a benchmark has no result.
type Fault = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Fault>;

const USAGE: &str = "\
usage: cargo xtask bench NAME [OPTIONS]

  switch [--releases 100] [--runs 1]   good releases in a row under load: failed requests, p99 beside a switch and without
  bad-release [--runs 5]               releases that fail after the shift: first to last failed response
  proxy [--rounds 5] [--seconds 8]     CPU per request, p99 and memory beside nginx and HAProxy (from Debian, with wrk)
  logbook                              durable appends beside raw SQLite; a fold of 1,000,000 events
  consistency [--cases 12] [--wrong]   mistakes in configuration that are found, and rewritings with a false alarm; `--tuning`: only the
                                       half on which rules are tuned. In the profile in which this runs; needs no idle machine
  consistency --speed [--runs 7]       500 services x 5 environments x 200 keys compared, an ordinary project checked, code read

Every one builds the binaries with the profile `dist`, waits for an idle machine (--wait 120, seconds at most), prints a table, and one JSON object
on the last line.
";

/// Runs a benchmark.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let Some((name, rest)) = words.split_first() else {
        say(USAGE);
        return ExitCode::from(2);
    };
    let chosen: fn(&Options) -> Outcome<serde_json::Value> = match *name {
        "switch" => switch::run,
        "bad-release" => bad_release::run,
        "proxy" => proxy::run,
        "logbook" => logbook::run,
        "consistency" => consistency::run,
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    let measured = Options::parse(rest).and_then(|options| {
        let measures_time = *name != "consistency" || options.get("speed", 0) > 0;
        if cfg!(debug_assertions) && measures_time {
            optimised(words)
        } else {
            chosen(&options).map(|result| report(name, result))
        }
    });
    match measured {
        Ok(code) => code,
        Err(error) => {
            say(&format!("bench {name}: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// The service that benchmarks ship.
pub(crate) fn serve_app() -> ExitCode {
    match app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench-app: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn report(name: &str, mut result: serde_json::Value) -> ExitCode {
    result["version"] = 1.into();
    result["bench"] = name.into();
    result["machine"] = machine::describe();
    say(&format!("{result}\n"));
    ExitCode::SUCCESS
}

/// Builds with optimisation, and runs the same there: what measures must not be what is slow.
fn optimised(words: &[&str]) -> Outcome<ExitCode> {
    build(&["--package", "xtask", "--package", "sternway"])?;
    let status = Command::new(binaries()?.join("xtask")).arg("bench").args(words).status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn build(what: &[&str]) -> Outcome<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).current_dir(repository()).args(["build", "--profile", "dist"]).args(what).status()?;
    if status.success() { Ok(()) } else { Err("the build failed".into()) }
}

/// Builds a program in the profile of this one; its path.
fn beside(what: &[&str], name: &str) -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    let mut folder = own.parent().ok_or("the program has no folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().ok_or("the program has no folder")?;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(repository()).args(["build", "--quiet"]).args(what);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if command.status()?.success() { Ok(folder.join(name)) } else { Err("the build failed".into()) }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where the binaries are.
fn binaries() -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    let profile = own.parent().ok_or("the program has no folder")?;
    Ok(profile.with_file_name("dist"))
}
