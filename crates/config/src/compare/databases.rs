//! Databases of protected environments that others work on.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::Component;

use super::{Everywhere, Held, Key, at};
use crate::agreements::{Relation, between};
use crate::landscape::Report;
use crate::stores::{Kind, Placement};

/// Kinds whose stores hold what users wrote.
pub(super) fn holds_data(kind: Kind) -> bool {
    matches!(kind, Kind::Postgres | Kind::Mysql | Kind::SqlServer | Kind::Oracle | Kind::Mongodb)
}

/// Reports them, once for each connection by several keys.
pub(super) fn look(
    everywhere: &Everywhere<'_>,
    keys: &[Key<'_>],
    about: Option<&EnvironmentName>,
    report: &mut Report,
) {
    for key in keys.iter().filter(|key| key.values.len() > 1 && !everywhere.silent.speaks(everywhere.name, key.name)) {
        let (production, others): (Vec<&Held<'_>>, Vec<&Held<'_>>) =
            key.values.iter().partition(|held| held.at.protected);
        for here in &others {
            for there in &production {
                if about.is_some_and(|about| about != here.environment && about != there.environment) {
                    continue;
                }
                let (Some(Ok(a)), Some(Ok(b))) = (everywhere.lead(here, key.name), everywhere.lead(there, key.name))
                else {
                    continue;
                };
                if !holds_data(a.kind()) || b.kind() != a.kind() {
                    continue;
                }
                report.count("databases of two environments", 1);
                let relation = between(a, b, Placement::Apart, &[Component::Store, Component::Namespace]);
                if let Relation::Unknown(why) = &relation {
                    let (subject, (here, there)) =
                        (everywhere.subject(key.name), (here.environment, there.environment));
                    report.unknown.push(format!("{subject} in {here} and {there}: {why}"));
                }
                if matches!(relation, Relation::Same) {
                    let message = format!("{} works on the database of {}", here.environment, there.environment);
                    let hint = "give it a database of its own; or say that it is meant: may_differ in [[agreements]]";
                    let finding = Finding::warning("S0225", everywhere.subject(key.name), message).hint(hint);
                    report.findings.push(at(at(finding, here.value), there.value));
                }
            }
        }
    }
}
