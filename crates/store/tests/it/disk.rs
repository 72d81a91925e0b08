//! A full disk: a small file system in a mount namespace of its own, gone with its process.

use std::fs;
use std::path::Path;
use std::process::Command;

use sternway_store::{Store, StoreError};

use crate::support::{Fixture, child, count, told, wait_until};

/// Runs one of the tests below with a tmpfs of this size at `DISK`.
fn on_a_small_disk(test: &str, options: &str) {
    let disk = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o \"$OPTIONS\" tmpfs \"$DISK\" && exec \"$@\"";
    let inner = child(test);
    let status = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env("DISK", disk.path())
        .env("OPTIONS", options)
        .status()
        .unwrap();
    assert!(status.success());
}

fn folder_of_half_a_mebibyte(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for index in 0..32_u8 {
        fs::write(folder.join(format!("{index}")), vec![index; 16 << 10]).unwrap();
    }
}

#[test]
fn an_import_that_finds_the_disk_full_says_how_much_is_missing_and_leaves_nothing() {
    on_a_small_disk("disk::import_child", "size=384k");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn import_child() {
    let fixture = Fixture::new();
    let large = fixture.path("web");
    folder_of_half_a_mebibyte(&large);
    let disk = told("DISK");
    let store = Store::open(&disk.join("store")).unwrap();
    let error = store.import(&large, &[], &[]).unwrap_err();
    let StoreError::NoSpace { missing, .. } = &error else { panic!("{error:?}") };
    assert!((64 << 10..512 << 10).contains(missing), "{missing}");
    assert_eq!(count(&disk.join("store/tmp")), 0);
    assert_eq!(count(&disk.join("store/objects")), 0);
    let small = fixture.folder("small", &[("a", "x")]);
    store.import(&small, &[], &[]).unwrap();
}

#[test]
fn a_stage_that_finds_the_disk_full_says_how_much_is_missing_and_leaves_nothing() {
    on_a_small_disk("disk::stage_child", "size=384k");
}

#[test]
fn a_stage_that_finds_no_inodes_says_so() {
    on_a_small_disk("disk::stage_child", "size=2m,nr_inodes=16");
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn stage_child() {
    let fixture = Fixture::new();
    let large = fixture.path("web");
    folder_of_half_a_mebibyte(&large);
    let release = fixture.release(&large);
    let disk = told("DISK");
    let (into, shared) = (disk.join("staged/1"), fixture.path("shared"));
    let error = fixture.store.stage(&release, &into, &shared).unwrap_err();
    let StoreError::NoSpace { missing, inodes, .. } = &error else { panic!("{error:?}") };
    assert!(*missing > 128 << 10 || *inodes > 16, "{error}");
    assert_eq!(count(&disk.join("staged")), 0);
}

#[test]
fn a_disk_that_fills_up_while_staging_leaves_nothing() {
    on_a_small_disk("disk::filling_child", "size=2m");
}

/// The check before staging passes; then another process takes the space.
#[test]
#[ignore = "run by the test above in a process of its own"]
fn filling_child() {
    let fixture = Fixture::new();
    let disk = told("DISK");
    let folder = fixture.path("web");
    folder_of_half_a_mebibyte(&folder);
    let release = fixture.release(&folder);
    let into = disk.join("staged/1");
    let size = fixture.store.size(&release).unwrap();
    let filler = std::thread::spawn({
        let disk = disk.clone();
        move || {
            wait_until("staging", || count(&disk.join("staged")) > 0);
            let mut taken = 0;
            while fs::write(disk.join(format!("filler{taken}")), vec![1; 64 << 10]).is_ok() {
                taken += 1;
            }
        }
    });
    let result = fixture.store.stage(&release, &into, &fixture.path("shared"));
    filler.join().unwrap();
    match result {
        Err(StoreError::NoSpace { missing, .. }) => assert!(missing <= size.bytes),
        Ok(()) => assert!(into.join("web/31").exists()),
        Err(error) => panic!("{error:?}"),
    }
    assert!(count(&disk.join("staged")) <= 1);
}
