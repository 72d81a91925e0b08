//! What scripts read: exit codes, JSON, the formats of other tools.

use std::process::Command;

use serde_json::Value;

use super::project::{CHECK, Project, ran};

const WITHOUT_SECRET: &str =
    "[[checks]]\nname = \"login\"\nhttp = { url = \"/login\", form = { password = { secret = \"NOBODY_HAS\" } } }\n";

#[test]
fn every_json_document_names_its_format() {
    let project = Project::new();
    let plan = project.run(&["plan", "production", "--json"]).exits(0).json();
    assert_eq!((&plan["format"], &plan["plan"]["environment"]), (&1.into(), &"production".into()));
    let ship = project.run(&["ship", "production", "--json"]).exits(0);
    let lines: Vec<Value> = ship.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["format"], &end["outcome"], &end["serving"], &end["exit"]),
        (&1.into(), &"committed".into(), &1.into(), &0.into())
    );
    assert!(lines[..lines.len() - 1].iter().all(|entry| entry["seq"].is_u64() && entry["event"].is_object()));
    let status = project.status();
    assert_eq!((&status["format"], &status["agent"]), (&1.into(), &true.into()));
    assert_eq!(status["environments"]["production"]["instances"][0]["state"], "ready");
    let verified = project.run(&["log", "--verify", "--json"]).exits(0).json();
    assert_eq!((&verified["format"], &verified["intact"]), (&1.into(), &true.into()));
    let log = project.run(&["log", "--json", "-n", "0"]).exits(0).out;
    assert_eq!(log.lines().count() as u64, verified["entries"].as_u64().unwrap());
    project.write("sternway.toml", &project.toml(&Project::web(), "", &format!("{CHECK}{WITHOUT_SECRET}")));
    let blocked = project.run(&["ship", "production", "--json"]).exits(10);
    let failure: Value = serde_json::from_str(blocked.out.trim()).unwrap_or_else(|_| panic!("{blocked:?}"));
    assert!(failure.to_string().contains("S0506"), "{failure}");
    project.write("sternway.toml", &project.toml(&Project::web(), "", CHECK));

    // A rollback by hand has its record, too.
    project.version("2");
    project.ship();
    project.run(&["rollback", "production", "--json"]).exits(0);
    let report = project.run(&["report", "--format", "json"]).exits(0).json();
    assert!(report["format"].is_u64(), "{report}");
    project.run(&["report", "--format", "html"]).exits(0).says("<!doctype html>");
}

#[test]
fn a_code_is_explained_without_the_repository_and_without_a_project() {
    let nowhere = tempfile::tempdir().unwrap();
    let explain = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sternway"));
        command.arg("explain").args(args).current_dir(&nowhere);
        ran(command)
    };
    explain(&["s0224"]).exits(0).says("# S0224: ").says("error[S0224]").says("What to do");
    let json = explain(&["S0102", "--json"]).exits(0).json();
    assert_eq!((&json["format"], &json["title"]), (&1.into(), &"unknown key".into()));
    explain(&[]).exits(0).says("S0102  unknown key");
    assert!(explain(&["--json"]).exits(0).json()["codes"].as_array().unwrap().len() > 100);
    explain(&["S01"]).exits(2).says("S0924").says("sternway explain");
}

#[test]
fn findings_of_check_in_the_formats_of_other_tools() {
    let project = Project::new();
    project.write("sternway.toml", &project.toml(&(Project::web() + "biuld = \"x\"\n"), "", ""));
    let check = |format| {
        let mut command = project.command(&["check", "production", "--format", format]);
        command.current_dir(&project.dir);
        ran(command).exits(10)
    };
    let sarif = check("sarif").json();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&sarif["version"], &result["ruleId"]), (&"2.1.0".into(), &"S0102".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"sternway.toml".into(), &10.into())
    );
    let json = check("json").json();
    assert!(json.to_string().contains("S0102") && json["format"] == 1, "{json}");
    let junit = check("junit").out;
    assert!(junit.starts_with("<?xml") && junit.contains("<testsuite") && junit.contains("S0102"), "{junit}");
    let github = check("github").out;
    assert!(github.starts_with("::error file=sternway.toml,line=10,"), "{github}");
    check("human").says("sternway.toml:10:1");
}

#[test]
fn places_can_be_opened_from_where_the_reader_is() {
    let project = Project::new();
    project.write("sternway.toml", &project.toml(&(Project::web() + "biuld = \"x\"\n"), "", ""));
    let check = |from: &std::path::Path, format| {
        let mut command = project.command(&["check", "--format", format]);
        command.current_dir(from);
        ran(command).exits(10).out
    };
    let elsewhere = format!("{}/sternway.toml", project.dir.display());
    for (from, file) in [
        (project.root(), "project/sternway.toml"),
        (&project.dir, "sternway.toml"),
        (&project.dir.join("web"), &elsewhere),
    ] {
        let json: Value = serde_json::from_str(&check(from, "json")).unwrap();
        assert_eq!(json["findings"][0]["places"][0]["file"], file);
        assert!(check(from, "human").contains(&format!("  at:         {file}:10:1")));
        assert!(check(from, "github").contains(&format!("file={file},line=10,")));
        let sarif: Value = serde_json::from_str(&check(from, "sarif")).unwrap();
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(from.join(place.as_str().unwrap()).is_file(), "{place}");
    }
    // A service's file of configuration, of which `ship` and `plan` speak.
    project.write("sternway.toml", &project.toml(&Project::web(), "", ""));
    project.write("web.env", "GREETING='open\n");
    let mut plan = project.command(&["plan", "production"]);
    plan.current_dir(project.root());
    ran(plan).exits(2).says("at:         project/web.env:1");
}

#[test]
fn texts_for_editors_shells_and_man() {
    let project = Project::new();
    let schema = project.run(&["schema"]).exits(0).json();
    assert!(schema["$schema"].as_str().is_some_and(|url| url.contains("json-schema.org")), "{schema}");
    assert!(schema["properties"]["services"].is_object());
    let completions = project.run(&["completions", "bash"]).exits(0).out;
    let file = project.root().join("completions.bash");
    std::fs::write(&file, completions).unwrap();
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(format!("source '{}' && complete -p sternway", file.display()));
    assert!(ran(bash).exits(0).out.contains("sternway"));
    let man = project.run(&["man"]).exits(0).out;
    assert!(man.contains(".TH sternway 1") && man.contains("Exit codes"), "{man}");
    let pages = project.root().join("share/man1");
    project.run(&["man", "--out", pages.to_str().unwrap()]).exits(0).says("sternway-ship.1");
    for (page, option) in
        [("sternway.1", "Exit codes"), ("sternway-ship.1", "override"), ("sternway-incident-show.1", "incident")]
    {
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(option), "{page}: {text}");
    }
    assert!(!pages.join("sternway-shim.1").exists(), "what nobody types has no page");
    project.run(&["man", "--out", "/dev/null/nowhere"]).exits(2).says("S0914");
}

#[test]
fn a_shell_knows_environments_services_releases_and_incidents() {
    let project = Project::new();
    project.ship();
    project.write("sternway.toml", &project.toml(&Project::web(), "", &CHECK.replace("hello", "farewell")));
    project.version("2");
    project.run(&["ship", "production"]).exits(11);
    let script = project.root().join("completions.bash");
    std::fs::write(&script, project.run(&["completions", "bash"]).exits(0).out).unwrap();
    let program = env!("CARGO_BIN_EXE_sternway");
    let complete = |line: &str| {
        // What readline does when somebody presses TAB at the end of the line.
        let typed = format!("{program} --project {} --state {} {line}", project.dir.display(), project.state.display());
        let text = "source \"$SCRIPT\"; IFS=' ' read -ra COMP_WORDS <<<\"$TYPED\"; [[ \"$TYPED\" == *' ' ]] && COMP_WORDS+=(''); \
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=\"$TYPED\"; COMP_POINT=${#TYPED}; \
            complete -p sternway | grep -q _sternway_with_names || exit 9; \
            _sternway_with_names \"$PROGRAM\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; echo \"${COMPREPLY[@]}\"";
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", text]).env("SCRIPT", &script).env("TYPED", typed).env("PROGRAM", program);
        ran(bash).exits(0).out.trim().to_owned()
    };
    assert_eq!(complete("ship "), "production");
    assert_eq!(complete("rollback prod"), "production");
    assert_eq!(complete("ship stag"), "");
    assert_eq!(complete("log --service "), "web");
    assert_eq!(complete("ship production --release "), "2 1");
    assert_eq!(complete("incident resolve "), "1");
    assert_eq!(complete("incident re"), "resolve");
    assert!(complete("ship production --ov").contains("--override"));
    // Nothing is known of a project that is not there, and nobody hears an error for it.
    let ran = project
        .run(&["complete-names", "--", "--project", "/nowhere", "--state", "/nowhere/at/all", "ship", ""])
        .exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let project = Project::new();
    project.ship();
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut status = project.command(&["status"]);
        status.env(variable, value);
        let status = ran(status).exits(0);
        assert!(!status.out.contains('\u{1b}'), "{status:?}");
    }
    // A wrong word is a matter of usage.
    let misspelt = project.run(&["shi", "production"]).exits(2).says("'ship'");
    assert!(!misspelt.err.contains("shim"), "{}", misspelt.err);
    project.run(&["ship"]).exits(2);
    // Without a word there is help, also where the environment says where state lives.
    let mut bare = Command::new(env!("CARGO_BIN_EXE_sternway"));
    bare.env("STERNWAY_STATE", &project.state);
    let bare = ran(bare).exits(2).says("When it is wrong: sternway rollback ENV");
    assert!(!bare.err.contains("complete-names") && !bare.err.contains("shim"), "{}", bare.err);
}
