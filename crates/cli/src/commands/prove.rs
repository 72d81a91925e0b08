//! `prove`: what the agent starts for each proof. Reads the question from standard input, writes the answer to standard output.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use sternway_live::{FORMAT, Question};

use crate::failure::{Exit, Failure};
use crate::render;

/// No question is longer, in bytes: as long as a line between agent and command may be.
const LONGEST: u64 = 64 << 20;

pub(super) fn run(within: u64) -> Result<Exit, Failure> {
    // Whoever started it may have died: it ends by itself all the same. What it wrote for a proof expires.
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(within));
        render::leave(Exit::Internal)
    });
    let not_one = || Failure::internal("S0323", "what stands on standard input is no question of this version");
    let mut text = String::new();
    std::io::stdin().take(LONGEST).read_to_string(&mut text).map_err(|_| not_one())?;
    // The reader's words may quote a value.
    let question: Question = serde_json::from_str(&text).map_err(|_| not_one())?;
    if question.format != FORMAT {
        return Err(not_one());
    }
    render::json(&serde_json::to_value(sternway_live::prove(&question)).map_err(|_| not_one())?);
    Ok(Exit::Done)
}
