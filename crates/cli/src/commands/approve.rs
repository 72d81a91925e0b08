//! `approve` and `deny`: a decision, bound to a plan's digest.

use sternway_core::event::Event;
use sternway_core::ids::EnvironmentName;

use super::plan::fold;
use super::ship::refused;
use crate::args::Decide;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::{person, render};

pub(super) fn run(context: &Context, args: &Decide, approve: bool, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let state = fold(&journal)?;
    let typed = args.digest.trim().trim_start_matches("sha256:");
    let waiting: Vec<(EnvironmentName, sternway_core::digest::Digest)> = state
        .environments
        .iter()
        .filter_map(|(name, place)| Some((name.clone(), place.rollout.as_ref()?.plan.digest())))
        .filter(|(_, digest)| typed.len() >= 12 && digest.hex().starts_with(typed))
        .collect();
    let [(environment, digest)] = waiting.as_slice() else {
        return Err(Failure::usage("S0906", format!("no open plan has the digest `{}`", args.digest))
            .because("a decision binds to the digest of one plan, by at least its first 12 hex digits")
            .next("sternway status shows the plans that wait"));
    };
    let by = person::name();
    let (digest, reason) = (digest.clone(), args.reason.clone());
    let event = if approve { Event::Approved { digest, reason } } else { Event::Denied { digest, reason } };
    let appended = journal.append_decided(Some(environment), &by, state, |_| Ok::<_, ()>(vec![event.clone()]));
    let (after, _) = appended.map_err(|error| match error {
        sternway_engine::EngineError::Illegal { source, .. } => {
            Failure::usage("S0906", source.to_string()).next(format!("sternway status {environment}"))
        }
        other => refused(&other),
    })?;
    if json {
        let open = after.rollout(environment);
        render::json(&serde_json::json!({
            "format": 1, "environment": environment, "decision": if approve { "approved" } else { "denied" }, "by": by,
            "approvals": open.map(|open| open.approvals.len()), "needed": open.map(|open| open.plan.approvals),
        }));
        return Ok(Exit::Done);
    }
    let words = after.rollout(environment).map_or_else(String::new, |rollout| {
        format!(" ({} of {} approvals)", rollout.approvals.len(), rollout.plan.approvals)
    });
    render::line(&format!("{} by {by}{words}", if approve { "approved" } else { "denied" }));
    Ok(Exit::Done)
}
