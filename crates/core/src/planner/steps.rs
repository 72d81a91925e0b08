//! The steps of a plan.

use std::collections::BTreeMap;

use super::{Inputs, Known};
use crate::ids::ServiceName;
use crate::plan::{Action, OnInterrupted, Step, TrafficSpec, Undo};
use crate::release::{ReleaseRef, ServiceKind};

/// The services of a release by the part that they play.
#[derive(Default)]
struct Parts {
    /// Web services that run beside those of another release.
    web: Vec<ServiceName>,
    /// Web services that cannot.
    exclusive: Vec<ServiceName>,
    workers: Vec<ServiceName>,
}

/// Of a release whose content is gone the logbook still knows the kinds: going away from it needs no more. What cannot run beside
/// itself in the `other` release is then taken not to do so in this one either.
fn parts(known: Option<&Known>, other: Option<&Known>) -> Parts {
    let mut parts = Parts::default();
    let Some(known) = known else { return parts };
    let overlaps = |known: &Known, name: &ServiceName| Some(known.content.as_ref()?.services.get(name)?.overlap);
    for (name, kind) in kinds(known) {
        let beside = overlaps(known, &name).or_else(|| overlaps(other?, &name)).unwrap_or(true);
        match kind {
            ServiceKind::Web if beside => parts.web.push(name),
            ServiceKind::Web => parts.exclusive.push(name),
            ServiceKind::Worker => parts.workers.push(name),
            ServiceKind::Job => {}
        }
    }
    parts
}

fn kinds(known: &Known) -> BTreeMap<ServiceName, ServiceKind> {
    match &known.content {
        Some(content) => content.services.iter().map(|(name, spec)| (name.clone(), spec.kind)).collect(),
        None => known.record.services.clone(),
    }
}

fn step(name: impl Into<String>, action: Action, undo: Undo) -> Step {
    Step { name: name.into(), action, undo, on_interrupted: OnInterrupted::Rerun, after_commit: false }
}

/// The steps forward, and remarks about them.
pub(super) fn forward(
    inputs: &Inputs<'_>,
    traffic: &TrafficSpec,
    base_traffic: Option<&TrafficSpec>,
) -> (Vec<Step>, Vec<String>) {
    let base = inputs.base.as_ref();
    let base_ref = base.map(|base| base.record.reference());
    let candidate = inputs.candidate.record.reference();
    let before = base_traffic.filter(|traffic| traffic.is_routed());
    let mut steps = Vec::new();
    let mut remarks = Vec::new();

    // The proxy may never have served: what was adopted gets its requests before anything else, and so also when the release fails.
    if let (Some(adopted), Some(traffic)) = (base.filter(|base| base.record.adopted.is_some()), before) {
        steps.push(step("adopt", switch_action(adopted.record.reference(), traffic), Undo::Nothing));
    }
    let confirm = base_ref.clone().map_or(Undo::Nothing, |release| Undo::By(Action::ConfirmServing { release }));
    steps.push(step("baseline", Action::Baseline { release: base_ref.clone() }, confirm));
    steps.push(step("stage", Action::Stage { release: candidate.clone() }, Undo::Nothing));
    steps.extend(jobs(inputs, &candidate, &mut remarks));

    let old = parts(base, Some(&inputs.candidate));
    let Parts { web, exclusive, workers: new_workers } = parts(Some(&inputs.candidate), None);
    if !web.is_empty() {
        let stop = Action::Stop { release: candidate.clone(), services: web.clone() };
        steps.push(step("start", Action::Start { release: candidate.clone(), services: web.clone() }, Undo::By(stop)));
        if inputs.checks.iter().any(|check| check.smoke) {
            steps.push(step("smoke", Action::Smoke { release: candidate.clone() }, Undo::Nothing));
        }
    }

    let base_exclusive = old.exclusive;
    let exchange = !exclusive.is_empty() || !base_exclusive.is_empty();
    if exchange {
        remarks.push("a service has overlap = false: no canary; requests are held while it is exchanged".to_owned());
    } else if !traffic.is_routed() {
        remarks.push("no requests are routed here: no canary, only the checks judge".to_owned());
    } else if before.is_none() {
        remarks.push("nothing serves yet: no canary".to_owned());
    } else {
        for &percent in inputs.settings.steps.iter().filter(|&&percent| percent < 100) {
            let shift = Action::Shift { release: candidate.clone(), percent };
            let unshift = Action::Unshift { release: candidate.clone() };
            steps.push(step(format!("shift {percent}%"), shift, Undo::By(unshift)));
            let verify = Action::Verify { release: candidate.clone(), percent, window: inputs.settings.verify };
            steps.push(step(format!("verify {percent}%"), verify, Undo::Nothing));
        }
    }

    // Workers change over before the switch, so that on the way back users get the old release first and workers follow.
    steps.extend(workers(base, old.workers, &inputs.candidate, new_workers));
    if exchange {
        let action = exchange_action(
            base_ref.clone(),
            base_exclusive.clone(),
            Some(candidate.clone()),
            exclusive.clone(),
            traffic,
        );
        let back = exchange_action(
            Some(candidate.clone()),
            exclusive,
            base_ref.clone(),
            base_exclusive,
            base_traffic.unwrap_or(traffic),
        );
        steps.push(step("exchange", action, Undo::By(back)));
    } else {
        let back = base_ref.clone().zip(before).map(|(release, traffic)| switch_action(release, traffic));
        let undo = back.unwrap_or_else(|| Action::Withdraw { release: candidate.clone() });
        steps.extend(switch(base, &candidate, traffic, before).map(|step| Step { undo: Undo::By(undo), ..step }));
    }
    let bake = Action::Verify { release: candidate, percent: 100, window: inputs.settings.bake };
    steps.push(step("bake", bake, Undo::Nothing));
    steps.extend(retire(base, old.web, before));
    (steps, remarks)
}

/// The steps back to a release that has served before. None has an undo: a rollback is never rolled back.
pub(super) fn back(inputs: &Inputs<'_>, traffic: &TrafficSpec, base_traffic: Option<&TrafficSpec>) -> Vec<Step> {
    let base = inputs.base.as_ref();
    let target = inputs.candidate.record.reference();
    let old = parts(base, Some(&inputs.candidate));
    let Parts { web, exclusive, workers: new_workers } = parts(Some(&inputs.candidate), None);
    let mut steps = Vec::new();
    if inputs.candidate.record.adopted.is_none() {
        steps.push(step("stage", Action::Stage { release: target.clone() }, Undo::Nothing));
        if !web.is_empty() {
            steps.push(step("start", Action::Start { release: target.clone(), services: web }, Undo::Nothing));
        }
    }
    if exclusive.is_empty() && old.exclusive.is_empty() {
        let before = base_traffic.filter(|traffic| traffic.is_routed());
        steps.extend(switch(base, &target, traffic, before));
    } else {
        let from = base.map(|base| base.record.reference());
        let action = exchange_action(from, old.exclusive, Some(target.clone()), exclusive, traffic);
        steps.push(step("exchange", action, Undo::Nothing));
    }
    let swap = workers(base, old.workers, &inputs.candidate, new_workers);
    steps.extend(swap.map(|step| Step { undo: Undo::Nothing, ..step }));
    steps.push(step("confirm", Action::ConfirmServing { release: target }, Undo::Nothing));
    steps.extend(retire(base, old.web, base_traffic));
    steps
}

fn jobs(inputs: &Inputs<'_>, candidate: &ReleaseRef, remarks: &mut Vec<String>) -> Vec<Step> {
    let Some(content) = &inputs.candidate.content else { return Vec::new() };
    let jobs = content.services.iter().filter(|(_, spec)| spec.kind == ServiceKind::Job);
    jobs.map(|(service, spec)| {
        let (release, service) = (candidate.clone(), service.clone());
        let name = format!("job {service}");
        let within = spec.ready_within;
        let undo = if let Some(command) = spec.undo.clone() {
            Undo::By(Action::UndoJob { release: release.clone(), service: service.clone(), command, within })
        } else {
            remarks.push(format!("job `{service}` has no `undo`: what it changes stays when the release goes back"));
            Undo::Nothing
        };
        step(name, Action::RunJob { release, service, command: spec.run.clone(), within }, undo)
    })
    .collect()
}

fn workers(base: Option<&Known>, stop: Vec<ServiceName>, candidate: &Known, start: Vec<ServiceName>) -> Option<Step> {
    if stop.is_empty() && start.is_empty() {
        return None;
    }
    let from = base.map(|base| base.record.reference());
    let to = Some(candidate.record.reference());
    let undo = Action::SwapWorkers { from: to.clone(), stop: start.clone(), to: from.clone(), start: stop.clone() };
    Some(step("workers", Action::SwapWorkers { from, stop, to, start }, Undo::By(undo)))
}

/// All requests to the one release; away from the other when there are none to be routed any more; nothing when there never were.
fn switch(base: Option<&Known>, to: &ReleaseRef, traffic: &TrafficSpec, before: Option<&TrafficSpec>) -> Option<Step> {
    if traffic.is_routed() {
        return Some(step("switch", switch_action(to.clone(), traffic), Undo::Nothing));
    }
    let release = base.filter(|_| before.is_some())?.record.reference();
    Some(step("withdraw", Action::Withdraw { release }, Undo::Nothing))
}

fn switch_action(release: ReleaseRef, traffic: &TrafficSpec) -> Action {
    Action::Switch { release, traffic: traffic.clone() }
}

fn exchange_action(
    from: Option<ReleaseRef>,
    stop: Vec<ServiceName>,
    to: Option<ReleaseRef>,
    start: Vec<ServiceName>,
    traffic: &TrafficSpec,
) -> Action {
    Action::Exchange { from, stop, to, start, traffic: traffic.clone() }
}

/// What served before is drained and stopped last. An adopted release is not ours to stop; without requests there is none to drain.
fn retire(base: Option<&Known>, services: Vec<ServiceName>, traffic: Option<&TrafficSpec>) -> Option<Step> {
    let base = base.filter(|base| base.record.adopted.is_none())?;
    if services.is_empty() && !traffic.is_some_and(TrafficSpec::is_routed) {
        return None;
    }
    let action = Action::Retire { release: base.record.reference(), services };
    Some(Step { after_commit: true, ..step("retire", action, Undo::Nothing) })
}
