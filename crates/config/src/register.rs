//! Values that only a protected environment has, against the register of those for which somebody answers.
//!
//! | code | severity | meaning |
//! |---|---|---|
//! | S0228 | error | a new one, for which nobody answers |
//! | S0229 | warning, error | the entry for one has expired; an error when that was 14 days ago |
//!
//! New is what the release that serves was not sealed with. What an environment has had before anybody kept a register stays the
//! warning that it was (S0212), so that an existing project is not stopped by its past; and so does what cannot be told: where no
//! release serves, and of what a service reads by itself, which is not sealed with its release.

use std::collections::BTreeMap;

use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::register::{Accepted, GRACE, Register, Standing};
use sternway_core::time::Timestamp;

use crate::landscape::{Landscape, Report};

/// A value that only a protected environment has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionOnly {
    /// Which environment.
    pub environment: EnvironmentName,
    /// Whose.
    pub service: ServiceName,
    /// Its key.
    pub key: String,
    /// The finding that says so.
    pub finding: Finding,
}

/// Keys by service, as a release was sealed with them; what stands beside a key is not looked at.
pub type Sealed = BTreeMap<ServiceName, BTreeMap<String, String>>;

/// What is known of an environment's production-only values.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    /// What was accepted.
    pub register: &'a Register,
    /// What the release that serves was sealed with; `None` when none serves, or it cannot be told.
    pub served: Option<&'a Sealed>,
}

/// Puts in the place of each finding about a production-only value of this environment what follows from the register.
pub fn settle(
    report: &mut Report,
    landscape: &Landscape,
    environment: &EnvironmentName,
    books: Books<'_>,
    now: Timestamp,
) {
    for one in report.production_only.iter().filter(|one| one.environment == *environment) {
        let Some(index) = report.findings.iter().position(|finding| *finding == one.finding) else { continue };
        let accepted = books.register.get(&one.service).and_then(|keys| keys.get(&one.key));
        match accepted {
            Some(accepted) => match expired(one, accepted, now) {
                Some(finding) => report.findings[index] = finding,
                None => {
                    report.findings.remove(index);
                }
            },
            None if is_new(one, landscape, books.served) => report.findings[index] = new(one),
            None => {}
        }
    }
}

fn is_new(one: &ProductionOnly, landscape: &Landscape, served: Option<&Sealed>) -> bool {
    let Some(served) = served else { return false };
    let service = landscape.environments.get(&one.environment).and_then(|place| place.services.get(&one.service));
    let is_given = service.is_some_and(|service| service.given.contains(&one.key));
    is_given && !served.get(&one.service).is_some_and(|keys| keys.contains_key(&one.key))
}

fn new(one: &ProductionOnly) -> Finding {
    let ProductionOnly { environment, service, key, finding } = one;
    let message = format!(
        "`{key}` is new, only {environment} has it, and nobody answers for it: no other environment ever ran with it"
    );
    let hint = format!(
        "set it elsewhere, too; or accept it: sternway register accept {environment} {service}:{key} --owner NAME --reason TEXT"
    );
    placed(Finding::error("S0228", &finding.subject, message), finding).hint(hint)
}

/// What is to be said of an entry of the register; nothing while it holds.
fn expired(one: &ProductionOnly, accepted: &Accepted, now: Timestamp) -> Option<Finding> {
    let ProductionOnly { environment, service, key, finding } = one;
    let (until, owner) = (accepted.until?, &accepted.owner);
    let has = format!("only {environment} has `{key}`, and that was accepted until {until} ({owner} answers for it)");
    let stated = match accepted.standing(now) {
        Standing::Accepted => return None,
        Standing::Expired => {
            let message = format!("{has}; from {} on it blocks", until.plus(GRACE));
            Finding::warning("S0229", &finding.subject, message)
        }
        Standing::Lapsed => Finding::error("S0229", &finding.subject, has),
    };
    let hint = format!(
        "remove the value, or accept it anew: sternway register accept {environment} {service}:{key} --owner NAME --reason TEXT --for 90d"
    );
    Some(placed(stated, finding).hint(hint))
}

fn placed(finding: Finding, like: &Finding) -> Finding {
    like.places.iter().fold(finding, |finding, place| finding.at(&place.file, place.line, place.column))
}
