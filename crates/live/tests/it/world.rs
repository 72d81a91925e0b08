//! An environment of services whose configuration is given as text, and what a proof of it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use sternway_config::landscape::{Environment, Landscape, Report, Service};
use sternway_config::{Resolved, Site, resolve};
use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project;
use sternway_live::{Limits, Outcome, Question, prove};

/// Short enough for tests, long enough for a busy machine where an answer does come.
pub(crate) const PATIENT: Limits =
    Limits { connect: Duration::from_secs(20), whole: Duration::from_secs(40), parallel: 8 };
/// For what never answers.
pub(crate) const HASTY: Limits =
    Limits { connect: Duration::from_millis(300), whole: Duration::from_millis(600), parallel: 8 };

/// Proves `production` of a project with these services, each with its dotenv file, and this text at the end of its sternway.toml.
pub(crate) fn proof(services: &[(&str, &str)], text: &str, limits: &Limits) -> Proof {
    let dir = tempfile::tempdir().unwrap();
    let mut toml = String::from("[project]\nname = \"shop\"\n");
    let mut config = String::new();
    let mut routes = Vec::new();
    for (name, values) in services {
        fs::write(dir.path().join(format!("{name}.env")), values).unwrap();
        writeln!(toml, "[services.{name}]\nrun = \"x\"").unwrap();
        writeln!(config, "{name} = [\"dotenv:{name}.env\"]").unwrap();
        routes.push(format!("\"/{name}\" = \"{name}\""));
    }
    write!(
        toml,
        "[environments.production]\nlisten = \"127.0.0.1:8000\"\nroutes = {{ {} }}\n[environments.production.config]\n{config}{text}",
        routes.join(", ")
    )
    .unwrap();
    let project = project::parse(&toml, "sternway.toml").unwrap().project;
    let about = EnvironmentName::new("production").unwrap();
    let settings = &project.environments[&about];
    let services = project.services.iter().map(|(name, declared)| {
        let given = resolve(&Site::files(dir.path()), &settings.config[name]).unwrap();
        (name.clone(), Service::from_sources(given, Resolved::default(), declared.connections.clone()))
    });
    let place = Environment { protected: true, services: services.collect::<BTreeMap<ServiceName, Service>>() };
    let landscape = Landscape { environments: BTreeMap::from([(about.clone(), place)]) };
    let question = Question::of(&landscape, &project.agreements, &about, limits);
    // As it goes to whoever proves it, and back.
    let question: Question = serde_json::from_str(&serde_json::to_string(&question).unwrap()).unwrap();
    let outcome = prove(&question);
    let outcome: Outcome = serde_json::from_str(&serde_json::to_string(&outcome).unwrap()).unwrap();
    Proof { report: outcome.report(), same: outcome.same }
}

/// What is proven and found.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) report: Report,
    pub(crate) same: Vec<(Place, Place)>,
}

/// `CODE file:line:column`, sorted.
pub(crate) fn said(findings: &[Finding]) -> Vec<String> {
    let mut said: Vec<String> = findings
        .iter()
        .map(|finding| {
            format!("{} {}", finding.code, finding.places.first().map(ToString::to_string).unwrap_or_default())
        })
        .collect();
    said.sort();
    said
}

/// Nothing that was found or counted may hold any of these.
#[track_caller]
pub(crate) fn silent_about(outcome: &Proof, words: &[&str]) {
    let all = format!("{outcome:?}");
    for word in words {
        assert!(!all.contains(word), "`{word}` in {all}");
    }
}
