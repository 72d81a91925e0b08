//! The beta function and its regularized incomplete integral, as far as the judge needs them.

use std::f64::consts::PI;

/// Natural logarithm of the gamma function for `x > 0`, by Stirling's series (DLMF 5.11.1) after moving the argument above 12, where
/// five terms are exact to the last digits of an `f64`.
pub(super) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 1.0_f64);
    while x < 12.0 {
        shift *= x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = (1.0 / 12.0
        + square * (-1.0 / 360.0 + square * (1.0 / 1260.0 + square * (-1.0 / 1680.0 + square / 1188.0))))
        / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + series - shift.ln()
}

/// Natural logarithm of the beta function B(a, b).
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// The continued fraction of the regularized incomplete beta function (DLMF 8.17.22), by Lentz's method as modified by Thompson and
/// Barnett (*J. Comput. Phys.* 64, 1986): `I_x(a, b) = x^a (1-x)^b / (a B(a, b)) * fraction(a, b, x)`.
///
/// It converges for `x < (a+1)/(a+b+2)`, in about the square root of the greater of `a` and `b` steps at worst. Never negative there.
#[expect(clippy::many_single_char_names, reason = "the names of the formula")]
pub(super) fn fraction(a: f64, b: f64, x: f64) -> f64 {
    /// Enough for `a`, `b` up to 1e9; at the end the value is right to 1e-10 even if the last digits have not settled.
    const STEPS: u32 = 100_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };

    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..=STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The regularized incomplete beta function `I_x(a, b)` for `0 <= x <= 1`: the probability that a Beta(a, b) variable is at most `x`.
pub(super) fn regularized(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = a * x.ln() + b * (-x).ln_1p() - ln_beta(a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        (front - a.ln()).exp() * fraction(a, b, x)
    } else {
        1.0 - (front - b.ln()).exp() * fraction(b, a, 1.0 - x)
    }
}

/// The `x` at which `I_x(a, b)` reaches `share`, by bisection to the last digits.
pub(super) fn quantile(a: f64, b: f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if regularized(a, b, middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(got: f64, expected: f64, relative: f64) {
        assert!((got - expected).abs() <= relative * expected.abs().max(1e-300), "{got} is not {expected}");
    }

    #[test]
    fn gamma_agrees_with_factorials_and_the_half() {
        let mut factorial = 1.0_f64;
        for n in 1..=100 {
            close(ln_gamma(f64::from(n)).exp(), factorial, 1e-11);
            factorial *= f64::from(n);
        }
        close(ln_gamma(0.5), PI.sqrt().ln(), 1e-13);
    }

    #[test]
    fn the_integral_agrees_with_sums_of_binomial_probabilities() {
        // DLMF 8.17.5: I_x(k, n-k+1) is the chance of at least k successes in n.
        for (n, x) in [(1, 0.3_f64), (7, 0.1), (20, 0.5), (60, 0.03), (60, 0.97)] {
            let mut at_least = 0.0;
            for k in (1..=n).rev() {
                let (n, k) = (f64::from(n), f64::from(k));
                let ways = -ln_beta(k + 1.0, n - k + 1.0) - (n + 1.0).ln();
                at_least += (ways + k * x.ln() + (n - k) * (-x).ln_1p()).exp();
                close(regularized(k, n - k + 1.0, x), at_least, 1e-10);
            }
        }
    }

    proptest! {
        #[test]
        fn the_quantile_inverts_the_integral(a in 0.5_f64..5000.0, b in 0.5_f64..5000.0, share in 0.01_f64..0.99) {
            let x = quantile(a, b, share);
            prop_assert!((regularized(a, b, x) - share).abs() < 1e-9, "{x}");
        }

        #[test]
        fn the_integral_is_symmetric(a in 0.5_f64..1e6, b in 0.5_f64..1e6, x in 0.0_f64..1.0) {
            prop_assert!((regularized(a, b, x) + regularized(b, a, 1.0 - x) - 1.0).abs() < 1e-9);
        }
    }
}
