//! The process that handed over to this one, while it drains: it is told what this one is told, and says what it counted.

use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::admin::{read_line, write_line};
use crate::handover::{Answer, Order, Report};
use crate::live::Shared;

/// A predecessor that does not answer for so long is left alone: it drains by itself.
const LIMIT: Duration = Duration::from_secs(2);

/// The process before this one, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Predecessor {
    link: Mutex<Option<BufReader<UnixStream>>>,
    there: AtomicBool,
}

impl Predecessor {
    /// Says that this process serves now. False when the one before it has died meanwhile; this one serves all the same.
    pub(crate) async fn begin(&self, link: BufReader<UnixStream>, shared: &Shared) -> bool {
        *self.link.lock().await = Some(link);
        self.there.store(true, Ordering::Release);
        self.tell(shared, &Order::Serving).await.is_some()
    }

    /// Whether it still runs.
    pub(crate) fn is_there(&self) -> bool {
        self.there.load(Ordering::Acquire)
    }

    /// Tells it something; its report is taken into the counters. `None` when it has ended.
    pub(crate) async fn tell(&self, shared: &Shared, order: &Order) -> Option<Report> {
        if !self.is_there() {
            return None;
        }
        let mut link = self.link.lock().await;
        let exchanged = timeout(LIMIT, exchange(link.as_mut()?, order)).await.unwrap_or_else(|late| Err(late.into()));
        let mut heritage = shared.heritage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(report) = exchanged {
            heritage.clone_from(&report.releases);
            return Some(report);
        }
        *link = None;
        self.there.store(false, Ordering::Release);
        heritage.values_mut().for_each(|counts| counts.open = 0);
        None
    }
}

async fn exchange(link: &mut BufReader<UnixStream>, order: &Order) -> io::Result<Report> {
    write_line(link, order).await?;
    let line = read_line(link).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    match serde_json::from_slice(&line)? {
        Answer::Report(report) => Ok(report),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// What all processes before this one counted, by release.
pub(crate) type Heritage = BTreeMap<sternway_core::ids::ReleaseNumber, crate::protocol::ReleaseCounts>;
