//! Watching a candidate under traffic: look, judge, look again.

use std::time::Duration;

use sternway_core::check::CheckAnswer;
use sternway_core::counts::{Counts, Metric};
use sternway_core::event::{Event, Observation, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::{ReleaseNumber, RolloutNumber};
use sternway_core::judge::{BaseRecord, Judge, Judgement, Monitor};
use sternway_core::plan::Plan;
use sternway_core::release::ReleaseRef;
use sternway_core::state::{Effect, Rollout};
use sternway_core::time::Timestamp;
use sternway_core::verdict::Verdict;

use crate::ports::{Order, Pending, Snapshot, Subject};
use crate::session::{EngineError, Session};

/// How often the counters are looked at. Short, because it is the floor of how long a bad release stays in front of users.
const TICK: Duration = Duration::from_millis(20);
/// How often what was counted is recorded when nothing decides sooner.
const RECORD: Duration = Duration::from_secs(1);
/// How often others' entries are read: a person's word to go back.
const LISTEN: Duration = Duration::from_millis(100);
/// How often the candidate's share is renewed; the share runs out after ten seconds.
const RENEW: Duration = Duration::from_secs(2);
/// How soon it is tried again when it could not be renewed.
const RENEW_AGAIN: Duration = Duration::from_millis(500);
/// How long what is unknown at the end of a short window may take to become known.
const LIMIT: Duration = Duration::from_secs(30);
/// So many answers of each monitor fit into a window: those that it takes to be accepted, and a little more.
const ANSWERS: u32 = Monitor::PASSES_TO_ACCEPT + 2;

/// One window of counts that is not recorded yet.
struct Window {
    from: Timestamp,
    candidate: Counts,
    base: Counts,
    clients: u64,
}

/// A monitor between two questions, or while its answer is on its way.
struct Asking {
    check: usize,
    every: Duration,
    /// Counted like [`crate::Clock::passed`]: a clock that is set must neither end a watch nor blind it.
    due: Duration,
    asked: Timestamp,
    pending: Option<Box<dyn Pending>>,
    last: Option<Verdict>,
}

/// How it stands with the candidate's share. Times are counted like [`crate::Clock::passed`].
#[derive(Default)]
struct Share {
    /// Since when the candidate has had it in this watch: the window begins then.
    given: Option<Duration>,
    /// When it is to be renewed.
    due: Duration,
    /// Why it could not be renewed the last time.
    not_renewed: Option<String>,
}

/// One watch: a release at one share of traffic.
struct Watch<'a> {
    rollout: RolloutNumber,
    plan: &'a Plan,
    release: &'a ReleaseRef,
    percent: u8,
    judge: Judge,
    last: Option<Snapshot>,
    window: Window,
    monitors: Vec<Asking>,
    seen: u64,
    /// Metrics of which it was said why they are not rejected.
    doubted: Vec<Metric>,
    /// Why the proxy's counters could not be read at the last look.
    silent: Option<String>,
    /// The candidate's share of traffic, which is a lease.
    share: Share,
    /// Why it is not known whether the candidate's instances run.
    unsteady: Option<String>,
}

impl Session {
    pub(crate) fn watch(
        &mut self,
        effect: &Effect,
        plan: &Plan,
        release: &ReleaseRef,
        percent: u8,
        window: Duration,
    ) -> Result<StepResult, EngineError> {
        let start = self.ports.clock.now();
        let mut watch = Watch::new(self.rollout(), effect.rollout, plan, release, percent, start, window);
        watch.last = self.before.take();
        let began = self.ports.clock.passed();
        let (mut recorded, mut listened) = (began, began);
        loop {
            self.stop_if_fenced()?;
            let now = self.ports.clock.now();
            watch.keep_share(self, effect);
            watch.look(self);
            let ticks = self.ports.clock.passed();
            watch.ask(self, now, ticks);
            let judgement = watch.judge.judgement();
            if judgement.verdict == Verdict::Fail {
                watch.record(self, now);
                return Ok(watch.failed(self, &judgement, now));
            }
            if ticks.saturating_sub(recorded) >= RECORD {
                recorded = ticks;
                watch.say_doubts(self, &judgement, now);
                watch.record(self, now);
                self.flush()?;
                let order = Order { key: effect.key(), epoch: self.lease.epoch, plan, action: &effect.action };
                match self.ports.driver.steady(&order, release) {
                    Ok(None) => watch.unsteady = None,
                    Ok(Some(finding)) => return Ok(StepResult::Failed { findings: vec![finding] }),
                    Err(unreachable) => watch.unsteady = Some(unreachable.to_string()),
                }
            }
            if ticks.saturating_sub(listened) >= LISTEN {
                listened = ticks;
                self.catch_up()?;
                if self.rollout().is_none_or(|rollout| rollout.asked_back.is_some()) {
                    return Ok(StepResult::Unknown { why: "told to go back while it was watched".to_owned() });
                }
            }
            // What is unknown at the end of the window may become known within as much time again, or half a minute: that is the
            // limit. Checks that are slow on a busy machine must not turn a good release back.
            let passed = ticks.saturating_sub(watch.share.given.unwrap_or(began));
            let unknown = watch.unknown(&judgement);
            if passed >= window && (unknown.is_none() || passed >= (window * 2).max(window + LIMIT)) {
                watch.record(self, now);
                self.flush()?;
                return Ok(match unknown {
                    Some(why) => StepResult::Unknown { why },
                    None => StepResult::Done { note: watch.summary(&judgement) },
                });
            }
            self.ports.clock.pause(TICK);
        }
    }
}

impl<'a> Watch<'a> {
    fn new(
        state: Option<&Rollout>,
        rollout: RolloutNumber,
        plan: &'a Plan,
        release: &'a ReleaseRef,
        percent: u8,
        start: Timestamp,
        window: Duration,
    ) -> Self {
        let monitors = plan.checks.iter().enumerate().filter_map(|(check, declared)| {
            // Wald's test accepts after fourteen passes: a short window asks more often, so that it can decide at all.
            let every = declared.monitor?.duration().min(window / ANSWERS);
            Some(Asking { check, every, due: Duration::ZERO, asked: start, pending: None, last: None })
        });
        let mut judge = rebuilt_judge(state, plan, percent);
        judge.unobserved("the proxy's counters were not read yet");
        Self {
            rollout,
            plan,
            release,
            percent,
            judge,
            last: None,
            window: Window::new(start),
            monitors: monitors.collect(),
            seen: 0,
            doubted: Vec::new(),
            silent: None,
            share: Share::default(),
            unsteady: None,
        }
    }

    /// Gives the candidate its share before the first look, and renews it from then on: a watch may begin long after the shift, when a
    /// rollout was held between them, and watches nothing as long as the share has run out.
    fn keep_share(&mut self, session: &Session, effect: &Effect) {
        if self.percent >= 100 || session.ports.clock.passed() < self.share.due {
            return;
        }
        if self.last.is_none() {
            // From here on it is counted, so that no response after the share is given is missed.
            self.last = session.ports.traffic.counts(&session.lease.environment).ok();
        }
        let (plan, action) = (self.plan, &effect.action);
        let order = Order { key: effect.key(), epoch: session.lease.epoch, plan, action };
        let renewal = session.ports.driver.renew_share(&order, self.release, self.percent);
        let now = session.ports.clock.passed();
        self.share.due = now + if renewal.is_ok() { RENEW } else { RENEW_AGAIN };
        self.share.not_renewed = renewal.err().map(|unreachable| unreachable.to_string());
        if self.share.not_renewed.is_none() {
            self.share.given.get_or_insert(now);
        }
    }

    /// Reads the counters and tells the judge what was added.
    fn look(&mut self, session: &Session) {
        if !self.is_routed() {
            return;
        }
        let snapshot = match session.ports.traffic.counts(&session.lease.environment) {
            Ok(snapshot) => snapshot,
            Err(unreachable) => {
                self.silent = Some(unreachable.to_string());
                return;
            }
        };
        self.silent = None;
        // Without an earlier look, or after the counting began anew, what stands there now is where counting starts; a fresh
        // start of the proxy itself counts from zero.
        let earlier = match &self.last {
            Some(last) if last.boot == snapshot.boot => last.clone(),
            Some(_) => Snapshot::default(),
            None => snapshot.clone(),
        };
        let candidate = added(&earlier, &snapshot, self.release.number, self.percent < 100);
        let base = match &self.plan.base {
            Some(base) if self.percent < 100 => added(&earlier, &snapshot, base.number, false),
            _ => Counts::default(),
        };
        self.judge.observe(&candidate, &base);
        self.seen += candidate.requests;
        self.window.candidate.add(&candidate);
        self.window.base.add(&base);
        self.window.clients = snapshot.releases.get(&self.release.number).map_or(0, |of| of.failed_clients);
        self.last = Some(snapshot);
    }

    /// Asks the monitors that are due and takes in the answers that are there.
    fn ask(&mut self, session: &mut Session, now: Timestamp, ticks: Duration) {
        let environment = session.lease.environment.clone();
        for monitor in &mut self.monitors {
            let check = &self.plan.checks[monitor.check];
            if monitor.pending.is_none() && monitor.due <= ticks {
                let subject = if self.percent < 100 {
                    Subject::Candidate(self.release.clone())
                } else {
                    Subject::Public(self.release.clone())
                };
                monitor.asked = now;
                monitor.pending = Some(session.ports.checks.begin(&environment, self.plan, check, &subject));
            }
            let Some(answer) = monitor.pending.as_mut().and_then(|pending| pending.poll()) else { continue };
            monitor.pending = None;
            // A check that did not pass is asked again soon, so that three straight failures do not take three intervals.
            let pause = if answer.verdict == Verdict::Pass { monitor.every } else { monitor.every.min(TICK * 10) };
            monitor.due = ticks + pause;
            let changed = monitor.last != Some(answer.verdict);
            monitor.last = Some(answer.verdict);
            self.judge.answer(&check.name, answer.verdict);
            if changed || answer.verdict != Verdict::Pass {
                record_answer(session, self.rollout, self.release.number, &check.name, monitor.asked, now, answer);
            }
        }
    }

    /// Stages what was counted since the last time.
    fn record(&mut self, session: &mut Session, now: Timestamp) {
        let window = std::mem::replace(&mut self.window, Window::new(now));
        let mut stage = |release: ReleaseNumber, counts: Counts, clients: u64| {
            // Who asked and has no answer yet is a client of the next window's requests.
            if counts.requests == 0 {
                return counts;
            }
            let what = Observation::Traffic { release, percent: self.percent, counts, clients };
            session.stage(Event::Observed { rollout: Some(self.rollout), from: window.from, to: now, what });
            Counts::default()
        };
        self.window.candidate = stage(self.release.number, window.candidate, window.clients);
        if let Some(base) = &self.plan.base {
            self.window.base = stage(base.number, window.base, 0);
        }
    }

    /// Says once of each metric that speaks against the release why it is not rejected.
    fn say_doubts(&mut self, session: &mut Session, judgement: &Judgement, now: Timestamp) {
        for doubt in &judgement.doubts {
            if self.doubted.contains(&doubt.metric) {
                continue;
            }
            self.doubted.push(doubt.metric);
            let what = Observation::Judged {
                release: self.release.number,
                metric: doubt.metric,
                errors: doubt.errors,
                requests: doubt.requests,
                against: format!("{}; {}", doubt.against, doubt.why),
                evidence: doubt.evidence,
                verdict: Verdict::Unknown,
            };
            session.stage(Event::Observed { rollout: Some(self.rollout), from: now, to: now, what });
        }
    }

    /// Why the verdict would be unknown now.
    fn unknown(&self, judgement: &Judgement) -> Option<String> {
        let unobserved = judgement.unobserved.as_ref().filter(|_| self.is_routed());
        if let Some(why) =
            self.silent.as_ref().or(self.share.not_renewed.as_ref()).or(self.unsteady.as_ref()).or(unobserved)
        {
            return Some(why.clone());
        }
        if let Some(doubt) = judgement.doubts.iter().find(|doubt| doubt.stands()) {
            let release = self.release.number;
            return Some(format!("release {release} at {}% of traffic: {}", self.percent, doubt.words()));
        }
        let not_passing = self.monitors.iter().find(|monitor| monitor.last != Some(Verdict::Pass));
        if let Some(monitor) = not_passing {
            let name = &self.plan.checks[monitor.check].name;
            return Some(match monitor.last {
                None => format!("check `{name}` has not answered"),
                Some(Verdict::Unknown) => format!("check `{name}` could not be asked"),
                _ => format!("check `{name}` fails, not often enough to decide"),
            });
        }
        // Below 100% a passing check need not be accepted yet: its test goes on at the next share.
        let undecided = judgement.undecided_checks.first().filter(|_| self.percent >= 100)?;
        Some(format!("check `{undecided}` has not passed often enough to be accepted"))
    }

    fn failed(&self, session: &mut Session, judgement: &Judgement, now: Timestamp) -> StepResult {
        let number = self.release.number;
        let mut findings = Vec::new();
        for rejection in &judgement.rejected {
            let what = Observation::Judged {
                release: number,
                metric: rejection.metric,
                errors: rejection.errors,
                requests: rejection.requests,
                against: rejection.against.clone(),
                evidence: rejection.evidence,
                verdict: Verdict::Fail,
            };
            session.stage(Event::Observed { rollout: Some(self.rollout), from: now, to: now, what });
            let text = format!(
                "release {number} at {}% of traffic: {} {}, against {}",
                self.percent,
                rejection.errors,
                rejection.metric.label(),
                rejection.against
            );
            findings.push(
                Finding::error("S0701", rejection.metric.label(), text)
                    .hint(format!("see `sternway report` and the log of release {number}")),
            );
        }
        for name in &judgement.failing_checks {
            let text = format!("monitor `{name}` fails on release {number} at {}% of traffic", self.percent);
            let mut finding = Finding::error("S0702", name, text);
            finding.places.extend(
                self.plan.checks.iter().filter(|check| check.name == *name).filter_map(|check| check.place.clone()),
            );
            findings.push(finding);
        }
        StepResult::Failed { findings }
    }

    /// Whether requests reach the release at all.
    fn is_routed(&self) -> bool {
        self.plan.is_routed(self.release)
    }

    fn summary(&self, judgement: &Judgement) -> String {
        let watched = match self.monitors.len() {
            1 => "1 monitor passes".to_owned(),
            many => format!("{many} monitors pass"),
        };
        if !self.is_routed() {
            format!("no requests are routed here; {watched}")
        } else if self.seen == 0 {
            format!("nobody came: only the checks judged; {watched}")
        } else if judgement.can_judge_traffic {
            let said = format!("nothing worse than before in {} requests, {watched}", self.seen);
            std::iter::once(said)
                .chain(judgement.doubts.iter().map(sternway_core::judge::Doubt::words))
                .collect::<Vec<_>>()
                .join("; ")
        } else {
            format!("too little traffic on record to judge {} requests by; {watched}", self.seen)
        }
    }
}

impl Window {
    fn new(from: Timestamp) -> Self {
        Self { from, candidate: Counts::default(), base: Counts::default(), clients: 0 }
    }
}

/// The judge as it stood: the shares that were watched before, from the logbook, then this one. So evidence survives a crash.
fn rebuilt_judge(state: Option<&Rollout>, plan: &Plan, percent: u8) -> Judge {
    let base = state.and_then(|state| state.observed.base.clone());
    let base = base.map(|(counts, rate)| BaseRecord { counts, rate });
    let judge = Judge::new(&plan.judge, base.as_ref());
    let mut judge = if plan.base.is_none() { judge.of_a_first_release() } else { judge };
    plan.checks.iter().filter(|check| check.monitor.is_some()).for_each(|check| judge.expect(&check.name));
    let mut began_this = false;
    for (&share, releases) in state.iter().flat_map(|state| &state.observed.traffic) {
        judge.begin_step(share);
        began_this |= share == percent;
        let of = |release: Option<ReleaseNumber>| {
            release.and_then(|release| releases.get(&release)).cloned().unwrap_or_default()
        };
        let base = if share < 100 { plan.base.as_ref().map(|base| base.number) } else { None };
        judge.observe(&of(Some(plan.candidate.number)), &of(base));
    }
    if !began_this {
        judge.begin_step(percent);
    }
    judge
}

fn added(earlier: &Snapshot, now: &Snapshot, release: ReleaseNumber, as_candidate: bool) -> Counts {
    let Some(of) = now.releases.get(&release) else { return Counts::default() };
    let (after, before) = match (as_candidate, earlier.releases.get(&release)) {
        (true, before) => (&of.candidate, before.map(|of| &of.candidate)),
        (false, before) => (&of.current, before.map(|of| &of.current)),
    };
    before.map_or_else(|| after.clone(), |before| after.since(before))
}

fn record_answer(
    session: &mut Session,
    rollout: RolloutNumber,
    release: ReleaseNumber,
    check: &str,
    from: Timestamp,
    to: Timestamp,
    answer: CheckAnswer,
) {
    let what = Observation::Check { check: check.to_owned(), release, monitor: true, answer };
    session.stage(Event::Observed { rollout: Some(rollout), from, to, what });
}
