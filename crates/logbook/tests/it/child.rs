//! This test binary again, as another process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use sternway_logbook::{AcquireError, Guard, Logbook};

use crate::support::{at, draft, production};

const MODE: &str = "STERNWAY_LOGBOOK_CHILD";
const PATH: &str = "STERNWAY_LOGBOOK_PATH";

/// Not a test: what the other processes do.
#[test]
#[ignore = "started by other tests as a process of its own"]
fn process() {
    let (Ok(mode), Some(path)) = (std::env::var(MODE), std::env::var_os(PATH)) else { return };
    let path = Path::new(&path);
    // libtest leaves its own line open.
    println!();
    match mode.as_str() {
        "append-for-ever" => append_for_ever(path),
        "append-some" => append_some(path),
        "acquire" => acquire(path),
        "keep-for-ever" => crate::checkpoint::keep_for_ever(path),
        "full-disk" => crate::full_disk::on_a_small_disk(path),
        other => panic!("no such mode: {other}"),
    }
}

/// What every batch of a child consists of.
pub(crate) const BATCH: u64 = 3;
/// How many batches `append-some` appends.
pub(crate) const BATCHES: u64 = 150;

fn append_batch(logbook: &Logbook) -> (u64, String) {
    let by = format!("pid {}", std::process::id());
    let drafts = (0..BATCH).map(|n| draft(&by, &format!("{n} of a batch"))).collect();
    let records = logbook.append(drafts, Guard::default()).unwrap();
    let head = records.last().unwrap().head();
    (head.seq, head.hash.to_string())
}

fn append_for_ever(path: &Path) {
    let logbook = Logbook::open(path).unwrap();
    loop {
        let (seq, hash) = append_batch(&logbook);
        println!("ack {seq} {hash}");
    }
}

fn append_some(path: &Path) {
    println!("ready");
    wait_for_go();
    // Opened after the start, so that processes also race to create the logbook.
    let logbook = Logbook::open(path).unwrap();
    for _ in 0..BATCHES {
        append_batch(&logbook);
    }
}

fn acquire(path: &Path) {
    let logbook = Logbook::open(path).unwrap();
    let holder = format!("pid {}", std::process::id());
    println!("ready");
    for round in 1.. {
        if !wait_for_go() {
            return;
        }
        match logbook.acquire(&production(), &holder, Duration::from_secs(10), at(round * 100)) {
            Ok(acquired) => println!("won {} {holder}", acquired.epoch),
            Err(AcquireError::HeldBy(held)) => println!("lost {} {}", held.epoch, held.holder),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn wait_for_go() -> bool {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap() > 0
}

/// A running child; killed when dropped.
pub(crate) struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

/// The command that runs this binary in a mode.
pub(crate) fn command(mode: &str, path: &Path, wrapper: &[&str]) -> Command {
    let binary = std::env::current_exe().unwrap();
    let mut command = match wrapper {
        [] => Command::new(&binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&binary);
            command
        }
    };
    command.args(["--exact", "child::process", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(MODE, mode).env(PATH, path);
    command
}

pub(crate) fn spawn(mode: &str, path: &Path) -> Process {
    let mut child = command(mode, path, &[]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    Process { child, lines }
}

impl Process {
    /// The next line that begins with one of these words; `None` when the process has ended.
    pub(crate) fn line(&mut self, words: &[&str]) -> Option<String> {
        self.lines.by_ref().map_while(Result::ok).find(|line| words.iter().any(|word| line.starts_with(word)))
    }

    pub(crate) fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        while self.lines.next().is_some() {}
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_waited = self.child.wait();
    }
}
