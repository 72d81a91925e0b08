//! `down`: stop everything that Sternway runs for this project on this machine.

use std::time::Duration;

use sternway_core::event::Event;
use sternway_core::ids::{EnvironmentName, RolloutNumber};
use sternway_core::state::State;
use sternway_drivers::proxy::Proxy;
use sternway_engine::Journal as _;
use sternway_host::client::Agent;
use sternway_proxy::protocol::Request;

use super::plan::known_state;
use crate::args::Down;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::parts;
use crate::{person, render};

pub(super) fn run(context: &Context, args: &Down, json: bool) -> Result<Exit, Failure> {
    if !context.agent_state().exists() {
        said(json, "nothing runs here", false, &[]);
        return Ok(Exit::Done);
    }
    // A logbook that cannot be read keeps nobody from stopping what runs.
    let open = known_state(context).map(|state| under_way(&state)).unwrap_or_default();
    if !args.yes {
        let refused =
            Failure::usage("S0918", "this stops every service of this project on this machine; users get nothing then");
        let warned = open.iter().fold(refused, |refused, open| refused.because(open.in_words("would stand still")));
        return Err(warned.next("sternway down --yes"));
    }
    // Said before, so that whoever follows it elsewhere reads why nothing comes any more.
    for open in &open {
        note(context, open);
    }
    // Services outlive an agent that died: only an agent knows them all.
    parts::start_agent(context)?;
    let asked = Agent::connect(&context.agent_socket()).and_then(|agent| {
        show_head(context, &agent);
        agent.quit(true)
    });
    asked.map_err(|error| {
        Failure::internal("S0320", "not everything was stopped").cause(&error).next("sternway down --yes, again")
    })?;
    // Its sockets are gone; a folder that still holds something is left alone.
    let _next_time_it_is_made_again = std::fs::remove_dir(&context.runtime);
    said(json, "everything is stopped; state and logbook stay where they are", true, &open);
    Ok(Exit::Done)
}

/// A rollout that is not at its end.
struct Open {
    environment: EnvironmentName,
    rollout: RolloutNumber,
    step: Option<String>,
}

impl Open {
    fn in_words(&self, what: &str) -> String {
        let at = self.step.as_ref().map(|step| format!(", at `{step}`")).unwrap_or_default();
        format!("rollout {} of {} is under way and {what}{at}", self.rollout, self.environment)
    }
}

fn under_way(state: &State) -> Vec<Open> {
    let open = state.environments.values().filter_map(|place| place.rollout.as_deref());
    open.map(|open| Open {
        environment: open.plan.environment.clone(),
        rollout: open.plan.rollout,
        step: open.position().and_then(|(step, _)| Some(open.plan.steps.get(usize::from(step))?.name.clone())),
    })
    .collect()
}

fn note(context: &Context, open: &Open) {
    let by = person::name();
    let text = format!(
        "{by} stops everything (`sternway down`): rollout {} stands still until a ship, rollback or resume starts what drives it",
        open.rollout
    );
    let noted = context.existing_journal().and_then(|journal| {
        let state = super::plan::fold(&journal)?;
        let events = vec![Event::Noted { text }];
        journal
            .append_decided(Some(&open.environment), &by, state, |_| Ok::<_, ()>(events.clone()))
            .map_err(|error| super::ship::refused(&error))
    });
    if noted.is_err() {
        render::say("the logbook cannot be written just now: that everything was stopped does not stand there");
    }
}

/// `serve` shows the logbook's head only every few seconds: who remembers it while nothing runs is to know the last entry.
fn show_head(context: &Context, agent: &Agent) {
    let head = context.existing_journal().ok().and_then(|journal| journal.head().ok().flatten());
    let Some((seq, hash)) = head else { return };
    let _one_that_does_not_hear_it_knows_an_earlier_one = agent.witness(seq, &hash);
    let environments = known_state(context).map(|state| state.environments.into_keys().collect::<Vec<_>>());
    for environment in environments.unwrap_or_default() {
        let socket = context.proxy_socket(&environment);
        if socket.exists() {
            let request = Request::Witness { seq, hash: hash.clone() };
            let _the_same = Proxy::at(&socket).ask_once(&request, Duration::from_secs(2));
        }
    }
}

fn said(json: bool, text: &str, stopped: bool, open: &[Open]) {
    if json {
        let open: Vec<_> = open
            .iter()
            .map(|open| serde_json::json!({ "environment": open.environment, "rollout": open.rollout, "step": open.step }))
            .collect();
        render::json(&serde_json::json!({ "format": 1, "stopped": stopped, "rollouts": open }));
        return;
    }
    render::line(text);
    for open in open {
        render::line(&format!(
            "  {}; next: sternway rollback {1}, or sternway resume {1}, which goes back by itself where a canary was stopped",
            open.in_words("stands still"),
            open.environment
        ));
    }
}
