//! `register`: who answers for the values that only production has.

use sternway_core::event::Event;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::register::{Accepted, Standing};
use sternway_core::state::State;
use sternway_core::time::Timestamp;
use sternway_engine::Clock as _;

use super::plan;
use super::ship::refused;
use crate::args::{Register, RegisterAccept, RegisterCommand, RegisterRemove};
use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::wiring::clock::SystemClock;
use crate::wiring::consistency;
use crate::{person, render};

pub(super) fn run(context: &Context, args: &Register, json: bool) -> Result<Exit, Failure> {
    match &args.what {
        RegisterCommand::Accept(args) => accept(context, args, json),
        RegisterCommand::Remove(args) => remove(context, args, json),
    }
}

fn accept(context: &Context, args: &RegisterAccept, json: bool) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    let (environment, service, key) = value(&loaded, &args.environment, &args.value)?;
    let now = SystemClock.now();
    let until = match (&args.until, &args.span) {
        (Some(day), _) => Some(end_of(day)?),
        (None, Some(span)) => Some(after(span, now)?),
        (None, None) => None,
    };
    if until.is_some_and(|until| until <= now) {
        return Err(not_taken("that time is over already").next("--until 2027-12-31, or --for 90d"));
    }
    let (owner, reason) = (said(&args.owner, "--owner NAME")?, said(&args.reason, "--reason TEXT")?);
    let journal = context.journal()?;
    let state = plan::fold(&journal)?;
    let is_set = is_set(context, &loaded, &state, (&environment, &service, &key))?;
    let event =
        Event::RegisterAccepted { service: service.clone(), key: key.clone(), owner: owner.clone(), reason, until };
    let by = person::name();
    let appended = journal.append_decided(Some(&environment), &by, state, |_| Ok::<_, ()>(vec![event.clone()]));
    let _the_only_decision_is_to_append = appended.map_err(|error| refused(&error))?;
    if json {
        render::json(&serde_json::json!({
            "format": 1, "environment": environment, "service": service, "key": key, "owner": owner, "by": by, "until": until,
            "outcome": "accepted",
        }));
        return Ok(Exit::Done);
    }
    let until = until
        .map_or_else(|| "without an end".to_owned(), |until| format!("until {}", render::moment::with_age(until, now)));
    render::line(&format!("{environment} may be alone with `{service}:{key}` {until}; {owner} answers for it"));
    if !is_set {
        render::line(&format!("  careful:    {environment} has no `{key}` now; see: sternway diff --all"));
    }
    Ok(Exit::Done)
}

/// Whether the key is there at all; a slip of the hand in its name would accept nothing.
fn is_set(
    context: &Context,
    loaded: &Loaded,
    state: &State,
    (environment, service, key): (&EnvironmentName, &ServiceName, &str),
) -> Result<bool, Failure> {
    let landscape = consistency::landscape(context, &loaded.project, &context.store()?, state, &[])?;
    let place = landscape.environments.get(environment).and_then(|place| place.services.get(service));
    Ok(place.is_some_and(|service| service.values.contains_key(key)))
}

fn remove(context: &Context, args: &RegisterRemove, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let (environment, (service, key)) = (environment(&args.environment)?, split(&args.value)?);
    let event =
        Event::RegisterRemoved { service: service.clone(), key: key.clone(), reason: args.reason.trim().to_owned() };
    let by = person::name();
    let appended = journal.append_decided(Some(&environment), &by, plan::fold(&journal)?, |state| {
        let register = state.environments.get(&environment).map(|place| &place.register);
        let known = register.and_then(|register| register.get(&service)).is_some_and(|keys| keys.contains_key(&key));
        if known { Ok(vec![event.clone()]) } else { Err(()) }
    });
    let (_, decided) = appended.map_err(|error| refused(&error))?;
    if decided.is_err() {
        return Err(Failure::usage("S0262", format!("the register of {environment} has no `{service}:{key}`"))
            .next("sternway check --register"));
    }
    if json {
        render::json(&serde_json::json!({
            "format": 1, "environment": environment, "service": service, "key": key, "by": by, "outcome": "removed",
        }));
    } else {
        render::line(&format!("`{service}:{key}` is out of the register of {environment}"));
    }
    Ok(Exit::Done)
}

/// `check --register [ENV]`: all that was accepted.
pub(super) fn list(context: &Context, wanted: Option<&str>, json: bool) -> Result<Exit, Failure> {
    let wanted = wanted.map(environment).transpose()?;
    let state = plan::known_state(context)?;
    let now = SystemClock.now();
    let mut entries: Vec<render::register::Row<'_>> = Vec::new();
    for (environment, place) in &state.environments {
        if wanted.as_ref().is_some_and(|wanted| wanted != environment) {
            continue;
        }
        for (service, keys) in &place.register {
            entries.extend(keys.iter().map(|(key, accepted)| row(environment, service, key, accepted, now)));
        }
    }
    if json {
        render::register::json(&entries);
    } else {
        render::register::table(&entries, now);
    }
    let lapsed = entries.iter().any(|entry| entry.standing == Standing::Lapsed);
    Ok(if lapsed { Exit::Blocked } else { Exit::Done })
}

fn row<'a>(
    environment: &'a EnvironmentName,
    service: &'a ServiceName,
    key: &'a str,
    accepted: &'a Accepted,
    now: Timestamp,
) -> render::register::Row<'a> {
    render::register::Row { environment, service, key, accepted, standing: accepted.standing(now) }
}

fn value(loaded: &Loaded, environment: &str, value: &str) -> Result<(EnvironmentName, ServiceName, String), Failure> {
    let (environment, settings) = loaded.environment(environment)?;
    if !settings.protected {
        let what = format!("{environment} is not protected: the register holds what only production has");
        return Err(
            not_taken(&what).next(format!("protected = true in [environments.{environment}], if it is production"))
        );
    }
    let (service, key) = split(value)?;
    if !loaded.project.services.contains_key(&service) {
        let known: Vec<&str> = loaded.project.services.keys().map(ServiceName::as_str).collect();
        let what = format!("the project has no service `{service}`");
        return Err(not_taken(&what).because(format!("it has: {}", known.join(", "))).next("SERVICE:KEY"));
    }
    Ok((environment, service, key))
}

fn environment(text: &str) -> Result<EnvironmentName, Failure> {
    EnvironmentName::new(text)
        .map_err(|_| Failure::usage("S0912", format!("`{text}` is no environment")).next("sternway status"))
}

fn split(text: &str) -> Result<(ServiceName, String), Failure> {
    let wrong = || not_taken(&format!("`{text}` names no value")).next("SERVICE:KEY, for instance web:FEATURE_X");
    let (service, key) = text.split_once(':').ok_or_else(wrong)?;
    let service = ServiceName::new(service).map_err(|_| wrong())?;
    if key.is_empty() { Err(wrong()) } else { Ok((service, key.to_owned())) }
}

fn said(text: &str, otherwise: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() {
        Err(not_taken("somebody must answer for it, and say why").next(otherwise))
    } else {
        Ok(text.to_owned())
    }
}

/// A day ends where this machine is; a time is a time.
fn end_of(text: &str) -> Result<Timestamp, Failure> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let wrong = || not_taken(&format!("`{text}` is not a day")).next("--until 2027-12-31");
    let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    let end = day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::system()).map_err(|_| wrong())?;
    Ok(Timestamp::from_millis(end.timestamp().as_millisecond()))
}

fn after(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let wrong = || not_taken(&format!("`{text}` is not a span of time")).next("--for 90d, --for \"6 months\"");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let now = jiff::Timestamp::from_millisecond(now.as_millis()).map_err(|_| wrong())?;
    let end = now.to_zoned(jiff::tz::TimeZone::system()).checked_add(span).map_err(|_| wrong())?;
    Ok(Timestamp::from_millis(end.timestamp().as_millisecond()))
}

fn not_taken(what: &str) -> Failure {
    Failure::usage("S0261", what)
}
