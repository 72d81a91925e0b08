//! A candidate beside the current release: whose are the *clients* who get errors?

use super::beta::regularized;
use super::mixture::{log_evidence, log_evidence_at_most};
use super::{drawn, grouped};

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
/// Where it is known how many clients there are on each side, failing or not, it is better still to ask with how many of *these* it ended on
/// which side ([`drawn`]): 3 of 3 against 0 of 37 are enough. At a later share that cannot be asked of a metric in which some failed
/// before, since nobody knows on which side these are now; then, and where only the failing ones were counted, the draw has chance `p`.
///
/// How many clients is that? When none of the current release's gets such an error: the number at which the e-value of `k` of `k` reaches
/// 6,000, that is 5 at 10%, 8 at 25% and 16 at 50%. A fixed number of three would not do: of ten such scripts three land on 10% in one
/// rollout of fourteen, and with five it is still one of a hundred; nor would `share^N <= 0.001` (3 at 10%, 10 at 50%), which holds
/// for exactly N scripts and not for more. The simulations of this module show it, with one script and with many.
///
/// The price is small where it matters. A client without a cookie is drawn anew with each request and is a client of its own each time, so
/// that load without cookies gives the same evidence by clients as by requests; and with many users the first failed requests
/// come from as many of them. It is paid where a handful of people are all there is: below 100% they cannot reject a release by
/// themselves. Then nothing is known, which is not a pass ([`super::doubt`]). It is also paid by a release that gets bad in a metric
/// after nearly all clients had such an error anyway.
///
/// A proxy that was started anew has forgotten who had errors: each such client may count once more.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Clients {
    /// The candidate's and the current release's at earlier steps: only for words.
    before: (u64, u64),
    candidate: u64,
    current: u64,
    /// All who asked at this share, failing or not.
    seen: (u64, u64),
}

impl Clients {
    /// Takes in those who got their first error since the last look, and those who asked for the first time: (candidate's, current's).
    pub(super) fn observe(&mut self, failing: (u64, u64), seen: (u64, u64)) {
        self.candidate += failing.0;
        self.current += failing.1;
        self.seen.0 += seen.0;
        self.seen.1 += seen.1;
    }

    /// The clients of this share, when they are known, failing or not.
    fn all(&self) -> Option<(u64, u64)> {
        let (mine, theirs) = self.seen;
        (mine + theirs > 0 && mine >= self.candidate && theirs >= self.current).then_some(self.seen)
    }

    /// Those of the candidate's clients who got no such error, of all: when these surely, at 95%, are more than half.
    pub(super) fn most_are_well(&self) -> Option<(u64, u64)> {
        let (all, failing) = (self.all()?.0, self.candidates());
        // At most so many of so many, at a half: what is not above.
        let surely = failing < all && 1.0 - regularized(failing as f64 + 1.0, (all - failing) as f64, 0.5) <= 0.05;
        surely.then(|| (all - failing, all))
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

    /// Why they do not reject it, in words.
    pub(super) fn words(&self) -> String {
        let clients = |count: u64| format!("{} client{}", grouped(count), if count == 1 { "" } else { "s" });
        match self.currents() {
            0 => format!("errors come from {} only", clients(self.candidates())),
            current => {
                format!(
                    "errors come from {}, beside {} of the current release",
                    clients(self.candidates()),
                    clients(current)
                )
            }
        }
    }

    /// Logarithm of the evidence that the candidate is worse.
    pub(super) fn log_evidence(&self, nominal: f64) -> f64 {
        if let (Some(all), (0, 0)) = (self.all(), self.before) {
            return drawn::log_evidence((self.candidate, self.current), all);
        }
        log_evidence(self.candidate as f64, (self.candidate + self.current) as f64, nominal)
    }

    /// A quick bound of it from above.
    pub(super) fn log_evidence_at_most(&self, nominal: f64) -> f64 {
        if self.all().is_some() && self.before == (0, 0) {
            return self.log_evidence(nominal);
        }
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
        clients.observe((50, 1), (0, 0));
        let next = clients.next_step();
        assert!(next.log_evidence(0.5).abs() < 1e-9);
        assert_eq!((next.candidates(), next.currents()), (50, 1));
    }

    #[test]
    fn where_all_clients_are_known_fewer_suffice_and_with_fewer_clients_none_do() {
        let of = |mine: u64, all: u64| {
            let mut clients = Clients::default();
            clients.observe((mine, 0), (mine, all - mine));
            clients.log_evidence(0.1) >= 6000.0_f64.ln()
        };
        assert!(of(3, 40) && of(4, 35) && !of(2, 40) && !of(2, 20) && !of(1, 3));
        let mut again = Clients::default();
        again.observe((1, 0), (3, 37));
        let mut again = again.next_step();
        again.observe((4, 0), (20, 20));
        assert!(
            (again.log_evidence(0.5) - Clients { candidate: 4, ..Clients::default() }.log_evidence(0.5)).abs() < 1e-9
        );
    }

    #[test]
    fn most_are_well_when_that_is_sure() {
        let of = |failing, all| {
            let mut clients = Clients::default();
            clients.observe((failing, 0), (all, 100));
            clients.most_are_well()
        };
        assert_eq!([of(1, 1), of(1, 7), of(2, 10), of(20, 30)], [None; 4]);
        assert_eq!([of(1, 8), of(2, 11)], [Some((7, 8)), Some((9, 11))]);
        assert_eq!(Clients { candidate: 1, ..Clients::default() }.most_are_well(), None, "nobody counted them");
    }
}
