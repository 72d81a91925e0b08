//! How long to wait before something that ended by itself is started again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sternway_core::time::Millis;

/// Pauses that double with each end, until it ran well for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// The first pause.
    pub first: Millis,
    /// No pause is longer.
    pub most: Millis,
    /// After a run of this length the next pause is the first one again.
    pub forgiven: Millis,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Millis(250), most: Millis::from_secs(30), forgiven: Millis::from_secs(60) }
    }
}

impl Backoff {
    /// The pause after a run of this length, when the pause before that run was `last`.
    pub(crate) fn pause(&self, last: Option<Duration>, ran: Duration) -> Duration {
        match last {
            Some(last) if ran < self.forgiven.duration() => (last * 2).min(self.most.duration()),
            _ => self.first.duration(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit_and_start_over_after_a_good_run() {
        let backoff = Backoff::default();
        let mut last = None;
        let pauses: Vec<u64> = (0..9)
            .map(|_| {
                let pause = backoff.pause(last, Duration::from_secs(1));
                last = Some(pause);
                u64::try_from(pause.as_millis()).unwrap()
            })
            .collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(backoff.pause(last, Duration::from_mins(1)), Duration::from_millis(250));
    }
}
