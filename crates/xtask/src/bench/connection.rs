//! One keep-alive connection of the load.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What the load looks at in a response.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) release: Option<u64>,
    /// The proxy's own cookie, when it was set.
    pub(super) cookie: Option<String>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) struct Failed {
    /// Whether the server certainly saw nothing, or answered nothing to a GET: then a browser sends it again (RFC 9110, 9.2.2).
    pub(super) unseen: bool,
    /// Whether any of it was sent.
    pub(super) sent: bool,
}

impl Failed {
    const NO_CONNECTION: Self = Self { unseen: false, sent: false };
}

/// An open connection.
pub(super) struct Connection {
    sender: SendRequest<Empty<Bytes>>,
    received: Arc<AtomicU64>,
    host: HeaderValue,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await.map_err(|_| Failed::NO_CONNECTION)?;
        let _slower_without = stream.set_nodelay(true);
        let received = Arc::new(AtomicU64::new(0));
        let counting = Counting { stream, received: Arc::clone(&received) };
        let (sender, driver) = handshake(TokioIo::new(counting)).await.map_err(|_| Failed::NO_CONNECTION)?;
        tokio::task::spawn_local(driver);
        let host = HeaderValue::from_str(&address.to_string()).map_err(|_| Failed::NO_CONNECTION)?;
        Ok(Self { sender, received, host })
    }

    /// Sends a GET and reads its whole response.
    pub(super) async fn exchange(&mut self, cookie: Option<&str>) -> Result<Response, Failed> {
        let before = self.received.load(Ordering::Acquire);
        if self.sender.ready().await.is_err() {
            return Err(Failed { unseen: true, sent: false });
        }
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = http::Uri::from_static("/");
        request.headers_mut().insert(HOST, self.host.clone());
        if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
            request.headers_mut().insert(COOKIE, cookie);
        }
        let response = self.sender.try_send_request(request).await.map_err(|mut refused| {
            let sent = refused.take_message().is_none();
            Failed { unseen: self.received.load(Ordering::Acquire) == before, sent }
        })?;
        let (head, body) = response.into_parts();
        body.collect().await.map_err(|_| Failed { unseen: false, sent: true })?;
        Ok(Response { status: head.status.as_u16(), release: release(&head.headers), cookie: cookie_of(&head.headers) })
    }
}

fn release(headers: &HeaderMap) -> Option<u64> {
    headers.get("sternway-release")?.to_str().ok()?.parse().ok()
}

fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let set = headers.get(SET_COOKIE)?.to_str().ok()?;
    Some(set.split(';').next().unwrap_or(set).to_owned())
}

/// A stream that knows how much has come back on it.
struct Counting {
    stream: TcpStream,
    received: Arc<AtomicU64>,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.received.fetch_add((buffer.filled().len() - before) as u64, Ordering::Release);
        polled
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
