//! Unpacked to where it runs.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use sternway_store::StoreError;

use crate::support::{Fixture, picture, set_mode};

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_release_is_staged_with_its_shared_paths_linked_in() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("run.sh", "#!"), ("storage/uploads/old.png", "x"), ("var/.keep", "")]);
    set_mode(&folder.join("run.sh"), 0o755);
    let release = fixture.release_with(&folder, &["storage/uploads", "data/app.db", "deep/er/down"], &[]);
    let shared = fixture.path("shared");
    fs::create_dir_all(shared.join("web/data")).unwrap();
    fs::write(shared.join("web/data/app.db"), "rows").unwrap();
    let into = fixture.path("releases/1");
    fixture.store.stage(&release, &into, &shared).unwrap();

    assert_eq!(names_in(&into), ["release.json", "web"]);
    assert_eq!(names_in(&into.join("web")), ["data", "deep", "run.sh", "storage", "var"]);
    assert_eq!(fs::metadata(into.join("web/run.sh")).unwrap().mode() & 0o777, 0o755);
    assert_eq!(fs::read_link(into.join("web/storage/uploads")).unwrap(), shared.join("web/storage/uploads"));
    assert!(shared.join("web/deep/er/down").is_dir());
    assert_eq!(fs::read(into.join("web/data/app.db")).unwrap(), b"rows");
    fs::write(into.join("web/storage/uploads/new.png"), "y").unwrap();
    assert_eq!(names_in(&shared.join("web/storage/uploads")), ["new.png"], "uploads outlive the release");
    assert_eq!(names_in(&fixture.path("releases")), ["1"], "nothing is left beside it");
}

#[test]
fn a_shared_file_is_made_by_the_service_and_outlives_releases() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "1"), ("data/app.db", "of a developer")]);
    let shared = fixture.path("shared");
    let paths = ["data/app.db", "uploads.d/", "note.txt"];
    let first = fixture.release_with(&folder, &paths, &[]);
    fixture.store.stage(&first, &fixture.path("1"), &shared).unwrap();
    // Nothing is where the file will be, and the link leads there.
    assert_eq!(names_in(&shared.join("web")), ["data", "uploads.d"]);
    let file = fixture.path("1").join("web/data/app.db");
    assert!(!file.exists() && file.is_symlink());
    fs::write(&file, "rows").unwrap();
    fs::write(fixture.path("1").join("web/note.txt"), "kept").unwrap();

    fs::write(folder.join("a"), "2").unwrap();
    let second = fixture.release_with(&folder, &paths, &[]);
    fixture.store.stage(&second, &fixture.path("2"), &shared).unwrap();
    assert_eq!(fs::read_to_string(fixture.path("2").join("web/data/app.db")).unwrap(), "rows");
    assert_eq!(fs::read_to_string(fixture.path("2").join("web/note.txt")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(shared.join("web/data/app.db")).unwrap(), "rows");
}

#[test]
fn what_is_shared_already_stays_what_it_is() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "1")]);
    let shared = fixture.path("shared");
    fs::create_dir_all(shared.join("web/was.folder")).unwrap();
    fs::write(shared.join("web/was.folder/inside"), "x").unwrap();
    fs::write(shared.join("web/was-a-file"), "y").unwrap();
    let release = fixture.release_with(&folder, &["was.folder", "was-a-file"], &[]);
    fixture.store.stage(&release, &fixture.path("1"), &shared).unwrap();
    assert_eq!(fs::read_to_string(fixture.path("1").join("web/was.folder/inside")).unwrap(), "x");
    assert_eq!(fs::read_to_string(fixture.path("1").join("web/was-a-file")).unwrap(), "y");
}

#[test]
fn a_service_that_writes_into_its_folder_does_not_change_the_way_back() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "as sealed")]);
    let release = fixture.release(&folder);
    let (first, second) = (fixture.path("1"), fixture.path("2"));
    fixture.store.stage(&release, &first, &fixture.path("shared")).unwrap();
    set_mode(&first.join("web/a"), 0o666);
    fs::write(first.join("web/a"), "overwritten").unwrap();
    fixture.store.verify(&release).unwrap();
    fixture.store.stage(&release, &second, &fixture.path("shared")).unwrap();
    assert_eq!(fs::read(second.join("web/a")).unwrap(), b"as sealed");
}

#[test]
fn what_is_staged_already_is_left_and_another_release_is_replaced() {
    let fixture = Fixture::new();
    let one = fixture.release(&fixture.folder("one", &[("a", "1")]));
    let two = fixture.release(&fixture.folder("two", &[("b", "2")]));
    let (into, shared) = (fixture.path("current"), fixture.path("shared"));
    fixture.store.stage(&one, &into, &shared).unwrap();
    let inode = fs::metadata(&into).unwrap().ino();
    fixture.store.stage(&one, &into, &shared).unwrap();
    assert_eq!(fs::metadata(&into).unwrap().ino(), inode);
    fixture.store.stage(&two, &into, &shared).unwrap();
    assert_eq!(names_in(&into.join("web")), ["b"]);
    assert_eq!(names_in(fixture.temp.path()), ["current", "one", "store", "two"]);
}

#[test]
fn a_folder_that_is_not_ours_is_in_the_way() {
    let fixture = Fixture::new();
    let release = fixture.release(&fixture.folder("web", &[("a", "1")]));
    let into = fixture.folder("home", &[("precious", "x")]);
    let error = fixture.store.stage(&release, &into, &fixture.path("shared")).unwrap_err();
    assert!(matches!(error, StoreError::InTheWay(_)), "{error}");
    assert_eq!(names_in(&into), ["precious"]);
    let empty = fixture.folder("empty", &[]);
    fixture.store.stage(&release, &empty, &fixture.path("shared")).unwrap();
}

#[test]
fn what_a_crashed_stage_left_behind_is_removed() {
    let fixture = Fixture::new();
    let release = fixture.release(&fixture.folder("web", &[("a", "1")]));
    fixture.folder("1.tmp-0123456789abcdef", &[("web/a", "half"), ("web/locked/", "")]);
    set_mode(&fixture.path("1.tmp-0123456789abcdef/web/locked"), 0);
    fixture.folder("10.tmp-0123456789abcdef", &[("web/a", "of another")]);
    fixture.store.stage(&release, &fixture.path("1"), &fixture.path("shared")).unwrap();
    assert_eq!(names_in(fixture.temp.path()), ["1", "10.tmp-0123456789abcdef", "store", "web"]);
}

#[test]
fn a_stage_under_way_is_not_taken_for_a_left_over() {
    let fixture = Fixture::new();
    let release = fixture.release(&fixture.folder("web", &[("a", "1")]));
    let other = fixture.folder("1.tmp-0123456789abcdef", &[("web/a", "half")]);
    let lock = fs::File::open(&other).unwrap();
    lock.lock().unwrap();
    fixture.store.stage(&release, &fixture.path("1"), &fixture.path("shared")).unwrap();
    assert!(other.join("web/a").exists());
}

#[test]
fn a_shared_path_below_a_link_is_refused() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("storage", "-> /tmp")]);
    let release = fixture.release_with(&folder, &["storage/uploads"], &[]);
    let error = fixture.store.stage(&release, &fixture.path("1"), &fixture.path("shared")).unwrap_err();
    assert!(matches!(error, StoreError::BadShared { .. }), "{error}");
    assert!(!fixture.path("1").exists());
}

#[test]
fn the_size_is_what_staging_takes() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a/b", "1"), ("c", &"x".repeat(5000)), ("d", "-> c")]);
    let release = fixture.release(&folder);
    let size = fixture.store.size(&release).unwrap();
    // release.json, its folder, the service's folder; a, a/b, c (two blocks), d.
    assert_eq!((size.inodes, size.bytes), (7, 8 * 4096));
}

/// A random folder: names of odd bytes, modes, links, empty and deep folders.
#[derive(Debug, Clone)]
enum Thing {
    File(Vec<u8>, u32),
    Link(Vec<u8>),
    Folder(Vec<(Vec<u8>, Self)>, u32),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => b'a'..=b'c',
        1 => any::<u8>().prop_filter("no name holds / or NUL", |&byte| byte != b'/' && byte != 0),
    ];
    vec(byte, 1..6).prop_filter("not . or ..", |name| name != b"." && name != b"..")
}

fn things() -> impl Strategy<Value = Vec<(Vec<u8>, Thing)>> {
    // The owner may read and enter, so that the test passes for users other than root.
    let file = (vec(any::<u8>(), 0..40), 0..0o1000u32).prop_map(|(content, mode)| Thing::File(content, mode | 0o400));
    let target = vec(any::<u8>().prop_filter("no NUL", |&byte| byte != 0), 1..20);
    let leaf = prop_oneof![4 => file, 1 => target.prop_map(Thing::Link)];
    let thing = leaf.prop_recursive(5, 24, 5, |inner| {
        (btree_map(name(), inner, 0..5), 0..0o1000u32)
            .prop_map(|(things, mode)| Thing::Folder(things.into_iter().collect(), mode | 0o500))
    });
    btree_map(name(), thing, 0..6).prop_map(|things| things.into_iter().collect())
}

fn make(folder: &Path, things: &[(Vec<u8>, Thing)]) {
    use std::os::unix::ffi::OsStrExt as _;
    for (name, thing) in things {
        let path = folder.join(std::ffi::OsStr::from_bytes(name));
        match thing {
            Thing::File(content, mode) => {
                fs::write(&path, content).unwrap();
                set_mode(&path, *mode);
            }
            Thing::Link(target) => std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), &path).unwrap(),
            Thing::Folder(inner, mode) => {
                fs::create_dir(&path).unwrap();
                make(&path, inner);
                set_mode(&path, *mode);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_folder_comes_back_as_it_was(things in things()) {
        let fixture = Fixture::new();
        let (first, second) = (fixture.folder("first", &[]), fixture.folder("second", &[]));
        make(&first, &things);
        let backwards: Vec<_> = things.iter().rev().cloned().collect();
        make(&second, &backwards);
        let release = fixture.release(&first);
        prop_assert_eq!(&fixture.release(&second), &release);
        fixture.store.stage(&release, &fixture.path("stage"), &fixture.path("shared")).unwrap();
        prop_assert_eq!(picture(&fixture.path("stage/web")), picture(&first));
        prop_assert!(fixture.store.verify(&release).is_ok());
    }
}
