//! Traffic, through the environment's proxy.

use std::collections::BTreeMap;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use sternway_core::event::StepResult;
use sternway_core::finding::Finding;
use sternway_core::ids::ServiceName;
use sternway_core::plan::TrafficSpec;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_engine::ports::Order;
use sternway_proxy::protocol::{Request, Response, Table, TargetSet};

use super::Local;
use super::instances::addresses_in;
use super::outcome::{Failure, done};
use crate::proxy::{LOOK, ProxyError};

/// A candidate's share runs out after so long unless it is renewed: a dead driver leaves no canary behind.
const SHARE_LEASE: Millis = Millis(10_000);

impl Local {
    pub(super) fn shift(&self, order: &Order<'_>, release: &ReleaseRef, percent: u8) -> Result<StepResult, Failure> {
        let candidate = self.targets(order, release, &order.plan.traffic)?;
        self.proxy.order(&canary(order, candidate, percent))?;
        Ok(done(format!("{percent}% of clients")))
    }

    /// Gives the share again. Asked once and without patience: nothing is judged meanwhile, and the watch soon tries again.
    pub(super) fn renew(&self, order: &Order<'_>, release: &ReleaseRef, percent: u8) -> Result<(), Failure> {
        let known = addresses_in(self.agent_now()?, order, release);
        let candidate = targets(order, release, &order.plan.traffic, &known)?;
        match self.proxy.ask_once(&canary(order, candidate, percent), LOOK)? {
            Response::Done => Ok(()),
            _ => Err(ProxyError::Unexpected.into()),
        }
    }

    pub(super) fn end_canary(&self, order: &Order<'_>) -> Result<StepResult, Failure> {
        self.proxy.order(&Request::EndCanary { epoch: order.epoch })?;
        Ok(done("all traffic to the current release"))
    }

    pub(super) fn switch(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        traffic: &TrafficSpec,
    ) -> Result<StepResult, Failure> {
        let table = self.table(order, release, traffic)?;
        self.proxy.order(&Request::Switch { epoch: order.epoch, table: Some(table) })?;
        Ok(done(format!("release {} has all traffic", release.number)))
    }

    pub(super) fn withdraw(&self, order: &Order<'_>) -> Result<StepResult, Failure> {
        self.proxy.order(&Request::Switch { epoch: order.epoch, table: None })?;
        Ok(done("nothing serves, as before"))
    }

    pub(super) fn table(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        traffic: &TrafficSpec,
    ) -> Result<Table, Failure> {
        Ok(Table {
            listen: traffic.listen.clone(),
            routes: traffic.routes.clone(),
            login: traffic.login.clone(),
            current: self.targets(order, release, traffic)?,
            drain: traffic.drain,
        })
    }

    /// Where each routed service of a release answers.
    fn targets(
        &self,
        order: &Order<'_>,
        release: &ReleaseRef,
        traffic: &TrafficSpec,
    ) -> Result<BTreeMap<ServiceName, TargetSet>, Failure> {
        let known = if is_adopted(order, release) { BTreeMap::new() } else { self.addresses(order, release)? };
        targets(order, release, traffic, &known)
    }

    /// Whether a release serves: instances ready, or the adopted address answering, and the proxy names it current.
    pub(super) fn serves(&self, order: &Order<'_>, release: &ReleaseRef) -> Result<StepResult, Failure> {
        match &order.plan.adopted {
            Some(address) if release.number.0 == 0 => answers(address)?,
            _ => self.ready(order, release, &order.plan.services_of(release))?,
        }
        if !order.plan.is_routed(release) {
            return Ok(done(format!("release {} runs; no requests are routed here", release.number)));
        }
        let table = self.proxy.status()?.table;
        let wrong = table.as_ref().and_then(|table| {
            table.current.iter().find(|(_, targets)| targets.release != release.number).map(|(service, _)| service)
        });
        match (table.is_some(), wrong) {
            (true, None) => Ok(done(format!("release {} serves", release.number))),
            (false, _) => Err(not_current(release, "the proxy has no release")),
            (true, Some(service)) => Err(not_current(release, &format!("`{service}` is served by another release"))),
        }
    }
}

fn canary(order: &Order<'_>, candidate: BTreeMap<ServiceName, TargetSet>, percent: u8) -> Request {
    let slow_floor = Some(order.plan.judge.slow_floor);
    Request::Canary { epoch: order.epoch, candidate, percent, lease: SHARE_LEASE, slow_floor }
}

fn is_adopted(order: &Order<'_>, release: &ReleaseRef) -> bool {
    release.number.0 == 0 && order.plan.adopted.is_some()
}

fn targets(
    order: &Order<'_>,
    release: &ReleaseRef,
    traffic: &TrafficSpec,
    known: &BTreeMap<ServiceName, String>,
) -> Result<BTreeMap<ServiceName, TargetSet>, Failure> {
    let adopted = order.plan.adopted.as_ref().filter(|_| is_adopted(order, release));
    traffic
        .routes
        .values()
        .map(|service| {
            let address = adopted.or_else(|| known.get(service)).ok_or_else(|| {
                let text = format!("service `{service}` of release {} does not run", release.number);
                Failure::found(Finding::error("S0602", service.as_str(), text))
            })?;
            Ok((service.clone(), TargetSet { release: release.number, addresses: vec![address.clone()] }))
        })
        .collect()
}

fn not_current(release: &ReleaseRef, why: &str) -> Failure {
    let text = format!("release {} is not what the proxy serves: {why}", release.number);
    Failure::found(Finding::error("S0603", "proxy", text))
}

pub(super) fn answers(address: &str) -> Result<(), Failure> {
    let connects = address
        .to_socket_addrs()
        .is_ok_and(|mut all| all.any(|one| TcpStream::connect_timeout(&one, Duration::from_secs(3)).is_ok()));
    if connects {
        return Ok(());
    }
    let text = format!("what was adopted, {address}, does not accept connections");
    Err(Failure::found(Finding::error("S0405", address, text)))
}
