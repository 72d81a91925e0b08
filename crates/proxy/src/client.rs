//! A client's connection: served on one worker, known to the registry so that it can be closed.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use http::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::net::sockopt;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::forward;
use crate::live::Shared;
use crate::socket::Socket;

/// No request is open.
const IDLE: u64 = 0;
/// A request waits in a hold.
const HELD: u64 = u64::MAX;

/// A client's connection. HTTP/1.1 has one request open at a time on it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) worker: usize,
    pub(crate) peer: IpAddr,
    /// The peer's address as a header value.
    pub(crate) forwarded_for: HeaderValue,
    /// Whether the peer may be a proxy of ours in front, whose forwarding headers are believed: it is on this machine or in a
    /// private network.
    pub(crate) trusted: bool,
    /// [`IDLE`], [`HELD`] or the id of the target set of the open request.
    busy: AtomicU64,
    /// When it was last used, in ticks.
    used: AtomicU64,
    /// The tick at which the open request has waited too long for its response; 0 when none waits.
    deadline: AtomicU64,
    /// Wakes the connection's task at the deadline.
    waker: Mutex<Option<Waker>>,
    task: OnceLock<AbortHandle>,
}

impl Client {
    pub(crate) fn begin(&self, targets: u64) {
        self.busy.store(targets, Ordering::Release);
    }

    pub(crate) fn held(&self) {
        self.busy.store(HELD, Ordering::Release);
    }

    /// It is in use.
    pub(crate) fn touch(&self) {
        self.used.store(self.shared.clients.now(), Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.touch();
        self.busy.store(IDLE, Ordering::Release);
    }

    /// Begins to wait for a response, at most `limit`.
    pub(crate) fn expect_response(&self, limit: Duration) {
        let ticks = u64::try_from(limit.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
        self.deadline.store(self.shared.clients.now().saturating_add(ticks).saturating_add(1), Ordering::Relaxed);
    }

    /// The response has come.
    pub(crate) fn got_response(&self) {
        self.deadline.store(0, Ordering::Relaxed);
    }

    /// Whether the response is overdue; when not, the task is woken when it is. One timer for all connections instead of one for each
    /// request, because nearly all responses come in time.
    pub(crate) fn overdue(&self, cx: &mut Context<'_>) -> bool {
        if self.is_overdue() {
            return true;
        }
        let mut waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if !waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        false
    }

    fn is_overdue(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != 0 && self.shared.clients.now() >= deadline
    }

    fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn abort(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// All open connections.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    open: Mutex<HashMap<u64, Arc<Client>>>,
    next: AtomicU64,
    /// A coarse clock, moved on by housekeeping: reading it costs nothing.
    ticks: AtomicU64,
}

/// How often time is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(100);
/// Ticks in a second.
pub(crate) const SECOND: u64 = 10;
/// Ticks after which a connection without a request is closed.
const KEEP_ALIVE: u64 = 75 * SECOND;

impl Clients {
    /// Ticks since the start.
    pub(crate) fn now(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    fn each(&self, mut visit: impl FnMut(&Client)) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(|client| visit(client));
    }

    /// Closes the connections whose open request is with this target set.
    pub(crate) fn close_users_of(&self, targets: u64) {
        self.each(|client| {
            if client.busy.load(Ordering::Acquire) == targets {
                client.abort();
            }
        });
    }

    /// Closes the connections on which no request is open.
    pub(crate) fn close_idle(&self) {
        self.each(|client| {
            if client.busy.load(Ordering::Acquire) == IDLE {
                client.abort();
            }
        });
    }

    /// A tick has passed: wakes requests whose response is overdue; closes connections that were idle for [`KEEP_ALIVE`], or that
    /// have not sent a whole request head in that time.
    pub(crate) fn tick(&self) {
        let now = self.ticks.fetch_add(1, Ordering::Relaxed) + 1;
        self.each(|client| {
            if client.is_overdue() {
                client.wake();
            }
        });
        if now.is_multiple_of(5 * SECOND) {
            self.each(|client| {
                let idle = client.busy.load(Ordering::Acquire) == IDLE;
                if idle && now.saturating_sub(client.used.load(Ordering::Relaxed)) > KEEP_ALIVE {
                    client.abort();
                }
            });
        }
    }

    /// How many connections are open.
    pub(crate) fn len(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Removes a connection from the registry, also when its task was aborted.
struct Registered {
    id: u64,
    client: Arc<Client>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let clients = &self.client.shared.clients;
        clients.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Serves a connection on this worker until it ends.
pub(crate) fn serve(shared: &Arc<Shared>, worker: usize, stream: std::net::TcpStream, peer: SocketAddr) {
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    let _ = stream.set_nodelay(true);
    // A client that vanished without a word would keep an upgraded connection open for ever.
    let _ = sockopt::set_socket_keepalive(&stream, true);
    let _ = sockopt::set_tcp_keepidle(&stream, Duration::from_mins(1));
    let peer = peer.ip().to_canonical();
    let Ok(forwarded_for) = HeaderValue::from_str(&peer.to_string()) else { return };
    let clients = &shared.clients;
    let client = Arc::new(Client {
        shared: Arc::clone(shared),
        worker,
        peer,
        forwarded_for,
        trusted: is_near(peer),
        busy: AtomicU64::new(IDLE),
        used: AtomicU64::new(clients.now()),
        deadline: AtomicU64::new(0),
        waker: Mutex::default(),
        task: OnceLock::new(),
    });
    let id = clients.next.fetch_add(1, Ordering::Relaxed);
    clients.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&client));
    let registered = Registered { id, client: Arc::clone(&client) };
    let task = tokio::spawn(async move {
        let client = Arc::clone(&registered.client);
        let service = service_fn(move |request| forward::serve(Arc::clone(&client), request));
        let _ =
            http1::Builder::new().serve_connection(TokioIo::new(Socket::new(stream)), service).with_upgrades().await;
        drop(registered);
    });
    let _ = client.task.set(task.abort_handle());
}
