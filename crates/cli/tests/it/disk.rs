//! A disk that is really full: a small file system in a mount namespace of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::project::{Project, on_a_small_disk};

/// Takes every byte that is left, or all but so many.
fn fill(folder: &Path, but: u64) {
    let mut filler = File::create(folder.join("filler")).unwrap();
    for size in [1 << 20, 4096, 1] {
        while filler.write_all(&vec![7; size]).is_ok() {}
    }
    let length = filler.metadata().unwrap().len();
    filler.set_len(length - but).unwrap();
}

fn make_room(folder: &Path) {
    fs::remove_file(folder.join("filler")).unwrap();
}

#[test]
fn a_full_disk_refuses_the_next_release_and_keeps_what_serves() {
    on_a_small_disk("disk::refused", "64m");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn refused() {
    let disk = std::path::PathBuf::from(std::env::var_os("DISK").unwrap());
    let project = Project::with_state(&disk);
    project.ship();
    project.version("2");
    project.write("web/large", &"x".repeat(3 << 20));
    // Nearly full: staging has no room. Full: not even taking it in has.
    for but in [1 << 20, 0] {
        fill(&disk, but);
        let refused = project.run(&["ship", "production"]);
        assert!([1, 2, 10].contains(&refused.code), "{refused:?}");
        assert!(refused.err.contains("error[S"), "{refused:?}");
        project.serves(1);
        project.status();
        make_room(&disk);
    }
    project.ship();
    project.rests_on(2);
    project.logbook_is_intact();
}

#[test]
fn a_full_disk_does_not_prevent_going_back() {
    on_a_small_disk("disk::back", "64m");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn back() {
    let disk = std::path::PathBuf::from(std::env::var_os("DISK").unwrap());
    let project = Project::with_state(&disk);
    project.ship();
    project.version("2");
    project.ship();
    fill(&disk, 0);
    project.run(&["rollback", "production"]).exits(0);
    project.rests_on(1);
    make_room(&disk);
    project.version("3");
    project.ship();
    project.rests_on(3);
    project.logbook_is_intact();
}
