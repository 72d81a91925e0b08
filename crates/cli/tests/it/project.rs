//! A project with its state folder, and the commands that a person types in it. Dropping it stops everything and sees to it that
//! nothing is left.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sternway_core::digest::Digest;

use super::http::{self, Connection};
use super::until::{until, until_true};
use super::{app, processes};

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The exit code must be this one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "output:\n{}\nerrors:\n{}", self.out, self.err);
        self
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// Both streams must together contain this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "no `{text}` in\n{}\n{}", self.out, self.err);
        self
    }
}

pub(crate) struct Project {
    root: tempfile::TempDir,
    pub(crate) dir: PathBuf,
    pub(crate) state: PathBuf,
    /// Where users reach production. Each test has a loopback address of its own, so that no two meet on a port.
    pub(crate) listen: SocketAddr,
}

impl Project {
    /// A project with one web service, shipped to production in steps of 10 and 100 percent with short watches.
    pub(crate) fn new() -> Self {
        let project = Self::empty();
        project.write("sternway.toml", &project.toml(&Self::web(), "", CHECK));
        project.write("web.env", "GREETING=good day\n");
        project.version("1");
        project
    }

    /// A project without any file.
    pub(crate) fn empty() -> Self {
        let root = tempfile::Builder::new().prefix("sternway-it-").tempdir().unwrap();
        let (dir, state) = (root.path().join("project"), root.path().join("state"));
        fs::create_dir_all(dir.join("web")).unwrap();
        Self { root, dir, state, listen: free_address(0) }
    }

    /// The same with its state on another disk.
    pub(crate) fn with_state(state: &Path) -> Self {
        let mut project = Self::new();
        state.clone_into(&mut project.state);
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The usual web service.
    pub(crate) fn web() -> String {
        let run = toml::Value::String(app::command());
        format!(
            "[services.web]\npath = \"web\"\nrun = {run}\nready = \"http:/up\"\nready_within = \"20s\"\ngrace = \"2s\"\n"
        )
    }

    /// A project file from its parts: services, additional keys of production, checks.
    pub(crate) fn toml(&self, services: &str, production: &str, checks: &str) -> String {
        // A machine that is busy with other tests answers slowly, whatever the release: that is not what is tested.
        let slow = "slow_floor = \"10s\"";
        format!(
            "[project]\nname = \"shop\"\n\n{services}\n\
             [environments.production]\nlisten = \"{}\"\nsteps = [10, 100]\nverify = \"1s\"\nbake = \"2s\"\ndrain = \"3s\"\n{slow}\n{production}\n\
             [environments.production.config]\nweb = [\"dotenv:web.env\"]\n\n{checks}",
            self.listen
        )
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Other code, so that the next `ship` has something to ship.
    pub(crate) fn version(&self, version: &str) {
        self.write("web/version.txt", version);
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sternway"));
        command.arg("--project").arg(&self.dir).arg("--state").arg(&self.state).args(words);
        command.stdin(Stdio::null()).env_remove("STERNWAY_STATE");
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        ran(self.command(words))
    }

    /// Starts a command whose output is read at its end by [`finish`].
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Ships to production and expects that it stays.
    #[track_caller]
    pub(crate) fn ship(&self) -> Ran {
        self.run(&["ship", "production"]).exits(0)
    }

    /// `status --json`.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        let ran = self.run(&["status", "--json"]);
        assert!([0, 1].contains(&ran.code), "{ran:?}");
        assert_eq!(ran.code == 1, ran.json()["down"] == true, "{ran:?}");
        ran.json()
    }

    #[track_caller]
    pub(crate) fn production(&self) -> Value {
        self.status()["environments"]["production"].clone()
    }

    /// The process id of one of Sternway's own parts, as soon as it runs: `agent`, `serve`, `proxy-production`.
    #[track_caller]
    pub(crate) fn part(&self, name: &str) -> u32 {
        until(&format!("the process of {name}"), || {
            let status = self.status();
            let parts = status["parts"].as_array().cloned().unwrap_or_default();
            let part = parts.iter().find(|part| part["name"] == name);
            part.and_then(|part| part["pid"].as_u64()).map(pid).ok_or(status)
        })
    }

    /// A process id of the web service's instance of a release: `pid` or `shim`.
    pub(crate) fn instance(&self, release: u64, key: &str) -> Option<u32> {
        let status = self.production();
        let instances = status["instances"].as_array()?;
        instances.iter().find(|instance| instance["id"]["release"] == release)?[key].as_u64().map(pid)
    }

    /// Asks as a user.
    pub(crate) fn get(&self, path: &str) -> std::io::Result<http::Response> {
        http::get(self.listen, path)
    }

    /// Every request of many, on old and new connections, is answered by exactly this release.
    #[track_caller]
    pub(crate) fn serves(&self, release: u64) {
        let mut kept = Connection::open(self.listen).unwrap();
        for _ in 0..20 {
            for response in [kept.get("/").unwrap(), self.get("/").unwrap()] {
                assert_eq!((response.status, response.release()), (200, Some(release)));
            }
        }
    }

    /// No rollout is open, and production is on this release, as users, the logbook and the proxy see it.
    #[track_caller]
    pub(crate) fn rests_on(&self, release: u64) {
        until(&format!("rest on release {release}"), || {
            let production = self.production();
            let at_rest = production["rollout"].is_null() && production["release"] == release;
            let seen = self.get("/").ok().and_then(|response| response.release());
            if at_rest && seen == Some(release) { Ok(()) } else { Err((seen, production)) }
        });
        self.serves(release);
    }

    /// The hash chain holds.
    #[track_caller]
    pub(crate) fn logbook_is_intact(&self) {
        self.run(&["log", "--verify"]).exits(0);
    }

    /// Stops everything and shows that nothing is left.
    fn clean_up(&self) {
        // Its own limits end it; the test runner's limit is behind them.
        let down = self.run(&["down", "--yes"]);
        let left = || {
            let mut left = processes::of_folder(self.root());
            left.extend(processes::of_folder(&self.state));
            left
        };
        let failing = std::thread::panicking();
        let start = Instant::now();
        while !left().is_empty() && start.elapsed() < Duration::from_secs(20) {
            if failing {
                kill_all(&left());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let stubborn = left();
        for _ in 0..100 {
            kill_all(&left());
        }
        let sockets = Digest::of(self.state.as_os_str().as_encoded_bytes()).short().to_owned();
        for base in ["/run/sternway".to_owned(), runtime_base()] {
            let _nothing_else_is_there = fs::remove_dir_all(Path::new(&base).join(&sockets));
        }
        if !failing && !stubborn.is_empty() {
            self.show_logs();
            panic!("still running after {down:?}: {stubborn:#?}");
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.show_logs();
        }
        self.clean_up();
    }
}

impl Project {
    /// What a failing test leaves for whoever reads its output.
    #[expect(clippy::print_stderr, reason = "the output of a test")]
    fn show_logs(&self) {
        let agent = fs::read_to_string(self.state.join("agent.log")).unwrap_or_default();
        eprintln!("--- agent.log\n{agent}");
        let serve = self.state.join("agent/kept/serve");
        for file in fs::read_dir(&serve).into_iter().flatten().flatten() {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            eprintln!("--- serve: {}\n{text}", file.path().display());
        }
    }
}

fn kill_all(all: &[processes::Process]) {
    for process in all {
        processes::kill(process.pid);
    }
}

pub(crate) fn runtime_base() -> String {
    let runtime = std::env::var("XDG_RUNTIME_DIR").map(|runtime| format!("{runtime}/sternway"));
    runtime.unwrap_or_else(|_| format!("/tmp/sternway-{}", rustix::process::getuid().as_raw()))
}

pub(crate) fn pid(number: u64) -> u32 {
    u32::try_from(number).unwrap()
}

pub(crate) fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The end of a command that was started by [`Project::start`].
#[track_caller]
pub(crate) fn finish(mut child: Child) -> Ran {
    until_true("the command's end", || child.try_wait().unwrap().is_some());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A loopback address that no other test uses, with a port that is free there.
pub(crate) fn free_address(which: u8) -> SocketAddr {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    // Not 127.0.0.x, where everybody is. Process ids have 22 bits, so that the second octet has room for several.
    let ip = Ipv4Addr::new(127, (a & 63) + 1 + which * 64, b, c.max(1));
    TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap()
}

/// Runs a test of this binary in a mount namespace of its own, with a small disk at `DISK`. Where the system allows none it fails: a
/// test that passes has been run.
pub(crate) fn on_a_small_disk(test: &str, size: &str) {
    let namespace = ["unshare", "--map-root-user", "--mount"];
    let allowed = Command::new(namespace[0]).args(&namespace[1..]).arg("true").status();
    assert!(
        allowed.is_ok_and(|status| status.success()),
        "this system allows no mount namespace, so a full disk cannot be tested: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    );
    let disk = tempfile::Builder::new().prefix("sternway-it-disk-").tempdir().unwrap();
    // Sockets live under /run, which is not ours to write when the namespace was made without privilege.
    let script = "mount -t tmpfs tmpfs /run && mount -t tmpfs -o size=\"$SIZE\" tmpfs \"$DISK\" && exec \"$@\"";
    let mut command = Command::new(namespace[0]);
    command.args(&namespace[1..]).args(["sh", "-c", script, "sh"]).arg(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]).env("SIZE", size).env("DISK", disk.path());
    let ended = ran(command);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
}

/// A check that the release answers at all.
pub(crate) const CHECK: &str =
    "[[checks]]\nname = \"home\"\nhttp = { url = \"/\", contains = \"hello\" }\nmonitor = \"200ms\"\n";
