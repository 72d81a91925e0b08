//! What each crate's Cargo.toml says about itself and about what it depends on.

use toml::{Table, Value};

use super::Fault;
use super::tree::Tree;

/// One entry of a manifest's dependencies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's own name, whatever it is called here.
    pub(crate) package: String,
    /// Where it stands: `dependencies`, `dev-dependencies`, ...
    pub(crate) section: String,
    /// Whether version and features come from the workspace alone.
    inherited: bool,
}

/// All dependencies of a manifest, in all sections. A manifest that does not parse has none: cargo says so itself.
pub(crate) fn dependencies(manifest: &str) -> Vec<Dependency> {
    let Ok(manifest) = manifest.parse::<Table>() else { return Vec::new() };
    let mut found = Vec::new();
    collect(&manifest, &mut found);
    for target in manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
        collect(target.as_table().unwrap_or(&Table::new()), &mut found);
    }
    found
}

fn collect(manifest: &Table, found: &mut Vec<Dependency>) {
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, value) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
            let package = value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned();
            let inherited = value.get("workspace").and_then(Value::as_bool) == Some(true)
                && (value.get("features").is_none() || package.starts_with("sternway-"));
            found.push(Dependency { package, section: section.to_owned(), inherited });
        }
    }
}

/// Versions, features and lints come from the workspace, so that building one crate and building all share their artifacts.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, text) in tree.crates() {
        let file = format!("crates/{name}/Cargo.toml");
        for dependency in dependencies(text).iter().filter(|dependency| !dependency.inherited) {
            let message = format!(
                "`{}` ([{}]): name its version and features in the root Cargo.toml and write `workspace = true` here",
                dependency.package, dependency.section
            );
            faults.push(Fault::new(&file, 0, message));
        }
        let manifest = text.parse::<Table>().unwrap_or_default();
        if manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) != Some(true) {
            faults.push(Fault::new(
                &file,
                0,
                "the workspace's lints are not in force: add `[lints]` with `workspace = true`",
            ));
        }
        let package = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
        let expected = match name {
            "cli" => "sternway".to_owned(),
            "xtask" => "xtask".to_owned(),
            _ => format!("sternway-{name}"),
        };
        if package != Some(expected.as_str()) {
            faults.push(Fault::new(&file, 0, format!("the package in this folder is called `{expected}`")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "[package]\nname = \"sternway-core\"\n[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n";

    fn faults(manifest: &str) -> usize {
        check(&Tree::with([("crates/core/Cargo.toml", manifest)])).len()
    }

    #[test]
    fn what_comes_from_the_workspace_is_fine() {
        assert_eq!(faults(GOOD), 0);
    }

    #[test]
    fn a_version_or_a_feature_of_its_own_is_named() {
        assert_eq!(faults(&GOOD.replace("serde.workspace = true", "serde = \"1\"")), 1);
        assert_eq!(
            faults(&GOOD.replace("serde.workspace = true", "serde = { workspace = true, features = [\"rc\"] }")),
            1
        );
    }

    #[test]
    fn lints_and_name_are_asked_for() {
        assert_eq!(faults(&GOOD.replace("[lints]\nworkspace = true\n", "")), 1);
        assert_eq!(faults(&GOOD.replace("sternway-core", "core")), 1);
    }
}
