//! Production-only values and their register, the watch over what runs, and the baseline of an existing project.

use serde_json::Value;

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
fn reading(watch: &str) -> Project {
    let production = format!("watch = {watch}\nreads.web = [\"dotenv:host.env\"]");
    let project = beside_staging(&production, &format!("{AGREED}environments = [\"production\"]\n"));
    project.write("host.env", GOOD);
    project.ship();
    project
}

const GOOD: &str = "GREETING_THERE=good day\n";
const BAD: &str = "GREETING_THERE=hunter2-hunter2\n";

fn entries(project: &Project) -> Vec<Value> {
    let log = project.run(&["log", "--json", "-n", "0", "--all"]).exits(0);
    log.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind(project: &Project, kind: &str) -> Vec<Value> {
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
    // Whoever ships sees it at the gate and lets it pass by name: the release that holds resolves the incident.
    project.version("2");
    project.run(&["ship", "production", "--override", "S0220", "--reason", "known"]).exits(0);
    project.run(&["watch", "production", "--once"]).exits(0).says("S0220").says("1 finding");
    assert_eq!(of_kind(&project, "incident_resolved").len(), 1);
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
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("S0220") && text.contains("web.env") && !text.contains("hunter2"), "{text}");
    assert_eq!(found(&project, &["check", "--baseline", file], 0), Vec::<String>::new());
    assert_eq!(found(&project, &["check", "production", "--baseline", file], 0), Vec::<String>::new());

    write(&format!("# one line more\n{}", same.replace("BLUE=1", "BLUE=2").replace("SMALL=1", "SMALL=2")));
    assert_eq!(found(&project, &["check", "--baseline", file], 10), ["S0220 agreement \"sizes\""]);
    write(same);
    project.run(&["check", "--baseline", file]).exits(0).says("S0263").says("; 0 findings accepted by");
    project.run(&["check", "--baseline", "nowhere.json"]).exits(2).says("S0264");
    let wrong = std::fs::read_to_string(project.dir.join("sternway.toml"))
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
