//! What the candidate's code reads from its environment, held against what that environment has.
//!
//! A key that the code reads without a default, and that is not there, is how a setting that was right elsewhere goes missing in production
//! unnoticed until a release reads it. Keys that nothing reads any more are only worth a note: frameworks and tools read keys by names that
//! no syntax tree shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sternway_config::landscape::{Landscape, Missing, Report, Service};
use sternway_core::finding::{Finding, Place};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{Keys, Project, source_kind};
use sternway_readset::{Choice, Key, Origin, Read, ReadSet, read_set};

/// Where the code of each service lies, and what a place in it is called for a person: a prefix before its path.
pub(crate) type Folders = BTreeMap<ServiceName, (std::path::PathBuf, String)>;

/// What the code of each service reads, with what stands before a path in it for a person.
#[derive(Debug)]
pub(crate) struct Code(BTreeMap<ServiceName, (ReadSet, String)>);

impl Code {
    /// Reads the code, but for Sternway's own state.
    pub(crate) fn read(folders: &Folders, state: &Path) -> Self {
        let read = |(name, (folder, prefix)): (&ServiceName, &(std::path::PathBuf, String))| {
            let state = state.to_owned();
            let skip = move |path: &Path, _: bool| path == state;
            let set = read_set(folder, Choice { dependencies: false, skip: Some(&skip) });
            (set.files > 0).then(|| (name.clone(), (set, prefix.clone())))
        };
        Self(folders.iter().filter_map(read).collect())
    }

    /// Holds it against the configuration of one environment. Pure.
    pub(crate) fn against(&self, project: &Project, landscape: &Landscape, about: &EnvironmentName) -> Report {
        let mut report = Report::default();
        let Some(place) = landscape.environments.get(about) else { return report };
        for (name, declared) in &project.services {
            let (Some((set, prefix)), Some(service)) = (self.0.get(name), place.services.get(name)) else { continue };
            let commands = [Some(&declared.spec.run), declared.build.as_ref(), declared.spec.undo.as_ref()];
            let commands: Vec<&str> = commands.into_iter().flatten().map(String::as_str).collect();
            let about = About { environment: about, protected: place.protected, name, prefix };
            judge(set, service, &commands, &about, &mut report);
        }
        report
    }
}

/// Whose code is judged, and for where.
struct About<'a> {
    environment: &'a EnvironmentName,
    protected: bool,
    name: &'a ServiceName,
    prefix: &'a str,
}

impl About<'_> {
    fn at(&self, finding: Finding, place: &Place) -> Finding {
        finding.at(format!("{}{}", self.prefix, place.file), place.line, place.column)
    }
}

/// Whether the environment answers for a key: what the process is given, or a dotenv file that it reads by itself. A constant of the same
/// name in a PHP file is no variable.
fn is_set(service: &Service, key: &str) -> bool {
    let Some(value) = service.values.get(key) else { return false };
    let kind = value.provenance.layer.split(':').next().unwrap_or_default();
    service.given.contains(key) || source_kind(kind).is_none_or(|kind| kind.keys == Keys::Variables)
}

/// Pure.
fn judge(set: &ReadSet, service: &Service, commands: &[&str], about: &About<'_>, report: &mut Report) {
    let own: Vec<&Read> = set.reads.iter().filter(|read| read.origin == Origin::Own).collect();
    let mut lacking: BTreeMap<&str, Vec<&Read>> = BTreeMap::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let (mut prefixes, mut computed) = (Vec::new(), 0);
    for read in &own {
        match &read.key {
            Key::Named(key) => {
                named.insert(key);
                // PORT and STERNWAY_* are given to every instance.
                let given = key == "PORT" || key.starts_with("STERNWAY_");
                if read.needs_value() && !given && service.is_seen() && !is_set(service, key) {
                    lacking.entry(key).or_default().push(read);
                }
            }
            Key::Pattern { prefix } => prefixes.push(prefix.as_str()),
            Key::Computed => computed += 1,
        }
    }
    report.count("keys that the code reads", named.len());
    for (key, reads) in lacking {
        let message = format!(
            "`{}` reads it with {} and has no default, and {} does not have it",
            about.name, reads[0].how, about.environment
        );
        let subject = format!("{}:{key}", about.name);
        let finding = if about.protected {
            Finding::error("S0231", subject, message)
        } else {
            Finding::warning("S0231", subject, message)
        };
        let hint = format!("set it for {}, or give the code a default", about.environment);
        let mut finding = reads.iter().take(3).fold(finding.hint(hint), |finding, read| about.at(finding, &read.place));
        // Where it would be set: what one environment lacks is another finding than what another does.
        finding.places.extend(service.usual_file());
        report.missing.push(Missing {
            environment: about.environment.clone(),
            service: about.name.clone(),
            key: key.to_owned(),
            finding: finding.clone(),
        });
        report.findings.push(finding);
    }
    for file in &set.unparsed {
        report.unknown.push(format!("{}{}: {}", about.prefix, file.file, file.why));
    }
    // "Nothing reads it" is said only when everything that reads is known.
    if computed > 0 || !set.unparsed.is_empty() || !service.is_seen() {
        return;
    }
    let in_commands = |key: &str| commands.iter().any(|command| command.contains(key));
    for (key, value) in service.values.iter().filter(|(key, _)| service.given.contains(*key)) {
        let is_variable = sternway_config::source::is_key(key);
        let read = set.reads.iter().any(|read| matches!(&read.key, Key::Named(name) if name == key));
        if is_variable
            && !read
            && !named.is_empty()
            && !in_commands(key)
            && !prefixes.iter().any(|prefix| key.starts_with(prefix))
        {
            let message = format!("nothing in the code of `{}` reads it", about.name);
            let finding = Finding::note("S0232", format!("{}:{key}", about.name), message)
                .hint("take it out, unless a library or a tool reads it");
            let place = value.provenance.place();
            report.findings.push(finding.at(place.file, place.line, place.column));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sternway_config::Resolved;
    use sternway_config::dotenv::parse;
    use sternway_config::resolve::lay;

    use super::*;

    fn judged(file: &str, code: &str, values: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), code).unwrap();
        let set = read_set(folder.path(), Choice::default());
        let given =
            lay(&Resolved::default(), vec![("x".to_owned(), parse(values.as_bytes(), "production.env"))]).unwrap();
        let service = Service::from_sources(given, Resolved::default(), BTreeMap::new());
        let (environment, name) = (EnvironmentName::new("production").unwrap(), ServiceName::new("web").unwrap());
        let about = About { environment: &environment, protected: true, name: &name, prefix: "web/" };
        let mut report = Report::default();
        judge(&set, &service, &["serve --workers $WORKERS"], &about, &mut report);
        report
            .findings
            .iter()
            .map(|finding| format!("{} {} {}", finding.code, finding.subject, finding.places[0]))
            .collect()
    }

    #[test]
    fn what_the_code_reads_and_production_lacks_blocks_at_its_place() {
        let code =
            "<?php\n$dsn = getenv('SESSION_DSN');\n$level = getenv('LOG_LEVEL') ?: 'info';\n$port = getenv('PORT');\n";
        assert_eq!(judged("a.php", code, "LOG_LEVEL=warn\n"), ["S0231 web:SESSION_DSN web/a.php:2:8"]);
        assert_eq!(judged("a.php", code, "SESSION_DSN=x\nLOG_LEVEL=warn\n"), Vec::<String>::new());
        let node = "const x = process.env.API_URL;\nconst y = process.env.MODE ?? 'fast';\n";
        assert_eq!(judged("a.js", node, "MODE=slow\n"), ["S0231 web:API_URL web/a.js:1:11"]);
    }

    #[test]
    fn what_nothing_reads_is_noted_unless_it_may_be_read_unseen() {
        let code = "import os\nos.environ['A']\n";
        assert_eq!(judged("a.py", code, "A=1\nOLD=2\nWORKERS=3\n"), ["S0232 web:OLD production.env:2:1"]);
        let computed = "import os\nos.environ['A']\nos.environ[name]\n";
        assert_eq!(judged("a.py", computed, "A=1\nOLD=2\n"), Vec::<String>::new());
    }
}
