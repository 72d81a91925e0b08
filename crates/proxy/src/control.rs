//! Orders: each is checked, saved and then carried out, one after the other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sternway_core::counts::Counts;
use sternway_core::ids::{Epoch, ReleaseNumber};
use sternway_core::time::Millis;
use tokio::sync::{Mutex, MutexGuard};

use crate::canary::{Canary, Plan};
use crate::drain;
use crate::health;
use crate::hold::Hold;
use crate::listen::{self, Listener, Workers};
use crate::live::{Shared, now};
use crate::metrics;
use crate::protocol::{Refusal, Request, Response, Status, Table, VERSION};
use crate::relay::relay;
use crate::state_file::{self, Records, STATE, Saved};
use crate::table::{self, Routes};

/// Takes orders.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    folder: PathBuf,
    workers: Workers,
    state: Mutex<State>,
    /// As they were last saved.
    records: Mutex<Records>,
}

#[derive(Debug)]
struct State {
    saved: Saved,
    listener: Option<Listener>,
    /// What was wrong with the state file at the start.
    refused: Option<String>,
    /// Why the newest state is not in the file; tried again until it is.
    unsaved: Option<String>,
    /// Why nothing listens.
    deaf: Option<String>,
    /// A canary whose lease ran out: when it is renewed after all, its clients stay on their sides.
    lapsed: Option<Plan>,
}

/// A point in time as far ahead as asked, or a year.
fn ahead(span: Millis) -> Instant {
    let now = Instant::now();
    now.checked_add(span.duration()).unwrap_or(now + Duration::from_hours(365 * 24))
}

impl Control {
    /// Starts from the saved state: serves its table, gives its canary one more lease, holds nothing.
    pub(crate) async fn restore(shared: Arc<Shared>, folder: PathBuf, workers: Workers) -> Self {
        let (saved, refused) = state_file::load::<Saved>(&folder, STATE, &shared.environment);
        let (records, _) = state_file::load::<Records>(&folder, state_file::RECORD, &shared.environment);
        for (number, slices) in records.unwrap_or_default() {
            shared.release(number).record.lock().unwrap_or_else(PoisonError::into_inner).restore(slices);
        }
        let state = State {
            saved: saved.unwrap_or_default(),
            listener: None,
            refused,
            unsaved: None,
            deaf: None,
            lapsed: None,
        };
        let control = Self { shared, folder, workers, state: Mutex::new(state), records: Mutex::default() };
        let mut state = control.state.lock().await;
        let table = state.saved.table.clone();
        if let Some((routes, _)) = table.as_ref().and_then(|table| table::check(table).ok()) {
            let canary = state.saved.canary.clone().map(|plan| Canary { until: ahead(plan.lease), plan });
            relay(&control.shared, table, routes, canary, true);
        }
        control.listen_again(&mut state);
        drop(state);
        control
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
        };
        answered.unwrap_or_else(|why| Response::Refused { why })
    }

    /// Refuses an order of an older epoch.
    async fn fenced(&self, epoch: Epoch) -> Result<MutexGuard<'_, State>, Refusal> {
        let state = self.state.lock().await;
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
        let (folder, environment) = (self.folder.clone(), self.shared.environment.clone());
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
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move { health::check(&shared).await });
        Ok(Response::Done)
    }

    fn listen(&self, address: SocketAddr) -> Result<Listener, Refusal> {
        listen::open(address, Arc::clone(&self.workers)).map_err(|error| {
            let why = match error.kind() {
                std::io::ErrorKind::AddrInUse => "address in use".to_owned(),
                _ => error.to_string(),
            };
            Refusal::Invalid(format!("cannot listen on {address}: {why}"))
        })
    }

    /// Listens where the saved state says, if nothing does.
    fn listen_again(&self, state: &mut State) {
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
            return Ok(Response::Done);
        }
        let (routes, _) = table::check(&table)?;
        relay(&self.shared, Some(table), routes, Some(Canary { plan, until }), false);
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
    }

    async fn hold(&self, epoch: Epoch, limit: Millis) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let saved = Saved { epoch, ..state.saved.clone() };
        self.save(&mut state, saved).await;
        let until = ahead(limit);
        let mut live = self.shared.change();
        if let Some(hold) = &live.hold {
            hold.set_until(until);
            return Ok(Response::Done);
        }
        let hold = Arc::new(Hold::new(until));
        live.hold = Some(Arc::clone(&hold));
        tokio::spawn(end_at_limit(Arc::clone(&self.shared), hold));
        Ok(Response::Done)
    }

    async fn release(&self, epoch: Epoch) -> Result<Response, Refusal> {
        let mut state = self.fenced(epoch).await?;
        let saved = Saved { epoch, ..state.saved.clone() };
        self.save(&mut state, saved).await;
        self.end_hold();
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
        let mut state = self.state.lock().await;
        if state.saved.witness.as_ref().is_none_or(|(seen, _)| seq > *seen) {
            let saved = Saved { witness: Some((seq, hash)), ..state.saved.clone() };
            self.save(&mut state, saved).await;
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

    async fn drained(&self, release: ReleaseNumber) -> Result<Response, Refusal> {
        // A canary whose lease has just run out drains from now on.
        self.tend().await;
        let closed = match drain::while_held(&self.shared, release).await {
            None => drain::ended(&self.shared, release).await,
            closed => closed,
        };
        closed
            .map(|closed| Response::Drained { closed })
            .ok_or_else(|| Refusal::Invalid(format!("release {release} serves: it does not drain")))
    }

    fn counts(&self) -> Response {
        let releases = self.shared.releases();
        let counts = releases.iter().map(|release| (release.number, release.counts(self.shared.open(release.number))));
        Response::Counts { boot: format!("{:016x}", self.shared.boot), releases: counts.collect() }
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

    /// Keeps the records of the current releases over a restart.
    pub(crate) async fn save_records(&self) {
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
        let records: Records = current.iter().map(slices).collect();
        if *self.records.lock().await == records {
            return;
        }
        self.records.lock().await.clone_from(&records);
        let (folder, environment) = (self.folder.clone(), self.shared.environment.clone());
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
