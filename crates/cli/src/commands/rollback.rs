//! `rollback`: back to the previous, or a named, release. Needs nothing from the broken one, asks no gate, reads no project file.

use sternway_core::event::{Choice, Event, Outcome};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, IncidentNumber, ReleaseNumber};
use sternway_core::plan::{JudgeSettings, OnLimit, Plan, PlanKind, TrafficSpec};
use sternway_core::planner::{self, Inputs};
use sternway_core::project::Environment;
use sternway_core::release::ReleaseRecord;
use sternway_core::state::{Deployment, JobLeft, Rollout, State};
use sternway_core::time::Millis;
use sternway_engine::{Clock as _, LogbookJournal};

use super::plan::{fold, short};
use super::ship::{follow_to_the_end, refused};
use crate::args::Rollback as RollbackArgs;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::clock::SystemClock;
use crate::wiring::parts::{self, Needs};
use crate::{gather, person, release, render};

pub(super) fn run(context: &Context, args: &RollbackArgs, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let mut state = fold(&journal)?;
    let environment = EnvironmentName::new(&args.environment)
        .ok()
        .filter(|name| state.environments.contains_key(name))
        .ok_or_else(|| {
            let known: Vec<&str> = state.environments.keys().map(EnvironmentName::as_str).collect();
            Failure::usage("S0912", format!("nothing was ever shipped to `{}`", args.environment))
                .because(format!("the logbook knows: {}", known.join(", ")))
                .next("sternway status")
        })?;
    loop {
        let told = match state.rollout(&environment) {
            Some(open) if open.plan.kind == PlanKind::Rollback && args.release.is_none() && open.hold.is_some() => {
                return Err(stuck(&state, &environment, open));
            }
            Some(open) if open.plan.kind == PlanKind::Rollback && is_wanted(open, args) => {
                let (plan, seq) = (open.plan.clone(), open.opened_seq);
                render::say(&format!("a rollback is under way already, opened by {}; following it", open.by));
                start_parts(context, &plan)?;
                return follow_to_the_end(&journal, plan.rollout, seq, &plan, json);
            }
            Some(open) if open.plan.kind == PlanKind::Ship && !open.is_accepted() => {
                unwind(context, &journal, &environment, state, args, json)?
            }
            _ => back(context, &journal, &environment, state, args, json)?,
        };
        match told {
            Told::Exit(exit) => return Ok(exit),
            Told::TooLate(newer) => state = newer,
        }
    }
}

fn is_wanted(open: &Rollout, args: &RollbackArgs) -> bool {
    args.release.is_none_or(|number| open.plan.candidate.number.0 == number)
}

/// A rollback that is held: whereto next is for a person to say.
fn stuck(state: &State, environment: &EnvironmentName, open: &Rollout) -> Failure {
    let failing = open.plan.candidate.number;
    let why = open.hold.as_ref().map(|hold| hold.why.clone()).unwrap_or_default();
    let left = open.plan.base.as_ref().map(|base| base.number);
    let ways = state.environment(environment);
    let others = ways.ways_back(&state.releases).into_iter().map(|way| way.release.number);
    let ways: Vec<String> =
        left.into_iter().chain(others).filter(|way| *way != failing).map(|way| way.to_string()).collect();
    Failure::new(Exit::Held, "S0909", format!("going back to release {failing} is held"))
        .because(why)
        .production(open.serving_in_words())
        .next(format!(
            "name where to: sternway rollback {environment} N, with N one of {}; or sternway resume {environment}",
            ways.join(", ")
        ))
}

/// What came of a person's word.
enum Told {
    Exit(Exit),
    /// A rollout ended, was accepted or was opened just then: what the word means is to be seen anew.
    TooLate(State),
}

/// Agent, `serve` and proxy, once what is to happen stands in the logbook: whatever keeps them from running now, it goes on when they do.
fn start_parts(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let before = plan.base_traffic.as_ref().is_some_and(|traffic| !traffic.listen.is_empty());
    let traffic = before || !plan.traffic.listen.is_empty();
    parts::start_all(context, &Needs { environment: &plan.environment, traffic, metrics: None }).map(|_| ()).map_err(
        |failure| failure.production("the rollback is in the logbook; it goes on as soon as agent and serve run"),
    )
}

/// Tells the open rollout to go back.
fn unwind(
    context: &Context,
    journal: &LogbookJournal,
    environment: &EnvironmentName,
    state: State,
    args: &RollbackArgs,
    json: bool,
) -> Result<Told, Failure> {
    if args.release.is_some() {
        let open = state.rollout(environment).map_or(0, |open| open.plan.rollout.0);
        return Err(Failure::new(
            Exit::Blocked,
            "S0901",
            format!("rollout {open} is under way: it goes back to its own base first"),
        )
        .next(format!("sternway rollback {environment}")));
    }
    let mut found: Option<(Plan, u64, Vec<Left>)> = None;
    let appended = journal.append_decided(Some(environment), &person::name(), state, |state| {
        let open = state.rollout(environment).filter(|open| !open.is_accepted() && open.plan.kind == PlanKind::Ship);
        let Some(open) = open else { return Err(()) };
        let left = open.jobs_left().into_iter().filter(|left| left.undo.is_none());
        let left = left.map(|left| (open.plan.candidate.number, left)).collect();
        found = Some((open.plan.clone(), state.head, left));
        if open.unwinding.is_some() || open.asked_back.is_some() {
            return Ok(Vec::new());
        }
        let reason = args.reason.clone();
        Ok(vec![Event::Resumed { rollout: open.plan.rollout, choice: Choice::RollBack, reason }])
    });
    let (newer, told) = appended.map_err(|error| refused(&error))?;
    let (Ok(_), Some((plan, seq, left))) = (told, found) else { return Ok(Told::TooLate(newer)) };
    if json {
        say_opened(&plan, plan.base.as_ref().map(|base| base.number), &left);
    } else {
        say_left(&left);
    }
    start_parts(context, &plan)?;
    if args.detach {
        return Ok(Told::Exit(detached(environment, json)));
    }
    // Who asked for it has got what was asked for.
    match follow_to_the_end(journal, plan.rollout, seq, &plan, json)? {
        Exit::RolledBack => Ok(Told::Exit(Exit::Done)),
        other => Ok(Told::Exit(other)),
    }
}

/// The state once what must end first has ended.
fn ended(state: &State, environment: &EnvironmentName) -> State {
    let mut state = state.clone();
    if let Some(event) = state.ends_for_a_rollback(environment) {
        super::plan::apply(&mut state, environment, &event);
    }
    state
}

/// A job that stays as it ran, and the release that ran it.
type Left = (ReleaseNumber, JobLeft);

/// Data never goes back by itself: what is not undone is said before it starts.
fn say_left(left: &[Left]) {
    for (release, job) in left {
        render::say(&job.in_words(*release));
    }
}

/// The first line for a program: whereto it goes, and what is not undone.
fn say_opened(plan: &Plan, to: Option<ReleaseNumber>, left: &[Left]) {
    let left: Vec<_> = left
        .iter()
        .map(|(release, left)| serde_json::json!({ "job": left.job, "release": release, "undo": left.undo }))
        .collect();
    render::json(&serde_json::json!({
        "format": 1, "environment": plan.environment, "rollout": plan.rollout, "release": to, "outcome": "opened", "not_undone": left,
    }));
}

fn detached(environment: &EnvironmentName, json: bool) -> Exit {
    if !json {
        render::line(&format!("going back; follow it with `sternway status {environment}`"));
    }
    Exit::Done
}

/// Opens a rollback from what is committed to what served before.
fn back(
    context: &Context,
    journal: &LogbookJournal,
    environment: &EnvironmentName,
    state: State,
    args: &RollbackArgs,
    json: bool,
) -> Result<Told, Failure> {
    let store = context.store()?;
    let now = ended(&state, environment);
    let (record, deployment) = target(&now, environment, args.release)?;
    // When a way back got stuck, what is left may be the best there is.
    not_bad_unsaid(&now, environment, &record, args.accept_bad || state.rollout(environment).is_some())?;
    // A rollback that got stuck may have given traffic to its own release: that one is what is left now, and stopped at the end.
    let left = state.left_by_a_stuck_rollback(environment).filter(|left| left.digest != record.digest);
    let tried = left.map(ReleaseRecord::reference);
    let base = match left {
        Some(left) => Some(gather::known(&store, left)),
        None => gather::base(&store, &now, environment),
    };
    let candidate = gather::known_to_go_back_to(context, &store, &record);
    let overrides = if args.accept_bad { vec![NOT_ANSWERING.to_owned()] } else { Vec::new() };
    let settings = settings(&deployment);
    let facts = gather::facts(context, &store, environment, &settings, &candidate, base.as_ref())?;
    let current = now.environment(environment).current.map(|current| current.release);
    // What is ended by this is only what was there when the person spoke: never the way back that another has just opened.
    let number = |state: &State| state.rollout(environment).map(|open| open.plan.rollout);
    let open = number(&state);
    let moved = |newest: &State| {
        let place = ended(newest, environment).environment(environment);
        number(newest) != open || place.rollout.is_some() || place.current.map(|now| now.release) != current
    };
    let (place, target) = (now.environment(environment), record.reference());
    let left: Vec<Left> = place.jobs_since(&target).map(|(release, left)| (release, left.clone())).collect();
    if !json {
        say_left(&left);
    }
    let mut plan: Option<Plan> = None;
    let by = person::name();
    let appended = journal.append_decided(Some(environment), &by, state, |newest| {
        if moved(newest) {
            return Err(Vec::new());
        }
        let state = &ended(newest, environment);
        let traffic = settings.traffic.clone();
        let inputs = Inputs {
            state,
            environment,
            settings: &settings,
            checks: &deployment.checks,
            base: base.clone(),
            candidate: candidate.clone(),
            facts: facts.clone(),
            findings: Vec::new(),
            accepted: None,
            overrides: &overrides,
            not_before: None,
        };
        let planned = planner::rollback(&inputs, traffic, deployment.checks.clone());
        let Some(mut new) = planned.plan else { return Err(planned.findings) };
        new.base.clone_from(&current);
        let mut events: Vec<Event> = newest.ends_for_a_rollback(environment).into_iter().collect();
        events.extend(opening(state, environment, &new, tried.as_ref().or(current.as_ref()), &args.reason));
        plan = Some(new);
        Ok(events)
    });
    let (newer, decided) = appended.map_err(|error| refused(&error))?;
    let (entries, plan) = match (decided, plan) {
        (Ok(entries), Some(plan)) => (entries, plan),
        (Err(_), _) if moved(&newer) => return Ok(Told::TooLate(newer)),
        (Err(findings), _) => {
            return Err(refused_to(&now.environment(environment), environment, record.number, findings));
        }
        (Ok(_), None) => return Err(Failure::internal("S0905", "no rollback was planned")),
    };
    if json {
        say_opened(&plan, Some(record.number), &left);
    } else {
        render::say(&format!(
            "rollback {} of {environment}: {} (plan {})",
            plan.rollout,
            plan.change.summary,
            short(&plan)
        ));
    }
    start_parts(context, &plan)?;
    if args.detach {
        return Ok(Told::Exit(detached(environment, json)));
    }
    follow_to_the_end(journal, plan.rollout, entries.last().map_or(0, |entry| entry.seq), &plan, json).map(Told::Exit)
}

/// What is found when what was adopted does not answer.
const NOT_ANSWERING: &str = "S0405";

/// That it cannot go back there, with what a person may say all the same.
fn refused_to(
    place: &sternway_core::state::EnvironmentState,
    environment: &EnvironmentName,
    to: ReleaseNumber,
    findings: Vec<Finding>,
) -> Failure {
    let another = format!("sternway status {environment} shows which can be gone back to");
    let next = if findings.iter().all(|finding| finding.code == NOT_ANSWERING) {
        format!(
            "start it, or name another release: {another}; when you mean it all the same: sternway rollback {environment} {to} --accept-bad"
        )
    } else {
        format!("name another release: {another}")
    };
    Failure::new(Exit::Blocked, "S0905", format!("{environment} cannot go back to release {to}"))
        .findings(findings)
        .production(format!("unchanged: {}", serving(place)))
        .next(next)
}

/// What is written when a person goes back: the mark on what is left, the incident, and the rollback itself.
fn opening(
    state: &State,
    environment: &EnvironmentName,
    plan: &Plan,
    left: Option<&sternway_core::release::ReleaseRef>,
    reason: &str,
) -> Vec<Event> {
    let reason = if reason.is_empty() { "no reason given" } else { reason };
    let why = format!("rolled back by hand: {reason}");
    let mut events = Vec::new();
    if let Some(left) = left.filter(|left| left.number.0 > 0) {
        events.push(Event::MarkedBad { release: left.clone(), why: why.clone() });
    }
    // A record for each rollback, also when another incident is still open.
    let from = left.map_or_else(|| "nothing".to_owned(), |left| format!("release {}", left.number));
    events.push(Event::IncidentOpened {
        incident: IncidentNumber(state.incidents.keys().next_back().map_or(1, |last| last.0 + 1)),
        rollout: Some(plan.rollout),
        title: format!("{environment}: {from} was {why}"),
        started: SystemClock.now(),
        state: format!(
            "{from} serves, going back to release {}; next: sternway status {environment}",
            plan.candidate.number
        ),
    });
    events.push(Event::Opened { plan: Box::new(plan.clone()) });
    events
}

/// The release to go back to, and how it was deployed.
fn target(
    state: &State,
    environment: &EnvironmentName,
    named: Option<u64>,
) -> Result<(ReleaseRecord, Deployment), Failure> {
    let place = state.environment(environment);
    let ways = place.ways_back(&state.releases);
    let list = |ways: &[&Deployment]| {
        let numbers: Vec<String> = ways.iter().map(|way| way.release.number.to_string()).collect();
        if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") }
    };
    let adopted = place.adopted.clone().filter(|_| place.current.as_ref().is_some_and(|now| now.release.number.0 > 0));
    if let Some(record) = adopted.filter(|_| named == Some(0) || (named.is_none() && ways.is_empty())) {
        // What was adopted gets the requests as they are routed now.
        let now = place.current.clone().ok_or_else(|| Failure::usage("S0903", "nothing serves"))?;
        let deployment = Deployment { release: record.reference(), checks: Vec::new(), ..now };
        return Ok((record, deployment));
    }
    let found = match named {
        None => ways.first().copied(),
        // A person may name a release that is marked bad, and then says so.
        Some(number) => place
            .history
            .iter()
            .rev()
            // What was cancelled or denied never passed its gate, or nobody approved it: that is shipped, not gone back to.
            .filter(|past| past.outcome != Outcome::Cancelled)
            .map(|past| &past.deployment)
            .find(|way| way.release.number == ReleaseNumber(number)),
    };
    let Some(found) = found else {
        let what = named.map_or_else(
            || format!("{environment} has no release to go back to"),
            |number| format!("release {number} never served in {environment}"),
        );
        return Err(Failure::usage("S0903", what)
            .because(format!("can be gone back to: {}", list(&ways)))
            .production(
                place.current.as_ref().map_or_else(
                    || "nothing serves".to_owned(),
                    |now| format!("release {} serves", now.release.number),
                ),
            )
            .next(format!("ship a corrected release: sternway ship {environment}")));
    };
    let record = release::record_of(state, found.release.number)?;
    Ok((record.clone(), found.clone()))
}

/// A release that is marked bad is gone back to only by a person who says so: at 3 a.m. a number is easily mistaken.
fn not_bad_unsaid(
    state: &State,
    environment: &EnvironmentName,
    record: &ReleaseRecord,
    accepted: bool,
) -> Result<(), Failure> {
    let place = state.environment(environment);
    let Some(bad) = place.bad.get(&record.digest).filter(|_| !accepted) else { return Ok(()) };
    let good: Vec<String> = place.ways_back(&state.releases).iter().map(|way| way.release.number.to_string()).collect();
    let good = if good.is_empty() { "none".to_owned() } else { good.join(", ") };
    Err(Failure::new(Exit::Blocked, "S0923", format!("release {} is marked bad", record.number))
        .because(bad.why.clone())
        .because(format!("good ones to go back to: {good}"))
        .production(format!("unchanged: {}", serving(&place)))
        .next(format!("when you mean it all the same: sternway rollback {environment} {} --accept-bad", record.number)))
}

fn serving(place: &sternway_core::state::EnvironmentState) -> String {
    place
        .current
        .as_ref()
        .map_or_else(|| "nothing serves".to_owned(), |now| format!("release {} serves", now.release.number))
}

/// The settings of a rollback come from the deployment that it goes back to, never from a file that may be wrong now.
fn settings(deployment: &Deployment) -> Environment {
    let none = TrafficSpec {
        listen: String::new(),
        routes: std::collections::BTreeMap::new(),
        login: Vec::new(),
        drain: Millis::from_secs(30),
    };
    Environment {
        protected: true,
        traffic: deployment.traffic.clone().unwrap_or(none),
        steps: vec![100],
        verify: Millis(0),
        bake: Millis(0),
        judge: JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::Hold },
        adopt: None,
        approvals: 0,
        keep: deployment.keep,
        config: std::collections::BTreeMap::new(),
        reads: std::collections::BTreeMap::new(),
        facts: None,
        metrics: None,
        watch: None,
        place: sternway_core::finding::Place { file: String::new(), line: 0, column: 0 },
    }
}
