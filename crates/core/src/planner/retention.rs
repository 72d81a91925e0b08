//! Which releases may go, and which must stay because they can be a way back.

use crate::digest::Digest;
use crate::event::Outcome;
use crate::ids::{EnvironmentName, ReleaseNumber};
use crate::state::{Release, State};

/// What may be removed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Releases to remove.
    pub remove: Vec<ReleaseNumber>,
    /// The rule, for the logbook.
    pub why: String,
}

/// Keeps the current release, every release of an open rollout, the last `keep` good ones that can be gone back to, and the last
/// failed one (to be looked at). A failed release never counts among the good ones, however many fail.
pub fn retention(state: &State, environment: &EnvironmentName, keep: u32) -> Retention {
    let Some(place) = state.environments.get(environment) else { return Retention::default() };
    let keep = usize::try_from(keep.max(1)).unwrap_or(usize::MAX);
    let mut kept: Vec<ReleaseNumber> = place.current.iter().map(|current| current.release.number).collect();
    if let Some(open) = &place.rollout {
        kept.push(open.plan.candidate.number);
        kept.extend(open.plan.base.iter().map(|base| base.number));
    }
    kept.extend(place.ways_back(&state.releases).iter().take(keep).map(|way| way.release.number));
    kept.extend(place.bad.iter().max_by_key(|(_, bad)| bad.at).and_then(|(digest, _)| {
        let marked =
            |release: &&Release| release.record.digest == *digest && release.record.environment == *environment;
        state.releases.values().rev().find(marked).map(|release| release.record.number)
    }));
    kept.extend(
        place.history.iter().rev().find(|past| past.outcome == Outcome::RolledBack).map(|past| past.candidate.number),
    );
    // Sealed and not opened yet: a `ship` may be about to open it.
    let here = |release: &&Release| release.record.environment == *environment;
    kept.extend(state.releases.values().rev().find(here).map(|release| release.record.number));
    // Two numbers may name the same content: what is kept under one is not removed under the other.
    let digests: Vec<&Digest> =
        kept.iter().filter_map(|number| state.releases.get(number)).map(|release| &release.record.digest).collect();
    let remove = state
        .releases
        .iter()
        .filter(|(number, release)| {
            release.record.environment == *environment
                && !release.removed
                && !kept.contains(number)
                && !digests.contains(&&release.record.digest)
        })
        .map(|(number, _)| *number)
        .collect();
    let why = format!("kept are the current release, {keep} good ones to go back to, and the last failed one");
    Retention { remove, why }
}
