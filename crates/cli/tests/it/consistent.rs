//! Production-only values and their register, the watch over what runs, and the baseline of an existing project.

use std::fs;

use serde_json::Value;
use sternway_core::digest::Digest;

use super::processes;
use super::project::{CHECK, Project, finish, free_address};
use super::until::until;

/// Production as usual and a staging beside it, which is compared and never shipped; `more` is what the project file says besides.
fn beside_staging(production: &str, more: &str) -> Project {
    let project = Project::new();
    let staging = format!(
        "[environments.staging]\nlisten = \"{}\"\n\n[environments.staging.config]\nweb = [\"dotenv:staging.env\"]\n\n",
        free_address(1)
    );
    project.write("sternway.toml", &project.toml(&Project::web(), production, &format!("{staging}{more}\n{CHECK}")));
    project.write("staging.env", "GREETING=good day\n");
    project
}

/// `code subject` of each finding of `check`, notes left out.
fn found(project: &Project, words: &[&str], exit: i32) -> Vec<String> {
    let report = project.run(&[words, &["--json"]].concat()).exits(exit).json();
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] != "note");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<String> =
        findings.map(|finding| format!("{} {}", text(&finding["code"]), text(&finding["subject"]))).collect();
    found.retain(|one| one.starts_with("S02"));
    found
}

#[test]
fn a_new_value_that_only_production_has_blocks_until_somebody_answers_for_it() {
    let project = beside_staging("", "");
    project.write("web.env", "GREETING=good day\nOLD=1\n");
    assert_eq!(found(&project, &["check", "production"], 0), ["S0212 web:OLD"]);
    project.ship();
    project.write("web.env", "GREETING=good day\nOLD=1\nNEW=hunter2-hunter2\n");
    assert_eq!(found(&project, &["check", "production"], 10), ["S0228 web:NEW", "S0212 web:OLD"]);
    assert!(found(&project, &["check"], 10).contains(&"S0228 web:NEW".to_owned()));
    project.run(&["ship", "production"]).exits(10).says("web.env:3:1").says("--override S0228 --reason TEXT");

    let accept = |environment: &str, value: &str, until: &[&str]| {
        let words = ["register", "accept", environment, value, "--owner", "payments", "--reason", "the audit"];
        project.run(&[&words[..], until].concat())
    };
    accept("staging", "web:NEW", &[]).exits(2).says("S0261");
    accept("production", "shop:NEW", &[]).exits(2).says("no service `shop`");
    accept("production", "web:NEW", &["--until", "2020-01-01"]).exits(2).says("over already");
    accept("production", "web:NEU", &[]).exits(0).says("production has no `NEU` now");
    accept("production", "web:NEW", &["--for", "90d"]).exits(0).says("payments answers for it");
    assert_eq!(found(&project, &["check", "production"], 0), ["S0212 web:OLD"]);
    let listed = project.run(&["check", "--register", "production"]).exits(0);
    let listed = listed.says("production web:NEW").says("payments").says("the audit").says("(in 89 d)").says("never");
    assert!(!listed.out.contains("hunter2"));
    let listed = project.run(&["check", "--register", "--json"]).exits(0).json();
    assert_eq!(listed["register"][1]["key"], "NEW");
    assert_eq!(listed["register"][1]["standing"], "accepted");

    project.run(&["register", "remove", "production", "web:NEW", "--reason", "not needed"]).exits(0);
    project.run(&["register", "remove", "production", "web:NEW"]).exits(2).says("S0262");
    assert_eq!(found(&project, &["check", "production"], 10), ["S0228 web:NEW", "S0212 web:OLD"]);
    project.run(&["ship", "production", "--override", "S0228", "--reason", "in a hurry"]).exits(0);
    assert_eq!(found(&project, &["check", "production"], 0), ["S0212 web:NEW", "S0212 web:OLD"]);
    let log =
        project.run(&["log", "-n", "0", "--all"]).exits(0).says("web:NEW accepted until").says("out of the register");
    assert!(!log.out.contains("hunter2"));
    project.logbook_is_intact();
}

const AGREED: &str =
    "[[agreements]]\nname = \"greetings\"\nmust_agree = [\"web:GREETING\", \"web:GREETING_THERE\"]\non = [\"value\"]\n";

/// A project whose service reads a file by itself.
pub(crate) fn reading(watch: &str) -> Project {
    let production = format!("watch = {watch}\nreads.web = [\"dotenv:host.env\"]");
    let project = beside_staging(&production, &format!("{AGREED}environments = [\"production\"]\n"));
    project.write("host.env", GOOD);
    project.ship();
    project
}

pub(crate) const GOOD: &str = "GREETING_THERE=good day\n";
pub(crate) const BAD: &str = "GREETING_THERE=hunter2-hunter2\n";

pub(crate) fn entries(project: &Project) -> Vec<Value> {
    let log = project.run(&["log", "--json", "-n", "0", "--all"]).exits(0);
    log.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn of_kind(project: &Project, kind: &str) -> Vec<Value> {
    entries(project).into_iter().filter(|entry| entry["event"].get(kind).is_some()).collect()
}

#[test]
fn serve_opens_one_incident_for_what_changed_by_itself_and_says_when_it_is_over() {
    let project = reading("\"1s\"");
    let looked = |times: usize| {
        until(&format!("look {times}"), || {
            let seen = of_kind(&project, "watched");
            if seen.len() == times { Ok(()) } else { Err(seen) }
        });
    };
    looked(1);
    // A file of the project that is not shipped yet is nothing that production runs with.
    project.write("web.env", "GREETING=good evening\n");
    project.write("host.env", BAD);
    looked(2);
    let opened = of_kind(&project, "incident_opened");
    let title = opened[0]["event"]["incident_opened"]["title"].as_str().unwrap();
    assert!(title.contains("S0220") && title.contains("greetings"), "{title}");
    project.run(&["incident", "show", "1"]).exits(0).says("host.env:1:1").says("web:GREETING_THERE");
    project.run(&["report", "1"]).exits(0);
    let serve = project.part("serve");
    processes::kill(serve);
    until("another serve", || {
        let now = project.part("serve");
        if now == serve { Err(now) } else { Ok(()) }
    });
    // By hand the same is seen as by the new one: it is known already.
    let seen = project.run(&["watch", "production", "--once", "--json"]).exits(10).json();
    assert_eq!((&seen["recorded"], &seen["drift"]["incident"]), (&Value::from(0), &Value::from(1)));
    project.write("host.env", GOOD);
    looked(3);
    assert_eq!(of_kind(&project, "incident_opened").len(), 1);
    let updated = of_kind(&project, "incident_updated");
    assert!(updated.last().unwrap()["event"]["incident_updated"]["restored"].is_string(), "{updated:#?}");
    project.run(&["watch", "--once"]).exits(0).says("consistent");
    let said = project.run(&["log", "-n", "0", "--all"]).exits(0);
    assert!(!said.out.contains("hunter2"));
    project.logbook_is_intact();
}

#[test]
fn of_several_who_look_at_once_one_opens_the_incident_and_what_is_known_is_written_once() {
    let project = reading("false");
    project.run(&["watch", "--once"]).exits(0).says("consistent");
    let before = entries(&project).len();
    project.run(&["watch", "--once"]).exits(0).says("as since");
    assert_eq!(entries(&project).len(), before, "a look that sees the same is not written");
    project.write("host.env", BAD);
    let looks: Vec<_> = (0..4).map(|_| project.start(&["watch", "production", "--once", "--json"])).collect();
    let mut recorded: Vec<u64> =
        looks.into_iter().map(|look| finish(look).exits(10).json()["recorded"].as_u64().unwrap()).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, [0, 0, 0, 3]);
    assert_eq!(of_kind(&project, "incident_opened").len(), 1);
    // Whoever ships sees it at the gate and lets it pass by name: it drifts all the same, until a person says that it may.
    project.version("2");
    project.run(&["ship", "production", "--override", "S0220", "--reason", "known"]).exits(0);
    project.run(&["watch", "production", "--once"]).exits(10).says("S0220").says("drifted");
    assert_eq!(of_kind(&project, "incident_resolved").len(), 0);
    project.run(&["incident", "resolve", "1", "--reason", "it is to be so"]).exits(0);
    project.run(&["watch", "production", "--once"]).exits(0).says("S0220").says("1 finding");
    assert_eq!(of_kind(&project, "incident_opened").len(), 1);
}

#[test]
fn a_watch_of_nothing_says_so() {
    let project = beside_staging("", "");
    project.run(&["watch", "--once"]).exits(2).says("there is no logbook");
    project.ship();
    project.run(&["watch", "staging", "--once"]).exits(2).says("S0265");
}

#[test]
fn a_baseline_accepts_todays_findings_and_no_other() {
    let project = beside_staging(
        "",
        "[[agreements]]\nname = \"colours\"\nmust_agree = [\"web:RED\", \"web:BLUE\"]\non = [\"value\"]\n\n[[agreements]]\nname = \"sizes\"\nmust_agree = [\"web:BIG\", \"web:SMALL\"]\non = [\"value\"]\n",
    );
    let same = "GREETING=good day\nRED=1\nBLUE=1\nBIG=1\nSMALL=1\n";
    let write = |text: &str| {
        project.write("web.env", text);
        project.write("staging.env", same);
    };
    write(&same.replace("BLUE=1", "BLUE=hunter2-hunter2"));
    let file = project.dir.join("accepted.json");
    let file = file.to_str().unwrap();
    assert!(found(&project, &["check"], 10).contains(&"S0220 agreement \"colours\"".to_owned()));
    project.run(&["check", "--write-baseline", file]).exits(0).says("accepted by");
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("S0220") && text.contains("web.env") && !text.contains("hunter2"), "{text}");
    assert_eq!(found(&project, &["check", "--baseline", file], 0), Vec::<String>::new());
    assert_eq!(found(&project, &["check", "production", "--baseline", file], 0), Vec::<String>::new());

    write(&format!("# one line more\n{}", same.replace("BLUE=1", "BLUE=2").replace("SMALL=1", "SMALL=2")));
    assert_eq!(found(&project, &["check", "--baseline", file], 10), ["S0220 agreement \"sizes\""]);
    write(same);
    project.run(&["check", "--baseline", file]).exits(0).says("S0263").says("; 0 findings accepted by");
    project.run(&["check", "--baseline", "nowhere.json"]).exits(2).says("S0264");
    let wrong = fs::read_to_string(project.dir.join("sternway.toml"))
        .unwrap()
        .replace("[services.web]", "[services.web]\nbiuld = \"x\"");
    project.write("sternway.toml", &wrong);
    project.run(&["check", "--write-baseline", file]).exits(10).says("S0102");
}

#[test]
fn a_check_that_compared_nothing_says_so() {
    let project = Project::new();
    project.run(&["check"]).exits(0).says("S0227").says("one environment only");
    project.run(&["check", "production"]).exits(0).says("S0227");
    let project = beside_staging("", "");
    let quiet = project.run(&["check"]).exits(0);
    assert!(!quiet.out.contains("S0227"), "{}", quiet.out);
}

/// Two agreements of which one is broken.
fn with_a_past(more: &str) -> Project {
    let agreements = "[[agreements]]\nname = \"colours\"\nmust_agree = [\"web:RED\", \"web:BLUE\"]\non = [\"value\"]\n\n[[agreements]]\nname = \"sizes\"\nmust_agree = [\"web:BIG\", \"web:SMALL\"]\non = [\"value\"]\n";
    let project = beside_staging(more, agreements);
    let toml = fs::read_to_string(project.dir.join("sternway.toml")).unwrap();
    let toml = toml.replace("name = \"shop\"", "name = \"shop\"\nbaseline = \"sternway.baseline.json\"");
    project.write("sternway.toml", &toml);
    project.write("staging.env", PAST);
    project.write("web.env", &PAST.replace("BLUE=1", "BLUE=hunter2-hunter2"));
    project
}

const PAST: &str = "GREETING=good day\nRED=1\nBLUE=1\nBIG=1\nSMALL=1\n";

#[test]
fn what_the_projects_baseline_accepts_blocks_no_release_and_the_gate_says_by_which_file() {
    let project = with_a_past("watch = false");
    // A file that is named and not there accepts nothing, and is not taken for an empty one.
    for words in [&["check"][..], &["check", "production"], &["plan", "production"], &["ship", "production"]] {
        project.run(words).exits(2).says("S0264").says("sternway check --write-baseline sternway.baseline.json");
    }
    let file = project.dir.join("sternway.baseline.json");
    project.run(&["check", "--write-baseline", file.to_str().unwrap()]).exits(0);
    assert_eq!(found(&project, &["check", "production"], 0), Vec::<String>::new());
    let planned = project.run(&["plan", "production", "--json"]).exits(0).json();
    let accepted = planned["plan"]["accepted"].clone();
    assert_eq!(accepted["file"], "sternway.baseline.json");
    assert_eq!(accepted["digest"], Digest::of(&fs::read(&file).unwrap()).as_str());
    let of_colours = |known: &Value| known["code"] == "S0220" && known["subject"] == "agreement \"colours\"";
    assert!(accepted["findings"].as_array().unwrap().iter().any(of_colours), "{accepted}");
    project.run(&["plan", "production"]).exits(0).says("accepted by sternway.baseline.json");
    project.ship().says("accepted by sternway.baseline.json");
    let gate = of_kind(&project, "gate_evaluated").pop().unwrap();
    assert_eq!(gate["event"]["gate_evaluated"]["accepted"], accepted);
    let log = project.run(&["log", "-n", "0", "--all"]).exits(0).says("accepted by sternway.baseline.json");
    assert!(!log.out.contains("hunter2"));

    // What comes after it blocks.
    project.write("web.env", &PAST.replace("BLUE=1", "BLUE=2").replace("SMALL=1", "SMALL=2"));
    assert_eq!(found(&project, &["check", "production"], 10), ["S0220 agreement \"sizes\""]);
    project.run(&["ship", "production"]).exits(10).says("sizes");
    // What is typed goes before what the project file names.
    let nothing = project.dir.join("nothing.json");
    fs::write(&nothing, "{\"format\":1,\"accepted\":[]}").unwrap();
    let found = found(&project, &["check", "production", "--baseline", nothing.to_str().unwrap()], 10);
    assert!(found.contains(&"S0220 agreement \"colours\"".to_owned()), "{found:?}");
    project.logbook_is_intact();
}

#[test]
fn the_watch_does_not_take_what_is_accepted_for_a_drift_nor_a_change_of_what_is() {
    let project = with_a_past("watch = false\nreads.web = [\"dotenv:host.env\"]");
    project.write("host.env", "SMALL_THERE=1\n");
    let file = project.dir.join("sternway.baseline.json");
    let accept = || project.run(&["check", "--write-baseline", file.to_str().unwrap()]).exits(0);
    accept();
    project.ship();
    let look = |exit: i32| project.run(&["watch", "production", "--once", "--json"]).exits(exit).json();
    assert_eq!(look(0)["findings"], Value::Array(Vec::new()));
    // The file accepts nothing any more: what is found then was there before.
    fs::write(&file, "{\"format\":1,\"accepted\":[]}").unwrap();
    let seen = look(0);
    assert_eq!((seen["findings"].as_array().unwrap().is_empty(), &seen["drift"]), (false, &Value::Null), "{seen}");
    accept();
    assert_eq!(look(0)["findings"], Value::Array(Vec::new()));
    fs::remove_file(&file).unwrap();
    project.run(&["watch", "production", "--once"]).exits(2).says("S0264");
    assert!(of_kind(&project, "incident_opened").is_empty());
}
