//! The events of the logbook: the only source of truth. Past tense, never edited, and every one ever written still folds.
//!
//! An event's JSON is externally tagged (`{"began":{...}}`), one object with one key: the fastest shape to read back, and one to
//! which fields can be added with a default.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baseline::Acceptance;
use crate::check::CheckAnswer;
use crate::counts::{Counts, Metric};
use crate::digest::Digest;
use crate::finding::Finding;
use crate::ids::{EnvironmentName, Epoch, IncidentNumber, ReleaseNumber, RolloutNumber, ServiceName};
use crate::plan::Plan;
use crate::release::{ReleaseRecord, ReleaseRef};
use crate::time::{Millis, Timestamp};
use crate::verdict::Verdict;
use crate::watch::{Against, Drift};

/// An event with the circumstances in which it was appended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the logbook, from 1, without gaps.
    pub seq: u64,
    /// When it was appended, by the appending machine's clock.
    pub at: Timestamp,
    /// The environment that it is about; `None` for the project as a whole.
    pub environment: Option<EnvironmentName>,
    /// The epoch of the lease under which it was written; `None` for what people and observers add without a lease.
    pub epoch: Option<Epoch>,
    /// Who wrote it: `serve@host`, or the OS user of a person.
    pub by: String,
    /// What happened.
    pub event: Event,
}

/// Forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dir {
    /// The step itself.
    Do,
    /// Its undo.
    Undo,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// It is done, verified as far as the step says. With remarks for a person.
    Done {
        /// What is worth knowing, without secrets.
        note: String,
    },
    /// It was tried and did not succeed, or what it observed is bad.
    Failed {
        /// Why, most important first; never empty.
        findings: Vec<Finding>,
    },
    /// Whether it succeeded, or what it should have observed, is not known.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// What a person or the configuration decides about a rollout that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Go on with the step at which it waits (run it again).
    Continue,
    /// Go back to the base release.
    RollBack,
    /// Accept what is unknown at this step and go on with the next.
    Accept,
}

/// How a rollout ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The candidate is the environment's release.
    Committed,
    /// The base is the environment's release again, verified.
    RolledBack,
    /// It ended before anything was done.
    Cancelled,
}

/// Where an observation comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// Traffic of one release over the window, as the proxy counted it.
    Traffic {
        /// Whose traffic.
        release: ReleaseNumber,
        /// Share of traffic that it was given, percent.
        percent: u8,
        /// The counts over the window.
        counts: Counts,
        /// Distinct clients seen in the window's failed requests, by the proxy's salted hash; an estimate from below.
        #[serde(default)]
        clients: u64,
    },
    /// The base release's record as current: what the candidate at 100% is compared with.
    Base {
        /// Whose record.
        release: ReleaseNumber,
        /// Its last requests as current, at most 10,000 of them.
        counts: Counts,
        /// Requests a second over that record.
        rate: f64,
    },
    /// One check's answer.
    Check {
        /// The check's name.
        check: String,
        /// Whom it asked.
        release: ReleaseNumber,
        /// Smoke or monitor.
        monitor: bool,
        /// What it said.
        answer: CheckAnswer,
    },
    /// One judgement of a metric that decided.
    Judged {
        /// Whose.
        release: ReleaseNumber,
        /// Which metric.
        metric: Metric,
        /// Errors seen.
        errors: u64,
        /// Of so many requests.
        requests: u64,
        /// What was expected, in words: `base 0.1% of 10,000 requests`.
        against: String,
        /// The evidence, an e-value.
        evidence: f64,
        /// Fail; or unknown, when it speaks against the release and does not decide.
        verdict: Verdict,
    },
    /// Something that could not be observed.
    Missing {
        /// Which observer.
        source: String,
        /// Why.
        why: String,
    },
}

/// Who was affected by an incident, and how that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
pub struct Impact {
    /// Failed requests.
    pub failed_requests: u64,
    /// Of so many in the same time.
    pub requests: u64,
    /// Distinct clients among the failed requests.
    pub clients: u64,
    /// First to last failed response, as far as the observations tell.
    pub span: Millis,
    /// How all this was counted.
    pub method: String,
}

/// Something that happened. See the module's documentation for its stored form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    // --- releases ---
    /// A release was sealed: its content is in the store and its digest final.
    Sealed {
        /// What the logbook keeps of it.
        release: ReleaseRecord,
    },
    /// What served before the first release became release 0.
    Adopted {
        /// Release 0.
        release: ReleaseRecord,
    },
    /// A release failed and is not to be shipped again without saying so.
    MarkedBad {
        /// Which.
        release: ReleaseRef,
        /// Why.
        why: String,
    },
    /// Releases were removed from the store.
    Removed {
        /// Which.
        releases: Vec<ReleaseNumber>,
        /// By what rule.
        why: String,
    },

    // --- gates, overrides, approvals ---
    /// The gates were evaluated for a change.
    GateEvaluated {
        /// The release that was to be shipped.
        release: ReleaseNumber,
        /// Everything that was found.
        findings: Vec<Finding>,
        /// Codes of findings that would have blocked but were overridden.
        overridden: Vec<String>,
        /// Pass or fail.
        verdict: Verdict,
        /// What the project's baseline accepted, and so is not among the findings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accepted: Option<Acceptance>,
    },
    /// A person let a finding pass.
    Overridden {
        /// The finding's code.
        code: String,
        /// The person's reason.
        reason: String,
    },
    /// A person approved a plan.
    Approved {
        /// The plan's digest.
        digest: Digest,
        /// The person's remark.
        #[serde(default)]
        reason: String,
    },
    /// A person denied a plan.
    Denied {
        /// The plan's digest.
        digest: Digest,
        /// The person's reason.
        #[serde(default)]
        reason: String,
    },

    // --- the rollout ---
    /// A plan was frozen and its rollout opened.
    Opened {
        /// The plan.
        plan: Box<Plan>,
    },
    /// An effect is about to start. Durable before it starts.
    Began {
        /// Which rollout.
        rollout: RolloutNumber,
        /// Which step, from 0.
        step: u16,
        /// Forward or back.
        dir: Dir,
        /// Which attempt in this direction, from 1.
        attempt: u32,
    },
    /// An effect ended.
    Finished {
        /// Which rollout.
        rollout: RolloutNumber,
        /// Which step, from 0.
        step: u16,
        /// Forward or back.
        dir: Dir,
        /// How.
        result: StepResult,
    },
    /// The rollout waits.
    Held {
        /// Which rollout.
        rollout: RolloutNumber,
        /// Why.
        why: String,
        /// When it stops waiting by itself, and what it does then.
        #[serde(default)]
        #[schemars(with = "Option<(String, Choice)>")]
        until: Option<(Timestamp, Choice)>,
    },
    /// The rollout was told to go on or to go back. May come at any time; by a person, or at a hold's limit.
    Resumed {
        /// Which rollout.
        rollout: RolloutNumber,
        /// Which way.
        choice: Choice,
        /// The reason given.
        #[serde(default)]
        reason: String,
    },
    /// The rollout goes back.
    Unwound {
        /// Which rollout.
        rollout: RolloutNumber,
        /// Why.
        why: String,
    },
    /// The rollout ended.
    Closed {
        /// Which rollout.
        rollout: RolloutNumber,
        /// How.
        outcome: Outcome,
    },

    // --- observations ---
    /// Something was observed, always recorded before the verdict that rests on it.
    Observed {
        /// During which rollout, if any.
        rollout: Option<RolloutNumber>,
        /// Start of the window.
        #[schemars(with = "String")]
        from: Timestamp,
        /// End of the window.
        #[schemars(with = "String")]
        to: Timestamp,
        /// What.
        what: Observation,
    },

    // --- incidents ---
    /// An incident was opened by what was measured.
    IncidentOpened {
        /// Its number.
        incident: IncidentNumber,
        /// During which rollout.
        rollout: Option<RolloutNumber>,
        /// One line.
        title: String,
        /// First failing observation.
        #[schemars(with = "String")]
        started: Timestamp,
        /// What state production is in, and the next command to type.
        state: String,
    },
    /// Something new about an incident.
    IncidentUpdated {
        /// Which.
        incident: IncidentNumber,
        /// What is known now.
        text: String,
        /// Set when stability is restored.
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        restored: Option<Timestamp>,
        /// Set when the impact was computed.
        #[serde(default)]
        impact: Option<Impact>,
    },
    /// An incident was resolved.
    IncidentResolved {
        /// Which.
        incident: IncidentNumber,
        /// How.
        text: String,
    },

    // --- consistency ---
    /// A person accepted a value that only a protected environment has, for the first time or anew.
    RegisterAccepted {
        /// Whose.
        service: ServiceName,
        /// Its key; never its value.
        key: String,
        /// Who answers for it.
        owner: String,
        /// Why it is there.
        reason: String,
        /// Until when; `None`: without an end.
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        until: Option<Timestamp>,
    },
    /// A production-only value was taken out of the register.
    RegisterRemoved {
        /// Whose.
        service: ServiceName,
        /// Its key.
        key: String,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// A look at what a protected environment runs with saw something else than the look before. What is the same again is not written.
    Watched {
        /// Under what circumstances.
        against: Against,
        /// Warnings and errors that were found.
        findings: Vec<Finding>,
        /// What of them came by itself, with its incident.
        #[serde(default)]
        drift: Option<Drift>,
    },

    // --- the resident part ---
    /// The lease on an environment was taken, at first or over from a holder whose lease had expired.
    LeaseTaken {
        /// The new epoch.
        epoch: Epoch,
        /// Who holds it.
        holder: String,
        /// Who held it before.
        #[serde(default)]
        from: Option<String>,
    },
    /// A supervised instance changed by itself: it crashed, was restarted, gave up.
    InstanceChanged {
        /// Which release.
        release: ReleaseNumber,
        /// Which service.
        service: ServiceName,
        /// What happened.
        what: String,
    },
    /// Something for a person to read that decides nothing.
    Noted {
        /// The text.
        text: String,
    },
}

impl Event {
    /// The event's name in the logbook's `kind` column, equal to its tag.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sealed { .. } => "sealed",
            Self::Adopted { .. } => "adopted",
            Self::MarkedBad { .. } => "marked_bad",
            Self::Removed { .. } => "removed",
            Self::GateEvaluated { .. } => "gate_evaluated",
            Self::Overridden { .. } => "overridden",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Opened { .. } => "opened",
            Self::Began { .. } => "began",
            Self::Finished { .. } => "finished",
            Self::Held { .. } => "held",
            Self::Resumed { .. } => "resumed",
            Self::Unwound { .. } => "unwound",
            Self::Closed { .. } => "closed",
            Self::Observed { .. } => "observed",
            Self::IncidentOpened { .. } => "incident_opened",
            Self::IncidentUpdated { .. } => "incident_updated",
            Self::IncidentResolved { .. } => "incident_resolved",
            Self::RegisterAccepted { .. } => "register_accepted",
            Self::RegisterRemoved { .. } => "register_removed",
            Self::Watched { .. } => "watched",
            Self::LeaseTaken { .. } => "lease_taken",
            Self::InstanceChanged { .. } => "instance_changed",
            Self::Noted { .. } => "noted",
        }
    }
}
