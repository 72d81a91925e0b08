//! What a running process carries, beside what its release was sealed with.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use sternway_core::ids::ReleaseNumber;
use sternway_core::release::Ready;
use sternway_host::protocol::{Altered, Carried, InstanceId, ProcessRef};

use crate::rig::{HARNESS, Rig, SECRET, environment, failure, http, kill, name, service, until};

fn web() -> ProcessRef {
    ProcessRef::Instance(InstanceId { environment: environment(), service: name("web"), release: ReleaseNumber(1) })
}

/// What `web` carries when it is run like this.
fn carried(run: &str) -> (Rig, Carried) {
    let rig = Rig::start();
    rig.run(service(run, Ready::Http("/up".to_owned())));
    let carried = rig.client().environment(web()).unwrap();
    (rig, carried)
}

fn altered(pairs: &[(&str, Altered)]) -> BTreeMap<String, Altered> {
    pairs.iter().map(|&(key, how)| (key.to_owned(), how)).collect()
}

#[test]
fn it_is_the_environment_of_the_service_itself_and_only_there() {
    let rig = Rig::start();
    let instance = rig.run(http());
    let carried = rig.client().environment(web()).unwrap();
    assert_eq!(Some(carried.pid), instance.pid);
    assert_eq!(carried.carries.0["APP_SECRET"], SECRET);
    assert_eq!(carried.carries.0["STERNWAY_RELEASE"], "1");
    assert!(!carried.overwritten && carried.altered.is_empty(), "{carried:?}");
    assert!(!format!("{carried:?}").contains(SECRET));
}

#[test]
fn what_the_services_command_changes_is_seen() {
    let run = format!("export APP_SECRET=by-hand-instead MORE=1; exec {HARNESS} serve-http");
    let (_rig, carried) = carried(&run);
    assert_eq!(carried.altered, altered(&[("APP_SECRET", Altered::Changed), ("MORE", Altered::Added)]));
    assert_eq!(carried.carries.0["APP_SECRET"], "by-hand-instead");
}

#[test]
fn behind_a_shell_that_waits_the_service_is_found() {
    let run = format!("unset APP_SECRET; sh -c '{HARNESS} serve-http; true'; true");
    let (rig, carried) = carried(&run);
    assert_eq!(carried.altered, altered(&[("APP_SECRET", Altered::Lost)]));
    let program = fs::read_link(format!("/proc/{}/exe", carried.pid)).unwrap();
    assert_eq!(program, fs::canonicalize(HARNESS).unwrap());
    assert_ne!(Some(carried.pid), rig.instance().pid);
}

#[test]
fn what_was_altered_in_the_agents_own_notes_is_seen() {
    let rig = Rig::start();
    let before = rig.run(http());
    let spec = rig.instance_folder("web", 1).join("spec.json");
    let text = fs::read_to_string(&spec).unwrap();
    assert!(text.contains(SECRET));
    fs::write(&spec, text.replace(SECRET, "altered-by-hand")).unwrap();
    // A shim reads it when it starts: the agent starts another one.
    kill(before.shim.unwrap(), Signal::KILL);
    rig.ready_again(&before);
    let carried = rig.client().environment(web()).unwrap();
    assert_eq!(carried.altered, altered(&[("APP_SECRET", Altered::Given)]));
    assert_eq!(carried.carries.0["APP_SECRET"], "altered-by-hand");
}

#[test]
fn nothing_is_concluded_from_an_environment_that_is_not_ours() {
    let (_rig, carried) = carried(&format!("exec env -i PORT=$PORT {HARNESS} serve-http"));
    assert!(carried.overwritten && carried.altered.is_empty(), "{carried:?}");
}

#[test]
fn what_does_not_run_is_said_to_be_unknown() {
    let rig = Rig::start();
    assert_eq!(failure(rig.client().environment(web())).code, "S0318");
    let instance = rig.run(service(&format!("exec {HARNESS} serve-http"), Ready::Http("/up".to_owned())));
    kill(instance.pid.unwrap(), Signal::KILL);
    // Whenever it is asked, it is an answer about a process that runs, or none.
    let again =
        until("it runs again", || rig.client().environment(web()).ok().filter(|now| Some(now.pid) != instance.pid));
    assert_eq!(again.carries.0["APP_SECRET"], SECRET);
}

struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

#[test]
fn a_process_outside_is_found_by_its_pid_file() {
    let rig = Rig::start();
    let mut command = Command::new("sleep");
    command.arg("600").env_clear().env("LEGACY_DSN", "redis://legacy/1").stdin(Stdio::null());
    let other = Other(command.spawn().unwrap());
    let file = rig.folder.path().join("legacy.pid");
    fs::write(&file, format!("{}\n/var/lib/more\n", other.0.id())).unwrap();
    let carried = rig.client().environment(ProcessRef::PidFile(file.clone())).unwrap();
    assert_eq!((carried.pid, carried.overwritten), (other.0.id(), false));
    assert_eq!(carried.carries.0, BTreeMap::from([("LEGACY_DSN".to_owned(), "redis://legacy/1".to_owned())]));
    drop(other);
    let gone = failure(rig.client().environment(ProcessRef::PidFile(file.clone())));
    assert!(gone.message.contains("does not run"), "{gone}");
    fs::write(&file, "none\n").unwrap();
    let none = failure(rig.client().environment(ProcessRef::PidFile(file)));
    assert!(none.message.contains("holds no process id"), "{none}");
}
