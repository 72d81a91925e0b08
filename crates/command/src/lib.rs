//! Runs a command to its end, within limits of time and of output, and ends with it whatever it started.
//!
//! For what is asked of the machine in passing: a check, a source of configuration, a unit's process id. What must outlive who asks has a
//! shim of the agent's. The command has a process group of its own, which is gone when the answer is there.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How long output may still come once the whole group is dead: only a process that left the group can hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Which part of the output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All of it, when it is not more than so many bytes. More ends the command.
    All(usize),
    /// The last so many bytes.
    Last(usize),
}

/// The limits of one run, and what is given and kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// How long it may take.
    pub within: Duration,
    /// Which part of the output is kept.
    pub keep: Keep,
    /// Whether what it writes to standard error is output, too. Else it is dropped unseen.
    pub errors: bool,
    /// What it reads from standard input; there is none without.
    pub input: Option<&'a [u8]>,
}

/// What a command that ended by itself left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed, as far as it was to be kept; `None` when somebody outside of its group still holds its output.
    pub output: Option<Vec<u8>>,
    /// Whether something was printed before that.
    pub cut: bool,
}

/// Why there is no end to tell of. No word of it is the command's own.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was never started.
    #[error("it cannot be started: {}", .0.kind())]
    NotStarted(#[source] io::Error),
    /// It was ended, because its time was over.
    #[error("it did not end within {}", span(*.0))]
    Late(Duration),
    /// It was ended, because it printed more than was allowed.
    #[error("it prints more than {}", size(*.0))]
    TooMuch(usize),
    /// The system did not say how it ended.
    #[error("its end was not seen: {}", .0.kind())]
    Unseen(#[source] io::Error),
}

fn span(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}

fn size(bytes: usize) -> String {
    const MEBI: usize = 1 << 20;
    if bytes > 0 && bytes.is_multiple_of(MEBI) { format!("{} MiB", bytes / MEBI) } else { format!("{bytes} bytes") }
}

/// A shell command, by `/bin/sh -c`.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]);
    command
}

/// How a command ended, in words: `exit 3`, `killed by signal 9`.
pub fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
    }
}

enum Told {
    Output(Vec<u8>, bool),
    Exited,
}

/// Runs a command. Blocks for about the limit's time at most.
pub fn run(mut command: Command, limits: &Limits<'_>) -> Result<Ended, Failed> {
    let until = Instant::now() + limits.within;
    let (child, told) = start(&mut command, limits).map_err(Failed::NotStarted)?;
    wait(child, &told, until, limits)
}

fn start(command: &mut Command, limits: &Limits<'_>) -> io::Result<(Child, Receiver<Told>)> {
    let (reader, writer) = io::pipe()?;
    let errors = if limits.errors { Stdio::from(writer.try_clone()?) } else { Stdio::null() };
    let input = if limits.input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = command.stdin(input).stdout(writer).stderr(errors).process_group(0).spawn()?;
    // The command holds the writing ends; ours would keep the pipe open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), limits.input) {
        let bytes = bytes.to_vec();
        // What does not read all of it has its reason.
        thread::spawn(move || pipe.write_all(&bytes));
    }
    let (send, told) = channel();
    read(reader, limits.keep, send.clone());
    let group = Pid::from_child(&child);
    thread::spawn(move || {
        // Not reaped here: until it is, its number stays the group's, and the kill cannot hit a stranger.
        let _seen = waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        send.send(Told::Exited)
    });
    Ok((child, told))
}

fn read(reader: PipeReader, keep: Keep, send: Sender<Told>) {
    thread::spawn(move || {
        let output = match keep {
            // One more than is allowed; the pipe then closes, and a command that goes on printing ends.
            Keep::All(most) => all(reader, most.saturating_add(1)).map(|bytes| Told::Output(bytes, false)),
            Keep::Last(most) => Ok(last(reader, most)),
        };
        output.map(|output| send.send(output))
    });
}

fn all(reader: PipeReader, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn last(mut reader: PipeReader, most: usize) -> Told {
    let (mut kept, mut cut) = (VecDeque::new(), false);
    let mut chunk = [0; 8192];
    while let Ok(count @ 1..) = reader.read(&mut chunk) {
        kept.extend(&chunk[..count]);
        let over = kept.len().saturating_sub(most);
        cut |= over > 0;
        kept.drain(..over);
    }
    Told::Output(Vec::from(kept), cut)
}

fn wait(mut child: Child, told: &Receiver<Told>, until: Instant, limits: &Limits<'_>) -> Result<Ended, Failed> {
    let (mut output, mut exited) = (None, false);
    let too_much = |output: &Option<(Vec<u8>, bool)>| match (limits.keep, output) {
        (Keep::All(most), Some((bytes, _))) if bytes.len() > most => Some(most),
        _ => None,
    };
    while !exited && too_much(&output).is_none() {
        match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Told::Exited) => exited = true,
            Ok(Told::Output(bytes, cut)) => output = Some((bytes, cut)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    // Whatever the answer: what it left in the background goes with it.
    let _gone_already = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let status = child.wait().map_err(Failed::Unseen)?;
    if exited && output.is_none() {
        output = loop {
            match told.recv_timeout(LAST_WORDS) {
                Ok(Told::Output(bytes, cut)) => break Some((bytes, cut)),
                Ok(Told::Exited) => {}
                Err(_) => break None,
            }
        };
    }
    if let Some(most) = too_much(&output) {
        return Err(Failed::TooMuch(most));
    }
    if !exited {
        return Err(Failed::Late(limits.within));
    }
    let cut = output.as_ref().is_some_and(|(_, cut)| *cut);
    Ok(Ended { status, output: output.map(|(bytes, _)| bytes), cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(seconds: u64, keep: Keep) -> Limits<'static> {
        Limits { within: Duration::from_secs(seconds), keep, errors: false, input: None }
    }

    fn printed(line: &str, limits: &Limits<'_>) -> Result<(String, String), String> {
        run(shell(line), limits)
            .map(|ended| (words(ended.status), ended.output.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
            .map(|(end, output)| (end, output.unwrap_or_else(|| "nothing".to_owned())))
            .map_err(|failed| failed.to_string())
    }

    /// It was killed: it is gone as soon as somebody reaps it.
    fn goes(sleeper: &str) {
        let until = Instant::now() + Duration::from_mins(1);
        let is_there = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", sleeper.trim())).unwrap_or_default();
            stat.contains(" (sleep) ") && !stat.contains(") Z ")
        };
        while is_there() {
            assert!(Instant::now() < until, "the sleeper is still there");
            thread::yield_now();
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped_with_all_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = shell("sleep 600 & echo $! > mark; sleep 600");
        command.current_dir(folder.path());
        let failed = run(command, &limits(2, Keep::All(100))).expect_err("it sleeps");
        assert_eq!(failed.to_string(), "it did not end within 2 s");
        let pid = std::fs::read_to_string(folder.path().join("mark")).expect("the command wrote it");
        goes(&pid);
    }

    #[test]
    fn what_it_left_in_the_background_neither_lives_nor_is_waited_for() {
        let (_, output) = printed("sleep 600 & echo $!", &limits(120, Keep::All(100))).expect("it ended");
        goes(&output);
    }

    #[test]
    fn who_left_the_group_with_the_output_keeps_the_end_from_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command =
            shell("setsid sh -c 'echo $$ > pid; exec sleep 600' & while ! test -s pid; do :; done; exit 4");
        command.current_dir(folder.path());
        let ended = run(command, &limits(120, Keep::All(100))).expect("it ended");
        assert_eq!((words(ended.status).as_str(), ended.output), ("exit 4", None));
        let pid = std::fs::read_to_string(folder.path().join("pid")).expect("it wrote it");
        let pid = Pid::from_raw(pid.trim().parse().expect("a number")).expect("a process id");
        rustix::process::kill_process(pid, Signal::KILL).expect("it still runs");
    }

    #[test]
    fn what_cannot_be_used_is_said_without_a_word_of_it() {
        for (line, expected) in [
            ("echo hidden >&2; exit 3", Ok(("exit 3", ""))),
            ("kill -9 $$", Ok(("killed by signal 9", ""))),
            ("yes hidden", Err("it prints more than 100 bytes")),
            ("cat; echo x >&2", Ok(("exit 0", ""))),
        ] {
            let expected = expected.map(|(end, output)| (end.to_owned(), output.to_owned())).map_err(ToOwned::to_owned);
            assert_eq!(printed(line, &limits(120, Keep::All(100))), expected, "{line}");
        }
        let failed = run(Command::new("/no/such/program"), &limits(120, Keep::All(100))).expect_err("not there");
        assert_eq!(failed.to_string(), "it cannot be started: entity not found");
    }

    #[test]
    fn of_much_output_the_end_is_kept_and_what_it_reads_is_given() {
        let ended = run(shell("seq 1 50000; echo end >&2"), &Limits { errors: true, ..limits(120, Keep::Last(8)) });
        let ended = ended.expect("it ended");
        assert_eq!((ended.output.as_deref(), ended.cut), (Some(&b"000\nend\n"[..]), true));
        let input = vec![b'x'; 1 << 20];
        let given = Limits { input: Some(&input), ..limits(120, Keep::All(100)) };
        assert_eq!(printed("wc -c", &given).expect("it ended").1.trim(), "1048576");
        assert_eq!(printed("head -c 3", &given).expect("it ended").1, "xxx");
    }
}
