//! Ways back that are easy to get wrong: mixed kinds of services, what is missing, and what a person types at the worst moment.

use std::net::TcpListener;

use super::project::{CHECK, Project};
use super::{app, until::until};

/// A port for a service that has one of its own, not among those that connections get by chance.
fn fixed_port() -> u16 {
    let start = 19_900 - u16::try_from(std::process::id() % 8_000).unwrap();
    (start..20_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

fn legacy(port: u16, run: &str) -> String {
    let run = toml::Value::String(run.to_owned());
    format!(
        "[services.legacy]\npath = \"web\"\nrun = {run}\noverlap = false\nport = {port}\nready_within = \"10s\"\ngrace = \"1s\"\n"
    )
}

const BOTH: &str = "routes = { \"/\" = \"web\", \"/legacy\" = \"legacy\" }\n";

#[test]
fn what_an_exchange_stopped_runs_again_when_it_fails_halfway() {
    let project = Project::new();
    let port = fixed_port();
    project.write("sternway.toml", &project.toml(&(Project::web() + &legacy(port, &app::command())), BOTH, CHECK));
    project.ship();
    assert_eq!(project.get("/legacy").unwrap().release(), Some(1));
    project.write("sternway.toml", &project.toml(&(Project::web() + &legacy(port, "exit 4")), BOTH, CHECK));
    project.run(&["ship", "production"]).exits(11).says("release 1 serves, verified");
    project.rests_on(1);
    until("the old release's one service", || {
        project
            .get("/legacy")
            .map(|response| response.release())
            .ok()
            .flatten()
            .filter(|release| *release == 1)
            .ok_or("nobody")
    });
}

#[test]
fn a_rollback_to_a_release_that_does_not_start_gives_way_to_another() {
    let project = Project::new();
    project.ship();
    let gone = project.root().join("gone");
    let run = toml::Value::String(format!("test ! -e '{}' || exit 5; {}", gone.display(), app::command()));
    let web = format!("[services.web]\npath = \"web\"\nrun = {run}\nready = \"http:/up\"\ngrace = \"2s\"\n");
    project.write("sternway.toml", &project.toml(&web, "", CHECK));
    project.ship();
    project.version("3");
    project.ship();
    std::fs::write(&gone, "").unwrap();
    project.run(&["rollback", "production"]).exits(12).says("sternway rollback production RELEASE");
    project.serves(3);
    project.run(&["rollback", "production", "1"]).exits(0);
    project.rests_on(1);
}

#[test]
fn what_was_cancelled_is_no_way_back() {
    let project = Project::new();
    project.ship();
    project.version("2");
    project.run(&["ship", "production", "--at", "2099-01-01T00:00:00Z"]).exits(0);
    project.run(&["rollback", "production"]).says("cancelled");
    project.run(&["rollback", "production", "2"]).exits(2).says("S0903");
    project.rests_on(1);
}

#[test]
fn the_old_release_is_verified_where_it_was_when_the_new_one_moves() {
    let project = Project::new();
    project.ship();
    let elsewhere = Project::empty();
    let text = project.toml(&Project::web(), "", &CHECK.replace("hello", "farewell"));
    let text = text.replace(&project.listen.to_string(), &elsewhere.listen.to_string());
    project.write("sternway.toml", &text);
    project.version("2");
    project.run(&["ship", "production"]).exits(11).says("release 1 serves, verified");
    project.rests_on(1);
}
