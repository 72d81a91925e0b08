//! `upgrade`: the program that is installed now takes the place of the one that runs, part after part, under the users' feet.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use sternway_core::ids::EnvironmentName;
use sternway_host::client::{Agent, ClientError};
use sternway_host::protocol::{Kept, Status};

use crate::args::Upgrade;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;
use crate::wiring::parts;

/// How long a part may take until it answers as the new one.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether an agent runs here, or something that one has left behind. What was stopped (`down`) is not started by an upgrade.
fn runs_anything(context: &Context) -> bool {
    if Agent::connect(&context.agent_socket()).is_ok() {
        return true;
    }
    let units = ["kept", "instances"].map(|units| context.agent_state().join(units));
    let mut folders = units.into_iter().flat_map(|units| std::fs::read_dir(units).into_iter().flatten().flatten());
    folders.any(|unit| unit.path().join("spec.json").exists())
}

/// What was done to a part.
struct Done {
    name: String,
    before: Option<u32>,
    after: Option<u32>,
    replaced: bool,
}

pub(super) fn run(context: &Context, args: &Upgrade, json: bool) -> Result<Exit, Failure> {
    if !runs_anything(context) {
        if json {
            render::json(&json!({ "format": 1, "version": env!("CARGO_PKG_VERSION"), "parts": [] }));
        } else {
            render::line("nothing runs here");
        }
        return Ok(Exit::Done);
    }
    let program = parts::program()?;
    let mut done = vec![agent(context, &program, args.all)?];
    report(&done[0], json);
    let agent = Agent::connect(&context.agent_socket()).map_err(|error| failed("the agent", &error))?;
    let mut kept = agent.status().map_err(|error| failed("the agent", &error))?.kept;
    // First what users meet; `serve` takes up again what it was driving when it is back.
    kept.sort_by_key(|part| part.name == "serve");
    for part in kept {
        done.push(kept_part(context, &agent, &program, &part, args.all)?);
        if let Some(last) = done.last() {
            report(last, json);
        }
    }
    if json {
        let parts: Vec<_> = done
            .iter()
            .map(|part| json!({ "name": part.name, "before": part.before, "pid": part.after, "replaced": part.replaced }))
            .collect();
        render::json(&json!({ "format": 1, "version": env!("CARGO_PKG_VERSION"), "parts": parts }));
    } else {
        render::line("services were not touched");
    }
    Ok(Exit::Done)
}

fn report(part: &Done, json: bool) {
    if json {
        return;
    }
    let pid = |pid: Option<u32>| pid.map_or_else(|| "none".to_owned(), |pid| pid.to_string());
    let what = match part {
        Done { replaced: false, .. } => "runs this program already".to_owned(),
        Done { before: None, after, .. } => format!("started, process {}", pid(*after)),
        Done { before, after, .. } if before == after => format!("became this program, process {}", pid(*after)),
        Done { before, after, .. } => format!("replaced, process {} by {}", pid(*before), pid(*after)),
    };
    render::line(&format!("{:<24}{what}", part.name));
}

fn failed(what: &str, error: &ClientError) -> Failure {
    Failure::internal("S0320", format!("{what} was not replaced"))
        .cause(error)
        .production("what served goes on serving")
        .next("sternway upgrade, again: what is done already is left alone")
}

/// Whether a process runs this very file, and not one that was at its place before.
fn runs(pid: u32, program: &Path) -> bool {
    let file = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let running = file(&Path::new("/proc").join(pid.to_string()).join("exe"));
    running.is_some() && running == file(program)
}

/// The agent becomes the new program, or is started.
fn agent(context: &Context, program: &Path, all: bool) -> Result<Done, Failure> {
    let status = || Agent::connect(&context.agent_socket()).and_then(|agent| agent.status());
    let done = |before: Option<&Status>, now: &Status, replaced| Done {
        name: "agent".to_owned(),
        before: before.map(|status| status.pid),
        after: Some(now.pid),
        replaced,
    };
    let Ok(before) = status() else {
        parts::start_agent(context)?;
        let now = status().map_err(|error| failed("the agent", &error))?;
        return Ok(done(None, &now, true));
    };
    if !all && runs(before.pid, program) {
        return Ok(done(Some(&before), &before, false));
    }
    Agent::connect(&context.agent_socket())
        .and_then(|agent| agent.renew(program))
        .map_err(|error| failed("the agent", &error))?;
    let start = Instant::now();
    loop {
        match status() {
            Ok(now) if now.since != before.since => return Ok(done(Some(&before), &now, true)),
            _ if start.elapsed() > PATIENCE => {
                let log = context.state.join("agent.log");
                return Err(Failure::internal("S0320", "the agent did not become the new program")
                    .production("what served goes on serving")
                    .next(format!("see its log, {}; then sternway upgrade, again", log.display())));
            }
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn kept_part(context: &Context, agent: &Agent, program: &Path, part: &Kept, all: bool) -> Result<Done, Failure> {
    let mut command = part.command.clone();
    if let Some(first) = command.first_mut() {
        *first = program.to_string_lossy().into_owned();
    }
    let done = |after, replaced| Done { name: part.name.clone(), before: part.pid, after, replaced };
    if !all && command == part.command && part.pid.is_some_and(|pid| runs(pid, program)) {
        return Ok(done(part.pid, false));
    }
    let environment = part.name.strip_prefix("proxy-").and_then(|name| EnvironmentName::new(name).ok());
    let answers = environment.map(|environment| context.proxy_socket(&environment));
    agent.replace(&part.name, command, answers).map_err(|error| failed(&part.name, &error))?;
    let start = Instant::now();
    loop {
        let kept = agent.status().map_err(|error| failed(&part.name, &error))?.kept;
        let now = kept.into_iter().find(|kept| kept.name == part.name).and_then(|kept| kept.pid);
        if (now.is_some() && now != part.pid) || start.elapsed() > PATIENCE {
            return Ok(done(now, true));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
