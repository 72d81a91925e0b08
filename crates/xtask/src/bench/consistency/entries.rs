//! What each service has in production in the end, where it is written, and what stands in its place elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Environment, Layer, Layout};
use super::sites::{Site, scan};

/// One value of production, written in one place.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Whose it is.
    pub(super) services: BTreeSet<String>,
    /// The key as the services know it.
    pub(super) key: String,
    pub(super) kind: String,
    pub(super) site: Site,
    /// Whether no other environment reads this place.
    pub(super) own: bool,
    /// Whether an earlier layer has the key, too.
    pub(super) covers: bool,
    /// The same in staging.
    pub(super) staging: Option<Site>,
}

/// The value that counts for a service, and whether it hides another.
struct Effective {
    site: Site,
    kind: String,
    covers: bool,
}

/// Every value that counts in production.
pub(super) fn of(layout: &Layout) -> Vec<Entry> {
    let production = layout.production();
    let elsewhere: Vec<&Environment> =
        layout.environments.iter().filter(|other| other.name != production.name).collect();
    let taken: BTreeSet<(String, u32)> = elsewhere
        .iter()
        .flat_map(|place| place.services.keys().flat_map(|service| effective(layout, place, service)))
        .map(|(_, found)| (found.site.file, found.site.line))
        .collect();
    let mut entries: BTreeMap<(String, u32), Entry> = BTreeMap::new();
    for service in production.services.keys() {
        for (key, found) in effective(layout, production, service) {
            let here = (found.site.file.clone(), found.site.line);
            let entry = entries.entry(here.clone()).or_insert_with(|| {
                let of = |place: &Environment| effective(layout, place, service).remove(&key).map(|found| found.site);
                Entry {
                    services: BTreeSet::new(),
                    key: key.clone(),
                    kind: found.kind.clone(),
                    own: !taken.contains(&here),
                    covers: found.covers,
                    staging: of(layout.staging()),
                    site: found.site,
                }
            });
            entry.services.insert(service.clone());
        }
    }
    entries.into_values().collect()
}

fn effective(layout: &Layout, place: &Environment, service: &str) -> BTreeMap<String, Effective> {
    let mut found: BTreeMap<String, Effective> = BTreeMap::new();
    for layer in place.services.get(service).into_iter().flatten() {
        for (key, site) in values(layout, layer, service) {
            let covers = found.contains_key(&key);
            found.insert(key, Effective { site, kind: layer.kind.clone(), covers });
        }
    }
    found
}

/// The values of a layer that are this service's, by the key that the service knows.
pub(super) fn values(layout: &Layout, layer: &Layer, service: &str) -> Vec<(String, Site)> {
    let sites = scan(&layer.kind, &layer.file, layout.text(&layer.file));
    let key = |site: &Site| match layer.kind.as_str() {
        "compose" => site
            .path
            .strip_prefix(&format!("services.{service}.environment."))?
            .split('.')
            .next_back()
            .map(str::to_owned),
        "kubernetes" => {
            let (object, path) = site.path.rsplit_once('/')?;
            let wanted = layer.part.as_deref()?.split('/').nth(1)?;
            let mine = object == format!("Deployment/{wanted}") && path.starts_with("env.");
            let shared = refers(layout.text(&layer.file), wanted, object)
                && (path.starts_with("data.") || path.starts_with("stringData."));
            (mine || shared).then(|| site.key.clone())
        }
        "yaml" => match &layer.part {
            Some(part) => site.path.strip_prefix(&format!("{part}.")).map(str::to_owned),
            None => Some(site.path.clone()),
        },
        _ => Some(site.path.clone()),
    };
    sites.into_iter().filter_map(|site| Some((key(&site)?, site))).collect()
}

/// Whether the manifest of a deployment names this ConfigMap or Secret.
fn refers(text: &str, deployment: &str, object: &str) -> bool {
    let Some((kind, name)) = object.split_once('/') else { return false };
    let reference = match kind {
        "ConfigMap" => "configMapRef:",
        "Secret" => "secretRef:",
        _ => return false,
    };
    let documents = text.split("\n---");
    documents
        .filter(|document| document.contains("kind: Deployment") && document.contains(&format!("name: {deployment}\n")))
        .any(|document| {
            document.split(reference).skip(1).any(|rest| rest.trim_start().starts_with(&format!("name: {name}")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_has_its_own_values_and_staging_has_their_like() {
        for layout in Layout::all().unwrap() {
            let entries = of(&layout);
            let own = entries.iter().filter(|entry| entry.own).count();
            let paired = entries.iter().filter(|entry| entry.own && entry.staging.is_some()).count();
            assert!(own >= 15, "{}: {own}", layout.name);
            assert_eq!(own, paired, "{}", layout.name);
        }
    }
}
