//! kill -9 of everything, at any time.

use std::fs;

use rustix::process::Signal;
use sternway_core::ids::ReleaseNumber;
use sternway_core::release::Ready;
use sternway_core::time::Millis;
use sternway_host::protocol::InstanceState;

use crate::rig::{Rig, alive, http, kill, lease, name, service, until, worker};

#[test]
fn services_outlive_the_agent_and_the_next_one_finds_them() {
    for signal in [Signal::KILL, Signal::TERM] {
        let mut rig = Rig::start();
        let before = rig.run(http());
        rig.end_agent(signal);
        assert!(alive(before.pid.unwrap()) && alive(before.shim.unwrap()));
        rig.start_agent();
        let after = until("the instance is seen ready", || {
            let instance = rig.instance();
            (instance.state == InstanceState::Ready).then_some(instance)
        });
        assert_eq!(after, before, "after {signal:?}");
        rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
        assert!(!alive(before.pid.unwrap()) && !alive(before.shim.unwrap()));
    }
}

#[test]
fn a_service_that_dies_while_no_agent_lives_is_back_before_the_agent_is() {
    let mut rig = Rig::start();
    let before = rig.run(worker("echo $$ >>pids; exec sleep 1000"));
    rig.end_agent(Signal::KILL);
    kill(before.pid.unwrap(), Signal::KILL);
    let pids = rig.state.join("staged/production/r1/web/pids");
    let again: u32 = until("the second start", || fs::read_to_string(&pids).ok()?.lines().nth(1)?.parse().ok());
    rig.start_agent();
    let after = rig.instance();
    assert_eq!((after.pid, after.restarts, after.shim), (Some(again), 1, before.shim));
}

#[test]
fn a_killed_shim_is_replaced_and_its_orphans_do_not_stay() {
    let rig = Rig::start();
    let before = rig.run(http());
    kill(before.shim.unwrap(), Signal::KILL);
    let after = rig.ready_again(&before);
    assert!(!alive(before.pid.unwrap()));
    assert_ne!(after.shim, before.shim);
    assert_eq!((after.restarts, after.address), (1, before.address));
}

#[test]
fn orphans_of_a_killed_shim_are_found_in_other_sessions_too() {
    let rig = Rig::start();
    let mut spec = worker(
        "setsid sh -c 'trap \"\" TERM; echo $$ >>daemons; while :; do sleep 1000; done' & env -i sleep 1000 & exec sleep 1000",
    );
    spec.grace = Millis(300);
    let before = rig.run(spec);
    let daemons = rig.state.join("staged/production/r1/web/daemons");
    let daemon = |number: usize| -> u32 {
        until("a daemon", || fs::read_to_string(&daemons).ok()?.lines().nth(number)?.parse().ok())
    };
    let first = daemon(0);
    let without_variables = until("the process without an environment", || {
        fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<_> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
            let bare = fs::read(entry.path().join("environ")).ok()?.is_empty();
            (fields[3].parse() == Ok(before.shim?) && bare && stat.contains("(sleep)")).then_some(pid)
        })
    });
    kill(before.shim.unwrap(), Signal::KILL);
    rig.ready_again(&before);
    let second = daemon(1);
    assert!(!alive(first) && !alive(without_variables) && alive(second));
    // And when both died, whoever comes next finds and ends them.
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert!(!alive(second));
}

#[test]
fn agent_and_shim_killed_together_leave_nothing_running_twice() {
    let mut rig = Rig::start();
    let before = rig.run(http());
    rig.end_agent(Signal::KILL);
    kill(before.shim.unwrap(), Signal::KILL);
    assert!(alive(before.pid.unwrap()));
    rig.start_agent();
    rig.ready_again(&before);
    assert!(!alive(before.pid.unwrap()));
}

#[test]
fn a_stop_that_the_agent_did_not_survive_is_finished_by_the_next() {
    let mut rig = Rig::start();
    let mut spec = worker(
        "trap 'touch told; while ! [ -e go ]; do sleep 0.01; done; exit 0' TERM; touch ready; while :; do sleep 0.01; done",
    );
    spec.grace = Millis::from_secs(600);
    let before = rig.run(spec);
    let folder = rig.state.join("staged/production/r1/web");
    until("the trap", || folder.join("ready").exists().then_some(()));
    let client = rig.client();
    let stopping = std::thread::spawn(move || client.stop(lease(), ReleaseNumber(1), vec![]));
    until("the service was told", || folder.join("told").exists().then_some(()));
    rig.end_agent(Signal::KILL);
    assert!(stopping.join().unwrap().is_err());
    rig.start_agent();
    assert_eq!(rig.instance().state, InstanceState::Stopping);
    fs::write(folder.join("go"), "").unwrap();
    until("nothing runs", || rig.client().status().ok()?.instances.is_empty().then_some(()));
    assert!(!alive(before.pid.unwrap()) && !alive(before.shim.unwrap()));
}

#[test]
fn a_start_under_way_is_stopped_by_a_stop_and_blocks_nobody() {
    let rig = Rig::start();
    let release = rig.stage(1, &[("web", service("exec sleep 1000", Ready::Tcp))]);
    let client = rig.client();
    let starting = std::thread::spawn(move || client.start(lease(), release, vec![name("web")]));
    let instance = until("it is starting", || rig.client().status().ok()?.instances.into_iter().next());
    assert_eq!(instance.state, InstanceState::Starting);
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    assert_eq!(crate::rig::failure(starting.join().unwrap()).code, "S0310");
    assert!(rig.client().status().unwrap().instances.is_empty());
}

#[test]
fn an_agent_killed_in_the_middle_of_a_start_finds_what_it_started() {
    let mut rig = Rig::start();
    let release = rig.stage(
        1,
        &[(
            "web",
            service("touch started; while ! [ -e go ]; do sleep 0.01; done; exec sleep 1000", Ready::Alive(Millis(1))),
        )],
    );
    // Ready only when the port answers: never, so the start is certainly under way.
    let never = rig.stage(2, &[("web", service("touch started; exec sleep 1000", Ready::Tcp))]);
    for (release, number) in [(release, 1), (never, 2)] {
        let client = rig.client();
        let starting = std::thread::spawn(move || client.start(lease(), release, vec![name("web")]));
        until("it runs", || rig.state.join(format!("staged/production/r{number}/web/started")).exists().then_some(()));
        rig.end_agent(Signal::KILL);
        // The first one may have been ready by then.
        let _either = starting.join().unwrap();
        rig.start_agent();
        let instances = rig.client().status().unwrap().instances;
        assert!(instances.iter().any(|instance| instance.id.release == ReleaseNumber(number)), "{instances:?}");
    }
}
