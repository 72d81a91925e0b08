//! Where the project, its state and its sockets are.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sternway_config::plain;
use sternway_core::digest::Digest;
use sternway_core::ids::EnvironmentName;
use sternway_core::project::{Project, parse};
use sternway_engine::LogbookJournal;
use sternway_logbook::Logbook;
use sternway_store::Store;

use crate::args::Global;
use crate::failure::Failure;
use crate::wiring::clock::SystemClock;
use crate::wiring::machine::Printed;

/// No project file is larger: what is beyond cannot be meant, and shows as an error there.
const LARGEST: usize = 4 << 20;

/// The project file's name.
pub(crate) const FILE: &str = "sternway.toml";

/// Where everything of one project is on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The folder with sternway.toml.
    pub(crate) project_dir: PathBuf,
    /// The state folder.
    pub(crate) state: PathBuf,
    /// Where sockets are: short, since a socket's path has at most 107 bytes.
    pub(crate) runtime: PathBuf,
    /// What commands printed that are sources of configuration.
    pub(crate) printed: Printed,
}

/// A project file that was read and is right.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) project: Project,
    pub(crate) warnings: Vec<sternway_core::finding::Finding>,
}

impl Context {
    /// Finds the state folder; sternway.toml needs to be readable only when the folder is not given.
    pub(crate) fn find(global: &Global) -> Result<Self, Failure> {
        let project_dir = global.project.clone();
        let state = match &global.state {
            Some(state) => state.clone(),
            None => default_state(&project_name(&project_dir)?)?,
        };
        let state = std::path::absolute(&state)
            .map_err(|error| Failure::usage("S0910", "the state folder cannot be named").cause(&error))?;
        let runtime = runtime_folder(&state)?;
        Ok(Self { project_dir, state, runtime, printed: Printed::default() })
    }

    /// The same for another look: nothing that was printed before counts.
    pub(crate) fn anew(&self) -> Self {
        Self { printed: Printed::default(), ..self.clone() }
    }

    /// Makes the state folder, 0700, with the mark of who wrote it.
    pub(crate) fn prepare(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::usage("S0910", format!("the state folder {} cannot be used", self.state.display()))
                .cause(&error)
                .next("name another: --state DIR, or STERNWAY_STATE=DIR")
        };
        private_folder(&self.state).map_err(failed)?;
        let mark = self.state.join("version.json");
        match fs::read_to_string(&mark) {
            Ok(text) => {
                let format = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|v| v["format"].as_u64());
                if format != Some(1) {
                    return Err(Failure::usage(
                        "S0911",
                        format!("the state folder {} was written by another version", self.state.display()),
                    )
                    .because(text.trim().to_owned())
                    .next("use that version of sternway, or another state folder"));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text =
                    serde_json::json!({ "format": 1, "written_by": concat!("sternway ", env!("CARGO_PKG_VERSION")) });
                fs::write(&mark, format!("{text}\n")).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(())
    }

    pub(crate) fn agent_socket(&self) -> PathBuf {
        self.runtime.join("agent.sock")
    }

    pub(crate) fn proxy_socket(&self, environment: &EnvironmentName) -> PathBuf {
        self.runtime.join(format!("proxy-{environment}.sock"))
    }

    pub(crate) fn agent_state(&self) -> PathBuf {
        self.state.join("agent")
    }

    pub(crate) fn proxy_state(&self, environment: &EnvironmentName) -> PathBuf {
        self.state.join(format!("proxy-{environment}"))
    }

    /// The release store: the agent's own.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        let path = self.agent_state().join("store");
        private_folder(&self.agent_state())
            .and_then(|()| private_folder(&path))
            .map_err(|error| Failure::internal("S0910", format!("{} cannot be used", path.display())).cause(&error))?;
        Store::open(&path).map_err(|error| {
            let hint = error.hint();
            Failure::internal("S0910", "the store of releases cannot be opened").cause(&error).next(hint)
        })
    }

    /// The logbook, made when it is not there.
    pub(crate) fn journal(&self) -> Result<LogbookJournal, Failure> {
        self.prepare()?;
        Self::journal_from(Logbook::open(&self.logbook_path()))
    }

    /// The logbook, when there is one.
    pub(crate) fn existing_journal(&self) -> Result<LogbookJournal, Failure> {
        if !self.logbook_path().exists() {
            return Err(Failure::usage("S0801", format!("there is no logbook in {}", self.state.display()))
                .because("nothing was shipped from this project on this machine yet, or its state is elsewhere")
                .next("sternway ship ENV, or name the state folder: --state DIR"));
        }
        Self::journal_from(Logbook::open_existing(&self.logbook_path()))
    }

    fn journal_from(opened: Result<Logbook, sternway_logbook::LogbookError>) -> Result<LogbookJournal, Failure> {
        let logbook = opened.map_err(|error| {
            Failure::internal("S0801", "the logbook cannot be opened")
                .cause(&error)
                .production("what served goes on serving")
        })?;
        Ok(LogbookJournal::new(logbook, Arc::new(SystemClock)))
    }

    /// The key of this project's fingerprints.
    pub(crate) fn fingerprint_key(&self) -> PathBuf {
        self.state.join("fingerprint.key")
    }

    pub(crate) fn logbook_path(&self) -> PathBuf {
        self.state.join("logbook.db")
    }

    /// Reads and checks sternway.toml.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let (text, file) = read_project_file(&self.project_dir)?;
        match parse(&text, FILE) {
            Ok(parsed) => Ok(Loaded { project: parsed.project, warnings: parsed.warnings }),
            Err(problems) => Err(Failure::Project { text, file: file.display().to_string(), problems }),
        }
    }
}

impl Loaded {
    /// The environment with this name.
    pub(crate) fn environment(
        &self,
        name: &str,
    ) -> Result<(EnvironmentName, &sternway_core::project::Environment), Failure> {
        let known = || self.project.environments.keys().map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ");
        let found = EnvironmentName::new(name).ok().and_then(|name| {
            let environment = self.project.environments.get(&name)?;
            Some((name, environment))
        });
        found.ok_or_else(|| {
            Failure::usage("S0912", format!("sternway.toml has no environment `{name}`"))
                .because(format!("it has: {}", known()))
                .next(format!("add [environments.{name}] to sternway.toml, or name another"))
        })
    }
}

fn read_project_file(dir: &Path) -> Result<(String, PathBuf), Failure> {
    let file = dir.join(FILE);
    let read = plain::read(&file, LARGEST).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8"))
    });
    let text = read.map_err(|error| {
        let failure = Failure::usage("S0913", format!("{} cannot be read", file.display())).cause(&error);
        failure.next("sternway init, --project DIR with the folder that has it, or --state DIR: rollback and status need no project file")
    })?;
    Ok((text, file))
}

/// The project's name, even from a file that is wrong elsewhere: going back must not need a right one.
fn project_name(dir: &Path) -> Result<String, Failure> {
    let (text, file) = read_project_file(dir)?;
    match parse(&text, FILE) {
        Ok(parsed) => Ok(parsed.project.name),
        Err(problems) => {
            named_in(&text).ok_or_else(|| Failure::Project { text, file: file.display().to_string(), problems })
        }
    }
}

fn named_in(text: &str) -> Option<String> {
    let table = text.lines().skip_while(|line| line.trim() != "[project]").skip(1);
    let mut lines = table.take_while(|line| !line.trim_start().starts_with('['));
    lines.find_map(|line| {
        let value = line.trim().strip_prefix("name")?.trim_start().strip_prefix('=')?.trim();
        let name = value.strip_prefix('"')?.split('"').next()?;
        EnvironmentName::new(name).ok().map(String::from)
    })
}

fn default_state(project: &str) -> Result<PathBuf, Failure> {
    if rustix::process::geteuid().is_root() {
        return Ok(Path::new("/var/lib/sternway").join(project));
    }
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    match base.or_else(home) {
        Some(base) => Ok(base.join("sternway").join(project)),
        None => Err(Failure::usage("S0910", "there is no place for state: neither XDG_STATE_HOME nor HOME is set")
            .next("--state DIR")),
    }
}

/// A short folder for the sockets of this state folder, 0700 and ours.
fn runtime_folder(state: &Path) -> Result<PathBuf, Failure> {
    let uid = rustix::process::geteuid();
    let base = match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir()) {
        _ if uid.is_root() => PathBuf::from("/run/sternway"),
        Some(runtime) => runtime.join("sternway"),
        None => PathBuf::from(format!("/tmp/sternway-{}", uid.as_raw())),
    };
    let folder = base.join(Digest::of(state.as_os_str().as_encoded_bytes()).short());
    let failed = |error: std::io::Error| {
        Failure::usage("S0910", format!("the folder for sockets {} cannot be used", folder.display())).cause(&error)
    };
    private_folder(&base).and_then(|()| private_folder(&folder)).map_err(failed)?;
    Ok(folder)
}

/// Makes a folder that only its owner enters; refuses one that belongs to somebody else.
fn private_folder(path: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it belongs to another user"));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
