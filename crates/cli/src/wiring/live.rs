//! The live proof of an environment. It runs in the process of the command: see ARCHITECTURE.md for what that means.

use sternway_config::agreements;
use sternway_config::landscape::{Landscape, Report};
use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Project;
use sternway_live::{Limits, Subject, prove};

/// Connects as each service of the environment is configured to. `found` is what reading the configuration said: a proof that two
/// names are of one server answers it.
pub(crate) fn report(
    project: &Project,
    landscape: &Landscape,
    about: &EnvironmentName,
    found: &mut Vec<Finding>,
) -> Report {
    let services = landscape.environments.get(about).map(|place| &place.services);
    let seen = services.into_iter().flatten().filter(|(_, service)| service.is_seen());
    let subjects: Vec<Subject> = seen
        .flat_map(|(name, service)| {
            agreements::connections(service).into_iter().map(|named| Subject { service: name.clone(), named })
        })
        .collect();
    let sharings = agreements::sharing(landscape, &project.agreements, about);
    let outcome = prove(about, &subjects, &sharings, &Limits::default());
    for (one, other) in &outcome.same {
        let about_both = |finding: &Finding| finding.places.contains(one) && finding.places.contains(other);
        found.retain(|finding| !(matches!(finding.code.as_str(), "S0220" | "S0222" | "S0224") && about_both(finding)));
    }
    outcome.report
}
