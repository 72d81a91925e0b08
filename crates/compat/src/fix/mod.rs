//! What is mechanical and safe to mend, as a patch. Nothing is ever written to a file here.
//!
//! Only what a scan named is mended, at the places that it named: what a guard keeps from the target version stays as it is. A change that could
//! alter what the code does is left to a person.

mod calls;
mod diff;
mod edit;
mod find;
mod loops;
mod syntax;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;

use php_rs_parser::bumpalo::Bump;

use crate::report::{Problem, Report};
use crate::scan::{Options, STACK};
use crate::text::{Lines, Spot, decode};
use edit::Edit;

/// Larger files are generated, and left to what generates them.
const LARGEST: usize = 1 << 20;

/// A patch for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePatch {
    /// The file, relative to what was scanned.
    pub file: String,
    /// How many places it mends.
    pub places: usize,
    /// The patch's hunks as `git apply` takes them, without the lines that name the file; bytes as they are in the file.
    pub hunks: Vec<u8>,
}

/// What can be mended by a patch, and what a person has to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fixes {
    /// By file.
    pub patches: Vec<FilePatch>,
    /// In words, one line each: functions of an extension that is gone, with what takes their place.
    pub plan: Vec<String>,
    /// How many of the problems no patch mends.
    pub left: usize,
}

/// Proposes what can be mended of what a scan of `root` found.
///
/// # Errors
/// When a file that the scan read cannot be read any more.
pub fn fix(root: &Path, report: &Report, options: &Options) -> io::Result<Fixes> {
    let mut files: BTreeMap<&str, Vec<&Problem>> = BTreeMap::new();
    for problem in &report.problems {
        files.entry(&problem.place.file).or_default().push(problem);
    }
    let mut fixes = Fixes { plan: plan(report), ..Fixes::default() };
    for (name, problems) in files {
        let path = if root.is_dir() { root.join(name) } else { root.to_owned() };
        let mended = if problems.iter().any(|problem| find::is_mendable(&problem.rule)) {
            patch(&path, name, &problems, options)?
        } else {
            None
        };
        fixes.left += problems.len().saturating_sub(mended.as_ref().map_or(0, |patch| patch.places));
        fixes.patches.extend(mended);
    }
    Ok(fixes)
}

/// A file's patch, made on a thread of its own because of the stack that its tree may need.
fn patch(path: &PathBuf, name: &str, problems: &[&Problem], options: &Options) -> io::Result<Option<FilePatch>> {
    let bytes = fs::read(path)?;
    if bytes.len() > LARGEST {
        return Ok(None);
    }
    let wanted: HashSet<(&str, Spot)> =
        problems.iter().map(|problem| (problem.rule.as_str(), problem.place.at)).collect();
    let (target, source) = (options.target, options.source);
    let work = || {
        let is_utf8 = std::str::from_utf8(&bytes).is_ok();
        let text = decode(bytes.clone());
        let arena = Bump::new();
        let found = catch_unwind(AssertUnwindSafe(|| find::edits(&arena, &text, target, source))).unwrap_or_default();
        let lines = Lines::new(&text);
        let mut chosen: Vec<Edit> = Vec::new();
        let mut places = BTreeSet::new();
        for fix in found {
            let at = lines.spot(fix.at as usize);
            let overlaps = |edit: &Edit| chosen.iter().any(|other| edit.start < other.end && other.start < edit.end);
            if wanted.contains(&(fix.rule.as_str(), at)) && !fix.edits.iter().any(overlaps) {
                places.insert((fix.rule, at));
                chosen.extend(fix.edits);
            }
        }
        if chosen.is_empty() {
            return None;
        }
        let new = edit::applied(&text, &mut chosen);
        let encode = |text: &str| if is_utf8 { text.as_bytes().to_vec() } else { edit::encoded(text) };
        Some((places.len(), diff::hunks(&bytes, &encode(&new))))
    };
    let made = thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        worker.ok().and_then(|worker| worker.join().ok()).flatten()
    });
    Ok(made.map(|(places, hunks)| FilePatch { file: name.to_owned(), places, hunks }))
}

/// What a person has to do: no patch replaces a database's client.
fn plan(report: &Report) -> Vec<String> {
    let mut functions: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for problem in &report.problems {
        if let Some(name) = problem.rule.strip_prefix("function ").filter(|name| name.starts_with("mysql_")) {
            functions.entry(name).or_insert((0, problem.hint.as_str())).0 += 1;
        }
    }
    let places = |count: usize| if count == 1 { "1 place".to_owned() } else { format!("{count} places") };
    let lines = functions.into_iter().map(|(name, (count, hint))| format!("{name}(): {}, {hint}", places(count)));
    lines.collect()
}
