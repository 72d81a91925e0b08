//! What stands in a release's way, and whether a person's word gets it out of the way.

use std::net::TcpListener;

use super::project::{CHECK, Project};

#[test]
fn no_override_is_offered_against_an_address_that_somebody_else_has() {
    let project = Project::new();
    let somebody = TcpListener::bind(project.listen).unwrap();
    let blocked = project.run(&["ship", "production"]).exits(10).says("S0404");
    assert!(!blocked.err.contains("--override"), "{}", blocked.err);
    let findings = project.run(&["check", "production", "--json"]).exits(10).json()["findings"].clone();
    let taken = findings.as_array().unwrap().iter().find(|finding| finding["code"] == "S0404").unwrap();
    assert_eq!(taken["stands"], true);
    let insisted = ["ship", "production", "--override", "S0404", "--reason", "I insist"];
    project.run(&insisted).exits(10).says("--override S0404: it cannot be let pass");
    drop(somebody);
    project.ship();
    project.rests_on(1);
}

#[test]
fn an_override_is_offered_where_it_helps_and_one_of_the_wrong_code_is_named() {
    let project = Project::new();
    project.ship();
    project.write("sternway.toml", &project.toml(&Project::web(), "", &CHECK.replace("hello", "farewell")));
    project.version("2");
    project.run(&["ship", "production"]).exits(11);
    project.run(&["ship", "production"]).exits(10).says("--override S0502 --reason TEXT");
    let wrong = ["ship", "production", "--override", "S0402", "--reason", "a slip"];
    project.run(&wrong).exits(10).says("--override S0402: nothing of this code was found").says("--override S0502");
    project.rests_on(1);
}
