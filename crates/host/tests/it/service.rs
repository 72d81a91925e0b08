//! A service's life: started, ready, stopped; and each way in which that fails.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use rustix::process::Signal;
use sternway_core::ids::ReleaseNumber;
use sternway_core::release::{Ready, ServiceKind, ServiceSpec};
use sternway_core::time::Millis;
use sternway_host::protocol::{InstanceId, InstanceState};

use crate::rig::{HARNESS, Rig, SECRET, alive, environment, failure, http, kill, lease, name, service, until, worker};

fn get(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_gets_ready_with_a_clean_environment_of_its_own() {
    let rig = Rig::start();
    let instance = rig.run(http());
    assert_eq!(instance.state, InstanceState::Ready);
    let address = instance.address.unwrap();
    let answer = get(&address);
    let port = address.rsplit_once(':').unwrap().1;
    let folder = rig.state.canonicalize().unwrap().join("staged/production/r1/web");
    for expected in [
        format!("PORT={port}\n"),
        "STERNWAY_RELEASE=1\n".to_owned(),
        "STERNWAY_ENVIRONMENT=production\n".to_owned(),
        "STERNWAY_SERVICE=web\n".to_owned(),
        format!("APP_SECRET={SECRET}\n"),
        "TZ=Europe/Berlin\n".to_owned(),
        format!("PWD={}\n", folder.display()),
    ] {
        assert!(answer.contains(&expected), "{expected} is not in {answer}");
    }
    assert!(!answer.contains("UNRELATED"), "{answer}");
    let spec = rig.instance_folder("web", 1).join("spec.json");
    assert_eq!(fs::metadata(&spec).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&rig.state).unwrap().permissions().mode() & 0o777, 0o700);
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert!(!alive(instance.pid.unwrap()) && !alive(instance.shim.unwrap()));
    assert!(!spec.exists(), "configuration values stay behind");
    assert!(rig.client().status().unwrap().instances.is_empty());
}

#[test]
fn it_is_started_once_and_stopped_once_however_often_asked() {
    let rig = Rig::start();
    let before = rig.run(http());
    let release = rig.stage(1, &[("web", http())]);
    let addresses = rig.client().start(lease(), release.clone(), vec![name("web")]).unwrap();
    assert_eq!(addresses[&name("web")], before.address.clone().unwrap());
    assert_eq!(rig.instance().pid, before.pid);
    for _ in 0..2 {
        rig.client().stop(lease(), ReleaseNumber(1), vec![name("web")]).unwrap();
        assert!(!alive(before.pid.unwrap()));
    }
    // What never ran is as stopped as can be.
    rig.client().stop(lease(), ReleaseNumber(77), vec![]).unwrap();
    // And what was stopped starts again.
    rig.client().start(lease(), release, vec![name("web")]).unwrap();
    assert_eq!(rig.instance().state, InstanceState::Ready);
}

#[test]
fn several_services_start_together_or_not_at_all() {
    let rig = Rig::start();
    let good = rig.stage(1, &[("web", http()), ("worker", worker("exec sleep 1000"))]);
    let addresses = rig.client().start(lease(), good, vec![name("web"), name("worker")]).unwrap();
    assert_eq!(addresses.into_keys().collect::<Vec<_>>(), [name("web")]);
    let before = rig.client().status().unwrap().instances;
    assert_eq!(before.len(), 2);
    // The bad one of two: the good one of the same request is stopped, what ran before goes on.
    let failing = ServiceSpec { ready: Ready::Alive(Millis::from_secs(40)), ..worker("exit 3") };
    let bad = rig.stage(2, &[("web", http()), ("worker", failing)]);
    let finding = failure(rig.client().start(lease(), bad, vec![name("web"), name("worker")]));
    assert_eq!(finding.code, "S0302", "{finding}");
    assert_eq!(rig.client().status().unwrap().instances, before);
}

#[test]
fn a_failure_does_not_wait_for_the_other_services_of_its_request() {
    let rig = Rig::start();
    // Without giving up, the first one's own finding would come a minute later and be told instead.
    let never = service("exec sleep 1000", Ready::Tcp);
    let failing = ServiceSpec { ready: Ready::Alive(Millis::from_secs(60)), ..worker("exit 3") };
    let release = rig.stage(1, &[("web", never), ("worker", failing)]);
    let finding = failure(rig.client().start(lease(), release, vec![name("web"), name("worker")]));
    assert_eq!((finding.code.as_str(), finding.subject.as_str()), ("S0302", "worker"));
    assert!(rig.client().status().unwrap().instances.is_empty());
}

#[test]
fn never_ready_is_told_with_what_was_seen_and_nothing_stays() {
    let rig = Rig::start();
    let spec = ServiceSpec { ready: Ready::Http("/broken".to_owned()), ready_within: Millis(500), ..http() };
    let finding = rig.fails(spec);
    assert_eq!(finding.code, "S0301");
    assert!(finding.message.contains("GET /broken answered with status 500"), "{finding}");
    assert!(finding.message.contains("listening on"), "its last lines are missing: {finding}");
    assert!(!finding.hint.is_empty());
    assert!(rig.client().status().unwrap().instances.is_empty());
}

#[test]
fn an_early_end_fails_at_once_with_its_last_lines_but_no_secret() {
    let rig = Rig::start();
    let finding = rig.fails(service("echo cannot log in with $APP_SECRET >&2; exit 7", Ready::Tcp));
    assert_eq!(finding.code, "S0302");
    assert!(finding.message.contains("exit status 7"), "{finding}");
    assert!(finding.message.contains("cannot log in with [hidden]"), "{finding}");
    assert!(!serde_json::to_string(&finding).unwrap().contains(SECRET));
    // A tail shows the log, also without the secret.
    let id = InstanceId { environment: environment(), service: name("web"), release: ReleaseNumber(1) };
    let tail = rig.client().tail(id, 20).unwrap();
    assert!(tail.iter().any(|line| line.contains("cannot log in with [hidden]")), "{tail:?}");
}

#[test]
fn what_ignores_sigterm_is_killed_after_the_grace_with_its_children() {
    let rig = Rig::start();
    let spec = ServiceSpec {
        grace: Millis(300),
        ..worker("trap '' TERM; sleep 1000 & echo child $! >children; while :; do sleep 1000; done")
    };
    let instance = rig.run(spec);
    let children = rig.state.join("staged/production/r1/web/children");
    let child = until("the child's number", || {
        fs::read_to_string(&children).ok()?.trim().strip_prefix("child ")?.parse::<u32>().ok()
    });
    assert!(alive(child));
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert!(!alive(child) && !alive(instance.pid.unwrap()));
}

#[test]
fn what_is_started_while_it_is_being_stopped_runs_in_the_end() {
    let rig = Rig::start();
    let spec = ServiceSpec { grace: Millis(100), ..worker("trap '' TERM; while :; do sleep 0.01; done") };
    let release = rig.stage(1, &[("web", spec)]);
    let start = || rig.client().start(lease(), release.clone(), vec![name("web")]).unwrap();
    start();
    for _ in 0..8 {
        let before = rig.instance();
        thread::scope(|scope| {
            scope.spawn(|| rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap());
            until("it is being stopped", || (rig.instance().state == InstanceState::Stopping).then_some(()));
            // What a killed shim leaves behind is looked for until it is gone: who still looks must not find the new one.
            kill(before.shim.unwrap(), Signal::KILL);
            start();
        });
        let now = rig.instance();
        assert_eq!(now.state, InstanceState::Ready);
        assert!(now.pid != before.pid && now.restarts == 0 && alive(now.pid.unwrap()), "{now:?}");
    }
}

#[test]
fn what_ends_well_gets_its_grace() {
    let rig = Rig::start();
    // The trap's own command appears during the grace and must not be told to end.
    rig.run(worker(
        "trap 'sleep 0.3 && echo well >ended; exit 0' TERM; echo ready >ready; while :; do sleep 0.02; done",
    ));
    let folder = rig.state.join("staged/production/r1/web");
    until("the trap is set", || folder.join("ready").exists().then_some(()));
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert_eq!(fs::read_to_string(folder.join("ended")).unwrap(), "well\n");
}

#[test]
fn descendants_in_other_sessions_are_told_to_end_too() {
    let rig = Rig::start();
    rig.run(worker(
        "setsid sh -c 'trap \"echo well >ended; exit 0\" TERM; touch ready; while :; do sleep 0.02; done' & exec sleep 1000",
    ));
    let folder = rig.state.join("staged/production/r1/web");
    until("the trap is set", || folder.join("ready").exists().then_some(()));
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert_eq!(fs::read_to_string(folder.join("ended")).unwrap(), "well\n");
}

#[test]
fn a_daemon_is_told_to_stay_in_the_foreground_and_does_not_stay_behind() {
    let rig = Rig::start();
    let spec = ServiceSpec {
        grace: Millis(300),
        ..service(
            "setsid sh -c 'echo $$ >pid; trap \"\" TERM; while :; do sleep 1000; done' & while ! [ -s pid ]; do sleep 0.01; done; exit 0",
            Ready::Tcp,
        )
    };
    let finding = rig.fails(spec);
    assert_eq!(finding.code, "S0305", "{finding}");
    assert!(finding.hint.contains("foreground"));
    let pid: u32 = fs::read_to_string(rig.state.join("staged/production/r1/web/pid")).unwrap().trim().parse().unwrap();
    assert!(!alive(pid));
}

#[test]
fn a_fixed_port_in_use_is_named_before_anything_starts() {
    let rig = Rig::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let finding = rig.fails(ServiceSpec { port: Some(port), ..http() });
    assert_eq!(finding.code, "S0303");
    assert!(finding.message.contains(&port.to_string()), "{finding}");
}

#[test]
fn a_fixed_port_is_used_when_it_is_free() {
    let rig = Rig::start();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(rig.run(ServiceSpec { port: Some(port), ..http() }).address.unwrap(), format!("127.0.0.1:{port}"));
}

#[test]
fn when_somebody_takes_the_chosen_port_another_one_is_tried() {
    let rig = Rig::start();
    // The first start finds its port taken, as if somebody had been faster; the second one runs.
    let run =
        format!("[ -e tried ] || {{ touch tried; echo Address already in use; exit 98; }}; exec {HARNESS} serve-http");
    let instance = rig.run(service(&run, Ready::Http("/up".to_owned())));
    assert_eq!((instance.state, instance.restarts), (InstanceState::Ready, 0));
    assert!(rig.state.join("staged/production/r1/web/tried").exists());
}

#[test]
fn what_ends_by_itself_comes_back_on_the_same_port() {
    let rig = Rig::start();
    let before = rig.run(http());
    for restarts in 1..=3 {
        let now = rig.instance();
        kill(now.pid.unwrap(), Signal::KILL);
        let again = rig.ready_again(&now);
        assert_eq!((again.restarts, &again.address, again.shim), (restarts, &before.address, before.shim));
    }
    let last = rig.instance();
    let folder = rig.instance_folder("web", 1);
    let log = fs::read_to_string(folder.join("out.log")).unwrap();
    assert_eq!(log.matches("killed by signal 9").count(), 3, "{log}");
    assert!(alive(last.pid.unwrap()));
}

#[test]
fn what_it_leaves_behind_is_ended_before_it_is_started_again() {
    let rig = Rig::start();
    let spec = ServiceSpec {
        grace: Millis(300),
        ..worker("setsid sh -c 'trap \"\" TERM; echo $$ >>left; while :; do sleep 1000; done' & exec sleep 1000")
    };
    let before = rig.run(spec);
    let left = rig.state.join("staged/production/r1/web/left");
    let number = |line| until("a number", || fs::read_to_string(&left).ok()?.lines().nth(line)?.parse::<u32>().ok());
    let first = number(0);
    kill(before.pid.unwrap(), Signal::KILL);
    let second = number(1);
    assert!(!alive(first) && alive(second));
}

#[test]
fn a_crash_loop_shows_as_backing_off_and_can_be_stopped() {
    let rig = Rig::start();
    // Ready at first, then it never starts again.
    let instance = rig.run(worker("[ -e once ] && exit 9; touch once; exec sleep 1000"));
    kill(instance.pid.unwrap(), Signal::KILL);
    until("it backs off", || {
        let instance = rig.instance();
        matches!(&instance.state, InstanceState::BackingOff { ended, .. } if ended == "exit status 9").then_some(())
    });
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert!(rig.client().status().unwrap().instances.is_empty());
    assert!(!alive(instance.shim.unwrap()));
}

#[test]
fn a_job_runs_to_its_end_and_is_not_repeated() {
    let rig = Rig::start();
    let job = |run: &str| ServiceSpec { kind: ServiceKind::Job, ..service(run, Ready::Alive(Millis(0))) };
    let release = rig.stage(1, &[("migrate", job("echo once >>ran"))]);
    for _ in 0..2 {
        rig.client().start(lease(), release.clone(), vec![name("migrate")]).unwrap();
    }
    assert_eq!(fs::read_to_string(rig.state.join("staged/production/r1/migrate/ran")).unwrap(), "once\n");
    assert!(matches!(&rig.instance().state, InstanceState::Ended { ended } if ended == "exit status 0"));
    let bad = rig.stage(2, &[("migrate", job("echo no such table; exit 4"))]);
    let finding = failure(rig.client().start(lease(), bad, vec![name("migrate")]));
    assert_eq!(finding.code, "S0308");
    assert!(finding.message.contains("no such table"), "{finding}");
}

#[test]
fn the_log_is_rotated_and_the_tail_crosses_files() {
    let rig = Rig::with_log_bytes(2000);
    rig.run(worker("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; echo end >done; exec sleep 1000"));
    let folder = rig.instance_folder("web", 1);
    let id = InstanceId { environment: environment(), service: name("web"), release: ReleaseNumber(1) };
    let tail = until("the last line", || {
        let tail = rig.client().tail(id.clone(), 60).unwrap();
        tail.last()?.ends_with("out line 299").then_some(tail)
    });
    assert_eq!(tail.len(), 60);
    assert!(tail[0].ends_with("out line 240"), "{tail:?}");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("out.log"))
        .map(|entry| entry.metadata().unwrap().len())
        .collect();
    files.sort_unstable();
    assert_eq!(files.len(), 3);
    assert!(files[2] <= 2000, "{files:?}");
}
