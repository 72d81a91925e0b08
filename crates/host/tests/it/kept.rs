//! Sternway's own parts, kept running.

use rustix::process::Signal;
use sternway_host::protocol::Kept;

use crate::rig::{Rig, alive, failure, kill, until};

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
