//! Figures out of many.

use std::time::Duration;

use super::load::Sample;

/// The smallest value that at least this share (0 to 1) of the values does not exceed (nearest rank); 0 of none.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of values")]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or_default()
}

/// The middle one; of an even number the lower of the two.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The greatest.
pub(crate) fn worst(values: &[f64]) -> f64 {
    percentile(values, 1.0)
}

/// Latencies in milliseconds.
pub(crate) fn latencies<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Vec<f64> {
    samples.into_iter().map(|sample| millis(sample.latency)).collect()
}

/// Milliseconds with their fraction.
pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// From the first failed response to the last, by when they came; zero when at most one failed.
pub(crate) fn failing_span<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Duration {
    let ends: Vec<Duration> = samples.into_iter().filter(|sample| sample.failed()).map(Sample::end).collect();
    match (ends.iter().min(), ends.iter().max()) {
        (Some(&first), Some(&last)) => last.saturating_sub(first),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::super::load::Answer;
    use super::*;

    fn sample(due: u64, latency: u64, answer: Answer) -> Sample {
        Sample {
            due: Duration::from_millis(due),
            latency: Duration::from_millis(latency),
            answer,
            release: None,
            resent: false,
        }
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((percentile(&hundred, 0.99) - 99.0).abs() < f64::EPSILON);
        assert!((median(&hundred) - 50.0).abs() < f64::EPSILON);
        assert!((worst(&hundred) - 100.0).abs() < f64::EPSILON);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((percentile(&[7.0], 0.01) - 7.0).abs() < f64::EPSILON);
        assert!(percentile(&[], 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn the_failing_span_goes_by_when_responses_came_and_knows_failures_alone() {
        let samples = [
            sample(0, 5, Answer::Status(200)),
            sample(10, 30, Answer::Status(500)),
            sample(12, 1, Answer::Status(502)),
            sample(20, 50, Answer::Broken),
            sample(90, 5, Answer::Status(200)),
        ];
        assert_eq!(failing_span(&samples), Duration::from_millis(70 - 13));
        assert_eq!(failing_span(&samples[..2]), Duration::ZERO);
        assert_eq!(failing_span(&samples[..1]), Duration::ZERO);
    }

    #[test]
    fn what_is_no_answer_has_failed() {
        for (answer, failed) in [
            (Answer::Status(200), false),
            (Answer::Status(302), false),
            (Answer::Status(404), true),
            (Answer::Status(500), true),
            (Answer::Broken, true),
            (Answer::TimedOut, true),
        ] {
            assert_eq!(sample(0, 1, answer).failed(), failed, "{answer:?}");
        }
    }
}
