//! A plan to give orders by.

use std::collections::BTreeMap;

use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, Epoch, ReleaseNumber, RolloutNumber, ServiceName};
use sternway_core::plan::{Action, Change, JudgeSettings, OnLimit, Plan, PlanKind, Target, TrafficSpec, WayBack};
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_engine::ports::Order;

pub(crate) fn environment() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

pub(crate) fn web() -> ServiceName {
    ServiceName::new("web").unwrap()
}

pub(crate) fn release(number: u64) -> ReleaseRef {
    ReleaseRef { number: ReleaseNumber(number), digest: Digest::of(&number.to_be_bytes()) }
}

/// From release 1 to release 2, each one web service.
pub(crate) fn plan() -> Plan {
    let traffic = TrafficSpec {
        listen: "127.0.0.1:0".to_owned(),
        routes: BTreeMap::from([("/".to_owned(), web())]),
        login: Vec::new(),
        drain: Millis::from_secs(600),
    };
    Plan {
        format: 1,
        rollout: RolloutNumber(2),
        kind: PlanKind::Ship,
        environment: environment(),
        change: Change { code: true, config: Vec::new(), summary: String::new() },
        targets: vec![Target::Local],
        base: Some(release(1)),
        base_traffic: Some(traffic.clone()),
        adopted: None,
        base_checks: Vec::new(),
        candidate: release(2),
        traffic,
        checks: Vec::new(),
        judge: JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::Hold },
        steps: Vec::new(),
        way_back: WayBack::None { why: String::new() },
        approvals: 0,
        keep: 5,
        not_before: None,
        findings: Vec::new(),
        accepted: None,
        remarks: Vec::new(),
    }
}

pub(crate) fn order<'a>(plan: &'a Plan, action: &'a Action) -> Order<'a> {
    Order { key: "rollout-2@1.step-0.do".to_owned(), epoch: Epoch(1), plan, action }
}
