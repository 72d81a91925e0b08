//! One JSON line out, one JSON line back, over a unix socket: the framing that agent and proxy share.
//!
//! A connection carries any number of exchanges, one at a time. Lines end with `\n`; a line longer than [`LINE_LIMIT`] ends the
//! connection. Only the same user and root may connect, see [`peer_allowed`].

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest line that is read, in bytes.
pub const LINE_LIMIT: u64 = 64 * 1024 * 1024;

/// Why an exchange did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Nobody listens at the socket.
    #[error("cannot connect to {path}")]
    Connect {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The connection broke or timed out; whether the request was carried out is not known.
    #[error("the connection to {path} broke")]
    Broken {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The other side said something that is not of the protocol.
    #[error("the answer from {path} is not understood")]
    Garbled {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// A client's connection.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects; each later read waits at most `timeout`.
    pub fn connect(path: &Path, timeout: Duration) -> Result<Self, WireError> {
        let connect = || {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            Ok(stream)
        };
        match connect() {
            Ok(stream) => Ok(Self { path: path.to_owned(), stream: BufReader::new(stream) }),
            Err(source) => Err(WireError::Connect { path: path.to_owned(), source }),
        }
    }

    /// Sends one request and waits for its answer.
    pub fn ask<Q: Serialize, A: DeserializeOwned>(&mut self, request: &Q) -> Result<A, WireError> {
        let broken = |source| WireError::Broken { path: self.path.clone(), source };
        write_line(self.stream.get_mut(), request).map_err(broken)?;
        match read_line(&mut self.stream).map_err(broken)? {
            Some(line) => {
                serde_json::from_str(&line).map_err(|source| WireError::Garbled { path: self.path.clone(), source })
            }
            None => Err(broken(std::io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// Writes a value as one line.
pub fn write_line<T: Serialize>(out: &mut impl Write, value: &T) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// Reads one line without its end; `None` at the end of the stream. A last line without an end was cut off, and is an error.
pub fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = input.take(LINE_LIMIT).read_line(&mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.pop() != Some('\n') {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the line was cut off or is too long"));
    }
    Ok(Some(line))
}

/// Whether the process at the other end may give orders: it runs as the same user or as root.
pub fn peer_allowed(stream: &impl AsFd) -> bool {
    rustix::net::sockopt::socket_peercred(stream)
        .is_ok_and(|peer| peer.uid.is_root() || peer.uid == rustix::process::geteuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_not_taken_for_a_whole_one() {
        assert!(read_line(&mut &b"{\"half\":"[..]).is_err());
        assert_eq!(read_line(&mut &b"{}\n"[..]).unwrap(), Some("{}".to_owned()));
        assert_eq!(read_line(&mut &b""[..]).unwrap(), None);
    }
}
