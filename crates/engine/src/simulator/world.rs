//! The world: a host, a proxy, users, and time.

mod driver;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sternway_core::check::{Check, CheckAnswer};
use sternway_core::counts::{Counts, FailingClients};
use sternway_core::event::{Entry, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber, ServiceName};
use sternway_core::plan::{Action, Plan};
use sternway_core::release::ReleaseRef;
use sternway_core::time::{Millis, Timestamp};
use sternway_core::verdict::Verdict;

use super::chance::Chance;
use super::clients::{Clients, Who};
use super::faults::{Fault, Moment};
use crate::ports::{Checks, Clock, Held, Order, Snapshot, Subject, Traffic, TrafficOf, TrafficRecord, Unreachable};

/// How a release behaves.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// It does not get ready.
    pub never_ready: bool,
    /// Its smoke checks fail.
    pub fails_smoke: bool,
    /// Share of its requests that are answered 401.
    pub unauthorized: f64,
    /// Its job fails.
    pub job_fails: bool,
    /// It is as bad only once it has all traffic.
    pub only_when_current: bool,
    /// It is as bad only after it has had all traffic for so long.
    pub only_after: Option<Duration>,
}

pub(super) struct Inner {
    pub entries: Vec<Entry>,
    pub lease: Option<(Held, Timestamp)>,
    pub dead: bool,
    now: Timestamp,
    passed: Duration,
    /// The clock is set by so many milliseconds when so much time has passed.
    clock_jumps: Option<(Duration, i64)>,
    chance: Chance,
    faults: Vec<Fault>,
    boundaries: u64,
    /// The driver is stopped (not killed) at these boundaries, and this happens meanwhile.
    pauses: Vec<(u64, Box<dyn FnOnce() + Send>)>,
    /// The chance that an effect fails without having done anything.
    pub flaky: f64,
    /// The chance that the proxy does not answer a look.
    pub blind: f64,
    /// Until when nothing can be appended: the disk is full.
    pub full_until: Timestamp,
    /// Until when checks cannot be asked.
    pub checks_blind_until: Timestamp,
    /// Until when renewals of a candidate's share get lost.
    renewals_lost_until: Timestamp,
    /// How long connections stay open on a release that has lost its traffic.
    clinging: Duration,
    /// What was adopted does not answer any more.
    adopted_is_gone: bool,
    /// Releases of which something is damaged in the store.
    damaged: BTreeSet<ReleaseNumber>,
    /// No proxy runs: there are no routes.
    without_proxy: bool,
    /// Counts the proxy's lives.
    boot: u64,
    /// Since when the current release is.
    current_since: Timestamp,
    pub behaviour: BTreeMap<ReleaseNumber, Behaviour>,
    seen_epoch: Epoch,
    staged: BTreeSet<ReleaseNumber>,
    running: BTreeSet<(ReleaseNumber, ServiceName)>,
    jobs: BTreeMap<ServiceName, i64>,
    ran: BTreeMap<String, i64>,
    current: Option<ReleaseNumber>,
    canary: Option<(ReleaseNumber, u8, Timestamp)>,
    counts: BTreeMap<ReleaseNumber, TrafficOf>,
    record: Counts,
    clients: Clients,
    /// Requests a second.
    rate: u64,
    /// What is owed of the next request, in thousandths.
    owed: u64,
}

/// Requests a second, unless a world is told otherwise.
const RATE: u64 = 200;

/// The world. Shared by the driver under test and those who look at it afterwards.
pub struct World {
    inner: Mutex<Inner>,
}

impl World {
    /// A new world on which nothing runs yet.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                entries: Vec::new(),
                lease: None,
                dead: false,
                now: Timestamp::from_millis(1_700_000_000_000),
                passed: Duration::ZERO,
                clock_jumps: None,
                chance: Chance::new(seed),
                faults: Vec::new(),
                boundaries: 0,
                pauses: Vec::new(),
                flaky: 0.0,
                blind: 0.0,
                full_until: Timestamp::from_millis(0),
                checks_blind_until: Timestamp::from_millis(0),
                renewals_lost_until: Timestamp::from_millis(0),
                clinging: Duration::ZERO,
                adopted_is_gone: false,
                damaged: BTreeSet::new(),
                without_proxy: false,
                boot: 1,
                current_since: Timestamp::from_millis(0),
                behaviour: BTreeMap::new(),
                seen_epoch: Epoch(0),
                staged: BTreeSet::new(),
                running: BTreeSet::new(),
                jobs: BTreeMap::new(),
                ran: BTreeMap::new(),
                current: None,
                canary: None,
                counts: BTreeMap::new(),
                record: Counts::default(),
                clients: Clients::default(),
                rate: RATE,
                owed: 0,
            }),
        })
    }

    /// A copy of a world, with chance seeded anew: a prologue is told once and goes on in many ways.
    pub fn copy(&self, seed: u64) -> Arc<Self> {
        let inner = self.inner();
        Arc::new(Self {
            inner: Mutex::new(Inner {
                entries: inner.entries.clone(),
                lease: inner.lease.clone(),
                chance: Chance::new(seed),
                faults: Vec::new(),
                pauses: Vec::new(),
                behaviour: inner.behaviour.clone(),
                damaged: inner.damaged.clone(),
                staged: inner.staged.clone(),
                running: inner.running.clone(),
                jobs: inner.jobs.clone(),
                ran: inner.ran.clone(),
                counts: inner.counts.clone(),
                record: inner.record.clone(),
                clients: inner.clients.clone(),
                ..*inner
            }),
        })
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn time(&self) -> Timestamp {
        self.inner().now
    }

    /// How a release will behave.
    pub fn behaves(&self, release: ReleaseNumber, behaviour: Behaviour) {
        self.inner().behaviour.insert(release, behaviour);
    }

    /// Effects fail and looks go blind with these chances.
    pub fn unreliable(&self, flaky: f64, blind: f64) {
        let mut inner = self.inner();
        inner.flaky = flaky;
        inner.blind = blind;
    }

    /// Faults to come; boundaries count from now.
    pub fn faults(&self, faults: Vec<Fault>) {
        let mut inner = self.inner();
        inner.faults = faults;
        inner.boundaries = 0;
    }

    /// Somebody sets the clock by so many milliseconds once this much time has passed from now.
    pub fn clock_jumps(&self, after: Duration, by: i64) {
        let mut inner = self.inner();
        inner.clock_jumps = Some((inner.passed + after, by));
    }

    /// How much time has passed, whatever the clock says.
    pub fn lived(&self) -> Duration {
        self.inner().passed
    }

    /// At this boundary the driver stands still while `meanwhile` happens; then it goes on as if nothing had been.
    pub fn pause_at(&self, boundary: u64, meanwhile: impl FnOnce() + Send + 'static) {
        let mut inner = self.inner();
        inner.pauses.push((boundary, Box::new(meanwhile)));
        inner.boundaries = 0;
    }

    /// The proxy starts anew: it counts from zero, and goes on with what it routed. A candidate's share does not outlive it.
    pub fn restart_proxy(&self) {
        let mut inner = self.inner();
        inner.boot += 1;
        inner.counts.clear();
        inner.canary = None;
    }

    /// Nothing can be appended for so long.
    pub fn fill_disk(&self, span: Duration) {
        let mut inner = self.inner();
        inner.full_until = inner.now.plus(span);
    }

    /// Checks cannot be asked for so long.
    pub fn blind_checks(&self, span: Duration) {
        let mut inner = self.inner();
        inner.checks_blind_until = inner.now.plus(span);
    }

    /// For so long, renewals of a candidate's share get lost.
    pub fn lose_renewals(&self, span: Duration) {
        let mut inner = self.inner();
        inner.renewals_lost_until = inner.now.plus(span);
    }

    /// From now on a client asks, too, that keeps its cookie, gets a 401 of whatever release, and lands on the candidate in a canary.
    pub fn add_script(&self) {
        let mut inner = self.inner();
        inner.clients.add_script();
        inner.record = Counts::default();
    }

    /// From now on only so many clients ask, who keep their cookies, so often a second; nothing is on record of before.
    pub fn only(&self, clients: usize, rate: u64) {
        let mut inner = self.inner();
        inner.clients.only(clients);
        inner.rate = rate;
        inner.record = Counts::default();
    }

    /// Connections stay open for so long on a release that has lost its traffic.
    pub fn clings(&self, span: Duration) {
        self.inner().clinging = span;
    }

    /// What was adopted does not answer any more, or answers again.
    pub fn adopted_is_gone(&self, gone: bool) {
        self.inner().adopted_is_gone = gone;
    }

    /// Something of this release is damaged in the store, or whole again.
    pub fn damage(&self, release: ReleaseNumber, damaged: bool) {
        let mut inner = self.inner();
        if damaged {
            inner.damaged.insert(release)
        } else {
            inner.damaged.remove(&release)
        };
    }

    /// There is no proxy, and nobody may ask one.
    pub fn without_proxy(&self) {
        self.inner().without_proxy = true;
    }

    /// How many boundaries were passed since faults were set.
    pub fn boundaries(&self) -> u64 {
        self.inner().boundaries
    }

    /// The logbook is restored from a copy that was made when it had so many entries.
    pub fn restore_logbook(&self, entries: usize) {
        let mut inner = self.inner();
        inner.entries.truncate(entries);
        let epoch = inner.entries.iter().rev().find_map(|entry| entry.epoch);
        if let (Some((lease, until)), Some(epoch)) = (&mut inner.lease, epoch) {
            lease.epoch = epoch;
            *until = Timestamp::from_millis(0);
        }
    }

    /// Another driver comes to life.
    pub fn revive(&self) {
        self.inner().dead = false;
    }

    /// Whether the driver is dead.
    pub fn is_dead(&self) -> bool {
        self.inner().dead
    }

    pub(super) fn die(&self) {
        self.inner().dead = true;
    }

    /// Counts a boundary, and says whether the driver dies there.
    pub(super) fn boundary(&self) -> Option<Moment> {
        let mut inner = self.inner();
        if inner.dead {
            return None;
        }
        let number = inner.boundaries;
        inner.boundaries += 1;
        if let Some(index) = inner.pauses.iter().position(|(at, _)| *at == number) {
            let (_, meanwhile) = inner.pauses.swap_remove(index);
            drop(inner);
            meanwhile();
            return None;
        }
        inner.faults.iter().find(|fault| fault.boundary == number).map(|fault| fault.moment)
    }

    /// Lets time pass, with traffic in it.
    pub fn pass(&self, span: Duration) {
        let mut inner = self.inner();
        inner.now = inner.now.plus(span);
        inner.passed += span;
        if let Some((_, by)) = inner.clock_jumps.filter(|(at, _)| *at <= inner.passed) {
            inner.clock_jumps = None;
            inner.now = Timestamp::from_millis(inner.now.as_millis() + by);
        }
        inner.owed =
            u64::try_from(span.as_millis()).unwrap_or(u64::MAX).saturating_mul(inner.rate).saturating_add(inner.owed);
        let requests = inner.owed / 1000;
        inner.owed %= 1000;
        // A long pause stands for an absence, not for work: a second of its traffic is as good as all.
        for _ in 0..requests.min(RATE) {
            inner.request();
        }
    }

    /// Something outside of our care serves.
    pub fn adopted(&self) {
        self.inner().switch(Some(ReleaseNumber(0)));
    }

    /// The logbook.
    pub fn entries(&self) -> Vec<Entry> {
        self.inner().entries.clone()
    }

    /// The release that the proxy names current.
    pub fn serving(&self) -> Option<ReleaseNumber> {
        self.inner().current
    }

    /// What runs.
    pub fn running(&self) -> BTreeSet<(ReleaseNumber, ServiceName)> {
        self.inner().running.clone()
    }

    /// How often each job was done, less how often it was undone.
    pub fn jobs(&self) -> BTreeMap<ServiceName, i64> {
        self.inner().jobs.clone()
    }

    /// Whether a candidate has a share of traffic now.
    pub fn canary(&self) -> Option<ReleaseNumber> {
        let inner = self.inner();
        inner.canary.filter(|(_, _, until)| *until > inner.now).map(|(release, ..)| release)
    }
}

impl Inner {
    fn request(&mut self) {
        let share =
            self.canary.filter(|(_, _, until)| *until > self.now).map(|(release, percent, _)| (release, percent));
        let who = self.clients.next(&mut self.chance);
        let to_candidate = share.filter(|(_, percent)| self.clients.is_drawn(who, *percent, &mut self.chance));
        let Some(release) = to_candidate.map(|(release, _)| release).or(self.current) else { return };
        let behaviour = self.behaviour.get(&release).cloned().unwrap_or_default();
        let mut one = Counts { requests: 1, ..Counts::default() };
        if self.is_bad_now(&behaviour, to_candidate.is_some()) && self.chance.happens(behaviour.unauthorized) {
            one.unauthorized = 1;
        }
        one.unauthorized |= u64::from(who == Who::Script);
        let failed = one.unauthorized > 0 && share.is_some() && self.clients.newly_failed(who);
        let seen = u64::from(share.is_some() && self.clients.newly_seen(who));
        one.clients = Some(FailingClients { unauthorized: u64::from(failed), seen, ..FailingClients::default() });
        one.latency.record(5_000);
        let of = self.counts.entry(release).or_default();
        if to_candidate.is_some() {
            of.candidate.add(&one);
        } else {
            of.current.add(&one);
            self.record.add(&one);
        }
        if one.unauthorized > 0 {
            of.failed_clients += 1;
        }
    }

    fn is_bad_now(&self, behaviour: &Behaviour, candidate: bool) -> bool {
        let later = behaviour.only_when_current || behaviour.only_after.is_some();
        let since = self.current_since.plus(behaviour.only_after.unwrap_or_default());
        behaviour.unauthorized > 0.0 && !(later && (candidate || self.now < since))
    }

    fn start(&mut self, release: &ReleaseRef, services: &[ServiceName], torn: bool) -> StepResult {
        if release.number.0 > 0 && !self.staged.contains(&release.number) {
            return failed("S0304", "it is not staged");
        }
        let behaviour = self.behaviour.get(&release.number).cloned().unwrap_or_default();
        let count = if torn { services.len().div_ceil(2) } else { services.len() };
        for service in &services[..count] {
            self.running.insert((release.number, service.clone()));
        }
        if behaviour.never_ready {
            for service in services {
                self.running.remove(&(release.number, service.clone()));
            }
            return failed("S0301", "it does not get ready");
        }
        done()
    }

    fn stop(&mut self, release: ReleaseNumber, services: &[ServiceName], torn: bool) {
        let count = if torn { services.len() / 2 } else { services.len() };
        for service in &services[..count] {
            self.running.remove(&(release, service.clone()));
        }
    }

    fn switch(&mut self, release: Option<ReleaseNumber>) {
        if self.current != release {
            self.record = Counts::default();
            self.current_since = self.now;
        }
        self.current = release;
        self.canary = None;
    }

    fn job(&mut self, key: &str, service: &ServiceName, by: i64) {
        // The agent runs one key to success once.
        if self.ran.insert(key.to_owned(), by).is_none() {
            *self.jobs.entry(service.clone()).or_default() += by;
        }
    }

    fn act(&mut self, order: &Order<'_>, torn: bool) -> StepResult {
        match order.action {
            Action::Stage { release } => {
                if !torn {
                    self.staged.insert(release.number);
                }
                done()
            }
            Action::RunJob { release, service, .. } => {
                if self.behaviour.get(&release.number).is_some_and(|behaviour| behaviour.job_fails) {
                    return failed("S0308", "the job failed");
                }
                self.job(&order.key, service, 1);
                done()
            }
            Action::UndoJob { service, .. } => {
                // What never ran is not undone.
                let forward = order.key.split(".undo").next().map(|stem| format!("{stem}.do"));
                if forward.is_some_and(|forward| self.ran.contains_key(&forward)) {
                    self.job(&order.key, service, -1);
                }
                done()
            }
            Action::Start { release, services } => self.start(release, services, torn),
            Action::Stop { release, services } | Action::Retire { release, services } => {
                self.stop(release.number, services, torn);
                done()
            }
            Action::Shift { release, percent } => {
                if self.canary.is_none() {
                    let Self { clients, chance, .. } = self;
                    clients.canary_begins(chance);
                }
                self.canary = Some((release.number, *percent, self.now.plus(Duration::from_secs(10))));
                done()
            }
            Action::Unshift { .. } => {
                self.canary = None;
                done()
            }
            Action::Switch { release, .. } => {
                self.switch(Some(release.number));
                done()
            }
            Action::Withdraw { .. } => {
                self.switch(None);
                done()
            }
            Action::SwapWorkers { from, stop, to, start } => {
                if let Some(from) = from {
                    self.stop(from.number, stop, false);
                }
                match to {
                    Some(to) if !torn => self.start(to, start, false),
                    _ => done(),
                }
            }
            Action::Exchange { from, stop, to, start, .. } => {
                if let Some(from) = from {
                    self.stop(from.number, stop, false);
                }
                if torn {
                    return done();
                }
                if let Some(to) = to {
                    let started = self.start(to, start, false);
                    if !matches!(started, StepResult::Done { .. }) {
                        return started;
                    }
                }
                self.switch(to.as_ref().map(|to| to.number));
                done()
            }
            Action::Baseline { .. } | Action::Smoke { .. } | Action::Verify { .. } | Action::ConfirmServing { .. } => {
                failed("S0999", "the engine does this itself")
            }
        }
    }
}

fn done() -> StepResult {
    StepResult::Done { note: String::new() }
}

fn failed(code: &str, why: &str) -> StepResult {
    StepResult::Failed { findings: vec![Finding::error(code, "world", why)] }
}

impl Traffic for Arc<World> {
    fn counts(&self, _environment: &EnvironmentName) -> Result<Snapshot, Unreachable> {
        let mut inner = self.inner();
        assert!(!inner.without_proxy, "there is no proxy to be asked");
        let blind = inner.blind;
        if inner.chance.happens(blind) {
            return Err(Unreachable { source_name: "proxy".to_owned(), why: "chance had it not answer".to_owned() });
        }
        Ok(Snapshot { boot: inner.boot.to_string(), releases: inner.counts.clone() })
    }

    fn record(&self, _environment: &EnvironmentName) -> Result<Option<TrafficRecord>, Unreachable> {
        let inner = self.inner();
        assert!(!inner.without_proxy, "there is no proxy to be asked");
        let span = Millis(inner.record.requests * 1000 / inner.rate);
        Ok(inner.current.map(|release| TrafficRecord { release, counts: inner.record.clone(), span }))
    }
}

impl Checks for Arc<World> {
    fn ask(&self, _environment: &EnvironmentName, _plan: &Plan, _check: &Check, subject: &Subject) -> CheckAnswer {
        self.pass(Duration::from_millis(5));
        let inner = self.inner();
        if inner.now < inner.checks_blind_until {
            return CheckAnswer {
                verdict: Verdict::Unknown,
                seen: "it could not be asked".to_owned(),
                took: Millis(5),
            };
        }
        let (Subject::Candidate(release) | Subject::Public(release)) = subject;
        let fails = matches!(subject, Subject::Candidate(_))
            && inner.behaviour.get(&release.number).is_some_and(|behaviour| behaviour.fails_smoke);
        CheckAnswer {
            verdict: if fails { Verdict::Fail } else { Verdict::Pass },
            seen: if fails { "status 500, expected 200".to_owned() } else { "status 200".to_owned() },
            took: Millis(5),
        }
    }
}

impl Clock for Arc<World> {
    fn now(&self) -> Timestamp {
        self.time()
    }

    fn passed(&self) -> Duration {
        self.lived()
    }

    fn pause(&self, span: Duration) {
        self.pass(span);
    }
}
