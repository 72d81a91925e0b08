//! A logbook for tests: appends through `State::apply` alone, and drives as the engine does.

use sternway_core::event::{Dir, Entry, Event, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch};
use sternway_core::plan::Plan;
use sternway_core::state::{Effect, Illegal, Next, Rollout, State};
use sternway_core::time::Timestamp;

use crate::releases::{Case, Part, adopted, environment, release};

#[derive(Clone)]
pub(crate) struct Book {
    pub(crate) state: State,
    pub(crate) entries: Vec<Entry>,
    pub(crate) now: Timestamp,
    pub(crate) epoch: Epoch,
    pub(crate) place: EnvironmentName,
}

pub(crate) fn done() -> StepResult {
    StepResult::Done { note: String::new() }
}

pub(crate) fn failed() -> StepResult {
    StepResult::Failed { findings: vec![Finding::error("S0999", "it", "it broke")] }
}

pub(crate) fn unknown() -> StepResult {
    StepResult::Unknown { why: "nobody answered".to_owned() }
}

impl Book {
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_millis(1_700_000_000_000);
        Self { state: State::default(), entries: Vec::new(), now, epoch: Epoch(0), place: environment() }
    }

    /// On which this serves.
    pub(crate) fn serving(parts: &[Part]) -> Self {
        let mut book = Self::new();
        book.seal(1, parts);
        book.open(&book.case(1, parts).plan());
        book.end(|_| done());
        assert_eq!(book.state.environment(&environment()).current.unwrap().release.number.0, 1);
        book
    }

    /// On which something adopted serves.
    pub(crate) fn adopted() -> Self {
        let mut book = Self::new();
        book.person("ann", Event::Adopted { release: adopted().record }).unwrap();
        book
    }

    pub(crate) fn case(&self, number: u64, parts: &[Part]) -> Case {
        let current = self.state.environment(&environment()).current;
        let base = current.map(|now| match now.release.number.0 {
            0 => adopted(),
            number => release(number, parts),
        });
        Case::new(self.state.clone(), base, release(number, parts), parts)
    }

    pub(crate) fn seal(&mut self, number: u64, parts: &[Part]) {
        self.person("ann", Event::Sealed { release: release(number, parts).record }).unwrap();
    }

    pub(crate) fn open(&mut self, plan: &Plan) {
        self.person("ann", Event::Opened { plan: Box::new(plan.clone()) }).unwrap();
        self.take_lease();
    }

    pub(crate) fn take_lease(&mut self) {
        self.epoch = Epoch(self.epoch.0 + 1);
        let taken = Event::LeaseTaken { epoch: self.epoch, holder: "driver".to_owned(), from: None };
        self.driver(taken).unwrap();
    }

    pub(crate) fn person(&mut self, by: &str, event: Event) -> Result<(), Illegal> {
        self.append(by, None, event)
    }

    pub(crate) fn driver(&mut self, event: Event) -> Result<(), Illegal> {
        self.append("driver", Some(self.epoch), event)
    }

    /// Applies, and sees that what is refused changed nothing.
    pub(crate) fn append(&mut self, by: &str, epoch: Option<Epoch>, event: Event) -> Result<(), Illegal> {
        let entry = Entry {
            seq: self.state.head + 1,
            at: self.now,
            environment: Some(self.place.clone()),
            epoch,
            by: by.to_owned(),
            event,
        };
        let before = self.state.clone();
        let applied = self.state.apply(&entry);
        if applied.is_err() {
            assert!(self.state == before, "{:?} was refused and changed something", entry.event);
        } else {
            self.entries.push(entry);
        }
        self.now = Timestamp::from_millis(self.now.as_millis() + 7);
        applied
    }

    pub(crate) fn next(&self) -> Next {
        self.state.next(&self.place, self.epoch, self.now)
    }

    pub(crate) fn rollout(&self) -> &Rollout {
        self.state.rollout(&self.place).unwrap()
    }

    /// Appends what comes next until an effect, a wait or the end; what is proposed must fit.
    pub(crate) fn decide(&mut self) -> Next {
        for _ in 0..100 {
            match self.next() {
                Next::Append(event) => {
                    let refused = self.driver(event.clone());
                    assert!(refused.is_ok(), "`next` proposed {event:?}, and `apply` says {refused:?}");
                }
                next => return next,
            }
        }
        panic!("it decides for ever: {:?}", self.next());
    }

    pub(crate) fn finish(&mut self, effect: &Effect, result: StepResult) {
        let Effect { rollout, step, dir, .. } = *effect;
        self.driver(Event::Finished { rollout, step, dir, result }).unwrap();
    }

    /// Drives until it ends or waits for a person; what every effect came to is told.
    pub(crate) fn end(&mut self, result: impl Fn(&Effect) -> StepResult) -> Next {
        for _ in 0..300 {
            match self.decide() {
                Next::Run(effect) => {
                    let result = result(&effect);
                    self.finish(&effect, result);
                }
                Next::Wait(Some(until)) => self.now = until,
                next => return next,
            }
        }
        panic!("it does not end");
    }

    /// Drives to the effect of this step.
    pub(crate) fn drive_to(&mut self, name: &str, dir: Dir) -> Effect {
        for _ in 0..100 {
            match self.decide() {
                Next::Run(effect) => {
                    let step = &self.rollout().plan.steps[usize::from(effect.step)];
                    if step.name == name && effect.dir == dir {
                        return effect;
                    }
                    self.finish(&effect, done());
                }
                Next::Wait(Some(until)) => self.now = until,
                next => panic!("{next:?} before `{name}`"),
            }
        }
        panic!("never came to `{name}`");
    }
}

/// Fails at this step going forward, and does everything else.
pub(crate) fn failing_at(plan: &Plan, name: &str) -> impl Fn(&Effect) -> StepResult + use<> {
    let index = plan.steps.iter().position(|step| step.name == name).unwrap();
    move |effect| if effect.dir == Dir::Do && usize::from(effect.step) == index { failed() } else { done() }
}
