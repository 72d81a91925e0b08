//! Agreements: declared ones, those of sessions, and those that nobody declared.

use sternway_config::agreements::check;
use sternway_config::compare::{Silent, compare};
use sternway_config::landscape::{Landscape, Origin, Report, Service};
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::{self, Agreement};

use crate::compare::{landscape, said};

/// The agreements of a project file that ends with this text.
fn agreements(text: &str) -> Vec<Agreement> {
    let services = ["web", "component"].map(|name| format!("[services.{name}]\nrun = \"x\"\n")).concat();
    let environments = ["staging", "production"]
        .map(|name| {
            let port = name.len();
            format!(
                "[environments.{name}]\nlisten = \"127.0.0.1:80{port:02}\"\nroutes = {{ \"/\" = \"web\", \"/c\" = \"component\" }}\n"
            )
        })
        .concat();
    let text = format!("[project]\nname = \"shop\"\n{services}{environments}{text}");
    project::parse(&text, "sternway.toml").unwrap().project.agreements
}

fn production(landscape: &Landscape, text: &str) -> Report {
    check(landscape, &agreements(text), Some(&EnvironmentName::new("production").unwrap()))
}

/// The component's production configuration names another Redis.
fn incident(component: &str) -> Landscape {
    landscape(&[
        ("staging", &[("web", "SESSION_DSN=redis://cache:6379/1\n"), ("component", "SESSION_REDIS=redis://cache/1\n")]),
        (
            "production",
            &[
                ("web", "APP=shop\nSESSION_DSN=redis://:secret-of-the-store@sessions.example.org/1\n"),
                ("component", component),
            ],
        ),
    ])
}

const WRONG: &str = "SESSION_REDIS=redis://:secret-of-the-store@cache.example.org/1\n";
const RIGHT: &str = "SESSION_REDIS=redis://:secret-of-the-store@Sessions.Example.org:6379/1\n";
const AGREE: &str =
    "[[agreements]]\nname = \"sessions\"\nmust_agree = [\"web:SESSION_DSN\", \"component:SESSION_REDIS\"]\n";

#[test]
fn the_wrong_session_store_blocks_with_file_and_line() {
    let report = production(&incident(WRONG), AGREE);
    assert_eq!(said(&report.findings), ["S0220 production/web.env:2:1"]);
    let places: Vec<String> = report.findings[0].places.iter().map(ToString::to_string).collect();
    assert_eq!(places[1], "production/component.env:1:1");
    assert!(places[2].starts_with("sternway.toml:"), "{places:?}");
    assert!(report.findings[0].message.contains("differ in server"), "{}", report.findings[0].message);
    assert!(!format!("{report:?}").contains("secret-of-the-store"));
}

#[test]
fn what_is_written_differently_and_means_the_same_agrees() {
    let report = production(&incident(RIGHT), AGREE);
    assert_eq!(said(&report.findings), Vec::<String>::new());
    assert_eq!(report.effective(), 1);
}

#[test]
fn the_wrong_session_store_blocks_undeclared_too_since_staging_shows_what_is_meant() {
    let report = production(&incident(WRONG), "");
    let places: Vec<String> = report.findings[0].places.iter().map(ToString::to_string).collect();
    assert_eq!((report.findings.len(), report.findings[0].code.as_str()), (1, "S0224"));
    assert_eq!(places, ["production/web.env:2:1", "production/component.env:1:1"]);
    assert_eq!(report.findings[0].severity, sternway_core::finding::Severity::Error);
    assert!(report.findings[0].message.contains("staging"));
    assert_eq!(said(&production(&incident(RIGHT), "").findings), Vec::<String>::new());
}

/// Both services are given one file with both keys; in production the component's own file lies over it.
fn shared_file(component: &str) -> Landscape {
    let both = "SESSION_DSN=redis://one/1\nSESSION_REDIS=redis://one/1\n";
    landscape(&[
        ("staging", &[("web", both), ("component", both)]),
        ("production", &[("web", both), ("component", component)]),
    ])
}

#[test]
fn each_of_several_session_stores_is_compared_by_what_it_is_elsewhere() {
    let report = production(&shared_file("SESSION_DSN=redis://one/1\nSESSION_REDIS=redis://two/1\n"), "");
    assert_eq!(said(&report.findings), ["S0224 production/web.env:1:1"]);
    assert_eq!(report.findings[0].places[1].to_string(), "production/component.env:2:1");
    assert_eq!(report.findings[0].severity, sternway_core::finding::Severity::Error);
    let right = shared_file("SESSION_DSN=redis://one/1\nSESSION_REDIS=redis://one:6379/1\n");
    assert_eq!(said(&production(&right, "").findings), Vec::<String>::new());
}

#[test]
fn several_session_stores_that_differ_everywhere_are_meant() {
    let both = "SESSION_CACHE=redis://cache/1\nSESSION_DSN=redis://one/1\n";
    let own = "SESSION_DSN=redis://one/1\n";
    let places = landscape(&[
        ("staging", &[("web", both), ("component", own)]),
        ("production", &[("web", both), ("component", own)]),
    ]);
    assert_eq!(said(&production(&places, "").findings), Vec::<String>::new());
}

#[test]
fn nothing_is_inferred_of_what_was_declared() {
    let text = "[[agreements]]\nname = \"own\"\nmay_differ = [\"component:SESSION_REDIS\"]\n";
    assert_eq!(said(&production(&incident(WRONG), text).findings), Vec::<String>::new());
}

#[test]
fn each_part_can_be_asked_about() {
    let pairs = [
        ("redis://a/1", "redis://a/2", "namespace"),
        ("redis://:one@a/1", "redis://:two@a/1", "credential"),
        ("redis://a/1", "rediss://a/1", "tls"),
        ("redis://a/1", "redis://b/1", "store"),
    ];
    for (one, other, part) in pairs {
        let (web, component) = (format!("SESSION_DSN={one}\n"), format!("SESSION_REDIS={other}\n"));
        let landscape = landscape(&[("production", &[("web", web.as_str()), ("component", component.as_str())])]);
        for asked in ["store", "namespace", "credential", "tls"] {
            let found = production(&landscape, &format!("{AGREE}on = [\"{asked}\"]\n")).findings;
            assert_eq!(!found.is_empty(), asked == part, "{one} {other} {asked}: {found:?}");
        }
    }
}

#[test]
fn unknown_is_never_equal() {
    let mut landscape = incident(RIGHT);
    let place = landscape.environments.get_mut(&EnvironmentName::new("production").unwrap()).unwrap();
    let unseen = Service::without(Origin::Unseen { why: "the file cannot be read".to_owned() });
    place.services.insert(ServiceName::new("component").unwrap(), unseen);
    let report = production(&landscape, AGREE);
    assert_eq!(said(&report.findings), ["S0223 sternway.toml:14:8"]);
    assert_eq!((report.unknown.len(), report.effective()), (1, 0));
}

#[test]
fn a_value_that_is_not_there_does_not_agree() {
    assert_eq!(said(&production(&incident("OTHER=1\n"), AGREE).findings), ["S0220 sternway.toml:14:8"]);
}

#[test]
fn a_value_may_be_the_same_for_all_services() {
    let of = |component: &str| landscape(&[("production", &[("web", "APP_KEY=abc\n"), ("component", component)])]);
    let text = "[[agreements]]\nname = \"key\"\nmust_agree = [\"*:APP_KEY\"]\n";
    assert_eq!(production(&of("APP_KEY=abc\n"), text).findings.len(), 0);
    assert_eq!(said(&production(&of("APP_KEY=abd\n"), text).findings), ["S0220 production/component.env:1:1"]);
}

#[test]
fn a_value_that_must_differ_between_environments_does() {
    let of = |staging: &str| {
        landscape(&[
            ("staging", &[("web", staging)]),
            ("production", &[("web", "DATABASE_URL=postgres://u:p@db.example.org/shop\n")]),
        ])
    };
    let text = "[[agreements]]\nname = \"databases\"\nmust_differ = [\"*:DATABASE_URL\"]\n";
    let same = of("DATABASE_URL=postgresql://v:q@db.example.org:5432/shop\n");
    assert_eq!(said(&production(&same, text).findings), ["S0221 production/web.env:1:1"]);
    let used = |landscape: &Landscape, text: &str| -> Vec<String> {
        let silent = Silent::of(&agreements(text));
        let report = compare(landscape, Some(&EnvironmentName::new("production").unwrap()), &silent);
        said(&report.findings).into_iter().filter(|line| line.starts_with("S0225")).collect()
    };
    assert_eq!(used(&same, ""), ["S0225 staging/web.env:1:1"]);
    assert_eq!(used(&same, text), Vec::<String>::new());
    for staging in [
        "DATABASE_URL=postgres://u:p@db.example.org/shop_staging\n",
        "DATABASE_URL=postgres://u:p@db2.example.org/shop\n",
        "A=1\n",
    ] {
        assert_eq!(said(&production(&of(staging), text).findings), Vec::<String>::new(), "{staging}");
        assert_eq!(used(&of(staging), ""), Vec::<String>::new(), "{staging}");
    }
}

#[test]
fn sessions_are_more_than_their_store() {
    let web = "REDIS_HOST=cache\nREDIS_PORT=6379\nREDIS_PREFIX=shop_\nSESSION_COOKIE=sid\nAPP_KEY=base64:one\n";
    let text = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"component\"]\n";
    for (from, to, expected) in [
        ("", "", None),
        ("cache", "other", Some("S0222")),
        ("sid", "sid2", Some("S0222")),
        ("shop_", "component_", Some("S0222")),
        ("base64:one", "base64:two", Some("S0222")),
        ("SESSION_COOKIE=sid\n", "", Some("S0223")),
    ] {
        let component = if from.is_empty() { web.to_owned() } else { web.replace(from, to) };
        let landscape = landscape(&[("production", &[("web", web), ("component", component.as_str())])]);
        let report = production(&landscape, text);
        let codes: std::collections::BTreeSet<&str> =
            report.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>(), "{from} {to}");
        assert!(!format!("{report:?}").contains("base64:"), "{report:?}");
    }
}

#[test]
fn a_client_that_nobody_knows_is_said() {
    let mut landscape = incident(RIGHT);
    for place in landscape.environments.values_mut() {
        for service in place.services.values_mut() {
            service.dialects.insert("SESSION_DSN".to_owned(), "phpredys".to_owned());
        }
    }
    let report = production(&landscape, "");
    assert!(said(&report.findings).iter().filter(|line| line.starts_with("S0226")).count() == 2, "{report:?}");
}
