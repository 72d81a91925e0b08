//! Orders: each is checked, saved and then carried out, one after the other.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sternway_core::counts::Counts;
use sternway_core::ids::{Epoch, ReleaseNumber};
use sternway_core::time::Millis;
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio::task::AbortHandle;

use crate::canary::{Canary, Plan};
use crate::drain;
use crate::handover::{Offer, Routing};
use crate::health;
use crate::hold::Hold;
use crate::listen::{self, Listener, Workers};
use crate::live::{Shared, now};
use crate::metrics;
use crate::predecessor::Predecessor;
use crate::protocol::{Refusal, Request, Response, Status, Table, VERSION};
use crate::relay::relay;
use crate::state_file::{self, Records, STATE, Saved};
use crate::table::{self, Routes};

/// Takes orders.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    pub(crate) place: Place,
    pub(crate) workers: Workers,
    pub(crate) state: Mutex<State>,
    /// As they were last saved.
    records: Mutex<Records>,
    /// True while another process has the state: it handed over.
    pub(crate) left: watch::Sender<bool>,
    /// Held while a hand-over is under way.
    pub(crate) giving: Mutex<()>,
    /// Who handed over to this process.
    pub(crate) predecessor: Predecessor,
    /// What the successor wants emptied.
    pub(crate) drains: std::sync::Mutex<BTreeMap<ReleaseNumber, Option<u64>>>,
    /// How often the successor asked what was counted.
    pub(crate) reports: AtomicU64,
}

/// What is this process's alone, as long as it has not handed over.
#[derive(Debug)]
pub(crate) struct Place {
    /// The state folder.
    pub(crate) folder: PathBuf,
    /// The state folder's lock; `None` when a successor that has it ends well.
    pub(crate) lock: std::sync::Mutex<Option<File>>,
    /// The admin socket.
    pub(crate) socket: PathBuf,
    /// Where metrics are read.
    pub(crate) metrics: Option<std::net::TcpListener>,
    /// What answers on the two.
    pub(crate) serving: std::sync::Mutex<Vec<AbortHandle>>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) saved: Saved,
    pub(crate) listener: Option<Listener>,
    /// What was wrong with the state file at the start.
    refused: Option<String>,
    /// Why the newest state is not in the file; tried again until it is.
    pub(crate) unsaved: Option<String>,
    /// Why nothing listens.
    deaf: Option<String>,
    /// A canary whose lease ran out: when it is renewed after all, its clients stay on their sides.
    pub(crate) lapsed: Option<Plan>,
}

/// A point in time as far ahead as asked, or a year.
pub(crate) fn ahead(span: Millis) -> Instant {
    let now = Instant::now();
    now.checked_add(span.duration()).unwrap_or(now + Duration::from_hours(365 * 24))
}

impl Control {
    fn new(shared: Arc<Shared>, place: Place, workers: Workers, state: State) -> Self {
        Self {
            shared,
            place,
            workers,
            state: Mutex::new(state),
            records: Mutex::default(),
            left: watch::Sender::new(false),
            giving: Mutex::default(),
            predecessor: Predecessor::default(),
            drains: std::sync::Mutex::default(),
            reports: AtomicU64::new(0),
        }
    }

    /// Starts from the saved state: serves its table, gives its canary one more lease, holds nothing.
    pub(crate) async fn restore(shared: Arc<Shared>, place: Place, workers: Workers) -> Self {
        let (saved, refused) = state_file::load::<Saved>(&place.folder, STATE, &shared.environment);
        let (records, _) = state_file::load::<Records>(&place.folder, state_file::RECORD, &shared.environment);
        restore_records(&shared, records.unwrap_or_default());
        let saved = saved.unwrap_or_default();
        let lease = saved.canary.as_ref().map(|plan| plan.lease);
        let state = State { saved, listener: None, refused, unsaved: None, deaf: None, lapsed: None };
        let control = Self::new(shared, place, workers, state);
        let mut state = control.state.lock().await;
        control.route(&state.saved, lease);
        control.listen_again(&mut state);
        drop(state);
        control
    }

    /// Starts from what another process hands over. Accepts nothing yet.
    pub(crate) async fn inherit(
        shared: Arc<Shared>,
        place: Place,
        workers: Workers,
        offer: Offer,
        listener: Option<Listener>,
    ) -> Self {
        restore_records(&shared, offer.records);
        if let Some(failing) = offer.failing {
            shared.failing.restore(failing);
        }
        if let Some(seen) = &offer.seen {
            shared.seen.restore(seen);
        }
        shared.heritage.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&offer.report.releases);
        let Routing { saved, canary, hold } = offer.routing;
        let (unsaved, lapsed) = (offer.unsaved, offer.lapsed);
        let state = State { saved, listener, refused: None, unsaved, deaf: None, lapsed };
        let control = Self::new(shared, place, workers, state);
        control.route(&control.state.lock().await.saved, canary);
        if let Some(hold) = hold {
            control.hold_until(ahead(hold));
        }
        control
    }

    /// Puts the routing of a saved state in place, with this much time left for its canary.
    pub(crate) fn route(&self, saved: &Saved, canary: Option<Millis>) {
        let table = saved.table.clone();
        if let Some((routes, _)) = table.as_ref().and_then(|table| table::check(table).ok()) {
            let canary = saved.canary.clone().zip(canary).map(|(plan, left)| Canary { until: ahead(left), plan });
            relay(&self.shared, table, routes, canary, false);
        }
    }

    /// Accepts users' connections.
    pub(crate) async fn accept(&self) {
        let mut state = self.state.lock().await;
        if let Some(listener) = &mut state.listener
            && let Err(error) = listener.start(&self.workers)
        {
            (state.listener, state.deaf) = (None, Some(error.to_string()));
        }
    }

    /// What the start has to complain about.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let state = self.state.lock().await;
        [&state.refused, &state.deaf].into_iter().flatten().cloned().collect()
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let answered = match request {
            Request::Status => Ok(Response::Status(Box::new(self.status().await))),
            Request::Switch { epoch, table } => self.switch(epoch, table).await,
            Request::Canary { epoch, candidate, percent, lease, slow_floor } => {
                let (salt, slow) = (crate::canary::random(), self.slow(slow_floor));
                self.canary(epoch, Plan { candidate, percent, lease, salt, slow }).await
            }
            Request::EndCanary { epoch } => self.end_canary(epoch).await,
            Request::Hold { epoch, limit } => self.hold(epoch, limit).await,
            Request::Release { epoch } => self.release(epoch).await,
            Request::Drained { release } => self.drained(release).await,
            Request::Counts => Ok(self.counts()),
            Request::Record => Ok(self.record()),
            Request::Witness { seq, hash } => Ok(self.witness(seq, hash).await),
            Request::Metrics => Ok(Response::Metrics(metrics::text(&self.shared))),
            Request::HandOver { .. } => Err(Refusal::Invalid("a hand-over needs the whole connection".to_owned())),
        };
        answered.unwrap_or_else(|why| Response::Refused { why })
    }

    /// The state, as long as it is this process's. An order that comes too late is not answered: its connection is about to close, and
    /// it is given again to the successor.
    async fn own_state(&self) -> MutexGuard<'_, State> {
        let state = self.state.lock().await;
        if self.has_left() {
            drop(state);
            std::future::pending().await
        } else {
            state
        }
    }

    /// Whether another process has the state.
    pub(crate) fn has_left(&self) -> bool {
        *self.left.borrow()
    }

    /// Refuses an order of an older epoch.
    async fn fenced(&self, epoch: Epoch) -> Result<MutexGuard<'_, State>, Refusal> {
        let state = self.own_state().await;
        if epoch < state.saved.epoch {
            return Err(Refusal::StaleEpoch { got: epoch, seen: state.saved.epoch });
        }
        Ok(state)
    }

    /// Makes a new state durable before it is carried out. When that fails (a full disk), the order is carried out all the same,
    /// because it may be the way back; the status warns, and saving is tried again.
    async fn save(&self, state: &mut State, saved: Saved) {
        if saved == state.saved && state.unsaved.is_none() {
            return;
        }
        state.saved = saved.clone();
        if self.has_left() {
            return;
        }
        let (folder, environment) = (self.place.folder.clone(), self.shared.environment.clone());
        let write = move || state_file::save(&folder, STATE, &environment, &saved);
        let written =
            tokio::task::spawn_blocking(write).await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        state.unsaved = written.err().map(|error| format!("the state cannot be saved: {error}"));
        if state.unsaved.is_none() {
            state.refused = None;
        }
    }

    async fn switch(&self, epoch: Epoch, table: Option<Table>) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let mut saved = Saved { epoch, table: table.clone(), canary: None, ..state.saved.clone() };
        let mut routes = Routes::default();
        let mut opened = None;
        if let Some(table) = &table {
            let (parsed, listen) = table::check(table)?;
            routes = parsed;
            if state.listener.as_ref().is_none_or(|listener| listener.asked != listen) {
                opened = Some(self.listen(listen)?);
            }
            saved.listen = Some(table.listen.clone());
        }
        self.save(&mut state, saved).await;
        state.lapsed = None;
        relay(&self.shared, table, routes, None, true);
        if let Some(opened) = opened {
            state.deaf = None;
            if let Some(old) = state.listener.replace(opened) {
                old.close().await;
            }
        }
        self.pass_on(&state).await;
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move { health::check(&shared).await });
        Ok(Response::Done)
    }

    fn listen(&self, address: SocketAddr) -> Result<Listener, Refusal> {
        listen::open(address, &self.workers).map_err(|error| {
            let why = match error.kind() {
                std::io::ErrorKind::AddrInUse => "address in use".to_owned(),
                _ => error.to_string(),
            };
            Refusal::Invalid(format!("cannot listen on {address}: {why}"))
        })
    }

    /// Listens where the saved state says, if nothing does.
    pub(crate) fn listen_again(&self, state: &mut State) {
        let Some(address) = state.saved.listen.as_ref().and_then(|listen| listen.parse().ok()) else { return };
        if state.listener.is_none() {
            match self.listen(address) {
                Ok(listener) => (state.listener, state.deaf) = (Some(listener), None),
                Err(why) => state.deaf = Some(why.to_string()),
            }
        }
    }

    async fn canary(&self, epoch: Epoch, mut plan: Plan) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let table = state.saved.table.clone().ok_or_else(|| Refusal::Invalid("nothing is current".to_owned()))?;
        check_canary(&plan, &table)?;
        let before = state.saved.canary.as_ref().or(state.lapsed.as_ref());
        if let Some(before) = before.filter(|before| before.candidate == plan.candidate) {
            (plan.salt, plan.slow) = (before.salt, before.slow);
        }
        let until = ahead(plan.lease);
        let renewed = state.saved.canary.as_ref() == Some(&plan);
        let saved = Saved { epoch, canary: Some(plan.clone()), ..state.saved.clone() };
        self.save(&mut state, saved).await;
        state.lapsed = None;
        if renewed && let Some(canary) = &mut self.shared.change().canary {
            canary.until = until;
        } else {
            let (routes, _) = table::check(&table)?;
            relay(&self.shared, Some(table), routes, Some(Canary { plan, until }), false);
        }
        self.pass_on(&state).await;
        Ok(Response::Done)
    }

    async fn end_canary(&self, epoch: Epoch) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        state.lapsed = None;
        self.drop_canary(&mut state, epoch).await;
        Ok(Response::Done)
    }

    async fn drop_canary(&self, state: &mut State, epoch: Epoch) {
        let had = state.saved.canary.is_some();
        let saved = Saved { epoch, canary: None, ..state.saved.clone() };
        self.save(state, saved).await;
        let table = state.saved.table.clone();
        if had && let Some((routes, _)) = table.as_ref().and_then(|table| table::check(table).ok()) {
            relay(&self.shared, table, routes, None, false);
        }
        self.pass_on(state).await;
    }

    async fn hold(&self, epoch: Epoch, limit: Millis) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let saved = Saved { epoch, ..state.saved.clone() };
        self.save(&mut state, saved).await;
        self.hold_until(ahead(limit));
        self.pass_on(&state).await;
        Ok(Response::Done)
    }

    /// Holds requests until then.
    pub(crate) fn hold_until(&self, until: Instant) {
        let mut live = self.shared.change();
        if let Some(hold) = &live.hold {
            hold.set_until(until);
            return;
        }
        let hold = Arc::new(Hold::new(until));
        live.hold = Some(Arc::clone(&hold));
        tokio::spawn(end_at_limit(Arc::clone(&self.shared), hold));
    }

    async fn release(&self, epoch: Epoch) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let saved = Saved { epoch, ..state.saved.clone() };
        self.save(&mut state, saved).await;
        self.end_hold();
        self.pass_on(&state).await;
        Ok(Response::Done)
    }

    /// Lets held requests go on.
    pub(crate) fn end_hold(&self) {
        let hold = self.shared.change().end_hold();
        if let Some(hold) = hold {
            hold.end();
        }
    }

    async fn witness(&self, seq: u64, hash: String) -> Response {
        let mut state = self.own_state().await;
        if state.saved.witness.as_ref().is_none_or(|(seen, _)| seq > *seen) {
            let saved = Saved { witness: Some((seq, hash)), ..state.saved.clone() };
            self.save(&mut state, saved).await;
            self.pass_on(&state).await;
        }
        Response::Done
    }

    async fn status(&self) -> Status {
        let state = self.state.lock().await;
        let live = self.shared.live();
        let canary = live.canary.as_ref().filter(|canary| Instant::now() < canary.until);
        let warnings: Vec<_> = [&state.refused, &state.unsaved, &state.deaf].into_iter().flatten().cloned().collect();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: VERSION,
            pid: std::process::id(),
            since: self.shared.since,
            epoch: state.saved.epoch,
            table: state.saved.table.clone(),
            listening: state.listener.as_ref().map(|listener| listener.bound.to_string()),
            percent: canary.map_or(0, |canary| canary.plan.percent),
            candidate: canary.and_then(|canary| canary.plan.release()),
            held: live.hold.as_ref().map(|hold| hold.waiting()),
            unhealthy: { health::unhealthy(&live) },
            witness: state.saved.witness.clone(),
            warning: (!warnings.is_empty()).then(|| warnings.join("; ")),
        }
    }

    pub(crate) async fn drained(&self, release: ReleaseNumber) -> Result<Response, Refusal> {
        // A canary whose lease has just run out drains from now on.
        self.tend().await;
        let here = async {
            match drain::while_held(&self.shared, release).await {
                None => drain::ended(&self.shared, release).await,
                closed => closed,
            }
        };
        let (closed, before) = tokio::join!(here, self.drained_before(release));
        closed
            .map(|closed| Response::Drained { closed: closed + before })
            .ok_or_else(|| Refusal::Invalid(format!("release {release} serves: it does not drain")))
    }

    fn counts(&self) -> Response {
        Response::Counts { boot: format!("{:016x}", self.shared.counting()), releases: self.shared.counts() }
    }

    /// The latency in microseconds above which a response of a canary is slow.
    fn slow(&self, floor: Option<Millis>) -> u64 {
        let floor = floor.map_or(0, |floor| floor.0.saturating_mul(1000));
        let (_, counts, _) = self.record_now();
        counts.latency.percentile(0.99).map_or(floor, |p99| p99.max(floor))
    }

    fn record(&self) -> Response {
        let (release, counts, span) = self.record_now();
        Response::Record { release, counts, span }
    }

    fn record_now(&self) -> (Option<ReleaseNumber>, Counts, Millis) {
        let release = self.shared.live().current_release();
        let Some(number) = release else { return (release, Counts::default(), Millis(0)) };
        let cell = self.shared.release(number);
        let mut record = cell.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.look(now(), cell.current.snapshot());
        let (counts, span) = record.sum(now());
        (release, counts, span)
    }

    /// Looks at the counters, for the records.
    pub(crate) fn look(&self) {
        for release in self.shared.releases() {
            // Read under the lock: a snapshot from before another's look would seem to be of counters that went back.
            let mut record = release.record.lock().unwrap_or_else(PoisonError::into_inner);
            record.look(now(), release.current.snapshot());
        }
    }

    /// The records of the current releases.
    pub(crate) fn current_records(&self) -> Records {
        let mut current: Vec<_> = {
            let live = self.shared.live();
            live.arms
                .iter()
                .filter_map(|arm| arm.current.as_ref())
                .map(|targets| Arc::clone(&targets.release))
                .collect()
        };
        current.sort_by_key(|release| release.number);
        current.dedup_by_key(|release| release.number);
        let slices = |release: &Arc<crate::counters::Release>| {
            (release.number, release.record.lock().unwrap_or_else(PoisonError::into_inner).slices())
        };
        current.iter().map(slices).collect()
    }

    /// Keeps the records of the current releases over a restart.
    pub(crate) async fn save_records(&self) {
        let records = self.current_records();
        if self.has_left() || *self.records.lock().await == records {
            return;
        }
        self.records.lock().await.clone_from(&records);
        let (folder, environment) = (self.place.folder.clone(), self.shared.environment.clone());
        // Lost without harm: the judge then knows less of the base, and says so.
        let write = move || state_file::save(&folder, state_file::RECORD, &environment, &records);
        let _ = tokio::task::spawn_blocking(write).await;
    }

    /// What time brings: a lease that ran out, a state that could not be saved, an address that was in use.
    pub(crate) async fn tend(&self) {
        let lapsed = {
            let live = self.shared.live();
            live.canary.as_ref().is_some_and(|canary| Instant::now() >= canary.until)
        };
        let mut state = self.state.lock().await;
        if lapsed && self.shared.live().canary.as_ref().is_some_and(|canary| Instant::now() >= canary.until) {
            let plan = state.saved.canary.clone();
            state.lapsed = plan;
            let epoch = state.saved.epoch;
            self.drop_canary(&mut state, epoch).await;
        }
        if self.has_left() {
            return;
        }
        if state.unsaved.is_some() {
            let saved = state.saved.clone();
            self.save(&mut state, saved).await;
        }
        self.listen_again(&mut state);
    }

    /// Closes the listener.
    pub(crate) async fn stop_listening(&self) {
        let mut state = self.state.lock().await;
        state.saved.listen = None;
        if let Some(listener) = state.listener.take() {
            listener.close().await;
        }
    }
}

fn restore_records(shared: &Shared, records: Records) {
    for (number, slices) in records {
        shared.release(number).record.lock().unwrap_or_else(PoisonError::into_inner).restore(slices);
    }
}

fn check_canary(plan: &Plan, table: &Table) -> Result<(), Refusal> {
    let invalid = |why: String| Err(Refusal::Invalid(why));
    if !(1..=99).contains(&plan.percent) {
        return invalid(format!("{} percent is not a share from 1 to 99", plan.percent));
    }
    if plan.candidate.is_empty() || plan.lease.0 == 0 {
        return invalid("a canary needs a candidate and a lease".to_owned());
    }
    for (service, set) in &plan.candidate {
        table::check_set(service, set)?;
        if !table.current.contains_key(service) {
            return invalid(format!("service `{service}` has nothing current beside which a candidate could stand"));
        }
    }
    Ok(())
}

async fn end_at_limit(shared: Arc<Shared>, hold: Arc<Hold>) {
    loop {
        let until = hold.until();
        tokio::time::sleep_until(until.into()).await;
        let mut live = shared.change();
        let mine = live.hold.as_ref().is_some_and(|active| Arc::ptr_eq(active, &hold));
        if !mine || hold.until() <= Instant::now() {
            if mine {
                live.end_hold();
            }
            hold.end();
            return;
        }
    }
}
