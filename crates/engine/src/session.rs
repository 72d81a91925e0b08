//! Driving one environment under a lease: fold, next, run, append.

use std::sync::Arc;
use std::time::Duration;

use sternway_core::event::{Entry, Event, Observation, StepResult};
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::plan::{Action, Plan, WayBack};
use sternway_core::state::{Effect, Illegal, Next, Rollout, State};
use sternway_core::time::Timestamp;

use crate::ports::{Checks, Clock, Driver, Held, Interrupt, Journal, JournalError, Order, Snapshot, Traffic};

/// For how long what a plan proved about its way back is believed, when nobody has to approve it and it has no hour.
const PROVEN_FOR: Duration = Duration::from_mins(1);

/// What a session works with.
#[derive(Clone)]
pub struct Ports {
    /// The logbook.
    pub journal: Arc<dyn Journal>,
    /// Hosts and traffic.
    pub driver: Arc<dyn Driver>,
    /// What the proxy counted.
    pub traffic: Arc<dyn Traffic>,
    /// Smoke tests and monitors.
    pub checks: Arc<dyn Checks>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Why a session ended before its rollout did. The rollout is as the logbook says; any driver can go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Another driver took over.
    #[error("another driver has taken over {0}")]
    Fenced(EnvironmentName),
    /// The logbook could not be used.
    #[error("the logbook cannot be used")]
    Journal(#[from] JournalError),
    /// The logbook holds something that cannot follow what came before it.
    #[error("entry {seq} of the logbook cannot follow what came before it")]
    Illegal {
        /// Which.
        seq: u64,
        /// Why.
        source: Illegal,
    },
}

/// Why a session has nothing to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// No rollout is open.
    Rest,
    /// The rollout waits for a person, or until this time.
    Waiting(Option<Timestamp>),
}

/// One environment under a lease.
pub struct Session {
    pub(crate) ports: Ports,
    pub(crate) lease: Held,
    pub(crate) state: State,
    pub(crate) interrupt: Arc<Interrupt>,
    /// The proxy's counters as they were before the last effect that moved traffic, so that no response after it is missed.
    pub(crate) before: Option<Snapshot>,
    by: String,
    /// Applied to `state`, not durable yet.
    pending: Vec<Event>,
    durable: u64,
}

impl Session {
    /// Takes the environment's lease, on top of a state that was folded from the same journal.
    pub fn open(
        ports: Ports,
        state: State,
        environment: &EnvironmentName,
        holder: &str,
        ttl: Duration,
    ) -> Result<Self, EngineError> {
        let mut lease = ports.journal.acquire(environment, holder, ttl)?;
        let seen = ports.driver.seen_epoch(environment).unwrap_or(Epoch(0));
        let first = lease.epoch;
        while lease.epoch <= seen {
            lease = Held { taken_from: lease.taken_from, ..ports.journal.acquire(environment, holder, ttl)? };
        }
        let durable = state.head;
        let mut session = Self {
            ports,
            state,
            interrupt: Arc::default(),
            before: None,
            by: holder.to_owned(),
            pending: Vec::new(),
            durable,
            lease,
        };
        session.catch_up()?;
        let taken = Event::LeaseTaken {
            epoch: session.lease.epoch,
            holder: holder.to_owned(),
            from: session.lease.taken_from.clone(),
        };
        session.stage(taken);
        if first <= seen {
            let text = format!(
                "host or proxy had seen epoch {seen}, which this logbook has not given yet, as after restoring it from an older copy: its \
                 leases go on from there. What was done after the copy was made is not in it: compare with `sternway status`"
            );
            session.stage(Event::Noted { text });
        }
        session.flush()?;
        Ok(session)
    }

    /// The lease, for whoever renews it.
    pub fn lease(&self) -> &Held {
        &self.lease
    }

    /// Set it when the lease is lost: the session then ends as soon as it can.
    pub fn interrupt(&self) -> Arc<Interrupt> {
        Arc::clone(&self.interrupt)
    }

    /// What the logbook says, as far as this session has read and written it.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Gives the lease back and the state out.
    pub fn close(self) -> Result<State, EngineError> {
        self.ports.journal.release(&self.lease)?;
        Ok(self.state)
    }

    /// Drives until there is nothing to do but wait.
    pub fn drive(&mut self) -> Result<Idle, EngineError> {
        loop {
            self.stop_if_fenced()?;
            self.catch_up()?;
            let next = self.decide()?;
            self.flush()?;
            // What others appended meanwhile may have undone the decisions before it: only what still comes next is done.
            if self.state.next(&self.lease.environment, self.lease.epoch, self.ports.clock.now()) != next {
                continue;
            }
            match next {
                Next::Run(effect) => {
                    let result = self.run(&effect)?;
                    self.stop_if_fenced()?;
                    let Effect { rollout, step, dir, .. } = effect;
                    self.stage(Event::Finished { rollout, step, dir, result });
                }
                Next::Wait(until) => return Ok(Idle::Waiting(until)),
                Next::Rest => return Ok(Idle::Rest),
                // `decide` staged it.
                Next::Append(_) => {}
            }
        }
    }

    /// Stages every event that is decided without an effect, and answers with what comes then.
    ///
    /// What comes next always fits: should it not, that is said, and not tried again at full speed for ever.
    fn decide(&mut self) -> Result<Next, EngineError> {
        let environment = self.lease.environment.clone();
        loop {
            match self.state.next(&environment, self.lease.epoch, self.ports.clock.now()) {
                Next::Append(event) => {
                    let entry = self.entry(event);
                    let seq = entry.seq;
                    self.state.apply(&entry).map_err(|source| EngineError::Illegal { seq, source })?;
                    self.pending.push(entry.event);
                }
                next => return Ok(next),
            }
        }
    }

    fn run(&mut self, effect: &Effect) -> Result<StepResult, EngineError> {
        let Some(rollout) = self.state.rollout(&self.lease.environment) else {
            return Ok(StepResult::Unknown { why: "the rollout is not open any more".to_owned() });
        };
        let plan = rollout.plan.clone();
        match &effect.action {
            Action::Baseline { release } => {
                if let Some(gone) = self.way_back_is_gone(effect, &plan) {
                    return Ok(gone);
                }
                let note = match release {
                    Some(release) if plan.is_routed(release) => return Ok(self.baseline(effect)),
                    Some(_) => "no requests are routed here",
                    None => "nothing served before",
                };
                Ok(StepResult::Done { note: note.to_owned() })
            }
            Action::Smoke { release } => self.smoke(effect, &plan, release),
            Action::Verify { release, percent, window } => {
                self.watch(effect, &plan, release, *percent, window.duration())
            }
            Action::ConfirmServing { release } => self.confirm(effect, &plan, release),
            action => {
                if moves_traffic(action) {
                    self.before = self.ports.traffic.counts(&self.lease.environment).ok();
                }
                let order = Order { key: effect.key(), epoch: self.lease.epoch, plan: &plan, action };
                Ok(self.ports.driver.run(&order, &|| self.is_wanted(effect)))
            }
        }
    }

    /// Whether an effect is still to be done: not when the lease is lost, nor when its rollout was closed meanwhile. So a person who
    /// goes back while the old release drains need not wait for the drain's end.
    fn is_wanted(&self, effect: &Effect) -> bool {
        let ends = |entry: &Entry| matches!(entry.event, Event::Closed { rollout, .. } if rollout == effect.rollout);
        // A logbook that cannot be read just now says nothing against it.
        let ended = || self.ports.journal.entries_after(self.durable).is_ok_and(|news| news.iter().any(ends));
        !self.interrupt.is_set() && !ended()
    }

    /// What a plan promised about going back is looked at again when it has waited since: for approvals, for its hour, or for whoever
    /// drives it. `None` when it stands.
    fn way_back_is_gone(&self, effect: &Effect, plan: &Plan) -> Option<StepResult> {
        let WayBack::Proven { to, .. } = &plan.way_back else { return None };
        let waits = plan.approvals > 0 || plan.not_before.is_some();
        if !waits && self.ports.clock.now().since(effect.opened) < PROVEN_FOR {
            return None;
        }
        let order = Order { key: effect.key(), epoch: self.lease.epoch, plan, action: &effect.action };
        let found = self.ports.driver.way_back(&order, to);
        (!matches!(found, StepResult::Done { .. })).then_some(found)
    }

    fn baseline(&mut self, effect: &Effect) -> StepResult {
        let now = self.ports.clock.now();
        match self.ports.traffic.record(&self.lease.environment) {
            Ok(Some(record)) => {
                let seconds = record.span.duration().as_secs_f64().max(1.0);
                let rate = record.counts.requests as f64 / seconds;
                let note = format!("{} requests of release {} on record", record.counts.requests, record.release);
                let what = Observation::Base { release: record.release, counts: record.counts, rate };
                self.stage(Event::Observed { rollout: Some(effect.rollout), from: now, to: now, what });
                StepResult::Done { note }
            }
            Ok(None) => StepResult::Done { note: "no requests on record: only the checks judge at 100%".to_owned() },
            Err(unreachable) => {
                // A missing base is no reason to stop: the judge then says less, and says so.
                let what =
                    Observation::Missing { source: unreachable.source_name.clone(), why: unreachable.why.clone() };
                self.stage(Event::Observed { rollout: Some(effect.rollout), from: now, to: now, what });
                StepResult::Done { note: format!("{unreachable}: only the checks judge at 100%") }
            }
        }
    }

    /// The open rollout.
    pub(crate) fn rollout(&self) -> Option<&Rollout> {
        self.state.rollout(&self.lease.environment)
    }

    pub(crate) fn stop_if_fenced(&self) -> Result<(), EngineError> {
        if self.interrupt.is_set() { Err(EngineError::Fenced(self.lease.environment.clone())) } else { Ok(()) }
    }

    /// Reads what others appended. What is staged must be flushed before.
    pub(crate) fn catch_up(&mut self) -> Result<(), EngineError> {
        if !self.pending.is_empty() {
            return self.flush();
        }
        for entry in self.ports.journal.entries_after(self.durable)? {
            self.state.apply(&entry).map_err(|source| EngineError::Illegal { seq: entry.seq, source })?;
            self.durable = entry.seq;
        }
        Ok(())
    }

    /// Applies an event now and makes it durable at the next flush; false when it cannot follow.
    pub(crate) fn stage(&mut self, event: Event) -> bool {
        let entry = self.entry(event);
        let fits = self.state.apply(&entry).is_ok();
        if fits {
            self.pending.push(entry.event);
        }
        fits
    }

    fn entry(&self, event: Event) -> Entry {
        Entry {
            seq: self.state.head + 1,
            at: self.ports.clock.now(),
            environment: Some(self.lease.environment.clone()),
            epoch: Some(self.lease.epoch),
            by: self.by.clone(),
            event,
        }
    }

    /// Makes what is staged durable. When others appended meanwhile, facts (what ended, what was observed) are appended after
    /// theirs, and decisions are dropped, to be made again on what is known now. So is the end of an effect whose rollout they closed.
    pub(crate) fn flush(&mut self) -> Result<(), EngineError> {
        while !self.pending.is_empty() {
            let at = self.ports.clock.now();
            let (journal, lease) = (&self.ports.journal, &self.lease);
            match journal.append(Some(&lease.environment), Some(lease), &self.by, at, &self.pending, self.durable) {
                Ok(entries) => {
                    self.durable = entries.last().map_or(self.durable, |entry| entry.seq);
                    self.pending.clear();
                }
                Err(JournalError::Moved { .. }) => {
                    let staged = std::mem::take(&mut self.pending);
                    self.fold_anew()?;
                    for event in staged.into_iter().filter(is_fact) {
                        self.stage(event);
                    }
                }
                Err(JournalError::Fenced { .. }) => return Err(EngineError::Fenced(self.lease.environment.clone())),
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    fn fold_anew(&mut self) -> Result<(), EngineError> {
        self.state = self.ports.journal.folded()?;
        self.durable = self.state.head;
        Ok(())
    }
}

/// What cannot be decided otherwise: it has happened.
fn is_fact(event: &Event) -> bool {
    matches!(event, Event::Finished { .. } | Event::Observed { .. } | Event::LeaseTaken { .. } | Event::Noted { .. })
}

fn moves_traffic(action: &Action) -> bool {
    matches!(action, Action::Shift { .. } | Action::Switch { .. } | Action::Exchange { .. })
}
