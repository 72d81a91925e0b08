//! What runs, beside what was sealed.

use std::collections::BTreeMap;

use sternway_config::landscape::{Environment, Landscape, Service};
use sternway_config::running::{How, Process, report};
use sternway_config::{Resolved, Site, resolve};
use sternway_core::finding::{Place, Severity};
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};
use sternway_core::project::ConfigSource;

fn service(values: &[(&str, &str)]) -> Service {
    let values = values.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    let place = Place { file: "sternway.toml".to_owned(), line: 1, column: 1 };
    let site = Site::files("/".as_ref());
    let given = resolve(&site, &[ConfigSource::Inline { values, place }]).unwrap();
    Service::from_sources(given, Resolved::default(), BTreeMap::new())
}

#[test]
fn each_difference_is_a_finding_that_outlives_a_restart() {
    let name = |text: &str| EnvironmentName::new(text).unwrap();
    let web = ServiceName::new("web").unwrap();
    let place = |values: &[(&str, &str)]| Environment {
        protected: true,
        services: BTreeMap::from([(web.clone(), service(values))]),
    };
    let landscape = Landscape {
        environments: BTreeMap::from([
            (name("production"), place(&[("A", "1"), ("B", "hidden"), ("C", "1")])),
            (name("staging"), place(&[("A", "1"), ("DEBUG", "1")])),
        ]),
    };
    let differs =
        [("A", How::Given), ("B", How::Changed), ("C", How::Lost), ("DEBUG", How::Added), ("VIRTUAL_ENV", How::Added)];
    let differs = differs.map(|(key, how)| (key.to_owned(), how)).into();
    let worker = ServiceName::new("worker").unwrap();
    let processes = BTreeMap::from([
        (web, Process::Seen(differs)),
        (worker, Process::Untold("it wrote over its environment".to_owned())),
    ]);
    let report = report(&landscape, &name("production"), ReleaseNumber(12), &processes);
    let subjects: Vec<&str> = report.findings.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["web:A", "web:B", "web:C", "web:DEBUG"]);
    for finding in &report.findings {
        assert_eq!((finding.code.as_str(), finding.severity), ("S0243", Severity::Warning));
        assert_eq!(finding.files().into_iter().collect::<Vec<_>>(), ["release 12"]);
        assert!(!finding.to_string().contains("hidden") && !finding.hint.is_empty(), "{finding}");
    }
    assert_eq!((report.checked["running processes"], report.unknown.len()), (1, 1));
}
