//! What only production has, against the register; and a comparison that compared nothing.

use std::collections::BTreeMap;

use sternway_config::compare::{Silent, compare, nothing};
use sternway_config::landscape::{Landscape, Report};
use sternway_config::register::{Books, Sealed, settle};
use sternway_core::finding::Severity;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::register::{Accepted, Register};
use sternway_core::time::Timestamp;

use crate::compare::landscape;

const DAY: i64 = 86_400_000;
const NOW: Timestamp = Timestamp::from_millis(1000 * DAY);

fn production() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

/// Production alone has `FLAG`.
fn alone() -> Landscape {
    landscape(&[("staging", &[("web", "A=1\n")]), ("production", &[("web", "A=1\nFLAG=hunter2\n")])])
}

fn keys(keys: &[&str]) -> Sealed {
    let prints = keys.iter().map(|key| ((*key).to_owned(), "print".to_owned())).collect();
    BTreeMap::from([(ServiceName::new("web").unwrap(), prints)])
}

fn accepted(until: Option<i64>) -> Register {
    let entry = Accepted {
        owner: "payments".to_owned(),
        reason: "r".to_owned(),
        until: until.map(Timestamp::from_millis),
        by: "ann".to_owned(),
        at: Timestamp::from_millis(0),
    };
    BTreeMap::from([(ServiceName::new("web").unwrap(), BTreeMap::from([("FLAG".to_owned(), entry)]))])
}

/// Code and severity of what is said in the end.
fn said(landscape: &Landscape, register: &Register, served: Option<&Sealed>) -> Vec<(String, Severity)> {
    let mut report = compare(landscape, Some(&production()), &Silent::default());
    settle(&mut report, landscape, &production(), Books { register, served }, NOW);
    for finding in &report.findings {
        assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
        assert_eq!(finding.places[0].to_string(), "production/web.env:2:1");
    }
    report.findings.into_iter().map(|finding| (finding.code, finding.severity)).collect()
}

fn one(code: &str, severity: Severity) -> Vec<(String, Severity)> {
    vec![(code.to_owned(), severity)]
}

#[test]
fn new_is_what_the_release_that_serves_was_not_sealed_with() {
    let (nobody, landscape) = (Register::new(), alone());
    assert_eq!(said(&landscape, &nobody, Some(&keys(&["A"]))), one("S0228", Severity::Error));
    assert_eq!(said(&landscape, &nobody, Some(&keys(&["A", "FLAG"]))), one("S0212", Severity::Warning));
    assert_eq!(said(&landscape, &nobody, None), one("S0212", Severity::Warning), "it cannot be told what is new");
}

#[test]
fn of_what_a_service_reads_by_itself_it_cannot_be_told_what_is_new() {
    let mut landscape = alone();
    let place = landscape.environments.get_mut(&production()).unwrap();
    place.services.values_mut().for_each(|service| service.given.clear());
    assert_eq!(said(&landscape, &Register::new(), Some(&keys(&["A"]))), one("S0212", Severity::Warning));
}

#[test]
fn what_was_accepted_is_silent_until_its_time_is_over_then_warns_then_blocks() {
    let (landscape, served) = (alone(), keys(&["A"]));
    for served in [Some(&served), None] {
        assert_eq!(said(&landscape, &accepted(None), served), []);
        assert_eq!(said(&landscape, &accepted(Some(1001 * DAY)), served), []);
        assert_eq!(said(&landscape, &accepted(Some(1000 * DAY)), served), one("S0229", Severity::Warning));
        assert_eq!(said(&landscape, &accepted(Some(986 * DAY)), served), one("S0229", Severity::Error));
    }
}

#[test]
fn what_several_protected_environments_share_is_production_only_when_an_unprotected_one_lacks_it() {
    let text = "A=1\nFLAG=1\n";
    let mut landscape =
        landscape(&[("staging", &[("web", "A=1\n")]), ("eu", &[("web", text)]), ("us", &[("web", text)])]);
    for name in ["eu", "us"] {
        landscape.environments.get_mut(&EnvironmentName::new(name).unwrap()).unwrap().protected = true;
    }
    let report = compare(&landscape, None, &Silent::default());
    let found: Vec<&str> = report.production_only.iter().map(|one| one.environment.as_str()).collect();
    assert_eq!(found, ["eu", "us"]);
    landscape.environments.remove(&EnvironmentName::new("staging").unwrap());
    assert!(compare(&landscape, None, &Silent::default()).production_only.is_empty());
}

#[test]
fn a_comparison_of_nothing_is_said() {
    let said = |landscape: &Landscape| {
        let report = compare(landscape, None, &Silent::default());
        nothing(landscape, &report).map(|finding| finding.message)
    };
    let web: &[(&str, &str)] = &[("web", "URL=https://example.org/\n")];
    assert!(said(&landscape(&[("production", web)])).unwrap().contains("one environment only"));
    assert!(said(&landscape(&[("production", &[]), ("staging", &[])])).unwrap().contains("no source"));
    let other: &[(&str, &str)] = &[("worker", "A=1\n")];
    assert!(said(&landscape(&[("production", web), ("staging", other)])).unwrap().contains("no service has"));
    assert_eq!(said(&landscape(&[("production", web), ("staging", web)])), None);
    assert!(nothing(&Landscape::default(), &Report::default()).is_some());
}
