//! The binary `sternway`: arguments, rendering, wiring of capabilities to ports, exit codes.
//!
//! One file a command in `commands/`; one file a capability in `wiring/`, where it is made to fit the engine's ports.

mod args;
mod commands;
mod context;
mod demo;
mod failure;
mod gather;
mod init;
mod person;
mod release;
mod render;
mod report;
mod wiring;

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    let cli = args::Cli::parse();
    let json = cli.global.json;
    render::places::of_project(&cli.global.project);
    let exit = commands::run(cli).unwrap_or_else(|failure| {
        render::failure(&failure, json);
        failure.exit()
    });
    std::process::ExitCode::from(exit as u8)
}
