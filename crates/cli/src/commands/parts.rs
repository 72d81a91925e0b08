//! `agent`, `proxy`, `shim`: the long-running parts.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sternway_host::agent::{AgentError, AgentOptions};
use sternway_host::client::Agent;
use sternway_host::prover::Prover;

use crate::args::{AgentArgs, ProxyArgs};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::parts::program;
use crate::wiring::prover::OwnProgram;

pub(super) fn agent(context: &Context, args: &AgentArgs) -> Result<Exit, Failure> {
    context.prepare()?;
    if args.detached {
        // A process that was started from a terminal must not die with it. Failing means that it leads a session already.
        let _already_a_leader = rustix::process::setsid();
    }
    let mut options = AgentOptions::new(context.agent_state(), context.agent_socket(), program()?);
    options.prover = Prover::new(Arc::new(OwnProgram { state: context.state.clone() }));
    let start = Instant::now();
    loop {
        if !args.detached {
            take_over(context, start)?;
        }
        match sternway_host::agent::run(options.clone()) {
            Ok(()) => return Ok(Exit::Done),
            // One that was told to end has still the lock, or `serve` was quicker to start another.
            Err(AgentError::Taken { .. } | AgentError::SocketTaken { .. })
                if !args.detached && start.elapsed() < PATIENCE =>
            {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => {
                return Err(Failure::internal("S0320", "the agent ended")
                    .cause(&error)
                    .production("what served goes on serving"));
            }
        }
    }
}

/// How long an agent may take to let go of the state folder.
const PATIENCE: Duration = Duration::from_secs(20);

/// An agent that a command has started, because none ran, makes room for one that somebody (systemd, say) means to run from now on.
/// All that it started goes on. One that was itself started like this stays: two of them would end each other for ever.
fn take_over(context: &Context, start: Instant) -> Result<(), Failure> {
    while let Ok(agent) = Agent::connect(&context.agent_socket()) {
        let Ok(status) = agent.status() else { return Ok(()) };
        if !is_detached(status.pid) {
            let text = format!("an agent runs here already, process {}, and was not started by a command", status.pid);
            return Err(Failure::usage("S0320", text)
                .production("what served goes on serving")
                .next("leave it to that one, or stop it first: what it started goes on"));
        }
        if start.elapsed() > PATIENCE {
            return Err(Failure::internal("S0320", format!("the agent, process {}, does not make room", status.pid))
                .production("what served goes on serving"));
        }
        // It may have ended meanwhile: the next look shows.
        let _told = agent.quit(false);
        while start.elapsed() <= PATIENCE && runs(status.pid) {
            thread::sleep(Duration::from_millis(10));
        }
    }
    Ok(())
}

fn runs(pid: u32) -> bool {
    !words_of(pid).is_empty()
}

/// Whether this process is an agent that a command has started.
fn is_detached(pid: u32) -> bool {
    words_of(pid).iter().any(|word| word == "--detached")
}

/// A process's command line; empty when there is none, or only a zombie of it.
fn words_of(pid: u32) -> Vec<String> {
    let line = std::fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
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
