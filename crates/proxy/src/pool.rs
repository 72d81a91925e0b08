//! One connection to an instance: opened, driven, sent on, kept.
//!
//! Hyper gives a connection in two halves: a sender, and a driver that moves the bytes. A request without a body drives its
//! connection from its own task, which saves two task switches and one write a request. A request with a body, or one that asks for
//! an upgrade, has the driver in a task of its own, so that sending goes on while nobody reads the response.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::body::{Body, Frame, SizeHint};
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::socket::Socket;

/// A request's body on its way to the service.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Empty,
    /// With a flag that is raised whenever a part of it was taken.
    Streamed(Incoming, Arc<AtomicBool>),
}

impl Outgoing {
    pub(crate) fn new(body: Incoming) -> (Self, Option<Arc<AtomicBool>>) {
        if body.is_end_stream() {
            return (Self::Empty, None);
        }
        let progress = Arc::new(AtomicBool::new(false));
        (Self::Streamed(body, Arc::clone(&progress)), Some(progress))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Streamed(body, progress) => {
                let polled = Pin::new(body).poll_frame(cx);
                if polled.is_ready() {
                    progress.store(true, Ordering::Relaxed);
                }
                polled
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Streamed(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Streamed(body, _) => body.size_hint(),
        }
    }
}

type Connection = http1::Connection<TokioIo<Socket>, Outgoing>;

/// Who moves the bytes of a connection.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the connection around it is on the heap already")]
enum Driver {
    /// Whoever uses it.
    Inline(Connection),
    /// A task of its own.
    Task,
    /// Nobody any more: the connection has ended.
    Ended,
}

/// How a connection is to be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drive {
    Inline,
    Task,
    /// A task that gives the connection away when it is upgraded.
    Upgrade,
}

/// One connection to an instance.
#[derive(Debug)]
pub(crate) struct Upstream {
    sender: http1::SendRequest<Outgoing>,
    driver: Driver,
    /// When it was last used, in ticks.
    used: u64,
}

/// How long a connection attempt may take. Instances are near: one that does not answer in this time is as good as dead.
const CONNECT: Duration = Duration::from_secs(3);

/// Opens a TCP connection to an instance.
pub(crate) async fn dial(address: &str, limit: Duration) -> std::io::Result<TcpStream> {
    let stream = tokio::time::timeout(limit, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Upstream {
    /// Opens a connection.
    pub(crate) async fn connect(address: &str, drive: Drive) -> std::io::Result<Box<Self>> {
        let stream = dial(address, CONNECT).await?;
        let handshake = http1::Builder::new().handshake(TokioIo::new(Socket::new(stream))).await;
        let (sender, connection) = handshake.map_err(std::io::Error::other)?;
        let mut upstream = Box::new(Self { sender, driver: Driver::Inline(connection), used: 0 });
        upstream.prepare(drive);
        Ok(upstream)
    }

    /// Gives the driver a task of its own when the request needs that.
    pub(crate) fn prepare(&mut self, drive: Drive) {
        if drive == Drive::Inline {
            return;
        }
        match std::mem::replace(&mut self.driver, Driver::Task) {
            Driver::Inline(connection) if drive == Drive::Upgrade => {
                tokio::spawn(connection.with_upgrades());
            }
            Driver::Inline(connection) => {
                tokio::spawn(connection);
            }
            other => self.driver = other,
        }
    }

    /// Moves bytes, when that is the user's part.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Driver::Inline(connection) = &mut self.driver
            && Pin::new(connection).poll(cx).is_ready()
        {
            self.driver = Driver::Ended;
        }
    }

    /// Whether a request could be sent when it was last driven. If the service has closed the connection meanwhile, sending shows it, and
    /// gives the request back.
    pub(crate) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until a request can be sent.
    pub(crate) async fn get_ready(&mut self) -> bool {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            self.sender.poll_ready(cx)
        })
        .await
        .is_ok()
    }

    /// Sends a request; gives it back when nothing of it was sent.
    pub(crate) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Outgoing>>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        std::future::poll_fn(|cx| {
            if let Driver::Inline(connection) = driver
                && Pin::new(connection).poll(cx).is_ready()
            {
                *driver = Driver::Ended;
            }
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Notes that it was used now.
    pub(crate) fn touch(&mut self, now: u64) {
        self.used = now;
    }

    /// When it was last used.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}
