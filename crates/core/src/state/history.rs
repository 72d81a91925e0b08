//! What ended, as it is written down: from release to release the same checks and routes come again, so that each run of equals is written
//! once. A third of the size, and as much quicker to read.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Deployment, JobLeft, Past};
use crate::check::Check;
use crate::event::Outcome;
use crate::ids::RolloutNumber;
use crate::plan::TrafficSpec;
use crate::release::ReleaseRef;
use crate::time::Timestamp;

/// All that ended, oldest first.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Written<'a> {
    manners: Vec<Manner<'a>>,
    past: Vec<Ended<'a>>,
}

/// How several releases were deployed.
#[derive(PartialEq, Serialize, Deserialize, JsonSchema)]
struct Manner<'a> {
    traffic: Cow<'a, Option<TrafficSpec>>,
    checks: Cow<'a, [Check]>,
    keep: u32,
}

/// A [`Past`]; its deployment's release, time and rollout are its own.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Ended<'a> {
    rollout: RolloutNumber,
    base: Cow<'a, Option<ReleaseRef>>,
    candidate: Cow<'a, ReleaseRef>,
    outcome: Outcome,
    at: Timestamp,
    by: Cow<'a, str>,
    why: Cow<'a, Option<String>>,
    /// The jobs that it ran and did not undo.
    jobs: Cow<'a, [JobLeft]>,
    manner: usize,
}

pub(super) fn serialize<S: Serializer>(history: &[Past], serializer: S) -> Result<S::Ok, S::Error> {
    let mut manners: Vec<Manner<'_>> = Vec::new();
    let past = history.iter().map(|past| {
        let Deployment { traffic, checks, keep, .. } = &past.deployment;
        let manner = Manner { traffic: Cow::Borrowed(traffic), checks: Cow::Borrowed(checks), keep: *keep };
        if manners.last() != Some(&manner) {
            manners.push(manner);
        }
        Ended {
            rollout: past.rollout,
            base: Cow::Borrowed(&past.base),
            candidate: Cow::Borrowed(&past.candidate),
            outcome: past.outcome,
            at: past.at,
            by: Cow::Borrowed(&past.by),
            why: Cow::Borrowed(&past.why),
            jobs: Cow::Borrowed(&past.jobs),
            manner: manners.len() - 1,
        }
    });
    let past = past.collect();
    Written { manners, past }.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Past>, D::Error> {
    let Written { manners, past } = Written::deserialize(deserializer)?;
    let read = |ended: Ended<'_>| {
        let manner = manners.get(ended.manner).ok_or_else(|| serde::de::Error::custom("a manner is missing"))?;
        let candidate = ended.candidate.into_owned();
        Ok(Past {
            deployment: Deployment {
                release: candidate.clone(),
                since: ended.at,
                rollout: Some(ended.rollout),
                traffic: manner.traffic.as_ref().clone(),
                checks: manner.checks.to_vec(),
                keep: manner.keep,
            },
            rollout: ended.rollout,
            base: ended.base.into_owned(),
            candidate,
            outcome: ended.outcome,
            at: ended.at,
            by: ended.by.into_owned(),
            why: ended.why.into_owned(),
            jobs: ended.jobs.into_owned(),
        })
    };
    past.into_iter().map(read).collect()
}
