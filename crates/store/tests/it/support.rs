//! A store in a temporary folder, and folders to put into it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::release::{Ready, ReleaseContent, ServiceKind, ServiceSpec};
use sternway_core::time::Millis;
use sternway_store::{Store, Values};
use tempfile::TempDir;

/// A temporary folder with a store in it.
pub(crate) struct Fixture {
    pub(crate) temp: TempDir,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let store = Store::open(&temp.path().join("store")).unwrap();
        Self { temp, store }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Makes a folder of files; a name that ends with `/` is an empty folder, one with ` -> ` a link.
    pub(crate) fn folder(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = self.path(name);
        fill(&folder, files);
        folder
    }

    /// Imports a folder and seals it as the release of one service, `web`.
    pub(crate) fn release(&self, folder: &Path) -> Digest {
        self.release_with(folder, &[], &[("KEY", "value")])
    }

    pub(crate) fn release_with(&self, folder: &Path, shared: &[&str], config: &[(&str, &str)]) -> Digest {
        let shared: Vec<_> = shared.iter().map(|&path| path.to_owned()).collect();
        let tree = self.store.import(folder, &[], &shared).unwrap().digest;
        let (content, values) = sealable(&tree, &shared, config);
        self.store.seal(&content, &values).unwrap()
    }

    /// The object files of the store.
    pub(crate) fn objects(&self) -> Vec<PathBuf> {
        files_below(&self.path("store/objects"))
    }
}

pub(crate) fn fill(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else if let Some(target) = text.strip_prefix("-> ") {
            symlink(target, &path).unwrap();
        } else {
            fs::write(&path, text).unwrap();
        }
    }
}

pub(crate) fn web() -> ServiceName {
    ServiceName::new("web").unwrap()
}

pub(crate) fn sealable(tree: &Digest, shared: &[String], config: &[(&str, &str)]) -> (ReleaseContent, Values) {
    let spec = ServiceSpec {
        kind: ServiceKind::Web,
        run: "exec serve".to_owned(),
        undo: None,
        ready: Ready::Tcp,
        ready_within: Millis::from_secs(30),
        grace: Millis::from_secs(10),
        overlap: true,
        port: None,
        shared: shared.to_vec(),
    };
    let values: BTreeMap<_, _> = config.iter().map(|&(key, text)| (key.to_owned(), text.to_owned())).collect();
    let prints = values.keys().map(|key| (key.clone(), format!("hmac:{key}"))).collect();
    let content = ReleaseContent {
        format: 1,
        environment: EnvironmentName::new("production").unwrap(),
        code: [(web(), tree.clone())].into(),
        services: [(web(), spec)].into(),
        config: [(web(), prints)].into(),
        routes: [("/".to_owned(), web())].into(),
    };
    (content, [(web(), values)].into())
}

/// What a folder contains, as far as a release keeps it: path to mode and content or target.
pub(crate) fn picture(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut picture = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            let about = fs::symlink_metadata(&path).unwrap();
            let seen = if about.is_dir() {
                open.push(path.clone());
                format!("folder {:o}", about.mode())
            } else if about.is_symlink() {
                format!("link {}", fs::read_link(&path).unwrap().as_os_str().as_encoded_bytes().escape_ascii())
            } else {
                format!("file {:o} {:?}", about.mode(), fs::read(&path).unwrap())
            };
            picture.insert(path.strip_prefix(folder).unwrap().to_owned(), seen);
        }
    }
    picture
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let all = picture(folder).into_iter();
    all.filter(|(_, seen)| seen.starts_with("file")).map(|(path, _)| folder.join(path)).collect()
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The lines to run one of our own `#[ignore]`d tests in a process of its own.
pub(crate) fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).stdout(Stdio::null());
    command
}

/// What the parent told a child.
pub(crate) fn told(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).unwrap())
}

/// The number of names in a folder; 0 when it is not there.
pub(crate) fn count(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Polls until the condition holds.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}
