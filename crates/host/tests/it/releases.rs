//! Staging, verifying and removing releases.

use std::fs;
use std::process::Command;

use sternway_core::digest::Digest;
use sternway_core::ids::ReleaseNumber;
use sternway_core::release::ReleaseRef;
use sternway_host::protocol::InstanceState;

use crate::rig::{Rig, alive, failure, lease, name, worker};

#[test]
fn a_release_is_staged_once_and_verified() {
    let rig = Rig::start();
    let release = rig.stage(3, &[("web", worker("exec sleep 1000"))]);
    assert_eq!(fs::read_to_string(rig.state.join("staged/production/r3/web/marker")).unwrap(), "release 3");
    rig.client().stage(lease(), release.clone()).unwrap();
    assert_eq!(rig.client().status().unwrap().staged, [ReleaseNumber(3)]);
    assert_eq!(rig.client().verify(release).unwrap(), "release 3".len() as u64);
}

#[test]
fn what_is_not_staged_or_not_there_is_named() {
    let rig = Rig::start();
    let sealed = rig.seal(1, &[("web", worker("exec sleep 1000"))]);
    let start =
        |release: &ReleaseRef, service| failure(rig.client().start(lease(), release.clone(), vec![name(service)]));
    assert_eq!(start(&sealed, "web").code, "S0304");
    rig.client().stage(lease(), sealed.clone()).unwrap();
    assert_eq!(start(&sealed, "other").code, "S0304");
    let unknown = ReleaseRef { number: ReleaseNumber(1), digest: Digest::of(b"unknown") };
    assert_eq!(start(&unknown, "web").code, "S0304");
    assert_eq!(failure(rig.client().verify(unknown.clone())).code, "S0315");
    assert_eq!(failure(rig.client().stage(lease(), ReleaseRef { number: ReleaseNumber(9), ..unknown })).code, "S0315");
}

#[test]
fn a_damaged_release_is_no_way_back() {
    let rig = Rig::start();
    let release = rig.stage(1, &[("web", worker("exec sleep 1000"))]);
    let object = Digest::of(b"release 1");
    let (first, rest) = object.hex().split_at(2);
    let path = rig.state.join("store/objects").join(first).join(rest);
    fs::remove_file(&path).unwrap();
    fs::write(&path, "release X").unwrap();
    let finding = failure(rig.client().verify(release));
    assert_eq!(finding.code, "S0315");
    assert!(!finding.hint.is_empty());
}

#[test]
fn a_running_release_is_not_removed_and_a_removed_one_leaves_nothing() {
    let rig = Rig::start();
    let kept = rig.stage(2, &[("web", worker("exec sleep 2000"))]);
    rig.run(worker("exec sleep 1000"));
    assert_eq!(failure(rig.client().remove(lease(), vec![ReleaseNumber(2), ReleaseNumber(1)])).code, "S0309");
    assert_eq!(rig.client().status().unwrap().staged, [ReleaseNumber(1), ReleaseNumber(2)], "something was removed");
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    for _ in 0..2 {
        rig.client().remove(lease(), vec![ReleaseNumber(1)]).unwrap();
    }
    assert_eq!(rig.client().status().unwrap().staged, [ReleaseNumber(2)]);
    assert_eq!(rig.store().list().unwrap(), [kept.digest]);
    assert!(!rig.instance_folder("web", 1).exists());
}

#[test]
fn a_release_under_another_ones_number_does_not_replace_it_while_it_runs() {
    let rig = Rig::start();
    rig.run(worker("exec sleep 1000"));
    let other = rig.seal(1, &[("web", worker("exec sleep 2000"))]);
    assert_eq!(failure(rig.client().stage(lease(), other.clone())).code, "S0309");
    rig.client().stop(lease(), ReleaseNumber(1), vec![]).unwrap();
    rig.client().stage(lease(), other.clone()).unwrap();
    rig.client().start(lease(), other.clone(), vec![name("web")]).unwrap();
    assert_eq!(rig.instance().digest, other.digest);
}

/// A file system of its own, so small that it can be filled.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_does_not_prevent_going_back() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let disk = Tmpfs::mount("16m").unwrap();
    let rig = Rig::at(tempfile::tempdir().unwrap(), disk.0.path().join("state"), 1 << 20);
    let back = rig.stage(2, &[("web", worker("exec sleep 2000"))]);
    let before = rig.run(worker("exec sleep 1000"));
    let full = fs::write(disk.0.path().join("ballast"), vec![0; 16 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    // Another holder of the lease starts the earlier release and stops this one, all of which must be written down.
    let lease = sternway_host::protocol::Lease { epoch: sternway_core::ids::Epoch(2), ..lease() };
    rig.client().start(lease.clone(), back, vec![name("web")]).unwrap();
    rig.client().stop(lease, ReleaseNumber(1), vec![]).unwrap();
    let after = rig.instance();
    assert_eq!((after.id.release, after.state), (ReleaseNumber(2), InstanceState::Ready));
    assert!(!alive(before.pid.unwrap()));
    drop(rig);
    drop(disk);
}

#[test]
fn a_full_disk_while_staging_leaves_nothing_half_staged_and_other_services_alone() {
    if !rustix::process::geteuid().is_root() {
        // Mounting needs root; the suite of the project runs as root.
        return;
    }
    let disk = Tmpfs::mount("12m").unwrap();
    let rig = Rig::at(tempfile::tempdir().unwrap(), disk.0.path().join("state"), 1 << 20);
    let before = rig.run(worker("exec sleep 1000"));
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("big"), vec![7; 3 << 20]).unwrap();
    let big = rig.seal_folder(2, &[("web", worker("exec sleep 1000"))], source.path());
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![0; 3 << 20]).unwrap();
    let finding = failure(rig.client().stage(lease(), big.clone()));
    assert_eq!(finding.code, "S0307", "{finding}");
    let left: Vec<_> =
        fs::read_dir(rig.state.join("staged/production")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["r1"]);
    assert_eq!(rig.instance(), before);
    fs::remove_file(ballast).unwrap();
    rig.client().stage(lease(), big).unwrap();
    drop(rig);
    drop(disk);
}
