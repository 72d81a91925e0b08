use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sternway_core::check::Question;
use sternway_core::verdict::Verdict::{Fail, Pass};
use sternway_probe::Subject;

use crate::{ask, ask_within, assert_answer, subject};

fn command(line: impl Into<String>) -> Question {
    Question::Command(line.into())
}

fn here() -> Subject {
    subject("http://127.0.0.1:9")
}

#[test]
fn the_exit_status_decides_and_the_last_line_says_why() {
    assert_answer(&ask(command("true"), &here()), Pass, "exit 0");
    assert_answer(&ask(command("echo one; echo two >&2; echo; exit 3"), &here()), Fail, "exit 3: two");
    assert_answer(&ask(command("kill -9 $$"), &here()), Fail, "killed by signal 9");
}

#[test]
fn the_url_is_in_its_environment_and_ours_is_not() {
    let answer = ask(command(r#"test "$STERNWAY_URL" = http://127.0.0.1:9"#), &here());
    assert_answer(&answer, Pass, "exit 0");
    // Cargo sets this one for us.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert_answer(&ask(command(r#"test -z "$CARGO_MANIFEST_DIR""#), &here()), Pass, "exit 0");
}

#[test]
fn the_url_of_each_service_is_in_its_environment() {
    let service = |name| sternway_core::ids::ServiceName::new(name).unwrap();
    let urls = [(service("web"), "http://127.0.0.1:9"), (service("image-store"), "http://127.0.0.1:8")];
    let subject = Subject {
        base_urls: urls.map(|(service, url)| (service, url.to_owned())).into(),
        routes: [("/".to_owned(), service("web"))].into(),
        ..Subject::default()
    };
    let line = r#"echo "$STERNWAY_URL $STERNWAY_URL_WEB $STERNWAY_URL_IMAGE_STORE"; false"#;
    let all = "exit 1: http://127.0.0.1:9 http://127.0.0.1:9 http://127.0.0.1:8";
    assert_answer(&ask(command(line), &subject), Fail, all);
}

#[test]
fn it_runs_in_the_folder_of_the_service_that_it_asks() {
    let service = |name| sternway_core::ids::ServiceName::new(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().canonicalize().unwrap();
    let routes = [("/".to_owned(), service("web"))].into();
    let subject = Subject { routes, folders: [(service("web"), web.clone())].into(), ..here() };
    let shown = |subject: &Subject| ask(command("pwd; false"), subject).seen;
    assert_eq!(shown(&subject), format!("exit 1: {}", web.display()));
    assert_eq!(shown(&here()), "exit 1: /");
}

#[test]
fn endless_output_neither_blocks_nor_fills_memory() {
    assert_answer(
        &ask(command("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end; false"), &here()),
        Fail,
        "exit 1: end",
    );
}

#[test]
fn a_command_that_hangs_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let (parent, child) = (folder.path().join("parent"), folder.path().join("child"));
    let line = format!(
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > {}; sleep 600' & echo $$ > {}; wait",
        child.display(),
        parent.display()
    );
    // Long enough for the shells to have written their numbers on a busy machine.
    assert_answer(&ask_within(1500, command(line), &here()), Fail, "no answer within 1500 ms");
    for file in [parent, child] {
        assert_gone(&file);
    }
}

#[test]
fn what_a_command_leaves_in_the_background_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("child");
    // The child holds the output open: the answer must not wait for it.
    let answer = ask(command(format!("sleep 600 & echo $! > {}", file.display())), &here());
    assert_answer(&answer, Pass, "exit 0");
    assert_gone(&file);
}

#[test]
fn a_secret_in_its_output_is_not_shown() {
    let subject = Subject { secrets: [("KEY", "hunter2")].into_iter().collect(), ..here() };
    assert_answer(&ask(command("echo the key is hunter2; false"), &subject), Fail, "exit 1: the key is [secret]");
}

fn assert_gone(pid_file: &Path) {
    let pid = fs::read_to_string(pid_file).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    let deadline = Instant::now() + Duration::from_secs(10);
    // Killed at once; its new parent may take a moment to reap it.
    while let Ok(stat) = fs::read_to_string(&stat) {
        if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')) {
            return;
        }
        assert!(Instant::now() < deadline, "process {} still runs", pid.trim());
        std::thread::yield_now();
    }
}
