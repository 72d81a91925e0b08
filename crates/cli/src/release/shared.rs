//! Shared paths that are something else in the project's folder than their names say.

use sternway_core::finding::Finding;
use sternway_core::release::is_shared_file;

use crate::context::{Context, Loaded};

/// A file that would be shared as a folder, or a folder as a file: the service would not find what it knows from here.
pub(crate) fn misnamed(context: &Context, loaded: &Loaded) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, service) in &loaded.project.services {
        for path in &service.spec.shared {
            let Ok(there) = std::fs::metadata(context.project_dir.join(&service.path).join(path.trim_end_matches('/')))
            else {
                continue;
            };
            let (is, means, hint) = match (there.is_dir(), is_shared_file(path)) {
                (true, true) => ("a folder", "a file", format!("write `{path}/` to share it as a folder")),
                (false, false) => {
                    ("a file", "a folder", "share the folder that it is in, or give its name an extension".to_owned())
                }
                _ => continue,
            };
            let text = format!("`{path}` is shared as {means}, but is {is} in the service's folder");
            let mut finding = Finding::warning("S0409", name.as_str(), text).hint(hint);
            finding.places.push(service.place.clone());
            found.push(finding);
        }
    }
    found
}
