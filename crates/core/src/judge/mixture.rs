//! The one e-value on which all of the judge's traffic metrics rest.

use super::beta::{fraction, ln_beta};

/// Natural logarithm of the evidence that `hits` of `trials` come from a chance greater than `p`, as an e-value:
///
/// ```text
/// E = 1/(1-p) * integral from p to 1 of (t/p)^hits * ((1-t)/(1-p))^(trials-hits) dt
/// ```
///
/// that is the likelihood ratio against `p`, averaged over the alternatives `t`, uniform on (p, 1] (Lindon & Malek, NeurIPS 2022,
/// arXiv 2011.03567, with a one-sided prior). While the true chance is at most `p`, E is a non-negative supermartingale that starts
/// at 1, so that the chance of it *ever* reaching `1/alpha` is at most `alpha`, however often it is looked at (Ville's inequality).
///
/// With `t = p + (1-p)u` the integrand is `(1 + u(1-p)/p)^hits * (1-u)^(trials-hits)`: E falls as `p` grows, rises with each hit, falls
/// with each miss, and is at most 1 whenever `hits <= p * trials`. The last is why a better release is never rolled back; a prior
/// over (0, 1) would do so (0 of 20 errors at half of the traffic gives 49,932).
///
/// Counts may be fractions (for forecasts). `p` outside (0, 1) says nothing, and the result is 0.
pub fn log_evidence(hits: f64, trials: f64, p: f64) -> f64 {
    /// Nearer to 1 than this the interval of alternatives is empty for all purposes.
    const LAST: f64 = 1.0 - 1e-9;
    if trials <= 0.0 || p <= 0.0 || p >= LAST {
        return 0.0;
    }
    let (a, b) = (hits + 1.0, (trials - hits).max(0.0) + 1.0);
    // The integral is B(a, b) * (1 - I_p(a, b)) / (p^(a-1) (1-p)^b).
    if p > (a + 1.0) / (a + b + 2.0) {
        // 1 - I_p(a, b) = I_{1-p}(b, a), whose powers and beta function cancel: nothing large is left to lose digits.
        return p.ln() - b.ln() + fraction(b, a, 1.0 - p).ln();
    }
    let powers = a * p.ln() + b * (-p).ln_1p();
    let whole = ln_beta(a, b);
    let below = (powers - a.ln() - whole).exp() * fraction(a, b, p);
    whole + (-below.clamp(0.0, 1.0)).ln_1p() - powers + p.ln()
}

/// A bound of [`log_evidence`] from above at a tenth of its cost: the likelihood ratio of the best alternative, which no average exceeds.
pub(super) fn log_evidence_at_most(hits: f64, trials: f64, p: f64) -> f64 {
    if trials <= 0.0 || p <= 0.0 || p >= 1.0 || hits <= p * trials {
        return 0.0;
    }
    let misses = trials - hits;
    let of_misses = if misses > 0.0 { misses * (misses / (trials * (1.0 - p))).ln() } else { 0.0 };
    hits * (hits / (trials * p)).ln() + of_misses
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same integral by Simpson's rule over the part of (0, 1) in which the integrand is not negligible.
    fn integrated(hits: f64, trials: f64, p: f64) -> f64 {
        let rise = (1.0 - p) / p;
        let height = |u: f64| {
            let misses = trials - hits;
            hits * (u * rise).ln_1p() + if misses > 0.0 { misses * (-u).ln_1p() } else { 0.0 }
        };
        let mode = ((hits / trials - p) / (1.0 - p)).max(0.0);
        let deviation = 14.0 * (0.3 / trials.sqrt()).min(1.0) / (1.0 - p);
        let (from, to) = ((mode - deviation).max(0.0), (mode + deviation).min(1.0));
        let (steps, top) = (200_000_u32, height(mode));
        let width = (to - from) / f64::from(steps);
        let sum: f64 = (0..=steps)
            .map(|i| {
                let weight = if i == 0 || i == steps {
                    1.0
                } else if i % 2 == 1 {
                    4.0
                } else {
                    2.0
                };
                weight * (height(from + f64::from(i) * width) - top).exp()
            })
            .sum();
        top + (sum * width / 3.0).ln()
    }

    #[test]
    fn all_hits_and_no_hit_have_closed_forms() {
        for p in [0.001_f64, 0.1, 0.5, 0.9] {
            for n in [1.0_f64, 2.0, 5.0, 40.0] {
                // (t/p)^n integrates to (1 - p^(n+1)) / ((n+1) p^n), the misses to (1-p)/(n+1).
                let all = ((1.0 - p.powf(n + 1.0)) / ((n + 1.0) * p.powf(n) * (1.0 - p))).ln();
                assert!((log_evidence(n, n, p) - all).abs() < 1e-9, "{n} of {n} at {p}");
                let none = -(n + 1.0_f64).ln();
                assert!((log_evidence(0.0, n, p) - none).abs() < 1e-9, "0 of {n} at {p}");
            }
        }
    }

    #[test]
    fn a_better_release_at_half_of_the_traffic_is_no_evidence() {
        assert!(log_evidence(0.0, 20.0, 0.5) < 0.0);
    }

    #[test]
    fn it_agrees_with_numerical_integration() {
        let cases = [
            (3.0, 20.0, 0.1),
            (1.0, 1000.0, 0.001),
            (30.0, 1000.0, 0.01),
            (500.0, 1000.0, 0.5),
            (520.0, 1000.0, 0.5),
            (90.0, 1000.0, 0.1),
            (100_000.0, 1_000_000.0, 0.1),
            (100_500.0, 1_000_000.0, 0.1),
            (1_010_000.0, 10_000_000.0, 0.1),
            (1_000_000.0, 10_000_000.0, 0.1),
            (999_000.0, 10_000_000.0, 0.1),
            (10_500.0, 10_000_000.0, 0.001),
        ];
        for (k, n, p) in cases {
            let (got, expected) = (log_evidence(k, n, p), integrated(k, n, p));
            assert!(
                (got - expected).abs() < 1e-5 * expected.abs().max(1.0),
                "{k} of {n} at {p}: {got} is not {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn it_is_finite_and_monotone(n in 1_u32..2_000_000, share in 0.0_f64..1.0, p in 0.0005_f64..0.98) {
            let n = f64::from(n);
            let k = (n * share).floor();
            let here = log_evidence(k, n, p);
            prop_assert!(here.is_finite());
            let slack = 1e-7 * here.abs().max(1.0);
            prop_assert!(log_evidence(k + 1.0, n + 1.0, p) >= here - slack, "a hit lowered it");
            prop_assert!(log_evidence(k, n + 1.0, p) <= here + slack, "a miss raised it");
            prop_assert!(log_evidence(k, n, p + 0.01) <= here + slack, "a greater share raised it");
            prop_assert!(here <= log_evidence_at_most(k, n, p) + slack, "above its bound");
            if k <= p * n {
                prop_assert!(here <= 0.0, "{} of {} is evidence against {}: {}", k, n, p, here);
            }
        }

        #[test]
        fn it_is_a_martingale_at_its_null(n in 0_u32..500, share in 0.0_f64..=1.0, p in 0.001_f64..0.9) {
            let n = f64::from(n);
            let k = (n * share).floor();
            let here = log_evidence(k, n, p);
            let growth = |hits: f64| (log_evidence(hits, n + 1.0, p) - here).exp();
            let mean = p * growth(k + 1.0) + (1.0 - p) * growth(k);
            prop_assert!((mean - 1.0).abs() < 1e-6, "grows by {}", mean);
        }
    }

    #[test]
    fn the_chance_of_ever_crossing_is_bounded_exactly() {
        // Not a simulation: the distribution of hits is carried along, and what crosses is taken out at every trial.
        for p in [0.01, 0.1, 0.5] {
            let limit = 6000.0_f64.ln();
            let (mut alive, mut crossed) = (vec![1.0_f64], 0.0);
            for n in 1..=400_u32 {
                let mut next = vec![0.0; alive.len() + 1];
                for (k, chance) in alive.iter().enumerate() {
                    next[k] += chance * (1.0 - p);
                    next[k + 1] += chance * p;
                }
                let mut hits = 0.0;
                for chance in &mut next {
                    if hits > p * f64::from(n) && log_evidence(hits, f64::from(n), p) >= limit {
                        crossed += *chance;
                        *chance = 0.0;
                    }
                    hits += 1.0;
                }
                alive = next;
            }
            assert!(crossed > 0.0 && crossed <= 1.0 / 6000.0, "{crossed} at {p}");
        }
    }
}
