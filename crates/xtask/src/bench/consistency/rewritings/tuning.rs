//! What only tunes.

use super::super::case::{Case, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::words;
use super::super::random::Random;
use super::own;

/// Another timeout, another number of workers, another level of the log.
pub(super) fn changed(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    const TUNES: [&str; 12] = [
        "timeout",
        "concurrency",
        "workers",
        "threads",
        "limit",
        "memory",
        "seconds",
        "interval",
        "months",
        "size",
        "server",
        "max",
    ];
    let mut cases = Vec::new();
    for entry in own(entries) {
        let (value, words) = (&entry.site.value, words(&entry.key));
        if let Some(digits) = value.find(|c: char| !c.is_ascii_digit()).or(Some(value.len())).filter(|at| *at > 0)
            && words.iter().any(|word| TUNES.contains(&word.as_str()))
        {
            let number: u64 = value[..digits].parse().unwrap_or(10);
            let new = format!("{}{}", number * 2 + 1 + random.below(5) as u64, &value[digits..]);
            cases.push(with_value(layout, entry, &new, "tuned"));
        }
        if words.contains(&"level".to_owned()) {
            let new = if value.chars().all(|c| c.is_ascii_uppercase()) { "ERROR" } else { "error" };
            cases.push(with_value(layout, entry, new, "another level"));
        }
        let patience = match value.as_str() {
            value if value.starts_with("postgres") => Some(format!("{value}&connect_timeout={}", 3 + random.below(9))),
            value if value.starts_with("host=") => Some(format!("{value} connect_timeout={}", 3 + random.below(9))),
            value if value.contains("Connect Timeout=30") => Some(value.replace("Timeout=30", "Timeout=15")),
            value if value.starts_with("Server=") => Some(format!("{value};Connect Timeout=20")),
            value if value.contains(",abortConnect=") => Some(format!("{value},connectTimeout=4000")),
            value if value.starts_with("mongodb:") => Some(format!("{value}&connectTimeoutMS=4000")),
            value if value.starts_with("tcp:") => Some(format!("{value}&timeout=2.5")),
            _ => None,
        };
        cases.extend(patience.map(|new| with_value(layout, entry, &new, "another time-out")));
    }
    cases
}
