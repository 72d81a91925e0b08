//! Monitors: whether a check that is asked again and again holds.

use crate::verdict::Verdict;

/// A healthy check fails at most this often: one packet in a hundred may be lost.
const HEALTHY: f64 = 0.01;
/// A broken one fails at least this often.
const BROKEN: f64 = 0.30;
/// The chance of calling a healthy check broken.
const ALPHA: f64 = 0.001;
/// The chance of calling a broken check healthy.
const BETA: f64 = 0.01;

/// Wald's sequential probability ratio test (*Ann. Math. Statist.* 16, 1945) over the answers of one monitor: three straight failures
/// decide, and [`Monitor::PASSES_TO_ACCEPT`] straight passes accept.
///
/// Once accepted, a new round begins, so that a check which breaks late is still seen; the error chances hold for each round, and
/// what was accepted stays so until a later round fails. A failure is final. An unknown answer changes no round; it only means that
/// nothing is known at this moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Monitor {
    /// Logarithm of the likelihood of the round's answers when broken over that when healthy.
    ratio: f64,
    accepted: bool,
    failed: bool,
    blind: bool,
    failures: u64,
    answers: u64,
}

impl Monitor {
    /// Straight passes after which a monitor is accepted: a bake must leave time for so many answers.
    pub const PASSES_TO_ACCEPT: u32 = 14;

    /// Takes one answer in.
    pub fn answer(&mut self, verdict: Verdict) {
        self.blind = verdict == Verdict::Unknown;
        match verdict {
            Verdict::Unknown => return,
            Verdict::Pass => self.ratio += ((1.0 - BROKEN) / (1.0 - HEALTHY)).ln(),
            Verdict::Fail => {
                self.ratio += (BROKEN / HEALTHY).ln();
                self.failures += 1;
            }
        }
        self.answers += 1;
        if self.ratio >= ((1.0 - BETA) / ALPHA).ln() {
            self.failed = true;
        } else if self.ratio <= (BETA / (1.0 - ALPHA)).ln() {
            self.accepted = true;
            self.ratio = 0.0;
        }
    }

    /// Fail once a round failed; pass once one was accepted and as long as the last answer is known; else unknown.
    pub fn verdict(&self) -> Verdict {
        match (self.failed, self.blind, self.accepted) {
            (true, _, _) => Verdict::Fail,
            (false, false, true) => Verdict::Pass,
            _ => Verdict::Unknown,
        }
    }

    /// Failures so far, of so many known answers.
    pub fn failures(&self) -> (u64, u64) {
        (self.failures, self.answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::simulation::Chance;

    fn after(answers: &[Verdict]) -> Verdict {
        let mut monitor = Monitor::default();
        for answer in answers {
            monitor.answer(*answer);
        }
        monitor.verdict()
    }

    #[test]
    fn three_straight_failures_decide_and_two_do_not() {
        assert_eq!(after(&[Verdict::Fail; 2]), Verdict::Unknown);
        assert_eq!(after(&[Verdict::Fail; 3]), Verdict::Fail);
    }

    #[test]
    fn fourteen_straight_passes_accept_and_thirteen_do_not() {
        assert_eq!(after(&[Verdict::Pass; 13]), Verdict::Unknown);
        assert_eq!(after(&[Verdict::Pass; Monitor::PASSES_TO_ACCEPT as usize]), Verdict::Pass);
    }

    #[test]
    fn unknown_is_neither_pass_nor_fail() {
        assert_eq!(after(&[Verdict::Unknown; 1000]), Verdict::Unknown);
        assert_eq!(after(&[Verdict::Fail, Verdict::Unknown, Verdict::Fail]), Verdict::Unknown);
        assert_eq!(
            after(&[Verdict::Fail, Verdict::Unknown, Verdict::Fail, Verdict::Unknown, Verdict::Fail]),
            Verdict::Fail
        );
        let mut blind_at_the_end = [Verdict::Pass; 20];
        blind_at_the_end[19] = Verdict::Unknown;
        assert_eq!(after(&blind_at_the_end), Verdict::Unknown);
    }

    #[test]
    fn a_check_that_breaks_after_it_was_accepted_fails() {
        let mut answers = [Verdict::Pass; 17];
        answers[14..].fill(Verdict::Fail);
        assert_eq!(after(&answers), Verdict::Fail);
    }

    #[test]
    fn errors_of_a_round_stay_within_their_chances() {
        let mut chance = Chance::new(7);
        let mut wrong = |rate: f64, wrong: Verdict| {
            (0..20_000)
                .filter(|_| {
                    let mut monitor = Monitor::default();
                    while monitor.verdict() == Verdict::Unknown {
                        monitor.answer(if chance.happens(rate) { Verdict::Fail } else { Verdict::Pass });
                    }
                    monitor.verdict() == wrong
                })
                .count()
        };
        assert!(wrong(HEALTHY, Verdict::Fail) < 20, "healthy checks failed");
        assert!(wrong(BROKEN, Verdict::Pass) < 200, "broken checks passed");
    }
}
