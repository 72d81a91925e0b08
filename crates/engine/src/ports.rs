//! The ports through which the engine acts. All are synchronous; an implementation may use threads as it likes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sternway_core::check::{Check, CheckAnswer};
use sternway_core::counts::Counts;
use sternway_core::event::{Entry, Event, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber};
use sternway_core::plan::{Action, Plan};
use sternway_core::release::ReleaseRef;
use sternway_core::state::State;
use sternway_core::time::{Millis, Timestamp};

use crate::session::EngineError;

/// Time, as the engine sees it.
pub trait Clock: Send + Sync {
    /// Now, for what is written down. It may jump: somebody sets the clock.
    fn now(&self) -> Timestamp;
    /// Time that only passes, from a beginning of its own: for how long something took, and for when it is due.
    fn passed(&self) -> Duration;
    /// Lets this much time pass.
    fn pause(&self, span: Duration);
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where.
    pub environment: EnvironmentName,
    /// Its generation.
    pub epoch: Epoch,
    /// Who holds it.
    pub holder: String,
    /// From whom it was taken over, when it had expired in their hands.
    pub taken_from: Option<String>,
}

/// Why the journal did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody appended since the expected head; read on, and decide again.
    #[error("the logbook has moved on to entry {head}")]
    Moved {
        /// The head now.
        head: u64,
    },
    /// The lease was taken over.
    #[error("the lease was taken over by {holder}")]
    Fenced {
        /// Who holds it now.
        holder: String,
    },
    /// The lease is held by another, who is alive.
    #[error("{holder} holds the lease until {until}")]
    HeldBy {
        /// Who.
        holder: String,
        /// Until when, unless renewed.
        until: Timestamp,
    },
    /// The logbook cannot be used.
    #[error("{why}")]
    Broken {
        /// Why, with the causes.
        why: String,
    },
}

/// The logbook as the engine uses it.
pub trait Journal: Send + Sync {
    /// What all entries fold into.
    fn folded(&self) -> Result<State, EngineError> {
        let mut state = State::default();
        for entry in self.entries_after(0)? {
            state.apply(&entry).map_err(|source| EngineError::Illegal { seq: entry.seq, source })?;
        }
        Ok(state)
    }
    /// The entries after this one, in order.
    fn entries_after(&self, seq: u64) -> Result<Vec<Entry>, JournalError>;
    /// Appends all or nothing, durable when it returns, provided that the head is still `expected` and the lease (when one is
    /// given) is still held.
    fn append(
        &self,
        environment: Option<&EnvironmentName>,
        lease: Option<&Held>,
        by: &str,
        at: Timestamp,
        events: &[Event],
        expected: u64,
    ) -> Result<Vec<Entry>, JournalError>;
    /// Waits until there is an entry after this one, at most so long.
    fn wait_past(&self, seq: u64, at_most: Duration) -> Result<(), JournalError>;
    /// Takes the lease when it is free or expired.
    fn acquire(&self, environment: &EnvironmentName, holder: &str, ttl: Duration) -> Result<Held, JournalError>;
    /// Extends the lease.
    fn renew(&self, lease: &Held, ttl: Duration) -> Result<(), JournalError>;
    /// Gives the lease back.
    fn release(&self, lease: &Held) -> Result<(), JournalError>;
    /// The last entry's number and hash (hex), for witnesses.
    fn head(&self) -> Result<Option<(u64, String)>, JournalError>;
}

/// What a driver is asked to do: an effect with the plan that it belongs to.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The effect's key in words: the same across retries and crashes.
    pub key: String,
    /// The lease under which it is run.
    pub epoch: Epoch,
    /// The frozen plan.
    pub plan: &'a Plan,
    /// What is to be done.
    pub action: &'a Action,
}

/// Hosts and traffic. Idempotent by the order's key: the same order twice leaves what one leaves, whether the first ran, ran half,
/// or never ran.
pub trait Driver: Send + Sync {
    /// Does it, and says how it ended. Where it only waits (for what is open on a release that left, never in the middle of moving
    /// traffic), it asks `wanted` about ten times a second; when that says no, it leaves everything as it is and answers unknown.
    fn run(&self, order: &Order<'_>, wanted: &dyn Fn() -> bool) -> StepResult;
    /// Renews the candidate's share of traffic, which is a lease.
    fn renew_share(&self, order: &Order<'_>, release: &ReleaseRef, percent: u8) -> Result<(), Unreachable>;
    /// The greatest epoch that host and proxy have seen, as far as they can be asked. It is never beyond the logbook's own, unless the
    /// logbook was restored from an older copy.
    fn seen_epoch(&self, environment: &EnvironmentName) -> Option<Epoch>;
    /// What is wrong with this release's instances while it is watched: one that ends by itself again and again. Quick, since the judge
    /// looks again only after it. By default nothing is.
    fn steady(&self, _order: &Order<'_>, _release: &ReleaseRef) -> Result<Option<Finding>, Unreachable> {
        Ok(None)
    }
    /// Whether this release, which a plan goes back to when it fails, is still all there: read byte by byte, or asked for a connection
    /// when it was adopted. Asked where a plan has waited since it was proven.
    fn way_back(&self, order: &Order<'_>, release: &ReleaseRef) -> StepResult;
    /// See whether this release serves: instances ready, the proxy names it current.
    fn confirm(&self, order: &Order<'_>, release: &ReleaseRef) -> StepResult;
}

/// An observer that could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{source_name} could not be reached: {why}")]
pub struct Unreachable {
    /// Which.
    pub source_name: String,
    /// Why.
    pub why: String,
}

/// Cumulative counters of one release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficOf {
    /// While it was current.
    pub current: Counts,
    /// While it was the candidate.
    pub candidate: Counts,
    /// Distinct clients among its failed requests.
    pub failed_clients: u64,
}

/// Cumulative counters of all releases since the counting began.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Changes when counting began anew.
    pub boot: String,
    /// By release.
    pub releases: BTreeMap<ReleaseNumber, TrafficOf>,
}

/// How the current release has served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficRecord {
    /// Which release.
    pub release: ReleaseNumber,
    /// Its last requests as current.
    pub counts: Counts,
    /// Over how long.
    pub span: Millis,
}

/// What the proxy counted.
pub trait Traffic: Send + Sync {
    /// The counters now.
    fn counts(&self, environment: &EnvironmentName) -> Result<Snapshot, Unreachable>;
    /// The current release's record; `None` when nothing has served.
    fn record(&self, environment: &EnvironmentName) -> Result<Option<TrafficRecord>, Unreachable>;
}

/// Whom a check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The candidate's own instances, past the proxy.
    Candidate(ReleaseRef),
    /// Users' way: through the proxy, to whatever is current.
    Public(ReleaseRef),
}

/// An answer that may still be on its way.
pub trait Pending: Send {
    /// The answer, once it is there.
    fn poll(&mut self) -> Option<CheckAnswer>;
}

impl Pending for Option<CheckAnswer> {
    fn poll(&mut self) -> Option<CheckAnswer> {
        self.take()
    }
}

/// Smoke tests and monitors.
pub trait Checks: Send + Sync {
    /// Asks one check. Never takes much longer than the check's time-out.
    fn ask(&self, environment: &EnvironmentName, plan: &Plan, check: &Check, subject: &Subject) -> CheckAnswer;

    /// Asks in the background, so that a check that hangs does not keep the judge from looking. By default it asks at once.
    fn begin(&self, environment: &EnvironmentName, plan: &Plan, check: &Check, subject: &Subject) -> Box<dyn Pending> {
        Box::new(Some(self.ask(environment, plan, check, subject)))
    }
}

/// Told to effects that take long: stop early, since the rollout goes back or the lease is lost.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Tells it.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was told.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
