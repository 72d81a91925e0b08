//! Mistakes that people make in configuration. Each operator makes every case that it can of a layout; the run takes some of them by chance.

mod keys;
mod layers;
mod places;
mod quoting;
mod secrets;
mod values;

use super::case::Case;
use super::entries::Entry;
use super::layout::Layout;
use super::random::Random;

/// A kind of mistake, or of rewriting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) cases: Cases,
}

/// Every case that it can make of a layout, whose values in production are these.
pub(super) type Cases = fn(&Layout, &[Entry], &mut Random) -> Vec<Case>;

/// All of them, in the order of their names.
pub(super) const ALL: &[Operator] = &[
    Operator { name: "credential-reuse", cases: secrets::reused },
    Operator { name: "dropped-layer", cases: layers::dropped },
    Operator { name: "empty-value", cases: values::emptied },
    Operator { name: "missing-key", cases: keys::missing },
    Operator { name: "other-database", cases: places::database },
    Operator { name: "other-host", cases: places::host },
    Operator { name: "other-port", cases: places::port },
    Operator { name: "other-prefix", cases: places::prefix },
    Operator { name: "placeholder", cases: values::placeholder },
    Operator { name: "requoted", cases: quoting::requoted },
    Operator { name: "swapped-environments", cases: layers::swapped },
    Operator { name: "tls-off", cases: places::tls_off },
    Operator { name: "type-drift", cases: values::drifted },
    Operator { name: "typo-in-key", cases: keys::mistyped },
    Operator { name: "unreplaced-token", cases: values::unreplaced },
];
