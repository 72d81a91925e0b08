//! The hand-over from a running proxy to a newly started one: the lines that the two exchange, and how sockets pass.
//!
//! ```text
//! new                               old
//! {"hand_over":{"format":1}}   ->                          over the admin socket, where it is a request like any other
//!                              <-   {"offer":{..}}         from here on orders wait
//! "sockets"                    ->
//!                              <-   one byte with the open files: lock, listener, metrics
//! "ready"                      ->                          restored; could accept at once
//!                              <-   "go"                   accepts no longer; who connects now waits in the queue
//! "serving"                    ->                          has the admin socket's name: the hand-over is done
//!                              <-   {"report":{..}}        drains; orders are the new one's
//! ```
//!
//! Strictly in turn, so that nobody reads past the byte that carries the open files. Whoever of the two dies before `"serving"` changes
//! nothing: the old one goes on, or the new one, which has all that it needs from the byte on, begins. After it the connection stays open:
//! the new one passes on what it is told, since requests may still be open at the old one, and gets to know what is counted there.
//! The sockets stay open in the old one until it ends: should the new one die while the old one drains, the old one serves again.

use std::collections::BTreeMap;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};
use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Millis;

use crate::canary::Plan;
use crate::protocol::{Refusal, ReleaseCounts};
use crate::seen::Remembered;
use crate::state_file::{Records, Saved};

/// Format of these lines.
pub(crate) const FORMAT: u32 = 1;
/// How long one side waits for the other's next word.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What the new one says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Send the open files.
    Sockets,
    /// Everything is restored.
    Ready,
    /// Whoever connects to the admin socket gets here, and whoever connects to the listener too.
    Serving,
    /// Route like this.
    Follow(Box<Routing>),
    /// Empty a release, and report until it is empty.
    Drain(ReleaseNumber),
    /// What was counted?
    Report,
    /// The sender ends well: do not serve again.
    Ending,
}

/// What the old one says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// All that the new one has to know.
    Offer(Box<Offer>),
    /// Nobody accepts now: the new one's turn.
    Go,
    /// What was counted.
    Report(Report),
    /// No hand-over.
    Refused {
        /// Why.
        why: Refusal,
    },
}

/// All that the new one has to know. The open files follow in this order: lock, listener if any, metrics if any.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) format: u32,
    pub(crate) pid: u32,
    pub(crate) environment: String,
    /// So that the counters go on.
    pub(crate) boot: u64,
    pub(crate) routing: Routing,
    /// A canary whose lease ran out.
    pub(crate) lapsed: Option<Plan>,
    /// Why the newest state is not in the file.
    pub(crate) unsaved: Option<String>,
    pub(crate) records: Records,
    /// Who got errors in the canary, as `failing` remembers it.
    #[serde(default)]
    pub(crate) failing: Option<(u64, Vec<[Vec<u64>; 2]>)>,
    /// Who asked in it, as `seen` remembers it.
    #[serde(default)]
    pub(crate) seen: Option<Remembered>,
    pub(crate) report: Report,
    /// What the listener was asked for.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) metrics: Option<SocketAddr>,
}

/// What is routed where, with what time leaves of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Routing {
    pub(crate) saved: Saved,
    /// Until the canary's lease runs out.
    pub(crate) canary: Option<Millis>,
    /// Until the hold ends by itself.
    pub(crate) hold: Option<Millis>,
}

/// What was counted since the counters began, and what is being drained.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) releases: BTreeMap<ReleaseNumber, ReleaseCounts>,
    /// By release that was to be drained: how many requests had to be closed, once it is over.
    pub(crate) drains: BTreeMap<ReleaseNumber, Option<u64>>,
}

/// Adds up what two processes counted.
pub(crate) fn add(to: &mut ReleaseCounts, other: &ReleaseCounts) {
    // Named one by one, so that what is added to the type cannot be forgotten here.
    let ReleaseCounts { current, candidate, open, failed_clients } = other;
    to.current.add(current);
    to.candidate.add(candidate);
    to.open += open;
    // Who failed at both counts twice.
    to.failed_clients += failed_clients;
}

/// Leaves out what was counted up to a moment.
pub(crate) fn subtract(from: &mut ReleaseCounts, before: &ReleaseCounts) {
    from.current = from.current.since(&before.current);
    from.candidate = from.candidate.since(&before.candidate);
    from.failed_clients = from.failed_clients.saturating_sub(before.failed_clients);
}

/// More open files are never sent.
const FILES: usize = 3;

/// Sends one byte with these open files.
pub(crate) fn send_files(stream: impl AsFd, files: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(io::Error::other("too many open files to send"));
    }
    sendmsg(stream, &[IoSlice::new(b"\n")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives what [`send_files`] sent.
pub(crate) fn receive_files(stream: impl AsFd) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(stream, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut files = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sent) = message {
            files.extend(sent);
        }
    }
    Ok(files)
}
