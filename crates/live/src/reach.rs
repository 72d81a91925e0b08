//! Whether anybody accepts a connection.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};
use sternway_config::stores::Connection;

use crate::Limits;
use crate::bounded::within;
use crate::failing::Failing;
use crate::target::At;
use crate::tls::{self, Secure, Way};

/// A stream to a server.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// How long a read or a write may take from now on.
    pub(crate) fn patience(&self, left: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(Some(left)).and(stream.set_write_timeout(Some(left))),
            Self::Unix(stream) => stream.set_read_timeout(Some(left)).and(stream.set_write_timeout(Some(left))),
            Self::Tls(stream) => {
                stream.sock.set_read_timeout(Some(left)).and(stream.sock.set_write_timeout(Some(left)))
            }
        }
    }
}

impl io::Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl io::Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buffer),
            Self::Unix(stream) => stream.write(buffer),
            Self::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(_) | Self::Unix(_) => Ok(()),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Connects to the first address that accepts.
pub(crate) fn connect(at: &At, limits: &Limits) -> Result<Stream, Failing> {
    match at {
        At::Tcp(host, port) => tcp(host, *port, limits).map(|(stream, _)| Stream::Tcp(stream)),
        At::Socket(path) => match UnixStream::connect(path) {
            Ok(stream) => Ok(Stream::Unix(stream)),
            Err(error) => Err(refused(&error)),
        },
    }
}

/// Connects as the service's client does that either encrypts from the first byte on, or never.
pub(crate) fn open(connection: &Connection, at: &At, limits: &Limits) -> Result<Stream, Failing> {
    let (stream, end) = (connect(at, limits)?, Instant::now() + limits.whole);
    match (tls::ways(connection)?.first(), at, stream) {
        (Some(Way::Encrypted(verify)), At::Tcp(host, _), Stream::Tcp(stream)) => {
            tls::secured(stream, &Secure::of(connection, *verify, host)?, end, limits.whole)
        }
        (_, _, stream) => Ok(stream),
    }
}

/// Connects by TCP, and says to which address.
pub(crate) fn tcp(host: &str, port: u16, limits: &Limits) -> Result<(TcpStream, SocketAddr), Failing> {
    let end = Instant::now() + limits.connect;
    let name = host.to_owned();
    let found = within(limits.connect, move || (name.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    let addresses = match found {
        Some(Ok(addresses)) if !addresses.is_empty() => addresses,
        Some(_) => return Err(Failing::Unreached("the host's name does not resolve here".to_owned())),
        None => return Err(Failing::Unreached("the host's name does not resolve in time".to_owned())),
    };
    let mut seen = None;
    let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        // A first address that swallows packets must not keep the others from being asked.
        let left = end.saturating_duration_since(Instant::now()).min(limits.connect / count);
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok((stream, address)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(error) => seen = Some(refused(&error)),
        }
    }
    Err(seen.unwrap_or_else(|| Failing::not_accepted(limits.connect)))
}

/// Why nobody accepted. The system's words, which hold no name.
fn refused(error: &io::Error) -> Failing {
    Failing::Unreached(match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection is refused".to_owned(),
        io::ErrorKind::NotFound => "the socket is not there".to_owned(),
        kind => format!("no connection: {kind}"),
    })
}
