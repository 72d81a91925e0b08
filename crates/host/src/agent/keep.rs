//! Keeping Sternway's own parts running: the proxy, `serve`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use sternway_core::finding::Finding;
use sternway_core::time::Millis;
use sternway_wire::Client;

use super::start::base_variables;
use super::unit::{Key, Launched, Unit};
use super::{Agent, finding, held};
use crate::folder::{FORMAT, ShimSpec, Subject, Variables};
use crate::log;
use crate::protocol::Response;

/// A proxy drains its connections within this time.
const GRACE: Millis = Millis::from_secs(30);

/// How long a new process may take to take over.
const PATIENCE: Millis = Millis::from_secs(10);

impl Agent {
    pub(super) fn keep(self: &Arc<Self>, name: &str, command: &[String]) -> Result<Response, Box<Finding>> {
        check(name, command)?;
        let _changing = held(&self.parts);
        loop {
            let unit = self.kept(name).unwrap_or_else(|| self.free_place(name));
            match self.launch(&unit, || Ok(Some(self.kept_spec(name, command))))? {
                Launched::There { spec, .. } if spec.command != command => self.end(&unit)?,
                _ => return Ok(Response::Done),
            }
        }
    }

    pub(super) fn let_go(&self, name: &str) -> Result<Response, Box<Finding>> {
        if valid(name) {
            let _changing = held(&self.parts);
            let all: Vec<_> = self.all_kept(name).collect();
            self.end_together(&all)?;
        }
        Ok(Response::Done)
    }

    pub(super) fn replace(
        self: &Arc<Self>,
        name: &str,
        command: &[String],
        answers: Option<&Path>,
    ) -> Result<Response, Box<Finding>> {
        check(name, command)?;
        let _changing = held(&self.parts);
        let make = || Ok(Some(self.kept_spec(name, command)));
        let old = self.kept(name);
        let (Some(old), Some(answers)) = (&old, answers) else {
            if let Some(old) = &old {
                self.end(old)?;
            }
            self.launch(&self.free_place(name), make)?;
            return Ok(Response::Done);
        };
        let cannot_write = |error| finding::cannot_write(&old.key.to_string(), &error);
        let new = self.free_place(name);
        old.folder.set_leaving(true).map_err(cannot_write)?;
        let stays = || {
            let _changing = held(&old.change);
            // It may have ended meanwhile, and then it is for its watch to start it again.
            old.folder.spec().is_ok_and(|spec| spec.is_some()) && old.folder.set_leaving(false).is_ok()
        };
        if let Err(finding) = self.launch(&new, make) {
            stays();
            return Err(finding);
        }
        if has_taken_over(&new, answers) {
            return Ok(Response::Done);
        }
        let last = log::tail(new.folder.path(), 5);
        if stays() {
            self.kill(&new)?;
        }
        Err(finding::not_taken_over(name, PATIENCE, &last))
    }

    /// Ends a unit at once: if it has taken over in the very last moment, the one before serves again when it is killed, but not
    /// when it is told to end.
    fn kill(&self, unit: &Unit) -> Result<(), Box<Finding>> {
        // Without the mark it would be started again; `end` writes it again and says when it cannot.
        let _marked = unit.folder.mark_stop();
        if let Some(child) = unit.folder.status().and_then(|status| status.child) {
            child.signal(Signal::KILL);
        }
        self.end(unit)
    }

    /// All units of a kept part, also one whose place another has taken.
    fn all_kept(&self, name: &str) -> impl Iterator<Item = Arc<Unit>> {
        let is_of = move |spec: &ShimSpec| matches!(&spec.subject, Subject::Kept { name: kept } if kept == name);
        self.running_units().into_iter().filter(move |(_, spec)| is_of(spec)).map(|(unit, _)| unit)
    }

    /// The unit of a kept part.
    fn kept(&self, name: &str) -> Option<Arc<Unit>> {
        self.all_kept(name).find(|unit| !unit.folder.is_leaving())
    }

    /// A place in which nothing runs: `kept/NAME`, or beside it while another one leaves.
    fn free_place(&self, name: &str) -> Arc<Unit> {
        let place = |number: u32| if number == 0 { name.to_owned() } else { format!("{name}+{number}") };
        let mut number = 0;
        loop {
            let unit = self.unit(&Key::Kept(place(number)));
            if matches!(unit.folder.spec(), Ok(None)) {
                return unit;
            }
            number += 1;
        }
    }

    /// An agent may have died between marking a part and starting what was to take its place.
    pub(super) fn keep_who_is_alone(&self) {
        for (unit, spec) in self.running_units() {
            if let Subject::Kept { name } = &spec.subject
                && unit.folder.is_leaving()
                && self.kept(name).is_none()
                && let Err(error) = unit.folder.set_leaving(false)
            {
                self.warn(finding::cannot_write(&unit.key.to_string(), &error).to_string());
            }
        }
    }

    fn kept_spec(&self, name: &str, command: &[String]) -> ShimSpec {
        let mut variables = base_variables();
        // They find state and sockets as the agent itself does.
        let inherited =
            |name: &str| name.starts_with("XDG_") || (name.starts_with("STERNWAY_") && name != crate::process::MARKER);
        variables.extend(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| inherited(name))?;
            Some((name, value.into_string().ok()?))
        }));
        ShimSpec {
            format: FORMAT,
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            subject: Subject::Kept { name: name.to_owned() },
            command: command.to_vec(),
            cwd: "/".into(),
            variables: Variables(variables),
            grace: GRACE,
            restart: Some(self.options.backoff),
            within: None,
            log: self.options.log,
        }
    }
}

/// Waits until whoever answers at the socket is the unit's process.
fn has_taken_over(unit: &Unit, answers: &Path) -> bool {
    const WAIT: Duration = Duration::from_secs(2);
    let deadline = Instant::now() + PATIENCE.duration();
    while Instant::now() < deadline && !unit.folder.must_stop() {
        let child = unit.folder.status().and_then(|status| status.child).map(|child| child.pid);
        let asked = Client::connect(answers, WAIT).and_then(|mut client| client.ask::<_, Value>(&"status"));
        let serves = asked.ok().and_then(|answer| answer["status"]["pid"].as_u64());
        if child.is_some() && serves == child.map(u64::from) {
            return true;
        }
        unit.wait(Duration::from_millis(20));
    }
    false
}

fn check(name: &str, command: &[String]) -> Result<(), Box<Finding>> {
    if !valid(name) || command.first().is_none_or(String::is_empty) {
        return Err(finding::bad_name(name));
    }
    Ok(())
}

fn valid(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    (1..=100).contains(&name.len())
        && name.bytes().all(allowed)
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        assert!(valid("proxy-production") && valid("serve"));
        for name in ["", "..", ".hidden", "a/b", "A", "a b"] {
            assert!(!valid(name), "{name:?}");
        }
    }
}
