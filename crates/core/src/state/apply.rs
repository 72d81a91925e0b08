//! The fold: one event at a time, refusing what cannot have happened.

use super::rollout::{EffectState, Hold, Rollout, StepState};
use super::{Bad, Deployment, EnvironmentState, Incident, Past, Release, State};
use crate::event::{Choice, Dir, Entry, Event, Observation, Outcome, StepResult};
use crate::ids::{EnvironmentName, Epoch, IncidentNumber, ReleaseNumber, RolloutNumber, ServiceName};
use crate::plan::{Plan, PlanKind, Undo};
use crate::register::Accepted;
use crate::release::{ReleaseRecord, ReleaseRef};
use crate::time::Timestamp;
use crate::verdict::Verdict;
use crate::watch::{self, Blind, Watch};

/// Why an event cannot follow what the logbook holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// It must name its environment.
    #[error("the event names no environment")]
    NoEnvironment,
    /// Another rollout is open there.
    #[error("rollout {rollout} of {environment} is open, opened by {by} at {at}")]
    RolloutOpen {
        /// Where.
        environment: EnvironmentName,
        /// Which.
        rollout: RolloutNumber,
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The plan was made for another base than serves now.
    #[error("the plan goes out from {}, but {} serves now", name(.planned.as_ref()), name(.now.as_ref()))]
    BaseMoved {
        /// The plan's base.
        planned: Option<ReleaseRef>,
        /// What serves.
        now: Option<ReleaseRef>,
    },
    /// The number is not the next one.
    #[error("the next {what} has number {expected}, not {got}")]
    WrongNumber {
        /// Release, rollout, incident.
        what: &'static str,
        /// The next.
        expected: u64,
        /// What the event says.
        got: u64,
    },
    /// It names a release that was never sealed for this environment, or whose digest differs.
    #[error("release {0} was not sealed like this for the environment")]
    UnknownRelease(ReleaseNumber),
    /// It names an incident that was never opened.
    #[error("incident {0} was never opened")]
    UnknownIncident(IncidentNumber),
    /// It belongs to a rollout that is not open.
    #[error("rollout {0} is not open")]
    NotOpen(RolloutNumber),
    /// It cannot come now.
    #[error("{event} cannot come now: {why}")]
    OutOfTurn {
        /// The event's kind.
        event: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// Its writer's lease was taken over.
    #[error("epoch {got} is older than {seen}")]
    Fenced {
        /// The event's.
        got: Epoch,
        /// The newest.
        seen: Epoch,
    },
}

fn name(release: Option<&ReleaseRef>) -> String {
    release.map_or_else(|| "no release".to_owned(), |release| format!("release {}", release.number))
}

impl State {
    /// Applies the next entry, or says why it cannot follow; the state is unchanged then.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Illegal> {
        self.apply_event(entry)?;
        self.head = entry.seq;
        Ok(())
    }

    /// Goes past an entry that was only good for a rollout that has ended since, as observations are: nothing but its writer's right to
    /// it is looked at.
    pub fn pass(
        &mut self,
        seq: u64,
        environment: Option<&EnvironmentName>,
        epoch: Option<Epoch>,
    ) -> Result<(), Illegal> {
        self.not_fenced(environment, epoch)?;
        self.head = seq;
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn apply_event(&mut self, entry: &Entry) -> Result<(), Illegal> {
        self.not_fenced(entry.environment.as_ref(), entry.epoch)?;
        match &entry.event {
            Event::Sealed { release } => self.sealed(entry, release, self.next_release().0),
            Event::Adopted { release } => self.adopted(entry, release),
            Event::MarkedBad { release, why } => {
                let at = entry.at;
                let environment = self.named(entry)?;
                environment.bad.insert(release.digest.clone(), Bad { why: why.clone(), at });
                if let Some(rollout) = &mut environment.rollout
                    && rollout.plan.candidate == *release
                {
                    rollout.marked_bad = true;
                }
                Ok(())
            }
            Event::Removed { releases, .. } => self.removed(releases),
            Event::Approved { digest, .. } => {
                let rollout = self.open_with(entry, digest)?;
                if !rollout.approvals.contains(&entry.by) {
                    rollout.approvals.push(entry.by.clone());
                }
                Ok(())
            }
            Event::Denied { digest, reason } => {
                let text = format!("denied by {}: {reason}", entry.by);
                let rollout = self.open_with(entry, digest)?;
                if rollout.has_begun() {
                    return Err(Illegal::OutOfTurn {
                        event: "denied",
                        why: "the rollout has begun: roll it back instead",
                    });
                }
                rollout.denied = Some(text);
                Ok(())
            }
            Event::Opened { plan } => self.opened(entry, plan),
            Event::Began { rollout, step, dir, attempt } => {
                let epoch = self.authority(entry.environment.as_ref(), entry.epoch)?;
                self.open(entry, *rollout)?.began(*step, *dir, *attempt, epoch)
            }
            Event::Finished { rollout, step, dir, result } => {
                let epoch = self.authority(entry.environment.as_ref(), entry.epoch)?;
                self.open(entry, *rollout)?.finished(*step, *dir, result, epoch, entry.at)
            }
            Event::Held { rollout, why, until } => {
                let hold = Hold { why: why.clone(), since: entry.at, until: *until };
                self.open(entry, *rollout)?.hold = Some(hold);
                Ok(())
            }
            Event::Resumed { rollout, choice, reason } => {
                let now = self.epoch_now(entry.environment.as_ref());
                self.open(entry, *rollout)?.resumed(*choice, reason, &entry.by, now)
            }
            Event::Unwound { rollout, why } => {
                self.authority(entry.environment.as_ref(), entry.epoch)?;
                self.open(entry, *rollout)?.unwound(why)
            }
            Event::Closed { rollout, outcome } => self.closed(entry, *rollout, *outcome),
            Event::Observed { rollout: Some(rollout), from, to, what } => {
                // What was observed may arrive late, when its rollout has just ended: it is kept in the logbook, not folded.
                if let Ok(open) = self.open(entry, *rollout) {
                    open.observe(*from, *to, what);
                }
                Ok(())
            }
            Event::IncidentOpened { incident, rollout, title, started, state } => {
                let expected = self.incidents.keys().next_back().map_or(1, |last| last.0 + 1);
                in_order("incident", expected, incident.0)?;
                let incident_state = Incident {
                    environment: entry.environment.clone(),
                    rollout: *rollout,
                    title: title.clone(),
                    started: *started,
                    opened: entry.at,
                    state: state.clone(),
                    restored: None,
                    impact: None,
                    resolved: None,
                };
                self.incidents.insert(*incident, incident_state);
                Ok(())
            }
            Event::IncidentUpdated { incident, restored, impact, .. } => {
                let known = self.incidents.get_mut(incident).ok_or(Illegal::UnknownIncident(*incident))?;
                known.restored = restored.or(known.restored);
                known.impact = impact.clone().or_else(|| known.impact.take());
                Ok(())
            }
            Event::IncidentResolved { incident, .. } => {
                let known = self.incidents.get_mut(incident).ok_or(Illegal::UnknownIncident(*incident))?;
                known.resolved = Some(entry.at);
                Ok(())
            }
            Event::RegisterAccepted { service, key, owner, reason, until } => {
                let (owner, reason, by) = (owner.clone(), reason.clone(), entry.by.clone());
                let accepted = Accepted { owner, reason, until: *until, by, at: entry.at };
                self.named(entry)?.register.entry(service.clone()).or_default().insert(key.clone(), accepted);
                Ok(())
            }
            Event::RegisterRemoved { service, key, .. } => self.unregistered(entry, service, key),
            Event::Watched { against, findings, drift } => {
                let (against, findings, drift) = (against.clone(), findings.clone(), drift.clone());
                let place = self.named(entry)?;
                place.watch = Some(Box::new(Watch { at: entry.at, against, findings, drift }));
                place.blind = None;
                Ok(())
            }
            Event::Observed { rollout: None, from, what: Observation::Missing { source, why }, .. }
                if source == watch::SOURCE =>
            {
                self.named(entry)?.blind = Some(Blind { since: *from, why: why.clone() });
                Ok(())
            }
            Event::LeaseTaken { epoch, holder, .. } => {
                let environment = self.named(entry)?;
                if let Some((seen, _)) = &environment.lease
                    && epoch < seen
                {
                    return Err(Illegal::Fenced { got: *epoch, seen: *seen });
                }
                environment.lease = Some((*epoch, holder.clone()));
                Ok(())
            }
            Event::GateEvaluated { .. }
            | Event::Overridden { .. }
            | Event::Observed { rollout: None, .. }
            | Event::InstanceChanged { .. }
            | Event::Noted { .. } => Ok(()),
        }
    }

    fn unregistered(&mut self, entry: &Entry, service: &ServiceName, key: &str) -> Result<(), Illegal> {
        let missing = || Illegal::OutOfTurn { event: "register_removed", why: "the register has no such value" };
        let name = entry.environment.as_ref().ok_or(Illegal::NoEnvironment)?;
        let register = &mut self.environments.get_mut(name).ok_or_else(missing)?.register;
        let of_service = register.get_mut(service).ok_or_else(missing)?;
        of_service.remove(key).ok_or_else(missing)?;
        if of_service.is_empty() {
            register.remove(service);
        }
        Ok(())
    }

    fn sealed(&mut self, entry: &Entry, record: &ReleaseRecord, expected: u64) -> Result<(), Illegal> {
        in_order("release", expected, record.number.0)?;
        let release = Release { record: record.clone(), at: entry.at, by: entry.by.clone(), removed: false };
        self.releases.insert(record.number, release);
        Ok(())
    }

    /// All of them, or none: what serves, and what an open rollout goes to or comes from, is never removed.
    fn removed(&mut self, numbers: &[ReleaseNumber]) -> Result<(), Illegal> {
        for number in numbers {
            let release = self.releases.get(number).ok_or(Illegal::UnknownRelease(*number))?;
            let place = self.environments.get(&release.record.environment);
            if place.is_some_and(|place| place.needs(*number)) {
                return Err(Illegal::OutOfTurn { event: "removed", why: "the release serves, or its rollout is open" });
            }
        }
        for number in numbers {
            self.releases.entry(*number).and_modify(|release| release.removed = true);
        }
        Ok(())
    }

    fn adopted(&mut self, entry: &Entry, record: &ReleaseRecord) -> Result<(), Illegal> {
        let out_of_turn = |why| Err(Illegal::OutOfTurn { event: "adopted", why });
        if entry.environment.as_ref() != Some(&record.environment) {
            return Err(Illegal::NoEnvironment);
        }
        in_order("adopted release", 0, record.number.0)?;
        let place = self.environments.get(&record.environment);
        if place.is_some_and(|place| place.current.is_some()) {
            return out_of_turn("the environment has a release already");
        }
        if place.is_some_and(|place| place.rollout.is_some()) {
            return out_of_turn("a rollout is open");
        }
        let environment = self.named(entry)?;
        let release = record.reference();
        let deployment =
            Deployment { release, since: entry.at, rollout: None, traffic: None, checks: Vec::new(), keep: 5 };
        environment.current = Some(deployment);
        // Each environment has a release 0 of its own, so it is kept with the environment and not among the sealed ones.
        environment.adopted = Some(record.clone());
        Ok(())
    }

    fn opened(&mut self, entry: &Entry, plan: &Plan) -> Result<(), Illegal> {
        let name = entry.environment.as_ref().filter(|name| **name == plan.environment);
        let name = name.ok_or(Illegal::NoEnvironment)?.clone();
        in_order("rollout", self.last_rollout + 1, plan.rollout.0)?;
        if !self.is_shippable(&name, &plan.candidate) {
            return Err(Illegal::UnknownRelease(plan.candidate.number));
        }
        let environment = self.environments.get(&name);
        if let Some(open) = environment.and_then(|environment| environment.rollout.as_ref()) {
            return Err(Illegal::RolloutOpen {
                environment: name,
                rollout: open.plan.rollout,
                by: open.by.clone(),
                at: open.opened,
            });
        }
        let now =
            environment.and_then(|environment| environment.current.as_ref()).map(|current| current.release.clone());
        if now != plan.base {
            return Err(Illegal::BaseMoved { planned: plan.base.clone(), now });
        }
        self.environments.entry(name).or_default().rollout = Some(Box::new(Rollout {
            plan: plan.clone(),
            opened_seq: entry.seq,
            opened: entry.at,
            by: entry.by.clone(),
            approvals: Vec::new(),
            denied: None,
            steps: vec![StepState::default(); plan.steps.len()],
            unwinding: None,
            hold: None,
            asked_back: None,
            marked_bad: false,
            observed: super::Observed::default(),
        }));
        self.last_rollout = plan.rollout.0;
        Ok(())
    }

    fn closed(&mut self, entry: &Entry, number: RolloutNumber, outcome: Outcome) -> Result<(), Illegal> {
        let rollout = self.open(entry, number)?;
        let out_of_turn = |why| Err(Illegal::OutOfTurn { event: "closed", why });
        match outcome {
            Outcome::Committed if rollout.unwinding.is_some() || !rollout.is_complete() => {
                return out_of_turn("a step is not done");
            }
            Outcome::Committed if rollout.is_to_go_back() => return out_of_turn("it was told to go back"),
            Outcome::RolledBack if rollout.unwinding.is_none() || rollout.backward_step().is_some() => {
                return out_of_turn("a step is not undone");
            }
            // A way back that leads nowhere is given up for another: a rollback is never what stands in a rollback's way.
            Outcome::Cancelled if rollout.has_begun() && rollout.plan.kind != PlanKind::Rollback => {
                return out_of_turn("a step has begun");
            }
            _ => {}
        }
        let environment = self.named(entry)?;
        let Some(rollout) = environment.rollout.take() else { return Err(Illegal::NotOpen(number)) };
        environment.close(*rollout, outcome, entry.at);
        Ok(())
    }

    fn is_shippable(&self, environment: &EnvironmentName, release: &ReleaseRef) -> bool {
        let adopted = self.environments.get(environment).and_then(|environment| environment.adopted.as_ref());
        let sealed = self.releases.get(&release.number).filter(|sealed| !sealed.removed).map(|sealed| &sealed.record);
        let record = if release.number.0 == 0 { adopted } else { sealed };
        record.is_some_and(|record| record.digest == release.digest && record.environment == *environment)
    }

    fn named(&mut self, entry: &Entry) -> Result<&mut EnvironmentState, Illegal> {
        let name = entry.environment.as_ref().ok_or(Illegal::NoEnvironment)?;
        if !self.environments.contains_key(name) {
            self.environments.insert(name.clone(), EnvironmentState::default());
        }
        self.environments.get_mut(name).ok_or(Illegal::NoEnvironment)
    }

    /// The open rollout of the entry's environment, which is not made up when it was never named.
    fn any_open(&mut self, entry: &Entry) -> Result<Option<&mut Rollout>, Illegal> {
        let name = entry.environment.as_ref().ok_or(Illegal::NoEnvironment)?;
        Ok(self.environments.get_mut(name).and_then(|environment| environment.rollout.as_deref_mut()))
    }

    fn open(&mut self, entry: &Entry, number: RolloutNumber) -> Result<&mut Rollout, Illegal> {
        let rollout = self.any_open(entry)?;
        rollout.filter(|rollout| rollout.plan.rollout == number).ok_or(Illegal::NotOpen(number))
    }

    fn open_with(&mut self, entry: &Entry, digest: &crate::digest::Digest) -> Result<&mut Rollout, Illegal> {
        let rollout = self.any_open(entry)?;
        rollout
            .filter(|rollout| rollout.plan.digest() == *digest)
            .ok_or(Illegal::OutOfTurn { event: "a decision", why: "no open plan has this digest" })
    }

    /// The newest epoch in the entry's environment.
    fn epoch_now(&self, environment: Option<&EnvironmentName>) -> Epoch {
        let lease = environment.and_then(|name| self.environments.get(name)?.lease.as_ref());
        lease.map_or(Epoch(0), |lease| lease.0)
    }

    /// The epoch under which the entry was written, when it is the newest; what is written without a lease has the lowest.
    fn authority(&self, environment: Option<&EnvironmentName>, epoch: Option<Epoch>) -> Result<Epoch, Illegal> {
        let (got, seen) = (epoch.unwrap_or(Epoch(0)), self.epoch_now(environment));
        if got < seen { Err(Illegal::Fenced { got, seen }) } else { Ok(got) }
    }

    /// Whatever it is, who writes under a lease that was taken over writes nothing any more.
    fn not_fenced(&self, environment: Option<&EnvironmentName>, epoch: Option<Epoch>) -> Result<(), Illegal> {
        epoch.map_or(Ok(()), |_| self.authority(environment, epoch).map(|_| ()))
    }
}

impl EnvironmentState {
    fn close(&mut self, rollout: Rollout, outcome: Outcome, at: Timestamp) {
        let jobs = rollout.jobs_left();
        let plan = rollout.plan;
        let deployment = Deployment {
            release: plan.candidate.clone(),
            since: at,
            rollout: Some(plan.rollout),
            traffic: Some(plan.traffic),
            checks: plan.checks,
            keep: plan.keep,
        };
        if outcome == Outcome::Committed {
            self.current = Some(deployment.clone());
        }
        self.history.push(Past {
            rollout: plan.rollout,
            base: plan.base,
            candidate: plan.candidate,
            outcome,
            at,
            by: rollout.by,
            why: rollout.unwinding.or(rollout.denied).or(rollout.asked_back),
            deployment,
            jobs,
        });
    }
}

impl Rollout {
    fn began(&mut self, step: u16, dir: Dir, attempt: u32, epoch: Epoch) -> Result<(), Illegal> {
        let out_of_turn = |why| Err(Illegal::OutOfTurn { event: "began", why });
        if self.hold.is_some() {
            return out_of_turn("the rollout is held");
        }
        if self.position() != Some((step, dir)) {
            return out_of_turn("another step is next");
        }
        if dir == Dir::Do && self.denied.is_some() {
            return out_of_turn("its plan was denied");
        }
        if dir == Dir::Do && !self.is_approved() {
            return out_of_turn("approvals are lacking");
        }
        let Some(effect) = self.effect_mut(step, dir) else { return out_of_turn("there is no such step") };
        if attempt != effect.attempts() + 1 {
            return out_of_turn("it is not the next attempt");
        }
        *effect = EffectState::Begun { attempt, epoch, failures: effect.failures() };
        Ok(())
    }

    fn finished(
        &mut self,
        step: u16,
        dir: Dir,
        result: &StepResult,
        epoch: Epoch,
        at: Timestamp,
    ) -> Result<(), Illegal> {
        let out_of_turn = |why| Err(Illegal::OutOfTurn { event: "finished", why });
        let Some(effect) = self.effect_mut(step, dir) else { return out_of_turn("there is no such step") };
        let EffectState::Begun { attempt, epoch: begun, failures } = *effect else {
            return out_of_turn("it had not begun");
        };
        if begun != epoch {
            return out_of_turn("it was begun by another driver");
        }
        let failures = failures + u32::from(matches!(result, StepResult::Failed { .. }));
        *effect = EffectState::Finished { attempt, result: result.clone(), at, failures };
        if dir == Dir::Do && !matches!(result, StepResult::Done { .. }) {
            self.observed.failed_at(at);
        }
        Ok(())
    }

    fn resumed(&mut self, choice: Choice, reason: &str, by: &str, now: Epoch) -> Result<(), Illegal> {
        if let Some(why) = self.refuses(choice, now) {
            return Err(Illegal::OutOfTurn { event: "resumed", why });
        }
        match choice {
            Choice::RollBack => {
                self.hold = None;
                let reason = if reason.is_empty() { "no reason given" } else { reason };
                self.asked_back = Some(format!("{by} told it to go back: {reason}"));
                Ok(())
            }
            Choice::Continue => {
                self.hold = None;
                // What is under way goes on: only what ended, or whose driver is gone, is done again.
                if let Some((step, dir)) = self.position()
                    && let Some(effect) = self.effect_mut(step, dir)
                    && effect.has_begun()
                    && !effect.is_under_way(now)
                {
                    *effect = EffectState::Again { attempt: effect.attempts(), failures: effect.failures() };
                }
                Ok(())
            }
            Choice::Accept => {
                self.hold = None;
                if let Some((step, dir)) = self.position()
                    && let irreversible = matches!(self.plan.steps[usize::from(step)].undo, Undo::Irreversible(_))
                    && let Some(effect) = self.effect_mut(step, dir)
                    && (effect.has_begun() || (dir == Dir::Undo && irreversible))
                {
                    *effect = EffectState::Accepted;
                }
                Ok(())
            }
        }
    }

    fn unwound(&mut self, why: &str) -> Result<(), Illegal> {
        let out_of_turn = |why| Err(Illegal::OutOfTurn { event: "unwound", why });
        if self.plan.kind == PlanKind::Rollback {
            return out_of_turn("a rollback is never rolled back");
        }
        if self.unwinding.is_some() {
            return out_of_turn("it goes back already");
        }
        if self.is_accepted() {
            return out_of_turn("its release is accepted already");
        }
        self.unwinding = Some(why.to_owned());
        self.hold = None;
        Ok(())
    }

    fn observe(&mut self, from: Timestamp, to: Timestamp, what: &Observation) {
        let candidate = self.plan.candidate.number;
        match what {
            Observation::Base { counts, rate, .. } => self.observed.base = Some((counts.clone(), *rate)),
            Observation::Traffic { release, percent, counts, clients } => {
                self.observed.traffic.entry(*percent).or_default().entry(*release).or_default().add(counts);
                if *release == candidate {
                    self.observed.tally(from, to, counts, *clients);
                }
            }
            Observation::Check { answer, .. } if answer.verdict == Verdict::Fail => self.observed.failed_at(to),
            Observation::Judged { metric, verdict: Verdict::Fail, errors, requests, against, .. } => {
                let words = format!("{errors} of {requests} requests, against {against}");
                self.observed.rejected.push((*metric, words));
                self.observed.failed_at(to);
            }
            _ => {}
        }
    }
}

impl super::Observed {
    fn failed_at(&mut self, at: Timestamp) {
        self.first_failure = Some(self.first_failure.map_or(at, |first| first.min(at)));
        self.last_failure = Some(self.last_failure.map_or(at, |last| last.max(at)));
    }

    fn tally(&mut self, from: Timestamp, to: Timestamp, counts: &crate::counts::Counts, clients: u64) {
        let failed = counts.hurt();
        let tally = &mut self.candidate;
        tally.requests += counts.requests;
        tally.failed += failed;
        tally.clients = tally.clients.max(clients);
        if failed > 0 {
            let first = tally.failing.map_or(from, |span| span.0);
            tally.failing = Some((first, to));
        }
    }
}

fn in_order(what: &'static str, expected: u64, got: u64) -> Result<(), Illegal> {
    if expected == got { Ok(()) } else { Err(Illegal::WrongNumber { what, expected, got }) }
}
