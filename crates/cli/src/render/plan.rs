//! A plan, for a person and as JSON.

use sternway_core::finding::{Finding, Severity};
use sternway_core::plan::{Plan, Step, Undo, WayBack};
use sternway_core::release::ReleaseRecord;

use super::{findings, line, style};
use crate::baseline::recorded;

pub(crate) fn json(plan: &Plan) {
    super::json(&serde_json::json!({ "format": 1, "digest": plan.digest(), "plan": plan }));
}

pub(crate) fn text(plan: &Plan, candidate: &ReleaseRecord) {
    line(&format!(
        "{} {}",
        style::bold(&format!("plan {} for {}", plan.digest().short(), plan.environment)),
        style::dim(plan.digest().as_str())
    ));
    line(&format!("  change      {}", plan.change.summary));
    if !candidate.origin.is_empty() {
        line(&format!("  origin      {}", candidate.origin));
    }
    for key in &plan.change.config {
        line(&format!("              differs: {key}"));
    }
    match &plan.way_back {
        WayBack::Proven { to, evidence } => {
            line(&format!("  way back    release {}, {}", to.number, style::good("proven")));
            for fact in evidence {
                line(&format!("              {fact}"));
            }
        }
        WayBack::None { why } => line(&format!("  way back    {}: {why}", style::careful("none"))),
    }
    line("  steps");
    for (number, step) in (1..).zip(&plan.steps) {
        line(&format!("   {number:>2}  {:<16} {}", step.name, style::dim(&undo(step))));
    }
    for remark in &plan.remarks {
        line(&format!("  note        {remark}"));
    }
    if let Some(accepted) = &plan.accepted {
        line(&format!("  accepted    {} ({})", recorded(accepted), accepted.digest.short()));
    }
    if plan.approvals > 0 {
        line(&format!(
            "  approvals   {} needed; after `sternway ship`: sternway approve {}",
            plan.approvals,
            plan.digest().short()
        ));
    }
    if let Some(start) = plan.not_before {
        line(&format!("  starts      not before {start}"));
    }
    for finding in &plan.findings {
        line(findings::one(finding).trim_end());
    }
}

fn undo(step: &Step) -> String {
    match &step.undo {
        Undo::Nothing if step.after_commit => "after the new release is accepted".to_owned(),
        Undo::Nothing => "nothing to undo".to_owned(),
        Undo::By(action) => format!("undo: {}", words(action)),
        Undo::Irreversible(why) => format!("cannot be undone: {why}"),
    }
}

fn words(action: &sternway_core::plan::Action) -> String {
    use sternway_core::plan::Action as A;
    match action {
        A::ConfirmServing { release } => format!("see that release {} serves", release.number),
        A::Stop { release, .. } => format!("drain and stop release {}", release.number),
        A::Unshift { .. } => "all traffic back to the current release".to_owned(),
        A::Switch { release, .. } => format!("switch back to release {}", release.number),
        A::Withdraw { .. } => "take it out of traffic".to_owned(),
        A::SwapWorkers { .. } => "swap the workers back".to_owned(),
        A::Exchange { .. } => "exchange back, holding requests".to_owned(),
        A::UndoJob { service, .. } => format!("run the undo of job {service}"),
        other => serde_json::to_value(other)
            .ok()
            .and_then(|value| value.as_object()?.keys().next().cloned())
            .unwrap_or_default(),
    }
}

/// What `ship` says when its rollout is open.
pub(crate) fn opened(plan: &Plan, candidate: &ReleaseRecord, found: &[Finding]) {
    for finding in found.iter().filter(|finding| finding.severity != Severity::Note) {
        line(findings::one(finding).trim_end());
    }
    let origin = if candidate.origin.is_empty() { String::new() } else { format!(", {}", candidate.origin) };
    line(&style::bold(&format!("rollout {} of {}: {}{origin}", plan.rollout, plan.environment, plan.change.summary)));
    for remark in plan.remarks.iter().cloned().chain(plan.accepted.as_ref().map(recorded)) {
        line(&style::dim(&format!("  {remark}")));
    }
    if plan.approvals > 0 {
        line(&format!("  waits for {} approvals: sternway approve {}", plan.approvals, plan.digest().short()));
    }
    if let Some(start) = plan.not_before {
        line(&format!("  waits until {start}, then starts by itself"));
    }
}
