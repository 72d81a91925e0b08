//! What a plan changes, in words for who reads it.

use super::Known;
use crate::plan::{Change, TrafficSpec};
use crate::release::ReleaseContent;

/// What differs, `before` being how the base's requests are routed and `after` how the candidate's will be.
pub(super) fn of(base: Option<&Known>, candidate: &Known, before: Option<&TrafficSpec>, after: &TrafficSpec) -> Change {
    let Some(base) = base else {
        return Change {
            code: true,
            config: Vec::new(),
            summary: format!("release {} is the first", candidate.record.number),
        };
    };
    let code = base.record.code != candidate.record.code;
    let config = match (&base.content, &candidate.content) {
        (Some(before), Some(after)) => changed_keys(before, after),
        _ => Vec::new(),
    };
    let mut words = vec![if code { "other code" } else { "same code" }.to_owned()];
    words.push(match config.len() {
        0 => "same configuration".to_owned(),
        1 => "1 configuration value differs".to_owned(),
        n => format!("{n} configuration values differ"),
    });
    words.extend(run_otherwise(base, candidate));
    words.extend(before.map(|before| reached_otherwise(before, after)).unwrap_or_default());
    let words = words.join(", ");
    let summary = format!("release {} after release {}: {words}", candidate.record.number, base.record.number);
    Change { code, config, summary }
}

/// What of sternway.toml differs beside code and configuration: how services are run, and which requests reach them.
fn run_otherwise(base: &Known, candidate: &Known) -> Vec<String> {
    let (Some(before), Some(after)) = (&base.content, &candidate.content) else { return Vec::new() };
    let mut names: std::collections::BTreeSet<_> = before.services.keys().collect();
    names.extend(after.services.keys());
    let differ = names.into_iter().filter(|name| before.services.get(*name) != after.services.get(*name));
    let differ: Vec<String> = differ.map(|name| format!("`{name}`")).collect();
    let mut words = Vec::new();
    if !differ.is_empty() {
        words.push(format!("run otherwise: {}", differ.join(", ")));
    }
    if before.routes != after.routes {
        words.push("other routes".to_owned());
    }
    words
}

/// How requests reach it that differs: where they are listened for, which redirects count as errors, and how long open ones may go on.
fn reached_otherwise(before: &TrafficSpec, after: &TrafficSpec) -> Vec<String> {
    let mut words = Vec::new();
    if before.listen != after.listen {
        let address = |traffic: &TrafficSpec| match traffic.listen.as_str() {
            "" => "no address".to_owned(),
            listen => listen.to_owned(),
        };
        words.push(format!("listens at {} instead of {}", address(after), address(before)));
    }
    if before.login != after.login {
        words.push(format!(
            "login pages: {}",
            if after.login.is_empty() { "none".to_owned() } else { after.login.join(", ") }
        ));
    }
    if before.drain != after.drain {
        words.push(format!("drains for {} instead of {}", after.drain, before.drain));
    }
    words
}

fn changed_keys(before: &ReleaseContent, after: &ReleaseContent) -> Vec<String> {
    let flat = |content: &ReleaseContent| {
        content
            .config
            .iter()
            .flat_map(|(service, keys)| {
                keys.iter().map(move |(key, print)| (format!("{service}:{key}"), print.clone()))
            })
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (before, after) = (flat(before), flat(after));
    let mut keys: Vec<String> =
        after.iter().filter(|(key, print)| before.get(*key) != Some(print)).map(|(key, _)| key.clone()).collect();
    keys.extend(before.keys().filter(|key| !after.contains_key(*key)).cloned());
    keys.sort();
    keys
}
