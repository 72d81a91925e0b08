//! Of all clients, failing or not, with whom did it end on which side?

use super::beta::ln_gamma;

/// Weights of what a worse candidate may do: it fails for all of its clients and the current release for none; it fails for any greater
/// part of them; and, so that nothing is lost for good, nothing.
const ALL: f64 = 0.7;
const MORE: f64 = 0.2;
const NOTHING: f64 = 0.05;

/// Natural logarithm of the evidence that it is the candidate's clients who fail, as an e-value: of `clients` (the candidate's, the current
/// release's) `failing` got an error.
///
/// Under a release that treats nobody worse, who fails was settled before anybody was drawn. Given how many were drawn and how many
/// fail, the candidate's failing ones are then hypergeometric, as in Fisher's exact test; and for any distribution Q over the possible
/// numbers Q(k)/P(k) has mean 1 (P being that one). Q here is
///
/// ```text
/// 0.7 on "all who fail are the candidate's" + 0.2 uniform over the numbers above what is to be expected
/// ```
///
/// and the rest is spent on 1, at which nothing is said. 3 of 3 against 0 of 37 so give 7,574, four times what three clients give when who
/// did *not* fail is left out ([`super::clients`]); 2 of 2 against 0 of 18 give 151 and are not enough at any share.
///
/// It has mean 1 at each look, as the evidence of a canary's requests has; over all looks together the chance of it ever reaching
/// 6,000 was enumerated below for many numbers of clients, all of whom end up with an error, and never is above 1/6,000.
pub(super) fn log_evidence(failing: (u64, u64), clients: (u64, u64)) -> f64 {
    let (k, of) = (failing.0 as f64, (failing.0 + failing.1) as f64);
    let (mine, theirs) = (clients.0 as f64, clients.1 as f64);
    if of == 0.0 || theirs == 0.0 {
        return 0.0;
    }
    let expected = of * mine / (mine + theirs);
    if k <= expected + 1e-9 {
        return NOTHING.ln();
    }
    let chance = ln_choose(mine, k) + ln_choose(theirs, of - k) - ln_choose(mine + theirs, of);
    let above = of.min(mine) - (expected + 1e-9).floor();
    let weight = if failing.1 == 0 { ALL } else { 0.0 } + MORE / above;
    // The sum of both, without leaving logarithms: the second is nearly always the greater.
    let (less, more) = (NOTHING.ln(), weight.ln() - chance);
    let (less, more) = (less.min(more), less.max(more));
    more + (less - more).exp().ln_1p()
}

/// Logarithm of the number of ways to choose `k` of `n`.
fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_its_known_values() {
        // 40 choose 3 is 9,880; 20 choose 2 is 190; 20 choose 10 is 184,756.
        for (failing, clients, ways, numbers) in [(3, (3, 37), 9_880.0, 3.0), (2, (2, 18), 190.0, 2.0)] {
            let expected = NOTHING + (ALL + MORE / numbers) * ways;
            assert!((log_evidence((failing, 0), clients).exp() / expected - 1.0).abs() < 1e-9);
        }
        assert!(log_evidence((10, 0), (10, 10)) > 6000.0_f64.ln());
        assert!(log_evidence((3, 0), (3, 37)) > 6000.0_f64.ln());
        assert!(log_evidence((2, 0), (2, 18)) < 6000.0_f64.ln());
    }

    #[test]
    fn a_release_whose_clients_fail_less_is_no_evidence_and_nothing_is_lost_for_good() {
        for failing in [(0, 3), (1, 9), (0, 90), (5, 45), (10, 90)] {
            let evidence = log_evidence(failing, (10, 90));
            assert!(evidence <= 0.0 && evidence.is_finite(), "{failing:?}: {evidence}");
        }
        assert!(log_evidence((0, 0), (10, 90)).abs() < 1e-12);
        assert!(log_evidence((3, 0), (3, 0)).abs() < 1e-12, "with nobody to compare with nothing is said");
    }

    /// The chance of ever reaching the limit when one client after the other fails until all have: exactly, by carrying every number along
    /// and taking out what crosses.
    fn ever_crosses(clients: (u64, u64)) -> f64 {
        let limit = 6000.0_f64.ln();
        let (mut alive, mut crossed) = (vec![1.0_f64], 0.0);
        for failed in 0..clients.0 + clients.1 {
            let mut next = vec![0.0; alive.len() + 1];
            for (mine, chance) in (0_u64..).zip(&alive).filter(|(_, chance)| **chance > 0.0) {
                let (left, theirs_left) = (clients.0 - mine, clients.1 - (failed - mine));
                let share = left as f64 / (left + theirs_left) as f64;
                #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
                let index = mine as usize;
                next[index] += chance * (1.0 - share);
                next[index + 1] += chance * share;
            }
            for (mine, chance) in (0_u64..).zip(&mut next).filter(|(_, chance)| **chance > 0.0) {
                if log_evidence((mine, failed + 1 - mine), clients) >= limit {
                    crossed += *chance;
                    *chance = 0.0;
                }
            }
            alive = next;
        }
        crossed
    }

    #[test]
    fn however_often_one_looks_it_hardly_ever_crosses() {
        for clients in [(3, 37), (4, 36), (8, 8), (10, 90), (20, 20), (25, 75), (30, 270), (50, 250), (100, 100)] {
            let chance = ever_crosses(clients);
            assert!(chance > 0.0 && chance <= 1.0 / 6000.0, "{clients:?}: {chance}");
        }
    }
}
