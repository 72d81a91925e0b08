//! `incident`: what is open, what is known of one, and a person's word about it.

use sternway_core::event::{Entry, Event};
use sternway_core::ids::{EnvironmentName, IncidentNumber};
use sternway_core::state::State;
use sternway_engine::{Clock as _, Journal as _, LogbookJournal};

use super::plan::fold;
use super::ship::refused;
use crate::args::{Incident, IncidentCommand};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::clock::SystemClock;
use crate::{person, render, report};

pub(super) fn run(context: &Context, args: &Incident, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    match &args.what {
        None => list(&journal, args.all, json),
        Some(IncidentCommand::Show { incident }) => show(&journal, IncidentNumber(*incident), json),
        Some(IncidentCommand::Note { incident, text }) => {
            let text = said(&text.join(" "), "a note needs a text")?;
            note(&journal, IncidentNumber(*incident), &text, json)
        }
        Some(IncidentCommand::Resolve { incident, reason }) => {
            let reason = said(reason, "resolving an incident needs a reason")?;
            resolve(&journal, IncidentNumber(*incident), &reason, json)
        }
    }
}

fn list(journal: &LogbookJournal, all: bool, json: bool) -> Result<Exit, Failure> {
    let mut incidents = report::list(&entries(journal)?);
    let known = incidents.len();
    incidents.retain(|incident| all || incident.status != report::Status::Resolved);
    if json {
        let text = report::list_json(&incidents)
            .map_err(|error| Failure::internal("S0914", "the list cannot be written").cause(&error))?;
        render::line(&text);
    } else {
        render::incident::list(&incidents, known, SystemClock.now());
    }
    Ok(Exit::Done)
}

fn show(journal: &LogbookJournal, number: IncidentNumber, json: bool) -> Result<Exit, Failure> {
    let entries = entries(journal)?;
    let record = report::gather(&entries, number).ok_or_else(|| unknown(number))?;
    let notes: Vec<&Entry> = entries.iter().filter(|entry| is_note(entry, number)).collect();
    if json {
        render::json(&render::incident::json(&record, &notes));
    } else {
        render::incident::show(&record, &notes, SystemClock.now());
    }
    Ok(Exit::Done)
}

/// What a person added, or a part of Sternway found out later.
fn is_note(entry: &Entry, number: IncidentNumber) -> bool {
    matches!(&entry.event, Event::IncidentUpdated { incident, .. } if *incident == number)
}

fn note(journal: &LogbookJournal, number: IncidentNumber, text: &str, json: bool) -> Result<Exit, Failure> {
    let state = fold(journal)?;
    let environment = environment_of(&state, number)?;
    let by = person::name();
    let event = Event::IncidentUpdated { incident: number, text: text.to_owned(), restored: None, impact: None };
    let appended = journal.append_decided(environment.as_ref(), &by, state, |_| Ok::<_, ()>(vec![event.clone()]));
    let _the_only_decision_is_to_append = appended.map_err(|error| not_written(&error))?;
    if json {
        render::json(
            &serde_json::json!({ "format": 1, "incident": number, "environment": environment, "by": by, "note": text }),
        );
    } else {
        render::line(&format!("noted in incident {number} by {by}"));
    }
    Ok(Exit::Done)
}

fn resolve(journal: &LogbookJournal, number: IncidentNumber, reason: &str, json: bool) -> Result<Exit, Failure> {
    let state = fold(journal)?;
    let environment = environment_of(&state, number)?;
    let by = person::name();
    let event = Event::IncidentResolved { incident: number, text: reason.to_owned() };
    let appended = journal.append_decided(environment.as_ref(), &by, state, |state| {
        match state.incidents.get(&number).and_then(|known| known.resolved) {
            Some(at) => Err(at),
            None => Ok(vec![event.clone()]),
        }
    });
    let (state, decided) = appended.map_err(|error| not_written(&error))?;
    if let Err(at) = decided {
        let when = render::moment::with_age(at, SystemClock.now());
        return Err(Failure::usage("S0920", format!("incident {number} is resolved already, since {when}"))
            .next(format!("sternway incident show {number}; to add something: sternway incident note {number} TEXT")));
    }
    let restored = state.incidents.get(&number).is_some_and(|known| known.restored.is_some());
    if json {
        render::json(&serde_json::json!({
            "format": 1, "incident": number, "environment": environment, "by": by, "resolved": reason, "restored": restored,
        }));
        return Ok(Exit::Done);
    }
    render::line(&format!("incident {number} is resolved, by {by}"));
    // Somebody may well know better than the logbook; but they should know what it knows.
    if let (false, Some(environment)) = (restored, &environment) {
        render::line(&format!(
            "  careful:    the logbook did not see stability restored; see what serves: sternway status {environment}"
        ));
    }
    render::line(&format!("  next:       sternway report {number}"));
    Ok(Exit::Done)
}

fn entries(journal: &LogbookJournal) -> Result<Vec<Entry>, Failure> {
    journal.entries_after(0).map_err(|error| {
        Failure::internal("S0801", "the logbook cannot be read").cause(&error).next("sternway log --verify")
    })
}

fn environment_of(state: &State, number: IncidentNumber) -> Result<Option<EnvironmentName>, Failure> {
    let known = state.incidents.get(&number).ok_or_else(|| unknown(number))?;
    Ok(known.environment.clone())
}

fn unknown(number: IncidentNumber) -> Failure {
    Failure::usage("S0908", format!("there is no incident {number}")).next("sternway incident --all")
}

fn not_written(error: &sternway_engine::EngineError) -> Failure {
    refused(error).production("unchanged; the incident is as it was")
}

/// What a person said, which must not be nothing.
fn said(text: &str, otherwise: &str) -> Result<String, Failure> {
    let text = render::in_a_line(text);
    if text.is_empty() { Err(Failure::usage("S0921", otherwise)) } else { Ok(text) }
}
