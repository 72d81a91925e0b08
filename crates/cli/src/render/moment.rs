//! Points in time for a person: the hour, and how long ago it was.

use std::time::Duration;

use sternway_core::time::Timestamp;

/// `2026-03-02T14:00:12Z (12 min ago)`.
pub(crate) fn with_age(at: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", to_the_second(at), relative(at, now))
}

/// `12 min ago`, `in 4 s`, `now`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let (passed, ahead) = (now.since(at), at.since(now));
    if ahead >= Duration::from_secs(1) {
        format!("in {}", span(ahead))
    } else if passed >= Duration::from_secs(1) {
        format!("{} ago", span(passed))
    } else {
        "now".to_owned()
    }
}

/// A span as a person says it, in at most two units: `12 s`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let two = |big: u64, unit: &str, small: u64, smaller: &str| match small {
        0 => format!("{big} {unit}"),
        small => format!("{big} {unit} {small} {smaller}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..600 => two(seconds / 60, "min", seconds % 60, "s"),
        600..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        86_400..864_000 => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Without the milliseconds, which matter to the logbook and not to a person.
fn to_the_second(at: Timestamp) -> String {
    let text = at.to_string();
    text.split_once('.').map_or_else(|| text.clone(), |(second, _)| format!("{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_120);

    fn seconds_ago(seconds: i64) -> String {
        relative(Timestamp::from_millis(NOW.as_millis() - seconds * 1000), NOW)
    }

    #[test]
    fn the_hour_stands_beside_how_long_ago_it_was() {
        let at = Timestamp::from_millis(NOW.as_millis() - 12 * 60_000);
        assert_eq!(with_age(at, NOW), "2023-11-14T22:01:20Z (12 min ago)");
    }

    #[test]
    fn the_further_away_the_coarser() {
        let told = [
            (0, "now"),
            (1, "1 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (61, "1 min 1 s ago"),
            (599, "9 min 59 s ago"),
            (719, "11 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (11_100, "3 h 5 min ago"),
            (86_400, "1 d ago"),
            (187_200, "2 d 4 h ago"),
            (864_000, "10 d ago"),
            (40_000_000, "462 d ago"),
        ];
        for (seconds, words) in told {
            assert_eq!(seconds_ago(seconds), words, "{seconds} s");
        }
    }

    #[test]
    fn what_is_still_to_come_and_clocks_that_disagree() {
        assert_eq!(seconds_ago(-4), "in 4 s");
        assert_eq!(seconds_ago(-7_200), "in 2 h");
        // Another machine's clock may be a little ahead.
        assert_eq!(relative(Timestamp::from_millis(NOW.as_millis() + 999), NOW), "now");
        assert_eq!(relative(Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX)), "106751991167 d ago");
    }
}
