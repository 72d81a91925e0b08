//! Removing what no release uses.

use std::fs;
use std::time::Duration;

use sternway_core::digest::Digest;
use sternway_store::StoreError;

use crate::support::{Fixture, sealable};

#[test]
fn what_other_releases_use_stays() {
    let fixture = Fixture::new();
    let store = fixture.store.clone().with_grace(Duration::ZERO);
    let one = fixture.release(&fixture.folder("one", &[("same", "shared"), ("a", "of one")]));
    let two = fixture.release(&fixture.folder("two", &[("same", "shared"), ("b", "of the other")]));
    assert_eq!(fixture.objects().len(), 3);
    let freed = store.remove(std::slice::from_ref(&one)).unwrap();
    assert!(freed > 6, "{freed}");
    assert_eq!(store.list().unwrap(), std::slice::from_ref(&two));
    assert_eq!(fixture.objects().len(), 2);
    store.verify(&two).unwrap();
    assert!(matches!(store.content(&one), Err(StoreError::NoRelease(_))));
    assert_eq!(store.remove(&[one, Digest::of(b"never")]).unwrap(), 0, "what is not there is fine");
    store.remove(&[two]).unwrap();
    assert_eq!(fixture.objects().len(), 0);
    assert_eq!(fs::read_dir(fixture.path("store/trees")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(fixture.path("store/tmp")).unwrap().count(), 0);
}

#[test]
fn what_was_imported_and_is_not_sealed_yet_stays() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let old = fixture.release(&fixture.folder("old", &[("b", "y")]));
    let tree = fixture.store.import(&folder, &[], &[]).unwrap().digest;
    fixture.store.remove(&[old]).unwrap();
    let (content, values) = sealable(&tree, &[], &[]);
    let release = fixture.store.seal(&content, &values).unwrap();
    fixture.store.verify(&release).unwrap();
}

#[test]
fn an_import_makes_an_old_tree_fresh_again() {
    let fixture = Fixture::new();
    let folder = fixture.folder("web", &[("a", "x")]);
    let tree = fixture.store.import(&folder, &[], &[]).unwrap().digest;
    let file = fixture.path("store/trees").join(format!("{}.json", tree.hex()));
    fs::File::open(&file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    fixture.store.import(&folder, &[], &[]).unwrap();
    fixture.store.remove(&[]).unwrap();
    assert!(file.exists());
    fs::File::open(&file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    fixture.store.remove(&[]).unwrap();
    assert!(!file.exists());
    assert_eq!(fixture.objects().len(), 0);
}

#[test]
fn nothing_is_removed_when_it_cannot_be_told_what_is_used() {
    let fixture = Fixture::new();
    let store = fixture.store.clone().with_grace(Duration::ZERO);
    let one = fixture.release(&fixture.folder("one", &[("a", "1")]));
    let two = fixture.release(&fixture.folder("two", &[("b", "2")]));
    let content = fixture.path("store/releases").join(two.hex()).join("content.json");
    fs::write(&content, "{}").unwrap();
    assert!(matches!(store.remove(std::slice::from_ref(&one)), Err(StoreError::Damaged { .. })));
    store.verify(&one).unwrap();
    store.remove(&[two]).unwrap();
    store.verify(&one).unwrap();
}
