//! The newly started process: asks the one that runs to hand over.

use std::fs::File;
use std::io::{self, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

use sternway_wire::{peer_allowed, read_line, write_line};

use crate::admin;
use crate::handover::{Answer, FORMAT, Offer, Order, PATIENCE, receive_files};
use crate::protocol::{Refusal, Request};

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It hands over.
    Taken(Box<Taken>),
    /// Nobody listens there.
    Nobody,
    /// It ended while it was asked: its state folder is free.
    Died,
}

/// What the running process handed over so far. Dropping it lets the other one go on.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) offer: Offer,
    pub(crate) lock: File,
    pub(crate) listener: Option<TcpListener>,
    pub(crate) metrics: Option<TcpListener>,
    pub(crate) stream: UnixStream,
}

/// Asks the proxy that listens at this socket to hand over.
pub(crate) fn ask(socket: &Path, environment: &str) -> Result<Asked, Refusal> {
    let Ok(stream) = UnixStream::connect(socket) else { return Ok(Asked::Nobody) };
    if !peer_allowed(&stream) {
        return Err(Refusal::Invalid("it belongs to another user".to_owned()));
    }
    let talk = || -> io::Result<Result<(Offer, Vec<OwnedFd>), Refusal>> {
        // The other one may have to finish an order first.
        stream.set_read_timeout(Some(PATIENCE * 3))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut input = BufReader::new(&stream);
        let mut output = &stream;
        write_line(&mut output, &Request::HandOver { format: FORMAT })?;
        let line = read_line(&mut input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let offer = match serde_json::from_str(&line).map_err(io::Error::other)? {
            Answer::Offer(offer) => *offer,
            Answer::Refused { why } => return Ok(Err(why)),
            other => return Err(io::Error::other(format!("not an offer: {other:?}"))),
        };
        write_line(&mut output, &Order::Sockets)?;
        Ok(Ok((offer, receive_files(&stream)?)))
    };
    let (offer, files) = match talk() {
        Ok(Ok(given)) => given,
        Ok(Err(Refusal::Invalid(why))) if why.starts_with(UNKNOWN) => {
            return Err(Refusal::Invalid("it is of a version that cannot hand over; end it first".to_owned()));
        }
        Ok(Err(why)) => return Err(why),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            return Err(Refusal::Invalid("it does not answer".to_owned()));
        }
        Err(error) if error.kind() == io::ErrorKind::Other => {
            return Err(Refusal::Invalid(format!("its answer is not understood: {error}")));
        }
        Err(_) => return Ok(Asked::Died),
    };
    if offer.format > FORMAT || offer.environment != environment {
        return Err(Refusal::Invalid(format!(
            "it serves `{}` and hands over in format {}; this one serves `{environment}` and knows formats up to {FORMAT}",
            offer.environment, offer.format
        )));
    }
    let mut files = files.into_iter();
    let lock = files.next().map(File::from);
    let listener = offer.listen.and_then(|_| files.next()).map(TcpListener::from);
    let metrics = offer.metrics.and_then(|_| files.next()).map(TcpListener::from);
    match lock {
        Some(lock) if listener.is_some() == offer.listen.is_some() && metrics.is_some() == offer.metrics.is_some() => {
            Ok(Asked::Taken(Box::new(Taken { offer, lock, listener, metrics, stream })))
        }
        _ => Err(Refusal::Invalid("it did not send its open files".to_owned())),
    }
}

/// How a proxy that does not know a request begins its answer.
const UNKNOWN: &str = "the request is not understood";

/// The connection for the rest of the hand-over.
pub(crate) fn link(stream: UnixStream) -> io::Result<tokio::io::BufReader<tokio::net::UnixStream>> {
    stream.set_nonblocking(true)?;
    Ok(tokio::io::BufReader::new(tokio::net::UnixStream::from_std(stream)?))
}

/// Says that everything is restored and waits for its turn. True also when the other one has died: then it is its turn anyway.
pub(crate) async fn ready(link: &mut tokio::io::BufReader<tokio::net::UnixStream>) -> Result<(), Refusal> {
    let answered = async {
        admin::write_line(link, &Order::Ready).await?;
        admin::read_line(link).await
    };
    match tokio::time::timeout(PATIENCE * 2, answered).await {
        Err(_) => Err(Refusal::Invalid("it does not answer any more".to_owned())),
        Ok(Ok(Some(line))) => match serde_json::from_slice(&line) {
            Ok(Answer::Go) => Ok(()),
            Ok(Answer::Refused { why }) => Err(why),
            _ => Err(Refusal::Invalid("its answer is not understood".to_owned())),
        },
        Ok(Ok(None) | Err(_)) => Ok(()),
    }
}
