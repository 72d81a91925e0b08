//! RESP2, as much of it as a proof needs (<https://redis.io/docs/latest/develop/reference/protocol-spec/>). By hand, since every read has to
//! end by one deadline, every reply has to be bounded, and a client library is a dozen crates for seven commands.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::failing::Failing;
use crate::reach::Stream;
use crate::target::left;
use crate::tls;

/// No reply of these commands is longer.
const LONGEST: usize = 256 * 1024;

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// `+OK`, or a number.
    Simple(String),
    /// `-CODE message`: the first word only, since the rest may name a user or a key.
    Error(String),
    /// A text.
    Bulk(Vec<u8>),
    /// Nothing there.
    Nil,
}

/// One connection.
pub(crate) struct Wire {
    stream: BufReader<Stream>,
    limit: Duration,
    end: Instant,
}

impl Wire {
    pub(crate) fn new(stream: Stream, limit: Duration) -> Self {
        Self { stream: BufReader::new(stream), limit, end: Instant::now() + limit }
    }

    /// A limit of its own for what is asked from now on.
    pub(crate) fn renew(&mut self, limit: Duration) {
        self.limit = limit;
        self.end = Instant::now() + limit;
    }

    /// Sends a command and reads its reply.
    pub(crate) fn ask(&mut self, words: &[&str]) -> Result<Reply, Failing> {
        let mut out = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            out.extend(format!("${}\r\n", word.len()).bytes());
            out.extend(word.bytes());
            out.extend(b"\r\n");
        }
        self.patience()?;
        let sent = self.stream.get_mut().write_all(&out);
        sent.map_err(|error| self.failing(&error))?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, Failing> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or(STRANGE)?;
        match kind {
            "+" | ":" => Ok(Reply::Simple(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            "$" if rest == "-1" => Ok(Reply::Nil),
            "$" => {
                let length: usize = rest.parse().ok().filter(|length| *length <= LONGEST).ok_or(STRANGE)?;
                let mut bytes = vec![0; length + 2];
                let mut read = 0;
                while read < bytes.len() {
                    self.patience()?;
                    match self.stream.read(&mut bytes[read..]) {
                        Ok(0) => return Err(STRANGE),
                        Ok(more) => read += more,
                        Err(error) => return Err(self.failing(&error)),
                    }
                }
                bytes.truncate(length);
                Ok(Reply::Bulk(bytes))
            }
            _ => Err(STRANGE),
        }
    }

    fn line(&mut self) -> Result<String, Failing> {
        let mut line = Vec::new();
        loop {
            self.patience()?;
            let seen = match self.stream.fill_buf() {
                Ok(seen) => seen,
                Err(error) => return Err(self.failing(&error)),
            };
            if seen.is_empty() || line.len() > 1024 {
                return Err(STRANGE);
            }
            let end = seen.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(seen.len(), |end| end + 1);
            line.extend_from_slice(&seen[..used]);
            self.stream.consume(used);
            if end.is_some() {
                let text = String::from_utf8(line).map_err(|_| STRANGE)?;
                return Ok(text.trim_end().to_owned());
            }
        }
    }

    fn patience(&self) -> Result<(), Failing> {
        let left = left(self.end).ok_or_else(|| Failing::silent(self.limit))?;
        self.stream.get_ref().patience(left).map_err(|error| self.failing(&error))
    }

    fn failing(&self, error: &io::Error) -> Failing {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Failing::silent(self.limit),
            // A server that wants a certificate of its client says so after the handshake.
            _ => tls::of_error(error, true).unwrap_or(STRANGE),
        }
    }
}

const STRANGE: Failing = Failing::Strange("what answers does not speak as Redis does");
