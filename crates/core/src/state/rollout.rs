//! A rollout under way.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::counts::{Counts, Metric};
use crate::event::{Choice, Dir, StepResult};
use crate::ids::{Epoch, ReleaseNumber, ServiceName};
use crate::plan::{Action, Plan, PlanKind, Undo};
use crate::time::Timestamp;

/// A rollout under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rollout {
    /// Its frozen plan.
    pub plan: Plan,
    /// The entry that opened it.
    pub opened_seq: u64,
    /// When it was opened.
    pub opened: Timestamp,
    /// By whom.
    pub by: String,
    /// Who approved its plan, each once.
    pub approvals: Vec<String>,
    /// Who denied it, and why.
    pub denied: Option<String>,
    /// Each step's state, in the plan's order.
    pub steps: Vec<StepState>,
    /// Set when it goes back, and why.
    pub unwinding: Option<String>,
    /// Set while it waits.
    pub hold: Option<Hold>,
    /// Set when a person asked to go back.
    pub asked_back: Option<String>,
    /// Whether a release that fails here is to be marked bad, and whether that was done.
    pub marked_bad: bool,
    /// What was observed.
    pub observed: Observed,
}

/// A step's state, forward and back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct StepState {
    /// Forward.
    pub forward: EffectState,
    /// Back.
    pub back: EffectState,
}

/// How far an effect is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub enum EffectState {
    /// It has not begun.
    #[default]
    NotBegun,
    /// It has begun under the lease of this epoch; whether it ran is not known until it has finished.
    Begun {
        /// Which attempt, from 1.
        attempt: u32,
        /// Whose.
        epoch: Epoch,
        /// How many attempts before it failed.
        failures: u32,
    },
    /// It ended.
    Finished {
        /// Which attempt.
        attempt: u32,
        /// How.
        result: StepResult,
        /// When.
        at: Timestamp,
        /// How many attempts failed, this one among them; one that is unknown did not.
        failures: u32,
    },
    /// It ended badly, and a person told it to be tried again.
    Again {
        /// How many attempts there were.
        attempt: u32,
        /// How many of them failed.
        failures: u32,
    },
    /// Its result was accepted by a person, whatever it was.
    Accepted,
}

impl EffectState {
    /// Whether it succeeded or was accepted.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Accepted | Self::Finished { result: StepResult::Done { .. }, .. })
    }

    /// Whether it has begun and not ended, under the lease of this epoch.
    pub fn is_under_way(&self, now: Epoch) -> bool {
        matches!(self, Self::Begun { epoch, .. } if *epoch == now)
    }

    /// Whether it ever began.
    pub fn has_begun(&self) -> bool {
        !matches!(self, Self::NotBegun)
    }

    /// The number of attempts so far.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::NotBegun | Self::Accepted => 0,
            Self::Begun { attempt, .. } | Self::Finished { attempt, .. } | Self::Again { attempt, .. } => *attempt,
        }
    }
}

impl EffectState {
    /// The number of attempts that are known to have failed.
    pub fn failures(&self) -> u32 {
        match self {
            Self::NotBegun | Self::Accepted => 0,
            Self::Begun { failures, .. } | Self::Finished { failures, .. } | Self::Again { failures, .. } => *failures,
        }
    }
}

/// A job that ran, or may have run, and was not undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobLeft {
    /// The job.
    pub job: ServiceName,
    /// The command that would undo it, where one is declared.
    pub undo: Option<String>,
}

impl JobLeft {
    /// For a person who goes back.
    pub fn in_words(&self, release: ReleaseNumber) -> String {
        let undo = self.undo.as_ref().map_or_else(|| "it has no undo".to_owned(), |undo| format!("its undo: {undo}"));
        format!("job `{}` of release {release} ran and is not undone; {undo}", self.job)
    }
}

/// Why and how a rollout waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// When it stops waiting by itself, and what it does then.
    pub until: Option<(Timestamp, Choice)>,
}

/// What was observed during a rollout: enough to rebuild the judge after a crash, and to say who was affected.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// The base's record as current, with its requests a second.
    #[serde(with = "exact_rate")]
    #[schemars(with = "Option<(Counts, u64)>")]
    pub base: Option<(Counts, f64)>,
    /// Traffic by share of traffic (percent) and release.
    pub traffic: BTreeMap<u8, BTreeMap<ReleaseNumber, Counts>>,
    /// The candidate's own tally.
    pub candidate: Tally,
    /// Metrics that were rejected, with the words of the judgement.
    pub rejected: Vec<(Metric, String)>,
    /// The first failing observation of any kind.
    pub first_failure: Option<Timestamp>,
    /// The last failing observation of any kind.
    pub last_failure: Option<Timestamp>,
}

/// Requests of the candidate over the whole rollout.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// All.
    pub requests: u64,
    /// Those that count as an error of any metric but latency.
    pub failed: u64,
    /// Distinct clients among them.
    pub clients: u64,
    /// The first window in which one failed, and the last.
    pub failing: Option<(Timestamp, Timestamp)>,
}

impl Rollout {
    /// The state of one step in one direction.
    pub fn effect(&self, step: u16, dir: Dir) -> Option<&EffectState> {
        let step = self.steps.get(usize::from(step))?;
        Some(match dir {
            Dir::Do => &step.forward,
            Dir::Undo => &step.back,
        })
    }

    pub(super) fn effect_mut(&mut self, step: u16, dir: Dir) -> Option<&mut EffectState> {
        let step = self.steps.get_mut(usize::from(step))?;
        Some(match dir {
            Dir::Do => &mut step.forward,
            Dir::Undo => &mut step.back,
        })
    }

    /// The first step that is not done, going forward.
    pub fn forward_step(&self) -> Option<u16> {
        self.steps.iter().position(|step| !step.forward.is_done()).map(index)
    }

    /// The last step that must still be taken back: it began, it has an undo, and that is not done.
    pub fn backward_step(&self) -> Option<u16> {
        self.steps
            .iter()
            .zip(&self.plan.steps)
            .rposition(|(state, step)| state.forward.has_begun() && step.undo != Undo::Nothing && !state.back.is_done())
            .map(index)
    }

    /// The effect that is under way or comes next: step and direction.
    pub fn position(&self) -> Option<(u16, Dir)> {
        if self.unwinding.is_some() {
            self.backward_step().map(|step| (step, Dir::Undo))
        } else {
            self.forward_step().map(|step| (step, Dir::Do))
        }
    }

    /// Whether any effect ever began.
    pub fn has_begun(&self) -> bool {
        self.steps.iter().any(|step| step.forward.has_begun())
    }

    /// Whether everything up to the point of no return is done: the candidate can be committed.
    pub fn is_complete(&self) -> bool {
        self.steps
            .iter()
            .zip(&self.plan.steps)
            .filter(|(_, step)| !step.after_commit)
            .all(|(state, _)| state.forward.is_done())
    }

    /// Whether a step after the point of no return has begun: the candidate is accepted, and nothing goes back any more.
    pub fn is_accepted(&self) -> bool {
        self.is_complete()
            && self
                .steps
                .iter()
                .zip(&self.plan.steps)
                .any(|(state, step)| step.after_commit && state.forward.has_begun())
    }

    /// The jobs that it began and did not undo.
    pub fn jobs_left(&self) -> Vec<JobLeft> {
        let undone =
            |state: &StepState| matches!(state.back, EffectState::Finished { result: StepResult::Done { .. }, .. });
        let left =
            self.steps.iter().zip(&self.plan.steps).filter(|(state, _)| state.forward.has_begun() && !undone(state));
        left.filter_map(|(_, step)| {
            let Action::RunJob { service, .. } = &step.action else { return None };
            let undo = match &step.undo {
                Undo::By(Action::UndoJob { command, .. }) => Some(command.clone()),
                _ => None,
            };
            Some(JobLeft { job: service.clone(), undo })
        })
        .collect()
    }

    /// Until when it is open, as far as the logbook says, for somebody who waits: what it waits for, or when its watches can end at
    /// the earliest.
    pub fn until_in_words(&self) -> String {
        if self.unwinding.is_some() {
            return "it goes back now".to_owned();
        }
        if let Some(hold) = &self.hold {
            return match hold.until {
                Some((until, _)) => format!("held until {until}: {}", hold.why),
                None => format!("held until a person decides: {}", hold.why),
            };
        }
        if !self.is_approved() {
            return format!("until it has {} approvals and is done", self.plan.approvals);
        }
        let watched = self.plan.steps.iter().filter_map(|step| match step.action {
            Action::Verify { window, .. } => Some(window.duration()),
            _ => None,
        });
        let start = self.plan.not_before.map_or(self.opened, |hour| hour.max(self.opened));
        format!("it is watched until {} at the earliest", start.plus(watched.sum()))
    }

    /// Whether it has as many approvals as its plan asks for.
    pub fn is_approved(&self) -> bool {
        u32::try_from(self.approvals.len()).unwrap_or(u32::MAX) >= self.plan.approvals
    }

    /// Whether a person's word that it go back stands out.
    pub fn is_to_go_back(&self) -> bool {
        self.unwinding.is_none() && (self.asked_back.is_some() || self.denied.is_some()) && !self.is_accepted()
    }

    /// Why this choice cannot be made now, under the lease of this epoch.
    pub fn refuses(&self, choice: Choice, now: Epoch) -> Option<&'static str> {
        let under_way = || {
            let position = self.position().and_then(|(step, dir)| self.effect(step, dir));
            position.is_some_and(|effect| effect.is_under_way(now))
        };
        match choice {
            Choice::RollBack if self.plan.kind == PlanKind::Rollback => Some("a rollback is never rolled back"),
            Choice::RollBack if self.unwinding.is_some() => Some("it goes back already"),
            Choice::RollBack if self.is_accepted() => Some("its release is accepted already"),
            Choice::Continue | Choice::Accept if self.hold.is_none() => Some("it is not held"),
            Choice::Accept if under_way() => {
                Some("its step is under way: there is no result yet that could be accepted")
            }
            Choice::RollBack | Choice::Continue | Choice::Accept => None,
        }
    }

    /// Whether the release itself is to blame: a step failed that runs something of it or asks it, or a person said so. What is
    /// unknown, or was interrupted, says nothing about the release; neither does a disk that is full, an object that is damaged in the
    /// store, or a proxy that did not do as it was told, and who goes back because of that does not mean the release.
    pub fn is_to_blame(&self) -> bool {
        let failed = |state: &&StepState| {
            matches!(&state.forward, EffectState::Finished { result: StepResult::Failed { .. }, .. })
        };
        let mut failed = self.steps.iter().zip(&self.plan.steps).filter(|(state, _)| failed(state)).peekable();
        if failed.peek().is_none() {
            return self.asked_back.is_some();
        }
        failed.any(|(_, step)| runs_the_release(&step.action))
    }
}

/// Whether something of the release runs in this, or is asked, so that its failing says something about the release.
fn runs_the_release(action: &Action) -> bool {
    match action {
        Action::Start { .. }
        | Action::Smoke { .. }
        | Action::RunJob { .. }
        | Action::Verify { .. }
        | Action::SwapWorkers { .. }
        | Action::Exchange { .. } => true,
        Action::Baseline { .. }
        | Action::ConfirmServing { .. }
        | Action::Stage { .. }
        | Action::UndoJob { .. }
        | Action::Stop { .. }
        | Action::Shift { .. }
        | Action::Unshift { .. }
        | Action::Switch { .. }
        | Action::Withdraw { .. }
        | Action::Retire { .. } => false,
    }
}

/// A rate by its bits: what is read back must be what was kept, and a decimal number may differ in its last digit.
mod exact_rate {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::counts::Counts;

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(base: &Option<(Counts, f64)>, serializer: S) -> Result<S::Ok, S::Error> {
        base.as_ref().map(|(counts, rate)| (counts, rate.to_bits())).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<(Counts, f64)>, D::Error> {
        let base = Option::<(Counts, u64)>::deserialize(deserializer)?;
        Ok(base.map(|(counts, rate)| (counts, f64::from_bits(rate))))
    }
}

fn index(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}
