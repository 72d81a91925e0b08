//! A proxy by its socket: orders, counters, and how a failed exchange is tried again.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber};
use sternway_engine::ports::{Snapshot, Traffic, TrafficOf, TrafficRecord, Unreachable};
use sternway_proxy::protocol::{Refusal, Request, Response, Status};
use sternway_wire::{Client, WireError};

/// An order is tried again for so long while the proxy restarts. Every order is idempotent.
const PATIENCE: Duration = Duration::from_secs(15);
/// One exchange takes at most this long, unless it waits for a drain.
const QUICK: Duration = Duration::from_secs(10);
/// What is asked while a release is watched takes at most this long: nothing is judged meanwhile.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The proxy could not be asked, or it is not known whether it did what it was told.
    #[error("the proxy cannot be asked")]
    Wire(#[from] WireError),
    /// The proxy refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An answer to another question: a proxy of another version.
    #[error("the proxy gave an answer that does not belong to the question")]
    Unexpected,
}

/// A proxy by its socket. Keeps one connection open, since counters are read fifty times a second.
#[derive(Debug)]
pub struct Proxy {
    socket: PathBuf,
    open: Mutex<Option<Client>>,
}

impl Proxy {
    /// The proxy that listens, or will listen, at this socket.
    pub fn at(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), open: Mutex::new(None) }
    }

    /// Asks once; what is asked again and again goes over the open connection where there is one.
    pub fn ask_once(&self, request: &Request, within: Duration) -> Result<Response, ProxyError> {
        let kept = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = if within == LOOK { kept().take() } else { None };
        let mut client = match open {
            Some(client) => client,
            None => Client::connect(&self.socket, within)?,
        };
        let answer: Response = client.ask(request)?;
        if within == LOOK {
            *kept() = Some(client);
        }
        match answer {
            Response::Refused { why } => Err(why.into()),
            answer => Ok(answer),
        }
    }

    /// Asks until it is answered, for as long as a proxy may take to come back.
    pub fn ask(&self, request: &Request) -> Result<Response, ProxyError> {
        self.ask_patiently(request, QUICK)
    }

    fn ask_patiently(&self, request: &Request, within: Duration) -> Result<Response, ProxyError> {
        let start = Instant::now();
        loop {
            match self.ask_once(request, within) {
                Err(ProxyError::Wire(_)) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(50)),
                answer => return answer,
            }
        }
    }

    /// Gives an order that is answered with "done".
    pub fn order(&self, request: &Request) -> Result<(), ProxyError> {
        match self.ask(request)? {
            Response::Done => Ok(()),
            _ => Err(ProxyError::Unexpected),
        }
    }

    /// Waits until a release is drained; answers with the number of requests and connections that had to be closed.
    pub fn drained(&self, release: ReleaseNumber, drain: Duration) -> Result<u64, ProxyError> {
        match self.ask_patiently(&Request::Drained { release }, drain + QUICK * 2)? {
            Response::Drained { closed } => Ok(closed),
            _ => Err(ProxyError::Unexpected),
        }
    }

    /// The proxy's state.
    pub fn status(&self) -> Result<Status, ProxyError> {
        match self.ask(&Request::Status)? {
            Response::Status(status) => Ok(*status),
            _ => Err(ProxyError::Unexpected),
        }
    }

    /// The greatest epoch that it has seen, when it answers.
    pub fn epoch(&self) -> Option<Epoch> {
        match self.ask_once(&Request::Status, QUICK) {
            Ok(Response::Status(status)) => Some(status.epoch),
            _ => None,
        }
    }

    fn unreachable(error: &ProxyError) -> Unreachable {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Unreachable { source_name: "the proxy".to_owned(), why: format!("{error}{cause}") }
    }
}

impl Traffic for Proxy {
    fn counts(&self, _environment: &EnvironmentName) -> Result<Snapshot, Unreachable> {
        match self.ask_once(&Request::Counts, LOOK) {
            Ok(Response::Counts { boot, releases }) => {
                let releases = releases.into_iter().map(|(release, counts)| {
                    let failed_clients = counts.failed_clients;
                    (release, TrafficOf { current: counts.current, candidate: counts.candidate, failed_clients })
                });
                Ok(Snapshot { boot, releases: releases.collect() })
            }
            Ok(_) => Err(Self::unreachable(&ProxyError::Unexpected)),
            Err(error) => Err(Self::unreachable(&error)),
        }
    }

    fn record(&self, _environment: &EnvironmentName) -> Result<Option<TrafficRecord>, Unreachable> {
        match self.ask(&Request::Record) {
            Ok(Response::Record { release, counts, span }) => {
                Ok(release.map(|release| TrafficRecord { release, counts, span }))
            }
            Ok(_) => Err(Self::unreachable(&ProxyError::Unexpected)),
            Err(error) => Err(Self::unreachable(&error)),
        }
    }
}
