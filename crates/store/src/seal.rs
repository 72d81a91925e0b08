//! A release: its content and its configuration's values, sealed together.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sternway_core::digest::Digest;
use sternway_core::release::ReleaseContent;

use crate::error::{Context as _, Damage, StoreError};
use crate::temp::TempFolder;
use crate::tree::{Tree, Unreadable, Version};
use crate::{Store, Values, WRITTEN_BY, files, to_json, tree};

const CONTENT: &str = "content.json";
const VALUES: &str = "values.json";
const SEALED: &str = "sealed.json";
const FACTS: &str = "facts.json";

/// The newest formats that are known here.
const CONTENT_FORMAT: u32 = 1;
const VALUES_FORMAT: u32 = 1;
const SEALED_FORMAT: u32 = 1;
const FACTS_FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct ValuesFile {
    format: u32,
    values: Values,
}

/// Beside the values, so that damage to them shows. It stands in the same 0700 folder and goes nowhere else.
#[derive(Serialize, Deserialize)]
struct SealedFile {
    format: u32,
    written_by: String,
    values: Digest,
}

/// What can be told of the values without them. It is no part of the release's identity, and is replaced as a whole: so it bears its own
/// digest.
#[derive(Serialize, Deserialize)]
struct FactsFile {
    format: u32,
    written_by: String,
    digest: Digest,
    facts: serde_json::Value,
}

pub(crate) fn seal(
    store: &Store,
    content: &ReleaseContent,
    values: &Values,
    facts: Option<&serde_json::Value>,
) -> Result<Digest, StoreError> {
    same_keys(content, values)?;
    let _lock = store.lock_shared()?;
    for tree in content.code.values() {
        read_tree(store, tree)?;
    }
    let release = content.digest();
    let folder = store.release_folder(&release);
    let mut damaged = false;
    if files::exists(&folder)? {
        match read_values(store, &release).and_then(|old| read_content(store, &release).map(|_| old)) {
            Ok(old) if old == *values => return write_facts(store, &release, facts).map(|()| release),
            Ok(_) => return Err(StoreError::SealedOtherwise(release)),
            Err(StoreError::Damaged { .. }) => damaged = true,
            Err(error) => return Err(error),
        }
    }
    let temp = TempFolder::make(&store.temp(), OsStr::new("seal-"))?;
    write(temp.path(), content, values, facts)?;
    if damaged {
        // The old one moves into the temporary folder's place and is removed with it.
        exchange(temp.path(), &folder)?;
    } else if let Err(error) = fs::rename(temp.path(), &folder) {
        // Another process sealed the same meanwhile.
        if !files::exists(&folder)? {
            return Err(error).on("write", &folder);
        }
        drop(temp);
        return if read_values(store, &release)? == *values {
            write_facts(store, &release, facts).map(|()| release)
        } else {
            Err(StoreError::SealedOtherwise(release))
        };
    }
    files::sync_folder(&store.releases())?;
    Ok(release)
}

fn write(
    folder: &Path,
    content: &ReleaseContent,
    values: &Values,
    facts: Option<&serde_json::Value>,
) -> Result<(), StoreError> {
    let values = to_json(&ValuesFile { format: VALUES_FORMAT, values: values.clone() }, folder)?;
    let sealed = SealedFile { format: SEALED_FORMAT, written_by: WRITTEN_BY.to_owned(), values: Digest::of(&values) };
    files::write_new(&folder.join(CONTENT), &to_json(content, folder)?, 0o600)?;
    files::write_new(&folder.join(VALUES), &values, 0o600)?;
    files::write_new(&folder.join(SEALED), &to_json(&sealed, folder)?, 0o600)?;
    if let Some(facts) = facts {
        files::write_new(&folder.join(FACTS), &facts_file(facts, folder)?, 0o600)?;
    }
    files::sync_folder(folder)
}

fn facts_file(facts: &serde_json::Value, folder: &Path) -> Result<Vec<u8>, StoreError> {
    let digest = Digest::of_json(facts);
    let file = FactsFile { format: FACTS_FORMAT, written_by: WRITTEN_BY.to_owned(), digest, facts: facts.clone() };
    to_json(&file, folder)
}

/// Puts facts in the place of those that a sealed release has, if they are others: complete or not at all.
fn write_facts(store: &Store, release: &Digest, facts: Option<&serde_json::Value>) -> Result<(), StoreError> {
    let Some(facts) = facts else { return Ok(()) };
    match read_facts(store, release) {
        Ok(Some(old)) if old == *facts => return Ok(()),
        // Those of a newer version are left to it.
        Err(StoreError::Newer { .. }) => return Ok(()),
        Ok(_) | Err(StoreError::Damaged { .. }) => {}
        Err(error) => return Err(error),
    }
    let folder = store.release_folder(release);
    let temp = TempFolder::make(&store.temp(), OsStr::new("facts-"))?;
    let new = temp.path().join(FACTS);
    files::write_new(&new, &facts_file(facts, &folder)?, 0o600)?;
    fs::rename(&new, folder.join(FACTS)).on("write", &folder.join(FACTS))?;
    files::sync_folder(&folder)
}

/// Swaps two folders in one step, so that at no time neither is there.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<(), StoreError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).on("replace", old)
}

/// Each key that has a fingerprint has a value, and the other way round.
fn same_keys(content: &ReleaseContent, values: &Values) -> Result<(), StoreError> {
    let none = BTreeMap::new();
    for service in content.config.keys().chain(values.keys()) {
        let prints = content.config.get(service).unwrap_or(&none);
        let texts = values.get(service).unwrap_or(&none);
        let mismatch =
            |key: &String, why| StoreError::ValuesMismatch { service: service.to_string(), key: key.clone(), why };
        if let Some(key) = prints.keys().find(|key| !texts.contains_key(*key)) {
            return Err(mismatch(key, "has a fingerprint and no value"));
        }
        if let Some(key) = texts.keys().find(|key| !prints.contains_key(*key)) {
            return Err(mismatch(key, "has a value and no fingerprint"));
        }
    }
    Ok(())
}

pub(crate) fn list(store: &Store) -> Result<Vec<Digest>, StoreError> {
    let folder = store.releases();
    let mut releases = Vec::new();
    for entry in fs::read_dir(&folder).on("read", &folder)? {
        let name = entry.on("read", &folder)?.file_name();
        releases.extend(name.to_str().and_then(|hex| Digest::try_from(format!("sha256:{hex}")).ok()));
    }
    Ok(releases)
}

pub(crate) fn content(store: &Store, release: &Digest) -> Result<ReleaseContent, StoreError> {
    let _lock = store.lock_shared()?;
    read_content(store, release)
}

pub(crate) fn values(store: &Store, release: &Digest) -> Result<Values, StoreError> {
    let _lock = store.lock_shared()?;
    read_values(store, release)
}

pub(crate) fn facts(store: &Store, release: &Digest) -> Result<Option<serde_json::Value>, StoreError> {
    let _lock = store.lock_shared()?;
    read_facts(store, release)
}

/// [`facts`] for who holds the lock.
pub(crate) fn read_facts(store: &Store, release: &Digest) -> Result<Option<serde_json::Value>, StoreError> {
    if !files::exists(&store.release_folder(release).join(FACTS))? {
        // Sealed by a version that knew none. A release that is not there has its own error.
        return Record::read(store, release, CONTENT).map(|_| None);
    }
    let record = Record::read(store, release, FACTS)?;
    record.check_format(FACTS_FORMAT)?;
    let file: FactsFile = record.parse()?;
    if Digest::of_json(&file.facts) == file.digest {
        Ok(Some(file.facts))
    } else {
        Err(record.damaged("its digest is not the one that was sealed with it".to_owned()))
    }
}

/// [`content`] for who holds the lock.
pub(crate) fn read_content(store: &Store, release: &Digest) -> Result<ReleaseContent, StoreError> {
    let record = Record::read(store, release, CONTENT)?;
    // The digest is that of the JSON as written: a later version, which knows more fields, finds the same.
    let json: serde_json::Value = record.parse()?;
    let found = Digest::of_json(&json);
    if found != *release {
        return Err(record.damaged(format!("its digest is {}", found.short())));
    }
    record.check_format(CONTENT_FORMAT)?;
    record.parse()
}

pub(crate) fn read_values(store: &Store, release: &Digest) -> Result<Values, StoreError> {
    let sealed = Record::read(store, release, SEALED)?;
    sealed.check_format(SEALED_FORMAT)?;
    let record = Record::read(store, release, VALUES)?;
    if Digest::of(&record.bytes) != sealed.parse::<SealedFile>()?.values {
        return Err(record.damaged("its digest is not the one that was sealed with it".to_owned()));
    }
    record.check_format(VALUES_FORMAT)?;
    // The digest is right, so this does not fail on damage: no part of a value can end up in a message.
    Ok(record.parse::<ValuesFile>()?.values)
}

/// One file of a release.
struct Record<'a> {
    release: &'a Digest,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl<'a> Record<'a> {
    fn read(store: &Store, release: &'a Digest, name: &str) -> Result<Self, StoreError> {
        let folder = store.release_folder(release);
        if !files::exists(&folder)? {
            return Err(StoreError::NoRelease(release.clone()));
        }
        let record = Self { release, path: folder.join(name), bytes: Vec::new() };
        if !files::exists(&record.path)? {
            return Err(record.damaged("it is missing".to_owned()));
        }
        let bytes = files::read(&record.path)?;
        Ok(Self { bytes, ..record })
    }

    fn parse<T: for<'de> Deserialize<'de>>(&self) -> Result<T, StoreError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            // Only the position: serde's messages quote what they read.
            self.damaged(format!(
                "it is not the JSON that was written: line {}, column {}",
                error.line(),
                error.column()
            ))
        })
    }

    fn check_format(&self, known: u32) -> Result<(), StoreError> {
        let Version { format } = self.parse()?;
        if format > known {
            return Err(StoreError::Newer { path: self.path.clone(), format, known });
        }
        Ok(())
    }

    fn damaged(&self, why: String) -> StoreError {
        StoreError::Damaged { what: Damage::Release { release: self.release.clone(), file: self.path.clone() }, why }
    }
}

/// A tree, its digest checked.
pub(crate) fn read_tree(store: &Store, tree: &Digest) -> Result<Tree, StoreError> {
    let path = store.tree_file(tree);
    if !files::exists(&path)? {
        return Err(StoreError::NoTree(tree.clone()));
    }
    let bytes = files::read(&path)?;
    let damaged = |why| StoreError::Damaged { what: Damage::Tree { tree: tree.clone(), file: path.clone() }, why };
    let found = Digest::of(&bytes);
    if found != *tree {
        return Err(damaged(format!("its digest is {}", found.short())));
    }
    Tree::from_json(&bytes).map_err(|error| match error {
        Unreadable::Newer(format) => StoreError::Newer { path: path.clone(), format, known: tree::FORMAT },
        Unreadable::Wrong(why) => damaged(why),
    })
}
