//! One request: claim a target, send it there, count how it went, pass the response on.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use http::header::{CONNECTION, LOCATION, RETRY_AFTER, SET_COOKIE, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use sternway_core::counts::Metric;

use crate::body::{Open, Reply};
use crate::canary::ClientId;
use crate::client::Client;
use crate::counters::{Outcome, Role, is_slower};
use crate::exchange::{Answer, Failure, Trip};
use crate::headers;
use crate::live::{Claimed, Ticket};
use crate::upgrade;

/// An answer of the proxy's own; `mark` says why in the header `sternway-proxy`.
#[derive(Debug, Clone, Copy)]
struct Own {
    status: StatusCode,
    mark: &'static str,
    text: &'static str,
}

const NO_ROUTE: Own = Own { status: StatusCode::NOT_FOUND, mark: "no-route", text: "no route\n" };
const NOTHING_CURRENT: Own =
    Own { status: StatusCode::SERVICE_UNAVAILABLE, mark: "nothing-current", text: "nothing serves this now\n" };
const QUEUE_FULL: Own =
    Own { status: StatusCode::SERVICE_UNAVAILABLE, mark: "queue-full", text: "too many requests wait\n" };
const UNREACHABLE: Own =
    Own { status: StatusCode::BAD_GATEWAY, mark: "unreachable", text: "the service cannot be reached\n" };
const UNASKED: Own =
    Own { status: StatusCode::BAD_GATEWAY, mark: "unasked", text: "the service switched protocols unasked\n" };
const TIMED_OUT: Own =
    Own { status: StatusCode::GATEWAY_TIMEOUT, mark: "timed-out", text: "the service did not answer in time\n" };
const INCOMPLETE: Own =
    Own { status: StatusCode::BAD_REQUEST, mark: "bad-request", text: "the request is not complete\n" };

impl Own {
    fn response(self, client: &Client) -> Response<Reply> {
        let mut response = Response::new(Reply::Text(self.text));
        *response.status_mut() = self.status;
        response.headers_mut().insert(headers::PROXY, HeaderValue::from_static(self.mark));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        say_last(client, response.headers_mut());
        response
    }
}

/// When the process ends, the client is told not to ask on this connection again.
fn say_last(client: &Client, headers: &mut HeaderMap) {
    if client.shared.stopping.load(Ordering::Relaxed) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Answers one request.
pub(crate) async fn serve(client: Arc<Client>, mut request: Request<Incoming>) -> Result<Response<Reply>, Infallible> {
    client.touch();
    let found = match headers::normalise(&mut request) {
        Ok(found) => found,
        Err(text) => return Ok(Own { text, ..INCOMPLETE }.response(&client)),
    };
    let upgrade = headers::wants_upgrade(&request, found).then(|| hyper::upgrade::on(&mut request));
    let mut ticket = match claim(&client, &request, false).await {
        Ok(ticket) => ticket,
        Err(own) => return Ok(own.response(&client)),
    };
    let mut trip = Trip::new(&client, request, found, upgrade.is_some());
    loop {
        let start = Instant::now();
        let failure = match trip.exchange(&ticket.claim).await {
            Ok(answer) => {
                if !found.check {
                    count(&client, &trip, &ticket, &answer.response, start);
                }
                return Ok(pass_on(&client, ticket, answer, upgrade));
            }
            Err(failure) => failure,
        };
        let release = Arc::clone(&ticket.claim.targets.release);
        let (role, user) = (ticket.claim.role, stand_in(&client, &trip, &ticket));
        let counted = failure != Failure::Client && !found.check;
        if counted {
            release.role(role).unreachable();
            client_failed(&client, &ticket, Metric::Unreachable);
        }
        drop(ticket);
        let own = match (failure, &trip.request) {
            // Nothing is lost: current answers in its place. The judge counts it, and no user was hurt.
            (Failure::Unreachable, Some(request)) if role == Role::Candidate => {
                match claim(&client, request, true).await {
                    Ok(again) => {
                        if counted {
                            release.role(role).spared();
                        }
                        ticket = again;
                        continue;
                    }
                    Err(own) => own,
                }
            }
            (Failure::Unreachable, _) => UNREACHABLE,
            (Failure::TimedOut, _) => TIMED_OUT,
            (Failure::Client, _) => INCOMPLETE,
        };
        if counted {
            release.hurt(user);
        }
        return Ok(own.response(&client));
    }
}

/// Claims a target, after waiting when requests are held.
async fn claim<B>(client: &Arc<Client>, request: &Request<B>, current_only: bool) -> Result<Ticket, Own> {
    loop {
        match client.shared.claim(client, request.headers(), request.uri().path(), current_only) {
            Claimed::Target(ticket) => return Ok(ticket),
            Claimed::NoRoute => return Err(NO_ROUTE),
            Claimed::Nothing => return Err(NOTHING_CURRENT),
            Claimed::Held(hold) => {
                client.held();
                let passed = hold.wait().await;
                client.end();
                if !passed {
                    return Err(QUEUE_FULL);
                }
            }
        }
    }
}

fn count(client: &Client, trip: &Trip<'_>, ticket: &Ticket, response: &Response<Incoming>, start: Instant) {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let to_login = || {
        let location = response.headers().get(LOCATION);
        let live = client.shared.live();
        let login = live.table.as_ref().map_or(&[][..], |table| &table.login);
        location.is_some_and(|location| headers::leads_to_login(location.as_bytes(), login))
    };
    let outcome = Outcome::of(response.status(), to_login);
    let release = &ticket.claim.targets.release;
    release.role(ticket.claim.role).answered(outcome, micros);
    if let Some(metric) = outcome.metric() {
        client_failed(client, ticket, metric);
    }
    if ticket.drawn.is_some_and(|drawn| is_slower(micros, drawn.slow)) {
        client_failed(client, ticket, Metric::Latency);
    }
    if outcome.hurts() {
        release.hurt(stand_in(client, trip, ticket));
    }
}

/// Counts the client, when this is its first error of this kind in the canary.
fn client_failed(client: &Client, ticket: &Ticket, metric: Metric) {
    if let (Some(id), Some(drawn)) = (ticket.id, ticket.drawn)
        && client.shared.failing.is_first(drawn.salt, metric, id)
    {
        ticket.claim.targets.release.role(ticket.claim.role).client_failed(metric);
    }
}

/// A number that stands for the client without naming it: salted anew with each start.
fn stand_in(client: &Client, trip: &Trip<'_>, ticket: &Ticket) -> u64 {
    let mut hasher = DefaultHasher::new();
    client.shared.boot.hash(&mut hasher);
    match (ticket.id, &trip.in_front) {
        (Some(id), _) => id.0.hash(&mut hasher),
        (None, Some(in_front)) => in_front.hash(&mut hasher),
        (None, None) => client.peer.hash(&mut hasher),
    }
    hasher.finish()
}

/// Makes the service's response the client's.
fn pass_on(client: &Client, ticket: Ticket, answer: Answer, upgrade: Option<OnUpgrade>) -> Response<Reply> {
    let Ticket { claim, id, new, .. } = ticket;
    let Answer { mut response, upstream, address } = answer;
    let release = &claim.targets.release.header;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some(client_side) = upgrade else { return UNASKED.response(client) };
        let service_side = hyper::upgrade::on(&mut response);
        let websocket =
            response.headers().get(UPGRADE).is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket"));
        headers::to_client(response.headers_mut(), release, true);
        tokio::spawn(upgrade::connect(client_side, service_side, claim, websocket));
        return response.map(|_| Reply::Empty);
    }
    headers::to_client(response.headers_mut(), release, false);
    say_last(client, response.headers_mut());
    if let Some(cookie) = id.filter(|_| new).and_then(ClientId::cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response.map(|body| Reply::forward(body, Open { claim, upstream, address }))
}
