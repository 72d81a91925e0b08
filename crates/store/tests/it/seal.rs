//! Content and values, sealed together.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use sternway_core::digest::Digest;
use sternway_store::StoreError;

use crate::support::{Fixture, picture, sealable, web};

#[test]
fn a_release_comes_back_as_it_was_sealed() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let tree = fixture.store.import(&folder, &[], &[]).unwrap().digest;
    let (content, values) = sealable(&tree, &[], &[("SECRET", "s3cret")]);
    let release = fixture.store.seal(&content, &values).unwrap();
    assert_eq!(release, content.digest());
    assert_eq!(fixture.store.content(&release).unwrap(), content);
    assert_eq!(fixture.store.values(&release).unwrap(), values);
    assert_eq!(fixture.store.list().unwrap(), [release]);
}

#[test]
fn sealing_twice_changes_nothing() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let first = fixture.release(&folder);
    let before = picture(&fixture.path("store/releases"));
    let inode = fs::metadata(fixture.path("store/releases").join(first.hex())).unwrap().ino();
    assert_eq!(fixture.release(&folder), first);
    assert_eq!(picture(&fixture.path("store/releases")), before);
    assert_eq!(fs::metadata(fixture.path("store/releases").join(first.hex())).unwrap().ino(), inode);
}

#[test]
fn values_are_for_their_owner_only_and_nowhere_else() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let release = fixture.release_with(&folder, &[], &[("SECRET", "s3cret-text")]);
    let sealed = fixture.path("store/releases").join(release.hex());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&sealed), 0o700);
    assert_eq!(mode(&sealed.join("values.json")), 0o600);
    assert_eq!(mode(&fixture.path("store")), 0o700);
    let stage = fixture.path("stage");
    fixture.store.stage(&release, &stage, &fixture.path("shared")).unwrap();
    for path in crate::support::files_below(fixture.temp.path()) {
        let holds = fs::read(&path).unwrap().windows(11).any(|part| part == b"s3cret-text");
        assert_eq!(holds, path.ends_with("values.json"), "{}", path.display());
    }
}

#[test]
fn a_release_of_a_folder_that_was_not_imported_is_refused() {
    let fixture = Fixture::new();
    let (content, values) = sealable(&Digest::of(b"never"), &[], &[]);
    assert!(matches!(fixture.store.seal(&content, &values), Err(StoreError::NoTree(_))));
    assert!(fixture.store.list().unwrap().is_empty());
}

#[test]
fn keys_without_a_value_and_values_without_a_key_are_refused() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let tree = fixture.store.import(&folder, &[], &[]).unwrap().digest;
    let (content, mut values) = sealable(&tree, &[], &[("A", "1"), ("B", "2")]);
    values.get_mut(&web()).unwrap().remove("B");
    let error = fixture.store.seal(&content, &values).unwrap_err().to_string();
    assert_eq!(error, "configuration of `web`: key `B` has a fingerprint and no value");
    values.get_mut(&web()).unwrap().extend([("B".to_owned(), "2".to_owned()), ("C".to_owned(), "s3cret".to_owned())]);
    let error = fixture.store.seal(&content, &values).unwrap_err().to_string();
    assert_eq!(error, "configuration of `web`: key `C` has a value and no fingerprint");
}

#[test]
fn other_values_under_the_same_fingerprints_are_refused() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let tree = fixture.store.import(&folder, &[], &[]).unwrap().digest;
    let (content, values) = sealable(&tree, &[], &[("A", "1")]);
    let release = fixture.store.seal(&content, &values).unwrap();
    let (_, other) = sealable(&tree, &[], &[("A", "2")]);
    assert!(matches!(fixture.store.seal(&content, &other), Err(StoreError::SealedOtherwise(_))));
    assert_eq!(fixture.store.values(&release).unwrap(), values);
}

#[test]
fn a_release_that_was_never_sealed_is_named() {
    let fixture = Fixture::new();
    let release = Digest::of(b"never");
    let Err(StoreError::NoRelease(named)) = fixture.store.content(&release) else { panic!("found") };
    assert_eq!(named, release);
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let fixture = Fixture::new();
    fs::write(fixture.path("store/store.json"), r#"{"format":2,"written_by":"later"}"#).unwrap();
    assert!(matches!(
        sternway_store::Store::open(&fixture.path("store")),
        Err(StoreError::Newer { format: 2, known: 1, .. })
    ));
}

#[test]
fn what_cannot_be_removed_from_the_temporary_folder_is_in_nobodys_way() {
    let fixture = Fixture::new();
    fs::write(fixture.path("store/tmp/a stray file"), "x").unwrap();
    sternway_store::Store::open(&fixture.path("store")).unwrap();
}

/// What can be told of the values of a release, in each of two versions.
fn told(version: u32) -> serde_json::Value {
    serde_json::json!({ "format": 1, "services": { "web": { "keys": { "SECRET": version } } } })
}

#[test]
fn facts_come_back_and_are_no_part_of_what_the_release_is() {
    let fixture = Fixture::new();
    let tree = fixture.store.import(&fixture.folder("web", &[("a", "x")]), &[], &[]).unwrap().digest;
    let (content, values) = sealable(&tree, &[], &[("SECRET", "s3cret")]);
    let without = fixture.store.seal(&content, &values).unwrap();
    assert_eq!(fixture.store.facts(&without).unwrap(), None, "sealed by a version that knew none");
    for version in [1, 2, 2] {
        assert_eq!(fixture.store.seal_with_facts(&content, &values, &told(version)).unwrap(), without);
        assert_eq!(fixture.store.facts(&without).unwrap(), Some(told(version)));
    }
    // Without facts those that are there stay.
    fixture.store.seal(&content, &values).unwrap();
    assert_eq!(fixture.store.facts(&without).unwrap(), Some(told(2)));
    assert_eq!(fs::read_dir(fixture.path("store/tmp")).unwrap().count(), 0);
    fixture.store.remove(std::slice::from_ref(&without)).unwrap();
    assert!(matches!(fixture.store.facts(&without), Err(StoreError::NoRelease(_))));
}

#[test]
fn facts_that_are_damaged_are_found_put_right_and_in_no_way_back() {
    let fixture = Fixture::new();
    let tree = fixture.store.import(&fixture.folder("web", &[("a", "x")]), &[], &[]).unwrap().digest;
    let (content, values) = sealable(&tree, &[], &[("SECRET", "s3cret")]);
    let release = fixture.store.seal_with_facts(&content, &values, &told(1)).unwrap();
    let file = fixture.path("store/releases").join(release.hex()).join("facts.json");
    let good = fs::read_to_string(&file).unwrap();
    for bad in [good.replace("SECRET", "SECRED"), good.replace("sha256:", "sha255:"), good[..good.len() / 2].to_owned()]
    {
        fs::write(&file, &bad).unwrap();
        assert!(matches!(fixture.store.facts(&release), Err(StoreError::Damaged { .. })), "{bad}");
        // What is only told of it keeps nobody from going back to it.
        fixture.store.verify(&release).unwrap();
        fixture.store.stage(&release, &fixture.path("stage"), &fixture.path("shared")).unwrap();
        fixture.store.seal_with_facts(&content, &values, &told(1)).unwrap();
        assert_eq!(fixture.store.facts(&release).unwrap(), Some(told(1)));
    }
    fs::write(&file, good.replacen("\"format\":1", "\"format\":2", 1)).unwrap();
    assert!(matches!(fixture.store.facts(&release), Err(StoreError::Newer { format: 2, .. })));
    fixture.store.seal_with_facts(&content, &values, &told(2)).unwrap();
    assert!(matches!(fixture.store.facts(&release), Err(StoreError::Newer { .. })), "left to the newer version");
}
