//! The fold over the logbook, and what comes next.
//!
//! [`State::apply`] is the only way in which the state changes, and the guard of each append: what it refuses is never written.
//! [`State::next`] is the only place that decides what a rollout does next.

mod apply;
mod history;
mod next;
mod rollout;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use apply::Illegal;
pub use next::{Effect, Next, UNDO_ATTEMPTS};
pub use rollout::{EffectState, Hold, JobLeft, Observed, Rollout, StepState, Tally};

use crate::check::Check;
use crate::digest::Digest;
use crate::event::{Event, Impact, Outcome};
use crate::ids::{EnvironmentName, Epoch, IncidentNumber, ReleaseNumber, RolloutNumber};
use crate::plan::{PlanKind, TrafficSpec};
use crate::register::Register;
use crate::release::{ReleaseRecord, ReleaseRef};
use crate::time::Timestamp;
use crate::watch::{Blind, Watch};

/// Which state a fold of this program ends with. To be raised whenever a [`State`] has another shape, or the same entries fold into
/// another state: what earlier programs folded and kept is not used any more then.
pub const STATE_FORMAT: u32 = 4;

/// Everything that the logbook says, folded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Sequence number of the last entry that was applied.
    pub head: u64,
    /// Every release that was sealed, by number; removed ones too.
    pub releases: BTreeMap<ReleaseNumber, Release>,
    /// Every environment that was ever named.
    pub environments: BTreeMap<EnvironmentName, EnvironmentState>,
    /// Every incident.
    pub incidents: BTreeMap<IncidentNumber, Incident>,
    /// The number of the last rollout that was opened; 0 before the first.
    pub last_rollout: u64,
}

/// A release as the logbook knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// What was sealed.
    pub record: ReleaseRecord,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Whether its content was removed from the store.
    pub removed: bool,
}

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentState {
    /// The release that is committed, with how it is reached; `None` before the first.
    pub current: Option<Deployment>,
    /// Everything that ended, oldest first.
    #[serde(with = "history")]
    #[schemars(with = "history::Written<'static>")]
    pub history: Vec<Past>,
    /// Releases that failed, by digest.
    pub bad: BTreeMap<Digest, Bad>,
    /// The rollout under way.
    pub rollout: Option<Box<Rollout>>,
    /// What served before the first release, when it was adopted: release 0.
    pub adopted: Option<ReleaseRecord>,
    /// The greatest epoch that was taken, and by whom.
    pub lease: Option<(Epoch, String)>,
    /// The values that only this environment has and for which somebody answers.
    pub register: Register,
    /// The last look at what it runs with.
    pub watch: Option<Box<Watch>>,
    /// Why the watch cannot see all of it, since a look that could.
    pub blind: Option<Blind>,
}

/// A committed release in an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// Which release.
    pub release: ReleaseRef,
    /// Since when.
    pub since: Timestamp,
    /// By which rollout; `None` for what was adopted.
    pub rollout: Option<RolloutNumber>,
    /// How requests reach it; `None` for what was adopted and never had a table of its own.
    pub traffic: Option<TrafficSpec>,
    /// The checks it was verified by.
    pub checks: Vec<Check>,
    /// How many good releases are kept to go back to.
    pub keep: u32,
}

/// A rollout that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Past {
    /// Which.
    pub rollout: RolloutNumber,
    /// From where; `None` when nothing served before.
    pub base: Option<ReleaseRef>,
    /// To where.
    pub candidate: ReleaseRef,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// Who opened it.
    pub by: String,
    /// Why it went back, if it did.
    pub why: Option<String>,
    /// What the candidate would be deployed as, for going back to it later.
    pub deployment: Deployment,
    /// The jobs that it ran and did not undo.
    pub jobs: Vec<JobLeft>,
}

/// The mark of a release that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bad {
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Its environment, if it has one.
    pub environment: Option<EnvironmentName>,
    /// During which rollout.
    pub rollout: Option<RolloutNumber>,
    /// One line.
    pub title: String,
    /// First failing observation.
    pub started: Timestamp,
    /// When it was opened.
    pub opened: Timestamp,
    /// Production's state when it was opened, and the next command.
    pub state: String,
    /// When stability was restored.
    pub restored: Option<Timestamp>,
    /// Who was affected.
    pub impact: Option<Impact>,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
}

impl State {
    /// The environment, empty when it was never named.
    pub fn environment(&self, name: &EnvironmentName) -> EnvironmentState {
        self.environments.get(name).cloned().unwrap_or_default()
    }

    /// The open rollout of an environment.
    pub fn rollout(&self, name: &EnvironmentName) -> Option<&Rollout> {
        self.environments.get(name)?.rollout.as_deref()
    }

    /// What ends before a rollback opens: a rollout whose release is accepted, of which only the old one's stop is left, as committed;
    /// or a rollback to another release, which is given up. Whoever opens the rollback appends both at once, so that of two people one
    /// does, and no driver is needed for it.
    pub fn ends_for_a_rollback(&self, environment: &EnvironmentName) -> Option<Event> {
        let open = self.rollout(environment)?;
        let outcome = if open.is_accepted() {
            Outcome::Committed
        } else if open.plan.kind == PlanKind::Rollback {
            Outcome::Cancelled
        } else {
            return None;
        };
        Some(Event::Closed { rollout: open.plan.rollout, outcome })
    }

    /// What has the traffic, or may have it, when a rollback got stuck: the release that it goes to, which another rollback leaves. What
    /// was adopted is one like any other. `None` when no rollback is stuck, and when it goes to what is committed.
    pub fn left_by_a_stuck_rollback(&self, environment: &EnvironmentName) -> Option<&ReleaseRecord> {
        let place = self.environments.get(environment)?;
        let open =
            place.rollout.as_deref().filter(|open| open.plan.kind == PlanKind::Rollback && !open.is_accepted())?;
        let tried = &open.plan.candidate;
        let sealed = || self.releases.get(&tried.number).map(|release| &release.record);
        if tried.number.0 == 0 { place.adopted.as_ref() } else { sealed() }
    }

    /// The number for the next release to be sealed.
    pub fn next_release(&self) -> ReleaseNumber {
        ReleaseNumber(self.releases.keys().next_back().map_or(1, |last| last.0 + 1))
    }

    /// The sealed release with this digest in this environment; a removed one only when it was not sealed again since.
    pub fn release_by_digest(&self, environment: &EnvironmentName, digest: &Digest) -> Option<&Release> {
        self.releases
            .values()
            .filter(|release| release.record.digest == *digest && release.record.environment == *environment)
            .max_by_key(|release| (!release.removed, release.record.number))
    }

    /// Incidents of an environment that are not resolved.
    pub fn open_incidents<'a>(
        &'a self,
        environment: &'a EnvironmentName,
    ) -> impl Iterator<Item = (IncidentNumber, &'a Incident)> {
        self.incidents
            .iter()
            .filter(move |(_, incident)| {
                incident.environment.as_ref() == Some(environment) && incident.resolved.is_none()
            })
            .map(|(number, incident)| (*number, incident))
    }
}

impl EnvironmentState {
    /// Whether this release serves, or an open rollout goes to it or comes from it.
    pub fn needs(&self, number: ReleaseNumber) -> bool {
        let open = self.rollout.as_deref().map(|rollout| &rollout.plan);
        self.current.as_ref().is_some_and(|current| current.release.number == number)
            || open.is_some_and(|plan| plan.candidate.number == number)
            || open.and_then(|plan| plan.base.as_ref()).is_some_and(|base| base.number == number)
    }

    /// The jobs that ran since this release came, with the releases that ran them, and were not undone: what they changed is there when
    /// the release is gone back to. What was adopted came before all.
    pub fn jobs_since(&self, release: &ReleaseRef) -> impl Iterator<Item = (ReleaseNumber, &JobLeft)> {
        let came = |past: &Past| past.outcome != Outcome::Cancelled && past.candidate == *release;
        let since = self.history.iter().rposition(came).map_or(0, |came| came + 1);
        let pasts = self.history[since..].iter();
        pasts.flat_map(|past| past.jobs.iter().map(|job| (past.candidate.number, job)))
    }

    /// The deployments that can be gone back to, the latest first: committed once, not the current one, not marked bad.
    pub fn ways_back<'a>(&'a self, releases: &'a BTreeMap<ReleaseNumber, Release>) -> Vec<&'a Deployment> {
        let mut seen: Vec<&Digest> = self.current.iter().map(|current| &current.release.digest).collect();
        let mut found = Vec::new();
        for past in self.history.iter().rev().filter(|past| past.outcome == Outcome::Committed) {
            let digest = &past.candidate.digest;
            let removed = releases.get(&past.candidate.number).is_none_or(|release| release.removed);
            if !seen.contains(&digest) && !self.bad.contains_key(digest) && !removed {
                seen.push(digest);
                found.push(&past.deployment);
            }
        }
        found
    }
}
