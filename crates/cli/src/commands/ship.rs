//! `ship`: gates, then a rollout that `serve` drives and this command follows.

use sternway_core::event::Event;
use sternway_core::ids::{EnvironmentName, RolloutNumber};
use sternway_core::state::State;
use sternway_engine::EngineError;

use super::plan::{self, Moved, Outcome};
use super::unchanged;
use crate::args::Ship;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::remembered::Remembered;
use crate::render::follow;
use crate::wiring::parts::{self, Needs};
use crate::{person, render};

pub(super) fn run(context: &Context, args: &Ship, json: bool) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    let (environment, settings) = loaded.environment(&args.environment)?;
    let journal = context.journal()?;
    let store = context.store()?;
    if !args.source.overrides.is_empty() && args.source.reason.as_deref().is_none_or(|reason| reason.trim().is_empty())
    {
        return Err(Failure::usage("S0916", "an override needs a reason").next("--override CODE --reason TEXT"));
    }
    let needs = Needs {
        environment: &environment,
        traffic: !settings.traffic.listen.is_empty(),
        metrics: settings.metrics.as_deref(),
    };
    let mut state = plan::fold(&journal)?;
    // Where something serves, or is to, it is brought back whatever comes of this; where nothing ever did, nothing is started for what
    // may be blocked.
    let mut started = is_known(&state, &environment);
    if started {
        parts::start_all(context, &needs)?;
    }
    // What serves may change while its facts are gathered: then they are gathered again.
    for _ in 0..5 {
        let ready = plan::ready(context, &store, &state, &args.environment, &args.source)?.with_baseline(context)?;
        if !started && ready.plan(&state).is_ok_and(|planned| goes_on(&planned)) {
            parts::start_all(context, &needs)?;
            started = true;
        }
        let mut outcome: Option<Outcome> = None;
        let appended = journal.append_decided(Some(&environment), &person::name(), state, |state| {
            let planned = ready.plan(state)?;
            let events = if unchanged::is(&planned.planned) { Vec::new() } else { events(&planned, args) };
            outcome = Some(planned);
            Ok::<_, Moved>(events)
        });
        let (newer, decided) = appended.map_err(|error| refused(&error))?;
        state = newer;
        let (Ok(entries), Some(outcome)) = (decided, outcome) else { continue };
        if unchanged::is(&outcome.planned) {
            Remembered::write(context, &loaded.project)?;
            return unchanged::shipped(context, &state, &environment, settings, outcome.candidate.number, json);
        }
        let Some(plan) = outcome.planned.plan else {
            return Err(plan::blocked(&environment, &outcome.planned, &args.source.overrides));
        };
        if !json {
            render::plan::opened(&plan, &outcome.candidate, &outcome.planned.findings);
        }
        // Only what goes out from here is what this environment is shipped from.
        Remembered::write(context, &loaded.project)?;
        let opened = entries.last().map_or(0, |entry| entry.seq);
        if args.detach || plan.not_before.is_some() {
            if json {
                render::json(
                    &serde_json::json!({ "format": 1, "rollout": plan.rollout, "digest": plan.digest(), "outcome": "opened", "not_before": plan.not_before }),
                );
            } else {
                render::line(&format!(
                    "opened; follow it with `sternway status {environment}` or `sternway log --follow`"
                ));
            }
            return Ok(Exit::Done);
        }
        return follow_to_the_end(&journal, plan.rollout, opened, &plan, json);
    }
    Err(Failure::internal("S0902", "what serves changes faster than a plan can be made").next("sternway status"))
}

/// Whether something is to run for this environment already: what serves, or a rollout that waits for its driver.
fn is_known(state: &State, environment: &EnvironmentName) -> bool {
    let place = state.environments.get(environment);
    place.is_some_and(|place| place.current.is_some() || place.rollout.is_some())
}

/// Whether there is something to do or to be seen: a rollout, or that what is to be shipped serves already.
fn goes_on(outcome: &Outcome) -> bool {
    outcome.planned.plan.is_some() || unchanged::is(&outcome.planned)
}

/// Seal, gate, overrides, and the rollout when nothing blocks; all appended at once.
fn events(outcome: &Outcome, args: &Ship) -> Vec<Event> {
    let mut events = outcome.events.clone();
    events.push(outcome.planned.gate(&outcome.candidate));
    for code in &outcome.planned.overridden {
        let reason = args.source.reason.clone().unwrap_or_default();
        events.push(Event::Overridden { code: code.clone(), reason });
    }
    if let Some(plan) = &outcome.planned.plan {
        events.push(Event::Opened { plan: Box::new(plan.clone()) });
    }
    events
}

pub(super) fn refused(error: &EngineError) -> Failure {
    Failure::internal("S0801", "the logbook did not take it").cause(error).production("unchanged; nothing was begun")
}

/// Follows a rollout. Ctrl-C only stops following.
pub(super) fn follow_to_the_end(
    journal: &sternway_engine::LogbookJournal,
    rollout: RolloutNumber,
    after: u64,
    plan: &sternway_core::plan::Plan,
    json: bool,
) -> Result<Exit, Failure> {
    let environment = plan.environment.to_string();
    crate::wiring::signals::on_end(move || {
        render::say(&format!(
            "stopped following; rollout {rollout} goes on by itself\n  next:       sternway status {environment}, or sternway rollback {environment} to go back"
        ));
        render::leave(Exit::Interrupted);
    })?;
    let followed = follow::follow(journal, rollout, after, plan, json).map_err(|error| {
        Failure::internal("S0801", "the logbook cannot be followed")
            .cause(&error)
            .production("the rollout goes on by itself")
            .next(format!("sternway status {}", plan.environment))
    })?;
    follow::say_ending(&followed, json);
    Ok(followed.exit())
}
