//! `schema` and `man`: texts that come from one table each.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::failure::{Exit, Failure};
use crate::render;

#[expect(clippy::unnecessary_wraps, reason = "the shape of every command")]
pub(super) fn schema() -> Result<Exit, Failure> {
    render::json(&sternway_core::project::schema());
    Ok(Exit::Done)
}

/// The page of all commands on standard output, or a page each in a folder.
pub(super) fn man(out: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let failed = |error: std::io::Error| Failure::internal("S0914", "the man page cannot be written").cause(&error);
    let Some(folder) = out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
        std::io::stdout().write_all(&page).map_err(failed)?;
        return Ok(Exit::Done);
    };
    let failed = |error: std::io::Error| {
        Failure::usage("S0914", format!("the man pages cannot be written to {}", folder.display())).cause(&error)
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    if json {
        render::json(&serde_json::json!({ "format": 1, "folder": folder }));
    } else {
        render::line(&format!("the man pages are in {0}; read one: man {0}/sternway-ship.1", folder.display()));
    }
    Ok(Exit::Done)
}
