//! A project and a state of their own, shipped with the real binary.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::app::Behaviour;
use super::{Outcome, binaries};
use crate::say;

/// What differs between the environments of the benchmarks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// Percent of traffic.
    pub(super) steps: &'static [u8],
    /// How long a share is watched.
    pub(super) verify: &'static str,
    /// How long all traffic is watched.
    pub(super) bake: &'static str,
}

/// The folders, and what runs there until it is dropped.
pub(super) struct Stage {
    folder: TempDir,
    pub(super) listen: SocketAddr,
    sternway: PathBuf,
    shipped: u64,
}

/// How a release ended.
pub(super) struct Shipped {
    /// Exit code: 0 committed, 11 rolled back.
    pub(super) code: i32,
    /// When it was asked for and when the command returned, by the machine's clock.
    pub(super) span: (SystemTime, SystemTime),
    pub(super) took: Duration,
    said: String,
}

impl Shipped {
    /// An error with what the command said, unless it ended like this.
    pub(super) fn expect(self, code: i32) -> Outcome<Self> {
        if self.code == code { Ok(self) } else { Err(format!("ship ended with {}:\n{}", self.code, self.said).into()) }
    }
}

/// A step as the logbook tells it.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub(super) step: String,
    pub(super) back: bool,
    /// Milliseconds since 1970.
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Stage {
    /// Makes the folders and ships a first, good release.
    pub(super) fn set(settings: Settings) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("sternway-bench-").tempdir()?;
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut stage = Self { folder, listen, sternway: binaries()?.join("sternway"), shipped: 0 };
        fs::create_dir_all(stage.project().join("web"))?;
        stage.configure(settings)?;
        stage.ship(Behaviour::Good)?.expect(0)?;
        Ok(stage)
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Writes sternway.toml.
    pub(super) fn configure(&self, settings: Settings) -> Outcome<()> {
        let app = std::env::current_exe()?;
        let run = toml::Value::String(format!("exec '{}' bench-app", app.display()));
        let (listen, Settings { steps, verify, bake }) = (self.listen, settings);
        let text = format!(
            r#"[project]
name = "bench"

[services.web]
path = "web"
run = {run}
ready = "http:/ready"

[environments.production]
listen = "{listen}"
routes = {{ "/" = "web" }}
steps = {steps:?}
verify = "{verify}"
bake = "{bake}"
drain = "2s"

[[checks]]
name = "check"
http = {{ method = "GET", url = "/check", contains = "here" }}
smoke = true
monitor = "1s"
"#
        );
        Ok(fs::write(self.project().join("sternway.toml"), text)?)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.sternway);
        command.arg("--project").arg(self.project()).arg("--state").arg(self.folder.path().join("state"));
        command.args(words).stdin(Stdio::null());
        command
    }

    /// `sternway ship production` of a new release.
    pub(super) fn ship(&mut self, behaviour: Behaviour) -> Outcome<Shipped> {
        self.shipped += 1;
        fs::write(self.project().join("web/behaviour"), behaviour.text(self.shipped))?;
        let (from, since) = (SystemTime::now(), Instant::now());
        let output = self.command(&["ship", "production"]).output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok(Shipped {
            code: output.status.code().unwrap_or(-1),
            span: (from, SystemTime::now()),
            took: since.elapsed(),
            said: String::from_utf8_lossy(&said).into_owned(),
        })
    }

    /// Every step that began and finished, in order.
    pub(super) fn ran(&self) -> Outcome<Vec<Ran>> {
        let output = self.command(&["log", "-n", "0", "--json"]).output()?;
        let text = String::from_utf8(output.stdout)?;
        steps_of(text.lines())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let down = self.command(&["down", "--yes"]).output();
        if !down.is_ok_and(|output| output.status.success()) {
            say(&format!("what was started may still run: its state is {}\n", self.folder.path().display()));
        }
    }
}

/// Pairs what began with what finished; names come from the plans.
fn steps_of<'a>(lines: impl Iterator<Item = &'a str>) -> Outcome<Vec<Ran>> {
    let mut names: Vec<String> = Vec::new();
    let mut began = None;
    let mut ran = Vec::new();
    for line in lines {
        let entry: serde_json::Value = serde_json::from_str(line)?;
        let at: jiff::Timestamp = entry["at"].as_str().unwrap_or_default().parse()?;
        let at = at.as_millisecond();
        let event = &entry["event"];
        if let Some(steps) = event["opened"]["plan"]["steps"].as_array() {
            names = steps.iter().map(|step| step["name"].as_str().unwrap_or_default().to_owned()).collect();
        }
        if event["began"].is_object() {
            began = Some(at);
        }
        let finished = &event["finished"];
        if let (Some(index), Some(from)) = (finished["step"].as_u64(), began) {
            let step = usize::try_from(index).ok().and_then(|index| names.get(index)).cloned().unwrap_or_default();
            ran.push(Ran { step, back: finished["dir"] == "undo", from, to: at });
        }
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_from_the_logbook() {
        let log = [
            r#"{"at":"2026-01-01T00:00:00.000Z","event":{"opened":{"plan":{"steps":[{"name":"stage"},{"name":"switch"}]}}}}"#,
            r#"{"at":"2026-01-01T00:00:00.100Z","event":{"began":{"rollout":1,"step":1,"dir":"do","attempt":1}}}"#,
            r#"{"at":"2026-01-01T00:00:00.125Z","event":{"finished":{"rollout":1,"step":1,"dir":"do","result":{"done":{"note":""}}}}}"#,
            r#"{"at":"2026-01-01T00:00:01.000Z","event":{"noted":{"text":"other"}}}"#,
        ];
        let ran = steps_of(log.into_iter()).unwrap();
        assert_eq!(ran.len(), 1);
        assert_eq!((ran[0].step.as_str(), ran[0].back, ran[0].to - ran[0].from), ("switch", false, 25));
    }
}
