//! Layers that are left out, and environments in each other's place.

use std::ops::Range;

use super::super::case::Case;
use super::super::entries::{Entry, values};
use super::super::layout::{Environment, Layer, Layout};
use super::super::random::Random;

const PROJECT: &str = "sternway.toml";

/// Every place in sternway.toml where an environment declares a layer for a service: its bytes, and with the comma beside it.
fn declared(
    layout: &Layout,
    place: &Environment,
    service: &str,
    layer: &Layer,
) -> Option<(Range<usize>, Range<usize>)> {
    let source = layer.declared.as_ref()?;
    let text = layout.text(PROJECT);
    let table = if layer.reads { "reads" } else { "config" };
    let head = format!("[environments.{}.{table}]", place.name);
    let from = text.find(&head)? + head.len();
    let until = text[from..].find("\n[").map_or(text.len(), |at| from + at);
    let line = from + text[from..until].find(&format!("\n{service} = "))?;
    let end = line + 1 + text[line + 1..].find('\n')?;
    let quoted = format!("\"{source}\"");
    let at = line + text[line..end].find(&quoted)?;
    let whole = at..at + quoted.len();
    let with_comma = if text[whole.end..].starts_with(", ") {
        whole.start..whole.end + 2
    } else if text[..whole.start].ends_with(", ") {
        whole.start - 2..whole.end
    } else {
        whole.clone()
    };
    Some((whole, with_comma))
}

/// The keys of a layer, so that what is found about any of them counts.
fn about(mut case: Case, layout: &Layout, layer: &Layer, service: &str) -> Case {
    for (key, _) in values(layout, layer, service) {
        case = case.key(&key);
    }
    case.at(&layer.file, 0)
}

/// A layer of production is not declared, or its file is not there.
pub(super) fn dropped(layout: &Layout, _: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    let production = layout.production();
    for (service, layers) in &production.services {
        for (at, layer) in layers.iter().enumerate() {
            // One of which later layers hide everything changes nothing when it is gone.
            let hidden = |key: &str| {
                layers[at + 1..].iter().any(|over| values(layout, over, service).iter().any(|(other, _)| other == key))
            };
            let keys = values(layout, layer, service).iter().filter(|(key, _)| !hidden(key)).count();
            if layer.declared.is_none() {
                let case = Case::new(format!("{} is not there", layer.file)).file(&layer.file, None);
                cases.push(about(case, layout, layer, service));
            } else if let Some((_, at)) = declared(layout, production, service, layer).filter(|_| keys > 0) {
                let case = Case::new(format!("{}:{} is not declared for {service}", layer.kind, layer.file));
                cases.push(about(case.splice(layout, PROJECT, at, ""), layout, layer, service));
            }
        }
    }
    cases
}

/// Staging's file or declaration in the place of production's.
pub(super) fn swapped(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    let (production, staging) = (layout.production(), layout.staging());
    let own = |file: &str| entries.iter().any(|entry| entry.own && entry.site.file == file);
    let mut all = Case::new("all files are staging's");
    for (service, layers) in &production.services {
        let theirs = staging.services.get(service).map(Vec::as_slice).unwrap_or_default();
        for layer in layers.iter().filter(|layer| own(&layer.file)) {
            let same_place = |other: &&Layer| {
                other.kind == layer.kind
                    && other.reads == layer.reads
                    && plain(&other.file, &staging.name) == plain(&layer.file, &production.name)
            };
            let Some(other) = theirs.iter().find(same_place) else { continue };
            if layer.file != other.file {
                let text = layout.text(&other.file).to_owned();
                let case = Case::new(format!("{} holds what {} does", layer.file, other.file))
                    .file(&layer.file, Some(text.clone()));
                cases.push(about(case, layout, layer, service));
                all = about(all.file(&layer.file, Some(text)), layout, layer, service);
            }
            if let (Some((at, _)), Some(source)) = (declared(layout, production, service, layer), &other.declared) {
                let case = Case::new(format!("for {service}, {source} is declared for production"));
                let case = case.splice(layout, PROJECT, at, &format!("\"{source}\"")).at(&other.file, 0);
                cases.push(about(case, layout, layer, service));
            }
        }
    }
    if !all.files.is_empty() {
        cases.push(all);
    }
    cases
}

/// A path without the environment's name: files that stand in each other's place have the same.
fn plain(file: &str, environment: &str) -> String {
    file.to_lowercase().replace(environment, "")
}
