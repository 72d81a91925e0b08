//! `demo`: the whole story in two minutes.

use crate::args::Demo;
use crate::demo;
use crate::failure::{Exit, Failure};

pub(super) fn run(args: &Demo, json: bool) -> Result<Exit, Failure> {
    demo::run(args.keep, json)
}

pub(super) fn app(role: &str) -> Result<Exit, Failure> {
    let role = match role {
        "front" => demo::app::Role::Front,
        "component" => demo::app::Role::Component,
        other => {
            return Err(Failure::usage("S0919", format!("the demo has no service `{other}`")).next("sternway demo"));
        }
    };
    demo::app::run(role)
        .map_err(|error| Failure::internal("S0919", "the demo's service ended").because(error.to_string()))?;
    Ok(Exit::Done)
}
