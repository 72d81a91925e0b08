//! A proxy process, and words for what it is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sternway_core::counts::Counts;
use sternway_core::ids::{Epoch, ReleaseNumber, ServiceName};
use sternway_core::time::Millis;
use sternway_proxy::protocol::{ReleaseCounts, Request, Response, Status, Table, TargetSet};
use sternway_wire::Client;

use crate::client::Connection;

pub(crate) const EPOCH: Epoch = Epoch(1);

pub(crate) struct Proxy {
    child: Child,
    pub(crate) folder: PathBuf,
    options: Vec<String>,
    /// Removed with the proxy.
    owned: Option<tempfile::TempDir>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the condition holds; fails after a while.
pub(crate) fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("examples/proxy")
}

impl Proxy {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut proxy = Self::start_in(folder.path(), options);
        proxy.owned = Some(folder);
        proxy
    }

    pub(crate) fn start_in(folder: &Path, options: &[&str]) -> Self {
        let child = spawn(folder, options);
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut proxy = Self { child, folder: folder.to_owned(), options, owned: None };
        proxy.wait();
        proxy
    }

    fn wait(&mut self) {
        let socket = self.socket();
        until("the proxy answers", || {
            assert_eq!(self.child.try_wait().unwrap(), None, "the proxy has ended");
            Client::connect(&socket, Duration::from_secs(5)).ok()
        });
    }

    /// Kills it as `kill -9` does, and starts it again.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        std::fs::remove_file(self.socket()).unwrap();
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.child = spawn(&self.folder, &options);
        self.wait();
    }

    /// Starts another process with the same state, which takes over. Answers with the one that handed over.
    pub(crate) fn hand_over(&mut self) -> Child {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let mut new = spawn(&self.folder, &options);
        until("the new process answers", || {
            assert_eq!(new.try_wait().unwrap(), None, "the new process has ended: {}", self.stderr());
            (self.status_now()?.pid == new.id()).then_some(())
        });
        std::mem::replace(&mut self.child, new)
    }

    /// From now on this is about another process.
    pub(crate) fn become_(&mut self, child: Child) {
        self.child = child;
    }

    /// Starts another process with the same state.
    pub(crate) fn another(&self) -> Child {
        spawn(&self.folder, &[])
    }

    /// The status of whoever answers at this moment.
    pub(crate) fn status_now(&self) -> Option<Status> {
        match Client::connect(&self.socket(), Duration::from_secs(30)).ok()?.ask(&Request::Status).ok()? {
            Response::Status(status) => Some(*status),
            _ => None,
        }
    }

    /// Asks it to end, as a supervisor does.
    pub(crate) fn terminate(&mut self) {
        let status = Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn has_ended(&mut self) -> Option<bool> {
        self.child.try_wait().unwrap().map(|status| status.success())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("admin.sock")
    }

    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.join("stderr")).unwrap()
    }

    pub(crate) fn ask(&self, request: &Request) -> Response {
        Client::connect(&self.socket(), Duration::from_mins(1)).unwrap().ask(request).unwrap()
    }

    /// An order that must be carried out.
    pub(crate) fn order(&self, request: &Request) {
        assert_eq!(self.ask(request), Response::Done, "{request:?}");
    }

    pub(crate) fn switch(&self, table: Table) {
        self.order(&Request::Switch { epoch: EPOCH, table: Some(table) });
    }

    /// Makes the address the only target of release `number` of the service `web`, for all paths.
    pub(crate) fn serve(&self, number: u64, address: &str) {
        self.switch(table(number, &[address]));
    }

    pub(crate) fn canary(&self, number: u64, address: &str, percent: u8, lease: u64) {
        let candidate = BTreeMap::from([(web(), set(number, &[address]))]);
        let slow_floor = Some(Millis(100));
        self.order(&Request::Canary { epoch: EPOCH, candidate, percent, lease: Millis(lease), slow_floor });
    }

    pub(crate) fn drained(&self, number: u64) -> u64 {
        match self.ask(&Request::Drained { release: ReleaseNumber(number) }) {
            Response::Drained { closed } => closed,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self.ask(&Request::Status) {
            Response::Status(status) => *status,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn counts(&self, number: u64) -> ReleaseCounts {
        match self.ask(&Request::Counts) {
            Response::Counts { mut releases, .. } => releases.remove(&ReleaseNumber(number)).unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn record(&self) -> (Option<ReleaseNumber>, Counts) {
        match self.ask(&Request::Record) {
            Response::Record { release, counts, .. } => (release, counts),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn address(&self) -> String {
        self.status().listening.unwrap()
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(&self.address())
    }
}

fn spawn(folder: &Path, options: &[&str]) -> Child {
    let stderr = std::fs::File::options().create(true).append(true).open(folder.join("stderr")).unwrap();
    Command::new(program())
        .arg(folder.join("state"))
        .arg(folder.join("admin.sock"))
        .arg("test")
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap()
}

pub(crate) fn web() -> ServiceName {
    ServiceName::new("web").unwrap()
}

pub(crate) fn set(number: u64, addresses: &[&str]) -> TargetSet {
    let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
    TargetSet { release: ReleaseNumber(number), addresses }
}

pub(crate) fn table(number: u64, addresses: &[&str]) -> Table {
    Table {
        listen: "127.0.0.1:0".to_owned(),
        routes: BTreeMap::from([("/".to_owned(), web())]),
        login: vec!["/login".to_owned()],
        current: BTreeMap::from([(web(), set(number, addresses))]),
        drain: Millis(10_000),
    }
}
