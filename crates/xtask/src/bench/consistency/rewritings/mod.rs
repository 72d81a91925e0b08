//! Changes that change nothing, or what is free to change: a finding about one is a false alarm.

mod forms;
mod layers;
mod order;
mod places;
mod spelling;
mod tuning;

use super::entries::Entry;
use super::operators::Operator;

/// All of them, in the order of their names.
pub(super) const ALL: &[Operator] = &[
    Operator { name: "anchors", cases: layers::anchored },
    Operator { name: "another-host", cases: places::moved },
    Operator { name: "another-password", cases: places::rotated },
    Operator { name: "comments", cases: spelling::commented },
    Operator { name: "default-port", cases: forms::default_port },
    Operator { name: "host-spelling", cases: spelling::hosts },
    Operator { name: "interpolated", cases: layers::interpolated },
    Operator { name: "key-order", cases: order::keys },
    Operator { name: "layer-moved", cases: layers::moved },
    Operator { name: "line-ends", cases: spelling::line_ends },
    Operator { name: "other-form", cases: forms::other },
    Operator { name: "percent-encoded", cases: spelling::percent_encoded },
    Operator { name: "renamed-staging", cases: places::renamed_staging },
    Operator { name: "requoted-same", cases: spelling::requoted },
    Operator { name: "settings-order", cases: order::settings },
    Operator { name: "spacing", cases: spelling::spaced },
    Operator { name: "synonyms", cases: forms::synonyms },
    Operator { name: "tuning-changed", cases: tuning::changed },
];

/// The values that only production reads.
fn own(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| entry.own)
}
