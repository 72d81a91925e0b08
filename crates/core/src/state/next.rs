//! What a rollout does next: the one decision from which the engine acts.

use super::rollout::{EffectState, Rollout};
use super::{EnvironmentState, State};
use crate::event::{Choice, Dir, Event, Impact, Outcome, StepResult};
use crate::ids::{EnvironmentName, Epoch, IncidentNumber, ReleaseNumber, RolloutNumber};
use crate::plan::{Action, OnInterrupted, OnLimit, PlanKind, Undo};
use crate::time::{Millis, Timestamp};

/// How often an undo, or a step of a rollback, is tried before it is held for a person.
pub const UNDO_ATTEMPTS: u32 = 4;

/// How often a step that goes forward is begun again after its driver died.
const INTERRUPTIONS: u32 = 5;

/// How often a step after the commit is tried before it is left behind and reported.
const LATE_ATTEMPTS: u32 = 8;

/// What comes next in an environment.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Append this event and ask again.
    Append(Event),
    /// Run this effect, then append its `Finished`.
    Run(Effect),
    /// Wait for a person, or until this time.
    Wait(Option<Timestamp>),
    /// No rollout is open.
    Rest,
}

/// An effect to run. (rollout, step, direction) is its key: the same across retries and crashes.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The rollout.
    pub rollout: RolloutNumber,
    /// When that was opened.
    pub opened: Timestamp,
    /// The step, from 0.
    pub step: u16,
    /// Forward or back.
    pub dir: Dir,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How many attempts are known to have failed.
    pub failures: u32,
    /// What is to be done.
    pub action: Action,
}

impl Effect {
    /// The key in words, such as `rollout-3@1700000000000.step-2.do`. An attempt after an interruption, or after one that ended unknown, has the
    /// key of that one, so that a driver which keeps results by key joins or learns that one; an attempt after a known failure has
    /// a key of its own (`rollout-3@1700000000000.step-2.do.retry-1`), since it is meant to happen again. The hour tells a rollout from
    /// another of its number, of which a logbook that was restored from an older copy knows nothing.
    pub fn key(&self) -> String {
        let dir = match self.dir {
            Dir::Do => "do",
            Dir::Undo => "undo",
        };
        let retry = if self.failures == 0 { String::new() } else { format!(".retry-{}", self.failures) };
        format!("rollout-{}@{}.step-{}.{dir}{retry}", self.rollout, self.opened.as_millis(), self.step)
    }
}

impl State {
    /// What comes next in an environment, for the driver whose lease has this epoch, at this time.
    pub fn next(&self, name: &EnvironmentName, epoch: Epoch, now: Timestamp) -> Next {
        let Some(environment) = self.environments.get(name) else { return Next::Rest };
        let Some(rollout) = environment.rollout.as_deref() else { return Next::Rest };
        if rollout.unwinding.is_some() {
            return self.backward(environment, rollout, epoch, now);
        }
        if let Some(next) = rollout.before_the_next_step(epoch, now) {
            return next;
        }
        self.forward(name, rollout, epoch, now)
    }

    fn forward(&self, name: &EnvironmentName, rollout: &Rollout, epoch: Epoch, now: Timestamp) -> Next {
        let plan = &rollout.plan;
        let Some(index) = rollout.next_forward() else { return self.end_of_the_way_forward(name, rollout, now) };
        let step = &plan.steps[usize::from(index)];
        let is_rollback = plan.kind == PlanKind::Rollback;
        let unwind = |why: String| Next::Append(Event::Unwound { rollout: plan.rollout, why });
        match &rollout.steps[usize::from(index)].forward {
            EffectState::Begun { attempt, epoch: begun, .. } if *begun == epoch => {
                Next::Run(rollout.effect_to_run(index, Dir::Do, *attempt, step.action.clone()))
            }
            EffectState::Begun { .. } if step.on_interrupted == OnInterrupted::Ask => {
                rollout.hold(format!("`{}` was interrupted, and whether it ran is not known", step.name), None)
            }
            EffectState::Begun { attempt, .. } if *attempt >= INTERRUPTIONS && !is_rollback && !step.after_commit => {
                unwind(format!("`{}` was interrupted {attempt} times", step.name))
            }
            EffectState::Finished { result: StepResult::Failed { .. } | StepResult::Unknown { .. }, .. }
                if is_before_all(&step.action) =>
            {
                rollout.hold(rollout.without_a_way_back(index), None)
            }
            EffectState::Finished { result: StepResult::Failed { findings }, attempt, at, .. } => {
                let why =
                    findings.first().map_or_else(|| "no reason given".to_owned(), |finding| finding.message.clone());
                if step.after_commit {
                    return rollout.again(index, Dir::Do, *attempt, *at, now);
                }
                if !is_rollback {
                    return unwind(format!("`{}` failed: {why}", step.name));
                }
                self.again_or_hold(rollout, index, Dir::Do, now, &why)
            }
            EffectState::Finished { result: StepResult::Unknown { why }, attempt, at, .. } => {
                if step.after_commit {
                    return rollout.again(index, Dir::Do, *attempt, *at, now);
                }
                if is_rollback {
                    return self.again_or_hold(rollout, index, Dir::Do, now, why);
                }
                match plan.judge.on_unknown {
                    OnLimit::RollBack => unwind(format!("`{}` stayed unknown to its limit: {why}", step.name)),
                    OnLimit::Hold => rollout.hold(format!("`{}` is unknown: {why}", step.name), None),
                }
            }
            state => rollout.begin(index, Dir::Do, state.attempts() + 1),
        }
    }

    /// Everything is done: say what that means for open incidents, and close. Going back restores stability; only a release that
    /// goes out and holds resolves an incident. What the watch opened is about no release: it is over when a look says so.
    fn end_of_the_way_forward(&self, name: &EnvironmentName, rollout: &Rollout, now: Timestamp) -> Next {
        let plan = &rollout.plan;
        let number = plan.candidate.number;
        let lasting = self.drift(name).map(|drift| drift.incident);
        let mut open = self.open_incidents(name).filter(|(incident, _)| Some(*incident) != lasting);
        let event = match plan.kind {
            PlanKind::Ship => open.next().map(|(incident, _)| {
                let text = format!("release {number} is committed");
                Event::IncidentResolved { incident, text }
            }),
            PlanKind::Rollback => open.find(|(_, known)| known.restored.is_none()).map(|(incident, _)| {
                let text = rollout.serves_again(number);
                let restored = Some(rollout.traffic_moved().unwrap_or(now));
                Event::IncidentUpdated { incident, text, restored, impact: None }
            }),
        };
        Next::Append(event.unwrap_or_else(|| rollout.close(Outcome::Committed)))
    }

    fn backward(&self, environment: &EnvironmentState, rollout: &Rollout, epoch: Epoch, now: Timestamp) -> Next {
        if let Some(next) = rollout.held(epoch, now) {
            return next;
        }
        let plan = &rollout.plan;
        let Some(index) = rollout.backward_step() else { return self.end_of_the_way_back(environment, rollout, now) };
        let undo = match &plan.steps[usize::from(index)].undo {
            Undo::By(action) => action,
            Undo::Irreversible(why) => {
                return self.incident_then_hold(rollout, now, &format!("it cannot be undone: {why}"));
            }
            // `backward_step` passes over steps without an undo.
            Undo::Nothing => return Next::Rest,
        };
        match &rollout.steps[usize::from(index)].back {
            EffectState::Begun { attempt, epoch: begun, .. } if *begun == epoch => {
                Next::Run(rollout.effect_to_run(index, Dir::Undo, *attempt, undo.clone()))
            }
            EffectState::Finished { result, .. } => {
                let why = match result {
                    StepResult::Failed { findings } => findings.first().map(|finding| finding.message.clone()),
                    StepResult::Unknown { why } => Some(why.clone()),
                    StepResult::Done { .. } => None,
                };
                self.again_or_hold(rollout, index, Dir::Undo, now, &why.unwrap_or_default())
            }
            state => rollout.begin(index, Dir::Undo, state.attempts() + 1),
        }
    }

    /// Everything is undone: mark the release, record the incident, close.
    fn end_of_the_way_back(&self, environment: &EnvironmentState, rollout: &Rollout, now: Timestamp) -> Next {
        let plan = &rollout.plan;
        if !rollout.has_begun() {
            return Next::Append(rollout.close(Outcome::Cancelled));
        }
        let why = rollout.unwinding.clone().unwrap_or_default();
        if rollout.is_to_blame() && !rollout.marked_bad && !environment.bad.contains_key(&plan.candidate.digest) {
            return Next::Append(Event::MarkedBad { release: plan.candidate.clone(), why });
        }
        match self.incident_of(rollout) {
            None => Next::Append(self.open_incident(rollout, now)),
            Some((incident, known)) if known.restored.is_none() => {
                let serving = plan
                    .base
                    .as_ref()
                    .map_or_else(|| "nothing serves, as before".to_owned(), |base| rollout.serves_again(base.number));
                let restored = rollout.traffic_restored().unwrap_or(now);
                let impact = Some(rollout.impact());
                Next::Append(Event::IncidentUpdated { incident, text: serving, restored: Some(restored), impact })
            }
            Some(_) => Next::Append(rollout.close(Outcome::RolledBack)),
        }
    }

    /// A failed undo, or a failed step of a rollback: try it again after a pause, and after some failures hold for a person.
    fn again_or_hold(&self, rollout: &Rollout, index: u16, dir: Dir, now: Timestamp, why: &str) -> Next {
        let step = &rollout.plan.steps[usize::from(index)];
        let Some(EffectState::Finished { attempt, at, .. }) = rollout.effect(index, dir) else {
            return Next::Rest;
        };
        if !attempt.is_multiple_of(UNDO_ATTEMPTS) {
            return rollout.again(index, dir, *attempt, *at, now);
        }
        let direction = if dir == Dir::Undo { "undo of " } else { "" };
        self.incident_then_hold(rollout, now, &format!("{direction}`{}` failed {attempt} times: {why}", step.name))
    }

    fn incident_then_hold(&self, rollout: &Rollout, now: Timestamp, why: &str) -> Next {
        if self.incident_of(rollout).is_none() {
            return Next::Append(self.open_incident(rollout, now));
        }
        rollout.hold(why.to_owned(), None)
    }

    fn incident_of(&self, rollout: &Rollout) -> Option<(IncidentNumber, &super::Incident)> {
        let number = rollout.plan.rollout;
        self.incidents.iter().find(|(_, known)| known.rollout == Some(number)).map(|(number, known)| (*number, known))
    }

    fn open_incident(&self, rollout: &Rollout, now: Timestamp) -> Event {
        let plan = &rollout.plan;
        let environment = &plan.environment;
        let title = match &rollout.unwinding {
            Some(_) => format!("{environment}: release {} was rolled back", plan.candidate.number),
            None => format!("{environment}: going back to release {} does not finish", plan.candidate.number),
        };
        let next = format!("sternway status {environment}");
        let state = format!("{}; next: {next}", rollout.serving_in_words());
        Event::IncidentOpened {
            incident: IncidentNumber(self.incidents.keys().next_back().map_or(1, |last| last.0 + 1)),
            rollout: Some(plan.rollout),
            title,
            started: rollout.observed.first_failure.unwrap_or(now),
            state,
        }
    }
}

impl Rollout {
    /// What stands before the next step: a person's word, a hold, an approval, the hour.
    fn before_the_next_step(&self, epoch: Epoch, now: Timestamp) -> Option<Next> {
        let plan = &self.plan;
        if self.is_to_go_back()
            && let Some(why) = self.asked_back.as_ref().or(self.denied.as_ref())
        {
            let rollout = plan.rollout;
            return Some(Next::Append(if self.has_begun() {
                Event::Unwound { rollout, why: why.clone() }
            } else {
                self.close(Outcome::Cancelled)
            }));
        }
        // A hold keeps a rollout from going on. It never keeps what failed in front of users.
        if !self.has_failed()
            && let Some(next) = self.held(epoch, now)
        {
            return Some(next);
        }
        if self.has_begun() {
            return None;
        }
        if plan.not_before.is_some_and(|start| now < start) {
            return Some(Next::Wait(plan.not_before));
        }
        (!self.is_approved()).then_some(Next::Wait(None))
    }

    /// Whether the step at which it stands failed, so that it goes back.
    fn has_failed(&self) -> bool {
        let Some(index) = self.forward_step().map(usize::from) else { return false };
        self.plan.kind == PlanKind::Ship
            && !self.plan.steps[index].after_commit
            && !is_before_all(&self.plan.steps[index].action)
            && matches!(self.steps[index].forward, EffectState::Finished { result: StepResult::Failed { .. }, .. })
    }

    fn held(&self, epoch: Epoch, now: Timestamp) -> Option<Next> {
        let hold = self.hold.as_ref()?;
        match hold.until {
            Some((until, choice)) if until <= now => {
                // What was chosen for the limit may not be possible any more: then it goes on as it went.
                let choice = if self.refuses(choice, epoch).is_some() { Choice::Continue } else { choice };
                let reason = "the hold's limit was reached".to_owned();
                Some(Next::Append(Event::Resumed { rollout: self.plan.rollout, choice, reason }))
            }
            Some((until, _)) => Some(Next::Wait(Some(until))),
            None => Some(Next::Wait(None)),
        }
    }

    /// Why it waits though nothing failed that users have: it would start on a way back that is not there any more.
    fn without_a_way_back(&self, index: u16) -> String {
        let why = match self.effect(index, Dir::Do) {
            Some(EffectState::Finished { result: StepResult::Failed { findings }, .. }) => {
                findings.first().map(|finding| finding.message.clone())
            }
            Some(EffectState::Finished { result: StepResult::Unknown { why }, .. }) => Some(why.clone()),
            _ => None,
        };
        let why = why.unwrap_or_else(|| "no reason given".to_owned());
        format!("the way back that the plan promises is not there any more, and nothing was begun: {why}")
    }

    /// The first step that is not done; a step after the commit that failed often enough is left behind.
    fn next_forward(&self) -> Option<u16> {
        let index = self.forward_step()?;
        let late = self.plan.steps[usize::from(index)].after_commit;
        let given_up = matches!(&self.steps[usize::from(index)].forward,
            EffectState::Finished { attempt, .. } if *attempt >= LATE_ATTEMPTS);
        // Only the last step comes after the commit, so leaving it behind ends the rollout.
        if late && given_up { None } else { Some(index) }
    }

    /// Once more, after a pause that grows.
    fn again(&self, step: u16, dir: Dir, attempt: u32, at: Timestamp, now: Timestamp) -> Next {
        let due = at.plus(Millis(200 << attempt.min(6)).duration());
        // A clock that was set back since must not keep a way back waiting for as long.
        if at <= now && now < due { Next::Wait(Some(due)) } else { self.begin(step, dir, attempt + 1) }
    }

    fn begin(&self, step: u16, dir: Dir, attempt: u32) -> Next {
        Next::Append(Event::Began { rollout: self.plan.rollout, step, dir, attempt })
    }

    fn effect_to_run(&self, step: u16, dir: Dir, attempt: u32, action: Action) -> Effect {
        let failures = self.effect(step, dir).map_or(0, EffectState::failures);
        Effect { rollout: self.plan.rollout, opened: self.opened, step, dir, attempt, failures, action }
    }

    fn hold(&self, why: String, until: Option<(Timestamp, Choice)>) -> Next {
        Next::Append(Event::Held { rollout: self.plan.rollout, why, until })
    }

    fn close(&self, outcome: Outcome) -> Event {
        Event::Closed { rollout: self.plan.rollout, outcome }
    }

    /// That a release serves again; and, where a person let pass what did not end well, that this was not verified.
    fn serves_again(&self, release: ReleaseNumber) -> String {
        let steps = || self.steps.iter().zip(&self.plan.steps);
        let accepted = |state: &EffectState| *state == EffectState::Accepted;
        let undone = steps().filter(|(state, _)| accepted(&state.back)).map(|(_, step)| {
            let verifies = matches!(step.undo, Undo::By(Action::ConfirmServing { .. }));
            (verifies, format!("the undo of `{}`", step.name))
        });
        let done = steps().filter(|(state, _)| accepted(&state.forward)).map(|(_, step)| {
            let verifies = matches!(step.action, Action::ConfirmServing { .. });
            (verifies, format!("`{}`", step.name))
        });
        let passed: Vec<(bool, String)> = if self.unwinding.is_some() { undone.collect() } else { done.collect() };
        if passed.iter().any(|(verifies, _)| *verifies) {
            return format!("release {release} was accepted by a person as serving again, unverified");
        }
        let names: Vec<String> = passed.into_iter().map(|(_, name)| name).collect();
        if names.is_empty() {
            return format!("release {release} serves again, verified");
        }
        format!("release {release} serves again; a person accepted {} unverified", names.join(", "))
    }

    /// When a rollback's release had all traffic: the end of its switch.
    fn traffic_moved(&self) -> Option<Timestamp> {
        let moved = self.steps.iter().zip(&self.plan.steps).rfind(|(_, step)| moves_traffic(&step.action))?.0;
        if let EffectState::Finished { at, .. } = moved.forward { Some(at) } else { None }
    }

    /// When the base had all traffic again: the end of the first undo that moved traffic.
    fn traffic_restored(&self) -> Option<Timestamp> {
        self.steps
            .iter()
            .zip(&self.plan.steps)
            .rev()
            .filter(|(_, step)| matches!(&step.undo, Undo::By(action) if moves_traffic(action)))
            .find_map(|(state, _)| match state.back {
                EffectState::Finished { at, .. } => Some(at),
                _ => None,
            })
    }

    fn impact(&self) -> Impact {
        let tally = &self.observed.candidate;
        let span = tally.failing.map_or(Millis(0), |(first, last)| {
            Millis(u64::try_from(last.since(first).as_millis()).unwrap_or(u64::MAX))
        });
        let method = if tally.requests == 0 {
            "the proxy forwarded no request to the candidate".to_owned()
        } else {
            "responses of the candidate with 5xx, 401, 403, another 4xx, a redirect to the login page, or none at all, as \
             the proxy counted them in windows; clients by salted hash, an estimate from below"
                .to_owned()
        };
        Impact { failed_requests: tally.failed, requests: tally.requests, clients: tally.clients, span, method }
    }

    /// What state the environment is in, for a person.
    pub fn serving_in_words(&self) -> String {
        let candidate = self.plan.candidate.number;
        let base = self
            .plan
            .base
            .as_ref()
            .map_or_else(|| "nothing serves".to_owned(), |base| format!("release {} serves", base.number));
        let switched = self
            .steps
            .iter()
            .zip(&self.plan.steps)
            .rev()
            .find(|(_, step)| matches!(step.action, Action::Switch { .. } | Action::Exchange { .. }))
            .map(|(state, _)| state);
        let shifted = self.steps.iter().zip(&self.plan.steps).rev().find_map(|(state, step)| match step.action {
            Action::Shift { percent, .. } if state.forward.has_begun() && !state.back.is_done() => Some(percent),
            _ => None,
        });
        match (switched, shifted) {
            (Some(state), _) if state.back.is_done() => {
                self.has_traffic_only(Dir::Undo).unwrap_or_else(|| format!("{base} again"))
            }
            (Some(state), _) if state.back.has_begun() => {
                format!("which release serves is not known: the switch back from release {candidate} did not finish")
            }
            (Some(state), _) if state.forward.is_done() => {
                self.has_traffic_only(Dir::Do).unwrap_or_else(|| format!("release {candidate} serves"))
            }
            (Some(state), _) if state.forward.has_begun() => {
                format!("which release serves is not known: the switch to release {candidate} did not finish")
            }
            (_, Some(percent)) => format!("{base}, release {candidate} has {percent}% of traffic"),
            _ => base,
        }
    }

    /// That a release has the traffic and was looked at, and does not serve: what its confirmation in this direction found. A release
    /// that nobody has looked at yet, or that was seen to serve, is not spoken of.
    fn has_traffic_only(&self, dir: Dir) -> Option<String> {
        let confirms = |step: &crate::plan::Step| match (dir, &step.action, &step.undo) {
            (Dir::Do, Action::ConfirmServing { release }, _)
            | (Dir::Undo, _, Undo::By(Action::ConfirmServing { release })) => Some(release.number),
            _ => None,
        };
        let found = self.steps.iter().zip(&self.plan.steps).find_map(|(state, step)| Some((state, confirms(step)?)));
        let (state, release) = found?;
        let asked = if dir == Dir::Undo { &state.back } else { &state.forward };
        match asked {
            EffectState::Finished { result: StepResult::Failed { findings }, .. } => {
                let why = findings.first().map_or("no reason given", |finding| finding.message.as_str());
                Some(format!("release {release} has all traffic and does not serve: {why}"))
            }
            EffectState::Finished { result: StepResult::Unknown { why }, .. } => {
                Some(format!("release {release} has all traffic; whether it serves is not known: {why}"))
            }
            asked if asked.failures() > 0 => Some(format!(
                "release {release} has all traffic and did not serve when it was asked; it is asked again"
            )),
            _ => None,
        }
    }
}

/// Whether it is the look at what serves, which comes before anything that users could notice: there is nothing to go back from.
fn is_before_all(action: &Action) -> bool {
    matches!(action, Action::Baseline { .. })
}

/// Whether this gives all traffic to one release.
fn moves_traffic(action: &Action) -> bool {
    matches!(action, Action::Switch { .. } | Action::Unshift { .. } | Action::Withdraw { .. } | Action::Exchange { .. })
}
