//! Starting services of a release, all at once, until all are ready or none runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::release::{Ready, ReleaseRef, ServiceKind, ServiceSpec};

use super::port::{self, Reserved};
use super::releases::Staged;
use super::unit::{Key, Launched, Unit};
use super::{Agent, finding, held};
use crate::clock::now;
use crate::folder::{Exit, FORMAT, Phase, ShimSpec, Subject, Variables};
use crate::log::last_words;
use crate::protocol::{InstanceId, Response};

/// So many ports are tried when somebody takes the one that was free a moment ago.
const PORT_ATTEMPTS: u32 = 4;

/// Lines of a service's log that a failure shows.
pub(super) const LAST_WORDS: usize = 20;

/// One service to start.
struct Order<'a> {
    staged: &'a Staged,
    id: InstanceId,
    spec: ServiceSpec,
}

/// Why a service is not ready.
enum Fault {
    /// By itself, as told.
    Found(Box<Finding>),
    /// Because another service of the same request failed.
    Cancelled,
}

impl From<Box<Finding>> for Fault {
    fn from(finding: Box<Finding>) -> Self {
        Self::Found(finding)
    }
}

/// What the services of one request share.
#[derive(Default)]
struct Together {
    failed: AtomicBool,
    /// What this request started and what must end when it fails. What ran before goes on.
    started: Mutex<Vec<Arc<Unit>>>,
}

/// How waiting for readiness ended.
enum Waited {
    Ready,
    Ended(Exit),
    TooLate,
    StoppedMeanwhile,
    Cancelled,
}

impl Agent {
    pub(super) fn start(
        self: &Arc<Self>,
        environment: &EnvironmentName,
        release: &ReleaseRef,
        services: &[ServiceName],
    ) -> Result<Response, Box<Finding>> {
        let staged = self.staged(environment, release)?;
        let orders = services
            .iter()
            .map(|service| {
                let spec = staged.service(service)?.clone();
                let id =
                    InstanceId { environment: environment.clone(), service: service.clone(), release: release.number };
                Ok(Order { staged: &staged, id, spec })
            })
            .collect::<Result<Vec<_>, Box<Finding>>>()?;
        let together = Together::default();
        let results: Vec<Result<Option<String>, Fault>> = thread::scope(|scope| {
            let starts: Vec<_> = orders.iter().map(|order| scope.spawn(|| self.start_one(order, &together))).collect();
            starts.into_iter().map(|start| start.join().unwrap_or(Err(Fault::Cancelled))).collect()
        });
        if results.iter().all(Result::is_ok) {
            let addresses =
                services.iter().cloned().zip(results).filter_map(|(service, result)| Some((service, result.ok()??)));
            return Ok(Response::Started { addresses: addresses.collect() });
        }
        let unwound = self.end_together(&held(&together.started));
        let found = results.into_iter().find_map(|result| match result {
            Err(Fault::Found(finding)) => Some(finding),
            _ => None,
        });
        let mut finding = found.unwrap_or_else(|| finding::panicked(release.number));
        if let Err(left) = unwound {
            finding.message = format!("{} What was started could not be stopped: {}", finding.message, left.message);
        }
        Err(finding)
    }

    fn start_one(self: &Arc<Self>, order: &Order<'_>, together: &Together) -> Result<Option<String>, Fault> {
        let result = self.start_on_some_port(order, together);
        if result.is_err() {
            together.failed.store(true, Ordering::SeqCst);
        }
        result
    }

    fn start_on_some_port(self: &Arc<Self>, order: &Order<'_>, together: &Together) -> Result<Option<String>, Fault> {
        let unit = self.unit(&Key::Instance(order.id.clone()));
        let mut refused = BTreeSet::new();
        for attempt in 1.. {
            let began = now();
            let mut port = None;
            let launched = self.launch(&unit, || {
                port = self.choose_port(order, &refused)?;
                Ok(Some(self.instance_spec(order, port.as_ref().map(|port| port.number))))
            })?;
            let (generation, spec, new) = match launched {
                Launched::New { generation, spec } => (generation, spec, true),
                Launched::There { generation, spec } => (generation, spec, false),
                Launched::Nothing => return Err(finding::stopped_meanwhile(&order.id).into()),
            };
            let address = same_as_ordered(order, &spec)?;
            if new {
                held(&together.started).push(Arc::clone(&unit));
            } else if order.spec.kind == ServiceKind::Job && failed_before(&unit) {
                self.end(&unit)?;
                continue;
            }
            let waited = await_ready(&unit, generation, order, new, &together.failed);
            let words = || finding::LastWords {
                id: order.id.clone(),
                lines: order.staged.secrets.hide_and_cut(last_words(unit.folder.path(), began, LAST_WORDS)),
            };
            return match waited {
                Waited::Ready => Ok(address),
                Waited::Cancelled => Err(Fault::Cancelled),
                Waited::StoppedMeanwhile => Err(finding::stopped_meanwhile(&order.id).into()),
                Waited::TooLate => Err(finding::not_ready(&words(), order.spec.ready_within, &unit.last_look()).into()),
                Waited::Ended(exit) => {
                    let ours = port.as_ref().filter(|port| port.ours);
                    if let Some(port) = &port
                        && new
                        && exit.survivors == 0
                        && taken_by_another(&unit, port.number, &words().lines)
                    {
                        self.end(&unit)?;
                        let number = port.number;
                        if ours.is_some() && attempt < PORT_ATTEMPTS {
                            refused.insert(number);
                            continue;
                        }
                        return Err(finding::port_in_use(&order.id, number, ours.is_some()).into());
                    }
                    Err(why_ended(order, &words(), &exit))
                }
            };
        }
        Err(Fault::Cancelled)
    }

    fn choose_port(&self, order: &Order<'_>, refused: &BTreeSet<u16>) -> Result<Option<Port<'_>>, Box<Finding>> {
        if let Some(number) = order.spec.port {
            if !port::is_free(number) {
                return Err(finding::port_in_use(&order.id, number, false));
            }
            return Ok(Some(Port { number, ours: false, _reserved: None }));
        }
        if order.spec.kind != ServiceKind::Web && matches!(order.spec.ready, Ready::Alive(_)) {
            return Ok(None);
        }
        let mut taken = refused.clone();
        taken.extend(self.running_units().iter().filter_map(|(_, spec)| port_of(spec)));
        let reserved = self.ports.reserve(&taken).map_err(|error| finding::no_port(&order.id, &error))?;
        Ok(Some(Port { number: reserved.port, ours: true, _reserved: Some(reserved) }))
    }

    fn instance_spec(&self, order: &Order<'_>, port: Option<u16>) -> ShimSpec {
        let Order { staged, id, spec } = order;
        let job = spec.kind == ServiceKind::Job;
        ShimSpec {
            format: FORMAT,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            subject: Subject::Instance {
                id: id.clone(),
                digest: staged.release.digest.clone(),
                service: Box::new(spec.clone()),
                address: port.map(|port| format!("127.0.0.1:{port}")),
            },
            command: shell(&spec.run),
            cwd: staged.folder.join(id.service.as_str()),
            variables: variables(staged, id, port),
            grace: spec.grace,
            restart: (!job).then_some(self.options.backoff),
            within: job.then_some(spec.ready_within),
            log: self.options.log,
        }
    }
}

/// A port to be used, and whether it was the agent's to choose.
struct Port<'a> {
    number: u16,
    ours: bool,
    _reserved: Option<Reserved<'a>>,
}

pub(super) fn shell(command: &str) -> Vec<String> {
    ["/bin/sh", "-c", command].map(str::to_owned).to_vec()
}

/// All of a service's environment: a clean base, the release's configuration, and what Sternway says, which wins.
pub(super) fn variables(staged: &Staged, id: &InstanceId, port: Option<u16>) -> Variables {
    let mut variables = base_variables();
    if let Some(values) = staged.values.get(&id.service) {
        variables.extend(values.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let said = [
        ("STERNWAY_RELEASE", id.release.to_string()),
        ("STERNWAY_ENVIRONMENT", id.environment.to_string()),
        ("STERNWAY_SERVICE", id.service.to_string()),
    ];
    variables.extend(said.map(|(key, value)| (key.to_owned(), value)));
    variables.extend(port.map(|port| ("PORT".to_owned(), port.to_string())));
    Variables(variables)
}

/// What of the agent's own environment every process needs.
pub(super) fn base_variables() -> BTreeMap<String, String> {
    let mut base: BTreeMap<String, String> = ["PATH", "HOME", "LANG", "TZ"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .collect();
    base.entry("PATH".to_owned())
        .or_insert_with(|| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
    base
}

pub(super) fn port_of(spec: &ShimSpec) -> Option<u16> {
    match &spec.subject {
        Subject::Instance { address: Some(address), .. } => address.rsplit_once(':')?.1.parse().ok(),
        _ => None,
    }
}

/// The address of what runs, when it is what was ordered.
fn same_as_ordered(order: &Order<'_>, spec: &ShimSpec) -> Result<Option<String>, Box<Finding>> {
    match &spec.subject {
        Subject::Instance { digest, service, address, .. }
            if *digest == order.staged.release.digest && **service == order.spec =>
        {
            Ok(address.clone())
        }
        _ => Err(finding::another_release(&order.id)),
    }
}

fn failed_before(unit: &Unit) -> bool {
    unit.folder
        .status()
        .is_some_and(|status| status.phase == Phase::Ended && status.last_exit.is_none_or(|exit| exit.code != 0))
}

/// Waits until the unit is ready, or it is certain that it will not be.
fn await_ready(unit: &Unit, generation: u64, order: &Order<'_>, new: bool, failed: &AtomicBool) -> Waited {
    let deadline = Instant::now() + order.spec.ready_within.duration();
    // One that ran before may have ended before: only what ends from now on counts.
    let before = if new { None } else { unit.folder.status().and_then(|status| status.last_exit) };
    let job = order.spec.kind == ServiceKind::Job;
    loop {
        if unit.generation() != generation || unit.folder.must_stop() {
            return Waited::StoppedMeanwhile;
        }
        if let Some(status) = unit.folder.status() {
            match status.last_exit {
                Some(exit) if job && status.phase == Phase::Ended => {
                    return if exit.code == 0 { Waited::Ready } else { Waited::Ended(exit) };
                }
                Some(exit) if !job && before.as_ref() != Some(&exit) => return Waited::Ended(exit),
                _ if !job && unit.is_ready(&status) => return Waited::Ready,
                _ => {}
            }
        }
        if failed.load(Ordering::SeqCst) {
            return Waited::Cancelled;
        }
        // A job's own shim stops it when it takes too long.
        if !job && Instant::now() >= deadline {
            return Waited::TooLate;
        }
        unit.wait(Duration::from_millis(10));
    }
}

/// Whether it ended because somebody else has its port.
fn taken_by_another(unit: &Unit, port: u16, words: &[String]) -> bool {
    let says_so = words.iter().any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("address already in use") || line.contains("eaddrinuse") || line.contains("address in use")
    });
    let runs_again = unit.folder.status().is_some_and(|status| status.phase == Phase::Running);
    says_so || (!runs_again && !port::is_free(port))
}

fn why_ended(order: &Order<'_>, words: &finding::LastWords, exit: &Exit) -> Fault {
    let finding = match order.spec.kind {
        ServiceKind::Job => finding::job_failed(words, exit),
        _ if exit.code == 0 && exit.survivors > 0 => finding::forked(words, exit),
        _ => finding::exited(words, exit),
    };
    finding.into()
}
