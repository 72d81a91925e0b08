//! How an agent proves what it is asked to: by this program, started for each proof. So the clients of databases never run in the process that
//! looks after services, what hangs is ended with its process, and a new version of the program proves although the agent is older.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sternway_command::{Keep, Limits, run};
use sternway_host::prover::Prove;

use super::parts::program;

/// No answer is longer, in bytes.
const LONGEST: usize = 16 << 20;
/// How much earlier than who asks gives up the program ends by itself, so that it can still delete what it wrote.
const SOONER: Duration = Duration::from_secs(2);

/// This program.
#[derive(Debug)]
pub(crate) struct OwnProgram {
    /// The state folder, by which people and `down` know whose process it is.
    pub(crate) state: PathBuf,
}

impl Prove for OwnProgram {
    fn prove(&self, question: &Value, within: Duration) -> Result<Value, String> {
        let program = program().map_err(|_| "the program's own path is not known".to_owned())?;
        let mut command = Command::new(program);
        let own = within.saturating_sub(SOONER).max(Duration::from_secs(1));
        command.arg("--state").arg(&self.state).args(["prove", "--within", &own.as_millis().to_string()]);
        command.current_dir("/");
        let input = question.to_string();
        let limits = Limits { within, keep: Keep::All(LONGEST), errors: false, input: Some(input.as_bytes()) };
        let ended = run(command, &limits).map_err(|failed| failed.to_string())?;
        if !ended.status.success() {
            return Err(sternway_command::words(ended.status));
        }
        let output = ended.output.ok_or("its answer cannot be read")?;
        // Its words may quote the answer; that it is none says enough.
        serde_json::from_slice(&output).map_err(|_| "its answer is not understood".to_owned())
    }
}
