//! Damage is found and named.

use std::fs;
use std::path::Path;

use sternway_store::{Damage, StoreError};

use crate::support::{Fixture, files_below, set_mode};

fn flip(path: &Path, at: usize) {
    let mut content = fs::read(path).unwrap();
    content[at] ^= 1;
    set_mode(path, 0o600);
    fs::write(path, content).unwrap();
}

#[test]
fn a_flipped_byte_in_any_file_of_the_store_is_found() {
    let fixture = Fixture::new();
    let large = "large ".repeat(400_000);
    let folder = fixture.folder("web", &[("a", "content of a"), ("sub/b", "content of b"), ("large", &large)]);
    let release = fixture.release(&folder);
    assert_eq!(fixture.store.verify(&release).unwrap(), 24 + large.len() as u64);
    let stored: Vec<_> = ["objects", "trees", "releases"]
        .iter()
        .flat_map(|part| files_below(&fixture.path("store").join(part)))
        .collect();
    assert_eq!(stored.len(), 3 + 1 + 3);
    for path in stored {
        let length = fs::metadata(&path).unwrap().len();
        let at = usize::try_from(length).unwrap() / 2;
        flip(&path, at);
        let error = fixture.store.verify(&release).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{}: {error}", path.display());
        assert!(!error.hint().is_empty());
        let configuration = path.ends_with("values.json") || path.ends_with("sealed.json");
        let into = fixture.path("stage");
        let staged = fixture.store.stage(&release, &into, &fixture.path("shared"));
        if configuration {
            assert!(matches!(fixture.store.values(&release), Err(StoreError::Damaged { .. })));
            fs::remove_dir_all(&into).unwrap();
        } else {
            assert!(matches!(staged, Err(StoreError::Damaged { .. })), "{}: {staged:?}", path.display());
            assert!(!into.exists());
        }
        flip(&path, at);
    }
    fixture.store.verify(&release).unwrap();
}

#[test]
fn a_damaged_object_is_named_by_its_path_in_the_release() {
    let fixture = Fixture::new();
    let release = fixture.release(&fixture.folder("web", &[("sub/index.php", "<?php")]));
    let [object] = fixture.objects().try_into().unwrap();
    flip(&object, 0);
    let Err(StoreError::Damaged { what: Damage::Object { path, file, .. }, .. }) = fixture.store.verify(&release)
    else {
        panic!("not found");
    };
    assert_eq!((path.as_str(), file), ("sub/index.php", object.clone()));

    fs::remove_file(&object).unwrap();
    let error = fixture.store.verify(&release).unwrap_err();
    assert!(error.to_string().contains("`sub/index.php`") && error.to_string().contains("missing"), "{error}");
}

#[test]
fn a_short_object_is_put_right_by_the_next_import() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "content")]);
    let release = fixture.release(&folder);
    let [object] = fixture.objects().try_into().unwrap();
    set_mode(&object, 0o600);
    fs::write(&object, "con").unwrap();
    assert!(fixture.store.verify(&release).is_err());
    assert_eq!(fixture.store.import(&folder, &[], &[]).unwrap().new_bytes, 7);
    fixture.store.verify(&release).unwrap();
}

#[test]
fn a_damaged_tree_or_release_is_put_right_by_doing_it_again() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "content")]);
    let release = fixture.release(&folder);
    let mut stored = files_below(&fixture.path("store/releases"));
    stored.extend(files_below(&fixture.path("store/trees")));
    for path in stored {
        flip(&path, 5);
        assert!(fixture.store.verify(&release).is_err(), "{}", path.display());
        assert_eq!(fixture.release(&folder), release);
        fixture.store.verify(&release).unwrap();
    }
    assert_eq!(fs::read_dir(fixture.path("store/tmp")).unwrap().count(), 0);
}

#[test]
fn no_error_about_damaged_values_quotes_them() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "content")]);
    let release = fixture.release_with(&folder, &[], &[("PASSWORD", "s3cret")]);
    let values = fixture.path("store/releases").join(release.hex()).join("values.json");
    let length = fs::read(&values).unwrap().len();
    for at in 0..length {
        flip(&values, at);
        let error = fixture.store.values(&release).unwrap_err();
        assert!(!format!("{error} {error:?} {}", error.hint()).contains("cret"), "{error:?}");
        flip(&values, at);
    }
}

#[test]
fn a_staged_copy_is_whole_although_the_objects_are_not_until_it_is_damaged_itself() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "content of a"), ("sub/b", "content of b"), ("l", "-> a")]);
    let release = fixture.release_with(&folder, &["uploads"], &[("KEY", "value")]);
    let into = fixture.path("stage");
    fixture.store.stage(&release, &into, &fixture.path("shared")).unwrap();
    for object in fixture.objects() {
        flip(&object, 0);
    }
    assert!(fixture.store.verify(&release).is_err());
    // What a service writes beside its files is its own.
    fs::write(into.join("web/written"), "by the service").unwrap();
    assert_eq!(fixture.store.verify_staged(&release, &into).unwrap(), 24);
    let damages: [fn(&Path); 4] = [
        |web| flip(&web.join("sub/b"), 3),
        |web| fs::remove_file(web.join("a")).unwrap(),
        |web| {
            fs::remove_file(web.join("l")).unwrap();
            std::os::unix::fs::symlink("b", web.join("l")).unwrap();
        },
        |web| {
            fs::remove_file(web.join("sub/b")).unwrap();
            fs::create_dir(web.join("sub/b")).unwrap();
        },
    ];
    for damage in damages {
        let copy = fixture.path("copy");
        let copied = std::process::Command::new("cp").arg("-a").arg(&into).arg(&copy).status().unwrap();
        assert!(copied.success() && fixture.store.verify_staged(&release, &copy).is_ok());
        damage(&copy.join("web"));
        let error = fixture.store.verify_staged(&release, &copy).unwrap_err();
        assert!(matches!(&error, StoreError::Damaged { what: Damage::Staged { .. }, .. }), "{error}");
        fs::remove_dir_all(&copy).unwrap();
    }
    assert!(fixture.store.verify_staged(&release, &fixture.path("nowhere")).is_err());
}
