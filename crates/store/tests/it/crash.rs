//! Killed in the middle, and several processes at once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sternway_store::{Store, StoreError};

use crate::support::{Fixture, child, count, picture, sealable, told, wait_until};

fn many(fixture: &Fixture, name: &str, files: usize) -> PathBuf {
    let folder = fixture.folder(name, &[]);
    for index in 0..files {
        fs::create_dir_all(folder.join(format!("{}", index % 10))).unwrap();
        fs::write(folder.join(format!("{}/{index}", index % 10)), format!("content {index} ").repeat(100)).unwrap();
    }
    folder
}

/// Names in all folders of work under way.
fn under_way(parent: &Path, prefix: &str) -> usize {
    let Ok(entries) = fs::read_dir(parent) else { return 0 };
    let ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(prefix));
    entries.flatten().filter(|entry| ours(&entry.file_name())).map(|entry| count(&entry.path())).sum()
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn import_child() {
    Store::open(&told("STORE")).unwrap().import(&told("FOLDER"), &[], &[]).unwrap();
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn stage_child() {
    let store = Store::open(&told("STORE")).unwrap();
    let release = store.list().unwrap().remove(0);
    store.stage(&release, &told("INTO"), &told("SHARED")).unwrap();
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn seal_child() {
    let store = Store::open(&told("STORE")).unwrap();
    let tree = store.import(&told("FOLDER"), &[], &[]).unwrap().digest;
    let (content, values) = sealable(&tree, &[], &[("KEY", "value")]);
    store.seal(&content, &values).unwrap();
}

/// Seals one release again and again, each time with other facts.
#[test]
#[ignore = "run by the tests below in a process of its own"]
fn facts_child() {
    let store = Store::open(&told("STORE")).unwrap();
    let tree = store.import(&told("FOLDER"), &[], &[]).unwrap().digest;
    for round in 0_u32.. {
        // Now and then another release, so that a death falls into a first seal, too.
        let (content, values) = sealable(&tree, &[], &[(&format!("KEY_{}", round / 20), "value")]);
        store.seal_with_facts(&content, &values, &large(round)).unwrap();
    }
}

/// Facts that are more than one write.
fn large(round: u32) -> serde_json::Value {
    serde_json::json!({ "round": round, "text": round.to_string().repeat(20_000) })
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn remove_child() {
    let store = Store::open(&told("STORE")).unwrap();
    let unknown = sternway_core::digest::Digest::of(b"unknown");
    for _ in 0..20 {
        store.remove(std::slice::from_ref(&unknown)).unwrap();
    }
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn work_child() {
    let store = Store::open(&told("STORE")).unwrap();
    let tree = store.import(&told("FOLDER"), &[], &[]).unwrap().digest;
    let folder = store.temporary_folder().unwrap();
    store.unpack(&tree, &folder.path().join("web")).unwrap();
    fs::write(folder.path().join("ready"), "").unwrap();
    std::thread::park();
}

#[test]
fn a_temporary_folder_goes_with_its_owner_or_with_the_next_who_opens_the_store() {
    let fixture = Fixture::new();
    let folder = many(&fixture, "web", 20);
    let mut process =
        child("crash::work_child").env("STORE", fixture.path("store")).env("FOLDER", &folder).spawn().unwrap();
    let temp = fixture.path("store/tmp");
    let ready =
        || fs::read_dir(&temp).is_ok_and(|entries| entries.flatten().any(|one| one.path().join("ready").exists()));
    wait_until("it works there", ready);
    Store::open(&fixture.path("store")).unwrap();
    assert_eq!(count(&temp), 1, "what is in use stays");
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(count(&temp), 1, "killed in the middle");
    let store = Store::open(&fixture.path("store")).unwrap();
    assert_eq!(count(&temp), 0, "what was left is gone");
    drop(store.temporary_folder().unwrap());
    assert_eq!(count(&temp), 0, "what ended well left nothing");
}

#[test]
fn an_import_that_is_killed_leaves_a_usable_store() {
    let fixture = Fixture::new();
    let folder = many(&fixture, "web", 200);
    // A file that takes longer to read than this test waits: the child is always killed in the middle.
    let endless = folder.join("endless");
    File::create(&endless).unwrap().set_len(1 << 36).unwrap();
    let mut process =
        child("crash::import_child").env("STORE", fixture.path("store")).env("FOLDER", &folder).spawn().unwrap();
    let temp = fixture.path("store/tmp");
    wait_until("100 objects are under way", || under_way(&temp, "import-") >= 100);
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(under_way(&temp, "import-") >= 100, "killed in the middle");
    assert_eq!(fixture.objects().len(), 0, "nothing that is not durable is in its place");

    let store = Store::open(&fixture.path("store")).unwrap();
    assert_eq!(count(&temp), 0, "what was left is gone");
    fs::remove_file(endless).unwrap();
    let release = fixture.release(&folder);
    store.verify(&release).unwrap();
}

#[test]
fn an_import_that_is_killed_while_objects_move_is_finished_by_the_next() {
    for objects in [1, 40, 150] {
        let fixture = Fixture::new();
        let folder = many(&fixture, "web", 200);
        let mut process =
            child("crash::import_child").env("STORE", fixture.path("store")).env("FOLDER", &folder).spawn().unwrap();
        let places = fixture.path("store/objects");
        wait_until("objects are moving", || {
            let folders = fs::read_dir(&places).into_iter().flatten().flatten();
            folders.map(|folder| count(&folder.path())).sum::<usize>() >= objects
        });
        process.kill().unwrap();
        process.wait().unwrap();
        Store::open(&fixture.path("store")).unwrap();
        let release = fixture.release(&folder);
        fixture.store.verify(&release).unwrap();
        assert_eq!(fixture.objects().len(), 200);
    }
}

#[test]
fn a_stage_that_is_killed_is_complete_or_not_there() {
    let fixture = Fixture::new();
    let folder = many(&fixture, "web", 300);
    let release = fixture.release(&folder);
    let (into, shared) = (fixture.path("staged/1"), fixture.path("shared"));
    fs::create_dir(fixture.path("staged")).unwrap();
    for _ in 0..5 {
        let mut process = child("crash::stage_child")
            .env("STORE", fixture.path("store"))
            .env("INTO", &into)
            .env("SHARED", &shared)
            .spawn()
            .unwrap();
        wait_until("staging", || under_way(&fixture.path("staged"), "1.tmp-") > 0 || into.exists());
        process.kill().unwrap();
        process.wait().unwrap();
        if into.exists() {
            assert_eq!(picture(&into.join("web")), picture(&folder));
            fs::remove_dir_all(&into).unwrap();
        }
    }
    fixture.store.stage(&release, &into, &shared).unwrap();
    assert_eq!(picture(&into.join("web")), picture(&folder));
    assert_eq!(count(&fixture.path("staged")), 1);
}

#[test]
fn a_death_while_facts_are_sealed_leaves_them_whole() {
    let fixture = Fixture::new();
    let folder = many(&fixture, "web", 3);
    for death in 0..12 {
        let mut process =
            child("crash::facts_child").env("STORE", fixture.path("store")).env("FOLDER", &folder).spawn().unwrap();
        let temp = fixture.path("store/tmp");
        let (mut seen, mut rounds) = (false, 0);
        wait_until("it seals", || {
            // At another moment each time: while facts are written beside their place, or a release is.
            rounds += 1;
            seen |= under_way(&temp, if death % 2 == 0 { "facts-" } else { "seal-" }) > 0;
            seen && rounds > death * 40
        });
        process.kill().unwrap();
        process.wait().unwrap();
        let store = Store::open(&fixture.path("store")).unwrap();
        assert_eq!(count(&temp), 0, "what was left is gone");
        let releases = store.list().unwrap();
        assert!(!releases.is_empty());
        for release in releases {
            store.values(&release).unwrap();
            let facts = store.facts(&release).unwrap().expect("sealed with facts");
            let round = u32::try_from(facts["round"].as_u64().unwrap()).unwrap();
            assert_eq!(facts, large(round), "neither half of one nor parts of two");
        }
    }
}

#[test]
fn processes_that_import_seal_and_remove_at_once_do_not_disturb_each_other() {
    let fixture = Fixture::new();
    let folder = many(&fixture, "web", 100);
    let start = |test| child(test).env("STORE", fixture.path("store")).env("FOLDER", &folder).spawn().unwrap();
    let processes = ["crash::seal_child", "crash::seal_child", "crash::remove_child", "crash::seal_child"].map(start);
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let [release] = fixture.store.list().unwrap().try_into().unwrap();
    fixture.store.verify(&release).unwrap();
    assert_eq!(fixture.objects().len(), 100);
    assert_eq!(count(&fixture.path("store/tmp")), 0);
}

#[test]
fn what_is_being_imported_is_not_removed() {
    let fixture = Fixture::new();
    let store = fixture.store.clone().with_grace(Duration::ZERO);
    let release = fixture.release(&many(&fixture, "web", 5));
    // As an import or a stage holds it.
    let lock = File::open(fixture.path("store/lock")).unwrap();
    lock.lock_shared().unwrap();
    let other = store.clone();
    let named = release.clone();
    let removal = std::thread::spawn(move || other.remove(&[named]));
    // The remover blocks on the lock; until it is let go everything stays readable.
    wait_until("the remover waits for the lock", || {
        fs::read_to_string("/proc/locks")
            .unwrap()
            .lines()
            .any(|line| line.contains("->") && line.contains(&inode(&fixture)))
    });
    store.verify(&release).unwrap();
    drop(lock);
    removal.join().unwrap().unwrap();
    assert!(matches!(store.content(&release), Err(StoreError::NoRelease(_))));
}

fn inode(fixture: &Fixture) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!(":{} ", fs::metadata(fixture.path("store/lock")).unwrap().ino())
}
