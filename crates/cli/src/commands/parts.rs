//! `agent`, `proxy`, `shim`: the long-running parts.

use std::path::Path;

use crate::args::{AgentArgs, ProxyArgs};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::parts::program;

pub(super) fn agent(context: &Context, args: &AgentArgs) -> Result<Exit, Failure> {
    context.prepare()?;
    if args.detached {
        // A process that was started from a terminal must not die with it. Failing means that it leads a session already.
        let _already_a_leader = rustix::process::setsid();
    }
    let options = sternway_host::agent::AgentOptions::new(context.agent_state(), context.agent_socket(), program()?);
    sternway_host::agent::run(options).map_err(|error| {
        Failure::internal("S0320", "the agent ended").cause(&error).production("what served goes on serving")
    })?;
    Ok(Exit::Done)
}

pub(super) fn proxy(context: &Context, args: &ProxyArgs) -> Result<Exit, Failure> {
    let environment = sternway_core::ids::EnvironmentName::new(&args.environment)
        .map_err(|error| Failure::usage("S0912", "that is no environment").cause(&error))?;
    let options = sternway_proxy::Options {
        state: context.proxy_state(&environment),
        socket: context.proxy_socket(&environment),
        environment: environment.to_string(),
        metrics: args.metrics,
    };
    sternway_proxy::run(options)
        .map_err(|error| Failure::internal("S0604", format!("the proxy of {environment} ended")).cause(&error))?;
    Ok(Exit::Done)
}

pub(super) fn shim(dir: &Path) -> Result<Exit, Failure> {
    sternway_host::shim::run(dir).map_err(|error| Failure::internal("S0321", "the shim ended").cause(&error))?;
    Ok(Exit::Done)
}
