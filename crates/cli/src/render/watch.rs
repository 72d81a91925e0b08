//! What a look saw.

use sternway_core::event::Entry;
use sternway_core::finding::{Finding, Severity};
use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_core::watch::Look;

use super::{findings, line, moment, places, style};
use crate::wiring::watch;

/// The findings, and one line that says what follows.
pub(crate) fn text(environment: &EnvironmentName, look: &Look, state: &State, entries: &[Entry], now: Timestamp) {
    for finding in weighing(look) {
        line(findings::one(finding).trim_end());
    }
    for what in &look.unseen {
        line(&style::careful(&format!("not seen: {what}")));
    }
    let release = watch::serves(state, environment).map(|number| format!(", release {number}")).unwrap_or_default();
    let count = weighing(look).count();
    let found = match (count, look.unseen.is_empty()) {
        (_, false) => style::careful("not all of it could be seen"),
        (0, true) => style::good("consistent"),
        (1, true) => "1 finding".to_owned(),
        (count, true) => format!("{count} findings"),
    };
    let place = state.environments.get(environment);
    let since = place.and_then(|place| place.watch.as_ref()).filter(|_| entries.is_empty());
    let since = since.map(|last| format!(", as since {}", moment::with_age(last.at, now))).unwrap_or_default();
    let drift = state.drift(environment).map(|drift| {
        let incident = drift.incident;
        format!("; {}: incident {incident}\n  next:       sternway incident show {incident}", style::bad("drifted"))
    });
    let rollout = if state.rollout(environment).is_some() { "; a rollout is open, nothing was recorded" } else { "" };
    line(&format!("{environment}{release}: {found}{since}{rollout}{}", drift.unwrap_or_default()));
}

/// One document for each look.
pub(crate) fn json(environment: &EnvironmentName, look: &Look, state: &State, entries: &[Entry]) {
    let found: Vec<Finding> = weighing(look).cloned().collect();
    let drift = state
        .drift(environment)
        .map(|drift| serde_json::json!({ "incident": drift.incident, "findings": places::all_shown(&drift.findings) }));
    super::json(&serde_json::json!({
        "format": 1, "environment": environment, "release": watch::serves(state, environment), "complete": look.unseen.is_empty(), "not_seen": look.unseen,
        "findings": places::all_shown(&found), "recorded": entries.len(), "drift": drift,
    }));
}

fn weighing(look: &Look) -> impl Iterator<Item = &Finding> {
    look.findings.iter().filter(|finding| finding.severity > Severity::Note)
}
