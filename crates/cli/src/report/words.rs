//! How actions, spans and people are called.

use sternway_core::event::{Choice, Entry, Outcome};
use sternway_core::ids::ServiceName;
use sternway_core::plan::Action;
use sternway_core::release::ReleaseRef;
use sternway_core::time::{Millis, Timestamp};

use super::prose::list;

/// Whether a part of Sternway wrote the entry, rather than a person. Parts sign as `part@host`.
pub(super) fn automatic(entry: &Entry) -> bool {
    let part = entry.by.split_once('@').map(|(part, _)| part);
    matches!(part, Some("serve" | "agent" | "proxy" | "engine" | "ship"))
}

/// `automatically (serve@host)` or `by alice`.
pub(super) fn by_whom(entry: &Entry) -> String {
    if automatic(entry) { format!("automatically ({})", entry.by) } else { format!("by {}", entry.by) }
}

/// The span from one point to a later one; `None` when the later one bears an earlier time, as it may when the clocks of two
/// machines disagree.
pub(super) fn between(earlier: Timestamp, later: Timestamp) -> Option<Millis> {
    let span = later.as_millis().checked_sub(earlier.as_millis())?;
    u64::try_from(span).ok().map(Millis)
}

/// A span for a person: `340 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 2 h`.
pub(super) fn span(millis: Millis) -> String {
    let seconds = millis.0 / 1000;
    match seconds {
        0 => format!("{} ms", millis.0),
        1..=59 => format!("{}.{} s", seconds, millis.0 % 1000 / 100),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// `12 requests`, `1 request`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A share for a person: `30%`, `0.4%`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 || percent == 0.0 { format!("{percent:.0}%") } else { format!("{percent:.2}%") }
}

/// The time of day, with the date when it is not the report's own.
pub(super) fn clock(at: Timestamp, date: &str) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, time)) if day == date => time.trim_end_matches('Z').to_owned(),
        Some((day, time)) => format!("{day} {}", time.trim_end_matches('Z')),
        None => text,
    }
}

/// Date and time: `2026-11-21 09:27:17.120 UTC`.
pub(super) fn date_time(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.trim_end_matches('Z')),
        None => text,
    }
}

/// What an action does, to follow "to": `switch all traffic to release 1`.
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::Baseline { .. } => "record how the current release serves".to_owned(),
        Action::ConfirmServing { release, .. } => format!("confirm that release {} serves", release.number),
        Action::Stage { release, .. } => format!("put the files of release {} on the host", release.number),
        Action::RunJob { release, service, .. } => format!("run the job `{service}` of release {}", release.number),
        Action::UndoJob { release, service, .. } => format!("undo the job `{service}` of release {}", release.number),
        Action::Start { release, services, .. } => format!("start {}", instances(services, Some(release))),
        Action::Stop { release, services, .. } => format!("stop {}", instances(services, Some(release))),
        Action::Smoke { release, .. } => format!("ask the smoke checks of release {}", release.number),
        Action::Shift { release, percent, .. } => format!("give release {} {percent}% of traffic", release.number),
        Action::Unshift { release, .. } => format!("take its share of traffic back from release {}", release.number),
        Action::Verify { release, percent, .. } => format!("judge release {} at {percent}% of traffic", release.number),
        Action::Switch { release, .. } => format!("switch all traffic to release {}", release.number),
        Action::Withdraw { release, .. } => format!("take release {} out of traffic", release.number),
        Action::SwapWorkers { from, stop, to, start, .. } => {
            let stop = format!("stop {}", instances(stop, from.as_ref()));
            let start = format!("start {}", instances(start, to.as_ref()));
            match (from, to) {
                (Some(_), Some(_)) => format!("{stop} and {start}"),
                (Some(_), None) => stop,
                _ => start,
            }
        }
        Action::Exchange { to: Some(to), .. } => {
            format!("exchange what runs for release {}, with requests held", to.number)
        }
        Action::Exchange { from: Some(from), to: None, .. } => format!("stop release {}", from.number),
        Action::Exchange { .. } => "exchange what runs".to_owned(),
        Action::Retire { release, .. } => format!("drain and stop release {}", release.number),
    }
}

fn instances(services: &[ServiceName], release: Option<&ReleaseRef>) -> String {
    let names: Vec<String> = services.iter().map(|service| format!("`{service}`")).collect();
    let whose = release.map(|release| format!(" of release {}", release.number)).unwrap_or_default();
    if names.is_empty() { format!("nothing{whose}") } else { format!("{}{whose}", list(&names)) }
}

/// What a choice means.
pub(super) const fn choice(choice: Choice) -> &'static str {
    match choice {
        Choice::Continue => "go on",
        Choice::RollBack => "go back",
        Choice::Accept => "accept what is unknown and go on",
    }
}

/// How a rollout ended.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Committed => "committed",
        Outcome::RolledBack => "rolled back",
        Outcome::Cancelled => "cancelled before anything was done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short_and_keep_two_units() {
        let texts: Vec<_> = [999, 1_000, 59_999, 60_000, 3_725_000, 90_000_000].map(|ms| span(Millis(ms))).into();
        assert_eq!(texts, ["999 ms", "1.0 s", "59.9 s", "1 min 0 s", "1 h 2 min", "1 d 1 h"]);
    }

    #[test]
    fn clocks_that_disagree_give_no_span() {
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(9));
        assert_eq!(between(early, late), Some(Millis(4)));
        assert_eq!(between(late, early), None);
        assert_eq!(between(Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX)), None);
    }
}
