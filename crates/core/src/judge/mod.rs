//! How a release is told good from bad.
//!
//! Beside the current release, as a canary, the candidate's part of all errors is compared with its part of the traffic (`canary`); at all
//! of the traffic its error rates are compared with the record of its base (`recorded`). Each of the six metrics gathers
//! evidence as an e-value (`mixture`), one a traffic step, multiplied; a metric is rejected when its evidence reaches 6/alpha, alpha
//! being the chance of rolling a good release back, over the whole rollout and however often one looks. Only *worse* is ever
//! rejected. Beside the current release the errors must come from many clients, too (`clients`, `drawn`): one script that fails wherever it
//! lands is no reason to roll back. What speaks against a release and does not suffice to reject it leaves it unknown (`doubt`): a release
//! that fails for everybody never passes, however few they are. Checks that run as monitors are judged by Wald's test (`sprt`).
//! [`visibility()`] says beforehand what will show how fast.
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
mod doubt;
mod drawn;
#[cfg(test)]
mod few;
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
pub use self::doubt::Doubt;
use self::doubt::{Kind, Tally, settled};
pub use self::mixture::log_evidence;
use self::recorded::{Recorded, tolerated};
pub use self::sprt::Monitor;
pub use self::visibility::{Shown, Visible, visibility};
use crate::counts::{Counts, Metric};
use crate::plan::JudgeSettings;
use crate::verdict::Verdict;

/// With fewer requests than this in the base's record, those among them that were served at lower shares, no release that has all of the
/// traffic is rejected by its own requests; should most of them fail, it does not pass either.
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

/// What is known so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// Fail when a metric was rejected or a check failed; else unknown while anything is missing, undecided or in doubt; else pass. A pass says that
    /// nothing speaks against the release *so far*: how long to watch is the plan's to say.
    pub verdict: Verdict,
    /// Rejected metrics.
    pub rejected: Vec<Rejection>,
    /// What speaks against it and does not suffice to reject it, settled or not.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
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
    alpha: f64,
    /// Latency in microseconds above which a response is slow.
    slow: u64,
    /// Whether anything served before.
    has_base: bool,
    /// The base's record when the rollout began.
    record: Tally,
    /// What the base served beside the candidate, and what the candidate has served at all shares.
    beside: Tally,
    candidate: Tally,
    /// What the candidate is compared with at all of the traffic.
    base: Base,
    /// The candidate's at this share.
    here: Tally,
    percent: u8,
    metrics: [Evidence; Metric::ALL.len()],
    rejected: Vec<Rejection>,
    checks: BTreeMap<String, Monitor>,
    unobserved: Option<String>,
}

/// What is needed of the base's record.
#[derive(Debug, Clone, PartialEq)]
struct Base {
    known: Tally,
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
    /// A judge for one rollout. `base` is the record of the release that served before, if anything is known of it.
    pub fn new(settings: &JudgeSettings, base: Option<&BaseRecord>) -> Self {
        let slow = slow(settings, base.map(|base| &base.counts));
        let mut record = Tally::default();
        if let Some(base) = base {
            record.add(&base.counts, slow);
        }
        Self {
            limit: limit(settings),
            alpha: settings.alpha,
            slow,
            has_base: true,
            record,
            beside: Tally::default(),
            candidate: Tally::default(),
            base: Base::of(record),
            here: Tally::default(),
            percent: 0,
            metrics: Default::default(),
            rejected: Vec::new(),
            checks: BTreeMap::new(),
            unobserved: None,
        }
    }

    /// The same where nothing served before: there is nothing that the release could be worse than, so that errors which depend on who asks
    /// say nothing by themselves. A 5xx, or no answer, does.
    #[must_use]
    pub fn of_a_first_release(self) -> Self {
        Self { has_base: false, ..self }
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
        self.here = Tally::default();
        if percent >= 100 && !self.record.suffices() {
            // Both, since clients stuck to their sides: a script that fails anyway, and happened to be the candidate's, now asks, too.
            self.base = Base::of(self.record.plus(&self.beside).plus(&self.candidate));
        }
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
        self.here.add(candidate, self.slow);
        self.candidate.add(candidate, self.slow);
        if self.percent < 100 {
            self.beside.add(current, self.slow);
        }
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            let of_candidate = (candidate.errors(metric, self.slow), observable(candidate, metric));
            if self.percent >= 100 {
                self.metrics[index].recorded.observe(of_candidate.0, of_candidate.1);
            } else if self.percent > 0 {
                let of_current = (current.errors(metric, self.slow), observable(current, metric));
                let gathered = &mut self.metrics[index];
                gathered.canary.observe(f64::from(self.percent) / 100.0, of_candidate, of_current);
                let failing = |counts: &Counts| counts.failing_clients(metric, self.slow);
                let seen = |counts: &Counts| counts.clients.map_or(0, |clients| clients.seen);
                gathered.clients.observe((failing(candidate), failing(current)), (seen(candidate), seen(current)));
            }
            self.look(index, metric);
        }
    }

    fn tolerated(&self, index: usize) -> Option<f64> {
        self.base.known.suffices().then_some(self.base.tolerated[index])
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
        let (errors, requests, against) = if self.percent >= 100 {
            let tolerated = self.base.tolerated[index] * 100.0;
            let known = before(self.base.known.errors[index], self.base.known.requests[index]);
            (recorded.errors, recorded.requests, format!("{known}, at most {tolerated:.2}%"))
        } else {
            (canary.errors, canary.requests, canary.against())
        };
        // JSON has no infinity.
        Rejection { metric, percent: self.percent, errors, requests, against, evidence: evidence.min(690.0).exp() }
    }

    /// What speaks against the candidate at this share, and is not enough to reject it.
    fn doubts(&self) -> Vec<Doubt> {
        if self.percent == 0 {
            return Vec::new();
        }
        let rejected = |metric| self.rejected.iter().any(|rejection| rejection.metric == metric);
        let open = || Metric::ALL.into_iter().enumerate().filter(|(_, metric)| !rejected(*metric));
        let mut doubts: Vec<Doubt> = open().filter_map(|(index, metric)| self.doubt(index, metric)).collect();
        if doubts.is_empty() && self.rejected.is_empty() && self.has_base {
            doubts.extend(self.doubt_of_all_kinds());
        }
        doubts
    }

    fn doubt(&self, index: usize, metric: Metric) -> Option<Doubt> {
        let of = &self.metrics[index];
        let (errors, requests) = (self.here.errors[index], self.here.requests[index]);
        let known = self.known_before();
        let known = (known.errors[index], known.requests[index]);
        let all = (self.candidate.errors[index], self.candidate.requests[index]);
        let fails = || {
            Kind::of(metric).is_some_and(|kind| {
                (self.has_base || kind.speaks_for_itself()) && self.fails(kind, (errors, requests), all, known)
            })
        };
        let (evidence, why, settled) = if self.percent >= 100 {
            let evidence = of.before + of.recorded.log_evidence(self.base.tolerated[index]);
            let why = if self.base.known.suffices() || evidence < self.limit {
                fails().then(|| few_known(known.1))?
            } else {
                let long = grouped(self.base.known.requests[0]);
                format!("the base's record has only {long} of {LEAST_RECORD} requests")
            };
            (evidence, why, None)
        } else {
            let nominal = f64::from(self.percent) / 100.0;
            let by_requests = of.before + of.canary.log_evidence_at_most(nominal) >= self.limit
                && of.before + of.canary.log_evidence(nominal) >= self.limit;
            if !by_requests && !fails() {
                return None;
            }
            let clients = of.before + of.clients.log_evidence(nominal);
            let why = if by_requests { of.clients.words() } else { few_known(known.1) };
            let record = (self.record.errors[index], self.record.requests[index]);
            (of.before + of.here(self.percent, None), why, settled(&of.canary, &of.clients, record, clients))
        };
        let what = metric.label().to_owned();
        let evidence = evidence.min(690.0).exp();
        Some(Doubt { metric, what, errors, requests, against: self.against(index), evidence, why, settled })
    }

    /// When most requests fail, some so and some otherwise.
    fn doubt_of_all_kinds(&self) -> Option<Doubt> {
        let (errors, requests) = self.here.of_any_kind();
        let known = self.known_before().of_any_kind();
        if !self.fails(Kind::ANY, (errors, requests), self.candidate.of_any_kind(), known) {
            return None;
        }
        let kinds = Metric::ALL.into_iter().filter(|metric| *metric != Metric::Latency);
        let metric = kinds.max_by_key(|metric| self.here.errors[*metric as usize])?;
        Some(Doubt {
            metric,
            what: "errors of several kinds".to_owned(),
            errors,
            requests,
            against: before(known.0, known.1),
            evidence: 1.0,
            why: few_known(known.1),
            settled: None,
        })
    }

    /// Whatever is known of the base: its record; and what it served beside the candidate, but for a long record at all of the traffic, where
    /// all clients are on one side again.
    fn known_before(&self) -> Tally {
        let alone = self.percent >= 100 && self.record.suffices();
        if alone { self.record } else { self.record.plus(&self.beside) }
    }

    /// Whether requests fail at this share as they did not before; with little on record also at all shares together, since there may be
    /// too few at each.
    fn fails(&self, kind: Kind, here: (u64, u64), all: (u64, u64), known: (u64, u64)) -> bool {
        let few = !self.record.suffices() && here.0 > 0;
        kind.fails(here, known, self.alpha) || (few && kind.fails(all, known, self.alpha))
    }

    fn against(&self, index: usize) -> String {
        if self.percent < 100 {
            return self.metrics[index].canary.against();
        }
        before(self.base.known.errors[index], self.base.known.requests[index])
    }

    /// Whether counts can decide at this step.
    pub fn can_judge_traffic(&self) -> bool {
        match self.percent {
            0 => false,
            1..100 => true,
            100.. => self.base.known.suffices(),
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
        let doubts = self.doubts();
        let verdict = if !self.rejected.is_empty() || !failing_checks.is_empty() {
            Verdict::Fail
        } else if unobserved.is_some() || !undecided_checks.is_empty() || doubts.iter().any(Doubt::stands) {
            Verdict::Unknown
        } else {
            Verdict::Pass
        };
        Judgement {
            verdict,
            rejected: self.rejected.clone(),
            doubts,
            failing_checks,
            undecided_checks,
            unobserved,
            can_judge_traffic,
        }
    }
}

impl Tally {
    /// Whether a record is long enough to reject a release by.
    fn suffices(&self) -> bool {
        self.requests[0] >= LEAST_RECORD
    }
}

impl Base {
    fn of(known: Tally) -> Self {
        let mut rates = [1.0; Metric::ALL.len()];
        for (rate, (errors, requests)) in rates.iter_mut().zip(known.errors.into_iter().zip(known.requests)) {
            *rate = tolerated(errors, requests);
        }
        Self { known, tolerated: rates }
    }
}

/// How many requests could have been an error of this metric: what got no response has no latency.
fn observable(counts: &Counts, metric: Metric) -> u64 {
    if metric == Metric::Latency { counts.latency.total() } else { counts.requests }
}

/// What a base did before, in words.
fn before(errors: u64, requests: u64) -> String {
    if requests == 0 {
        return "a base of which nothing is known".to_owned();
    }
    format!("base: {} of {} requests", grouped(errors), grouped(requests))
}

/// Why requests that fail do not reject a release.
fn few_known(before: u64) -> String {
    if before == 0 {
        "nothing is known of before".to_owned()
    } else {
        "hardly any failed before; too few to be sure".to_owned()
    }
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
