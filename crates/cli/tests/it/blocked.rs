//! What stands in a release's way, and whether a person's word gets it out of the way.

use std::net::TcpListener;

use super::project::{CHECK, Project};

#[test]
fn no_override_is_offered_against_an_address_that_somebody_else_has() {
    let project = Project::new();
    let somebody = TcpListener::bind(project.listen).unwrap();
    let blocked = project.run(&["ship", "production"]).exits(10).says("S0404");
    assert!(!blocked.err.contains("--override"), "{}", blocked.err);
    // Nothing was begun: nothing runs.
    let left = super::processes::of_folder(project.root());
    assert!(left.is_empty(), "{left:?}");
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

#[test]
fn another_project_of_the_same_name_does_not_take_the_place_of_the_first() {
    let project = Project::new();
    project.ship();
    // Its copy in another folder, with an address of its own: by its name it has the same state folder.
    let other = project.root().join("other");
    let copied = std::process::Command::new("cp").arg("-a").arg(&project.dir).arg(&other).status().unwrap();
    assert!(copied.success());
    let text = std::fs::read_to_string(other.join("sternway.toml")).unwrap();
    let elsewhere = super::project::free_address(1).to_string();
    std::fs::write(other.join("sternway.toml"), text.replace(&project.listen.to_string(), &elsewhere)).unwrap();
    std::fs::write(other.join("web/version.txt"), "of the other").unwrap();
    let there = ["--project", other.to_str().unwrap()];
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sternway"));
        super::project::ran({
            command.args(there).arg("--state").arg(&project.state).args(words);
            command
        })
    };
    run(&["plan", "production"]).exits(10).says("S0507");
    run(&["ship", "production"]).exits(10).says("S0507").says("looks like another project");
    project.rests_on(1);
    // What was blocked (and has its number, 2) is not what was shipped from last.
    project.version("2");
    project.ship();
    project.rests_on(3);
}

#[test]
fn a_check_before_the_first_release_leaves_nothing_behind() {
    let project = Project::new();
    project.run(&["check"]).exits(0);
    project.run(&["check", "production"]).exits(0);
    assert!(!project.state.exists());
    project
        .write("sternway.toml", &project.toml("[services.web]\npath = \"web\"\nrun = \"exec ./serve\"\n", "", CHECK));
    project.run(&["check"]).exits(10).says("S0508").says("./serve");
    project.run(&["check", "production"]).exits(10).says("S0508");
    assert!(!project.state.exists());
}
