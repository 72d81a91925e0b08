//! Which files are looked at.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use sternway_core::ignore::Patterns;

/// Folders in which packages lie.
const PACKAGES: &[&str] = &["vendor", "node_modules", "bower_components"];

/// Folders that hold no code of the project.
const NEVER: &[&str] = &[".git", ".hg", ".svn", ".bzr"];

/// The extensions of PHP files, when nobody names others.
pub const EXTENSIONS: &[&str] = &[
    "php", "phtml", "inc", "php3", "php4", "php5", "php7", "php8", "phpt", "ctp", "module", "install", "theme",
    "profile", "engine",
];

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Code.
    Php,
    /// php.ini, .user.ini, a pool of PHP-FPM.
    Settings,
    /// .htaccess, a virtual host.
    Apache,
    /// What may be a configuration of Apache, by its content.
    PerhapsApache,
    /// What may be a PHP script, by its first line.
    PerhapsPhp,
}

/// A file to look at.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Relative to the root, with `/`.
    pub(crate) name: String,
    pub(crate) kind: FileKind,
}

/// What to look at.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Extensions of PHP files, without the dot.
    pub extensions: Vec<String>,
    /// Also what `.gitignore` and `.ignore` leave out.
    pub ignored: bool,
    /// Also packages in vendor/ and node_modules/.
    pub packages: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { extensions: EXTENSIONS.iter().map(|name| (*name).to_owned()).collect(), ignored: false, packages: false }
    }
}

/// All that the walk came upon.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// By name.
    pub(crate) files: Vec<Candidate>,
    /// Folders named `vendor`, whether they are looked at or not.
    pub(crate) vendors: Vec<PathBuf>,
    /// What could not be entered, and why.
    pub(crate) unread: Vec<(String, io::Error)>,
}

/// A folder's own patterns, and where in a path they begin to count.
struct Level {
    patterns: Patterns,
    /// The path of the folder, from which the patterns are meant.
    folder: PathBuf,
}

/// Walks a folder; of a file, that file alone, whatever its name. Links are not followed.
pub(crate) fn walk(root: &Path, choice: &Choice) -> io::Result<Walked> {
    let mut walked = Walked::default();
    let what = fs::metadata(root)?;
    if !what.is_dir() {
        let name = root.file_name().map_or_else(|| root.to_string_lossy(), |name| name.to_string_lossy()).into_owned();
        let kind = match kind_of(Path::new(&name), choice) {
            None | Some(FileKind::PerhapsPhp) => FileKind::Php,
            Some(kind) => kind,
        };
        walked.files.push(Candidate { path: root.to_owned(), name, kind });
        return Ok(walked);
    }
    let mut levels = if choice.ignored { Vec::new() } else { above(root) };
    folder(root, root, choice, &mut levels, &mut walked);
    walked.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(walked)
}

/// The patterns of the folders above, up to the repository's.
fn above(root: &Path) -> Vec<Level> {
    let Ok(root) = root.canonicalize() else { return Vec::new() };
    let folders: Vec<&Path> = root.ancestors().collect();
    let Some(top) = folders.iter().position(|folder| folder.join(".git").exists()) else { return Vec::new() };
    folders[1..=top.max(1).min(folders.len() - 1)].iter().take(top).rev().filter_map(|folder| level(folder)).collect()
}

/// What `.gitignore` and `.ignore` of a folder say.
fn level(folder: &Path) -> Option<Level> {
    let mut patterns = Patterns::default();
    for name in [".gitignore", ".ignore"] {
        if let Ok(text) = fs::read(folder.join(name)) {
            // Lines that are no patterns are passed over, as git does.
            let _faults = patterns.add_lines(&text);
        }
    }
    (!patterns.is_empty()).then(|| Level { patterns, folder: folder.to_owned() })
}

fn folder(root: &Path, path: &Path, choice: &Choice, levels: &mut Vec<Level>, walked: &mut Walked) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            walked.unread.push((relative(root, path), error));
            return;
        }
    };
    let own = if choice.ignored { None } else { level(path) };
    let pushed = own.is_some();
    levels.extend(own);
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        if kind.is_dir() {
            let name = name.to_string_lossy();
            if NEVER.contains(&&*name) {
                continue;
            }
            if name == "vendor" {
                walked.vendors.push(path.clone());
            }
            if (PACKAGES.contains(&&*name) && !choice.packages) || is_ignored(levels, &path, true) {
                continue;
            }
            folder(root, &path, choice, levels, walked);
        } else if kind.is_file()
            && let Some(kind) = kind_of(Path::new(&name), choice)
            && !is_ignored(levels, &path, false)
        {
            let name = relative(root, &path);
            walked.files.push(Candidate { path, name, kind });
        }
    }
    if pushed {
        levels.pop();
    }
}

/// Whether a path is left out: the patterns of the nearest folder that say anything decide.
fn is_ignored(levels: &[Level], path: &Path, is_folder: bool) -> bool {
    let canonical;
    !levels.is_empty() && {
        let mut full = path;
        if levels.iter().any(|level| !path.starts_with(&level.folder)) {
            canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            full = &canonical;
        }
        levels
            .iter()
            .rev()
            .find_map(|level| {
                let inside = path.strip_prefix(&level.folder).or_else(|_| full.strip_prefix(&level.folder)).ok()?;
                level.patterns.leaves_out(inside.as_os_str().as_bytes(), is_folder)
            })
            .unwrap_or(false)
    }
}

/// What a file's name says.
fn kind_of(name: &Path, choice: &Choice) -> Option<FileKind> {
    let text = name.to_str().unwrap_or_default();
    let extension = name.extension().and_then(|extension| extension.to_str());
    match text {
        ".htaccess" | "htaccess.txt" | ".htaccess.dist" | "httpd.conf" | "apache2.conf" => {
            return Some(FileKind::Apache);
        }
        ".user.ini" | "php.ini" => return Some(FileKind::Settings),
        _ => {}
    }
    if text.starts_with("php") && (text.contains(".ini-") || extension == Some("ini")) {
        return Some(FileKind::Settings);
    }
    match extension {
        Some(extension) if choice.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)) => {
            Some(FileKind::Php)
        }
        Some("conf" | "vhost") => Some(FileKind::PerhapsApache),
        None => Some(FileKind::PerhapsPhp),
        Some(_) => None,
    }
}

/// Whether a file without extension is a script that PHP runs.
pub(crate) fn is_script(path: &Path) -> bool {
    let mut start = [0_u8; 64];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    let first = start[..read].split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"#!") && memchr::memmem::find(first, b"php").is_some()
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
