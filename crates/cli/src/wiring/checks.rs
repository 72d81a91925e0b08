//! Checks: the probe behind the engine's port.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread;

use sternway_core::check::{Check, CheckAnswer, Question, Text};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::plan::Plan;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_core::verdict::Verdict;
use sternway_engine::Checks;
use sternway_engine::ports::{Pending, Subject};
use sternway_host::client::Agent;
use sternway_probe::{Prober, Secrets};
use sternway_store::Store;

use crate::context::Context;

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
        Ok(sternway_probe::Subject {
            default_base: if base_urls.is_empty() { public_url(&plan.traffic.listen) } else { String::new() },
            base_urls,
            routes: plan.traffic.routes.clone(),
            secrets: self.secrets(check, release),
            headers: BTreeMap::new(),
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

    /// Only the values that the check names: anything else it cannot send, and need not be hidden from it.
    fn secrets(&self, check: &Check, release: &ReleaseRef) -> Secrets {
        let named = named_secrets(check);
        let values = if named.is_empty() { None } else { self.store.values(&release.digest).ok() };
        let all = values.into_iter().flatten().flat_map(|(_, values)| values);
        all.filter(|(key, _)| named.contains(&key.as_str())).collect()
    }
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

/// Where users reach the environment, asked from this machine.
pub(crate) fn public_url(listen: &str) -> String {
    let local = listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    format!("http://{local}")
}

impl Checks for Probing {
    fn ask(&self, _environment: &EnvironmentName, plan: &Plan, check: &Check, subject: &Subject) -> CheckAnswer {
        match self.subject(plan, check, subject) {
            Ok(subject) => self.prober.evaluate(check, &subject),
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
