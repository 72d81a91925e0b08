//! `check`: every gate, changing nothing.

use sternway_config::compare;
use sternway_config::landscape::Report;
use sternway_core::finding::{Finding, Severity};
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Project;

use super::plan::{self, Moved};
use super::register;
use crate::args::{Check, Format, Source};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::wiring::{consistency, live};
use crate::{baseline, release, render};

pub(super) fn run(context: &Context, args: &Check, json: bool) -> Result<Exit, Failure> {
    if args.register {
        return register::list(context, args.environment.as_deref(), json);
    }
    context.prepare()?;
    let format = if json { Format::Json } else { args.format };
    let checked = match &args.environment {
        Some(environment) => one(context, environment, args.live),
        None => every(context),
    };
    let checked = match checked {
        Ok(checked) => checked,
        // What cannot even be planned is a list of findings too, so that CI shows it at its place.
        Err(failure) => Checked::only(into_findings(failure)?),
    };
    let (mut findings, what) = against_baseline(context, args, &checked)?;
    findings.extend(checked.proven);
    render::findings::all(&findings, format, &what);
    let blocked = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if blocked { Exit::Blocked } else { Exit::Done })
}

/// What was found, and where.
struct Checked {
    /// The project, when it could be loaded.
    project: Option<Project>,
    findings: Vec<Finding>,
    /// What live proofs found: a fact of today, which no baseline accepts.
    proven: Vec<Finding>,
    /// What was looked at, in words.
    what: String,
}

impl Checked {
    fn only(findings: Vec<Finding>) -> Self {
        let what = "sternway.toml and its configuration".to_owned();
        Self { project: None, findings, proven: Vec::new(), what }
    }
}

/// The findings that are not accepted, and the words for those that are. What is typed goes before what the project file names.
fn against_baseline(context: &Context, args: &Check, checked: &Checked) -> Result<(Vec<Finding>, String), Failure> {
    let (findings, what) = (checked.findings.clone(), checked.what.clone());
    let about = args.environment.as_ref().and_then(|name| EnvironmentName::new(name.as_str()).ok());
    let used = match (&args.write_baseline, &args.baseline, &checked.project) {
        (Some(path), _, _) => Some(baseline::write(path, &findings, about.as_ref())?),
        (None, Some(path), _) => Some(baseline::typed(path)?),
        (None, None, Some(project)) => baseline::of_project(context, project)?,
        (None, None, None) => None,
    };
    let Some(used) = used else { return Ok((findings, what)) };
    let left = used.apply(findings, about.as_ref());
    let what = format!("{what}; {}", used.in_words(&left));
    Ok((left.findings, what))
}

fn one(context: &Context, environment: &str, proving: bool) -> Result<Checked, Failure> {
    let store = context.store()?;
    let state = plan::known_state(context)?;
    let source = Source { release: None, from: None, overrides: Vec::new(), reason: None, at: None };
    let ready = plan::ready(context, &store, &state, environment, &source)?;
    let outcome = ready
        .plan(&state)
        .map_err(|Moved| Failure::internal("S0902", "what serves changed meanwhile").next("type it again"))?;
    let mut what = format!(
        "configuration of {} services, {}, {} checks, the way back, disk and addresses of {environment}",
        ready.loaded.project.services.len(),
        compared(&ready.prepared.consistency),
        ready.loaded.project.checks.len()
    );
    // That nothing would change is no fault of the configuration.
    let mut findings: Vec<Finding> =
        outcome.planned.findings.into_iter().filter(|finding| finding.code != "S0501").collect();
    let landscape = consistency::landscape(context, &ready.loaded.project, &store, &state);
    findings.extend(compare::nothing(&landscape, &ready.prepared.consistency));
    let mut proven = Report::default();
    if proving {
        let project = &ready.loaded.project;
        let (about, _) = ready.loaded.environment(environment)?;
        proven = live::report(project, &landscape, &about, &mut findings);
        what = format!("{what}; proven live: {}", counted(&proven));
    }
    Ok(Checked { project: Some(ready.loaded.project), findings, proven: proven.findings, what })
}

fn every(context: &Context) -> Result<Checked, Failure> {
    let loaded = context.load()?;
    let mut findings = loaded.warnings.clone();
    findings.extend(release::misnamed(context, &loaded));
    let (store, state) = (context.store()?, plan::known_state(context)?);
    for environment in &loaded.project.environments {
        let (_, _, warnings) = release::configuration(context, &loaded, &state, environment)?;
        findings.extend(warnings);
    }
    let landscape = consistency::landscape(context, &loaded.project, &store, &state);
    let consistency = consistency::report(&loaded.project, &landscape, None);
    let consistency = consistency::settled(consistency, &landscape, &store, &state);
    findings.extend(consistency.findings.iter().cloned());
    findings.extend(compare::nothing(&landscape, &consistency));
    let names: Vec<&str> = loaded.project.environments.keys().map(EnvironmentName::as_str).collect();
    let compared = compared(&consistency);
    let what = format!("sternway.toml and the configuration of {}, {compared}", names.join(", "));
    Ok(Checked { project: Some(loaded.project), findings, proven: Vec::new(), what })
}

/// What was compared between environments, in words: that nothing was is said, too.
fn compared(consistency: &Report) -> String {
    let words: Vec<String> = consistency.checked.iter().map(|(what, count)| format!("{count} {what}")).collect();
    let unknown = match consistency.unknown.len() {
        0 => String::new(),
        count => format!(" ({count} unknown)"),
    };
    if words.is_empty() { format!("nothing compared{unknown}") } else { format!("{}{unknown}", words.join(", ")) }
}

/// What was proven live, in words: `2 connections, 1 session proof (1 unknown)`.
fn counted(proven: &Report) -> String {
    let one = |what: &'static str, count: usize| if count == 1 { what.trim_end_matches('s') } else { what };
    let words: Vec<String> =
        proven.checked.iter().map(|(what, count)| format!("{count} {}", one(what, *count))).collect();
    let unknown = match proven.unknown.len() {
        0 => String::new(),
        count => format!(" ({count} unknown)"),
    };
    if words.is_empty() { format!("nothing{unknown}") } else { format!("{}{unknown}", words.join(", ")) }
}

fn into_findings(failure: Failure) -> Result<Vec<Finding>, Failure> {
    match failure {
        Failure::Project { problems, .. } => Ok(problems.into_iter().map(|problem| problem.finding).collect()),
        Failure::Plain(diagnostic) if !diagnostic.findings.is_empty() => Ok(diagnostic.findings),
        other @ Failure::Plain(_) => Err(other),
    }
}
