//! What is routed where at this moment, and how a request claims its part of it.
//!
//! A request claims its target under the read lock, and whoever changes the routing holds the write lock: when the change is
//! done, every request on the old targets is counted there and no other can come. A set that has left can so be drained for good.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use http::header::{COOKIE, HOST};
use http::{HeaderMap, HeaderValue};
use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Timestamp;

use crate::canary::{Canary, ClientId};
use crate::client::{Client, Clients, SECOND};
use crate::counters::{Release, Role};
use crate::failing::Failing;
use crate::handover::{add, subtract};
use crate::headers::CHECK;
use crate::hold::Hold;
use crate::predecessor::Heritage;
use crate::protocol::{ReleaseCounts, Table};
use crate::run::Tuning;
use crate::seen::Seen;
use crate::table::Routes;
use crate::targets::{Claim, Phase, Targets};

/// What all parts of the proxy share.
#[derive(Debug)]
pub(crate) struct Shared {
    live: RwLock<Live>,
    releases: Mutex<BTreeMap<ReleaseNumber, Arc<Release>>>,
    /// Target sets that have left the routing and are not empty yet.
    pub(crate) draining: Mutex<Vec<Arc<Targets>>>,
    /// How many requests had to be closed when a release's drain ended.
    pub(crate) drained: Mutex<BTreeMap<ReleaseNumber, u64>>,
    pub(crate) clients: Clients,
    /// Who got errors in the canary of the moment.
    pub(crate) failing: Failing,
    /// Who asked in it.
    pub(crate) seen: Seen,
    /// Set when the process ends: responses close their connections.
    pub(crate) stopping: AtomicBool,
    pub(crate) workers: usize,
    pub(crate) tuning: Tuning,
    pub(crate) environment: String,
    /// What the processes counted that handed over to this one, and what is open there.
    pub(crate) heritage: Mutex<Heritage>,
    /// Random, new with each start but after a hand-over: counters began at zero then. Salts the hashes of clients, too.
    pub(crate) boot: u64,
    /// Since when the counters count: by default `boot`; another one after the counts of a successor were lost with it, and then what was
    /// counted before does not count.
    counting: AtomicU64,
    uncounted: Mutex<Heritage>,
    pub(crate) since: Timestamp,
}

/// The routing at this moment.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) table: Option<Table>,
    pub(crate) routes: Routes,
    /// By the number of the service in `routes`.
    pub(crate) arms: Vec<Arm>,
    pub(crate) canary: Option<Canary>,
    pub(crate) hold: Option<Arc<Hold>>,
}

/// A service's target sets.
#[derive(Debug, Default)]
pub(crate) struct Arm {
    pub(crate) current: Option<Arc<Targets>>,
    pub(crate) candidate: Option<Arc<Targets>>,
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// A target.
    Target(Ticket),
    /// It has to wait.
    Held(Arc<Hold>),
    /// No route leads anywhere.
    NoRoute,
    /// The route's service has nothing current.
    Nothing,
}

/// A claimed target.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) claim: Claim,
    /// Who the client is, while a canary of its service is active: by its cookie, or drawn anew for this request.
    pub(crate) id: Option<ClientId>,
    /// That canary.
    pub(crate) drawn: Option<Drawn>,
    /// Whether the client has to be told its id.
    pub(crate) new: bool,
}

/// The canary in which a client was drawn: what is needed of it to count the client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) salt: u64,
    /// Latency in microseconds above which a response is slow.
    pub(crate) slow: u64,
}

/// The time now, as it is written.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Shared {
    pub(crate) fn new(environment: String, workers: usize, tuning: Tuning, boot: u64) -> Self {
        Self {
            live: RwLock::default(),
            releases: Mutex::default(),
            draining: Mutex::default(),
            drained: Mutex::default(),
            clients: Clients::default(),
            failing: Failing::default(),
            seen: Seen::default(),
            stopping: AtomicBool::new(false),
            workers,
            tuning,
            environment,
            heritage: Mutex::default(),
            boot,
            counting: AtomicU64::new(boot),
            uncounted: Mutex::default(),
            since: now(),
        }
    }

    pub(crate) fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change(&self) -> RwLockWriteGuard<'_, Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counters of a release; made when it is first seen. The oldest that nothing refers to are forgotten.
    pub(crate) fn release(&self, number: ReleaseNumber) -> Arc<Release> {
        const KEPT: usize = 50;
        let mut releases = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        while releases.len() > KEPT {
            let unused = releases.iter().find(|(_, release)| Arc::strong_count(release) == 1);
            let Some(oldest) = unused.map(|(oldest, _)| *oldest) else { break };
            releases.remove(&oldest);
        }
        Arc::clone(releases.entry(number).or_insert_with(|| Arc::new(Release::new(number))))
    }

    /// All releases that were seen.
    pub(crate) fn releases(&self) -> Vec<Arc<Release>> {
        self.releases.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// What was counted of each release, here and by the processes that handed over to this one.
    pub(crate) fn counts(&self) -> BTreeMap<ReleaseNumber, ReleaseCounts> {
        let own =
            self.releases().into_iter().map(|release| (release.number, release.counts(self.open(release.number))));
        let mut all: BTreeMap<_, _> = own.collect();
        for (number, before) in &*self.heritage.lock().unwrap_or_else(PoisonError::into_inner) {
            add(all.entry(*number).or_default(), before);
        }
        for (number, before) in &*self.uncounted.lock().unwrap_or_else(PoisonError::into_inner) {
            subtract(all.entry(*number).or_default(), before);
        }
        all
    }

    /// What changes when the counters begin anew.
    pub(crate) fn counting(&self) -> u64 {
        self.counting.load(Ordering::Relaxed)
    }

    /// Lets the counters begin anew.
    pub(crate) fn count_anew(&self) {
        self.uncounted.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let counts = self.counts();
        *self.uncounted.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        self.counting.store(crate::canary::random(), Ordering::Relaxed);
    }

    /// All target sets that can have open requests.
    pub(crate) fn targets(&self) -> Vec<Arc<Targets>> {
        let mut all = self.live().targets();
        all.extend(self.draining.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        all
    }

    /// Closes connections to instances that nobody has used for a while.
    pub(crate) fn sweep(&self) {
        const KEPT: u64 = 30 * SECOND;
        let now = self.clients.now();
        for targets in self.live().targets() {
            targets.addresses.iter().for_each(|address| address.sweep(|upstream| now < upstream.used() + KEPT));
        }
    }

    /// Open requests and upgraded connections of a release.
    pub(crate) fn open(&self, release: ReleaseNumber) -> u64 {
        self.targets().iter().filter(|targets| targets.set.release == release).map(|targets| targets.open()).sum()
    }

    /// Claims a target for a request. `current_only` is for the second try of a request whose candidate did not answer.
    pub(crate) fn claim(&self, client: &Arc<Client>, headers: &HeaderMap, path: &str, current_only: bool) -> Claimed {
        let host = headers.get(HOST).map_or(&b""[..], HeaderValue::as_bytes);
        let host = std::str::from_utf8(host).unwrap_or("");
        let live = self.live();
        let now = live.needs_time().then(Instant::now);
        if let Some(hold) = live.hold.as_ref().filter(|hold| now.is_some_and(|now| now < hold.until())) {
            return Claimed::Held(Arc::clone(hold));
        }
        if live.table.is_none() {
            return Claimed::Nothing;
        }
        let Some(arm) = live.routes.find(host, path).and_then(|number| live.arms.get(number)) else {
            return Claimed::NoRoute;
        };
        let ticket = |targets: &Arc<Targets>, role, id, drawn, new| {
            Claimed::Target(Ticket { claim: Claim::new(targets, role, client), id, drawn, new })
        };
        let (mut id, mut drawn, mut new) = (None, None, false);
        if let (Some(candidate), Some(canary), Some(now)) = (&arm.candidate, &live.canary, now)
            && now < canary.until
        {
            let known = headers.get_all(COOKIE).iter().find_map(ClientId::read);
            new = known.is_none();
            let client = known.unwrap_or_else(|| ClientId(crate::canary::random()));
            id = Some(client);
            drawn = Some(Drawn { salt: canary.plan.salt, slow: canary.plan.slow });
            let chosen = !current_only && client.chosen(canary.plan.salt, canary.plan.percent);
            let (role, targets) =
                if chosen { (Role::Candidate, Some(candidate)) } else { (Role::Current, arm.current.as_ref()) };
            // Whoever is answered by current in the candidate's place is none of its clients.
            if let Some(targets) = targets.filter(|_| !current_only && !headers.contains_key(CHECK)) {
                targets.release.role(role).client_seen(self.seen.look(role, client));
            }
            if chosen {
                return ticket(candidate, role, id, drawn, new);
            }
        }
        arm.current.as_ref().map_or(Claimed::Nothing, |current| ticket(current, Role::Current, id, drawn, new))
    }
}

impl Live {
    /// Whether a canary or a hold, which have their limits, is active: only then a request has to look at the clock here.
    fn needs_time(&self) -> bool {
        self.canary.is_some() || self.hold.is_some()
    }

    /// Ends the hold; what was emptied meanwhile and is current still serves again.
    pub(crate) fn end_hold(&mut self) -> Option<Arc<Hold>> {
        let hold = self.hold.take()?;
        for targets in self.targets().iter().filter(|targets| targets.phase() != Phase::Serving) {
            targets.enter(Phase::Serving);
        }
        Some(hold)
    }

    /// The current release; the greatest when services differ.
    pub(crate) fn current_release(&self) -> Option<ReleaseNumber> {
        self.arms.iter().filter_map(|arm| arm.current.as_ref()).map(|targets| targets.set.release).max()
    }

    /// All target sets, each once.
    pub(crate) fn targets(&self) -> Vec<Arc<Targets>> {
        let arms = self.arms.iter().flat_map(|arm| arm.current.iter().chain(&arm.candidate));
        arms.cloned().collect()
    }
}
