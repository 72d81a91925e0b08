//! `log`: the logbook, and proof that it was not altered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sternway_core::digest::Digest;
use sternway_core::event::{Entry, Event, Observation};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, RolloutNumber, ServiceName};
use sternway_core::plan::Plan;
use sternway_engine::{CheckpointStands, Journal as _, LogbookJournal};
use sternway_host::agent::witness_on_disk;
use sternway_host::client::Agent;
use sternway_host::protocol::InstanceId;
use sternway_logbook::{Head, VerifyError};
use sternway_proxy::protocol::{Request, Response};

use super::plan::fold;
use crate::args::Log;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;
use crate::render::style::careful;

pub(super) fn run(context: &Context, args: &Log, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    if let Some(environment) = &args.environment {
        let state = fold(&journal)?;
        known("environment", environment, state.environments.keys().map(EnvironmentName::as_str))?;
    }
    if let Some(service) = &args.service {
        return tail(context, &journal, args, service, json);
    }
    if args.verify {
        return verify(context, &journal, json);
    }
    let wanted = |entry: &Entry| {
        (args.all || json || !is_one_of_many(&entry.event))
            && args
                .environment
                .as_ref()
                .is_none_or(|name| entry.environment.as_ref().is_some_and(|own| own.as_str() == name))
    };
    let unreadable = |error: sternway_engine::JournalError| {
        Failure::internal("S0801", "the logbook cannot be read").cause(&error).next("sternway log --verify")
    };
    let mut entries: Vec<Entry> = journal.entries_after(0).map_err(unreadable)?;
    let mut last = entries.last().map_or(0, |entry| entry.seq);
    let mut plans = Plans::default();
    for entry in &entries {
        plans.learn(entry);
    }
    entries.retain(wanted);
    let skip = if args.lines == 0 { 0 } else { entries.len().saturating_sub(args.lines) };
    for entry in &entries[skip..] {
        render::entry::print(entry, plans.of(entry), json);
    }
    if !args.follow {
        return Ok(Exit::Done);
    }
    loop {
        journal.wait_past(last, Duration::from_secs(1)).map_err(unreadable)?;
        for entry in journal.entries_after(last).map_err(unreadable)? {
            last = entry.seq;
            plans.learn(&entry);
            if wanted(&entry) {
                render::entry::print(&entry, plans.of(&entry), json);
            }
        }
    }
}

/// Observations of a rollout, and leases: many, and rarely what somebody looks for. That the watch does not see is rare, and is.
fn is_one_of_many(event: &Event) -> bool {
    let rare = matches!(event, Event::Observed { rollout: None, what: Observation::Missing { .. }, .. });
    matches!(event, Event::Observed { .. } | Event::LeaseTaken { .. }) && !rare
}

/// Refuses a name that nobody knows, with those that are known.
fn known<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let names: BTreeSet<&str> = names.collect();
    if names.contains(name) {
        return Ok(());
    }
    let listed = names.into_iter().collect::<Vec<_>>().join(", ");
    let listed = if listed.is_empty() { "none yet".to_owned() } else { listed };
    Err(Failure::usage("S0912", format!("the logbook knows no {what} `{name}`; known: {listed}"))
        .next("sternway status"))
}

/// The plans of all rollouts, so that steps have their names.
#[derive(Default)]
struct Plans(BTreeMap<RolloutNumber, Plan>);

impl Plans {
    fn learn(&mut self, entry: &Entry) {
        if let Event::Opened { plan } = &entry.event {
            self.0.insert(plan.rollout, plan.as_ref().clone());
        }
    }

    fn of(&self, entry: &Entry) -> Option<&Plan> {
        match &entry.event {
            Event::Began { rollout, .. } | Event::Finished { rollout, .. } => self.0.get(rollout),
            _ => None,
        }
    }
}

fn verify(context: &Context, journal: &LogbookJournal, json: bool) -> Result<Exit, Failure> {
    let witnesses = witnesses(context);
    let heads: Vec<Head> = witnesses.iter().map(|(_, head)| head.clone()).collect();
    match journal.logbook().verify(&heads) {
        Ok(verified) => {
            let checkpoint = checkpoint(journal)?;
            let by: Vec<&str> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
            if json {
                render::json(
                    &serde_json::json!({ "format": 1, "intact": true, "entries": verified.count, "witnesses": by, "checkpoint": checkpoint }),
                );
            } else {
                let witnessed = if by.is_empty() {
                    String::new()
                } else {
                    format!("; nothing is missing that {} saw", by.join(", "))
                };
                render::line(&format!("intact: {} entries, each in its place{witnessed}", verified.count));
                if by.is_empty() {
                    render::line(&format!(
                        "{}: nobody remembers how long it was, neither agent nor proxy: that its end was cut off would not show",
                        careful("careful")
                    ));
                }
                if let Some(seq) = checkpoint {
                    render::line(&format!("the checkpoint says what entries 1 to {seq} say"));
                }
            }
            Ok(Exit::Done)
        }
        Err(VerifyError::Tampered(tampered)) => Err(Failure::internal("S0803", "the logbook was altered")
            .cause(&tampered)
            .production("what served goes on serving; what the logbook says cannot be trusted from there on")
            .next("restore logbook.db from a copy, and find out who wrote to it")),
        Err(VerifyError::Logbook(error)) => Err(Failure::internal("S0801", "the logbook cannot be read").cause(&error)),
    }
}

/// Up to which entry there is a checkpoint; it is what those entries fold into.
fn checkpoint(journal: &LogbookJournal) -> Result<Option<u64>, Failure> {
    let unreadable = |error| {
        Failure::internal("S0801", "the logbook cannot be folded")
            .cause(&error)
            .production("what served goes on serving")
    };
    match journal.check_checkpoint().map_err(unreadable)? {
        CheckpointStands::Absent => Ok(None),
        CheckpointStands::Agrees { seq } => Ok(Some(seq)),
        CheckpointStands::Disagrees { seq } => {
            let what = format!("the checkpoint of entries 1 to {seq} is not what they say");
            let remove = format!("rm {}, and find out who wrote to it", journal.logbook().checkpoint_path().display());
            Err(Failure::internal("S0804", what)
                .because("the logbook itself is intact; commands until now have gone by the checkpoint")
                .production("what served goes on serving")
                .next(remove))
        }
    }
}

/// The heads that agent and proxies remember: as they say, or, of those that do not run, as their files do.
fn witnesses(context: &Context) -> Vec<(String, Head)> {
    let mut found = Vec::new();
    let mut remember = |name: String, witness: Option<(u64, String)>| {
        if let Some((seq, hash)) = witness
            && let Ok(hash) = Digest::try_from(hash)
        {
            found.push((name, Head { seq, hash }));
        }
    };
    match Agent::connect(&context.agent_socket()).and_then(|agent| agent.status()) {
        Ok(status) => remember("the agent".to_owned(), status.witness),
        Err(_) => remember("the agent's memory".to_owned(), witness_on_disk(&context.agent_state())),
    }
    for environment in with_a_proxy(context) {
        let proxy = sternway_drivers::proxy::Proxy::at(&context.proxy_socket(&environment));
        if let Ok(Response::Status(status)) = proxy.ask_once(&Request::Status, Duration::from_secs(2)) {
            remember(format!("the proxy of {environment}"), status.witness);
        } else {
            let kept = sternway_proxy::witness_on_disk(&context.proxy_state(&environment), environment.as_str());
            remember(format!("the memory of the proxy of {environment}"), kept);
        }
    }
    found
}

/// The environments that ever had a proxy.
fn with_a_proxy(context: &Context) -> BTreeSet<EnvironmentName> {
    let folders = std::fs::read_dir(&context.state).into_iter().flatten().flatten();
    folders.filter_map(|entry| EnvironmentName::new(entry.file_name().to_str()?.strip_prefix("proxy-")?).ok()).collect()
}

fn tail(context: &Context, journal: &LogbookJournal, args: &Log, service: &str, json: bool) -> Result<Exit, Failure> {
    let state = fold(journal)?;
    let service = ServiceName::new(service).map_err(|error| Failure::usage("S0912", error.to_string()))?;
    let only = args.environment.clone();
    let sealed = state.releases.values().map(|release| &release.record);
    let sealed = sealed.filter(|record| only.as_ref().is_none_or(|only| record.environment.as_str() == only));
    known("service", service.as_str(), sealed.flat_map(|record| record.services.keys()).map(ServiceName::as_str))?;
    let places = state.environments.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| name.as_str() == only));
    let mut last: Option<(EnvironmentName, ReleaseNumber)> = None;
    for (name, place) in places {
        let serving = place.rollout.as_ref().map(|rollout| rollout.plan.candidate.number);
        let tried = place.history.last().map(|past| past.candidate.number);
        if let Some(release) = args.release.map(ReleaseNumber).or(serving).or(tried) {
            last = Some((name.clone(), release));
        }
    }
    let Some((environment, release)) = last else {
        return Err(Failure::usage("S0903", "nothing was ever shipped there").next("sternway status"));
    };
    let instance = InstanceId { environment, service, release };
    let lines = if args.lines == 0 { 10_000 } else { args.lines };
    let read = Agent::connect(&context.agent_socket()).and_then(|agent| agent.tail(instance.clone(), lines));
    let read = read.map_err(|error| {
        Failure::usage("S0318", format!("the log of {instance} cannot be read"))
            .cause(&error)
            .next("sternway status shows which instances there are; --release NUMBER names another")
    })?;
    if json {
        render::json(&serde_json::json!({ "format": 1, "instance": instance, "lines": read }));
    } else {
        for text in &read {
            render::line(text);
        }
    }
    Ok(Exit::Done)
}
