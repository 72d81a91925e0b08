//! Keeping Sternway's own parts running: the proxy, `serve`.

use std::sync::Arc;

use sternway_core::finding::Finding;
use sternway_core::time::Millis;

use super::start::base_variables;
use super::unit::{Key, Launched};
use super::{Agent, finding};
use crate::folder::{FORMAT, ShimSpec, Subject, Variables};
use crate::protocol::Response;

/// A proxy drains its connections within this time.
const GRACE: Millis = Millis::from_secs(30);

impl Agent {
    pub(super) fn keep(self: &Arc<Self>, name: &str, command: &[String]) -> Result<Response, Box<Finding>> {
        if !valid(name) || command.first().is_none_or(String::is_empty) {
            return Err(finding::bad_name(name));
        }
        let unit = self.unit(&Key::Kept(name.to_owned()));
        loop {
            match self.launch(&unit, || Ok(Some(self.kept_spec(name, command))))? {
                Launched::There { spec, .. } if spec.command != command => self.end(&unit)?,
                _ => return Ok(Response::Done),
            }
        }
    }

    pub(super) fn let_go(&self, name: &str) -> Result<Response, Box<Finding>> {
        if valid(name) {
            self.end(&self.unit(&Key::Kept(name.to_owned())))?;
        }
        Ok(Response::Done)
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
