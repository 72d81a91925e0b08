//! An agent process on a state folder of its own, releases to give it, and ways to look at what runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber, ServiceName};
use sternway_core::release::{Ready, ReleaseContent, ReleaseRef, ServiceKind, ServiceSpec};
use sternway_core::time::Millis;
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::{Instance, InstanceId, InstanceState, Lease};
use sternway_store::Store;
use tempfile::TempDir;

pub(crate) const HARNESS: &str = env!("CARGO_BIN_EXE_sternway-agent-harness");

/// What happens in this time at the latest, on a busy machine too.
const LIMIT: Duration = Duration::from_mins(1);

/// The secret in each release's configuration.
pub(crate) const SECRET: &str = "hunter2-and-more";

/// Looks again and again until the closure gives something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "never seen: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn alive(pid: u32) -> bool {
    // A zombie has ended; it only waits for its parent.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}

pub(crate) fn kill(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// How a service of a test is run, with the usual rest.
pub(crate) fn service(run: &str, ready: Ready) -> ServiceSpec {
    ServiceSpec {
        kind: ServiceKind::Web,
        run: run.to_owned(),
        undo: None,
        ready,
        ready_within: Millis::from_secs(60),
        grace: Millis::from_secs(30),
        overlap: true,
        port: None,
        shared: Vec::new(),
    }
}

/// A service that answers HTTP.
pub(crate) fn http() -> ServiceSpec {
    service(&format!("exec {HARNESS} serve-http"), Ready::Http("/up".to_owned()))
}

/// A service that counts as ready at once.
pub(crate) fn worker(run: &str) -> ServiceSpec {
    ServiceSpec { kind: ServiceKind::Worker, ..service(run, Ready::Alive(Millis(0))) }
}

pub(crate) fn environment() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

pub(crate) fn name(service: &str) -> ServiceName {
    ServiceName::new(service).unwrap()
}

pub(crate) fn lease() -> Lease {
    Lease { environment: environment(), epoch: Epoch(1) }
}

pub(crate) fn failure<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Finding {
    match result {
        Err(ClientError::Failed(finding)) => *finding,
        other => panic!("expected a finding, got {other:?}"),
    }
}

/// An agent under test. Dropped, it stops all that runs.
pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    pub(crate) state: PathBuf,
    agent: Option<Child>,
    log_bytes: u64,
}

impl Rig {
    pub(crate) fn start() -> Self {
        Self::with_log_bytes(1 << 20)
    }

    pub(crate) fn with_log_bytes(log_bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        Self::at(folder, state, log_bytes)
    }

    pub(crate) fn at(folder: TempDir, state: PathBuf, log_bytes: u64) -> Self {
        let mut rig = Self { state, folder, agent: None, log_bytes };
        rig.start_agent();
        rig
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("run/agent.sock")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(HARNESS);
        command
            .arg("agent")
            .arg(&self.state)
            .arg(self.socket())
            .arg(self.log_bytes.to_string())
            .env("TZ", "Europe/Berlin")
            .env("UNRELATED", "of the agent alone")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn start_agent(&mut self) {
        assert!(self.agent.is_none());
        self.agent = Some(self.command().spawn().unwrap());
        until("the agent answers", || Agent::connect(&self.socket()).ok()?.status().ok());
    }

    pub(crate) fn agent_pid(&self) -> u32 {
        self.agent.as_ref().unwrap().id()
    }

    /// Ends the agent alone by a signal, and waits for its end.
    pub(crate) fn end_agent(&mut self, signal: Signal) -> Option<i32> {
        let mut agent = self.agent.take().unwrap();
        kill(agent.id(), signal);
        agent.wait().unwrap().code()
    }

    pub(crate) fn wait_for_agent(&mut self) -> Option<i32> {
        self.agent.take().unwrap().wait().unwrap().code()
    }

    pub(crate) fn client(&self) -> Agent {
        Agent::connect(&self.socket()).unwrap()
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.state.join("store")).unwrap()
    }

    /// Seals a release of these services whose folder holds `marker`.
    pub(crate) fn seal(&self, number: u64, services: &[(&str, ServiceSpec)]) -> ReleaseRef {
        let source = tempfile::tempdir().unwrap();
        fs::write(source.path().join("marker"), format!("release {number}")).unwrap();
        self.seal_folder(number, services, source.path())
    }

    pub(crate) fn seal_folder(&self, number: u64, services: &[(&str, ServiceSpec)], source: &Path) -> ReleaseRef {
        let store = self.store();
        let tree = store.import(source, &[], &[]).unwrap().digest;
        let keys = |_| BTreeMap::from([("APP_SECRET".to_owned(), "fingerprint".to_owned())]);
        let secrets = |_| BTreeMap::from([("APP_SECRET".to_owned(), SECRET.to_owned())]);
        let names = || services.iter().map(|(service, _)| name(service));
        let content = ReleaseContent {
            format: 1,
            environment: environment(),
            code: names().map(|service| (service, tree.clone())).collect(),
            services: services.iter().map(|(service, spec)| (name(service), spec.clone())).collect(),
            config: names().map(|service| (service.clone(), keys(service))).collect(),
            routes: BTreeMap::new(),
        };
        let values = names().map(|service| (service.clone(), secrets(service))).collect();
        let digest = store.seal(&content, &values).unwrap();
        ReleaseRef { number: ReleaseNumber(number), digest }
    }

    /// Seals and stages.
    pub(crate) fn stage(&self, number: u64, services: &[(&str, ServiceSpec)]) -> ReleaseRef {
        let release = self.seal(number, services);
        self.client().stage(lease(), release.clone()).unwrap();
        release
    }

    /// Seals, stages and starts one service called `web`; answers with what then runs.
    pub(crate) fn run(&self, spec: ServiceSpec) -> Instance {
        let release = self.stage(1, &[("web", spec)]);
        self.client().start(lease(), release, vec![name("web")]).unwrap();
        self.instance()
    }

    pub(crate) fn fails(&self, spec: ServiceSpec) -> Finding {
        let release = self.stage(1, &[("web", spec)]);
        failure(self.client().start(lease(), release, vec![name("web")]))
    }

    /// The only instance.
    pub(crate) fn instance(&self) -> Instance {
        let mut instances = self.client().status().unwrap().instances;
        assert_eq!(instances.len(), 1, "{instances:?}");
        instances.remove(0)
    }

    /// The only instance, once it is ready and different from before.
    pub(crate) fn ready_again(&self, before: &Instance) -> Instance {
        until("the instance is ready again", || {
            let now = self.client().status().ok()?.instances.into_iter().next()?;
            (now.state == InstanceState::Ready && now.pid.is_some() && now.pid != before.pid).then_some(now)
        })
    }

    pub(crate) fn instance_folder(&self, service: &str, release: u64) -> PathBuf {
        let id = InstanceId { environment: environment(), service: name(service), release: ReleaseNumber(release) };
        self.state.join("instances").join(id.to_string())
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if self.agent.is_none() {
            self.agent = self.command().stderr(Stdio::null()).spawn().ok();
        }
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if Agent::connect(&self.socket()).is_ok_and(|agent| agent.quit(true).is_ok()) {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        if let Some(mut agent) = self.agent.take() {
            let _ended = agent.wait();
        }
    }
}
