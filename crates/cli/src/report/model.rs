//! The report as a value: every fact that the logbook holds about one incident, and every fact that it lacks.
//!
//! Texts are *prose*: plain text in which a pair of backticks marks code (see [`super::prose`]). They may hold what people typed,
//! so each renderer escapes them. This value, serialised, is the JSON form that [`super::json()`] documents.

use serde::Serialize;
use sternway_core::counts::Metric;
use sternway_core::event::Outcome;
use sternway_core::ids::{EnvironmentName, IncidentNumber, ReleaseNumber, RolloutNumber};
use sternway_core::plan::PlanKind;
use sternway_core::time::{Millis, Timestamp};

/// The version of the JSON form.
pub(crate) const FORMAT: u32 = 1;

/// One incident, as far as the logbook tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Version of this shape; [`FORMAT`].
    pub(crate) format: u32,
    /// Its number.
    pub(crate) incident: IncidentNumber,
    /// One line.
    pub(crate) title: String,
    /// The day on which it started, UTC, `2026-11-21`.
    pub(crate) date: String,
    /// Where; `None` for the project as a whole.
    pub(crate) environment: Option<EnvironmentName>,
    /// Whether it is over.
    pub(crate) status: Status,
    /// The rollout during which it happened.
    pub(crate) rollout: Option<Rollout>,
    /// When it was opened, and by whom.
    pub(crate) opened: Moment,
    /// The first failing observation.
    pub(crate) started: Moment,
    /// The entry that decided.
    pub(crate) detected: Option<Moment>,
    /// When users were served well again.
    pub(crate) restored: Restoration,
    /// When it was resolved; `None` while it is open.
    pub(crate) resolved: Option<Moment>,
    /// The spans between these.
    pub(crate) durations: Durations,
    /// What state production was in when the incident was opened, and the next command.
    pub(crate) production: String,
    /// Who was affected, and how many.
    pub(crate) affected: Affected,
    /// How often it failed.
    pub(crate) frequency: Frequency,
    /// What failed, by metric.
    pub(crate) impact: Vec<MetricImpact>,
    /// What happened, sentence by sentence.
    pub(crate) happened: Vec<Sentence>,
    /// What the evidence says about the cause.
    pub(crate) cause: Vec<Sentence>,
    /// What was done about it.
    pub(crate) actions: Vec<ActionTaken>,
    /// What could not be observed, or is not in the logbook.
    pub(crate) unknown: Vec<Sentence>,
    /// What only a person can write.
    pub(crate) to_write: Vec<ToWrite>,
    /// Every entry that concerns the incident, in order.
    pub(crate) timeline: Vec<Line>,
}

/// How far an incident has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Users may still be affected.
    Open,
    /// Users are served well again; nobody has resolved it yet.
    Restored,
    /// Somebody, or the rollback's own verification, resolved it.
    Resolved,
}

impl Status {
    /// How a person reads it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Restored => "stability restored, not yet resolved",
            Self::Resolved => "resolved",
        }
    }
}

/// The rollout during which an incident happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Rollout {
    /// Its number.
    pub(crate) number: RolloutNumber,
    /// Ship or rollback.
    pub(crate) kind: PlanKind,
    /// The release that served when it was opened.
    pub(crate) from: Option<ReleaseSeen>,
    /// The release to which it went.
    pub(crate) to: ReleaseSeen,
    /// How it ended; `None` while it is under way.
    pub(crate) outcome: Option<Outcome>,
    /// Why it waits, when it does.
    pub(crate) held: Option<String>,
}

/// A release as the logbook knows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ReleaseSeen {
    /// Its number.
    pub(crate) number: ReleaseNumber,
    /// Where it came from, in the words of whoever sealed it; empty when that is not recorded.
    pub(crate) origin: String,
    /// Whether it was marked bad.
    pub(crate) bad: bool,
}

/// A point in time, how it is known, and the entry that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Moment {
    /// When.
    pub(crate) at: Timestamp,
    /// The entry.
    pub(crate) entry: u64,
    /// What it says.
    pub(crate) how: String,
}

/// When users were served well again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Restoration {
    /// The failing release never had traffic.
    NeverLost {
        /// How that is known.
        why: String,
    },
    /// At this moment.
    At(Moment),
    /// They are not: what was to serve them was not seen to, or the rollout waits for a person.
    NotRestored {
        /// How that is known.
        why: String,
    },
    /// The logbook does not say that it was.
    NotRecorded {
        /// What it does say.
        why: String,
    },
}

/// Spans between the moments of an incident. `None` when an end is missing, or when clocks disagree and the later moment bears the
/// earlier time. Nothing is counted from the moment at which a person typed a rollback: users were affected before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Durations {
    /// From the first failing observation to the entry that decided.
    pub(crate) to_detect: Option<Millis>,
    /// From the entry that decided to stability.
    pub(crate) detect_to_restore: Option<Millis>,
    /// From the first failing observation to stability.
    pub(crate) to_restore: Option<Millis>,
    /// From the first failing observation to the resolution.
    pub(crate) to_resolve: Option<Millis>,
}

/// Who was affected. `None` is "not known", never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Affected {
    /// Where the figures come from.
    pub(crate) source: Source,
    /// Failed requests.
    pub(crate) failed_requests: Option<u64>,
    /// Of so many.
    pub(crate) requests: Option<u64>,
    /// Distinct clients, from below.
    pub(crate) clients: Option<u64>,
    /// First to last failed response.
    pub(crate) span: Option<Millis>,
    /// How it was counted.
    pub(crate) method: String,
    /// What the figures leave out.
    pub(crate) not_included: Vec<String>,
    /// The entries that were counted.
    pub(crate) entries: Vec<u64>,
}

/// Where figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// An update of the incident recorded them.
    Recorded,
    /// Counted here, from the traffic that was observed.
    Counted,
    /// The failing release never had traffic.
    NoTraffic,
    /// Nothing was observed that could be counted.
    Unknown,
}

/// How often it failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Frequency {
    /// Failed requests among the failing release's, 0 to 1.
    pub(crate) share: Option<f64>,
    /// Failed requests a second between the first and the last.
    pub(crate) per_second: Option<f64>,
    /// The largest share of all traffic that the failing release was given, percent.
    pub(crate) percent: Option<u8>,
    /// What the release that served before would have been expected to fail of as many requests, by its own record.
    pub(crate) expected: Option<f64>,
}

/// One metric of the failing release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MetricImpact {
    /// Which.
    pub(crate) metric: Metric,
    /// Whose.
    pub(crate) release: ReleaseNumber,
    /// Errors.
    pub(crate) errors: u64,
    /// Of so many requests.
    pub(crate) requests: u64,
    /// Whether the judge rejected it.
    pub(crate) rejected: bool,
    /// In one line, for a person.
    pub(crate) text: String,
    /// The entries that say so.
    pub(crate) entries: Vec<u64>,
}

/// A statement and the entries on which it rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Sentence {
    /// The statement.
    pub(crate) text: String,
    /// The entries.
    pub(crate) entries: Vec<u64>,
}

impl Sentence {
    /// A statement that rests on one entry.
    pub(super) fn new(text: impl Into<String>, entry: u64) -> Self {
        Self { text: text.into(), entries: vec![entry] }
    }

    /// A statement that rests on the absence of entries.
    pub(super) fn bare(text: impl Into<String>) -> Self {
        Self { text: text.into(), entries: Vec::new() }
    }
}

/// Something that was done about the incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ActionTaken {
    /// When it ended.
    pub(crate) at: Timestamp,
    /// The person, or the part of Sternway.
    pub(crate) by: String,
    /// True when no person decided it.
    pub(crate) automatic: bool,
    /// What.
    pub(crate) what: String,
    /// How it turned out.
    pub(crate) tone: Tone,
    /// The entry.
    pub(crate) entry: u64,
}

/// A gap that only a person can fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ToWrite {
    /// In which section it stands.
    pub(crate) section: Section,
    /// What is to be written.
    pub(crate) text: String,
}

/// The sections that have gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Section {
    /// Who was affected.
    Affected,
    /// What happened.
    Happened,
    /// Root cause.
    Cause,
    /// Actions taken.
    Actions,
}

/// One line of the timeline: one entry, or a run of entries that say the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// The first entry.
    pub(crate) first: u64,
    /// The last entry; the same as the first for one.
    pub(crate) last: u64,
    /// How many entries the line stands for.
    pub(crate) entries: usize,
    /// When the first was appended.
    pub(crate) at: Timestamp,
    /// Who wrote it.
    pub(crate) by: String,
    /// What happened.
    pub(crate) what: String,
    /// How it looks for production.
    pub(crate) tone: Tone,
}

/// How something looks for production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// It holds, or it was done.
    Good,
    /// It failed.
    Bad,
    /// It could not be observed.
    Unknown,
    /// Neither, but a reader should not miss it.
    Notable,
    /// Neither.
    Plain,
}

impl Tone {
    /// One word for a reader who sees no colour; empty for what needs none.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Bad => "failed",
            Self::Unknown => "unknown",
            Self::Notable | Self::Plain => "",
        }
    }
}
