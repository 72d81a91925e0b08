//! From the text to a [`Project`]: first the shape of every table, then what its parts say of each other.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;

use super::source::{Problem, Problems, Source, code};
use super::view::View;
use super::{Project, Service, agreements, checks, environment, keys, rules, service, shape, suggest};
use crate::finding::Finding;
use crate::ids::{EnvironmentName, ServiceName};
use crate::release::ServiceKind;

/// A project file that is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it says.
    pub project: Project,
    /// What is worth a second look, in the order of the file.
    pub warnings: Vec<Finding>,
}

/// Reads the text of sternway.toml. `file` is its name for messages.
///
/// # Errors
/// Everything that is wrong, in the order of the file; never empty. The values of configuration never show in a message.
pub fn parse(text: &str, file: &str) -> Result<Parsed, Vec<Problem>> {
    let mut problems = Problems::new(Source::new(text, file));
    let (document, syntax) = DeTable::parse_recoverable(text);
    for error in &syntax {
        let span = error.span().unwrap_or(0..0);
        problems.error(code::SYNTAX, file, span, error.message().replace('\n', ", "), syntax_hint(error.message()));
    }
    if !syntax.is_empty() {
        return Err(sorted(problems.errors));
    }
    shape::check_table(&mut problems, &keys::ROOT, "", 0..0, document.get_ref());
    let project = build(&mut problems, View::new(document.get_ref(), &keys::ROOT));
    if !problems.errors.is_empty() {
        return Err(sorted(problems.errors));
    }
    problems.warnings.sort_by(|a, b| a.places.cmp(&b.places));
    Ok(Parsed { project, warnings: problems.warnings })
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.span.start);
    problems.dedup();
    problems
}

fn syntax_hint(message: &str) -> &'static str {
    if message.contains("duplicate key") { "each key and each [table] stands once: join the two" } else { "" }
}

/// What is known of a service while the rest is read.
pub(super) struct Declared {
    pub(super) service: Service,
    /// None when the file gives a kind that does not exist, so that nothing more is said about it.
    pub(super) kind: Option<ServiceKind>,
    /// Where `port` stands, if it is given.
    pub(super) port_span: Option<Range<usize>>,
}

/// The services by name, for everything that refers to them.
pub(super) struct Services(pub(super) BTreeMap<ServiceName, Declared>);

impl Services {
    /// Looks a reference up and reports it if nothing has that name.
    pub(super) fn find(
        &self,
        problems: &mut Problems<'_>,
        path: &str,
        span: Range<usize>,
        name: &str,
    ) -> Option<(&ServiceName, &Declared)> {
        // A name that cannot be one was reported as such.
        let id = ServiceName::new(name).ok()?;
        let found = self.0.get_key_value(&id);
        if found.is_none() {
            let hint = suggest::hint(name, "services", self.0.keys().map(ServiceName::as_str));
            problems.error(code::UNKNOWN_NAME, path, span, format!("there is no service `{name}`"), hint);
        }
        found
    }

    pub(super) fn of_kind(&self, kind: ServiceKind) -> Vec<&ServiceName> {
        self.0.iter().filter(|(_, declared)| declared.kind == Some(kind)).map(|(name, _)| name).collect()
    }

    /// Whether every kind is known, so that rules about kinds can be trusted.
    pub(super) fn are_sure(&self) -> bool {
        self.0.values().all(|declared| declared.kind.is_some())
    }
}

fn build(problems: &mut Problems<'_>, root: View<'_>) -> Project {
    let project = root.table("project", &keys::PROJECT);
    let name = project.map(|project| project.owned("name")).unwrap_or_default();
    let baseline = project.and_then(|project| project.text("baseline")).map(str::to_owned);

    let mut services = Services(BTreeMap::new());
    for (name, span, value) in root.named("services") {
        if let (Ok(id), Some(entries)) = (ServiceName::new(name), value.get_ref().as_table()) {
            services.0.insert(id, service::read(problems, name, span, View::new(entries, &keys::SERVICE)));
        }
    }

    let mut environments = BTreeMap::new();
    for (name, span, value) in root.named("environments") {
        if let (Ok(id), Some(entries)) = (EnvironmentName::new(name), value.get_ref().as_table()) {
            let view = View::new(entries, &keys::ENVIRONMENT);
            environments.insert(id, environment::read(problems, &services, name, span, view));
        }
    }

    let checks = checks::read(problems, &services, root.list("checks"));
    let agreements = agreements::read(problems, &services, &environments, root.list("agreements"));
    rules::addresses(problems, &services, &environments);
    rules::second_looks(problems, &services, &environments, &checks);

    let checks = checks.into_iter().map(|asked| asked.check).collect();
    let environments = environments.into_iter().map(|(name, placed)| (name, placed.environment)).collect();
    let services = services.0.into_iter().map(|(name, declared)| (name, declared.service)).collect();
    Project { name, baseline, services, environments, checks, agreements }
}
