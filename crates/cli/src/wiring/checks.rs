//! Checks: the probe behind the engine's port.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use sternway_core::check::{Check, CheckAnswer, HEADER, Question, Text};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::plan::{Plan, TrafficSpec};
use sternway_core::release::ReleaseRef;
use sternway_core::time::{Millis, Timestamp};
use sternway_core::verdict::Verdict;
use sternway_drivers::proxy::Proxy;
use sternway_engine::ports::{Pending, Subject};
use sternway_engine::{Checks, Clock as _};
use sternway_host::agent::release_folder;
use sternway_host::client::Agent;
use sternway_probe::{Prober, Secrets};
use sternway_proxy::protocol::{Request, Response};
use sternway_store::Store;

use crate::context::Context;
use crate::wiring::clock::SystemClock;

/// Asks through the probe.
#[derive(Clone)]
pub(crate) struct Probing {
    prober: Arc<Prober>,
    context: Context,
    store: Store,
}

impl Probing {
    pub(crate) fn new(prober: Arc<Prober>, context: Context, store: Store) -> Self {
        Self { prober, context, store }
    }

    fn subject(&self, plan: &Plan, check: &Check, subject: &Subject) -> Result<sternway_probe::Subject, String> {
        let (release, base_urls) = match subject {
            Subject::Candidate(release) => (release, self.instances(plan, release)?),
            Subject::Public(release) => (release, BTreeMap::new()),
        };
        let traffic = traffic_of(plan, release);
        Ok(sternway_probe::Subject {
            default_base: default_base(subject, traffic),
            base_urls,
            routes: traffic.routes.clone(),
            folders: self.folders(plan, release),
            secrets: self.secrets(check, release),
            headers: mark(subject),
        })
    }

    fn instances(&self, plan: &Plan, release: &ReleaseRef) -> Result<BTreeMap<ServiceName, String>, String> {
        let asked = Agent::connect(&self.context.agent_socket()).and_then(|agent| agent.status());
        let status = asked.map_err(|error| format!("the agent does not say where the candidate answers: {error}"))?;
        let ours = status
            .instances
            .into_iter()
            .filter(|instance| instance.id.environment == plan.environment && instance.id.release == release.number);
        Ok(ours.filter_map(|instance| Some((instance.id.service, format!("http://{}", instance.address?)))).collect())
    }

    /// The staged folders of the release's services: a check's script is part of the release that it asks.
    fn folders(&self, plan: &Plan, release: &ReleaseRef) -> BTreeMap<ServiceName, PathBuf> {
        let staged = release_folder(&self.context.agent_state(), &plan.environment, release.number);
        let services = traffic_of(plan, release).routes.values();
        let folders = services.map(|service| (service.clone(), staged.join(service.as_str())));
        folders.filter(|(_, folder)| folder.is_dir()).collect()
    }

    /// Whether the proxy does not answer or was started after this time: what failed on the way through it says nothing of a release.
    fn proxy_was_down(&self, environment: &EnvironmentName, since: Timestamp) -> bool {
        let proxy = Proxy::at(&self.context.proxy_socket(environment));
        match proxy.ask_once(&Request::Status, Duration::from_secs(2)) {
            Ok(Response::Status(status)) => status.since >= since,
            _ => true,
        }
    }

    /// Only the values that the check names: anything else it cannot send, and need not be hidden from it.
    fn secrets(&self, check: &Check, release: &ReleaseRef) -> Secrets {
        let named = named_secrets(check);
        let values = if named.is_empty() { None } else { self.store.values(&release.digest).ok() };
        let all = values.into_iter().flatten().flat_map(|(_, values)| values);
        all.filter(|(key, _)| named.contains(&key.as_str())).collect()
    }
}

/// What is asked on the users' way is not counted as a user's.
fn mark(subject: &Subject) -> BTreeMap<String, String> {
    let public = matches!(subject, Subject::Public(_));
    public.then(|| (HEADER.to_owned(), "1".to_owned())).into_iter().collect()
}

fn named_secrets(check: &Check) -> Vec<&str> {
    let Question::Http(http) = &check.question else { return Vec::new() };
    let texts = http.headers.values().chain(http.form.values()).chain(&http.body);
    texts
        .filter_map(|text| match text {
            Text::Secret(key) => Some(key.as_str()),
            Text::Plain(_) => None,
        })
        .collect()
}

/// How a release's requests are routed: the old one's where it was, also when the new one's are to go elsewhere.
fn traffic_of<'a>(plan: &'a Plan, release: &ReleaseRef) -> &'a TrafficSpec {
    let base = plan.base_traffic.as_ref().filter(|_| *release != plan.candidate);
    base.unwrap_or(&plan.traffic)
}

/// Where a path goes that no instance answers. Never from a candidate to the public address: there the old release would answer for
/// the new one.
fn default_base(subject: &Subject, traffic: &TrafficSpec) -> String {
    match subject {
        Subject::Candidate(_) => String::new(),
        Subject::Public(_) => public_url(&traffic.listen),
    }
}

/// Where users reach the environment, asked from this machine.
pub(crate) fn public_url(listen: &str) -> String {
    let local = listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    format!("http://{local}")
}

impl Checks for Probing {
    fn ask(&self, environment: &EnvironmentName, plan: &Plan, check: &Check, subject: &Subject) -> CheckAnswer {
        let began = SystemClock.now();
        match self.subject(plan, check, subject) {
            Ok(asked) => {
                let answer = self.prober.evaluate(check, &asked);
                let in_doubt = answer.verdict == Verdict::Fail && matches!(subject, Subject::Public(_));
                if in_doubt && self.proxy_was_down(environment, began) {
                    let seen = format!("the proxy was down: {}", answer.seen);
                    return CheckAnswer { verdict: Verdict::Unknown, seen, took: answer.took };
                }
                answer
            }
            Err(why) => CheckAnswer { verdict: Verdict::Unknown, seen: why, took: Millis(0) },
        }
    }

    fn begin(&self, environment: &EnvironmentName, plan: &Plan, check: &Check, subject: &Subject) -> Box<dyn Pending> {
        let (tell, told) = mpsc::channel();
        let (this, environment) = (self.clone(), environment.clone());
        let (plan, check, subject) = (plan.clone(), check.clone(), subject.clone());
        thread::spawn(move || {
            let _nobody_waits_when_the_watch_is_over = tell.send(this.ask(&environment, &plan, &check, &subject));
        });
        Box::new(Answer(told))
    }
}

struct Answer(mpsc::Receiver<CheckAnswer>);

impl Pending for Answer {
    fn poll(&mut self) -> Option<CheckAnswer> {
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use sternway_core::digest::Digest;
    use sternway_core::ids::ReleaseNumber;

    use super::*;

    fn release(number: u64) -> ReleaseRef {
        ReleaseRef { number: ReleaseNumber(number), digest: Digest::of(&number.to_be_bytes()) }
    }

    fn traffic(listen: &str) -> TrafficSpec {
        TrafficSpec { listen: listen.to_owned(), routes: BTreeMap::new(), login: Vec::new(), drain: Millis(1) }
    }

    #[test]
    fn a_candidate_without_instances_is_not_asked_where_the_old_release_answers() {
        let asked = default_base(&Subject::Candidate(release(2)), &traffic("0.0.0.0:80"));
        assert_eq!(asked, "");
        assert_eq!(default_base(&Subject::Public(release(2)), &traffic("0.0.0.0:80")), "http://127.0.0.1:80");
    }
}
