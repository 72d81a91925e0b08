//! Getting a response out of a target set: which address, which connection, and what may be tried again.
//!
//! A connection that cannot be opened has cost nothing: the next address is asked. A kept connection may have been closed by the
//! service just now; what was not sent on it, or may be sent twice and has no body (RFC 9110, 9.2.2), is sent once more on a new one.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use http::{HeaderValue, Request, Response, Version};
use hyper::body::{Body, Incoming};
use hyper::client::conn::TrySendError;

use crate::client::Client;
use crate::counters::Role;
use crate::headers::{self, Found};
use crate::pool::{Drive, Outgoing, Upstream};
use crate::targets::{Address, Claim, Phase};

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Trip<'a> {
    client: &'a Client,
    /// Taken when it is sent; stands here again after a failure if it may be sent again.
    pub(crate) request: Option<Request<Outgoing>>,
    drive: Drive,
    /// Raised whenever a part of the body was sent.
    progress: Option<Arc<AtomicBool>>,
    /// The client's address, as a proxy in front names it.
    pub(crate) in_front: Option<HeaderValue>,
}

/// A response, with the connection that it comes on.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    pub(crate) upstream: Box<Upstream>,
    /// Which of the set's addresses.
    pub(crate) address: usize,
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No address accepted a connection, or the connection broke.
    Unreachable,
    /// No response began in time.
    TimedOut,
    /// The client did not send the body that it had promised.
    Client,
}

impl<'a> Trip<'a> {
    /// Makes a client's request the one that the service gets.
    pub(crate) fn new(client: &'a Client, request: Request<Incoming>, found: Found, upgrade: bool) -> Self {
        let (mut parts, body) = request.into_parts();
        let drive = match (upgrade, body.is_end_stream()) {
            (true, _) => Drive::Upgrade,
            (false, true) => Drive::Inline,
            (false, false) => Drive::Task,
        };
        let in_front = headers::to_service(&mut parts.headers, found, client, upgrade);
        parts.version = Version::HTTP_11;
        let (body, progress) = Outgoing::new(body);
        Self { client, request: Some(Request::from_parts(parts, body)), drive, progress, in_front }
    }

    /// Gets a response from one of the claimed addresses.
    pub(crate) async fn exchange(&mut self, claim: &Claim) -> Result<Answer, Failure> {
        for (index, address) in claim.targets.order() {
            let mut pooled = self.drive != Drive::Upgrade;
            loop {
                let (mut upstream, reused) = match self.connection(address, &mut pooled).await {
                    Ok(connection) => connection,
                    // The address is as good as dead; the next one may not be.
                    Err(_) if claim.targets.phase() != Phase::Closed => break,
                    Err(_) => return Err(Failure::Unreachable),
                };
                let spare = self.spare(reused, claim.role);
                let mut error = match self.send(&mut upstream).await {
                    Some(Ok(response)) => return Ok(Answer { response, upstream, address: index }),
                    Some(Err(error)) => error,
                    None => return Err(Failure::TimedOut),
                };
                self.request = error.take_message();
                match (&self.request, reused) {
                    // Unsent: on the next connection, or at the next address.
                    (Some(_), true) => {}
                    (Some(_), false) => break,
                    (None, _) if error.error().is_user() => return Err(Failure::Client),
                    (None, true) if spare.is_some() => {
                        self.request = spare;
                        pooled = false;
                    }
                    (None, _) => {
                        self.request = spare;
                        return Err(Failure::Unreachable);
                    }
                }
            }
        }
        Err(Failure::Unreachable)
    }

    /// A copy of the request, when it may have to be sent twice: on a kept connection, or to a candidate that breaks off.
    fn spare(&self, reused: bool, role: Role) -> Option<Request<Outgoing>> {
        let request = self.request.as_ref().filter(|_| self.drive == Drive::Inline)?;
        let needed =
            (reused && request.method().is_idempotent()) || (role == Role::Candidate && request.method().is_safe());
        needed.then(|| {
            let mut copy = Request::new(Outgoing::Empty);
            request.method().clone_into(copy.method_mut());
            request.uri().clone_into(copy.uri_mut());
            *copy.headers_mut() = request.headers().clone();
            copy
        })
    }

    /// A kept connection, while there is one, or a new one.
    async fn connection(&self, address: &Address, pooled: &mut bool) -> std::io::Result<(Box<Upstream>, bool)> {
        while *pooled {
            match address.take(self.client.worker) {
                Some(mut upstream) if upstream.is_ready() => {
                    upstream.prepare(self.drive);
                    return Ok((upstream, true));
                }
                Some(_) => {}
                None => *pooled = false,
            }
        }
        let connected = Upstream::connect(&address.text, self.drive).await;
        address.set_healthy(connected.is_ok());
        Ok((connected?, false))
    }

    /// Sends on one connection; `None` when no response began in time. While a body is being sent the time starts anew.
    async fn send(
        &mut self,
        upstream: &mut Upstream,
    ) -> Option<Result<Response<Incoming>, TrySendError<Request<Outgoing>>>> {
        let limit = self.client.shared.tuning.response;
        let mut sending = pin!(upstream.send(self.request.take()?));
        self.client.expect_response(limit);
        let sent = std::future::poll_fn(|cx| {
            if let Poll::Ready(sent) = sending.as_mut().poll(cx) {
                return Poll::Ready(Some(sent));
            }
            while self.client.overdue(cx) {
                if !self.progress.as_ref().is_some_and(|progress| progress.swap(false, Ordering::Relaxed)) {
                    return Poll::Ready(None);
                }
                self.client.expect_response(limit);
            }
            Poll::Pending
        })
        .await;
        self.client.got_response();
        sent
    }
}
