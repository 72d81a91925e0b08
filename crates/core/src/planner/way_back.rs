//! The way back, proven before the plan is frozen.

use super::{Inputs, Known, has_room};
use crate::finding::Finding;
use crate::plan::WayBack;

/// What was proven, and what stands against it.
pub(super) fn prove(inputs: &Inputs<'_>) -> (WayBack, Vec<Finding>) {
    let Some(base) = &inputs.base else {
        let why = "nothing serves here yet: a failed release leaves the environment without one".to_owned();
        let note =
            Finding::note("S0406", inputs.environment.as_str(), "there is no way back: this is the first release")
                .hint("if something serves today, name it: adopt = \"host:port\" in sternway.toml");
        return (WayBack::None { why }, vec![note]);
    };
    let mut against = Vec::new();
    let mut evidence = Vec::new();
    match &base.record.adopted {
        Some(adopted) => match not_answering(&adopted.address, inputs.facts.adopted_answers) {
            None => evidence.push(format!("{} accepts connections", adopted.address)),
            Some(finding) => against.push(finding.hint("start it, or correct `adopt` in sternway.toml")),
        },
        None => prove_artifact(base, &mut evidence, &mut against),
    }
    // What stands against it may be overridden: the plan then must not say that it was proven.
    if let Some(first) = against.first() {
        return (WayBack::None { why: first.message.clone() }, against);
    }
    if has_room(inputs) {
        evidence.push("room on disk for twice the release".to_owned());
    }
    (WayBack::Proven { to: base.record.reference(), evidence }, against)
}

/// What stands against going to what was adopted, by whether it accepted a connection; `None`: it was not asked.
pub(super) fn not_answering(address: &str, answer: Option<bool>) -> Option<Finding> {
    let what = match answer {
        Some(true) => return None,
        Some(false) => "does not accept connections",
        None => "was not asked whether it answers",
    };
    let text = format!("what was adopted, {address}, {what}");
    Some(Finding::error("S0405", address, text).hint("start it, or go to another release"))
}

fn prove_artifact(base: &Known, evidence: &mut Vec<String>, against: &mut Vec<Finding>) {
    let number = base.record.number;
    match (&base.intact, &base.content) {
        (Ok(bytes), Some(content)) => {
            if content.digest() != base.record.digest {
                against.push(damaged(base, "its content is not what was sealed"));
                return;
            }
            let keys: usize = content.config.values().map(std::collections::BTreeMap::len).sum();
            evidence.push(format!("release {number}: {bytes} bytes read and right"));
            evidence.push(format!("release {number}: its configuration of {keys} values is present"));
        }
        (Err(finding), _) => against.push(damaged(base, &finding.message)),
        (Ok(_), None) => against.push(damaged(base, "its content is missing")),
    }
}

fn damaged(base: &Known, why: &str) -> Finding {
    Finding::error("S0401", format!("release {}", base.record.number), format!("the way back is not intact: {why}"))
        .hint(
            "going back by itself would fail; restore the state folder, or accept that: --override S0401 --reason TEXT",
        )
}
