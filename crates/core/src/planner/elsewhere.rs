//! Where a release comes from and where its users come to: an address that moves, and a project that only has another's name.

use std::collections::BTreeSet;

use super::Inputs;
use crate::finding::Finding;
use crate::state::Deployment;

fn current<'a>(inputs: &'a Inputs<'_>) -> Option<&'a Deployment> {
    inputs.state.environments.get(inputs.environment)?.current.as_ref()
}

/// The addresses at which requests are listened for before and after, when they differ.
fn moves(inputs: &Inputs<'_>) -> Option<(String, String)> {
    let before = &current(inputs)?.traffic.as_ref()?.listen;
    let after = &inputs.settings.traffic.listen;
    (before != after).then(|| (before.clone(), after.clone()))
}

/// Users who come to an address that is moved away from get nothing from the switch on.
pub(super) fn another_address(inputs: &Inputs<'_>) -> Option<Finding> {
    let (before, after) = moves(inputs).filter(|(before, _)| !before.is_empty())?;
    let text = if after.is_empty() {
        format!("nothing listens at {before} any more from the switch on: no requests are routed")
    } else {
        format!("requests are listened for at {after} from the switch on, and at {before} no more")
    };
    Some(
        Finding::warning("S0504", inputs.environment.as_str(), text)
            .hint("see that whatever sends users here knows the new address, or leave `listen` as it was"),
    )
}

/// Another folder than last time, and something that serves would be closed or stopped: most likely another project with the same
/// name, which has the same state folder by that.
pub(super) fn another_project(inputs: &Inputs<'_>) -> Option<Finding> {
    let (last, now) = inputs.facts.other_folder.as_ref()?;
    let before: BTreeSet<_> = inputs.base.as_ref()?.record.services.keys().collect();
    let after: BTreeSet<_> = inputs.candidate.record.services.keys().collect();
    let mut differs: Vec<String> = before.difference(&after).map(|service| format!("it has no `{service}`")).collect();
    differs.extend(moves(inputs).map(|(before, after)| format!("it listens at {after} and not at {before}")));
    if differs.is_empty() {
        return None;
    }
    let text = format!(
        "{} was shipped last from {last}, and now comes from {now}, where {}: it looks like another project of the same name, and would take its place",
        inputs.environment,
        differs.join(", "),
    );
    Some(Finding::error("S0507", inputs.environment.as_str(), text).hint(
        "give this project a `name` of its own in sternway.toml, or a state folder of its own (--state DIR); when it is the same project, moved: --override S0507 --reason TEXT",
    ))
}
