use super::{COMPLETE, line};
use crate::project::{ConfigSource, parse};
use crate::release::{Ready, ServiceKind};
use crate::time::Millis;

const SMALL: &str = r#"
[project]
name = "shop"
[services.web]
run = "./serve"
[services.mailer]
kind = "worker"
run = "./mail"
[services.tables]
kind = "job"
run = "./tables"
[environments.production]
listen = "127.0.0.1:8080"
[[checks]]
name = "up"
http = { url = "/up" }
"#;

#[test]
fn every_key_reaches_the_project() {
    let parsed = parse(COMPLETE, "sternway.toml").unwrap();
    insta::assert_json_snapshot!(parsed.project);
    let warnings: String = parsed.warnings.iter().map(line).collect();
    insta::assert_snapshot!("every_key_warnings", warnings);
}

#[test]
fn what_is_left_out_has_its_documented_default() {
    let parsed = parse(SMALL, "sternway.toml").unwrap();
    assert_eq!(parsed.warnings, []);
    let project = parsed.project;
    let service = |name: &str| &project.services[&name.parse().unwrap()];
    assert_eq!(service("web").spec.ready, Ready::Tcp);
    assert_eq!(service("web").spec.ready_within, Millis::from_secs(30));
    assert_eq!(service("web").spec.grace, Millis::from_secs(10));
    assert_eq!(service("web").build_within, Millis::from_secs(600));
    assert_eq!(service("web").path, ".");
    assert!(service("web").spec.overlap);
    assert_eq!(service("mailer").spec.ready, Ready::Alive(Millis::from_secs(1)));
    assert_eq!(service("tables").spec.kind, ServiceKind::Job);
    assert_eq!(service("tables").spec.ready_within, Millis::from_secs(600));

    let production = &project.environments[&"production".parse().unwrap()];
    assert!(production.protected);
    assert_eq!(production.steps, [10, 100]);
    assert_eq!(production.verify, Millis::from_secs(30));
    assert_eq!(production.bake, Millis::from_secs(120));
    assert_eq!(production.traffic.drain, Millis::from_secs(30));
    assert_eq!(production.traffic.login, ["/login"]);
    assert_eq!(production.traffic.routes, [("/".to_owned(), "web".parse().unwrap())].into());
    assert!((production.judge.alpha - 0.001).abs() < f64::EPSILON);
    assert_eq!(production.judge.slow_floor, Millis(100));
    assert_eq!((production.approvals, production.keep), (0, 5));

    let check = &project.checks[0];
    assert!(check.smoke);
    assert_eq!(check.monitor, Some(Millis::from_secs(5)));
    assert_eq!(check.timeout, Millis::from_secs(5));
    assert_eq!(check.latency, None);
}

#[test]
fn places_point_at_the_declaration() {
    let project = parse(SMALL, "sternway.toml").unwrap().project;
    assert_eq!(project.services[&"mailer".parse().unwrap()].place.to_string(), "sternway.toml:6:11");
    assert_eq!(project.checks[0].place.as_ref().unwrap().to_string(), "sternway.toml:15:8");
    let complete = parse(COMPLETE, "sternway.toml").unwrap().project;
    let config = &complete.environments[&"production".parse().unwrap()].config[&"web".parse().unwrap()];
    let ConfigSource::File { place, .. } = &config[0] else { panic!("the first source is a file") };
    assert_eq!(
        COMPLETE.lines().nth(place.line as usize - 1).unwrap().find("\"dotenv"),
        Some(place.column as usize - 1)
    );
}

/// Things that are right but hardly meant are said without refusing the file.
#[test]
fn second_looks_are_warnings() {
    let text = r#"
[project]
name = "shop"
[services.web]
run = "./serve"
port = 3000
overlap = false
[services.forgotten]
run = "./serve"
[environments.production]
listen = "127.0.0.1:8080"
routes = { "/" = "web" }
steps = [10, 100]
config.web = { DB_PASSWORD = "hunter2", DB_HOST = "db" }
[environments.staging]
listen = "127.0.0.1:8081"
routes = { "/" = "web", "/f" = "forgotten" }
steps = [100]
verify = "10s"
[[checks]]
name = "asks the wrong one"
http.url = "http://localhost:8080/login?next=/"
[[checks]]
name = "never asked"
command = "true"
smoke = false
monitor = false
latency = "5s"
"#;
    let warnings = parse(text, "sternway.toml").unwrap().warnings;
    let rendered: String = warnings.iter().map(line).collect();
    assert!(!rendered.contains("hunter2"));
    insta::assert_snapshot!(rendered);
}

/// What is declared of a key counts for what stands in sternway.toml, too.
#[test]
fn a_secret_is_what_is_declared_to_be_one() {
    let with = |declared: &str, values: &str| {
        let text = SMALL
            .replace("run = \"./serve\"", &format!("run = \"./serve\"\n{declared}"))
            .replace("[[checks]]", &format!("config.web = {{ {values} }}\n[[checks]]"));
        let warnings = parse(&text, "sternway.toml").unwrap().warnings;
        warnings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(with("", "TOKEN_FORM = \"x\", LICENCE = \"x\""), ["S0122"]);
    assert_eq!(with("plain = [\"TOKEN_FORM\"]", "TOKEN_FORM = \"x\", LICENCE = \"x\""), Vec::<String>::new());
    assert_eq!(with("secret = [\"LICENCE\"]", "LICENCE = \"x\""), ["S0122"]);
}
