//! Users: several keep-alive connections that ask again and again, and remember every answer that was not a good one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::http::{self, Connection};
use super::until::until_true;

/// What users saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Good answers by release.
    pub(crate) good: BTreeMap<u64, usize>,
    /// Everything else, in words.
    pub(crate) failed: Vec<String>,
}

impl Seen {
    pub(crate) fn of(&self, release: u64) -> usize {
        self.good.get(&release).copied().unwrap_or(0)
    }
}

/// Users at work until they are dismissed.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    users: Vec<JoinHandle<()>>,
}

impl Load {
    /// Eight users, each with a connection that stays open, together some hundred requests a second.
    pub(crate) fn start(address: SocketAddr, path: &'static str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let users = (0..8).map(|_| {
            let (over, seen) = (Arc::clone(&over), Arc::clone(&seen));
            thread::spawn(move || user(address, path, &over, &seen))
        });
        Self { users: users.collect(), over, seen }
    }

    /// So many users who keep their cookies, each with a request every `pace`.
    pub(crate) fn of_people(address: SocketAddr, path: &'static str, people: u64, pace: Duration) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let users = (0..people).map(|_| {
            let (over, seen) = (Arc::clone(&over), Arc::clone(&seen));
            thread::spawn(move || person(address, path, pace, &over, &seen))
        });
        Self { users: users.collect(), over, seen }
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until so many more good answers came from the release.
    pub(crate) fn wait_for(&self, release: u64, more: usize) {
        let before = self.seen().of(release);
        until_true(&format!("{more} answers of release {release}"), || self.seen().of(release) >= before + more);
    }

    /// Sends the users away and says what they saw.
    pub(crate) fn end(mut self) -> Seen {
        self.stop();
        self.seen()
    }

    fn stop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        for user in self.users.drain(..) {
            user.join().unwrap();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

fn user(address: SocketAddr, path: &str, over: &AtomicBool, seen: &Mutex<Seen>) {
    let mut connection = None;
    while !over.load(Ordering::SeqCst) {
        let answer = match &mut connection {
            Some(connection) => Connection::get(connection, path),
            none => Connection::open(address).and_then(|opened| none.insert(opened).get(path)),
        };
        // A client that is told so opens another connection for its next request.
        let told = |response: &http::Response| response.headers.get("connection").is_some_and(|value| value == "close");
        if answer.as_ref().is_ok_and(told) {
            connection = None;
        }
        match answer {
            Ok(response) if response.status == 200 => {
                let release = response.release().unwrap_or(u64::MAX);
                *seen.lock().unwrap().good.entry(release).or_default() += 1;
            }
            Ok(response) => {
                seen.lock().unwrap().failed.push(format!("{} of {:?}", response.status, response.release()));
            }
            Err(error) => {
                connection = None;
                seen.lock().unwrap().failed.push(error.to_string());
            }
        }
        // The pace of a user, not a wait for anything.
        thread::sleep(Duration::from_millis(8));
    }
}

/// One who keeps the cookie that the proxy gives.
fn person(address: SocketAddr, path: &str, pace: Duration, over: &AtomicBool, seen: &Mutex<Seen>) {
    let mut cookie = String::new();
    while !over.load(Ordering::SeqCst) {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: shop.example\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
        let answer = Connection::open(address).and_then(|mut connection| {
            connection.send(&request)?;
            connection.response()
        });
        match answer {
            Ok(response) => {
                if let Some(given) = response.headers.get("set-cookie") {
                    given.split(';').next().unwrap_or_default().clone_into(&mut cookie);
                }
                let mut seen = seen.lock().unwrap();
                match response.status {
                    200 => *seen.good.entry(response.release().unwrap_or(u64::MAX)).or_default() += 1,
                    status => seen.failed.push(format!("{status} of {:?}", response.release())),
                }
            }
            Err(error) => seen.lock().unwrap().failed.push(error.to_string()),
        }
        // The pace of a user, not a wait for anything.
        thread::sleep(pace);
    }
}
