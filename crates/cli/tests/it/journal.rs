//! The logbook as `sternway log --json --follow` prints it, read while it grows.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use super::project::Project;
use super::until::until;

/// A follower of a project's logbook.
pub(crate) struct Journal {
    child: Child,
    entries: Arc<Mutex<Vec<Value>>>,
}

impl Journal {
    /// Starts to follow; the project must have a logbook.
    pub(crate) fn follow(project: &Project) -> Self {
        let mut command = project.command(&["log", "--json", "--follow", "-n", "0", "--all"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let entries = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&entries);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, entries }
    }

    /// The first entry for which the condition gives something.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, what: &str, mut condition: impl FnMut(&Value) -> Option<T>) -> T {
        until(what, || {
            let entries = self.entries.lock().unwrap();
            entries.iter().find_map(&mut condition).ok_or_else(|| kinds(&entries))
        })
    }

    /// Waits until a step of a rollout began, by its name; `undo NAME` is its way back.
    #[track_caller]
    pub(crate) fn wait_for_step(&self, rollout: u64, name: &str) {
        let (wanted, dir) = name.strip_prefix("undo ").map_or((name, "do"), |name| (name, "undo"));
        let plan = self.wait_for(&format!("rollout {rollout}"), |entry| {
            let plan = &entry["event"]["opened"]["plan"];
            (plan["rollout"] == rollout).then(|| plan.clone())
        });
        let steps = plan["steps"].as_array().unwrap();
        let index = steps.iter().position(|step| step["name"] == wanted).unwrap_or_else(|| panic!("{name}: {steps:?}"));
        self.wait_for(&format!("`{name}` of rollout {rollout}"), |entry| {
            let began = &entry["event"]["began"];
            (began["rollout"] == rollout && began["step"] == index && began["dir"] == dir).then_some(())
        });
    }

    /// Why a rollout went back, if it did.
    pub(crate) fn why_back(&self, rollout: u64) -> Option<String> {
        let entries = self.entries.lock().unwrap();
        let unwound = entries.iter().map(|entry| &entry["event"]["unwound"]);
        unwound
            .filter(|unwound| unwound["rollout"] == rollout)
            .find_map(|unwound| unwound["why"].as_str().map(str::to_owned))
    }

    /// Waits for the end of a rollout: `committed`, `rolled_back` or `cancelled`.
    #[track_caller]
    pub(crate) fn wait_for_end(&self, rollout: u64) -> String {
        self.wait_for(&format!("the end of rollout {rollout}"), |entry| {
            let closed = &entry["event"]["closed"];
            (closed["rollout"] == rollout).then(|| closed["outcome"].as_str().unwrap().to_owned())
        })
    }
}

/// The last entries in short, for a failure.
fn kinds(entries: &[Value]) -> Vec<String> {
    let events = entries.iter().map(|entry| entry["event"].to_string().chars().take(160).collect());
    let mut events: Vec<String> = events.filter(|event: &String| !event.contains("\"observed\"")).collect();
    events.split_off(events.len().saturating_sub(12))
}

impl Drop for Journal {
    fn drop(&mut self) {
        let _it_may_have_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
