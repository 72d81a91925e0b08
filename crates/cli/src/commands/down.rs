//! `down`: stop everything that Sternway runs for this project on this machine.

use sternway_host::client::Agent;

use crate::args::Down;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;
use crate::wiring::parts;

pub(super) fn run(context: &Context, args: &Down, json: bool) -> Result<Exit, Failure> {
    if !context.agent_state().exists() {
        said(json, "nothing runs here", false);
        return Ok(Exit::Done);
    }
    if !args.yes {
        return Err(Failure::usage(
            "S0918",
            "this stops every service of this project on this machine; users get nothing then",
        )
        .next("sternway down --yes"));
    }
    // Services outlive an agent that died: only an agent knows them all.
    parts::start_agent(context)?;
    Agent::connect(&context.agent_socket()).and_then(|agent| agent.quit(true)).map_err(|error| {
        Failure::internal("S0320", "not everything was stopped").cause(&error).next("sternway down --yes, again")
    })?;
    // Its sockets are gone; a folder that still holds something is left alone.
    let _next_time_it_is_made_again = std::fs::remove_dir(&context.runtime);
    said(json, "everything is stopped; state and logbook stay where they are", true);
    Ok(Exit::Done)
}

fn said(json: bool, text: &str, stopped: bool) {
    if json {
        render::json(&serde_json::json!({ "format": 1, "stopped": stopped }));
    } else {
        render::line(text);
    }
}
