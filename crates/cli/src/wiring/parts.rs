//! Sternway's own long-running parts on this machine: who starts them, and how they are found.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::ids::EnvironmentName;
use sternway_drivers::proxy::Proxy;
use sternway_host::client::{Agent, ClientError};
use sternway_host::process::{MARKER, NOBODYS};
use sternway_proxy::protocol::Request;

use crate::context::Context;
use crate::failure::Failure;

/// How long a part may take to answer after it was started.
const PATIENCE: Duration = Duration::from_secs(15);

/// The running binary's own path. After the file was replaced on disk, the path that the new one has.
pub(crate) fn program() -> Result<PathBuf, Failure> {
    let path = std::env::current_exe()
        .map_err(|error| Failure::internal("S0914", "the program's own path is not known").cause(&error))?;
    let text = path.to_string_lossy();
    Ok(text.strip_suffix(" (deleted)").map_or_else(|| path.clone(), PathBuf::from))
}

/// Starts an agent, away from this terminal, when none answers.
pub(crate) fn start_agent(context: &Context) -> Result<(), Failure> {
    let socket = context.agent_socket();
    if Agent::connect(&socket).is_ok() {
        return Ok(());
    }
    context.prepare()?;
    let log = context.state.join("agent.log");
    let failed = |error: &std::io::Error| {
        Failure::internal("S0320", "the agent cannot be started").cause(error).production("what served goes on serving")
    };
    let out = OpenOptions::new().create(true).append(true).open(&log).map_err(|error| failed(&error))?;
    let err = out.try_clone().map_err(|error| failed(&error))?;
    Command::new(program()?)
        .arg("--state")
        .arg(&context.state)
        .args(["agent", "--detached"])
        // It may be started by `serve`, whose end must not be the agent's.
        .env(MARKER, NOBODYS)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .current_dir("/")
        .spawn()
        .map_err(|error| failed(&error))?;
    let start = Instant::now();
    while Agent::connect(&socket).is_err() {
        if start.elapsed() > PATIENCE {
            return Err(Failure::internal("S0320", "the agent does not answer")
                .production("what served goes on serving")
                .next(format!("see its log: {}", log.display())));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// What an environment needs on this machine.
pub(crate) struct Needs<'a> {
    /// The environment.
    pub(crate) environment: &'a EnvironmentName,
    /// Whether it has traffic, and so a proxy.
    pub(crate) traffic: bool,
    /// Where the proxy's metrics are read; `None` leaves that as it is.
    pub(crate) metrics: Option<&'a str>,
}

/// Agent, `serve` and the environment's proxy run when this returns. What runs already is left alone: a proxy is not restarted
/// because the program was moved.
pub(crate) fn start_all(context: &Context, needs: &Needs<'_>) -> Result<Agent, Failure> {
    start_agent(context)?;
    let failed = |error: ClientError| {
        Failure::internal("S0320", "the agent did not start proxy and serve")
            .cause(&error)
            .production("what served goes on serving")
    };
    let agent = Agent::connect(&context.agent_socket()).map_err(failed)?;
    let kept = agent.status().map_err(failed)?.kept;
    let keep = |name: &str, arguments: Vec<String>| {
        let runs = kept.iter().find(|part| part.name == name && part.pid.is_some());
        if runs.is_some_and(|part| {
            part.command.get(1..) == Some(&arguments) || (needs.metrics.is_none() && name != "serve")
        }) {
            return Ok(());
        }
        let mut command = vec![program()?.to_string_lossy().into_owned()];
        command.extend(arguments);
        match name.strip_prefix("proxy-").and_then(|name| EnvironmentName::new(name).ok()) {
            // It runs with other arguments: the new one takes over from it.
            Some(environment) if runs.is_some() => {
                agent.replace(name, command, Some(context.proxy_socket(&environment))).map_err(failed)
            }
            _ => agent.keep(name, command).map_err(failed),
        }
    };
    let state = || vec!["--state".to_owned(), context.state.to_string_lossy().into_owned()];
    keep("serve", [state(), vec!["serve".to_owned()]].concat())?;
    if needs.traffic {
        let mut words = vec!["proxy", "--environment", needs.environment.as_str()];
        words.extend(needs.metrics.iter().flat_map(|address| ["--metrics", address]));
        let words = words.into_iter().map(str::to_owned).collect();
        keep(&format!("proxy-{}", needs.environment), [state(), words].concat())?;
        wait_for_proxy(context, needs.environment)?;
    }
    Ok(agent)
}

fn wait_for_proxy(context: &Context, environment: &EnvironmentName) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        let proxy = Proxy::at(&context.proxy_socket(environment));
        match proxy.ask_once(&Request::Status, Duration::from_secs(2)) {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > PATIENCE => {
                let log = context.agent_state().join("kept").join(format!("proxy-{environment}"));
                return Err(Failure::internal("S0604", format!("the proxy of {environment} does not answer"))
                    .cause(&error)
                    .next(format!("see its log in {}", log.display())));
            }
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}
