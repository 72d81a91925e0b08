//! Everything about one environment: its connections, its shared sessions, and what is found.

use std::sync::Arc;

use sternway_config::agreements::{Named, Sharing};
use sternway_config::landscape::Report;
use sternway_config::stores::{Connection, Kind};
use sternway_core::finding::{Finding, Place, Severity};
use sternway_core::ids::{EnvironmentName, ServiceName};

use crate::Limits;
use crate::answer::Outcome;
use crate::ask::{Proven, ask};
use crate::bounded::{each, within};
use crate::failing::{Aspect, Failing};
use crate::question::Question;
use crate::session::{self, Proof, Side, Verdict};

/// A connection of a service.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) service: ServiceName,
    /// As its configuration names it.
    pub(crate) named: Named,
}

/// What is proven and found so far.
#[derive(Default)]
struct Findings {
    report: Report,
    same: Vec<(Place, Place)>,
}

/// Asks every connection, and proves who shares sessions with whom. Blocks for about [`Question::patience`] at most.
pub fn prove(question: &Question) -> Outcome {
    let (about, limits) = (&question.about, &question.limits());
    let (subjects, sharings) = question.read();
    let mut outcome = Findings::default();
    connections(about, &subjects, limits, &mut outcome.report);
    for (subject, why, place) in &sharings.unknown {
        unknown(subject, why, place.iter().cloned().collect(), Severity::Warning, &mut outcome.report);
    }
    let patience = limits.of_a_session();
    let proofs = each(&sharings.pairs, limits.parallel, |sharing| {
        let (asked, limits) = (sharing.clone(), *limits);
        within(patience, move || session::prove(&asked, &limits))
    });
    for (sharing, proof) in sharings.pairs.iter().zip(proofs) {
        let late = Proof {
            verdict: Verdict::Unknown("no answer came in time".to_owned()),
            left_behind: vec![Side::One, Side::Other],
        };
        shared(about, sharing, proof.unwrap_or(late), &mut outcome);
    }
    let found = &mut outcome.report;
    if found.effective() == 0 && !found.findings.iter().any(|finding| finding.severity == Severity::Error) {
        let message = format!("nothing at all was proven: no connection of {about} can be asked from here");
        let hint =
            "name the clients under `connections`, or leave --live out: a check that asks nothing proves nothing";
        found.findings.push(Finding::error("S0259", about.to_string(), message).hint(hint));
    }
    Outcome::of(outcome.report, outcome.same)
}

fn connections(about: &EnvironmentName, subjects: &[Subject], limits: &Limits, report: &mut Report) {
    // What is configured alike for several is asked once.
    let mut asked: Vec<Arc<Connection>> = Vec::new();
    let mut which: Vec<Result<usize, &str>> = Vec::new();
    for subject in subjects {
        which.push(match &subject.named.connection {
            Ok(connection) => Ok(asked.iter().position(|known| **known == *connection).unwrap_or_else(|| {
                asked.push(Arc::new(connection.clone()));
                asked.len() - 1
            })),
            Err(why) => Err(why.as_str()),
        });
    }
    let answers = each(&asked, limits.parallel, |connection| {
        let (connection, limits) = (Arc::clone(connection), *limits);
        within(limits.connect + limits.whole, move || ask(&connection, &limits))
            .unwrap_or_else(|| Err(Failing::silent(limits.whole)))
    });
    for (subject, which) in subjects.iter().zip(which) {
        match which {
            Ok(index) => answered(about, subject, &asked[index], &answers[index], report),
            Err(why) => {
                let places = places(&subject.named, None);
                unknown(&shown(subject, None), why, places, Severity::Warning, report);
            }
        }
    }
}

fn answered(
    about: &EnvironmentName,
    subject: &Subject,
    connection: &Connection,
    answer: &Result<Proven, Failing>,
    report: &mut Report,
) {
    match answer {
        Ok(proven) => {
            report.count("connections", 1);
            if let Some(lacking) = proven.lacking {
                unknown(&shown(subject, None), lacking, places(&subject.named, None), Severity::Note, report);
            }
        }
        Err(Failing::Unknown(why)) => {
            unknown(&shown(subject, None), why, places(&subject.named, None), Severity::Warning, report);
        }
        Err(failing) => {
            let aspect = failing.aspect();
            let message = format!("in {about} the {} that it names: {}", connection.kind, failing.words());
            let mut finding = Finding::error(failing.code(), shown(subject, aspect), message).hint(failing.hint());
            // A URL may be a name only, or lead to what is not up yet; a store is neither. And whom a program believes may stand in its code.
            let unsure = matches!(failing, Failing::Encryption(flaw) if !flaw.is_sure());
            if connection.kind == Kind::Http || unsure {
                finding.severity = Severity::Warning;
            }
            finding.places = places(&subject.named, aspect);
            report.findings.push(finding);
        }
    }
}

/// What could not be proven is a finding, and counts as unknown.
fn unknown(subject: &str, why: &str, places: Vec<Place>, severity: Severity, report: &mut Report) {
    report.unknown.push(format!("{subject}: {why}"));
    let message = format!("not proven: {why}");
    let mut finding = Finding::warning("S0256", subject, message);
    finding.severity = severity;
    finding.places = places;
    report.findings.push(finding);
}

fn shared(about: &EnvironmentName, sharing: &Sharing, proof: Proof, outcome: &mut Findings) {
    let (one, other) = (&sharing.one, &sharing.other);
    let (one_shown, other_shown) = (one.shown(), other.shown());
    let both =
        || [other.place.clone(), one.place.clone()].into_iter().chain(sharing.declared.clone()).collect::<Vec<_>>();
    let report = &mut outcome.report;
    for side in proof.left_behind {
        let store = if side == Side::One { one } else { other };
        let message = "the key of the session proof may not have been deleted; it expires within 30 s";
        let mut finding = Finding::warning("S0258", store.shown(), message);
        finding.places = vec![store.place.clone()];
        report.findings.push(finding.hint("see whether this user may delete keys: a session handler has to"));
    }
    match proof.verdict {
        Verdict::Shared(lacking) => {
            report.count("session proofs", 1);
            if matches!(sharing.differ.as_slice(), ["server"]) {
                outcome.same.push((one.place.clone(), other.place.clone()));
            }
            if let Some(lacking) = lacking {
                let why = format!("`{one_shown}` and `{other_shown}`: {lacking}");
                unknown(&sharing.subject, &why, both(), Severity::Note, report);
            }
        }
        Verdict::Apart(why) => {
            report.count("session proofs", 1);
            let message = format!(
                "in {about} a session that is written through `{one_shown}` or `{other_shown}` is not found through the other: {why}"
            );
            let mut finding = if sharing.certain {
                Finding::error("S0255", &sharing.subject, message)
            } else {
                Finding::warning("S0255", &sharing.subject, message)
            };
            finding.places = both();
            report.findings.push(finding.hint("let both name the same store, database and key prefix"));
        }
        Verdict::Unwritten(side, why) => {
            report.count("session proofs", 1);
            let store = if side == Side::One { one } else { other };
            let message = format!("in {about} no session can be written: {why}");
            let mut finding = Finding::error("S0257", store.shown(), message);
            finding.places = vec![store.place.clone()];
            report.findings.push(finding.hint("name the server that takes writes, and a user who may write sessions"));
        }
        Verdict::Unknown(why) => unknown(&sharing.subject, &why, both(), Severity::Warning, report),
    }
}

/// `service:KEY`, with the key that the failure is about.
fn shown(subject: &Subject, aspect: Option<Aspect>) -> String {
    let key = relevant(&subject.named, aspect).first().map(|(key, _)| key.as_str()).unwrap_or_default();
    format!("{}:{key}", subject.service)
}

fn places(named: &Named, aspect: Option<Aspect>) -> Vec<Place> {
    relevant(named, aspect).into_iter().map(|(_, place)| place.clone()).collect()
}

/// Of a connection by parts, the keys that a failure is about, as far as their names tell.
fn relevant(named: &Named, aspect: Option<Aspect>) -> Vec<&(String, Place)> {
    let words: &[&str] = match aspect {
        Some(Aspect::Endpoint) => &["HOST", "PORT", "SERVER", "URL", "ADDR", "NODES", "SOCKET"],
        Some(Aspect::Login) => &["PASS", "USER", "PWD", "AUTH"],
        Some(Aspect::Database) => &["DATABASE", "DB", "NAME"],
        Some(Aspect::Encryption) => &["TLS", "SSL", "SSLMODE", "SSL_MODE", "SCHEME", "CA", "CERT", "URL"],
        None => &[],
    };
    let last = |key: &str| {
        let upper = key.to_ascii_uppercase();
        // `DB_HOST`: what counts stands at the end, and `DB` alone at its beginning names the family.
        words.iter().any(|word| upper.ends_with(word) || (upper.contains(word) && *word != "DB"))
    };
    let fitting: Vec<_> = named.keys.iter().filter(|(key, _)| last(key)).collect();
    if fitting.is_empty() || named.keys.len() == 1 { named.keys.iter().collect() } else { fitting }
}
