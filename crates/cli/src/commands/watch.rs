//! `watch`: one look, or many, at what protected environments run with.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;
use sternway_core::time::Millis;
use sternway_engine::{Clock as _, LogbookJournal};
use sternway_store::Store;

use super::plan::fold;
use super::ship::refused;
use crate::args::Watch;
use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::remembered::Remembered;
use crate::wiring::clock::SystemClock;
use crate::wiring::{signals, watch};
use crate::{person, render};

pub(super) fn run(context: &Context, args: &Watch, json: bool) -> Result<Exit, Failure> {
    let journal = context.existing_journal()?;
    let store = context.store()?;
    if args.once {
        let (loaded, state) = (context.load()?, fold(&journal)?);
        Remembered::found_again(context, &loaded.project)?;
        let mut drifts = false;
        for environment in wanted(&loaded, &state, args.environment.as_deref())? {
            drifts |= one(context, &loaded, &journal, &store, &environment, json)?;
        }
        return Ok(if drifts { Exit::Blocked } else { Exit::Done });
    }
    signals::on_end(|| render::leave(Exit::Interrupted))?;
    let mut last: BTreeMap<EnvironmentName, Instant> = BTreeMap::new();
    loop {
        let (loaded, state) = (context.load()?, fold(&journal)?);
        for environment in wanted(&loaded, &state, args.environment.as_deref())? {
            let settings = loaded.project.environments.get(&environment);
            let every = settings.and_then(|settings| settings.watch).map_or(watch::OTHERWISE, Millis::duration);
            if last.get(&environment).is_none_or(|last| last.elapsed() >= every) {
                one(context, &loaded, &journal, &store, &environment, json)?;
                last.insert(environment, Instant::now());
            }
        }
        SystemClock.pause(Duration::from_secs(1));
    }
}

/// The one that is named, or every protected one in which a release serves.
fn wanted(loaded: &Loaded, state: &State, named: Option<&str>) -> Result<Vec<EnvironmentName>, Failure> {
    let found: Vec<EnvironmentName> = if let Some(name) = named {
        vec![loaded.environment(name)?.0]
    } else {
        let protected = loaded.project.environments.iter().filter(|(_, settings)| settings.protected);
        protected.map(|(name, _)| name.clone()).collect()
    };
    let names: Vec<&str> = found.iter().map(EnvironmentName::as_str).collect();
    let what = match names.as_slice() {
        [] => "no environment is protected: there is nothing to watch".to_owned(),
        names => format!("no release serves in {}: there is nothing to watch", names.join(", ")),
    };
    let serving: Vec<EnvironmentName> = found.into_iter().filter(|name| watch::serves(state, name).is_some()).collect();
    if serving.is_empty() {
        return Err(Failure::usage("S0265", what).next("sternway ship ENV; what its sources say: sternway check"));
    }
    Ok(serving)
}

/// Looks, records and prints. Whether something drifts.
fn one(
    context: &Context,
    loaded: &Loaded,
    journal: &LogbookJournal,
    store: &Store,
    environment: &EnvironmentName,
    json: bool,
) -> Result<bool, Failure> {
    let state = fold(journal)?;
    let accepting = watch::Accepting::of(context, &loaded.project)?;
    let seen = watch::look(context, &loaded.project, &accepting, store, &state, environment);
    let (state, entries) =
        watch::record(journal, &person::name(), state, environment, &seen).map_err(|error| refused(&error))?;
    let drift = state.drift(environment);
    if json {
        render::watch::json(environment, &seen, &state, &entries);
    } else {
        render::watch::text(environment, &seen, &state, &entries, SystemClock.now());
    }
    Ok(drift.is_some())
}
