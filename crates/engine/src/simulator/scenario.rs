//! A story to be told in a [`World`]: what serves, what comes, and how it must end whatever dies on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sternway_core::check::{Check, HttpCheck, Question};
use sternway_core::digest::Digest;
use sternway_core::event::{Choice, Entry, Event, Outcome};
use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::plan::{JudgeSettings, OnLimit, Plan, PlanKind, TrafficSpec};
use sternway_core::planner::{self, Facts, Inputs, Known};
use sternway_core::project::Environment;
use sternway_core::release::{Adopted, Ready, ReleaseContent, ReleaseRecord, ServiceKind, ServiceSpec};
use sternway_core::state::{Rollout, State};
use sternway_core::time::Millis;

use super::World;
use super::world::Behaviour;
use crate::ports::{Clock, Journal};
use crate::session::{EngineError, Idle, Ports, Session};

const TTL: Duration = Duration::from_secs(5);

/// One service of the story: name, kind, whether two may run side by side, whether its job can be undone.
type Part = (&'static str, ServiceKind, bool, bool);

/// A story.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// For a person.
    pub name: &'static str,
    /// Services of both releases.
    pub parts: Vec<Part>,
    /// What serves before: nothing, something adopted, or a release.
    pub before: Before,
    /// How the new release behaves.
    pub candidate: Behaviour,
    /// True when the story is a person's rollback of the new release, after it was committed.
    pub rollback: bool,
    /// What follows when the new release's verdict stays unknown.
    pub on_unknown: OnLimit,
    /// How many approvals the new release needs.
    pub approvals: u32,
}

/// What serves before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// Something outside of Sternway's care.
    Adopted,
    /// A release.
    Release,
}

/// How a story ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// On the new release.
    Committed,
    /// On the old one.
    RolledBack,
    /// Nothing was done.
    Cancelled,
    /// Waiting for a person, for this reason.
    Held(String),
}

impl Scenario {
    /// The environment of all stories.
    ///
    /// # Panics
    /// Never: the name is valid.
    #[expect(clippy::expect_used, reason = "a constant")]
    pub fn environment() -> EnvironmentName {
        EnvironmentName::new("production").expect("a valid name")
    }

    /// Brings the world to the moment at which the story's rollout is open, and has not begun.
    pub fn prepare(&self, world: &Arc<World>) -> Result<(), String> {
        if !self.is_routed() {
            world.without_proxy();
        }
        match self.before {
            Before::Nothing => {}
            Before::Adopted => Self::adopt(world)?,
            Before::Release => {
                self.seal(world, 1)?;
                let before = Self { approvals: 0, ..self.clone() };
                before.open(world, 1)?;
                expect(&drive_to_the_end(world)?, &Ending::Committed)?;
            }
        }
        // Long enough for a record of more than ten thousand requests.
        for _ in 0..60 {
            world.pass(Duration::from_secs(1));
        }
        let number = if self.before == Before::Release { 2 } else { 1 };
        self.seal(world, number)?;
        if self.rollback {
            self.open(world, number)?;
            expect(&drive_to_the_end(world)?, &Ending::Committed)?;
            return self.open_rollback(world, number);
        }
        world.behaves(ReleaseNumber(number), self.candidate.clone());
        self.open(world, number)
    }

    fn adopt(world: &Arc<World>) -> Result<(), String> {
        let address = "127.0.0.1:9000".to_owned();
        let digest = planner::adopted_digest(&address);
        let release = ReleaseRecord {
            number: ReleaseNumber(0),
            digest: digest.clone(),
            environment: Self::environment(),
            code: digest.clone(),
            config: digest,
            services: BTreeMap::new(),
            adopted: Some(Adopted { address }),
            origin: String::new(),
        };
        world.adopted();
        append(world, vec![Event::Adopted { release }])
    }

    fn content(&self, number: u64) -> ReleaseContent {
        let code = self.parts.iter().map(|part| (service(part), Digest::of(&number.to_be_bytes()))).collect();
        let services = self.parts.iter().map(|part| (service(part), spec(part))).collect();
        let web = self.parts.iter().filter(|part| part.1 == ServiceKind::Web);
        let routes = web.map(|part| (format!("/{}", part.0), service(part))).collect();
        let environment = Self::environment();
        ReleaseContent { format: 1, environment, code, services, config: BTreeMap::new(), routes }
    }

    fn record(&self, number: u64) -> ReleaseRecord {
        let content = self.content(number);
        ReleaseRecord {
            number: ReleaseNumber(number),
            digest: content.digest(),
            environment: Self::environment(),
            code: content.code_digest(),
            config: content.config_digest(),
            services: content.services.iter().map(|(name, spec)| (name.clone(), spec.kind)).collect(),
            adopted: None,
            origin: String::new(),
        }
    }

    fn seal(&self, world: &Arc<World>, number: u64) -> Result<(), String> {
        append(world, vec![Event::Sealed { release: self.record(number) }])
    }

    fn known(&self, state: &State, number: ReleaseNumber) -> Known {
        if number.0 == 0
            && let Some(record) = state.environment(&Self::environment()).adopted
        {
            return Known { record, content: None, intact: Ok(0) };
        }
        Known { record: self.record(number.0), content: Some(self.content(number.0)), intact: Ok(1000) }
    }

    fn open(&self, world: &Arc<World>, number: u64) -> Result<(), String> {
        self.open_planned(world, number, |inputs| planner::ship(inputs).plan)
    }

    /// Opens a rollback from this release to the one before; a rollback that is open is given up for it.
    pub fn open_rollback(&self, world: &Arc<World>, from: u64) -> Result<(), String> {
        self.open_planned(world, from - 1, |inputs| {
            planner::rollback(inputs, inputs.settings.traffic.clone(), vec![check()]).plan
        })
    }

    /// What `sternway rollback` does when a person types it while this story's release goes out, or after it did. Says whether it
    /// opened a rollback of its own.
    pub fn roll_back_by_hand(&self, world: &Arc<World>) -> Result<bool, String> {
        let state = fold(world)?;
        let place = state.environment(&Self::environment());
        let open = place.rollout.as_deref().filter(|open| !open.is_accepted());
        match open.map(|open| (open.plan.kind, open.plan.rollout)) {
            Some((PlanKind::Rollback, _)) => Ok(false),
            Some((PlanKind::Ship, rollout)) => {
                let (choice, reason) = (Choice::RollBack, "it is slow".to_owned());
                append(world, vec![Event::Resumed { rollout, choice, reason }]).map(|()| false)
            }
            None => self.open_rollback(world, 2).map(|()| true),
        }
    }

    fn open_planned(
        &self,
        world: &Arc<World>,
        number: u64,
        plan: impl Fn(&Inputs<'_>) -> Option<Plan>,
    ) -> Result<(), String> {
        let environment = Self::environment();
        let mut state = fold(world)?;
        let mut events: Vec<Event> = state.ends_for_a_rollback(&environment).into_iter().collect();
        for event in &events {
            state.apply(&spoken(world, state.head + 1, event)).map_err(|illegal| illegal.to_string())?;
        }
        let settings = self.settings();
        let current = state.environment(&environment).current.map(|current| current.release);
        // As `sternway rollback` does it: what a way back that got stuck goes to is what is left by the next.
        let left = fold(world)?.left_by_a_stuck_rollback(&environment).map(|left| left.number);
        let left = left.filter(|left| left.0 != number).or(current.as_ref().map(|current| current.number));
        let base = left.map(|left| self.known(&state, left));
        let inputs = Inputs {
            state: &state,
            environment: &environment,
            settings: &settings,
            checks: &[check()],
            base,
            candidate: self.known(&state, ReleaseNumber(number)),
            facts: Facts {
                disk_free: 1 << 40,
                inodes_free: 1 << 20,
                disk_needed: 1000,
                inodes_needed: 10,
                listen_taken: None,
                adopted_answers: Some(true),
                other_folder: None,
                record: None,
            },
            findings: Vec::new(),
            accepted: None,
            overrides: &[],
            not_before: None,
        };
        let plan = Plan { base: current, ..plan(&inputs).ok_or("the planner refused")? };
        events.push(Event::Opened { plan: Box::new(plan) });
        append(world, events)
    }

    fn is_routed(&self) -> bool {
        self.parts.iter().any(|part| part.1 == ServiceKind::Web)
    }

    fn settings(&self) -> Environment {
        let web = self.parts.iter().filter(|part| part.1 == ServiceKind::Web);
        Environment {
            protected: true,
            traffic: TrafficSpec {
                listen: "127.0.0.1:8080".to_owned(),
                routes: web.map(|part| (format!("/{}", part.0), service(part))).collect(),
                login: vec!["/login".to_owned()],
                drain: Millis::from_secs(30),
            },
            steps: vec![10, 100],
            verify: Millis::from_secs(4),
            bake: Millis::from_secs(6),
            judge: JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: self.on_unknown },
            adopt: None,
            approvals: self.approvals,
            keep: 5,
            config: BTreeMap::new(),
            reads: BTreeMap::new(),
            facts: None,
            metrics: None,
            watch: None,
            place: Place { file: "sternway.toml".to_owned(), line: 1, column: 1 },
        }
    }

    /// Whether the world is as the logbook says, and as a person would expect it after this ending.
    pub fn consistent(&self, world: &Arc<World>, ending: &Ending) -> Result<(), String> {
        let state = fold(world)?;
        let place = state.environment(&Self::environment());
        if let Ending::Held(why) = ending {
            let hold = place.rollout.as_deref().and_then(|rollout| rollout.hold.as_ref());
            let goes_back = place
                .rollout
                .as_deref()
                .is_some_and(|rollout| rollout.unwinding.is_some() || rollout.plan.kind == PlanKind::Rollback);
            let waits = place.rollout.as_deref().is_some_and(|rollout| !rollout.is_approved());
            return if (why.is_empty() || hold.is_none()) && !waits {
                Err("held without a reason".to_owned())
            } else if goes_back && hold.is_some_and(|hold| !hold.why.starts_with("ann")) && state.incidents.is_empty() {
                Err("held without an incident".to_owned())
            } else {
                Ok(())
            };
        }
        if place.rollout.is_some() {
            return Err("a rollout is still open".to_owned());
        }
        let current = place.current.as_ref().map(|current| current.release.number);
        if self.is_routed() && world.serving() != current {
            return Err(format!("the logbook says {current:?} serves, the proxy has {:?}", world.serving()));
        }
        if let Some(canary) = world.canary() {
            return Err(format!("release {canary} still has a share of traffic"));
        }
        let expected: BTreeSet<(ReleaseNumber, ServiceName)> = current
            .filter(|number| number.0 > 0)
            .map(|number| {
                let running = self.parts.iter().filter(|part| part.1 != ServiceKind::Job);
                running.map(|part| (number, service(part))).collect()
            })
            .unwrap_or_default();
        if world.running() != expected {
            return Err(format!("running is {:?}, expected {expected:?}", world.running()));
        }
        if *ending == Ending::RolledBack && !self.rollback && state.incidents.is_empty() {
            return Err("a rollback without an incident".to_owned());
        }
        let undone = self.parts.iter().filter(|part| part.1 == ServiceKind::Job && part.3);
        let committed = place.history.iter().filter(|past| past.outcome == Outcome::Committed);
        let times = i64::try_from(committed.count()).unwrap_or(0) - i64::from(self.rollback);
        for part in undone {
            let ran = world.jobs().get(&service(part)).copied().unwrap_or(0);
            if ran != times {
                return Err(format!("job {} was done {ran} times in all, expected {times}", part.0));
            }
        }
        Ok(())
    }
}

/// Drives with one driver after the other until the rollout ends or waits for a person.
pub fn drive_to_the_end(world: &Arc<World>) -> Result<Ending, String> {
    let environment = Scenario::environment();
    for life in 0..200 {
        if world.is_dead() {
            world.revive();
            world.pass(TTL * 2);
        }
        let mut session =
            match Session::open(ports(world), State::default(), &environment, &format!("driver {life}"), TTL) {
                Ok(session) => session,
                Err(EngineError::Journal(crate::ports::JournalError::HeldBy { .. })) => {
                    world.pass(TTL);
                    continue;
                }
                Err(EngineError::Illegal { seq, source }) => return Err(format!("entry {seq}: {source}")),
                Err(_) => continue,
            };
        loop {
            match session.drive() {
                Ok(Idle::Rest) => {
                    let state = session.close().map_err(|error| error.to_string())?;
                    return ending(&state);
                }
                Ok(Idle::Waiting(Some(until))) => {
                    let now = world.now();
                    world.pass(until.since(now).max(Duration::from_millis(1)));
                    // Whoever drives renews its lease meanwhile.
                    let _lost_leases_show_at_the_next_append = world.renew(session.lease(), TTL);
                }
                Ok(Idle::Waiting(None)) => {
                    let why = session.state().rollout(&environment).and_then(|rollout| rollout.hold.clone());
                    return Ok(Ending::Held(why.map(|hold| hold.why).unwrap_or_default()));
                }
                Err(EngineError::Illegal { seq, source }) => return Err(format!("entry {seq}: {source}")),
                Err(_) => break,
            }
        }
    }
    Err("it does not come to an end".to_owned())
}

fn ending(state: &State) -> Result<Ending, String> {
    let place = state.environment(&Scenario::environment());
    Ok(match place.history.last().map(|past| past.outcome) {
        Some(Outcome::Committed) => Ending::Committed,
        Some(Outcome::RolledBack) => Ending::RolledBack,
        Some(Outcome::Cancelled) => Ending::Cancelled,
        None => return Err("no rollout ended".to_owned()),
    })
}

/// The ports of a world.
pub fn ports(world: &Arc<World>) -> Ports {
    Ports {
        journal: Arc::new(Arc::clone(world)),
        driver: Arc::new(Arc::clone(world)),
        traffic: Arc::new(Arc::clone(world)),
        checks: Arc::new(Arc::clone(world)),
        clock: Arc::new(Arc::clone(world)),
    }
}

/// Folds a world's logbook.
pub fn fold(world: &Arc<World>) -> Result<State, String> {
    let mut state = State::default();
    for entry in world.entries() {
        let seq = entry.seq;
        state.apply(&entry).map_err(|illegal| format!("entry {seq}: {illegal}"))?;
    }
    Ok(state)
}

/// Appends what a person does.
pub fn append(world: &Arc<World>, events: Vec<Event>) -> Result<(), String> {
    let environment = Scenario::environment();
    let mut state = fold(world)?;
    let head = state.head;
    let at = world.now();
    for (event, seq) in events.iter().zip(head + 1..) {
        state.apply(&spoken(world, seq, event)).map_err(|illegal| illegal.to_string())?;
    }
    world.append(Some(&environment), None, "ann", at, &events, head).map_err(|error| error.to_string())?;
    Ok(())
}

/// What a person appends.
fn spoken(world: &Arc<World>, seq: u64, event: &Event) -> Entry {
    let environment = Some(Scenario::environment());
    Entry { seq, at: world.now(), environment, epoch: None, by: "ann".to_owned(), event: event.clone() }
}

/// The rollout that is open.
pub fn open_rollout(world: &Arc<World>) -> Result<Option<Rollout>, String> {
    Ok(fold(world)?.rollout(&Scenario::environment()).cloned())
}

fn expect(got: &Ending, wanted: &Ending) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("the prologue ended {got:?}")) }
}

#[expect(clippy::expect_used, reason = "constants of the stories")]
fn service(part: &Part) -> ServiceName {
    ServiceName::new(part.0).expect("a valid name")
}

fn spec(part: &Part) -> ServiceSpec {
    ServiceSpec {
        kind: part.1,
        run: format!("run {}", part.0),
        undo: part.3.then(|| format!("undo {}", part.0)),
        ready: Ready::Tcp,
        ready_within: Millis::from_secs(30),
        grace: Millis::from_secs(10),
        overlap: part.2,
        port: None,
        shared: Vec::new(),
    }
}

fn check() -> Check {
    let http = HttpCheck {
        method: "GET".to_owned(),
        url: "/up".to_owned(),
        headers: BTreeMap::new(),
        form: BTreeMap::new(),
        json: None,
        body: None,
        status: Vec::new(),
        contains: Vec::new(),
        lacks: Vec::new(),
        json_path: BTreeMap::new(),
        follow: false,
    };
    Check {
        name: "up".to_owned(),
        question: Question::Http(Box::new(http)),
        service: None,
        smoke: true,
        monitor: Some(Millis::from_secs(1)),
        timeout: Millis::from_secs(5),
        latency: None,
        place: None,
    }
}
