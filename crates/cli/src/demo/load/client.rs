//! One browser's connection: kept alive, and renewed the way a browser renews it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// In which the proxy names the release that answered.
const RELEASE: HeaderName = HeaderName::from_static("sternway-release");

/// A request, as often as it must be sent.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) cookies: Option<String>,
    pub(super) form: String,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// Which release answered.
    pub(super) fn release(&self) -> Option<&str> {
        self.headers.get(RELEASE)?.to_str().ok()
    }

    /// Whether it leads to the login page.
    pub(super) fn leads_to_login(&self) -> bool {
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        self.status.is_redirection() && location.is_some_and(|path| path.starts_with("/login"))
    }

    pub(super) fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok())
    }
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("connect")]
    Connect(#[source] io::Error),
    #[error("broken off")]
    Broken(#[source] hyper::Error),
    #[error("time-out")]
    TimeOut,
}

/// A client with at most one connection.
pub(super) struct Client {
    address: SocketAddr,
    patience: Duration,
    connection: Option<Connection>,
}

impl Client {
    pub(super) fn new(address: SocketAddr, patience: Duration) -> Self {
        Self { address, patience, connection: None }
    }

    /// Sends a request and reads its whole answer.
    pub(super) async fn send(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let patience = self.patience;
        tokio::time::timeout(patience, self.attempt(ask)).await.unwrap_or(Err(NoAnswer::TimeOut))
    }

    /// A server may close an idle connection at the very moment at which it is used again. Then nobody has seen the request, and a
    /// browser sends it once more on a fresh connection. So do we, when it is certain (nothing was sent) or harmless (a GET
    /// of which nothing came back); any other broken connection is a failure.
    async fn attempt(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        if let Some(mut used) = self.connection.take()
            && used.sender.ready().await.is_ok()
        {
            let before = used.received();
            match used.exchange(ask, self.address).await {
                Ok(answer) => {
                    self.connection = Some(used);
                    return Ok(answer);
                }
                Err(Failed { unsent: true, .. }) => {}
                Err(_) if ask.method == Method::GET && used.received() == before => {}
                Err(failed) => return Err(NoAnswer::Broken(failed.error)),
            }
        }
        let mut fresh = Connection::open(self.address).await?;
        let answer = fresh.exchange(ask, self.address).await.map_err(|failed| NoAnswer::Broken(failed.error))?;
        self.connection = Some(fresh);
        Ok(answer)
    }
}

struct Failed {
    error: hyper::Error,
    /// True when no byte of the request has left.
    unsent: bool,
}

struct Connection {
    sender: SendRequest<Full<Bytes>>,
    received: Arc<AtomicU64>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, NoAnswer> {
        let stream = TcpStream::connect(address).await.map_err(NoAnswer::Connect)?;
        let _ = stream.set_nodelay(true);
        let received = Arc::new(AtomicU64::new(0));
        let counting = Counting { stream, received: received.clone() };
        let (sender, driver) = handshake(TokioIo::new(counting)).await.map_err(NoAnswer::Broken)?;
        tokio::spawn(driver);
        Ok(Self { sender, received })
    }

    fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    async fn exchange(&mut self, ask: &Ask, address: SocketAddr) -> Result<Answer, Failed> {
        let mut request = Request::new(Full::from(ask.form.clone()));
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = http::Uri::from_static(ask.path);
        let headers = request.headers_mut();
        if let Ok(host) = address.to_string().parse() {
            headers.insert(HOST, host);
        }
        if ask.method == Method::POST {
            headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        if let Some(cookies) = ask.cookies.as_deref().and_then(|cookies| cookies.parse().ok()) {
            headers.insert(COOKIE, cookies);
        }
        let response = self.sender.try_send_request(request).await.map_err(|mut refused| {
            let unsent = refused.take_message().is_some();
            Failed { error: refused.into_error(), unsent }
        })?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| Failed { error, unsent: false })?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
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
