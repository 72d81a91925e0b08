//! Scans a folder or a file.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use php_rs_parser::bumpalo::Bump;
use sternway_core::finding::Severity;

use crate::cache::Cache;
use crate::facts::Facts;
use crate::packages;
use crate::php;
use crate::report::{Needs, Place, Problem, Report};
use crate::seen::{Confidence, Seen};
use crate::server;
use crate::settle::{File, Question, Weighed, settle};
use crate::text::{Spot, decode, is_binary};
use crate::version::{Version, Versions};
use crate::walk::{Candidate, Choice, FileKind, is_script, walk};

/// Larger files are not read.
pub const LARGEST: u64 = 64 << 20;

/// More threads than this wait for memory rather than for a processor.
const THREADS: usize = 16;

/// What is nested is walked by recursion, as deep as the parser lets it be; this holds that also without optimisation.
pub(crate) const STACK: usize = 256 << 20;

/// What to scan for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The version that the code shall run on.
    pub target: Version,
    /// The version that it runs on now: only what breaks in between is said.
    pub source: Option<Version>,
    /// Which files.
    pub choice: Choice,
    /// A folder in which what was seen is kept by content, so that the next scan reads only what changed.
    pub cache: Option<PathBuf>,
}

/// Scans a folder, or one file.
///
/// At most one file for each processor is in memory at a time, and none larger than [`LARGEST`]. What cannot be looked at is a problem in
/// the report, never passed over.
///
/// # Errors
/// When the path itself cannot be read.
pub fn scan(root: &Path, options: &Options) -> io::Result<Report> {
    let facts = Facts::known();
    let question = Question { target: options.target, source: options.source };
    let mut walked = walk(root, &options.choice)?;
    walked.files.retain(|file| file.kind != FileKind::PerhapsPhp || is_script(&file.path));
    let loaded = packages::always_loaded(root, &walked.vendors);
    let scanned = walked.files.len();
    let scanned_too: HashSet<&Path> = walked.files.iter().map(|file| file.path.as_path()).collect();
    let mut more = Vec::new();
    for path in loaded.iter().filter(|path| !scanned_too.contains(path.as_path())) {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        more.push(Candidate { path: path.clone(), name, kind: FileKind::Php });
    }
    walked.files.extend(more);
    let cache = options.cache.as_deref().map(|folder| Cache::open(folder, root, facts, question));
    let looked = look_at_all(&walked.files, facts, question, cache.as_ref());

    let mut report = Report {
        problems: Vec::new(),
        files: 0,
        bytes: 0,
        binary: 0,
        cached: 0,
        needs: Needs { lowest: None, highest: None },
    };
    let mut files = Vec::new();
    for (number, (candidate, look)) in walked.files.iter().zip(looked).enumerate() {
        let own = number < scanned;
        match look {
            Look::Seen { seen, bytes, cached } => {
                if own {
                    report.files += 1;
                    report.bytes += bytes;
                    report.cached += usize::from(cached);
                }
                files.push(File {
                    name: candidate.name.clone(),
                    always_loaded: loaded.contains(&candidate.path),
                    silent: !own,
                    seen: *seen,
                });
            }
            Look::Binary => report.binary += usize::from(own),
            Look::Failed(why) if own => report.problems.push(unread(&candidate.name, &why)),
            Look::Nothing | Look::Failed(_) => {}
        }
    }
    for (folder, error) in &walked.unread {
        report.problems.push(unread(folder, &error.kind().to_string()));
    }
    if report.files == 0 && report.problems.is_empty() {
        report.problems.push(nothing(options));
    }
    let (problems, weighed) = settle(&files, facts, question);
    report.problems.extend(problems);
    report.problems.sort_by(|a, b| (&a.place, &a.code, &a.rule).cmp(&(&b.place, &b.code, &b.rule)));
    report.needs = needs(weighed, facts);
    if let Some(cache) = cache {
        // A cache that cannot be written costs time, and nothing else.
        let _slower_next_time = cache.write();
    }
    Ok(report)
}

/// What came of one file.
enum Look {
    Seen {
        seen: Box<Seen>,
        bytes: u64,
        cached: bool,
    },
    Binary,
    /// It is none of the files that are looked at.
    Nothing,
    Failed(String),
}

fn look_at_all(
    files: &[Candidate],
    facts: &'static Facts<'static>,
    question: Question,
    cache: Option<&Cache>,
) -> Vec<Look> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(files.len().max(1));
    let work = || {
        let mut arena = Bump::new();
        let mut looks = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(number) else { break looks };
            looks.push((number, look(file, &arena, facts, question, cache)));
            arena.reset();
            // What one large file needed is given back.
            if arena.allocated_bytes() > 64 << 20 {
                arena = Bump::new();
            }
        }
    };
    let mut looked: Vec<Option<Look>> = files.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)).collect();
        for worker in workers {
            let part = match worker.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(part)) => part,
                // No thread could be had, or one ended early: the rest is done here.
                Ok(Err(_)) | Err(_) => work(),
            };
            for (number, look) in part {
                looked[number] = Some(look);
            }
        }
    });
    looked
        .into_iter()
        .map(|look| look.unwrap_or_else(|| Look::Failed("the scan of it ended early".to_owned())))
        .collect()
}

fn look(
    file: &Candidate,
    arena: &Bump,
    facts: &'static Facts<'static>,
    question: Question,
    cache: Option<&Cache>,
) -> Look {
    let size = match fs::metadata(&file.path) {
        Ok(about) => about.len(),
        Err(error) => return Look::Failed(error.kind().to_string()),
    };
    if size > LARGEST {
        return Look::Failed(format!("it has {} MiB, and what has more than 64 is not read", size >> 20));
    }
    let bytes = match fs::read(&file.path) {
        Ok(bytes) => bytes,
        Err(error) => return Look::Failed(error.kind().to_string()),
    };
    if is_binary(&bytes) {
        return Look::Binary;
    }
    let size = bytes.len() as u64;
    let digest = cache.map(|_| Cache::digest(&bytes, file.kind));
    if let Some(seen) = digest.as_ref().zip(cache).and_then(|(digest, cache)| cache.get(digest)) {
        return Look::Seen { seen: Box::new(seen), bytes: size, cached: true };
    }
    let text = decode(bytes);
    let seen = match file.kind {
        FileKind::Php | FileKind::PerhapsPhp => {
            // A parser's fault costs one file, not the answer.
            catch_unwind(AssertUnwindSafe(|| php::examine(arena, &text, facts, question)))
        }
        FileKind::PerhapsApache if !server::is_apache(&text) => return Look::Nothing,
        FileKind::Settings => Ok(Seen { said: server::settings(&text, facts, question.target), ..Seen::default() }),
        FileKind::Apache | FileKind::PerhapsApache => {
            Ok(Seen { said: server::apache(&text, facts, question.target), ..Seen::default() })
        }
    };
    let Ok(seen) = seen else { return Look::Failed("the parser failed on it".to_owned()) };
    if let Some((digest, cache)) = digest.zip(cache) {
        cache.put(digest, &seen);
    }
    Look::Seen { seen: Box::new(seen), bytes: size, cached: false }
}

fn unread(file: &str, why: &str) -> Problem {
    Problem {
        code: "S1006".to_owned(),
        severity: Severity::Warning,
        rule: "file unread".to_owned(),
        place: Place { file: file.to_owned(), at: Spot::FILE },
        message: format!("was not looked at: {why}"),
        hint: "nothing is known about it: look at it by hand, or leave it out by an .ignore file".to_owned(),
        source: String::new(),
        confidence: Confidence::High,
    }
}

fn nothing(options: &Options) -> Problem {
    let extensions = options.choice.extensions.join(", ");
    Problem {
        code: "S1008".to_owned(),
        severity: Severity::Warning,
        rule: "nothing scanned".to_owned(),
        place: Place { file: ".".to_owned(), at: Spot::FILE },
        message: format!("nothing was scanned: there is no file of PHP here (extensions: {extensions})"),
        hint: "name the extensions with --ext, or look also at what is ignored with --all".to_owned(),
        source: String::new(),
        confidence: Confidence::High,
    }
}

/// The range of versions that the table knows and the code runs on.
fn needs(weighed: Weighed, facts: &Facts<'_>) -> Needs {
    let newest = facts.rows().iter().map(|row| row.version).max().unwrap_or(Version::OLDEST_SOURCE);
    let known = Versions::from(Version::new(5, 3)).and(Versions::from(newest).others().or(Versions::only(newest)));
    let runs = weighed.runs_on.and(known);
    let highest = runs.iter().next_back();
    Needs { lowest: runs.iter().next(), highest: highest.filter(|highest| *highest != newest) }
}
