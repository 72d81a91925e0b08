//! An open load: requests are due by the clock, whether or not earlier ones have been answered, and each one's latency counts from
//! when it was due. So a system that stalls cannot hide it by stalling its clients too (coordinated omission).
//!
//! Clients keep their cookies and share a pool of keep-alive connections. [`super::stats`] computes with the samples.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::{JoinSet, LocalSet};

use super::Outcome;
use super::connection::{Connection, Failed};

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) per_second: u32,
    /// Connections that are kept open; more are opened when all are in use.
    pub(crate) connections: usize,
    /// Clients, each with a cookie of its own; they take turns.
    pub(crate) clients: usize,
    /// A request without an answer for so long has failed.
    pub(crate) patience: Duration,
}

impl Plan {
    /// 500 requests a second of 500 clients over 64 connections.
    pub(crate) fn standard(address: SocketAddr) -> Self {
        Self { address, per_second: 500, connections: 64, clients: 500, patience: Duration::from_secs(10) }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A whole response with this status.
    Status(u16),
    /// No connection, or it broke.
    Broken,
    /// Nothing in time.
    TimedOut,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// When it was due, since the load's start.
    pub(crate) due: Duration,
    /// From then to the whole response.
    pub(crate) latency: Duration,
    pub(crate) answer: Answer,
    /// Which release answered.
    pub(crate) release: Option<u64>,
    /// Whether it was sent again, as a browser does, since its kept connection had just been closed and nothing had come back.
    pub(crate) resent: bool,
}

impl Sample {
    /// When it ended, since the load's start.
    pub(crate) fn end(&self) -> Duration {
        self.due + self.latency
    }

    /// Whether a user would say that it failed. The service answers 200, always.
    pub(crate) fn failed(&self) -> bool {
        !matches!(self.answer, Answer::Status(200..=399))
    }
}

/// All of a load.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) samples: Vec<Sample>,
    /// When it began, by the machine's clock.
    pub(crate) began: SystemTime,
    /// The share of one core that sending took.
    pub(crate) core_share: f64,
}

/// A load that runs. Dropping it ends it.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    start: Instant,
    thread: Option<JoinHandle<Outcome<Recorded>>>,
}

impl Load {
    /// Starts it on a thread of its own.
    pub(crate) fn start(plan: Plan) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (start, began) = (Instant::now(), SystemTime::now());
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&done));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let samples = LocalSet::new().block_on(&runtime, send(plan, start, &stopped, &count));
            Ok(Recorded { samples, began, core_share: own_cpu().as_secs_f64() / start.elapsed().as_secs_f64() })
        });
        Self { stop, done, start, thread: Some(thread) }
    }

    /// How long it has run.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// How many requests have ended.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Lets the open requests end and sends no more.
    pub(crate) fn stop(mut self) -> Outcome<Recorded> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().ok_or("the load was stopped before")?;
        thread.join().map_err(|_| "the load panicked")?
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// What the senders share.
struct Shared {
    plan: Plan,
    start: Instant,
    idle: RefCell<VecDeque<Connection>>,
    cookies: RefCell<Vec<Option<String>>>,
    samples: RefCell<Vec<Sample>>,
}

async fn send(plan: Plan, start: Instant, stop: &AtomicBool, done: &Arc<AtomicU64>) -> Vec<Sample> {
    let shared = Rc::new(Shared {
        plan,
        start,
        idle: RefCell::default(),
        cookies: RefCell::new(vec![None; plan.clients]),
        samples: RefCell::default(),
    });
    let mut requests = JoinSet::new();
    for number in 0_u32.. {
        let due = Duration::from_secs(1) * number / plan.per_second;
        tokio::time::sleep_until((start + due).into()).await;
        while requests.try_join_next().is_some() {}
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (shared, done) = (Rc::clone(&shared), Arc::clone(done));
        requests.spawn_local(async move {
            let client = number as usize % shared.plan.clients;
            let sample = shared.request(client, due).await;
            shared.samples.borrow_mut().push(sample);
            done.fetch_add(1, Ordering::Relaxed);
        });
    }
    while requests.join_next().await.is_some() {}
    shared.samples.take()
}

impl Shared {
    async fn request(&self, client: usize, due: Duration) -> Sample {
        let mut resent = false;
        let cookie = self.cookies.borrow()[client].clone();
        let attempt = self.attempt(cookie.as_deref(), &mut resent);
        let (answer, release) = match tokio::time::timeout(self.plan.patience, attempt).await {
            Ok(Ok(response)) => {
                if response.cookie.is_some() {
                    self.cookies.borrow_mut()[client] = response.cookie;
                }
                (Answer::Status(response.status), response.release)
            }
            Ok(Err(_)) => (Answer::Broken, None),
            Err(_) => (Answer::TimedOut, None),
        };
        Sample { due, latency: self.start.elapsed().saturating_sub(due), answer, release, resent }
    }

    /// Over the connection that has been idle longest, so that all stay in use; over a new one when none is there, or when that one
    /// was closed at this very moment.
    async fn attempt(&self, cookie: Option<&str>, resent: &mut bool) -> Result<super::connection::Response, Failed> {
        let kept = self.idle.borrow_mut().pop_front();
        if let Some(mut kept) = kept {
            match kept.exchange(cookie).await {
                Ok(response) => {
                    self.keep(kept);
                    return Ok(response);
                }
                Err(failed) if failed.unseen => *resent = failed.sent,
                Err(failed) => return Err(failed),
            }
        }
        let mut fresh = Connection::open(self.plan.address).await?;
        let response = fresh.exchange(cookie).await?;
        self.keep(fresh);
        Ok(response)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < self.plan.connections {
            idle.push_back(connection);
        }
    }
}

/// Processor time of this thread.
fn own_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers the first `stalled` requests of each connection only when it is told to.
    fn server(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || {
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                    while lines.by_ref().take_while(|line| !line.is_empty()).count() > 0 {
                        if (&stream).write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    fn recorded(answer: &'static str, at_least: u64) -> Vec<Sample> {
        let load = Load::start(Plan { per_second: 200, connections: 4, ..Plan::standard(server(answer)) });
        while load.done() < at_least {
            thread::yield_now();
        }
        load.stop().unwrap().samples
    }

    #[test]
    fn each_request_is_recorded_with_its_due_time_status_and_release() {
        let samples = recorded("HTTP/1.1 200 OK\r\nsternway-release: 7\r\ncontent-length: 2\r\n\r\nok", 5);
        let mut due: Vec<_> = samples.iter().map(|sample| sample.due).collect();
        due.sort();
        let clock: Vec<_> = (0..u32::try_from(due.len()).unwrap()).map(|n| Duration::from_millis(5) * n).collect();
        assert_eq!(due, clock);
        assert!(samples.iter().all(|sample| sample.answer == Answer::Status(200) && sample.release == Some(7)));
    }

    #[test]
    fn what_nobody_answers_has_failed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let load = Load::start(Plan::standard(address));
        while load.done() < 3 {
            thread::yield_now();
        }
        assert!(load.stop().unwrap().samples.iter().all(|sample| sample.answer == Answer::Broken && sample.failed()));
    }

    #[test]
    fn an_answer_that_breaks_off_has_failed() {
        let samples = recorded("nonsense\r\n\r\n", 3);
        assert!(samples.iter().all(|sample| sample.answer == Answer::Broken));
    }
}
