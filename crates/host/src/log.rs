//! The log of one instance: lines with time and stream, rotated by size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sternway_core::time::Timestamp;

use crate::clock::now;

/// How much log is kept: `files` files of about `bytes` bytes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLimits {
    /// A file is rotated away when it is longer than this.
    pub bytes: u64,
    /// How many files there are, the one being written among them.
    pub files: u32,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self { bytes: 10 * 1024 * 1024, files: 3 }
    }
}

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
    /// A remark of the shim's own.
    Shim,
}

impl Stream {
    const fn tag(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Err => "err",
            Self::Shim => "---",
        }
    }
}

/// The name of the log that is being written; older ones have `.1`, `.2` appended.
const NAME: &str = "out.log";

/// A log that is being written.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    limits: LogLimits,
    open: Option<(File, u64)>,
}

impl Log {
    pub(crate) fn new(folder: &Path, limits: LogLimits) -> Self {
        Self { path: folder.join(NAME), limits, open: None }
    }

    /// Appends one line. A log that cannot be written (a full disk) loses the line: it never stops the service.
    pub(crate) fn line(&mut self, stream: Stream, text: &str) {
        if self.try_line(stream, text).is_err() {
            self.open = None;
        }
    }

    fn try_line(&mut self, stream: Stream, text: &str) -> io::Result<()> {
        let line = format!("{} {} {text}\n", now(), stream.tag());
        if self.open.as_ref().is_some_and(|(_, length)| *length > 0 && length + line.len() as u64 > self.limits.bytes) {
            self.rotate()?;
        }
        let (file, length) = match &mut self.open {
            Some(open) => open,
            none => {
                let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path)?;
                let length = file.metadata()?.len();
                none.insert((file, length))
            }
        };
        file.write_all(line.as_bytes())?;
        *length += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        for older in (0..self.limits.files.saturating_sub(1)).rev() {
            match fs::rename(numbered(&self.path, older), numbered(&self.path, older + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.limits.files <= 1 {
            fs::remove_file(&self.path)?;
        }
        Ok(())
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// At most this much of each file is read for a tail.
const TAIL_BYTES: u64 = 4 * 1024 * 1024;

/// The last lines of a folder's log, oldest first, across rotated files.
pub(crate) fn tail(folder: &Path, lines: usize) -> Vec<String> {
    let path = folder.join(NAME);
    let mut last = Vec::new();
    for number in 0.. {
        let Ok(text) = end_of(&numbered(&path, number)) else { break };
        last.extend(text.lines().rev().take(lines - last.len()).map(str::to_owned));
        if last.len() == lines {
            break;
        }
    }
    last.reverse();
    last
}

/// The last lines that the service itself wrote since then, without time and stream.
pub(crate) fn last_words(folder: &Path, since: Timestamp, lines: usize) -> Vec<String> {
    let since = since.to_string();
    let own = |line: &String| {
        let (time, rest) = line.split_once(' ')?;
        let (stream, text) = rest.split_once(' ')?;
        // RFC 3339 in UTC with a fixed number of digits: the order of texts is the order of times.
        (stream != Stream::Shim.tag() && time >= since.as_str()).then(|| text.to_owned())
    };
    let mut words: Vec<String> = tail(folder, lines * 4 + 8).iter().filter_map(own).collect();
    words.drain(..words.len().saturating_sub(lines));
    words
}

fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    if length > TAIL_BYTES {
        // Not the rest of a line: a secret in it might be cut and not be recognised.
        let whole = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
        bytes.drain(..whole);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_keeps_the_newest_lines_and_the_number_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), LogLimits { bytes: 200, files: 3 });
        (0..100).for_each(|number| log.line(Stream::Out, &format!("line {number}")));
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, ["out.log", "out.log.1", "out.log.2"]);
        assert!(fs::metadata(folder.path().join(NAME)).unwrap().len() <= 200);
        let words = last_words(folder.path(), Timestamp::default(), 7);
        assert_eq!(words, (93..100).map(|number| format!("line {number}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_tail_of_nothing_is_empty() {
        assert!(tail(tempfile::tempdir().unwrap().path(), 5).is_empty());
    }
}
