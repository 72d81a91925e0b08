//! Which entries an incident is about.

use std::collections::BTreeMap;

use sternway_core::event::{Entry, Event, Observation};
use sternway_core::ids::{IncidentNumber, ReleaseNumber, RolloutNumber};
use sternway_core::plan::{Action, Plan, PlanKind, Step, Undo};
use sternway_core::release::ReleaseRecord;
use sternway_core::time::Timestamp;

/// The entries of one incident, in the logbook's order, and what the report asks of them again and again.
pub(super) struct Scope<'a> {
    /// The entry that opened it.
    pub(super) opened: &'a Entry,
    /// Its number.
    pub(super) incident: IncidentNumber,
    /// Its title.
    pub(super) title: &'a str,
    /// The first failing observation, as recorded when it was opened.
    pub(super) started: Timestamp,
    /// Production's state then.
    pub(super) state: &'a str,
    /// Its rollout's number.
    pub(super) rollout: Option<RolloutNumber>,
    /// The entry that opened the rollout, and its plan.
    pub(super) plan: Option<(&'a Entry, &'a Plan)>,
    /// All entries about the incident.
    pub(super) entries: Vec<&'a Entry>,
    /// What the logbook knows of releases.
    pub(super) releases: BTreeMap<ReleaseNumber, &'a ReleaseRecord>,
}

impl<'a> Scope<'a> {
    /// The entries of this incident; `None` when the logbook does not know it.
    pub(super) fn of(entries: &'a [Entry], incident: IncidentNumber) -> Option<Self> {
        let mut all: Vec<&Entry> = entries.iter().collect();
        all.sort_by_key(|entry| entry.seq);
        let (opened, title, started, state, rollout) = all.iter().find_map(|entry| match &entry.event {
            Event::IncidentOpened { incident: number, rollout, title, started, state, .. } if *number == incident => {
                Some((*entry, title.as_str(), *started, state.as_str(), *rollout))
            }
            _ => None,
        })?;
        let plan = all.iter().find_map(|entry| match &entry.event {
            Event::Opened { plan, .. } if Some(plan.rollout) == rollout => Some((*entry, plan.as_ref())),
            _ => None,
        });
        let releases = all.iter().filter_map(|entry| match &entry.event {
            Event::Sealed { release } | Event::Adopted { release, .. } => Some((release.number, release)),
            _ => None,
        });
        let mut scope = Self {
            opened,
            incident,
            title,
            started,
            state,
            rollout,
            plan,
            entries: Vec::new(),
            releases: releases.collect(),
        };
        let membership = Membership::new(&scope, &all);
        scope.entries = all.into_iter().filter(|entry| membership.holds(entry)).collect();
        Some(scope)
    }

    /// The release that failed: the candidate of a release that was shipped, or the release from which a rollback went away.
    pub(super) fn failing(&self) -> Option<ReleaseNumber> {
        let (_, plan) = self.plan?;
        match plan.kind {
            PlanKind::Ship => Some(plan.candidate.number),
            PlanKind::Rollback => plan.base.as_ref().map(|base| base.number),
        }
    }

    /// The release to which the environment went back, or was to go back.
    pub(super) fn good(&self) -> Option<ReleaseNumber> {
        let (_, plan) = self.plan?;
        match plan.kind {
            PlanKind::Ship => plan.base.as_ref().map(|base| base.number),
            PlanKind::Rollback => Some(plan.candidate.number),
        }
    }

    /// Whether an observation of this release is about what failed. Without a rollout every release is.
    pub(super) fn concerns(&self, release: ReleaseNumber) -> bool {
        self.failing().is_none_or(|failing| failing == release)
    }

    /// A step of the plan.
    pub(super) fn step(&self, step: u16) -> Option<&'a Step> {
        self.plan.and_then(|(_, plan)| plan.steps.get(usize::from(step)))
    }

    /// Whether a step that routes requests to the failing release ever began: only then could users be affected by it. `None` when
    /// the plan is not in the logbook.
    pub(super) fn had_traffic(&self) -> Option<bool> {
        let (_, plan) = self.plan?;
        if plan.kind == PlanKind::Rollback {
            return Some(true);
        }
        let began = self.entries.iter().any(|entry| {
            matches!(entry.event, Event::Began { step, dir: sternway_core::event::Dir::Do, .. } | Event::Finished { step, dir: sternway_core::event::Dir::Do, .. }
                if self.step(step).is_some_and(|step| routes(&step.action)))
        });
        let observed = self.entries.iter().any(|entry| {
            matches!(&entry.event, Event::Observed { what: Observation::Traffic { release, counts, .. }, .. }
                if self.concerns(*release) && counts.requests > 0)
        });
        Some(began || observed)
    }
}

/// Whether an action routes requests to a release.
pub(super) fn routes(action: &Action) -> bool {
    matches!(action, Action::Shift { .. } | Action::Switch { .. } | Action::Exchange { .. })
}

/// Whether undoing a step puts all requests back on the release that served before.
pub(super) fn brings_back(undo: &Undo) -> bool {
    matches!(undo, Undo::By(Action::Switch { .. } | Action::Unshift { .. } | Action::Exchange { to: Some(_), .. }))
}

/// The rollout that an event is about.
pub(super) fn rollout_of(event: &Event) -> Option<RolloutNumber> {
    match event {
        Event::Opened { plan, .. } => Some(plan.rollout),
        Event::Began { rollout, .. }
        | Event::Finished { rollout, .. }
        | Event::Held { rollout, .. }
        | Event::Resumed { rollout, .. }
        | Event::Unwound { rollout, .. }
        | Event::Closed { rollout, .. } => Some(*rollout),
        Event::Observed { rollout, .. } => *rollout,
        _ => None,
    }
}

/// How far before the first failing observation an instance's change or a note may tell why, when no rollout says where to begin.
const BEFORE: i64 = 10 * 60 * 1000;

/// What decides whether an entry is about the incident.
struct Membership<'a> {
    opened: &'a Entry,
    incident: IncidentNumber,
    rollout: Option<RolloutNumber>,
    failing: Option<ReleaseNumber>,
    /// The plan's digest, to which approvals bind.
    digest: Option<sternway_core::digest::Digest>,
    /// The last gate before the plan, and the codes that it let pass.
    gate: Option<(u64, &'a [String])>,
    /// Where the rollout begins, and where the one before it in the same environment did.
    plan_seq: Option<u64>,
    before_seq: u64,
    /// What carries no number of a rollout counts between these.
    since: Timestamp,
    observed_since: Timestamp,
    until: u64,
}

impl<'a> Membership<'a> {
    fn new(scope: &Scope<'a>, all: &[&'a Entry]) -> Self {
        let plan_entry = scope.plan.map(|(entry, _)| entry);
        let plan_seq = plan_entry.map(|entry| entry.seq);
        let failing = scope.failing();
        let here = |entry: &Entry| entry.environment == scope.opened.environment;
        let before = |entry: &&&Entry| plan_seq.is_none_or(|seq| entry.seq < seq);
        let gate = all.iter().filter(before).rev().find_map(|entry| match &entry.event {
            Event::GateEvaluated { release, overridden, .. } if Some(*release) == failing && here(entry) => {
                Some((entry.seq, overridden.as_slice()))
            }
            _ => None,
        });
        let before_seq = all
            .iter()
            .filter(before)
            .filter(|entry| here(entry) && matches!(entry.event, Event::Opened { .. }))
            .map(|entry| entry.seq)
            .next_back()
            .unwrap_or(0);
        Self {
            opened: scope.opened,
            incident: scope.incident,
            rollout: scope.rollout,
            failing,
            digest: scope.plan.map(|(_, plan)| plan.digest()),
            gate: plan_seq.and(gate),
            plan_seq,
            before_seq,
            since: plan_entry.map_or_else(
                || Timestamp::from_millis(scope.started.as_millis().saturating_sub(BEFORE)),
                |entry| entry.at.min(scope.started),
            ),
            observed_since: plan_entry.map_or(scope.started, |entry| entry.at.min(scope.started)),
            until: Self::end(scope, all),
        }
    }

    /// The last entry that may be about the incident without saying so: the end of its rollout or the last update that says how
    /// users fare, for it may be noted on and resolved only days later; without a rollout its resolution; else the end of the logbook.
    fn end(scope: &Scope<'_>, all: &[&Entry]) -> u64 {
        let resolved = all.iter().find(
            |entry| matches!(entry.event, Event::IncidentResolved { incident, .. } if incident == scope.incident),
        );
        let closed = all
            .iter()
            .find(|entry| matches!(entry.event, Event::Closed { rollout, .. } if Some(rollout) == scope.rollout));
        let updated = all.iter().rev().find(|entry| match &entry.event {
            Event::IncidentUpdated { incident, restored, impact, .. } => {
                *incident == scope.incident && (restored.is_some() || impact.is_some())
            }
            _ => false,
        });
        let otherwise = resolved.map_or(u64::MAX, |entry| entry.seq);
        closed.map_or(otherwise, |closed| closed.seq.max(updated.map_or(0, |entry| entry.seq)).max(scope.opened.seq))
    }

    fn holds(&self, entry: &Entry) -> bool {
        if let Some(rollout) = rollout_of(&entry.event) {
            return Some(rollout) == self.rollout;
        }
        let here = entry.environment == self.opened.environment;
        let during = here && entry.at >= self.since && entry.seq <= self.until;
        let ahead = self.plan_seq.is_some_and(|seq| entry.seq < seq);
        match &entry.event {
            Event::IncidentOpened { incident, .. }
            | Event::IncidentUpdated { incident, .. }
            | Event::IncidentResolved { incident, .. } => *incident == self.incident,
            Event::Sealed { release, .. } => ahead && Some(release.number) == self.failing,
            Event::GateEvaluated { .. } => self.gate.is_some_and(|(seq, _)| seq == entry.seq),
            Event::Overridden { code, .. } => {
                here && ahead && entry.seq > self.before_seq && self.gate.is_some_and(|(_, codes)| codes.contains(code))
            }
            Event::Approved { digest, .. } | Event::Denied { digest, .. } => Some(digest) == self.digest.as_ref(),
            Event::MarkedBad { release, .. } => during && self.failing.is_none_or(|failing| failing == release.number),
            Event::Observed { what, .. } => during && entry.at >= self.observed_since && self.observes(what),
            Event::InstanceChanged { .. } | Event::Noted { .. } | Event::LeaseTaken { .. } => during,
            _ => false,
        }
    }

    /// Whether an observation outside of a rollout is about the release that failed.
    fn observes(&self, what: &Observation) -> bool {
        match what {
            Observation::Traffic { release, .. }
            | Observation::Check { release, .. }
            | Observation::Judged { release, .. } => self.failing.is_none_or(|failing| failing == *release),
            Observation::Base { .. } | Observation::Missing { .. } => true,
        }
    }
}
