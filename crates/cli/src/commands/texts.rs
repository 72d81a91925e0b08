//! `schema`, `completions`, `man`: texts that come from one table each.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::failure::{Exit, Failure};
use crate::render;

#[expect(clippy::unnecessary_wraps, reason = "the shape of every command")]
pub(super) fn schema() -> Result<Exit, Failure> {
    render::json(&sternway_core::project::schema());
    Ok(Exit::Done)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every command")]
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    clap_complete::generate(shell, &mut Cli::command(), "sternway", &mut std::io::stdout());
    Ok(Exit::Done)
}

pub(super) fn man() -> Result<Exit, Failure> {
    let failed = |error: std::io::Error| Failure::internal("S0914", "the man page cannot be written").cause(&error);
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
    std::io::stdout().write_all(&page).map_err(failed)?;
    Ok(Exit::Done)
}
