//! A shell command as a check.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sternway_command::{Ended, Failed, Keep, Limits, run, shell};
use sternway_core::ids::ServiceName;

use crate::prober::no_answer;
use crate::{Outcome, Secrets};

/// As much of the end of the output is kept.
const OUTPUT_LIMIT: usize = 64 * 1024;
/// What a command sees of our environment; the rest is ours.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SHELL"];

/// Where a command runs, and what it is told: where the release is, and where each of its services.
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) url: &'a str,
    pub(crate) each: &'a [(&'a ServiceName, &'a str)],
}

/// Runs `line` with `sh -c`; exit 0 passes.
pub(crate) fn ask(line: &str, place: &Place<'_>, timeout: Duration, secrets: &Secrets) -> Outcome {
    let limits = Limits { within: timeout, keep: Keep::Last(OUTPUT_LIMIT), errors: true, input: None };
    match run(command(line, place), &limits) {
        Ok(ended) if ended.status.success() => Outcome::pass("exit 0"),
        Ok(ended) => Outcome::fail(describe(ended, secrets)),
        Err(Failed::Late(_)) => Outcome::fail(no_answer(timeout)),
        Err(Failed::NotStarted(error)) => Outcome::unknown(format!("the command cannot be started: {error}")),
        Err(failed) => Outcome::unknown(format!("the command: {failed}")),
    }
}

fn command(line: &str, place: &Place<'_>) -> Command {
    let mut command = shell(line);
    command
        .env_clear()
        .envs(INHERITED.iter().filter_map(|key| Some((key, std::env::var_os(key)?))))
        .current_dir(place.folder)
        .env("STERNWAY_URL", place.url)
        .envs(place.each.iter().map(|(service, url)| (variable(service), url)));
    command
}

/// `STERNWAY_URL_IMAGE_STORE` for the service `image-store`.
fn variable(service: &ServiceName) -> String {
    format!("STERNWAY_URL_{}", service.as_str().to_ascii_uppercase().replace('-', "_"))
}

/// The exit and the last line that it wrote, scrubbed before it is cut so that no half of a secret remains.
fn describe(ended: Ended, secrets: &Secrets) -> String {
    let end = sternway_command::words(ended.status);
    let output = ended.output.unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    // The first line of a cut output may begin in the middle of a secret.
    let text = if ended.cut { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    let text = secrets.scrub(text);
    match text.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => format!("{end}: {line}"),
        None => end,
    }
}
