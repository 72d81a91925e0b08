//! The agent itself: alone on its state, with a good memory, reachable by its user only.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use rustix::process::Signal;
use sternway_core::ids::{Epoch, ReleaseNumber};
use sternway_host::client::ClientError;
use sternway_host::protocol::{Lease, Request, Response, VERSION};
use sternway_wire::Client;

use crate::rig::{Rig, alive, environment, failure, http, lease, name, until, worker};

fn at(epoch: u64) -> Lease {
    Lease { environment: environment(), epoch: Epoch(epoch) }
}

#[test]
fn a_second_agent_on_the_same_state_is_refused_and_told_which_is_the_first() {
    let mut rig = Rig::start();
    let refused = rig.command().stdout(Stdio::null()).output().unwrap();
    assert!(!refused.status.success());
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains(&format!("process id {}", rig.agent_pid())), "{words}");
    // No lock that a person has to delete: killed, it is gone.
    rig.end_agent(Signal::KILL);
    rig.start_agent();
    rig.client().status().unwrap();
}

#[test]
fn an_agent_does_not_take_the_socket_of_another() {
    let rig = Rig::start();
    let other = tempfile::tempdir().unwrap();
    let mut command = rig.command();
    let program = command.get_program().to_owned();
    command = std::process::Command::new(program);
    let refused = command.arg("agent").arg(other.path()).arg(rig.socket()).arg("1000").output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("already listens"));
    rig.client().status().unwrap();
}

#[test]
fn an_older_epoch_is_refused_also_after_a_restart() {
    let mut rig = Rig::start();
    let release = rig.seal(1, &[("web", worker("exec sleep 1000"))]);
    rig.client().stage(at(5), release.clone()).unwrap();
    rig.end_agent(Signal::KILL);
    rig.start_agent();
    let stale = |result: Result<(), ClientError>| match result {
        Err(ClientError::StaleEpoch { seen }) => assert_eq!(seen, Epoch(5)),
        other => panic!("not refused: {other:?}"),
    };
    stale(rig.client().stage(at(4), release.clone()));
    stale(rig.client().start(at(4), release.clone(), vec![name("web")]).map(drop));
    stale(rig.client().stop(at(4), ReleaseNumber(1), vec![]));
    stale(rig.client().remove(at(4), vec![ReleaseNumber(1)]));
    stale(
        rig.client()
            .run(
                at(4),
                release.clone(),
                name("web"),
                "true".into(),
                "key".into(),
                sternway_core::time::Millis(1000),
                None,
            )
            .map(drop),
    );
    rig.client().start(at(5), release, vec![name("web")]).unwrap();
    assert_eq!(rig.client().status().unwrap().epochs[&environment()], Epoch(5));
}

#[test]
fn a_torn_memory_is_mended_from_its_copy_and_said() {
    let mut rig = Rig::start();
    let before = rig.run(http());
    rig.client().stop(at(9), ReleaseNumber(77), vec![]).unwrap();
    let path = rig.state.join("agent.json");
    let whole = fs::read(&path).unwrap();
    // Each length is tried at the level of the file; here three, with whole agents.
    for length in [0, 1, whole.len() / 2] {
        rig.end_agent(Signal::KILL);
        fs::write(&path, &whole[..length]).unwrap();
        rig.start_agent();
        let status = rig.client().status().unwrap();
        assert_eq!(status.epochs[&environment()], Epoch(9), "cut to {length}");
        assert!(status.warning.unwrap().contains("agent.json"));
        assert_eq!(rig.instance().pid, before.pid);
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn it_remembers_the_head_of_the_logbook() {
    let mut rig = Rig::start();
    rig.client().witness(7, "abc").unwrap();
    rig.client().witness(5, "earlier").unwrap();
    rig.end_agent(Signal::KILL);
    rig.start_agent();
    assert_eq!(rig.client().status().unwrap().witness, Some((7, "abc".to_owned())));
    assert_eq!(failure(rig.client().witness(7, "another")).code, "S0317");
    rig.client().witness(8, "def").unwrap();
    assert_eq!(rig.client().status().unwrap().witness, Some((8, "def".to_owned())));
}

#[test]
fn quit_leaves_the_services_and_quit_all_leaves_nothing() {
    let mut rig = Rig::start();
    let instance = rig.run(http());
    rig.client().keep("part", vec!["sleep".into(), "1000".into()]).unwrap();
    let kept = until("the part runs", || rig.client().status().ok()?.kept.first()?.pid);
    rig.client().quit(false).unwrap();
    assert_eq!(rig.wait_for_agent(), Some(0));
    assert!(!rig.socket().exists());
    assert!(alive(instance.pid.unwrap()) && alive(kept));
    rig.start_agent();
    rig.client().quit(true).unwrap();
    assert_eq!(rig.wait_for_agent(), Some(0));
    assert!(!alive(instance.pid.unwrap()) && !alive(instance.shim.unwrap()) && !alive(kept));
}

#[test]
fn it_says_what_the_host_has_and_who_it_is() {
    let rig = Rig::start();
    let inventory = rig.client().inventory().unwrap();
    assert_eq!(inventory.architecture, std::env::consts::ARCH);
    assert!(inventory.disk_free > 0 && inventory.inodes_free > 0 && inventory.memory_available > 0);
    assert_eq!(inventory.kernel, fs::read_to_string("/proc/sys/kernel/osrelease").unwrap().trim());
    assert_eq!(inventory.host, fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim());
    let status = rig.client().status().unwrap();
    assert_eq!((status.pid, status.protocol), (rig.agent_pid(), VERSION));
    assert_eq!(fs::metadata(rig.socket()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_request_that_is_not_understood_is_answered_and_the_connection_goes_on() {
    let rig = Rig::start();
    let mut client = Client::connect(&rig.socket(), std::time::Duration::from_mins(1)).unwrap();
    let answer: Response = client.ask(&serde_json::json!({ "dance": { "secret": "xyzzy" } })).unwrap();
    let Response::Failed { finding } = answer else { panic!("{answer:?}") };
    assert_eq!(finding.code, "S0316");
    assert!(!format!("{finding:?}").contains("xyzzy"));
    assert!(matches!(client.ask(&Request::Status).unwrap(), Response::Status(_)));
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("long".repeat(40));
    let refused = std::process::Command::new(crate::rig::HARNESS)
        .arg("agent")
        .arg(folder.path().join("state"))
        .arg(&socket)
        .arg("1000")
        .output()
        .unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("at most 107"));
}

#[test]
fn environments_have_epochs_of_their_own() {
    let rig = Rig::start();
    rig.client().stop(at(9), ReleaseNumber(1), vec![]).unwrap();
    let staging = Lease { environment: "staging".parse().unwrap(), epoch: Epoch(1) };
    rig.client().stop(staging, ReleaseNumber(1), vec![]).unwrap();
    assert!(matches!(rig.client().stop(lease(), ReleaseNumber(1), vec![]), Err(ClientError::StaleEpoch { .. })));
}

#[test]
fn another_user_is_not_answered_even_when_the_socket_is_open_to_all() {
    use std::os::unix::process::CommandExt as _;
    if !rustix::process::geteuid().is_root() {
        // Being another user needs root; the suite of the project runs as root.
        return;
    }
    let rig = Rig::start();
    let open = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(rig.folder.path(), 0o755);
    open(rig.socket().parent().unwrap(), 0o755);
    open(&rig.socket(), 0o777);
    // A copy, since the folder of the build may not be open to all.
    let program = rig.folder.path().join("harness");
    fs::copy(crate::rig::HARNESS, &program).unwrap();
    let ask = |user: u32| {
        std::process::Command::new(&program).arg("status").arg(rig.socket()).uid(user).gid(user).output().unwrap()
    };
    assert!(ask(0).status.success());
    let refused = ask(65_534);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("Broken"), "{words}");
}
