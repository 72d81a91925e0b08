//! What one sees: the story, line by line, and on a terminal a line below it that says how users fare.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::Told;
use super::app::Release;
use super::load::{LoadHandle, LoadResult, Snapshot};
use crate::render::style::{bad, bold, dim, good};

/// How often the line below is drawn.
const FRAME: Duration = Duration::from_millis(100);
/// Without a terminal, how often it is said how users fare.
const QUIET: Duration = Duration::from_secs(5);

/// The view.
pub(super) struct View {
    live: bool,
    silent: bool,
    said: Cell<Instant>,
    drawn: Cell<bool>,
}

impl View {
    pub(super) fn new(json: bool) -> Self {
        let live = std::io::stdout().is_terminal() && !json;
        Self { live, silent: json, said: Cell::new(Instant::now()), drawn: Cell::new(false) }
    }

    /// A line of the story.
    pub(super) fn line(&self, text: &str) {
        if self.silent {
            // The last line of standard output is the summary: with --json the story goes to the other stream.
            crate::render::say(text);
            return;
        }
        self.wipe();
        crate::render::line(text);
    }

    pub(super) fn say(&self, text: &str) {
        self.line(&dim(text));
    }

    pub(super) fn chapter(&self, release: &Release) {
        self.line("");
        self.line(&format!(
            "{} {}",
            bold(&format!("release {}: {}", release.number, release.name)),
            dim(&format!("- {}", release.story))
        ));
    }

    /// Lets a moment pass and says how users fare.
    pub(super) fn tick(&self, load: Option<&LoadHandle>) {
        std::thread::sleep(FRAME);
        let Some(load) = load else { return };
        if self.live {
            let text = fare(&load.snapshot());
            let mut out = std::io::stdout().lock();
            let _the_terminal_is_gone = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
            self.drawn.set(true);
        } else if self.said.get().elapsed() >= QUIET {
            self.said.set(Instant::now());
            self.line(&fare(&load.snapshot()));
        }
    }

    fn wipe(&self) {
        if self.drawn.take() {
            let mut out = std::io::stdout().lock();
            let _the_terminal_is_gone = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
        }
    }

    /// The end: what users saw of it all.
    pub(super) fn table(
        &self,
        told: &[Told],
        result: &LoadResult,
        present: u64,
        report: &std::path::Path,
        took: Duration,
    ) {
        self.line("");
        for one in told {
            let sign = if one.right { good("as told ") } else { bad("NOT TOLD") };
            let cause = one.shipped.cause().map(|cause| format!(" ({cause})")).unwrap_or_default();
            self.line(&format!(
                "  {sign}  release {}  {:<20} {:<17}{}",
                one.release.number,
                one.release.name,
                one.shipped.outcome(),
                dim(&cause)
            ));
        }
        self.line("");
        let share = result.failed as f64 / (result.requests.max(1) as f64) * 100.0;
        self.line(&format!("  requests sent                        {:>8}", result.requests));
        self.line(&format!(
            "  requests failed                      {:>8}  {}",
            result.failed,
            dim(&format!("{share:.2}%"))
        ));
        for (what, times) in &result.failures {
            self.line(&dim(&format!("    {what:<35}{times:>8}")));
        }
        self.line(&format!("  first to last failed response        {:>5} ms", result.longest_failure.as_millis()));
        self.line(&format!("  accounts acknowledged                {:>8}", result.accounts.len()));
        let equal = present == result.accounts.len() as u64;
        let verdict = if equal { good("none lost") } else { bad("LOST") };
        self.line(&format!("  accounts found                       {present:>8}  {verdict}"));
        self.line(&format!("  incident report                      {}", report.display()));
        self.line(&dim(&format!("  took {} s", took.as_secs())));
    }
}

fn fare(seen: &Snapshot) -> String {
    let shares: Vec<String> =
        seen.by_release.iter().map(|(release, answers)| format!("r{release}: {answers}/s")).collect();
    let failing = if seen.failing > 0 { bad(&format!("{} failing", seen.failing)) } else { good("none failing") };
    format!("  users: {} requests/s, {failing}   {}   {} accounts", seen.per_second, shares.join("  "), seen.accounts)
}
