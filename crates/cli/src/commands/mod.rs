//! One file a command.

mod approve;
mod check;
mod complete;
mod demo;
mod diff;
mod down;
mod explain;
mod facts;
mod hold;
mod incident;
mod init;
mod log;
mod parts;
mod plan;
mod prove;
mod register;
mod report;
mod rollback;
mod scan;
mod serve;
mod ship;
mod status;
mod texts;
mod unchanged;
mod upgrade;
mod watch;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Runs one command.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    let global = &cli.global;
    let context = || Context::find(global);
    match cli.command {
        Command::Init => init::run(global),
        Command::Check(args) => check::run(&context()?, &args, global.json),
        Command::Register(args) => register::run(&context()?, &args, global.json),
        Command::Watch(args) => watch::run(&context()?, &args, global.json),
        Command::Diff(args) => diff::run(&context()?, &args, global.json),
        Command::Scan(args) => scan::run(&args, global.json),
        Command::Facts(args) => facts::run(&context()?, &args, global.json),
        Command::Plan(args) => plan::run(&context()?, &args, global.json),
        Command::Ship(args) => ship::run(&context()?, &args, global.json),
        Command::Rollback(args) => rollback::run(&context()?, &args, global.json),
        Command::Status(args) => status::run(&context()?, &args, global.json),
        Command::Log(args) => log::run(&context()?, &args, global.json),
        Command::Approve(args) => approve::run(&context()?, &args, true, global.json),
        Command::Deny(args) => approve::run(&context()?, &args, false, global.json),
        Command::Resume(args) => hold::resume(&context()?, &args, global.json),
        Command::Hold(args) => hold::hold(&context()?, &args, global.json),
        Command::Incident(args) => incident::run(&context()?, &args, global.json),
        Command::Report(args) => report::run(&context()?, &args, global.json),
        Command::Demo(args) => demo::run(&args, global.json),
        Command::Explain(args) => explain::run(&args, global.json),
        Command::Schema => texts::schema(),
        Command::Serve => serve::run(&context()?),
        Command::Agent(args) => parts::agent(&context()?, &args),
        Command::Proxy(args) => parts::proxy(&context()?, &args),
        Command::Upgrade(args) => upgrade::run(&context()?, &args, global.json),
        Command::Down(args) => down::run(&context()?, &args, global.json),
        Command::Completions { shell } => complete::script(shell),
        Command::Man(args) => texts::man(args.out.as_deref(), global.json),
        Command::CompleteNames { words } => complete::names(&words),
        Command::Shim { dir } => parts::shim(&dir),
        Command::Prove { within } => prove::run(within),
        Command::DemoApp { role } => demo::app(&role),
    }
}
