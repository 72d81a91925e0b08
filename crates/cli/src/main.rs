//! The binary `sternway`: arguments, rendering, wiring of capabilities to ports, exit codes.
//!
//! One file a command in `commands/`; one file a capability in `wiring/`, where it is made to fit the engine's ports.

mod args;
mod baseline;
mod commands;
mod context;
mod demo;
mod failure;
mod fix;
mod gather;
mod init;
mod person;
mod release;
mod remembered;
mod render;
mod report;
mod wiring;

use clap::{CommandFactory as _, Parser as _};

fn main() -> std::process::ExitCode {
    let cli = args::Cli::try_parse().unwrap_or_else(|error| misread(error));
    let json = cli.global.json;
    render::places::of_project(&cli.global.project);
    let exit = commands::run(cli).unwrap_or_else(|failure| {
        render::failure(&failure, json);
        failure.exit()
    });
    std::process::ExitCode::from(exit as u8)
}

/// Says what is wrong with what was typed, and ends. Commands that nobody types are neither listed nor suggested; and without any
/// command, help is more than a list of names, also where the environment sets an option.
fn misread(mut error: clap::Error) -> ! {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    if error.kind() == ErrorKind::MissingSubcommand && std::env::args_os().len() == 1 {
        render::say(args::Cli::command().render_help().to_string().trim_end());
        render::leave(failure::Exit::Usage);
    }
    let command = args::Cli::command();
    let hidden: Vec<&str> =
        command.get_subcommands().filter(|own| own.is_hide_set()).map(clap::Command::get_name).collect();
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::ValidSubcommand] {
        if let Some(ContextValue::Strings(names)) = error.get(kind) {
            let names: Vec<String> = names.iter().filter(|name| !hidden.contains(&name.as_str())).cloned().collect();
            error.insert(kind, ContextValue::Strings(names));
        }
    }
    error.exit()
}
