//! A project as such projects are laid out, and which file is read for which service where.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Outcome, repository};

/// A generated project: the files of one folder of `crates/xtask/layouts`.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) name: String,
    /// Texts by path.
    pub(super) files: BTreeMap<String, String>,
    pub(super) environments: Vec<Environment>,
}

/// What is declared for one environment.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    pub(super) name: String,
    /// By service, later ones over earlier ones.
    pub(super) services: BTreeMap<String, Vec<Layer>>,
}

/// One file that is read for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: String,
    pub(super) file: String,
    pub(super) part: Option<String>,
    /// As it stands in sternway.toml; `None` for a file that the format itself lays over the one that is named.
    pub(super) declared: Option<String>,
    /// Whether the service reads it by itself.
    pub(super) reads: bool,
}

impl Layout {
    /// All layouts, in the order of their names.
    pub(super) fn all() -> Outcome<Vec<Self>> {
        let root = repository().join("crates/xtask/layouts");
        let mut folders: Vec<PathBuf> = fs::read_dir(root)?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
        folders.retain(|path| path.is_dir());
        folders.sort();
        folders.iter().map(|folder| Self::load(folder)).collect()
    }

    fn load(folder: &Path) -> Outcome<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = BTreeMap::new();
        gather(folder, "", &mut files)?;
        let text = files.get("sternway.toml").ok_or_else(|| format!("{name} has no sternway.toml"))?;
        let table: toml::Table = text.parse()?;
        let environments = table["environments"].as_table().ok_or("environments is no table")?;
        let environments = environments
            .iter()
            .map(|(name, settings)| Environment { name: name.clone(), services: layers(settings, &files) })
            .collect();
        Ok(Self { name, files, environments })
    }

    /// The environment that is protected.
    pub(super) fn production(&self) -> &Environment {
        let found =
            self.environments.iter().find(|environment| matches!(environment.name.as_str(), "production" | "prod"));
        found.unwrap_or(&self.environments[0])
    }

    /// The environment in which releases are tried.
    pub(super) fn staging(&self) -> &Environment {
        let found = self.environments.iter().find(|environment| environment.name == "staging");
        found.unwrap_or(&self.environments[0])
    }

    /// A file's text.
    pub(super) fn text(&self, file: &str) -> &str {
        self.files.get(file).map_or("", String::as_str)
    }
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

fn layers(settings: &toml::Value, files: &BTreeMap<String, String>) -> BTreeMap<String, Vec<Layer>> {
    let mut services: BTreeMap<String, Vec<Layer>> = BTreeMap::new();
    // What a service is given counts before what it reads.
    for (table, reads) in [("reads", true), ("config", false)] {
        for (service, sources) in settings.get(table).and_then(toml::Value::as_table).into_iter().flatten() {
            let found = services.entry(service.clone()).or_default();
            for source in sources.as_array().into_iter().flatten().filter_map(toml::Value::as_str) {
                found.extend(layers_of(source, reads, files));
            }
        }
    }
    services
}

fn layers_of(source: &str, reads: bool, files: &BTreeMap<String, String>) -> Vec<Layer> {
    let (kind, rest) = source.split_once(':').unwrap_or((source, ""));
    let (file, part) = match rest.split_once('#') {
        Some((file, part)) => (file, Some(part.to_owned())),
        None => (rest, None),
    };
    let layer = |file: String, part: Option<String>, declared: Option<String>| Layer {
        kind: kind.to_owned(),
        file,
        part,
        declared,
        reads,
    };
    let over = match (kind, &part, file.rsplit_once('.')) {
        ("appsettings", Some(part), Some((name, ending))) => Some(format!("{name}.{part}.{ending}")),
        ("spring", Some(part), Some((name, ending))) => Some(format!("{name}-{part}.{ending}")),
        _ => None,
    };
    let whole = over.is_some();
    let mut found = vec![layer(file.to_owned(), part.filter(|_| !whole), Some(source.to_owned()))];
    found.extend(over.filter(|over| files.contains_key(over)).map(|over| layer(over, None, None)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_is_a_project_of_some_size_with_two_environments_and_two_services() {
        let layouts = Layout::all().unwrap();
        assert!(layouts.len() >= 6);
        for layout in &layouts {
            assert!(layout.environments.len() >= 2, "{}", layout.name);
            assert_ne!(layout.production().name, layout.staging().name, "{}", layout.name);
            assert!(layout.production().services.len() >= 2, "{}", layout.name);
            for layer in layout.environments.iter().flat_map(|place| place.services.values()).flatten() {
                assert!(layout.files.contains_key(&layer.file), "{}: {}", layout.name, layer.file);
            }
        }
    }
}
