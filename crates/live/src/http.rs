//! HTTP: whether anything answers. One `HEAD`, no redirect is followed, no login is tried; any status is an answer.

use std::io::{Read as _, Write as _};
use std::time::Instant;

use sternway_config::stores::Connection;

use crate::Limits;
use crate::ask::Proven;
use crate::failing::Failing;
use crate::reach;
use crate::target::{At, left, places};
use crate::tls;

const STRANGE: Failing = Failing::Strange("what answers does not speak HTTP");

pub(crate) fn ask(connection: &Connection, limits: &Limits) -> Result<Proven, Failing> {
    let places = places(connection)?;
    let Some(at) = places.first() else { return Err(Failing::unknown("it leads nowhere")) };
    let mut stream = reach::open(connection, at, limits)?;
    let end = Instant::now() + limits.whole;
    let host = match at {
        At::Tcp(host, port) if host.contains(':') => format!("[{host}]:{port}"),
        At::Tcp(host, port) => format!("{host}:{port}"),
        At::Socket(_) => "localhost".to_owned(),
    };
    let request = format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: sternway\r\nConnection: close\r\n\r\n");
    let mut head = [0; 5];
    let mut read = 0;
    let patience = |stream: &reach::Stream| {
        left(end).and_then(|left| stream.patience(left).ok()).ok_or_else(|| Failing::silent(limits.whole))
    };
    patience(&stream)?;
    stream.write_all(request.as_bytes()).map_err(|_| STRANGE)?;
    while read < head.len() {
        patience(&stream)?;
        match stream.read(&mut head[read..]) {
            Ok(0) => return Err(STRANGE),
            Ok(more) => read += more,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                return Err(Failing::silent(limits.whole));
            }
            Err(error) => return Err(tls::of_error(&error, true).unwrap_or(STRANGE)),
        }
    }
    if head == *b"HTTP/" { Ok(Proven::default()) } else { Err(STRANGE) }
}
