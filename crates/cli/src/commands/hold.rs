//! `hold` and `resume`: a person's word about a rollout under way.

use sternway_core::event::{Choice, Event};
use sternway_core::ids::EnvironmentName;
use sternway_engine::EngineError;
use sternway_host::client::Agent;

use super::plan::fold;
use super::ship::{follow_to_the_end, refused};
use crate::args::{HoldArgs, Resume, Way};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::parts::{self, Needs};
use crate::{person, render};

pub(super) fn hold(context: &Context, args: &HoldArgs, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let state = fold(&journal)?;
    let (environment, _) = open(&state, &args.environment)?;
    // Why it is held already is worth more than that somebody wants it held, too.
    if let Some(hold) =
        state.rollout(&environment).and_then(|open| open.hold.as_ref()).filter(|hold| hold.until.is_none())
    {
        if json {
            render::json(&serde_json::json!({ "format": 1, "environment": environment, "held": hold.why }));
        } else {
            render::line(&format!("held already: {}; next: sternway status {environment}", hold.why));
        }
        return Ok(Exit::Done);
    }
    let why = format!("{}: {}", person::name(), args.reason);
    let appended = journal.append_decided(Some(&environment), &person::name(), state, |state| {
        let open = state.rollout(&environment).ok_or(())?;
        Ok::<_, ()>(vec![Event::Held { rollout: open.plan.rollout, why: why.clone(), until: None }])
    });
    appended.map_err(|error| refused(&error))?.1.map_err(|()| none_open(&environment))?;
    if json {
        render::json(&serde_json::json!({ "format": 1, "environment": environment, "held": args.reason }));
        return Ok(Exit::Done);
    }
    render::line(&format!("held before its next step; next: sternway resume {environment}"));
    Ok(Exit::Done)
}

pub(super) fn resume(context: &Context, args: &Resume, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let state = fold(&journal)?;
    let (environment, plan) = open(&state, &args.environment)?;
    let choice = match args.way {
        Way::Continue => Choice::Continue,
        Way::Accept => Choice::Accept,
        Way::Rollback => Choice::RollBack,
    };
    let traffic = !plan.traffic.listen.is_empty();
    let stood_still = Agent::connect(&context.agent_socket()).is_err();
    parts::start_all(context, &Needs { environment: &environment, traffic, metrics: None })?;
    let after = state.head;
    // After `down` a rollout is not held, it only has nobody who drives it.
    if stood_still && choice == Choice::Continue && state.rollout(&environment).is_some_and(|open| open.hold.is_none())
    {
        return follow_to_the_end(&journal, plan.rollout, after, &plan, json);
    }
    let appended = journal.append_decided(Some(&environment), &person::name(), state, |state| {
        let open = state.rollout(&environment).ok_or(())?;
        let reason = args.reason.clone();
        Ok::<_, ()>(vec![Event::Resumed { rollout: open.plan.rollout, choice, reason }])
    });
    let (_, told) = appended.map_err(|error| match error {
        EngineError::Illegal { source, .. } => {
            Failure::usage("S0907", source.to_string()).next(format!("sternway status {environment}"))
        }
        other => refused(&other),
    })?;
    told.map_err(|()| none_open(&environment))?;
    follow_to_the_end(&journal, plan.rollout, after, &plan, json)
}

fn open(
    state: &sternway_core::state::State,
    name: &str,
) -> Result<(EnvironmentName, sternway_core::plan::Plan), Failure> {
    let environment = EnvironmentName::new(name).map_err(|error| Failure::usage("S0912", error.to_string()))?;
    let plan = state.rollout(&environment).map(|open| open.plan.clone()).ok_or_else(|| none_open(&environment))?;
    Ok((environment, plan))
}

fn none_open(environment: &EnvironmentName) -> Failure {
    Failure::usage("S0907", format!("no rollout is open in {environment}"))
        .next(format!("sternway status {environment}"))
}
