//! Sternway's own parts, kept running.

use rustix::process::Signal;
use sternway_host::client::Agent;
use sternway_host::protocol::Kept;

use crate::rig::{HARNESS, Rig, alive, failure, kill, until};

fn part(rig: &Rig) -> Kept {
    until("the part runs", || rig.client().status().ok()?.kept.into_iter().find(|kept| kept.pid.is_some()))
}

fn sleep(seconds: &str) -> Vec<String> {
    vec!["sleep".to_owned(), seconds.to_owned()]
}

#[test]
fn a_killed_part_and_a_killed_shim_come_back() {
    let mut rig = Rig::start();
    rig.client().keep("proxy-production", sleep("1000")).unwrap();
    let first = part(&rig);
    kill(first.pid.unwrap(), Signal::KILL);
    let second = until("it is back", || Some(part(&rig)).filter(|now| now.pid != first.pid));
    assert_eq!((second.restarts, second.shim), (1, first.shim));
    kill(second.shim.unwrap(), Signal::KILL);
    let third = until("it is back behind a new shim", || {
        Some(part(&rig)).filter(|now| now.shim.is_some() && now.shim != second.shim && now.pid != second.pid)
    });
    assert!(!alive(second.pid.unwrap()));
    rig.end_agent(Signal::KILL);
    rig.start_agent();
    assert_eq!(part(&rig), third);
}

#[test]
fn the_same_command_changes_nothing_and_another_replaces_it() {
    let rig = Rig::start();
    rig.client().keep("serve", sleep("1000")).unwrap();
    let first = part(&rig);
    rig.client().keep("serve", sleep("1000")).unwrap();
    assert_eq!(part(&rig), first);
    rig.client().keep("serve", sleep("2000")).unwrap();
    let second = part(&rig);
    assert_eq!(second.command, sleep("2000"));
    assert!(!alive(first.pid.unwrap()) && !alive(first.shim.unwrap()));
    for _ in 0..2 {
        rig.client().drop_kept("serve").unwrap();
        assert!(!alive(second.pid.unwrap()));
    }
    assert!(rig.client().status().unwrap().kept.is_empty());
}

#[test]
fn a_name_that_is_a_path_is_refused() {
    let rig = Rig::start();
    for name in ["../escape", "", ".."] {
        assert_eq!(failure(rig.client().keep(name, sleep("1"))).code, "S0312");
    }
    assert_eq!(failure(rig.client().keep("part", vec![])).code, "S0312");
}

#[test]
fn a_program_that_is_not_there_is_tried_again_and_can_be_dropped() {
    let rig = Rig::start();
    rig.client().keep("part", vec!["/no/such/program".to_owned()]).unwrap();
    until("it was tried again", || (rig.client().status().ok()?.kept.first()?.restarts > 1).then_some(()));
    rig.client().drop_kept("part").unwrap();
    assert!(rig.client().status().unwrap().kept.is_empty());
}

fn handing_over(rig: &Rig) -> (Vec<String>, std::path::PathBuf) {
    let socket = rig.folder.path().join("part.sock");
    (vec![HARNESS.to_owned(), "part".to_owned(), socket.to_str().unwrap().to_owned()], socket)
}

fn folders(rig: &Rig) -> usize {
    let kept = std::fs::read_dir(rig.state.join("kept")).unwrap().flatten();
    kept.filter(|entry| entry.path().join("spec.json").exists()).count()
}

#[test]
fn a_part_that_hands_over_is_replaced_and_its_end_is_not_a_crash() {
    let mut rig = Rig::start();
    let (command, socket) = handing_over(&rig);
    rig.client().keep("proxy-production", command.clone()).unwrap();
    let mut before = part(&rig);
    for round in 0..3 {
        if round == 2 {
            // What is under way is known to the next agent, too.
            rig.end_agent(Signal::KILL);
            rig.start_agent();
        }
        rig.client().replace("proxy-production", command.clone(), Some(socket.clone())).unwrap();
        let after = part(&rig);
        assert!(after.pid != before.pid && after.shim != before.shim, "{before:?} {after:?}");
        until("the old one is forgotten", || (folders(&rig) == 1).then_some(()));
        assert!(!alive(before.pid.unwrap()) && !alive(before.shim.unwrap()));
        assert_eq!(part(&rig), after);
        before = after;
    }
    kill(before.pid.unwrap(), Signal::KILL);
    until("the new one is kept like the old one", || Some(part(&rig)).filter(|now| now.pid != before.pid));
    rig.client().drop_kept("proxy-production").unwrap();
    assert_eq!((rig.client().status().unwrap().kept, folders(&rig)), (vec![], 0));
}

#[test]
fn an_agent_that_died_before_it_started_the_new_process_keeps_the_old_one() {
    let mut rig = Rig::start();
    let (command, _) = handing_over(&rig);
    rig.client().keep("proxy-production", command).unwrap();
    let before = part(&rig);
    rig.end_agent(Signal::KILL);
    std::fs::write(rig.state.join("kept/proxy-production/leaving"), "").unwrap();
    rig.start_agent();
    assert_eq!(part(&rig), before);
    kill(before.pid.unwrap(), Signal::KILL);
    until("it is started again", || Some(part(&rig)).filter(|now| now.pid != before.pid));
}

#[test]
fn a_new_process_that_does_not_take_over_is_stopped_and_the_old_one_stays() {
    let rig = Rig::start();
    let (command, socket) = handing_over(&rig);
    rig.client().keep("proxy-production", command).unwrap();
    let before = part(&rig);
    let failed = failure(rig.client().replace("proxy-production", sleep("1000"), Some(socket)));
    assert_eq!(failed.code, "S0322");
    assert_eq!((part(&rig), folders(&rig)), (before.clone(), 1));
    kill(before.pid.unwrap(), Signal::KILL);
    until("it is started again", || Some(part(&rig)).filter(|now| now.pid != before.pid));
}

#[test]
fn a_part_that_does_not_hand_over_is_stopped_and_started() {
    let rig = Rig::start();
    for _ in 0..2 {
        let before = rig.client().status().unwrap().kept;
        rig.client().replace("serve", sleep("1000"), None).unwrap();
        let after = part(&rig);
        assert!(before.iter().all(|before| !alive(before.pid.unwrap()) && before.pid != after.pid));
    }
}

#[test]
fn an_agent_becomes_another_program_with_the_same_process_id_and_everything_goes_on() {
    let rig = Rig::start();
    rig.client().keep("serve", sleep("1000")).unwrap();
    let (pid, before, since) = (rig.agent_pid(), part(&rig), rig.client().status().unwrap().since);
    assert_eq!(failure(rig.client().renew("/no/such/program".as_ref())).code, "S0322");
    assert_eq!(failure(rig.client().renew("/bin/false".as_ref())).code, "S0322");
    assert_eq!(rig.client().status().unwrap().since, since);
    rig.client().renew(HARNESS.as_ref()).unwrap();
    let after = until("it is another one", || {
        let status = Agent::connect(&rig.socket()).ok()?.status().ok()?;
        (status.since != since).then_some(status)
    });
    assert_eq!((after.pid, after.kept), (pid, vec![before.clone()]));
    kill(before.shim.unwrap(), Signal::KILL);
    until("it watches", || Some(part(&rig)).filter(|now| now.shim != before.shim));
    let entry = format!("/proc/{}", before.shim.unwrap());
    until("no zombie is left", || (!std::path::Path::new(&entry).exists()).then_some(()));
}
