//! `init`: a commented sternway.toml from what the project already has.

use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::{init, render};

pub(super) fn run(global: &Global) -> Result<Exit, Failure> {
    let guess = init::guess(&global.project);
    let path = init::write(&global.project, &guess)
        .map_err(|error| Failure::usage("S0917", "sternway.toml was not written").cause(&error).next(error.hint()))?;
    if global.json {
        render::json(&serde_json::json!({
            "format": 1, "file": path, "explained": guess.explained, "warnings": guess.warnings,
        }));
        return Ok(Exit::Done);
    }
    render::line(&format!("wrote {}", path.display()));
    for line in &guess.explained {
        render::line(&format!("  {line}"));
    }
    for warning in &guess.warnings {
        render::line(&format!("  careful: {warning}"));
    }
    render::line("next: read it, then `sternway check`");
    Ok(Exit::Done)
}
