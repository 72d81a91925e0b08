//! Incidents, from the one that a bad release opens to a person's last word.

use super::journal::Journal;
use super::project::{CHECK, Project};

/// Release 1 serves; release 2 was rolled back, which opened incident 1.
fn after_a_rollback() -> Project {
    let project = Project::new();
    project.ship();
    project.write("sternway.toml", &project.toml(&Project::web(), "", &CHECK.replace("hello", "farewell")));
    project.version("2");
    project.run(&["ship", "production"]).exits(11).says("sternway report 1");
    project
}

#[test]
fn an_incident_is_listed_noted_on_and_resolved_by_a_person() {
    let project = after_a_rollback();
    let listed = project.run(&["incident"]).exits(0).says("production: release 2 was rolled back");
    let listed = listed.says("sternway incident resolve 1 --reason TEXT");
    assert!(listed.out.contains(" ago)") || listed.out.contains("(now)"), "{}", listed.out);
    project.run(&["status"]).exits(0).says("sternway incident show 1").says("incident resolve 1 --reason");
    let open = project.run(&["incident", "--json"]).exits(0).json();
    assert_eq!((&open["format"], &open["incidents"][0]["incident"]), (&1.into(), &1.into()));
    assert_eq!(project.production()["incidents"][0]["number"], 1);

    project.run(&["incident", "note", "1", "the", "text", "was", "changed"]).exits(0).says("noted in incident 1");
    let shown = project.run(&["incident", "show", "1"]).exits(0).says("the text was changed").says("farewell");
    assert!(shown.out.contains("restored"), "{}", shown.out);

    project.run(&["incident", "resolve", "1"]).exits(2);
    project.run(&["incident", "resolve", "1", "--reason", " "]).exits(2).says("S0921");
    let resolved =
        project.run(&["incident", "resolve", "1", "--reason", "the check was wrong", "--json"]).exits(0).json();
    assert_eq!((&resolved["incident"], &resolved["resolved"]), (&1.into(), &"the check was wrong".into()));
    project.run(&["incident"]).exits(0).says("no incident is open; 1 resolved");
    project.run(&["incident", "--all"]).exits(0).says("resolved");
    assert!(project.production()["incidents"].as_array().unwrap().is_empty());
    project.run(&["incident", "resolve", "1", "--reason", "again"]).exits(2).says("S0920");

    // Under the name of whoever typed it, and in the record.
    let journal = Journal::follow(&project);
    let by = |kind: &'static str| {
        journal.wait_for(kind, move |entry| {
            let text = entry["event"][kind]["text"].as_str()?.to_owned();
            let person = !entry["by"].as_str()?.contains('@');
            person.then_some(text)
        })
    };
    assert_eq!(by("incident_updated"), "the text was changed");
    assert_eq!(by("incident_resolved"), "the check was wrong");
    let shown = project.run(&["incident", "show", "1", "--json"]).exits(0).json();
    assert_eq!(shown["status"], "resolved");
    assert!(shown["notes"].as_array().unwrap().iter().any(|note| note["text"] == "the text was changed"), "{shown}");
    project.run(&["report", "1"]).exits(0).says("the text was changed").says("the check was wrong");
    project.logbook_is_intact();
}

#[test]
fn an_incident_that_never_was_is_not_made_up() {
    let project = Project::new();
    project.ship();
    project.run(&["incident"]).exits(0).says("no incident is open");
    for words in [&["show", "7"][..], &["note", "7", "x"], &["resolve", "7", "--reason", "x"]] {
        let words: Vec<&str> = ["incident"].iter().chain(words).copied().collect();
        project.run(&words).exits(2).says("S0908");
    }
    project.logbook_is_intact();
}
