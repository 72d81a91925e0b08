//! How a release is told good from bad.
//!
//! Beside the current release, as a canary, the candidate's part of all errors is compared with its part of the traffic (`canary`); at all
//! of the traffic its error rates are compared with the record of its base (`recorded`). Each of the six metrics gathers
//! evidence as an e-value (`mixture`), one a traffic step, multiplied; a metric is rejected when its evidence reaches 6/alpha, alpha
//! being the chance of rolling a good release back, over the whole rollout and however often one looks. Only *worse* is ever
//! rejected. Beside the current release the errors must come from many clients, too (`clients`): one script that fails wherever it lands
//! is no reason to roll back. Checks that run as monitors are judged by Wald's test (`sprt`). [`visibility()`] says beforehand what will show how fast.
//!
//! ```
//! use sternway_core::{counts::Counts, judge::Judge, plan::{JudgeSettings, OnLimit}, time::Millis, verdict::Verdict};
//!
//! let settings = JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::RollBack };
//! let mut judge = Judge::new(&settings, None);
//! judge.begin_step(10);
//! judge.observe(
//!     &Counts { requests: 10, unauthorized: 8, ..Counts::default() },
//!     &Counts { requests: 90, ..Counts::default() },
//! );
//! assert_eq!(judge.judgement().verdict, Verdict::Fail);
//! ```

mod beta;
mod canary;
mod clients;
mod mixture;
mod recorded;
#[cfg(test)]
mod simulation;
mod sprt;
mod visibility;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::canary::Canary;
use self::clients::Clients;
pub use self::mixture::log_evidence;
use self::recorded::{Recorded, tolerated};
pub use self::sprt::Monitor;
pub use self::visibility::{Shown, Visible, visibility};
use crate::counts::{Counts, Metric};
use crate::plan::JudgeSettings;
use crate::verdict::Verdict;

/// With fewer requests than this in the base's record only the checks judge a release that has all of the traffic.
pub const LEAST_RECORD: u64 = 500;

/// How the base release has served as current.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BaseRecord {
    /// Its last requests as current, at most 10,000.
    pub counts: Counts,
    /// Requests a second over that record.
    pub rate: f64,
}

/// A metric whose evidence reached the limit, as it stood at that moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Which.
    pub metric: Metric,
    /// Share of traffic at which it was rejected, percent.
    pub percent: u8,
    /// The candidate's errors at that share.
    pub errors: u64,
    /// Of so many requests.
    pub requests: u64,
    /// What they were compared with, in words: `current: 3 of 4,500 requests`.
    pub against: String,
    /// The evidence, an e-value over all traffic steps so far: under a good release it is ever as great with a chance of 1/evidence.
    pub evidence: f64,
}

/// A metric whose errors would suffice, were they not those of a few clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Withheld {
    /// Which.
    pub metric: Metric,
    /// The candidate's errors at this share.
    pub errors: u64,
    /// Of so many requests.
    pub requests: u64,
    /// What they were compared with, in words, as in [`Rejection`].
    pub against: String,
    /// The evidence that is left: that of the clients.
    pub evidence: f64,
    /// The candidate's clients who got one, since the first share of traffic.
    pub clients: u64,
    /// The current release's.
    pub current_clients: u64,
}

impl Withheld {
    /// Why it is not rejected, in words.
    pub fn words(&self) -> String {
        let clients = |count: u64| format!("{} client{}", grouped(count), if count == 1 { "" } else { "s" });
        match self.current_clients {
            0 => format!("errors come from {} only", clients(self.clients)),
            current => format!(
                "errors come from {}, beside {} of the current release",
                clients(self.clients),
                clients(current)
            ),
        }
    }
}

/// What is known so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// Fail when a metric was rejected or a check failed; else unknown while anything is missing or undecided; else pass. A pass says that
    /// nothing speaks against the release *so far*: how long to watch is the plan's to say.
    pub verdict: Verdict,
    /// Rejected metrics.
    pub rejected: Vec<Rejection>,
    /// Metrics that are not rejected only because too few clients got the errors.
    #[serde(default)]
    pub withheld: Vec<Withheld>,
    /// Checks whose answers say that they are broken.
    pub failing_checks: Vec<String>,
    /// Checks whose answers do not suffice yet, or whose last one is unknown.
    pub undecided_checks: Vec<String>,
    /// Why traffic is not observed at this step, when it is not.
    pub unobserved: Option<String>,
    /// Whether counts can decide at this step; if not, only the checks judge.
    pub can_judge_traffic: bool,
}

/// Gathers observations of one rollout's candidate and says at any time what they amount to.
///
/// One value serves the whole rollout, since its evidence goes on from step to step. It is a fold: the same observations in the
/// same order give the same judge, so that a driver which takes over rebuilds it from the logbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    /// Logarithm of the evidence at which a metric is rejected.
    limit: f64,
    /// Latency in microseconds above which a response is slow.
    slow: u64,
    base: Option<Base>,
    percent: u8,
    metrics: [Evidence; Metric::ALL.len()],
    rejected: Vec<Rejection>,
    checks: BTreeMap<String, Monitor>,
    unobserved: Option<String>,
}

/// What is needed of the base's record.
#[derive(Debug, Clone, PartialEq)]
struct Base {
    errors: [u64; Metric::ALL.len()],
    requests: [u64; Metric::ALL.len()],
    tolerated: [f64; Metric::ALL.len()],
}

/// What one metric has gathered.
#[derive(Debug, Clone, PartialEq, Default)]
struct Evidence {
    /// Logarithm of the product over finished steps.
    before: f64,
    canary: Canary,
    clients: Clients,
    recorded: Recorded,
}

impl Evidence {
    /// Logarithm of this step's evidence.
    fn here(&self, percent: u8, tolerated: Option<f64>) -> f64 {
        match (percent, tolerated) {
            (0, _) | (100.., None) => 0.0,
            (100.., Some(rate)) => self.recorded.log_evidence(rate),
            (percent, _) => {
                let nominal = f64::from(percent) / 100.0;
                self.canary.log_evidence(nominal).min(self.clients.log_evidence(nominal))
            }
        }
    }

    /// A quick bound of it from above.
    fn here_at_most(&self, percent: u8, tolerated: Option<f64>) -> f64 {
        match (percent, tolerated) {
            (0, _) | (100.., None) => 0.0,
            (100.., Some(rate)) => self.recorded.log_evidence_at_most(rate),
            (percent, _) => {
                let nominal = f64::from(percent) / 100.0;
                self.canary.log_evidence_at_most(nominal).min(self.clients.log_evidence_at_most(nominal))
            }
        }
    }
}

impl Judge {
    /// A judge for one rollout. `base` is the record of the release that served before, if one did.
    pub fn new(settings: &JudgeSettings, base: Option<&BaseRecord>) -> Self {
        let slow = slow(settings, base.map(|base| &base.counts));
        Self {
            limit: limit(settings),
            slow,
            base: base.filter(|base| base.counts.requests >= LEAST_RECORD).map(|base| Base::of(&base.counts, slow)),
            percent: 0,
            metrics: Default::default(),
            rejected: Vec::new(),
            checks: BTreeMap::new(),
            unobserved: None,
        }
    }

    /// Latency in microseconds above which a response counts as slow: the base's 99th percentile, but never below the configured floor.
    pub fn slow(&self) -> u64 {
        self.slow
    }

    /// A new share of traffic begins. What was gathered before stays in force.
    pub fn begin_step(&mut self, percent: u8) {
        for index in 0..self.metrics.len() {
            let before = self.log_evidence(index);
            let clients = self.metrics[index].clients.next_step();
            self.metrics[index] = Evidence { before, clients, ..Evidence::default() };
        }
        self.percent = percent;
        self.unobserved = Some("no counts of this step yet".to_owned());
    }

    /// A check that will be asked during the rollout: without an accepted answer the verdict stays unknown.
    pub fn expect(&mut self, check: &str) {
        self.checks.entry(check.to_owned()).or_default();
    }

    /// One answer of a monitor.
    pub fn answer(&mut self, check: &str, verdict: Verdict) {
        self.checks.entry(check.to_owned()).or_default().answer(verdict);
    }

    /// Traffic could not be observed: the verdict is unknown until the next [`Judge::observe`].
    pub fn unobserved(&mut self, why: impl Into<String>) {
        self.unobserved = Some(why.into());
    }

    /// What both releases served since the last call, over the same time. It may be called after every request or once a minute.
    pub fn observe(&mut self, candidate: &Counts, current: &Counts) {
        self.unobserved = None;
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            let of_candidate = (candidate.errors(metric, self.slow), observable(candidate, metric));
            if self.percent >= 100 {
                self.metrics[index].recorded.observe(of_candidate.0, of_candidate.1);
            } else if self.percent > 0 {
                let of_current = (current.errors(metric, self.slow), observable(current, metric));
                let gathered = &mut self.metrics[index];
                gathered.canary.observe(f64::from(self.percent) / 100.0, of_candidate, of_current);
                let clients = |counts: &Counts| counts.failing_clients(metric, self.slow);
                gathered.clients.observe(clients(candidate), clients(current));
            }
            self.look(index, metric);
        }
    }

    fn tolerated(&self, index: usize) -> Option<f64> {
        self.base.as_ref().map(|base| base.tolerated[index])
    }

    fn log_evidence(&self, index: usize) -> f64 {
        self.metrics[index].before + self.metrics[index].here(self.percent, self.tolerated(index))
    }

    fn look(&mut self, index: usize, metric: Metric) {
        let gathered = &self.metrics[index];
        if gathered.before + gathered.here_at_most(self.percent, self.tolerated(index)) < self.limit
            || self.rejected.iter().any(|rejection| rejection.metric == metric)
        {
            return;
        }
        let evidence = self.log_evidence(index);
        if evidence >= self.limit {
            let rejection = self.rejection(index, metric, evidence);
            self.rejected.push(rejection);
        }
    }

    fn rejection(&self, index: usize, metric: Metric, evidence: f64) -> Rejection {
        let Evidence { canary, recorded, .. } = &self.metrics[index];
        let (errors, requests, against) = match &self.base {
            Some(base) if self.percent >= 100 => {
                let tolerated = base.tolerated[index] * 100.0;
                let (errors, of) = (grouped(base.errors[index]), grouped(base.requests[index]));
                (
                    recorded.errors,
                    recorded.requests,
                    format!("base: {errors} of {of} requests, at most {tolerated:.2}%"),
                )
            }
            _ => (canary.errors, canary.requests, canary.against()),
        };
        // JSON has no infinity.
        Rejection { metric, percent: self.percent, errors, requests, against, evidence: evidence.min(690.0).exp() }
    }

    /// What would be rejected if requests were all that counted.
    fn withheld(&self) -> Vec<Withheld> {
        if !(1..100).contains(&self.percent) {
            return Vec::new();
        }
        let nominal = f64::from(self.percent) / 100.0;
        let by_requests = |of: &Evidence| {
            of.before + of.canary.log_evidence_at_most(nominal) >= self.limit
                && of.before + of.canary.log_evidence(nominal) >= self.limit
        };
        let rejected = |metric| self.rejected.iter().any(|rejection| rejection.metric == metric);
        let all = Metric::ALL.into_iter().zip(&self.metrics);
        let withheld = all.filter(|(metric, of)| !rejected(*metric) && by_requests(of)).map(|(metric, of)| Withheld {
            metric,
            errors: of.canary.errors,
            requests: of.canary.requests,
            against: of.canary.against(),
            evidence: (of.before + of.here(self.percent, None)).min(690.0).exp(),
            clients: of.clients.candidates(),
            current_clients: of.clients.currents(),
        });
        withheld.collect()
    }

    /// Whether counts can decide at this step.
    pub fn can_judge_traffic(&self) -> bool {
        match self.percent {
            0 => false,
            1..100 => true,
            100.. => self.base.is_some(),
        }
    }

    /// What is known so far.
    pub fn judgement(&self) -> Judgement {
        let named = |verdict: Verdict| {
            let of = self.checks.iter().filter(move |(_, monitor)| monitor.verdict() == verdict);
            of.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let (failing_checks, undecided_checks) = (named(Verdict::Fail), named(Verdict::Unknown));
        let can_judge_traffic = self.can_judge_traffic();
        let unobserved = self.unobserved.clone().filter(|_| can_judge_traffic);
        let verdict = if !self.rejected.is_empty() || !failing_checks.is_empty() {
            Verdict::Fail
        } else if unobserved.is_some() || !undecided_checks.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::Pass
        };
        Judgement {
            verdict,
            rejected: self.rejected.clone(),
            withheld: self.withheld(),
            failing_checks,
            undecided_checks,
            unobserved,
            can_judge_traffic,
        }
    }
}

impl Base {
    fn of(counts: &Counts, slow: u64) -> Self {
        let errors = Metric::ALL.map(|metric| counts.errors(metric, slow));
        let requests = Metric::ALL.map(|metric| observable(counts, metric));
        let mut rates = [1.0; Metric::ALL.len()];
        for (rate, (errors, requests)) in rates.iter_mut().zip(errors.into_iter().zip(requests)) {
            *rate = tolerated(errors, requests);
        }
        Self { errors, requests, tolerated: rates }
    }
}

/// How many requests could have been an error of this metric: what got no response has no latency.
fn observable(counts: &Counts, metric: Metric) -> u64 {
    if metric == Metric::Latency { counts.latency.total() } else { counts.requests }
}

/// Latency in microseconds above which a response is slow. Without a record the floor alone says so.
fn slow(settings: &JudgeSettings, base: Option<&Counts>) -> u64 {
    let floor = settings.slow_floor.0.saturating_mul(1000);
    base.and_then(|counts| counts.latency.percentile(0.99)).map_or(floor, |p99| p99.max(floor))
}

/// Logarithm of the evidence at which one metric is rejected, alpha being split over all of them.
fn limit(settings: &JudgeSettings) -> f64 {
    (Metric::ALL.len() as f64 / settings.alpha).ln()
}

/// Thousands apart, for a person.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
