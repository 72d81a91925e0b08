//! One environment's rollout, driven to its end by one thread while another renews the lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;
use sternway_engine::ports::{Held, Interrupt, Journal, JournalError};
use sternway_engine::session::Ports;
use sternway_engine::{EngineError, Idle, Session};

pub(crate) struct Driving {
    pub(crate) ports: Ports,
    pub(crate) environment: EnvironmentName,
    pub(crate) holder: String,
    pub(crate) lease: Duration,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) say: Arc<dyn Fn(&str) + Send + Sync>,
}

/// How long to wait before the logbook is tried again when it could not be used.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a driver that waits sleeps at most before it looks at the clock again.
const NAP: Duration = Duration::from_millis(500);

/// Drives until no rollout is open, another driver took over, or the process is to end.
pub(crate) fn drive(driving: &Driving, state: State) {
    let mut state = Some(state);
    while !driving.stop.load(Ordering::SeqCst) {
        let known = state.take().unwrap_or_default();
        match Session::open(driving.ports.clone(), known, &driving.environment, &driving.holder, driving.lease) {
            Ok(session) => match under_lease(driving, session) {
                Ok(()) => return,
                Err(EngineError::Fenced(_)) => {
                    say(driving, "another driver has taken over");
                    return;
                }
                Err(error) => {
                    say(driving, &in_full(&error));
                    thread::sleep(AGAIN);
                }
            },
            // Its holder may be dead: wait until the lease runs out by itself, and see then.
            Err(EngineError::Journal(JournalError::HeldBy { .. })) => thread::sleep(Duration::from_millis(100)),
            Err(error) => {
                say(driving, &in_full(&error));
                thread::sleep(AGAIN);
            }
        }
    }
}

fn under_lease(driving: &Driving, mut session: Session) -> Result<(), EngineError> {
    let renewal = Renewal::start(driving, session.lease().clone(), session.interrupt());
    let ended = loop {
        match session.drive() {
            Ok(Idle::Rest) => break Ok(()),
            Ok(Idle::Waiting(until)) => {
                let left = until.map_or(NAP, |until| until.since(driving.ports.clock.now()).min(NAP));
                let head = session.state().head;
                if let Err(error) = driving.ports.journal.wait_past(head, left) {
                    break Err(error.into());
                }
            }
            Err(error) => break Err(error),
        }
        if driving.stop.load(Ordering::SeqCst) {
            break Ok(());
        }
    };
    renewal.end();
    ended?;
    session.close()?;
    Ok(())
}

/// Renews a lease on a thread of its own, since an effect may take long; tells the session when the lease is lost.
struct Renewal {
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Renewal {
    fn start(driving: &Driving, lease: Held, interrupt: Arc<Interrupt>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (journal, ttl, ended) = (Arc::clone(&driving.ports.journal), driving.lease, Arc::clone(&over));
        let thread = thread::spawn(move || renew(journal.as_ref(), &lease, ttl, &interrupt, &ended));
        Self { over, thread }
    }

    fn end(self) {
        self.over.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
        let _panics_were_said_by_their_thread = self.thread.join();
    }
}

fn renew(journal: &dyn Journal, lease: &Held, ttl: Duration, interrupt: &Interrupt, over: &AtomicBool) {
    let mut renewed = Instant::now();
    while !over.load(Ordering::SeqCst) {
        thread::park_timeout(ttl / 4);
        match journal.renew(lease, ttl) {
            Ok(()) => renewed = Instant::now(),
            Err(JournalError::Fenced { .. }) => return interrupt.set(),
            // A logbook that cannot be written for a while is no reason to stop before the lease is really over.
            Err(_) if renewed.elapsed() < ttl => {}
            Err(_) => return interrupt.set(),
        }
    }
}

fn say(driving: &Driving, text: &str) {
    (driving.say)(&format!("{}: {text}", driving.environment));
}

fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
