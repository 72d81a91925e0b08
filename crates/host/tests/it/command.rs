//! Commands that run once.

use std::fs;

use rustix::process::Signal;
use sternway_core::release::ReleaseRef;
use sternway_core::time::Millis;
use sternway_host::client::{Agent, ClientError, Ran};

use crate::rig::{Rig, SECRET, alive, kill, lease, name, until, worker};

fn run(client: &Agent, release: &ReleaseRef, command: &str, within: u64) -> Result<Ran, ClientError> {
    let key = "rollout 7, migrate, do".to_owned();
    client.run(lease(), release.clone(), name("web"), command.to_owned(), key, Millis(within), None)
}

#[test]
fn a_result_good_or_bad_is_recorded_once_and_shows_no_secret() {
    for code in [0, 3] {
        let rig = Rig::start();
        let release = rig.stage(1, &[("web", worker("true"))]);
        let command = format!("echo ran >>ran; echo release $STERNWAY_RELEASE with $APP_SECRET; exit {code}");
        let first = run(&rig.client(), &release, &command, 60_000).unwrap();
        let tail = vec!["release 1 with [hidden]".to_owned()];
        assert_eq!(first, Ran { code, tail: tail.clone(), recorded: false });
        let again = run(&rig.client(), &release, &command, 60_000).unwrap();
        assert_eq!(again, Ran { code, tail, recorded: true });
        assert_eq!(fs::read_to_string(rig.state.join("staged/production/r1/web/ran")).unwrap(), "ran\n");
        for entry in fs::read_dir(rig.state.join("runs")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            assert!(!fs::read_to_string(entry.path()).unwrap().contains(SECRET));
        }
    }
}

#[test]
fn a_command_outlives_the_agent_and_its_result_is_found() {
    let mut rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("true"))]);
    let command = "echo ran >>ran; while ! [ -e go ]; do sleep 0.01; done; echo done";
    let client = rig.client();
    let asked = {
        let release = release.clone();
        std::thread::spawn(move || run(&client, &release, command, 600_000))
    };
    let folder = rig.state.join("staged/production/r1/web");
    until("the command runs", || folder.join("ran").exists().then_some(()));
    rig.end_agent(Signal::KILL);
    assert!(asked.join().unwrap().is_err());
    rig.start_agent();
    // Two ask at once for the one that runs.
    let asked = [(); 2].map(|()| {
        let (client, release) = (rig.client(), release.clone());
        std::thread::spawn(move || run(&client, &release, command, 600_000).unwrap())
    });
    fs::write(folder.join("go"), "").unwrap();
    for answer in asked.map(|asked| asked.join().unwrap()) {
        assert_eq!((answer.code, answer.tail), (0, vec!["done".to_owned()]));
    }
    assert_eq!(fs::read_to_string(folder.join("ran")).unwrap(), "ran\n");
}

#[test]
fn a_result_while_no_agent_lives_is_recorded_by_the_next() {
    let mut rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("true"))]);
    let command = "echo ran >>ran; while ! [ -e go ]; do sleep 0.01; done; touch over; exit 5";
    let client = rig.client();
    let asked = {
        let release = release.clone();
        std::thread::spawn(move || run(&client, &release, command, 600_000))
    };
    let folder = rig.state.join("staged/production/r1/web");
    until("the command runs", || folder.join("ran").exists().then_some(()));
    rig.end_agent(Signal::KILL);
    let _broken = asked.join().unwrap();
    fs::write(folder.join("go"), "").unwrap();
    until("the command ended", || folder.join("over").exists().then_some(()));
    rig.start_agent();
    assert_eq!(run(&rig.client(), &release, command, 600_000).unwrap().code, 5);
    assert_eq!(fs::read_to_string(folder.join("ran")).unwrap(), "ran\n");
}

#[test]
fn a_command_that_takes_too_long_is_stopped_and_says_so() {
    let rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("true"))]);
    let ran = run(&rig.client(), &release, "echo begun; exec sleep 1000", 200).unwrap();
    assert_eq!((ran.code, ran.recorded), (124, false));
    assert_eq!(ran.tail, ["begun", "stopped: it did not end within 200 ms"]);
}

#[test]
fn a_command_whose_shim_was_killed_is_interrupted_and_not_run_twice() {
    let rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("true"))]);
    let command = "echo $$ $PPID >>pids; exec sleep 1000";
    let client = rig.client();
    let asked = {
        let release = release.clone();
        std::thread::spawn(move || run(&client, &release, command, 600_000))
    };
    let pids = rig.state.join("staged/production/r1/web/pids");
    let (pid, shim): (u32, u32) = until("the command runs", || {
        let text = fs::read_to_string(&pids).ok()?;
        let (pid, shim) = text.strip_suffix('\n')?.split_once(' ')?;
        Some((pid.parse().ok()?, shim.parse().ok()?))
    });
    kill(shim, Signal::KILL);
    let ran = asked.join().unwrap().unwrap();
    assert_eq!(ran.code, 137);
    assert!(ran.tail.last().unwrap().contains("interrupted"), "{:?}", ran.tail);
    assert!(!alive(pid));
    assert!(run(&rig.client(), &release, command, 600_000).unwrap().recorded);
    assert_eq!(fs::read_to_string(&pids).unwrap().lines().count(), 1);
}

#[test]
fn an_undo_runs_only_when_what_it_undoes_ever_began() {
    let rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("true"))]);
    let undo = |undoes: &str, key: &str| {
        let command = "echo undone >>undone".to_owned();
        let (key, undoes) = (key.to_owned(), Some(undoes.to_owned()));
        rig.client().run(lease(), release.clone(), name("web"), command, key, Millis(60_000), undoes).unwrap()
    };
    let undone = rig.state.join("staged/production/r1/web/undone");
    let answer = undo("another key", "first undo");
    assert_eq!((answer.code, answer.recorded), (0, true));
    assert!(!undone.exists());
    // A run that ended badly has begun all the same.
    assert_eq!(run(&rig.client(), &release, "exit 3", 60_000).unwrap().code, 3);
    assert_eq!(undo("rollout 7, migrate, do", "second undo").code, 0);
    assert_eq!(fs::read_to_string(undone).unwrap(), "undone\n");
}

#[test]
fn a_result_goes_with_its_release_and_no_sooner() {
    let rig = Rig::start();
    // Of each a result, and a folder with its log.
    let left = || fs::read_dir(rig.state.join("runs")).unwrap().count();
    let run = |release: &ReleaseRef, key: &str| {
        let command = "echo ran >>ran".to_owned();
        rig.client().run(lease(), release.clone(), name("web"), command, key.to_owned(), Millis(60_000), None).unwrap()
    };
    let first = rig.stage(1, &[("web", worker("true"))]);
    let second = rig.stage(2, &[("web", worker("exec true"))]);
    run(&first, "rollout 1, migrate, do");
    run(&second, "rollout 2, migrate, do");
    assert_eq!(left(), 4);
    rig.client().remove(lease(), vec![first.number]).unwrap();
    assert_eq!(left(), 2);
    assert!(run(&second, "rollout 2, migrate, do").recorded, "what stays is not run again");
    // A result of the first versions, which says not whose it was, is kept for a while.
    let entries = fs::read_dir(rig.state.join("runs")).unwrap().flatten().map(|entry| entry.path());
    let path = entries.into_iter().find(|path| path.is_file()).unwrap();
    let write = |at: Option<&str>| {
        let mut record: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        record.as_object_mut().unwrap().remove("release");
        if let Some(at) = at {
            record["at"] = at.into();
        }
        fs::write(&path, record.to_string()).unwrap();
    };
    write(None);
    rig.client().remove(lease(), vec![second.number]).unwrap();
    assert_eq!(left(), 2);
    write(Some("2024-03-02T14:00:00.000Z"));
    rig.client().remove(lease(), vec![second.number]).unwrap();
    assert_eq!(left(), 0);
}
