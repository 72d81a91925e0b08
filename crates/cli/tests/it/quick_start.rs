//! The quick start of the README, as a newcomer types it.

use std::fs;
use std::path::Path;

use super::project::Project;

#[test]
fn the_quick_start_goes_as_the_readme_says() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    let file = |name: &str| fs::read_to_string(example.join(name)).unwrap();
    let project = Project::empty();
    let toml = file("sternway.toml").replace("127.0.0.1:8080", &project.listen.to_string());
    project.write("sternway.toml", &toml.replace("\"5s\"", "\"1s\"").replace("\"10s\"", "\"1s\""));
    for name in ["production.env", "web/server.pl"] {
        project.write(name, &file(name));
    }

    project.run(&["check"]).exits(0);
    project.run(&["plan", "production"]).exits(0).says("release 1 is the first");
    project.ship();
    assert_eq!(project.get("/").unwrap().text(), "Hello. This is release 1.\n");

    project.write("production.env", "GREETING=\n");
    project.run(&["ship", "production"]).exits(11).says("release 1 serves, verified");
    assert_eq!(project.get("/").unwrap().text(), "Hello. This is release 1.\n");

    project.write("production.env", "GREETING=\"Hello, you.\"\n");
    project.ship();
    assert_eq!(project.get("/").unwrap().text(), "Hello, you. This is release 3.\n");

    project.run(&["rollback", "production", "--reason", "the tone is wrong"]).exits(0);
    assert_eq!(project.get("/").unwrap().text(), "Hello. This is release 1.\n", "with its own configuration");
    project.run(&["status"]).exits(0).says("release 1");
    project.run(&["report"]).exits(0).says("the tone is wrong");
    project.logbook_is_intact();
}
