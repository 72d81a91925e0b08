//! The incidents of `examples/`, replayed with what they really happened with.

use std::path::Path;
use std::process::Command;

use super::project::ran;

#[test]
fn the_wrong_session_store_ends_three_times_as_told() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/incidents/session-store/run");
    let mut command = Command::new(run);
    command.env("STERNWAY", env!("CARGO_BIN_EXE_sternway"));
    ran(command).exits(0).says("all three endings as told");
}
