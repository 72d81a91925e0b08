//! The loop that never ends: look at the logbook, see that each open rollout has a driver, run the jobs that are due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;
use sternway_engine::ports::Journal as _;
use sternway_engine::session::Ports;
use sternway_engine::{EngineError, LogbookJournal};

use crate::driving::{Driving, drive};

/// Something to do again and again, such as removing what is not needed any more.
pub trait Job: Send {
    /// For messages.
    fn name(&self) -> &'static str;
    /// How often.
    fn every(&self) -> Duration;
    /// Does it once; an error is said on the error stream and the job comes again at its hour.
    fn run(&mut self, state: &State) -> Result<(), String>;
}

/// Why the resident part ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The logbook could not be used.
    #[error("the logbook cannot be used")]
    Logbook(#[from] EngineError),
}

/// The ports for an environment.
pub type PortsOf = Arc<dyn Fn(&EnvironmentName) -> Ports + Send + Sync>;

/// The resident part, ready to run.
pub struct Resident {
    /// The logbook.
    pub journal: LogbookJournal,
    /// How an environment is reached.
    pub ports: PortsOf,
    /// What is done besides.
    pub jobs: Vec<Box<dyn Job>>,
    /// Who drives: `serve@host`, with a part that no other process has.
    pub holder: String,
    /// How long a lease holds unless renewed: as long as a rollout may stand still after its driver died.
    pub lease: Duration,
    /// Set to end the loop; rollouts under way are left to the next driver.
    pub stop: Arc<AtomicBool>,
    /// Where messages for a person go.
    pub say: Arc<dyn Fn(&str) + Send + Sync>,
}

/// How often the logbook is looked at when nothing is appended.
const LOOK: Duration = Duration::from_millis(250);

impl Resident {
    /// Runs until it is told to stop.
    pub fn run(mut self) -> Result<(), ServerError> {
        let mut state = State::default();
        let mut drivers: BTreeMap<EnvironmentName, JoinHandle<()>> = BTreeMap::new();
        // Jobs wait for hosts and may hang: they must not keep a rollout from its driver.
        let jobs = Jobs {
            all: std::mem::take(&mut self.jobs),
            journal: self.journal.clone(),
            stop: Arc::clone(&self.stop),
            say: Arc::clone(&self.say),
        };
        let jobs = thread::spawn(move || jobs.run());
        while !self.stop.load(Ordering::SeqCst) {
            state = self.journal.fold_onto(state)?;
            drivers.retain(|_, driver| !driver.is_finished());
            for (environment, place) in &state.environments {
                if place.rollout.is_some() && !drivers.contains_key(environment) {
                    drivers.insert(environment.clone(), self.start_driver(environment, &state));
                }
            }
            self.journal.wait_past(state.head, LOOK).map_err(EngineError::from)?;
        }
        for thread in drivers.into_values().chain([jobs]) {
            let _panics_were_said_by_their_thread = thread.join();
        }
        Ok(())
    }

    fn start_driver(&self, environment: &EnvironmentName, state: &State) -> JoinHandle<()> {
        let driving = Driving {
            ports: (self.ports)(environment),
            environment: environment.clone(),
            holder: self.holder.clone(),
            lease: self.lease,
            stop: Arc::clone(&self.stop),
            say: Arc::clone(&self.say),
        };
        let state = state.clone();
        thread::spawn(move || drive(&driving, state))
    }
}

/// The jobs, on a thread of their own.
struct Jobs {
    all: Vec<Box<dyn Job>>,
    journal: LogbookJournal,
    stop: Arc<AtomicBool>,
    say: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Jobs {
    fn run(mut self) {
        let mut state = State::default();
        let mut due = vec![Instant::now(); self.all.len()];
        while !self.stop.load(Ordering::SeqCst) {
            match self.journal.fold_onto(std::mem::take(&mut state)) {
                Ok(folded) => state = folded,
                Err(error) => (self.say)(&error.to_string()),
            }
            for (job, due) in self.all.iter_mut().zip(&mut due) {
                if *due <= Instant::now() {
                    if let Err(why) = job.run(&state) {
                        (self.say)(&format!("{}: {why}", job.name()));
                    }
                    *due = Instant::now() + job.every();
                }
            }
            thread::park_timeout(LOOK);
        }
    }
}
