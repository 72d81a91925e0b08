//! What the proxy is told and what it answers, as one JSON line each over its unix socket.
//!
//! Every changing request carries the epoch of the lease under which it is sent; the proxy keeps the greatest that it saw, durably,
//! and refuses a smaller one. All requests are idempotent: sending one twice leaves what sending it once left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sternway_core::counts::Counts;
use sternway_core::ids::{Epoch, ReleaseNumber, ServiceName};
use sternway_core::time::{Millis, Timestamp};

/// Version of this protocol; a proxy answers requests of its own version and of all earlier ones.
pub const VERSION: u32 = 1;

/// Where one service of one release answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetSet {
    /// The release, as it appears in the response header `sternway-release`.
    pub release: ReleaseNumber,
    /// `host:port` of each instance.
    pub addresses: Vec<String>,
}

/// A whole routing table: what becomes current in one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Where the proxy listens, `address:port`. Changing it opens the new listener before the old one closes.
    pub listen: String,
    /// Path prefix (`/component`) or host and path prefix (`shop.example/api`) to service; the longest match wins, a host before none.
    pub routes: BTreeMap<String, ServiceName>,
    /// Paths of login pages: redirects to them are counted apart.
    pub login: Vec<String>,
    /// The current target set of each service.
    pub current: BTreeMap<ServiceName, TargetSet>,
    /// How long open requests and upgraded connections of a drained release may go on.
    pub drain: Millis,
}

/// What the proxy is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Who are you? Answered with [`Response::Status`].
    Status,
    /// Make this table current, all services at once; `None` withdraws everything (requests then get 503). A candidate that becomes
    /// current by this keeps its connections. What is no longer referred to drains.
    Switch {
        /// Lease epoch.
        epoch: Epoch,
        /// The new table.
        table: Option<Table>,
    },
    /// Give a candidate a share of traffic, sticky by salted cookie. Runs out after `lease` unless sent again; then all traffic is
    /// current's.
    Canary {
        /// Lease epoch.
        epoch: Epoch,
        /// Per service, the candidate's targets. Services without an entry stay with current.
        candidate: BTreeMap<ServiceName, TargetSet>,
        /// Percent of clients, 1 to 99.
        percent: u8,
        /// How long it holds unless renewed.
        lease: Millis,
        /// A response faster than this is never slow. For telling which clients had slow responses; the 99th percentile of the current
        /// release's record, if greater, is the bound.
        #[serde(default)]
        slow_floor: Option<Millis>,
    },
    /// End the canary: all traffic to current; the candidate's open requests drain.
    EndCanary {
        /// Lease epoch.
        epoch: Epoch,
    },
    /// Hold new requests (bounded in number and time) instead of forwarding them, until `Release`, a `Switch`, or the limit.
    Hold {
        /// Lease epoch.
        epoch: Epoch,
        /// At most this long; then requests go to current again by themselves.
        limit: Millis,
    },
    /// Let held requests go to current.
    Release {
        /// Lease epoch.
        epoch: Epoch,
    },
    /// Wait until a release has no open request or connection, at most its drain time; then close what is left. A release that is
    /// current can be drained while requests are held, and is refused otherwise.
    Drained {
        /// Which.
        release: ReleaseNumber,
    },
    /// Counters by release since the proxy started. Answered with [`Response::Counts`].
    Counts,
    /// The record of the current release: its last 10,000 requests as current.
    Record,
    /// The head of the logbook as the sender knows it: the proxy remembers the greatest, so that a truncated logbook shows.
    Witness {
        /// Sequence number of the last entry.
        seq: u64,
        /// Its hash.
        hash: String,
    },
    /// Prometheus text format.
    Metrics,
    /// From a newly started proxy of the same state folder: hand over the listening sockets and the state, then drain and end. The
    /// connection then carries lines of its own, see `handover.rs`; whoever does not go on with them changes nothing.
    HandOver {
        /// Greatest format of those lines that the sender knows.
        format: u32,
    },
}

/// What the proxy answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Done.
    Done,
    /// The proxy's state.
    Status(Box<Status>),
    /// Counters of each release.
    Counts {
        /// Changes when the proxy restarts: counters started from zero then.
        boot: String,
        /// By release; all of its services together.
        releases: BTreeMap<ReleaseNumber, ReleaseCounts>,
    },
    /// The current release's record.
    Record {
        /// Whose; `None` when nothing is current.
        release: Option<ReleaseNumber>,
        /// Its last requests as current, at most 10,000.
        counts: Counts,
        /// How long ago the oldest of them was.
        span: Millis,
    },
    /// How a drain ended.
    Drained {
        /// Requests and connections that had to be closed at the limit.
        closed: u64,
    },
    /// Prometheus text.
    Metrics(String),
    /// Refused.
    Refused {
        /// Why.
        why: Refusal,
    },
}

/// Why the proxy refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The lease epoch is older than one that was seen.
    #[error("epoch {got} is older than {seen}: another driver has taken over")]
    StaleEpoch {
        /// The epoch of the request.
        got: Epoch,
        /// The greatest epoch seen.
        seen: Epoch,
    },
    /// The request makes no sense, or something failed (a port in use, an address that does not parse).
    #[error("{0}")]
    Invalid(String),
}

/// Counters of one release since the proxy's start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReleaseCounts {
    /// While it was current.
    pub current: Counts,
    /// While it was the candidate.
    pub candidate: Counts,
    /// Open requests and upgraded connections now.
    pub open: u64,
    /// Distinct clients among failed requests (by salted hash of the canary cookie or the peer address), exact up to 10,000.
    pub failed_clients: u64,
}

/// The proxy's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// [`VERSION`].
    pub protocol: u32,
    /// Process id.
    pub pid: u32,
    /// When it started.
    pub since: Timestamp,
    /// Greatest epoch seen.
    pub epoch: Epoch,
    /// The current table.
    pub table: Option<Table>,
    /// Where it listens now, `address:port`; tells the port when the table asks for port 0.
    #[serde(default)]
    pub listening: Option<String>,
    /// Candidate share now, percent; 0 without a canary.
    pub percent: u8,
    /// The candidate's release.
    pub candidate: Option<ReleaseNumber>,
    /// Whether requests are held now, and how many.
    pub held: Option<u64>,
    /// Addresses of current targets that do not accept connections now.
    pub unhealthy: Vec<String>,
    /// The last head of the logbook that it was shown.
    pub witness: Option<(u64, String)>,
    /// Set when the state file was torn or foreign and the last good one (or none) was used.
    pub warning: Option<String>,
}
