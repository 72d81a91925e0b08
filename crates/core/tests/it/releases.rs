//! Releases, environments and facts to plan with.

use std::collections::BTreeMap;

use sternway_core::check::{Check, Question};
use sternway_core::digest::Digest;
use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::plan::{JudgeSettings, OnLimit, Plan, TrafficSpec};
use sternway_core::planner::{self, Facts, Inputs, Known, Planned};
use sternway_core::project::Environment;
use sternway_core::release::{Adopted, Ready, ReleaseContent, ReleaseRecord, ServiceKind, ServiceSpec};
use sternway_core::state::State;
use sternway_core::time::{Millis, Timestamp};

/// Name, kind, side by side, undo.
pub(crate) type Part = (&'static str, ServiceKind, bool, bool);

pub(crate) const WEB: Part = ("web", ServiceKind::Web, true, false);
pub(crate) const API: Part = ("api", ServiceKind::Web, true, false);
pub(crate) const LEGACY: Part = ("legacy", ServiceKind::Web, false, false);
pub(crate) const QUEUE: Part = ("queue", ServiceKind::Worker, true, false);
pub(crate) const MIGRATE: Part = ("migrate", ServiceKind::Job, true, true);
pub(crate) const SEED: Part = ("seed", ServiceKind::Job, true, false);

pub(crate) fn environment() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

fn spec(part: &Part) -> ServiceSpec {
    ServiceSpec {
        kind: part.1,
        run: format!("run {}", part.0),
        undo: part.3.then(|| format!("undo {}", part.0)),
        ready: Ready::Tcp,
        ready_within: Millis::from_secs(30),
        grace: Millis::from_secs(10),
        overlap: part.2,
        port: None,
        shared: Vec::new(),
    }
}

fn routes(parts: &[Part]) -> BTreeMap<String, ServiceName> {
    let web = parts.iter().filter(|part| part.1 == ServiceKind::Web);
    web.map(|part| (format!("/{}", part.0), service(part.0))).collect()
}

fn content(environment: &EnvironmentName, number: u64, parts: &[Part]) -> ReleaseContent {
    ReleaseContent {
        format: 1,
        environment: environment.clone(),
        code: parts.iter().map(|part| (service(part.0), Digest::of(&number.to_be_bytes()))).collect(),
        services: parts.iter().map(|part| (service(part.0), spec(part))).collect(),
        config: parts
            .iter()
            .map(|part| (service(part.0), BTreeMap::from([("DSN".to_owned(), format!("print-{}", number / 2))])))
            .collect(),
        routes: routes(parts),
    }
}

fn record(content: &ReleaseContent, number: u64) -> ReleaseRecord {
    ReleaseRecord {
        number: ReleaseNumber(number),
        digest: content.digest(),
        environment: content.environment.clone(),
        code: content.code_digest(),
        config: content.config_digest(),
        services: content.services.iter().map(|(name, spec)| (name.clone(), spec.kind)).collect(),
        adopted: None,
        origin: String::new(),
    }
}

/// A release of these services, whole.
pub(crate) fn release(number: u64, parts: &[Part]) -> Known {
    release_in(&environment(), number, parts)
}

pub(crate) fn release_in(environment: &EnvironmentName, number: u64, parts: &[Part]) -> Known {
    let content = content(environment, number, parts);
    Known { record: record(&content, number), content: Some(content), intact: Ok(1000) }
}

/// Release 0.
pub(crate) fn adopted() -> Known {
    let digest = planner::adopted_digest("127.0.0.1:9000");
    let record = ReleaseRecord {
        number: ReleaseNumber(0),
        digest: digest.clone(),
        environment: environment(),
        code: digest.clone(),
        config: digest,
        services: BTreeMap::new(),
        adopted: Some(Adopted { address: "127.0.0.1:9000".to_owned() }),
        origin: String::new(),
    };
    Known { record, content: None, intact: Ok(0) }
}

pub(crate) fn check() -> Check {
    Check {
        name: "up".to_owned(),
        question: Question::Tcp("127.0.0.1:1".to_owned()),
        service: None,
        smoke: true,
        monitor: Some(Millis::from_secs(1)),
        timeout: Millis::from_secs(5),
        latency: None,
        place: None,
    }
}

fn settings(parts: &[Part]) -> Environment {
    let routes = routes(parts);
    Environment {
        protected: true,
        traffic: TrafficSpec {
            listen: if routes.is_empty() { String::new() } else { "127.0.0.1:8080".to_owned() },
            routes,
            login: vec!["/login".to_owned()],
            drain: Millis::from_secs(30),
        },
        steps: vec![10, 50, 100],
        verify: Millis::from_secs(30),
        bake: Millis::from_secs(120),
        judge: JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::RollBack },
        adopt: None,
        approvals: 0,
        keep: 2,
        config: BTreeMap::new(),
        reads: BTreeMap::new(),
        facts: None,
        metrics: None,
        watch: None,
        place: Place { file: "sternway.toml".to_owned(), line: 1, column: 1 },
    }
}

/// Everything that a plan rests on, owned, so that a test changes one thing and plans again.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) state: State,
    pub(crate) settings: Environment,
    pub(crate) checks: Vec<Check>,
    pub(crate) base: Option<Known>,
    pub(crate) candidate: Known,
    pub(crate) facts: Facts,
    pub(crate) overrides: Vec<String>,
    pub(crate) not_before: Option<Timestamp>,
}

impl Case {
    /// `base` serves by these means in `state`; `candidate` is to follow.
    pub(crate) fn new(state: State, base: Option<Known>, candidate: Known, parts: &[Part]) -> Self {
        Self {
            state,
            settings: settings(parts),
            checks: vec![check()],
            base,
            candidate,
            facts: Facts {
                disk_free: 1 << 40,
                inodes_free: 1 << 20,
                disk_needed: 1000,
                inodes_needed: 10,
                listen_taken: None,
                adopted_answers: Some(true),
                other_folder: None,
                record: None,
            },
            overrides: Vec::new(),
            not_before: None,
        }
    }

    fn with<T>(&self, plan: impl FnOnce(&Inputs<'_>) -> T) -> T {
        plan(&Inputs {
            state: &self.state,
            environment: &self.candidate.record.environment,
            settings: &self.settings,
            checks: &self.checks,
            base: self.base.clone(),
            candidate: self.candidate.clone(),
            facts: self.facts.clone(),
            findings: Vec::new(),
            accepted: None,
            overrides: &self.overrides,
            not_before: self.not_before,
        })
    }

    pub(crate) fn ship(&self) -> Planned {
        self.with(planner::ship)
    }

    pub(crate) fn rollback(&self) -> Planned {
        self.with(|inputs| planner::rollback(inputs, self.settings.traffic.clone(), self.checks.clone()))
    }

    pub(crate) fn plan(&self) -> Plan {
        let planned = self.ship();
        planned.plan.unwrap_or_else(|| panic!("{:?}", planned.findings))
    }
}
