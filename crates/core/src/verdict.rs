//! Pass, fail, or unknown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer to one question about production. Unknown is a value of its own: it is never pass, never equal, never down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was observed, and it holds.
    Pass,
    /// It was observed, and it does not hold.
    Fail,
    /// It could not be observed.
    Unknown,
}

impl Verdict {
    /// The verdict over both: a failure decides, else anything unknown, else pass.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Pass, Self::Pass) => Self::Pass,
        }
    }
}
