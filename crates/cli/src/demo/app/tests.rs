//! The application under the load, without anything in between.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::oneshot;

use super::accounts::accounts_present;
use super::component::Component;
use super::front::Front;
use super::message::{Answer, Asked};
use super::project::{Ending, RELEASES, accounts_database, write_project, write_release};
use super::serve::{Site, until};
use super::settings::Settings;
use crate::demo::load::{Load, LoadHandle, LoadOptions, Snapshot};

/// Both services of the project's current release, by path, as the proxy would route them.
struct Shop {
    front: Front,
    component: Component,
}

impl Shop {
    /// The release as its files and its configuration stand now.
    fn open(project: &Path) -> Self {
        let settings = |service: &str| Settings {
            port: 0,
            files: project.join(service),
            session_store: value(project, service, "SESSION_STORE").unwrap().into(),
            accounts_db: value(project, service, "ACCOUNTS_DB").map(Into::into),
            shop_name: "Shop".into(),
            probe_password: value(project, service, "PROBE_PASSWORD"),
        };
        Self {
            front: Front::open(&settings("front")).unwrap(),
            component: Component::open(&settings("component")).unwrap(),
        }
    }
}

fn value(project: &Path, service: &str, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(project.join(format!("config/{service}.env"))).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
    Some(line.trim_matches('\'').to_owned())
}

impl Site for Shop {
    fn answer(&self, asked: &Asked) -> Answer {
        if asked.path.starts_with("/component") { self.component.answer(asked) } else { self.front.answer(asked) }
    }
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Running {
    fn start(site: impl Site) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let stopped = async {
                let _ = stopped.await;
            };
            runtime.block_on(until(listener, site, stopped)).unwrap();
        });
        Self { address, stop, thread }
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

fn project(number: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path(), "127.0.0.1:8080".parse().unwrap(), Path::new("/bin/sternway")).unwrap();
    write_release(folder.path(), number).unwrap();
    folder
}

fn small() -> LoadOptions {
    LoadOptions { users: 10, per_second: 100, patience: Duration::from_secs(20) }
}

fn wait(load: &LoadHandle, what: &str, done: impl Fn(&Snapshot) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !done(&load.snapshot()) {
        assert!(Instant::now() < deadline, "{what}: {:?}", load.snapshot());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_good_release_fails_no_request_and_keeps_every_acknowledged_account() {
    let folder = project(1);
    let running = Running::start(Shop::open(folder.path()));
    let load = Load::start(running.address, small()).unwrap();
    wait(&load, "enough requests, and users after the first", |seen| seen.requests > 400 && seen.accounts > 15);
    let result = load.stop();
    running.stop();
    assert_eq!(result.failures, [].into());
    let names = || result.accounts.iter().map(String::as_str);
    let accounts = accounts_database(folder.path());
    assert_eq!(accounts_present(&accounts, names()).unwrap(), result.accounts.len() as u64);
    assert_eq!(accounts_present(&accounts, names().take(1).chain(["nobody"])).unwrap(), 1);
}

#[test]
fn two_releases_side_by_side_share_accounts_and_sessions() {
    let folder = project(1);
    let old = Running::start(Shop::open(folder.path()));
    write_release(folder.path(), 4).unwrap();
    let new = Running::start(Shop::open(folder.path()));
    let loads = [&old, &new].map(|release| Load::start(release.address, small()).unwrap());
    for load in &loads {
        wait(load, "enough requests", |seen| seen.requests > 200);
    }
    let results = loads.map(LoadHandle::stop);
    old.stop();
    new.stop();
    for result in &results {
        assert_eq!(result.failures, [].into());
    }
    let names = results.iter().flat_map(|result| &result.accounts).map(String::as_str);
    let all = results.iter().map(|result| result.accounts.len() as u64).sum::<u64>();
    assert_eq!(accounts_present(&accounts_database(folder.path()), names).unwrap(), all);
}

#[test]
fn the_wrong_session_store_shows_as_401_to_users_who_are_logged_in_and_in_no_other_way() {
    let folder = project(3);
    let running = Running::start(Shop::open(folder.path()));
    let load = Load::start(running.address, small()).unwrap();
    wait(&load, "some failures", |seen| seen.failed > 20);
    let result = load.stop();
    running.stop();
    assert_eq!(result.failures.keys().collect::<Vec<_>>(), ["GET /component/data: status 401"]);
    assert!(!result.longest_failure.is_zero());
}

#[test]
fn the_smoke_checks_of_the_project_fail_on_the_second_release_alone() {
    let prober = sternway_probe::Prober::new().unwrap();
    for release in RELEASES {
        let folder = project(release.number);
        let text = std::fs::read_to_string(folder.path().join("sternway.toml")).unwrap();
        let checks = sternway_core::project::parse(&text, "sternway.toml").expect("valid").project.checks;
        let running = Running::start(Shop::open(folder.path()));
        let password = value(folder.path(), "front", "PROBE_PASSWORD").unwrap();
        let subject = sternway_probe::Subject {
            default_base: format!("http://{}", running.address),
            secrets: [("PROBE_PASSWORD", password)].into_iter().collect(),
            ..sternway_probe::Subject::default()
        };
        let seen = checks
            .iter()
            .filter(|check| check.smoke)
            .map(|check| (check.name.as_str(), prober.evaluate(check, &subject).seen))
            .collect::<Vec<_>>();
        running.stop();
        let home = match release.ending {
            Ending::StoppedBySmoke => "status 500, expected 2xx",
            Ending::Serves | Ending::RolledBack => "status 200",
        };
        let expected = [("home", home), ("login", "status 200"), ("component", "status 200")];
        assert_eq!(seen, expected.map(|(name, seen)| (name, seen.to_owned())), "{release:?}");
    }
}

#[test]
fn a_stop_finishes_what_was_begun() {
    struct Slow(std::sync::mpsc::SyncSender<()>, std::sync::Mutex<std::sync::mpsc::Receiver<()>>);
    impl Site for Slow {
        fn answer(&self, _: &Asked) -> Answer {
            self.0.send(()).unwrap();
            self.1.lock().unwrap().recv().unwrap();
            super::message::html(StatusCode::OK, "done")
        }
    }
    let (began, begun) = std::sync::mpsc::sync_channel(0);
    let (go, wait) = std::sync::mpsc::channel();
    let running = Running::start(Slow(began, std::sync::Mutex::new(wait)));
    let address = running.address;
    let client = thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    begun.recv().unwrap();
    running.stop.send(()).unwrap();
    // New connections are refused, the old one is answered and closed.
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "still accepts");
        thread::yield_now();
    }
    go.send(()).unwrap();
    assert!(client.join().unwrap().ends_with("done"));
    running.thread.join().unwrap();
}

/// Not a test: a service in a process of its own, started by the test below.
#[test]
#[ignore = "started by another test as a process of its own"]
fn a_front_process() {
    super::run(super::Role::Front).unwrap();
}

#[test]
fn processes_of_two_releases_write_to_the_same_accounts_and_stop_when_told() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::{Command, Stdio};

    struct Process(std::process::Child);
    impl Drop for Process {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    let folder = project(1);
    let fronts = [(), ()].map(|()| {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "demo::app::tests::a_front_process", "--ignored", "--nocapture"])
            .current_dir(folder.path().join("front"))
            .env("PORT", "0")
            .env("ACCOUNTS_DB", accounts_database(folder.path()))
            .env("SESSION_STORE", folder.path().join("data/sessions.db"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut child = Process(child);
        let mut log = BufReader::new(child.0.stderr.take().unwrap()).lines();
        let address = log.find_map(|line| Some(line.unwrap().strip_prefix("listening on ")?.to_owned())).unwrap();
        (child, address, log)
    });
    thread::scope(|scope| {
        for (front, (_, address, _)) in fronts.iter().enumerate() {
            for user in 0..30 {
                scope.spawn(move || {
                    let form = format!("user=u{front}-{user}&password=x");
                    let mut stream = std::net::TcpStream::connect(address).unwrap();
                    let length = form.len();
                    let head =
                        format!("POST /signup HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}");
                    write!(stream, "{head}\r\n\r\n{form}").unwrap();
                    let mut answer = String::new();
                    stream.read_to_string(&mut answer).unwrap();
                    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                });
            }
        }
    });
    for (mut child, _, log) in fronts {
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.0.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(child.0.wait().unwrap().success(), "{:?}", log.collect::<Vec<_>>());
    }
    let names = (0..2).flat_map(|front| (0..30).map(move |user| format!("u{front}-{user}"))).collect::<Vec<_>>();
    let found = accounts_present(&accounts_database(folder.path()), names.iter().map(String::as_str));
    assert_eq!(found.unwrap(), 60);
}
