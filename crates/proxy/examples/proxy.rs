//! The proxy alone: for its tests and benchmarks.
//!
//! `proxy STATE SOCKET ENVIRONMENT [--metrics ADDRESS] [--response MILLISECONDS] [--workers N]`

use std::time::Duration;

use sternway_proxy::{Options, Tuning};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().ok_or("an argument is missing");
    let mut options = Options { state: next()?.into(), socket: next()?.into(), environment: next()?, metrics: None };
    let mut tuning = Tuning::default();
    while let Some(name) = args.next() {
        let value = args.next().ok_or("a value is missing")?;
        match name.as_str() {
            "--metrics" => options.metrics = Some(value.parse()?),
            "--response" => tuning.response = Duration::from_millis(value.parse()?),
            "--workers" => tuning.workers = value.parse()?,
            _ => return Err(format!("{name}?").into()),
        }
    }
    Ok(sternway_proxy::run_with(options, tuning)?)
}
