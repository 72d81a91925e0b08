//! Facts of an environment: what they tell, what they never tell, and that comparison by them finds what comparison of values finds.

mod blind;
mod files;
mod reading;
mod secrets;
mod verdicts;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sternway_config::facts::{Facts, Keys};
use sternway_config::landscape::{Landscape, Origin};
use sternway_config::{FingerprintKey, Provenance};
use sternway_core::ids::{EnvironmentName, ReleaseNumber};

/// A key of 32 times this byte.
pub(crate) fn key(byte: u8) -> FingerprintKey {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let digits = format!("{byte:02x}").repeat(32);
    fs::write(&path, format!(r#"{{"format":1,"written_by":"sternway 0.1.0","key":"{digits}"}}"#)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    FingerprintKey::read(&path).unwrap()
}

/// The facts of one environment, sealed with this key, as they are stored.
pub(crate) fn facts(landscape: &Landscape, environment: &str, key: &FingerprintKey) -> Facts {
    let place = &landscape.environments[&EnvironmentName::new(environment).unwrap()];
    let text = serde_json::to_string(&Facts::of(&place.services, key)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The same landscape with these environments known by what was sealed of them alone.
pub(crate) fn sealed(
    landscape: &Landscape,
    environments: &[&str],
    made_with: &FingerprintKey,
    keys: &Keys,
) -> Landscape {
    let mut landscape = landscape.clone();
    for environment in environments {
        let facts = facts(&landscape, environment, made_with);
        let place = landscape.environments.get_mut(&EnvironmentName::new(*environment).unwrap()).unwrap();
        let from = Provenance { file: "release 7".into(), line: 0, column: 0, layer: "sealed".into() };
        for (name, service) in &mut place.services {
            let origin = Origin::Sealed { release: ReleaseNumber(7), why: "no such file".to_owned() };
            *service = facts.service(name, keys, &from, origin, service.dialects.clone()).unwrap();
        }
    }
    landscape
}

/// No clients are declared.
pub(crate) fn undeclared() -> BTreeMap<String, String> {
    BTreeMap::new()
}
