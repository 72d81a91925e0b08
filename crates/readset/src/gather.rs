//! Reads a folder's files, several at a time, and puts their finds together.

use std::fs::File;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sternway_core::finding::Place;

use crate::findings::Findings;
use crate::language::{self, Language};
use crate::read::{Origin, Read, ReadSet, Unparsed, Write};
use crate::text::{Lines, decode, longest_line};
use crate::walk::{Candidate, Choice, candidates, origin};

/// Larger files are generated or bundled.
const LARGEST: usize = 2 << 20;

/// Longer lines are minified.
const LONGEST_LINE: usize = 50_000;

/// More threads than this wait for the disk or for memory rather than for a processor.
const THREADS: usize = 8;

/// Parsers of nested code recurse; theirs is bounded, and this holds the bound also without optimisation.
const STACK: usize = 64 << 20;

/// All keys that the code in a folder reads, by place. What cannot be read is in [`ReadSet::unparsed`]; the answer is the same whatever the
/// number of processors. At most eight files of 2 MiB are in memory at a time.
pub fn read_set(root: &Path, choice: Choice<'_>) -> ReadSet {
    let mut all = Gathered::default();
    let files = candidates(root, choice, &mut all.set.unparsed);
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(files.len().max(1));
    let work = || {
        let mut part = Gathered::default();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            part.file(file);
        }
        part
    };
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)).collect();
        for worker in workers {
            match worker.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(part)) => all.add(part),
                // No thread could be had, or one ended early: the rest is done here.
                Ok(Err(_)) | Err(_) => all.add(work()),
            }
        }
    });
    all.finish()
}

/// The keys that one text reads, as if it were a file of this name. `None` when the name is of no known language.
pub fn read_file(name: &str, bytes: &[u8]) -> Option<ReadSet> {
    read_text(name, bytes, true)
}

/// The same without a look at the bytes first: slower, and by test never different.
pub fn read_file_unsifted(name: &str, bytes: &[u8]) -> Option<ReadSet> {
    read_text(name, bytes, false)
}

fn read_text(name: &str, bytes: &[u8], sift: bool) -> Option<ReadSet> {
    let language = language::by_name(Path::new(name)).or_else(|| language::by_first_line(bytes))?;
    let read = || {
        let mut all = Gathered::default();
        all.bytes(name, origin(name), language, bytes.to_vec(), sift);
        all.finish()
    };
    // On a thread of its own because of the stack that it needs.
    let read = thread::scope(|scope| {
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read).ok().and_then(|worker| worker.join().ok())
    });
    Some(read.unwrap_or_else(|| {
        let mut none = Gathered::default();
        none.unparsed(name, "no thread could be had to parse it".to_owned(), false);
        none.finish()
    }))
}

#[derive(Default)]
struct Gathered {
    set: ReadSet,
    own_env_function: bool,
}

impl Gathered {
    fn file(&mut self, file: &Candidate) {
        match load(&file.path) {
            Ok(Some((language, bytes))) => self.bytes(&file.name, file.origin, language, bytes, true),
            Ok(None) => {}
            Err(error) => self.unparsed(&file.name, error.kind().to_string(), false),
        }
    }

    fn bytes(&mut self, name: &str, origin: Origin, language: &dyn Language, bytes: Vec<u8>, sift: bool) {
        self.set.files += 1;
        self.set.bytes += bytes.len() as u64;
        if bytes.len() > LARGEST {
            return self.unparsed(name, "larger than 2 MiB: generated or bundled".to_owned(), false);
        }
        if sift && !language.may_read(&bytes) {
            return;
        }
        if longest_line(&bytes) > LONGEST_LINE {
            return self.unparsed(name, "a line of more than 50,000 bytes: minified".to_owned(), false);
        }
        self.set.parsed += 1;
        let text = decode(bytes);
        // A parser's fault costs one file, not the answer.
        let found = catch_unwind(AssertUnwindSafe(|| {
            let mut findings = language.find(&text);
            findings.settle();
            findings
        }));
        match found {
            Ok(findings) => self.found(name, origin, &text, findings),
            Err(_) => self.unparsed(name, "the parser failed on it".to_owned(), false),
        }
    }

    fn found(&mut self, name: &str, origin: Origin, text: &str, findings: Findings) {
        if let Some(why) = findings.broken {
            self.unparsed(name, why, true);
        }
        self.own_env_function |= findings.own_env_function && origin == Origin::Own;
        if findings.reads.is_empty() && findings.sets.is_empty() {
            return;
        }
        let lines = Lines::new(text);
        let place = |at| {
            let (line, column) = lines.place(at);
            Place { file: name.to_owned(), line, column }
        };
        self.set.reads.extend(findings.reads.into_iter().map(|found| Read {
            place: place(found.at),
            key: found.key,
            how: found.how,
            has_default: found.fallback,
            required: found.required,
            set_by_code: found.set_by_code,
            origin,
        }));
        self.set.writes.extend(findings.sets.into_iter().map(|set| Write {
            place: place(set.at),
            key: set.key,
            origin,
        }));
    }

    fn unparsed(&mut self, name: &str, why: String, partly: bool) {
        self.set.unparsed.push(Unparsed { file: name.to_owned(), why, partly });
    }

    fn add(&mut self, part: Self) {
        self.set.reads.extend(part.set.reads);
        self.set.writes.extend(part.set.writes);
        self.set.unparsed.extend(part.set.unparsed);
        self.set.files += part.set.files;
        self.set.bytes += part.set.bytes;
        self.set.parsed += part.set.parsed;
        self.own_env_function |= part.own_env_function;
    }

    fn finish(self) -> ReadSet {
        let mut set = self.set;
        if self.own_env_function {
            // The project's own function of that name means something else in PHP.
            let python =
                |read: &Read| Path::new(&read.place.file).extension().is_some_and(|end| end.eq_ignore_ascii_case("py"));
            set.reads.retain(|read| read.how != "env()" || python(read));
        }
        set.reads.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
        set.writes.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
        set.unparsed.sort();
        set
    }
}

/// A file's language and bytes; of a file that is too large, only as much as tells so. `None` when it is of no known language.
fn load(path: &Path) -> io::Result<Option<(&'static dyn Language, Vec<u8>)>> {
    let mut file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(length.min(LARGEST) + 1);
    let known = language::by_name(path);
    if known.is_none() {
        file.by_ref().take(128).read_to_end(&mut bytes)?;
    }
    let Some(language) = known.or_else(|| language::by_first_line(&bytes)) else { return Ok(None) };
    let rest = (LARGEST + 1).saturating_sub(bytes.len());
    file.take(rest as u64).read_to_end(&mut bytes)?;
    Ok(Some((language, bytes)))
}
