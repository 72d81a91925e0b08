//! `diff`: the configuration of environments beside each other, without a value of it.

use sternway_config::landscape::Origin;
use sternway_config::table::{self, Row};
use sternway_core::ids::EnvironmentName;

use super::plan;
use crate::args::Diff;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;
use crate::wiring::consistency;

pub(super) fn run(context: &Context, args: &Diff, json: bool) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    let mut wanted: Vec<EnvironmentName> = Vec::new();
    for name in &args.environments {
        wanted.push(loaded.environment(name)?.0);
    }
    if wanted.is_empty() {
        wanted = loaded.project.environments.keys().cloned().collect();
    }
    context.prepare()?;
    let (store, state) = (context.store()?, plan::known_state(context)?);
    let landscape = consistency::landscape(context, &loaded.project, &store, &state, &args.facts)?;
    let mut rows = table::rows(&landscape, &wanted);
    if let Some(key) = &args.explain {
        let (service, key) = key.split_once(':').map_or((None, key.as_str()), |(service, key)| (Some(service), key));
        rows.retain(|row| row.key == key && service.is_none_or(|service| row.service.as_str() == service));
        if rows.is_empty() {
            let near = table::rows(&landscape, &wanted).into_iter().map(|row| row.key).collect::<Vec<_>>();
            return Err(no_such_key(key, &near));
        }
    }
    // Where nothing can be seen, that is said, and not taken for a difference.
    let unseen: Vec<String> = landscape
        .environments
        .iter()
        .filter(|(name, _)| wanted.contains(name))
        .flat_map(|(name, place)| place.services.iter().map(move |(service, found)| (name, service, &found.origin)))
        .filter_map(|(name, service, origin)| match origin {
            Origin::Unseen { why } => Some(format!("{service} in {name}: not seen: {why}")),
            Origin::Sealed { release, why } => Some(format!(
                "{service} in {name}: as sealed with release {release}, since its sources cannot be read: {why}"
            )),
            Origin::Facts { why, .. } => Some(format!("{service} in {name}: by {origin}: {why}")),
            Origin::Sources | Origin::Undeclared => None,
        })
        .collect();
    if json {
        render::diff::json(&rows, &wanted, &unseen);
    } else if args.explain.is_some() {
        render::diff::explained(&rows, &unseen);
    } else {
        let shown: Vec<Row> = rows.iter().filter(|row| args.all || !row.is_same()).cloned().collect();
        render::diff::table(&shown, &wanted, &unseen, rows.len() - shown.len());
    }
    Ok(Exit::Done)
}

fn no_such_key(key: &str, known: &[String]) -> Failure {
    let mut near: Vec<&str> = known.iter().map(String::as_str).collect();
    near.sort_unstable();
    near.dedup();
    let failure = Failure::usage("S0930", format!("no service has a key `{key}`"));
    let lower = key.to_lowercase();
    let like: Vec<&str> = near.into_iter().filter(|name| name.to_lowercase().contains(&lower)).take(5).collect();
    if like.is_empty() {
        failure.next("sternway diff --all shows every key")
    } else {
        failure.next(format!("sternway diff --explain {}", like.join(", or ")))
    }
}
