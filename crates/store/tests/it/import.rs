//! What goes in, and as what.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use sternway_store::StoreError;

use crate::support::{Fixture, fill, owned, picture, set_mode};

const SHOP: &[(&str, &str)] = &[
    ("index.php", "<?php"),
    ("vendor/autoload.php", "<?php // made"),
    ("public/app.css", "body{}"),
    ("public/link", "-> ../index.php"),
    ("var/cache/", ""),
];

#[test]
fn the_digest_depends_on_names_modes_and_contents_alone() {
    let fixture = Fixture::new();
    let first = fixture.folder("a", SHOP);
    let mut backwards = SHOP.to_vec();
    backwards.reverse();
    let second = fixture.folder("somewhere/else", &backwards);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::open(second.join("index.php")).unwrap().set_modified(long_ago).unwrap();

    let digest = |folder| fixture.store.import(folder, &[], &[]).unwrap().digest;
    let before = digest(&first);
    assert_eq!(digest(&second), before);
    set_mode(&second, 0o700);
    assert_eq!(digest(&second), before, "the folder's own mode is where it stands, not what it is");

    let undo_and_check = |what: &str, change: &dyn Fn(), undo: &dyn Fn()| {
        change();
        assert_ne!(digest(&second), before, "{what}");
        undo();
        assert_eq!(digest(&second), before, "{what}, undone");
    };
    let file = second.join("public/app.css");
    undo_and_check("one byte", &|| fs::write(&file, "body{]").unwrap(), &|| fs::write(&file, "body{}").unwrap());
    undo_and_check("a file's mode", &|| set_mode(&file, 0o755), &|| set_mode(&file, 0o644));
    let cache = second.join("var/cache");
    undo_and_check("a folder's mode", &|| set_mode(&cache, 0o700), &|| set_mode(&cache, 0o755));
    let renamed = second.join("public/app2.css");
    undo_and_check("a name", &|| fs::rename(&file, &renamed).unwrap(), &|| fs::rename(&renamed, &file).unwrap());
    undo_and_check("an empty folder", &|| fs::remove_dir(&cache).unwrap(), &|| fs::create_dir(&cache).unwrap());
}

#[test]
fn unchanged_files_are_stored_once() {
    let fixture = Fixture::new();
    let folder = fixture.folder("a", &[("one", "same"), ("two", "same"), ("three", "other")]);
    let first = fixture.store.import(&folder, &[], &[]).unwrap();
    assert_eq!((first.files, first.bytes, first.new_bytes), (3, 13, 9));
    assert_eq!(fixture.objects().len(), 2);
    fs::write(folder.join("three"), "changed").unwrap();
    let second = fixture.store.import(&folder, &[], &[]).unwrap();
    assert_eq!((second.files, second.bytes, second.new_bytes), (3, 15, 7));
    assert_eq!(fixture.objects().len(), 3);
}

#[test]
fn what_git_ignores_ships_and_what_we_exclude_does_not() {
    let fixture = Fixture::new();
    let folder = fixture.folder(
        "web",
        &[
            (".gitignore", "vendor/\nnode_modules/\n"),
            (".git/config", "x"),
            ("sub/.git", "gitdir: ../x"),
            (".sternwayignore", "*.log\n!keep.log\n"),
            ("sub/.sternwayignore", "*\n"),
            ("vendor/a.php", "x"),
            ("a.log", "x"),
            ("keep.log", "x"),
            ("tests/a.php", "x"),
            ("storage/uploads/cat.png", "x"),
            ("storage/cache/", ""),
        ],
    );
    let imported =
        fixture.store.import(&folder, &owned(&["/tests/", "keep.log"]), &owned(&["storage/uploads"])).unwrap();
    let copy = fixture.path("copy");
    fixture.store.unpack(&imported.digest, &copy).unwrap();
    let names: Vec<_> = picture(&copy).into_keys().map(|path| path.display().to_string()).collect();
    assert_eq!(
        names,
        [
            ".gitignore",
            ".sternwayignore",
            "keep.log",
            "storage",
            "storage/cache",
            "sub",
            "sub/.sternwayignore",
            "vendor",
            "vendor/a.php"
        ]
    );
}

#[test]
fn links_that_point_outside_are_kept_and_told() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "-> /etc/passwd"), ("b/c", "-> ../../x"), ("b/d", "-> ../gone")]);
    let imported = fixture.store.import(&folder, &[], &[]).unwrap();
    assert_eq!(imported.outside, ["a", "b/c"]);
    let copy = fixture.path("copy");
    fixture.store.unpack(&imported.digest, &copy).unwrap();
    assert_eq!(picture(&copy), picture(&folder));
}

#[test]
fn what_is_no_file_is_refused_by_name() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("run/", "")]);
    let _socket = UnixListener::bind(folder.join("run/app.sock")).unwrap();
    let error = fixture.store.import(&folder, &[], &[]).unwrap_err();
    assert!(error.to_string().contains("run/app.sock is a socket"), "{error}");
    assert!(error.hint().contains("exclude"));
    assert!(fixture.store.import(&folder, &owned(&["*.sock"]), &[]).is_ok());

    let pipe = folder.join("run/pipe.sock");
    fs::remove_file(folder.join("run/app.sock")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let error = fixture.store.import(&folder, &[], &[]).unwrap_err();
    assert!(error.to_string().contains("a pipe"), "{error}");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("app.log", "x")]);
    let path = folder.join("app.log");
    File::options().write(true).open(&path).unwrap().set_len(4 << 20).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = File::options().append(true).open(&path).unwrap();
            while !done.load(Ordering::Relaxed) {
                log.write_all(b".").unwrap();
                thread::yield_now();
            }
        });
        let result = fixture.store.import(&folder, &[], &[]);
        done.store(true, Ordering::Relaxed);
        assert!(matches!(result, Err(StoreError::Changed(ref changed)) if *changed == path), "{result:?}");
    });
    assert_eq!(fixture.objects().len(), 0);
    assert_eq!(fs::read_dir(fixture.path("store/tmp")).unwrap().count(), 0);
    assert!(fixture.store.import(&folder, &[], &[]).is_ok(), "quiet again, it is taken");
}

#[test]
fn odd_names_survive() {
    let fixture = Fixture::new();
    let folder =
        fixture.folder("web", &[("a\nb", "1"), ("-rf", "2"), (" ", "3"), ("100%25", "4"), ("grüße/\u{1f6a2}", "5")]);
    fs::write(folder.join(OsStr::from_bytes(b"\xff\xfe")), "6").unwrap();
    fs::create_dir(folder.join(OsStr::from_bytes(b"\x80"))).unwrap();
    std::os::unix::fs::symlink(OsStr::from_bytes(b"\xff\n"), folder.join("link")).unwrap();
    let imported = fixture.store.import(&folder, &[], &[]).unwrap();
    let copy = fixture.path("copy");
    fixture.store.unpack(&imported.digest, &copy).unwrap();
    assert_eq!(picture(&copy), picture(&folder));
}

#[test]
fn the_store_is_never_part_of_a_release() {
    let fixture = Fixture::new();
    fixture.folder(".", &[("a", "x")]);
    let first = fixture.store.import(fixture.temp.path(), &[], &[]).unwrap();
    let second = fixture.store.import(fixture.temp.path(), &[], &[]).unwrap();
    assert_eq!((first.files, first.digest), (1, second.digest));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let fixture = Fixture::new();
    let error = fixture.store.import(&fixture.path("nothing"), &[], &[]).unwrap_err();
    assert!(matches!(error, StoreError::NotThere(path) if path == fixture.path("nothing")));
}

#[test]
fn the_same_large_file_twice_is_one_object() {
    let fixture = Fixture::new();
    let large = "large ".repeat(300_000);
    let files: Vec<_> = ["a", "b", "c", "d"].iter().map(|&name| (name, large.as_str())).collect();
    let folder = fixture.folder("web", &files);
    let imported = fixture.store.import(&folder, &[], &[]).unwrap();
    assert_eq!((imported.files, imported.new_bytes), (4, large.len() as u64));
    assert_eq!(fixture.objects().len(), 1);
    let release = fixture.release(&folder);
    fixture.store.verify(&release).unwrap();
}

#[test]
fn what_is_left_out_holds_for_what_a_build_makes_too() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[(".sternwayignore", "*.map\n"), ("src/a.js", "x")]);
    let source = fixture.store.import(&folder, &[], &[]).unwrap();
    let copy = fixture.path("copy");
    fixture.store.unpack(&source.digest, &copy).unwrap();
    fill(&copy, &[("dist/a.js", "made"), ("dist/a.js.map", "made")]);
    let built = fixture.store.import(&copy, &[], &[]).unwrap();
    assert_eq!(built.files, 3);
}
