//! Which clients meet the candidate: a share by weight, sticky by cookie, salted anew for each canary.
//!
//! The cookie carries nothing but a random id. A hash of that id and the canary's own salt gives each client a place between 0
//! and 9,999; places below the share meet the candidate. So a client stays on its side while the share stays, those that are in stay
//! in while it grows, and the next canary draws its clients anew.

use std::collections::BTreeMap;
use std::time::Instant;

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sternway_core::ids::{ReleaseNumber, ServiceName};
use sternway_core::time::Millis;

use crate::protocol::TargetSet;

/// The cookie's name.
pub(crate) const COOKIE: &str = "sternway";

/// A canary as it is kept over a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) candidate: BTreeMap<ServiceName, TargetSet>,
    pub(crate) percent: u8,
    pub(crate) lease: Millis,
    pub(crate) salt: u64,
    /// Latency in microseconds above which a response is slow: fixed when the canary began, so that both sides have the same.
    #[serde(default)]
    pub(crate) slow: u64,
}

impl Plan {
    /// The candidate's release; the greatest when its services differ.
    pub(crate) fn release(&self) -> Option<ReleaseNumber> {
        self.candidate.values().map(|set| set.release).max()
    }
}

/// A canary under way.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    pub(crate) plan: Plan,
    /// When its lease runs out.
    pub(crate) until: Instant,
}

/// A client, as its cookie names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientId(pub(crate) u64);

impl ClientId {
    /// Reads the id out of one `Cookie` header.
    pub(crate) fn read(cookies: &HeaderValue) -> Option<Self> {
        let named = |pair: &[u8]| {
            let value = pair.trim_ascii().strip_prefix(COOKIE.as_bytes())?.strip_prefix(b"=")?;
            let whole = value.len() == 16 && value.iter().all(u8::is_ascii_hexdigit);
            let digits = std::str::from_utf8(value).ok().filter(|_| whole)?;
            u64::from_str_radix(digits, 16).ok().map(Self)
        };
        cookies.as_bytes().split(|byte| *byte == b';').find_map(named)
    }

    /// The `Set-Cookie` that tells a client its id: for the session, on all paths, not for scripts.
    pub(crate) fn cookie(self) -> Option<HeaderValue> {
        HeaderValue::from_maybe_shared(bytes::Bytes::from(format!(
            "{COOKIE}={:016x}; Path=/; HttpOnly; SameSite=Lax",
            self.0
        )))
        .ok()
    }

    /// Whether a canary with this salt and share takes this client.
    pub(crate) fn chosen(self, salt: u64, percent: u8) -> bool {
        mix(self.0 ^ mix(salt)) % 10_000 < u64::from(percent) * 100
    }
}

/// Spreads similar numbers evenly (the finalizer of SplitMix64, Steele et al. 2014).
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A random number from the system.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| {
        // Without the system's source the time has to do: nothing secret hangs on it, only who meets a canary.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        mix(now.subsec_nanos().into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_among_other_cookies_and_only_a_whole_one_counts() {
        let read = |text: &'static str| ClientId::read(&HeaderValue::from_static(text)).map(|id| id.0);
        assert_eq!(read("a=b; sternway=00000000000000ff; c=d"), Some(255));
        for text in ["sternway=ff", "xsternway=00000000000000ff", "sternway=", "sternway=+0000000000000ff", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn shares_are_right_and_grow_without_turning_anybody_out() {
        let ids = || (0..20_000).map(|n| ClientId(mix(n)));
        let share = |percent| ids().filter(|id| id.chosen(7, percent)).count();
        assert!((1_850..2_150).contains(&share(10)), "{}", share(10));
        assert!((9_700..10_300).contains(&share(50)), "{}", share(50));
        assert!(ids().filter(|id| id.chosen(7, 10)).all(|id| id.chosen(7, 50)));
    }

    #[test]
    fn another_salt_draws_other_clients() {
        let both = (0..20_000).map(ClientId).filter(|id| id.chosen(1, 10) && id.chosen(2, 10)).count();
        assert!((120..300).contains(&both), "{both} of 20000 clients are in two canaries of 10%");
    }
}
