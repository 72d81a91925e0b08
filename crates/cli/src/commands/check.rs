//! `check`: every gate, changing nothing.

use sternway_config::compare;
use sternway_config::landscape::{Landscape, Missing, Origin, Report};
use sternway_core::finding::{Finding, Severity};
use sternway_core::ids::EnvironmentName;
use sternway_core::project::{Environment, Project};
use sternway_core::state::State;
use sternway_store::Store;

use super::plan::{self, Moved};
use super::register;
use crate::args::{Check, Format, Source};
use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::fix::{self, Fixed};
use crate::render::findings::Told;
use crate::wiring::code_reads::Code;
use crate::wiring::live::Prover;
use crate::wiring::{consistency, facts, live};
use crate::{baseline, release, render};

pub(super) fn run(context: &Context, args: &Check, json: bool) -> Result<Exit, Failure> {
    if args.register {
        return register::list(context, args.environment.as_deref(), json);
    }
    // What is looked at before anything was ever shipped leaves nothing behind.
    let elsewhere = if context.logbook_path().exists() || context.agent_state().exists() {
        None
    } else {
        Some(tempfile::tempdir().map_err(|error| {
            Failure::usage("S0910", "there is no temporary folder to work in").cause(&error).next("set TMPDIR")
        })?)
    };
    let aside = elsewhere.as_ref().map(|folder| Context { state: folder.path().to_owned(), ..context.clone() });
    let context = aside.as_ref().unwrap_or(context);
    context.prepare()?;
    let format = if json { Format::Json } else { args.format };
    let mut checked = look(context, args)?;
    let (mut findings, mut what) = against_baseline(context, args, &checked)?;
    let mut fixed = None;
    if args.fix {
        let done = fix(context, args, &checked, &findings);
        if !done.dry && !done.written.is_empty() {
            // Lines have moved: what is said is said of the files as they are now.
            checked = look(context, args)?;
            (findings, what) = against_baseline(context, args, &checked)?;
        }
        fixed = Some(done);
    }
    findings.extend(checked.proven);
    let from = checked.from.as_ref().map(Prover::word);
    let told = Told { what: &what, unknown: &checked.unknown, fixed: fixed.as_ref(), from };
    render::findings::all(&findings, format, &told);
    let blocked = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if blocked { Exit::Blocked } else { Exit::Done })
}

fn look(context: &Context, args: &Check) -> Result<Checked, Failure> {
    let checked = match &args.environment {
        Some(environment) => one(context, environment, args),
        None => every(context, args),
    };
    // What cannot even be planned is a list of findings too, so that CI shows it at its place.
    checked.or_else(|failure| Ok(Checked::only(into_findings(failure)?)))
}

/// Writes placeholders for the keys that are said to be missing; what a baseline accepts is not.
fn fix(context: &Context, args: &Check, checked: &Checked, findings: &[Finding]) -> Fixed {
    let Some(project) = &checked.project else { return Fixed { dry: args.dry_run, ..Fixed::default() } };
    let said = |missing: &&Missing| findings.contains(&missing.finding);
    let gaps: Vec<Missing> = checked.missing.iter().filter(said).cloned().collect();
    fix::run(context, project, &checked.landscape, &gaps, args.dry_run)
}

/// What was found, and where.
struct Checked {
    /// The project, when it could be loaded.
    project: Option<Project>,
    findings: Vec<Finding>,
    /// What live proofs found: a fact of today, which no baseline accepts.
    proven: Vec<Finding>,
    /// Who proved.
    from: Option<Prover>,
    /// What was looked at, in words.
    what: String,
    /// What could not be told, and why.
    unknown: Vec<String>,
    landscape: Landscape,
    missing: Vec<Missing>,
}

impl Checked {
    fn only(findings: Vec<Finding>) -> Self {
        let what = "sternway.toml and its configuration".to_owned();
        let (proven, unknown, missing) = (Vec::new(), Vec::new(), Vec::new());
        let landscape = Landscape::default();
        Self { project: None, findings, proven, from: None, what, unknown, landscape, missing }
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

fn one(context: &Context, environment: &str, args: &Check) -> Result<Checked, Failure> {
    let store = context.store()?;
    let state = plan::known_state(context)?;
    let stand_in = || by_stand_in(context, &store, &state, environment, args);
    if !args.facts.is_empty()
        && let Some(checked) = stand_in()?
    {
        return Ok(checked);
    }
    let facts = args.facts.clone();
    let source = Source { release: None, from: None, overrides: Vec::new(), reason: None, at: None, facts };
    let ready = match plan::ready(context, &store, &state, environment, &source) {
        Ok(ready) => ready,
        Err(failure) if args.live => return Err(failure),
        Err(failure) => return stand_in()?.ok_or(failure),
    };
    let outcome = ready
        .plan(&state)
        .map_err(|Moved| Failure::internal("S0902", "what serves changed meanwhile").next("type it again"))?;
    let mut what = format!(
        "configuration of {}, {}, {}, the way back, disk and addresses of {environment}",
        number(ready.loaded.project.services.len(), "services"),
        compared(&ready.prepared.consistency),
        number(ready.loaded.project.checks.len(), "checks")
    );
    // That nothing would change is no fault of the configuration.
    let mut findings: Vec<Finding> =
        outcome.planned.findings.into_iter().filter(|finding| finding.code != "S0501").collect();
    let landscape = consistency::landscape(context, &ready.loaded.project, &store, &state, &args.facts)?;
    findings.extend(compare::nothing(&landscape, &ready.prepared.consistency));
    let (mut proven, mut from) = (Report::default(), None);
    if args.live {
        let project = &ready.loaded.project;
        let (about, _) = ready.loaded.environment(environment)?;
        let (report, prover) = live::report(context, project, &landscape, &about, &mut findings);
        what = format!("{what}; proven live: {}, proven from: {prover}", counted(&report));
        (proven, from) = (report, Some(prover));
    }
    let Report { mut unknown, missing, .. } = ready.prepared.consistency;
    unknown.extend(proven.unknown);
    let (project, proven) = (Some(ready.loaded.project), proven.findings);
    Ok(Checked { project, findings, proven, from, what, unknown, landscape, missing })
}

/// An environment whose sources cannot be read, or are not to be: nothing can be planned for it, but what stands in for them is compared.
fn by_stand_in(
    context: &Context,
    store: &Store,
    state: &State,
    environment: &str,
    args: &Check,
) -> Result<Option<Checked>, Failure> {
    let loaded = context.load()?;
    let (name, settings) = loaded.environment(environment)?;
    let landscape = consistency::landscape(context, &loaded.project, store, state, &args.facts)?;
    if !facts::stands_in(&landscape, &name, |origin| matches!(origin, Origin::Facts { .. } | Origin::Sealed { .. })) {
        return Ok(None);
    }
    let mut findings = loaded.warnings.clone();
    findings.extend(release::misnamed(context, &loaded));
    findings.extend(unreadable(context, &loaded, state, &landscape, (&name, settings))?);
    let consistency = consistency::report(&loaded.project, &landscape, Some(&name));
    let consistency = consistency::settled(consistency, &landscape, store, state);
    findings.extend(consistency.findings.iter().cloned());
    findings.extend(compare::nothing(&landscape, &consistency));
    let what = format!("the configuration of {name}, {}; nothing else", compared(&consistency));
    let Report { unknown, missing, .. } = consistency;
    let (project, proven) = (Some(loaded.project), Vec::new());
    Ok(Some(Checked { project, findings, proven, from: None, what, unknown, landscape, missing }))
}

/// What reading the sources of an environment says. Where a file of facts stands in for them, that they cannot be read is no fault; where
/// only what was sealed here does, it is one, since nothing could be shipped.
fn unreadable(
    context: &Context,
    loaded: &Loaded,
    state: &State,
    landscape: &Landscape,
    (name, settings): (&EnvironmentName, &Environment),
) -> Result<Vec<Finding>, Failure> {
    match release::configuration(context, loaded, state, (name, settings)) {
        Ok(configured) => Ok(configured.warnings),
        Err(_) if facts::stands_in(landscape, name, |origin| matches!(origin, Origin::Facts { .. })) => Ok(Vec::new()),
        Err(failure) if facts::stands_in(landscape, name, |origin| matches!(origin, Origin::Sealed { .. })) => {
            into_findings(failure)
        }
        Err(failure) => Err(failure),
    }
}

fn every(context: &Context, args: &Check) -> Result<Checked, Failure> {
    let loaded = context.load()?;
    let mut findings = loaded.warnings.clone();
    findings.extend(release::misnamed(context, &loaded));
    findings.extend(release::not_there(&context.project_dir, &loaded.project));
    let (store, state) = (context.store()?, plan::known_state(context)?);
    let landscape = consistency::landscape(context, &loaded.project, &store, &state, &args.facts)?;
    for environment in &loaded.project.environments {
        findings.extend(unreadable(context, &loaded, &state, &landscape, environment)?);
    }
    let consistency = consistency::report(&loaded.project, &landscape, None);
    let mut consistency = consistency::settled(consistency, &landscape, &store, &state);
    let code = Code::read(&release::folders(context, &loaded), &context.state);
    for environment in loaded.project.environments.keys() {
        consistency.extend(code.against(&loaded.project, &landscape, environment));
    }
    findings.extend(consistency.findings.iter().cloned());
    findings.extend(compare::nothing(&landscape, &consistency));
    let names: Vec<&str> = loaded.project.environments.keys().map(EnvironmentName::as_str).collect();
    let compared = compared(&consistency);
    let what = format!("sternway.toml and the configuration of {}, {compared}", names.join(", "));
    let Report { unknown, missing, .. } = consistency;
    let (project, proven) = (Some(loaded.project), Vec::new());
    Ok(Checked { project, findings, proven, from: None, what, unknown, landscape, missing })
}

/// What was compared between environments, in words: that nothing was is said, too.
fn compared(consistency: &Report) -> String {
    in_words(consistency, "nothing compared")
}

/// What was proven live, in words: `2 connections, 1 session proof (1 unknown)`.
fn counted(proven: &Report) -> String {
    in_words(proven, "nothing")
}

fn in_words(report: &Report, nothing: &str) -> String {
    let counts = report.checked.iter().filter(|(_, count)| **count > 0);
    let words: Vec<String> = counts.map(|(what, count)| number(*count, what)).collect();
    let unknown = match report.unknown.len() {
        0 => String::new(),
        count => format!(" ({count} unknown)"),
    };
    if words.is_empty() { format!("{nothing}{unknown}") } else { format!("{}{unknown}", words.join(", ")) }
}

/// `1 check`, `2 checks`, `1 shape of values`.
fn number(count: usize, nouns: &str) -> String {
    if count != 1 {
        return format!("{count} {nouns}");
    }
    let (noun, rest) = nouns.split_once(' ').map_or((nouns, ""), |(noun, rest)| (noun, rest));
    match noun.strip_suffix('s') {
        Some(one) if rest.is_empty() => format!("1 {one}"),
        Some(one) => format!("1 {one} {rest}"),
        // `session proofs`: the last word counts.
        None => format!("1 {}", nouns.trim_end_matches('s')),
    }
}

fn into_findings(failure: Failure) -> Result<Vec<Finding>, Failure> {
    match failure {
        Failure::Project { problems, .. } => Ok(problems.into_iter().map(|problem| problem.finding).collect()),
        Failure::Plain(diagnostic) if !diagnostic.findings.is_empty() => Ok(diagnostic.findings),
        other @ Failure::Plain(_) => Err(other),
    }
}
