//! Taking a service's folder in.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sternway_core::digest::Digest;

use crate::error::{Context as _, StoreError};
use crate::ignore::Ignore;
use crate::names::RelPath;
use crate::objects::{self, Objects, SMALL};
use crate::shared::SharedPaths;
use crate::temp::TempFolder;
use crate::tree::{Entry, MODE_BITS, Node, Tree};
use crate::walk::{Found, LeftOut, walk};
use crate::{Imported, Store, files, parallel};

/// How often a file that changes while it is read is read again.
const ATTEMPTS: u32 = 3;

pub(crate) fn import(
    store: &Store,
    folder: &Path,
    excludes: &[String],
    shared: &[String],
) -> Result<Imported, StoreError> {
    if !folder.is_dir() {
        return Err(StoreError::NotThere(folder.to_owned()));
    }
    let ignore = Ignore::of_folder(folder, excludes)?;
    let shared = SharedPaths::parse(shared)?;
    let _lock = store.lock_shared()?;
    let root = std::fs::metadata(&store.root).on("look at", &store.root)?;
    let found = walk(folder, &LeftOut { ignore: &ignore, shared: &shared, store: (root.dev(), root.ino()) })?;

    let intake = Intake {
        folder,
        objects: store.objects(),
        temp: TempFolder::make(&store.temp(), OsStr::new("import-"))?,
        new: Mutex::default(),
        parts: AtomicU64::new(0),
    };
    match intake.all(&found, store) {
        Ok(imported) => Ok(imported),
        Err(error) => {
            drop(intake);
            Err(no_space(error, store, folder, &found.files))
        }
    }
}

/// Files on their way in.
struct Intake<'a> {
    folder: &'a Path,
    objects: Objects,
    temp: TempFolder,
    /// Objects that are complete in the temporary folder.
    new: Mutex<HashSet<Digest>>,
    /// Counts the files that are being written there.
    parts: AtomicU64,
}

struct Taken {
    mode: u32,
    size: u64,
    object: Digest,
    /// This one put the object into the temporary folder.
    new: bool,
}

impl Intake<'_> {
    fn all(&self, found: &Found, store: &Store) -> Result<Imported, StoreError> {
        let taken = parallel::each(&found.files, |path| self.take(path))?;
        self.keep(&taken)?;
        let mut imported =
            Imported { digest: Digest::of(b""), files: 0, bytes: 0, new_bytes: 0, outside: found.outside.clone() };
        imported.outside.sort();
        let mut entries = found.entries.clone();
        for (path, file) in found.files.iter().zip(taken) {
            imported.files += 1;
            imported.bytes += file.size;
            imported.new_bytes += if file.new { file.size } else { 0 };
            let node = Node::File { mode: file.mode, size: file.size, object: file.object };
            entries.push(Entry { path: path.clone(), node });
        }
        imported.digest = keep_tree(store, &self.temp, &Tree::new(entries))?;
        Ok(imported)
    }

    fn take(&self, path: &RelPath) -> Result<Taken, StoreError> {
        let full = self.folder.join(path.as_path());
        for _ in 0..ATTEMPTS {
            if let Some(taken) = self.try_take(&full)? {
                return Ok(taken);
            }
        }
        Err(StoreError::Changed(full))
    }

    /// `None` when the file changed meanwhile.
    fn try_take(&self, full: &Path) -> Result<Option<Taken>, StoreError> {
        let Some(file) = open(full)? else { return Ok(None) };
        let before = file.metadata().on("look at", full)?;
        if !before.is_file() {
            return Ok(None);
        }
        let mode = before.mode() & MODE_BITS;
        // One byte more than there should be shows that it has grown, and bounds what a growing file can fill.
        let most = before.len() + 1;
        let same = |size| Ok(size == before.len() && !changed(&before, &file.metadata().on("look at", full)?));
        let (object, new) = if before.len() <= SMALL {
            let mut content = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
            (&file).take(most).read_to_end(&mut content).on("read", full)?;
            if !same(content.len() as u64)? {
                return Ok(None);
            }
            let object = Digest::of(&content);
            let new = self.put(&object, before.len(), |mut to, path| {
                to.write_all(&content).on("write", path)?;
                Ok(true)
            })?;
            (object, new)
        } else {
            let (object, size) = objects::digest((&file).take(most)).on("read", full)?;
            if !same(size)? {
                return Ok(None);
            }
            let new = self.put(&object, size, |mut to, _| {
                (&file).rewind().on("read", full)?;
                let copied = objects::copy_digest((&file).take(most), &mut to).on("copy", full)?;
                Ok(copied == (object.clone(), size))
            })?;
            (object, new)
        };
        Ok(new.map(|new| Taken { mode, size: before.len(), object, new }))
    }

    /// Puts an object into the temporary folder, unless it is there or in the store already. True when this call did; `None` when
    /// `write` says that the content is another by now.
    fn put(
        &self,
        object: &Digest,
        size: u64,
        write: impl FnOnce(File, &Path) -> Result<bool, StoreError>,
    ) -> Result<Option<bool>, StoreError> {
        let known = || self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(object) || self.objects.has(object, size)? {
            return Ok(Some(false));
        }
        // Of two threads with the same content the first to be complete counts, so that neither rests on what the other may
        // still fail to write.
        let part = self.temp.path().join(format!("part-{}", self.parts.fetch_add(1, Ordering::Relaxed)));
        if !write(files::create(&part, 0o400)?, &part)? {
            std::fs::remove_file(&part).on("remove", &part)?;
            return Ok(None);
        }
        let mut known = known();
        if known.contains(object) {
            std::fs::remove_file(&part).on("remove", &part)?;
            return Ok(Some(false));
        }
        std::fs::rename(&part, self.temp.path().join(object.hex())).on("write", &part)?;
        known.insert(object.clone());
        Ok(Some(true))
    }

    /// Makes the new objects durable, then moves them to their places, then makes the places durable.
    fn keep(&self, taken: &[Taken]) -> Result<(), StoreError> {
        if taken.iter().any(|file| file.new) {
            files::sync_file_system(self.temp.path())?;
            for file in taken.iter().filter(|file| file.new) {
                self.objects.put(&file.object, &self.temp.path().join(file.object.hex()))?;
            }
            files::sync_file_system(self.temp.path())?;
        }
        Ok(())
    }
}

/// Opens without following a link that took the file's place, and without waiting for a pipe that did; `None` when it is gone.
fn open(path: &Path) -> Result<Option<File>, StoreError> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // A link has taken its place.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => Ok(None),
        Err(error) => Err(error).on("read", path),
    }
}

fn changed(before: &Metadata, after: &Metadata) -> bool {
    let signature =
        |about: &Metadata| (about.len(), about.mtime(), about.mtime_nsec(), about.ctime(), about.ctime_nsec());
    signature(before) != signature(after)
}

/// Writes the tree, unless it is there. One that is there counts as fresh again, so that `remove` leaves it to be sealed.
fn keep_tree(store: &Store, temp: &TempFolder, tree: &Tree) -> Result<Digest, StoreError> {
    let at = store.trees();
    let json = crate::to_json(tree, &at)?;
    let digest = Digest::of(&json);
    let path = store.tree_file(&digest);
    if files::exists(&path)? && Digest::of(&files::read(&path)?) == digest {
        let file = File::options().append(true).open(&path).on("open", &path)?;
        file.set_modified(SystemTime::now()).on("touch", &path)?;
        return Ok(digest);
    }
    let new = temp.path().join("tree.json");
    files::write_new(&new, &json, 0o600)?;
    std::fs::rename(&new, &path).on("write", &path)?;
    files::sync_folder(&at)?;
    Ok(digest)
}

/// Says how much is missing when the disk is full: at most the folder's size, as some of it may be in the store already.
fn no_space(error: StoreError, store: &Store, folder: &Path, found: &[RelPath]) -> StoreError {
    if !error.is_no_space() {
        return error;
    }
    let sizes = found.iter().filter_map(|path| std::fs::symlink_metadata(folder.join(path.as_path())).ok());
    let need = sizes.map(|about| crate::verify::on_disk(about.len())).sum();
    crate::stage::missing(&store.root, crate::Size { bytes: need, inodes: found.len() as u64 }).unwrap_or(error)
}
