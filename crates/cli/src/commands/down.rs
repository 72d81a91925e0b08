//! `down`: stop everything that Sternway runs for this project on this machine.

use sternway_host::client::Agent;

use crate::args::Down;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;

pub(super) fn run(context: &Context, args: &Down) -> Result<Exit, Failure> {
    let Ok(agent) = Agent::connect(&context.agent_socket()) else {
        render::line("nothing runs here");
        return Ok(Exit::Done);
    };
    if !args.yes {
        return Err(Failure::usage(
            "S0918",
            "this stops every service of this project on this machine; users get nothing then",
        )
        .next("sternway down --yes"));
    }
    agent.quit(true).map_err(|error| {
        Failure::internal("S0320", "not everything was stopped").cause(&error).next("sternway down --yes, again")
    })?;
    // Its sockets are gone; a folder that still holds something is left alone.
    let _next_time_it_is_made_again = std::fs::remove_dir(&context.runtime);
    render::line("everything is stopped; state and logbook stay where they are");
    Ok(Exit::Done)
}
