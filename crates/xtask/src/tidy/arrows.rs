//! Which crate may know which: the arrows of the house.

use super::Fault;
use super::manifests::{Dependency, dependencies};
use super::tree::Tree;

/// Each room and what it may know of ours. A capability (`config`, `compat`, `data`, `probe`, `readset`) knows the core alone, and
/// `live`, the half of `config` that connects, what it proves; only `cli` knows
/// everything, and nobody knows `cli`. Tests follow the same arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("wire", &[]),
    ("command", &[]),
    ("store", &["core"]),
    ("logbook", &["core"]),
    ("engine", &["core", "logbook"]),
    ("config", &["core"]),
    ("compat", &["core"]),
    ("data", &["core"]),
    ("probe", &["core", "command"]),
    ("readset", &["core"]),
    ("live", &["core", "config"]),
    ("host", &["core", "store", "wire", "command"]),
    ("proxy", &["core", "wire"]),
    ("drivers", &["core", "engine", "host", "proxy", "wire"]),
    ("server", &["core", "logbook", "engine"]),
    (
        "cli",
        &[
            "core", "wire", "command", "store", "logbook", "engine", "config", "compat", "data", "probe", "host",
            "proxy", "drivers", "readset", "live", "server",
        ],
    ),
    ("xtask", &[]),
];

/// Each dependency on a crate of ours follows an arrow.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, manifest) in tree.crates() {
        let file = format!("crates/{name}/Cargo.toml");
        let Some((_, known)) = ARROWS.iter().find(|(room, _)| *room == name) else {
            let message =
                "this crate has no place in the house: add it and what it may know to crates/xtask/src/tidy/arrows.rs";
            faults.push(Fault::new(file, 0, message));
            continue;
        };
        for Dependency { package, section, .. } in dependencies(manifest) {
            let ours = match package.as_str() {
                "sternway" => Some("cli"),
                "xtask" => Some("xtask"),
                _ => package.strip_prefix("sternway-"),
            };
            if let Some(other) = ours.filter(|other| *other != name && !known.contains(other)) {
                faults.push(Fault::new(&file, 0, format!("`{name}` must not know `{other}` ([{section}])")));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(name: &str, manifest: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        check(&Tree::with([(path.as_str(), manifest)])).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn an_arrow_of_the_house_is_followed() {
        assert!(messages("drivers", "[dependencies]\nsternway-host.workspace = true\nserde = \"1\"").is_empty());
    }

    #[test]
    fn an_arrow_against_the_house_is_named_in_each_section() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            for (name, other) in
                [("core", "logbook"), ("probe", "config"), ("proxy", "engine"), ("host", "server"), ("server", "cli")]
            {
                let package = if other == "cli" { "sternway".to_owned() } else { format!("sternway-{other}") };
                let found = messages(name, &format!("[{section}]\n{package}.workspace = true"));
                assert_eq!(found.len(), 1, "{name} -> {other} in {section}");
                assert!(found[0].contains(&format!("`{name}` must not know `{other}`")), "{found:?}");
            }
        }
    }

    #[test]
    fn a_new_name_does_not_hide_an_arrow() {
        assert_eq!(
            messages("core", "[dependencies]\nlog = { package = \"sternway-logbook\", path = \"../logbook\" }").len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_place_is_named() {
        assert!(messages("attic", "")[0].contains("no place in the house"));
    }

    #[test]
    fn the_arrows_have_no_circle() {
        for (index, (name, known)) in ARROWS.iter().enumerate() {
            for other in *known {
                let place = ARROWS.iter().position(|(room, _)| room == other);
                assert!(place.is_some_and(|place| place < index), "{name} knows {other}, which stands below it");
            }
        }
    }
}
