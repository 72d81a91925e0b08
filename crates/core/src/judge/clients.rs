//! A candidate beside the current release: whose are the *clients* who get errors?

use super::mixture::{log_evidence, log_evidence_at_most};

/// The clients of one metric who got an error, each counted once in the whole rollout: on the side on which it got the first.
///
/// Clients stick to a release by cookie, so the errors of one client are not independent. One script that polls with an expired token
/// gets its 401s wherever it lands; at 10% it lands on the candidate in one rollout of ten, and by its requests alone ([`super::canary`])
/// the candidate would be rejected. Its *client* was drawn once, though, with chance `p` for the candidate, whatever it went on to send.
/// So the clients who get errors, in the order of their first one, are independent draws with chance `p` under a release that treats
/// nobody worse, and the same e-value holds for them as for requests: of `n` such clients the candidate's `k`, against its share `p`.
///
/// The evidence of a step is the *lesser* of the two, requests and clients. The lesser of two e-values is one, whichever of the two
/// assumptions holds: that errors belong to requests, or that they belong to clients. Multiplied over the steps it stays one, since a step
/// counts only clients who had no error before. That this also bounds what a step leaves to the next ones matters: 401s of one client
/// at 10% must not reject the release when it has all of the traffic.
///
/// How many clients is that? When none of the current release's gets such an error: the number at which the e-value of `k` of `k` reaches
/// 6,000, that is 5 at 10%, 8 at 25% and 16 at 50%. A fixed number of three would not do: of ten such scripts three land on 10% in one
/// rollout of fourteen, and with five it is still one of a hundred; nor would `share^N <= 0.001` (3 at 10%, 10 at 50%), which holds
/// for exactly N scripts and not for more. The simulations of this module show it, with one script and with many.
///
/// The price is small where it matters. A client without a cookie is drawn anew with each request and is a client of its own each time, so
/// that load without cookies gives the same evidence by clients as by requests; and with many users the first failed requests
/// come from as many of them. It is paid where a handful of people are all there is: below 100% they cannot reject a release by
/// themselves, and the checks and the record of the base, at all of the traffic, have to. It is also paid by a release that gets
/// bad in a metric after nearly all clients had such an error anyway.
///
/// A proxy that was started anew has forgotten who had errors: each such client may count once more.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Clients {
    /// The candidate's and the current release's at earlier steps: only for words.
    before: (u64, u64),
    candidate: u64,
    current: u64,
}

impl Clients {
    /// Takes in those who got their first error since the last look.
    pub(super) fn observe(&mut self, candidate: u64, current: u64) {
        self.candidate += candidate;
        self.current += current;
    }

    /// What the next step begins with.
    pub(super) fn next_step(&self) -> Self {
        Self { before: (self.candidates(), self.currents()), ..Self::default() }
    }

    /// The candidate's, at all steps.
    pub(super) fn candidates(&self) -> u64 {
        self.before.0 + self.candidate
    }

    /// The current release's, at all steps.
    pub(super) fn currents(&self) -> u64 {
        self.before.1 + self.current
    }

    /// Logarithm of the evidence that the candidate is worse.
    pub(super) fn log_evidence(&self, nominal: f64) -> f64 {
        log_evidence(self.candidate as f64, (self.candidate + self.current) as f64, nominal)
    }

    /// A quick bound of it from above.
    pub(super) fn log_evidence_at_most(&self, nominal: f64) -> f64 {
        log_evidence_at_most(self.candidate as f64, (self.candidate + self.current) as f64, nominal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_clients_suffice_at_each_share() {
        let needed = |share: f64| {
            (1..100).find(|&count| {
                Clients { candidate: count, ..Clients::default() }.log_evidence(share) >= 6000.0_f64.ln()
            })
        };
        assert_eq!([0.01, 0.1, 0.25, 0.5].map(needed), [Some(3), Some(5), Some(8), Some(16)]);
    }

    #[test]
    fn who_got_errors_before_says_nothing_at_the_next_step() {
        let mut clients = Clients::default();
        clients.observe(50, 1);
        let next = clients.next_step();
        assert!(next.log_evidence(0.5).abs() < 1e-9);
        assert_eq!((next.candidates(), next.currents()), (50, 1));
    }
}
