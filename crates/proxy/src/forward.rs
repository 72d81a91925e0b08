//! One request: claim a target, send it there, count how it went, pass the response on.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Instant;

use http::header::{CONNECTION, LOCATION, RETRY_AFTER, SET_COOKIE, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use hyper::upgrade::OnUpgrade;

use crate::body::{Open, Reply};
use crate::canary::ClientId;
use crate::client::Client;
use crate::counters::{Outcome, Role};
use crate::headers::{self, Found};
use crate::live::{Claimed, Ticket};
use crate::pool::{Drive, Outgoing, Upstream};
use crate::targets::{Address, Phase, Targets};
use crate::upgrade;

/// Answers one request.
pub(crate) async fn serve(client: Arc<Client>, request: Request<Incoming>) -> Result<Response<Reply>, Infallible> {
    let mut response = answer(&client, request).await;
    if client.shared.stopping.load(Ordering::Relaxed) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// An answer of the proxy's own; `mark` says why in the header `sternway-proxy`.
fn own(status: StatusCode, mark: &'static str, text: &'static str) -> Response<Reply> {
    let mut response = Response::new(Reply::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(headers::PROXY, HeaderValue::from_static(mark));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

async fn answer(client: &Arc<Client>, mut request: Request<Incoming>) -> Response<Reply> {
    let found = match headers::normalise(&mut request) {
        Ok(found) => found,
        Err(why) => return own(StatusCode::BAD_REQUEST, "bad-request", why),
    };
    let upgrade = headers::wants_upgrade(&request, found).then(|| hyper::upgrade::on(&mut request));
    let ticket = match claim(client, &request, false).await {
        Ok(ticket) => ticket,
        Err(response) => return response,
    };
    let cookie = if ticket.new { ticket.id.and_then(ClientId::cookie) } else { None };
    let drive = match (&upgrade, request.body().is_end_stream()) {
        (Some(_), _) => Drive::Upgrade,
        (None, true) => Drive::Inline,
        (None, false) => Drive::Task,
    };
    let (request, in_front, progress) = to_service(request, found, client, drive);
    let visit = Visit { client, id: ticket.id, in_front };
    let mut response = visit.forward(ticket, request, drive, progress.as_deref(), upgrade).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Claims a target, after waiting when requests are held.
async fn claim<B>(client: &Arc<Client>, request: &Request<B>, current_only: bool) -> Result<Ticket, Response<Reply>> {
    loop {
        match client.shared.claim(client, request.headers(), request.uri().path(), current_only) {
            Claimed::Target(ticket) => return Ok(ticket),
            Claimed::NoRoute => return Err(own(StatusCode::NOT_FOUND, "no-route", "no route\n")),
            Claimed::Nothing => {
                return Err(own(StatusCode::SERVICE_UNAVAILABLE, "nothing-current", "nothing serves this now\n"));
            }
            Claimed::Held(hold) => {
                client.held();
                let passed = hold.wait().await;
                client.end();
                if !passed {
                    return Err(own(StatusCode::SERVICE_UNAVAILABLE, "queue-full", "too many requests wait\n"));
                }
            }
        }
    }
}

/// The request as the service gets it; the client's address as a proxy in front names it; and, when there is a body, a flag that is
/// raised whenever a part of it was sent.
fn to_service(
    request: Request<Incoming>,
    found: Found,
    client: &Client,
    drive: Drive,
) -> (Request<Outgoing>, Option<HeaderValue>, Option<Arc<AtomicBool>>) {
    let (mut parts, body) = request.into_parts();
    let in_front = headers::to_service(&mut parts.headers, found, client, drive == Drive::Upgrade);
    parts.version = Version::HTTP_11;
    let (body, progress) = Outgoing::new(body);
    (Request::from_parts(parts, body), in_front, progress)
}

/// Why a request got no response.
enum Failure {
    /// No address accepted a connection. Nothing was sent.
    Unsent(Request<Outgoing>),
    /// The connection broke after the request was sent. Given back when it may be sent again.
    Lost(Option<Request<Outgoing>>),
    /// No response came in time.
    TimedOut,
    /// The client did not send the body that it promised.
    Client,
}

/// What is remembered of a request while it is away.
struct Visit<'a> {
    client: &'a Arc<Client>,
    id: Option<ClientId>,
    /// The address that a proxy in front names as the client's.
    in_front: Option<HeaderValue>,
}

impl Visit<'_> {
    /// Sends the request to the claimed target; a candidate that does not answer is replaced by current.
    async fn forward(
        &self,
        mut ticket: Ticket,
        mut request: Request<Outgoing>,
        drive: Drive,
        progress: Option<&AtomicBool>,
        upgrade: Option<OnUpgrade>,
    ) -> Response<Reply> {
        loop {
            let start = Instant::now();
            let failure = match exchange(&ticket, request, drive, progress, self.client).await {
                Ok((response, upstream, address)) => {
                    self.count(&ticket, &response, start);
                    let open = Open { claim: ticket.claim, upstream, address };
                    return pass_on(response, open, upgrade).await;
                }
                Err(failure) => failure,
            };
            if !matches!(failure, Failure::Client) {
                ticket.claim.targets.release.role(ticket.claim.role).unreachable();
                ticket.claim.targets.release.hurt(self.hash());
            }
            let again = match failure {
                Failure::Unsent(request) => Some(request),
                Failure::Lost(request) => request,
                Failure::TimedOut => {
                    return own(StatusCode::GATEWAY_TIMEOUT, "timed-out", "the service did not answer\n");
                }
                Failure::Client => return own(StatusCode::BAD_REQUEST, "bad-request", "the request is not complete\n"),
            };
            let candidate = ticket.claim.role == Role::Candidate;
            drop(ticket.claim);
            match again {
                Some(unsent) if candidate => {
                    ticket = match claim(self.client, &unsent, true).await {
                        Ok(ticket) => ticket,
                        Err(response) => return response,
                    };
                    request = unsent;
                }
                _ => return own(StatusCode::BAD_GATEWAY, "unreachable", "the service cannot be reached\n"),
            }
        }
    }

    fn count(&self, ticket: &Ticket, response: &Response<Incoming>, start: Instant) {
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let to_login = || {
            let location = response.headers().get(LOCATION);
            let live = self.client.shared.live();
            let login = live.table.as_ref().map_or(&[][..], |table| &table.login);
            location.is_some_and(|location| headers::leads_to_login(location.as_bytes(), login))
        };
        let outcome = Outcome::of(response.status(), to_login);
        let release = &ticket.claim.targets.release;
        release.role(ticket.claim.role).answered(outcome, micros);
        if outcome.hurts() {
            release.hurt(self.hash());
        }
    }

    /// Stands for the client without naming it: salted anew with each start.
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.client.shared.boot.hash(&mut hasher);
        match (self.id, &self.in_front) {
            (Some(id), _) => id.0.hash(&mut hasher),
            (None, Some(in_front)) => in_front.hash(&mut hasher),
            (None, None) => self.client.peer.hash(&mut hasher),
        }
        hasher.finish()
    }
}

/// Gets a response from one of the target's addresses.
async fn exchange(
    ticket: &Ticket,
    mut request: Request<Outgoing>,
    drive: Drive,
    progress: Option<&AtomicBool>,
    client: &Client,
) -> Result<(Response<Incoming>, Box<Upstream>, usize), Failure> {
    let targets: &Targets = &ticket.claim.targets;
    let safe = drive == Drive::Inline && request.method().is_idempotent();
    let candidate = ticket.claim.role == Role::Candidate && request.method().is_safe();
    for address in targets.order() {
        let mut pooled = drive != Drive::Upgrade;
        loop {
            let (mut upstream, reused) = match connection(address, client.worker, drive, &mut pooled).await {
                Ok(found) => found,
                // The address is as good as dead; the next one may not be.
                Err(_) if targets.phase() != Phase::Closed => break,
                Err(_) => return Err(Failure::Unsent(request)),
            };
            let spare = (safe && (reused || candidate)).then(|| copy(&request));
            let mut error = match send(&mut upstream, request, progress, client).await {
                Some(Ok(response)) => {
                    let index = targets.addresses.iter().position(|one| std::ptr::eq(one, address)).unwrap_or(0);
                    return Ok((response, upstream, index));
                }
                Some(Err(error)) => error,
                None => return Err(Failure::TimedOut),
            };
            match (error.take_message(), spare) {
                (Some(unsent), _) if reused => request = unsent,
                (Some(unsent), _) => {
                    request = unsent;
                    break;
                }
                // A kept connection that the service had closed already: once more, on a new one.
                (None, Some(spare)) if reused => {
                    request = spare;
                    pooled = false;
                }
                (None, _) if error.error().is_user() => return Err(Failure::Client),
                (None, spare) => return Err(Failure::Lost(spare)),
            }
        }
    }
    Err(Failure::Unsent(request))
}

/// A kept connection, while there is a good one, or a new one.
async fn connection(
    address: &Address,
    worker: usize,
    drive: Drive,
    pooled: &mut bool,
) -> std::io::Result<(Box<Upstream>, bool)> {
    while *pooled {
        match address.take(worker) {
            Some(mut upstream) => {
                if upstream.is_ready() {
                    upstream.prepare(drive);
                    return Ok((upstream, true));
                }
            }
            None => *pooled = false,
        }
    }
    let connected = Upstream::connect(&address.text, drive).await;
    address.set_healthy(connected.is_ok());
    Ok((connected?, false))
}

/// Sends on one connection; `None` when no response came in time. While a body is being sent the time starts anew.
async fn send(
    upstream: &mut Upstream,
    request: Request<Outgoing>,
    progress: Option<&AtomicBool>,
    client: &Client,
) -> Option<Result<Response<Incoming>, hyper::client::conn::TrySendError<Request<Outgoing>>>> {
    let limit = client.shared.tuning.response;
    let mut sending = pin!(upstream.send(request));
    client.expect_response(limit);
    let sent = std::future::poll_fn(|cx| {
        if let Poll::Ready(sent) = sending.as_mut().poll(cx) {
            return Poll::Ready(Some(sent));
        }
        while client.overdue(cx) {
            if !progress.is_some_and(|progress| progress.swap(false, Ordering::Relaxed)) {
                return Poll::Ready(None);
            }
            client.expect_response(limit);
        }
        Poll::Pending
    })
    .await;
    client.got_response();
    sent
}

/// The same request once more; only for those without a body.
fn copy(request: &Request<Outgoing>) -> Request<Outgoing> {
    let mut copy = Request::new(Outgoing::Empty);
    request.method().clone_into(copy.method_mut());
    request.uri().clone_into(copy.uri_mut());
    request.headers().clone_into(copy.headers_mut());
    copy
}

/// Makes the service's response the client's.
async fn pass_on(mut response: Response<Incoming>, open: Open, upgrade: Option<OnUpgrade>) -> Response<Reply> {
    let switching = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let release = open.claim.targets.release.header.clone();
    match upgrade {
        Some(client_side) if switching => {
            let service_side = hyper::upgrade::on(&mut response);
            let websocket =
                response.headers().get(UPGRADE).is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket"));
            headers::to_client(response.headers_mut(), &release, true);
            tokio::spawn(upgrade::connect(client_side, service_side, open.claim, websocket));
            response.map(|_| Reply::Empty)
        }
        _ if switching => own(StatusCode::BAD_GATEWAY, "bad-gateway", "the service switched protocols unasked\n"),
        _ => {
            headers::to_client(response.headers_mut(), &release, false);
            let (parts, body) = response.into_parts();
            Response::from_parts(parts, Reply::forward(body, open).await)
        }
    }
}
