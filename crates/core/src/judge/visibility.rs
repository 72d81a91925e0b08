//! What will show, and how fast, at today's traffic: said before a rollout starts.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recorded::tolerated;
use super::{LEAST_RECORD, Monitor, drawn, grouped, limit, log_evidence};
use crate::counts::Counts;
use crate::plan::{JudgeSettings, OnLimit};

/// How much of the candidate's responses fail, in the cases that are told: some, and all.
const CASES: [f64; 2] = [0.05, 1.0];
/// What would not show within a day is called invisible.
const LONGEST: f64 = 86_400.0;

/// How soon so many failures show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// Share of the candidate's responses that fail and would not have under the base, 0 to 1.
    pub failing: f64,
    /// Seconds within which four of five such candidates are rejected; `None` when it takes more than a day.
    pub within: Option<f64>,
}

/// What shows at one share of traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Visible {
    /// The share, percent.
    pub percent: u8,
    /// Whether counts can decide at all.
    pub can_judge_traffic: bool,
    /// How soon failures show; empty when counts cannot decide.
    pub shown: Vec<Shown>,
    /// Of both releases together, so many clients it takes at least to reject a candidate that fails for all of its own: with fewer that stays
    /// unknown. `None` where clients are not drawn.
    #[serde(default)]
    pub clients: Option<u64>,
    /// The same in one sentence.
    pub sentence: String,
}

/// What the judge will see of server errors at each traffic step, `rate` being today's requests a second and `base` the record of the
/// release that serves (see [`super::BaseRecord`]).
///
/// Each error is taken to be of another client, as with load without cookies or with many users; how many it takes is said, too.
///
/// The evidence is computed for the errors that are to be expected, less 0.84 standard deviations of the candidate's, so that four of
/// five candidates are faster; the simulations hold it to a factor of 2.
pub fn visibility(rate: f64, base: &Counts, settings: &JudgeSettings, steps: &[u8]) -> Vec<Visible> {
    steps.iter().map(|&percent| visible(rate, base, settings, percent)).collect()
}

fn visible(rate: f64, base: &Counts, settings: &JudgeSettings, percent: u8) -> Visible {
    let then = match settings.on_unknown {
        OnLimit::RollBack => "it goes back",
        OnLimit::Hold => "it is held",
    };
    let silent = |why: String| Visible {
        percent,
        can_judge_traffic: false,
        shown: Vec::new(),
        clients: None,
        sentence: format!(
            "{why}: at {percent}% of traffic only the checks judge ({} straight passes accept one); should most requests fail, {then}",
            Monitor::PASSES_TO_ACCEPT
        ),
    };
    if !(rate > 0.0 && rate.is_finite()) {
        return silent("no requests are seen today".to_owned());
    }
    if percent >= 100 && base.requests < LEAST_RECORD {
        return silent(format!("the base's record has {} of {LEAST_RECORD} requests", grouped(base.requests)));
    }
    let shown: Vec<_> = CASES
        .iter()
        .map(|&failing| {
            let requests = requests_needed(base, settings, percent, failing, LONGEST * rate);
            Shown { failing, within: requests.map(|requests| requests / rate) }
        })
        .collect();
    let mut parts: Vec<_> = shown.iter().map(Shown::words).collect();
    if shown.iter().all(|shown| shown.within.is_some()) {
        // Said once is enough.
        for part in &mut parts[1..] {
            *part = part.replacen(" show", "", 1);
        }
    }
    let mut sentence = format!("at {} requests/s: {} at {percent}% of traffic", rounded(rate), parts.join(", "));
    let clients = (percent < 100).then(|| clients_needed(settings, percent)).flatten();
    if let Some(clients) = clients {
        let _infallible = write!(sentence, "; with fewer than {clients} clients that stays unknown, and {then}");
    }
    Visible { percent, can_judge_traffic: true, shown, clients, sentence }
}

/// The smallest number of clients of which those who are drawn for the candidate are enough to reject it, when all of them fail and no others.
fn clients_needed(settings: &JudgeSettings, percent: u8) -> Option<u64> {
    const MOST: u64 = 100_000;
    (2..MOST).find(|all| {
        let mine = all * u64::from(percent) / 100;
        drawn::log_evidence((mine, 0), (mine, all - mine)) >= limit(settings)
    })
}

impl Shown {
    fn words(&self) -> String {
        let what =
            if self.failing >= 1.0 { "all failing".to_owned() } else { format!("{:.0}% errors", self.failing * 100.0) };
        match self.within {
            Some(seconds) => format!("{what} show within about {}", span(seconds)),
            None => format!("{what} do not show within a day"),
        }
    }
}

/// Requests, of both releases together, after which the evidence suffices; `None` when more than `most`.
fn requests_needed(base: &Counts, settings: &JudgeSettings, percent: u8, failing: f64, most: f64) -> Option<f64> {
    let before = if base.requests == 0 { 0.0 } else { base.server_errors as f64 / base.requests as f64 };
    let now = before + failing * (1.0 - before);
    let (share, limit) = (f64::from(percent) / 100.0, limit(settings));
    let enough = |requests: f64| {
        let mean = requests * share * now;
        let errors = (mean - 0.84 * mean.sqrt()).max(0.0);
        let evidence = if percent >= 100 {
            log_evidence(errors, requests.max(errors), tolerated(base.server_errors, base.requests))
        } else {
            log_evidence(errors, errors + requests * (1.0 - share) * before, share)
        };
        evidence >= limit
    };
    let mut many = 1.0;
    while !enough(many) {
        many *= 2.0;
        if many > 2.0 * most {
            return None;
        }
    }
    let mut few = many / 2.0;
    while many - few > 0.001 * many {
        let middle = 0.5 * (few + many);
        if enough(middle) {
            many = middle;
        } else {
            few = middle;
        }
    }
    Some(many).filter(|requests| *requests <= most)
}

fn rounded(rate: f64) -> String {
    match rate {
        rate if rate < 0.1 => format!("{rate:.2}"),
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => format!("{rate:.0}"),
    }
}

fn span(seconds: f64) -> String {
    match seconds {
        s if s < 0.095 => format!("{:.0} ms", (s * 1000.0).ceil()),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 180.0 => format!("{s:.0} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}
