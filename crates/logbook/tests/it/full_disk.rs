//! A disk that is really full: a small tmpfs in a mount namespace of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use sternway_logbook::{AppendError, Guard, Logbook, LogbookError};

use crate::child::command;
use crate::support::{draft, note, place, shell};

#[test]
fn a_full_disk_does_not_stop_the_events_of_a_rollback() {
    let (folder, _) = place();
    let namespace = ["unshare", "--map-root-user", "--mount"];
    let allowed = Command::new(namespace[0]).args(&namespace[1..]).arg("true").status();
    // A test that passes has been run.
    assert!(
        allowed.is_ok_and(|status| status.success()),
        "this system allows no mount namespace, so a full disk cannot be tested: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    );
    let mount = r#"mount -t tmpfs -o size=40m tmpfs "$STERNWAY_LOGBOOK_PATH" && exec "$0" "$@""#;
    let wrapper = [&namespace[..], &["sh", "-c", mount]].concat();
    let output = command("full-disk", folder.path(), &wrapper).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("all held"), "{out}\n{err}");
}

/// Takes every byte that is left.
fn fill(folder: &Path) {
    let mut filler = File::create(folder.join("filler")).unwrap();
    for size in [1 << 20, 4096, 1] {
        while filler.write_all(&vec![7; size]).is_ok() {}
    }
    assert!(fs::write(folder.join("one more"), "x").is_err(), "the disk is full");
    let _empty = fs::remove_file(folder.join("one more"));
}

fn append_until_full(logbook: &Logbook) -> u64 {
    loop {
        match logbook.append(vec![draft("test", &"x".repeat(2000))], Guard::default()) {
            Ok(records) => assert!(records[0].seq < 1_000_000, "the disk is not full at all"),
            Err(AppendError::Logbook(LogbookError::Full(_))) => return logbook.head().unwrap().unwrap().seq,
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn named(found: &std::io::Result<fs::DirEntry>, part: &str) -> bool {
    found.as_ref().unwrap().file_name().to_string_lossy().contains(part)
}

pub(crate) fn on_a_small_disk(folder: &Path) {
    let path = folder.join("logbook.db");
    let logbook = Logbook::open(&path).unwrap();
    note(&logbook, "before");
    assert!(!logbook.reserve_spent());

    // With the log's own blocks alone.
    fill(folder);
    let early: Vec<_> = (0..300).map(|_| note(&logbook, "on a full disk").head()).collect();
    assert!(!logbook.reserve_spent(), "the first line of defence suffices for a rollback");
    assert!(!logbook.keep_checkpoint("v1", 1, &vec![7; 1 << 20]), "a cache takes no room from a rollback");
    assert_eq!(
        fs::read_dir(folder).unwrap().filter(|f| named(f, "checkpoint")).count(),
        0,
        "and leaves nothing behind"
    );

    // Until there is nothing at all; what was acknowledged stays.
    let last = append_until_full(&logbook);
    assert!(logbook.reserve_spent());
    assert!(last > 800, "both lines of defence: {last} entries");
    assert_eq!(logbook.verify(&early).unwrap().count, last);

    // Room again: all goes on, and the reserve is kept again.
    fs::remove_file(folder.join("filler")).unwrap();
    assert_eq!(note(&logbook, "room again").seq, last + 1);
    assert!(!logbook.reserve_spent());

    // Somebody's shell removed the log, and the disk is full when the logbook is opened.
    drop(logbook);
    drop(shell(&path));
    shell(&path).execute_batch("SELECT count(*) FROM entries").unwrap();
    assert!(!fs::exists(folder.join("logbook.db-wal")).unwrap(), "the shell closed last and removed it");
    fill(folder);
    let logbook = Logbook::open(&path).unwrap();
    for _ in 0..300 {
        note(&logbook, "opened on a full disk");
    }
    assert!(logbook.reserve_spent());

    // One that is too large does not keep a small one out.
    let large = logbook.append(vec![draft("test", &"x".repeat(8 << 20))], Guard::default());
    assert!(matches!(large, Err(AppendError::Logbook(LogbookError::Full(_)))), "{large:?}");
    let head = note(&logbook, "small").head();
    drop(logbook);
    Logbook::open(&path).unwrap().verify(&[head]).unwrap();
    println!("all held");
}
