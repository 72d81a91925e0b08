//! The register: values that only a protected environment has, each with an owner, a reason and, best, an end.
//!
//! Nobody can have tested such a value elsewhere. So somebody answers for it, and is asked again when the time is over.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::ServiceName;
use crate::time::Timestamp;

/// What is accepted in one environment: by service, by key.
pub type Register = BTreeMap<ServiceName, BTreeMap<String, Accepted>>;

/// How long an entry that has expired only warns.
pub const GRACE: Duration = Duration::from_hours(14 * 24);

/// A production-only value for which somebody answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// Until when; `None`: without an end.
    pub until: Option<Timestamp>,
    /// Who accepted it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Where an entry stands in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds.
    Accepted,
    /// Its time is over, since less than [`GRACE`]: it warns.
    Expired,
    /// Its time is over for longer than that: it blocks.
    Lapsed,
}

impl Accepted {
    /// Where it stands at this time.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.until {
            Some(until) if now >= until.plus(GRACE) => Standing::Lapsed,
            Some(until) if now >= until => Standing::Expired,
            _ => Standing::Accepted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn until(until: Option<i64>) -> Accepted {
        let (owner, reason, by) = ("ops".to_owned(), "r".to_owned(), "ann".to_owned());
        Accepted { owner, reason, until: until.map(Timestamp::from_millis), by, at: Timestamp::from_millis(0) }
    }

    #[test]
    fn an_entry_holds_until_its_end_then_warns_for_14_days_then_blocks() {
        let entry = until(Some(100 * DAY));
        let told = [
            (100 * DAY - 1, Standing::Accepted),
            (100 * DAY, Standing::Expired),
            (114 * DAY - 1, Standing::Expired),
            (114 * DAY, Standing::Lapsed),
        ];
        for (now, standing) in told {
            assert_eq!(entry.standing(Timestamp::from_millis(now)), standing, "{now}");
        }
        assert_eq!(until(None).standing(Timestamp::from_millis(i64::MAX)), Standing::Accepted);
    }
}
