//! The candidate's share.

use std::collections::BTreeSet;

use sternway_core::counts::{Counts, FailingClients, Metric};
use sternway_core::ids::Epoch;
use sternway_proxy::protocol::{Refusal, Request, Response};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, until};
use crate::server::{Server, nobody, respond};

const LONG: u64 = 60_000;

/// New clients: their cookies and the releases that answered.
fn newcomers(client: &mut Connection, count: usize) -> Vec<(String, u64)> {
    let one = |_| {
        let reply = client.get("/");
        (reply.cookie().unwrap(), reply.release().unwrap())
    };
    (0..count).map(one).collect()
}

fn again(client: &mut Connection, cookie: &str) -> u64 {
    let reply = client.get_with("/", &format!("Cookie: a=b; {cookie}\r\n"));
    assert_eq!(reply.cookie(), None, "a client that has its cookie gets no other");
    reply.release().unwrap()
}

#[test]
fn the_share_is_about_right_and_every_client_stays_on_its_side_while_it_grows() {
    let (one, two) = (Server::named("1"), Server::named("2"));
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut client = proxy.connect();
    assert_eq!(client.get("/").cookie(), None, "without a canary there is no cookie");
    proxy.canary(2, &two.address, 20, LONG);
    assert_eq!((proxy.status().percent, proxy.status().candidate.unwrap().0), (20, 2));
    let clients = newcomers(&mut client, 2000);
    let chosen: BTreeSet<_> = clients.iter().filter(|(_, release)| *release == 2).map(|(cookie, _)| cookie).collect();
    // Six standard deviations.
    assert!((293..=507).contains(&chosen.len()), "{} of 2000 at 20%", chosen.len());
    for (cookie, release) in clients.iter().take(300) {
        assert_eq!(again(&mut client, cookie), *release);
    }
    proxy.canary(2, &two.address, 60, LONG);
    let mut joined = 0;
    for (cookie, release) in clients.iter().take(500) {
        let now = again(&mut client, cookie);
        assert!(now >= *release, "a client of the candidate was turned out when the share grew");
        joined += now - release;
    }
    assert!(joined > 100, "{joined} of about 400 joined");
    let counts = proxy.counts(2);
    assert_eq!((counts.current.requests, counts.candidate.requests > 400), (0, true));
}

#[test]
fn the_next_canary_takes_other_clients() {
    let (one, two, three) = (Server::named("1"), Server::named("2"), Server::named("3"));
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut client = proxy.connect();
    proxy.canary(2, &two.address, 50, LONG);
    let clients = newcomers(&mut client, 200);
    proxy.order(&Request::EndCanary { epoch: EPOCH });
    for (cookie, _) in clients.iter().take(20) {
        assert_eq!(again(&mut client, cookie), 1);
    }
    proxy.canary(3, &three.address, 50, LONG);
    let both = clients.iter().filter(|(cookie, before)| (again(&mut client, cookie) == 3) == (*before == 2)).count();
    assert!((50..150).contains(&both), "{both} of 200 are on the same side as before");
}

#[test]
fn a_lease_that_is_not_renewed_returns_everybody_to_current() {
    let (one, two) = (Server::named("1"), Server::named("2"));
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &two.address, 99, LONG);
    let mut client = proxy.connect();
    let clients = newcomers(&mut client, 100);
    assert!(clients.iter().any(|(_, release)| *release == 2));
    // Only now a short one: on a slow machine it would be over before all have come.
    proxy.canary(2, &two.address, 99, 300);
    until("the lease has run out", || (proxy.status().percent == 0).then_some(()));
    for (cookie, _) in &clients {
        assert_eq!(again(&mut client, cookie), 1);
    }
    assert_eq!(proxy.drained(2), 0);
    // Renewed after all: the same clients are chosen.
    proxy.canary(2, &two.address, 99, LONG);
    for (cookie, release) in &clients {
        assert_eq!(again(&mut client, cookie), *release);
    }
}

#[test]
fn a_candidate_that_does_not_answer_is_counted_and_current_answers() {
    let one = Server::named("1");
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &nobody(), 99, LONG);
    let mut client = proxy.connect();
    for _ in 0..50 {
        let reply = client.get("/");
        assert_eq!((reply.status, reply.release()), (200, Some(1)));
        client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(client.read().unwrap().status, 200);
    }
    let candidate = proxy.counts(2).candidate;
    assert!(candidate.unreachable > 80, "{candidate:?}");
    assert_eq!(candidate.unreachable, candidate.requests);
    assert_eq!((candidate.spared, candidate.hurt()), (candidate.unreachable, 0), "no user noticed");
    assert_eq!(proxy.counts(2).failed_clients, 0);
    assert_eq!((proxy.counts(1).current.requests, proxy.counts(1).current.unreachable), (100, 0));
}

#[test]
fn a_candidate_that_breaks_off_is_counted_and_current_answers_what_may_be_asked_twice() {
    let (one, two) = (Server::named("1"), Server::start(|_, _| false));
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &two.address, 99, LONG);
    let mut client = proxy.connect();
    for _ in 0..20 {
        assert_eq!(client.get("/").status, 200);
    }
    let counts = proxy.counts(2);
    assert!(counts.candidate.unreachable > 10);
    assert_eq!((counts.candidate.hurt(), counts.failed_clients), (0, 0));
    // What may have been carried out is not asked twice: that user is hurt.
    while proxy.counts(2).candidate.hurt() == 0 {
        client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        client.read().unwrap();
    }
    assert_eq!(proxy.counts(2).failed_clients, 1);
}

#[test]
fn only_services_with_a_candidate_take_part() {
    let (one, two, api) = (Server::named("1"), Server::named("2"), Server::named("api"));
    let proxy = Proxy::start();
    let mut table = crate::proxy::table(1, &[&one.address]);
    let name = sternway_core::ids::ServiceName::new("api").unwrap();
    table.routes.insert("/api".to_owned(), name.clone());
    table.current.insert(name, crate::proxy::set(1, &[&api.address]));
    proxy.switch(table);
    proxy.canary(2, &two.address, 99, LONG);
    let mut client = proxy.connect();
    for _ in 0..20 {
        let reply = client.get("/api");
        assert_eq!((reply.text().as_str(), reply.cookie()), ("api", None));
    }
}

/// A service that fails on every request: by path 401, 404 or 500, or slowly.
fn failing() -> Server {
    Server::start(|head, stream| {
        let status = head.path()[1..].parse().unwrap_or(200);
        if head.path() == "/slow" {
            std::thread::sleep(std::time::Duration::from_millis(150));
        }
        respond(stream, status, "", b"");
        true
    })
}

/// Clients with a first error, as the candidate's and as the current release's.
fn failed(proxy: &Proxy, metric: Metric) -> (u64, u64) {
    let of = |counts: &Counts| counts.clients.unwrap().of(metric);
    (of(&proxy.counts(2).candidate), of(&proxy.counts(1).current))
}

#[test]
fn one_client_with_many_errors_is_one_failing_client_and_each_request_without_a_cookie_another() {
    let (one, two) = (failing(), failing());
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut client = proxy.connect();
    for _ in 0..5 {
        client.get("/401");
    }
    proxy.canary(2, &two.address, 50, LONG);
    let mut side = |wanted| {
        let mut newcomers = (0..1_000).map(|_| client.get("/200"));
        newcomers.find(|reply| reply.release() == Some(wanted)).unwrap().cookie().unwrap()
    };
    let (candidates, currents) = (side(2), side(1));
    assert_eq!(failed(&proxy, Metric::Unauthorized), (0, 0), "nobody got an error since the canary began");
    for _ in 0..50 {
        assert_eq!(client.get_with("/401", &format!("Cookie: {candidates}\r\n")).release(), Some(2));
    }
    assert_eq!(proxy.counts(2).candidate.unauthorized, 50);
    assert_eq!(failed(&proxy, Metric::Unauthorized), (1, 0));
    client.get_with("/401", &format!("Cookie: {currents}\r\n"));
    assert_eq!(failed(&proxy, Metric::Unauthorized), (1, 1));
    // Whoever moves to the candidate later had its first error where it was before.
    proxy.canary(2, &two.address, 99, LONG);
    client.get_with("/401", &format!("Cookie: {currents}\r\n"));
    assert_eq!(failed(&proxy, Metric::Unauthorized), (1, 1));
    for _ in 0..50 {
        client.get("/401");
    }
    let (candidate, current) = failed(&proxy, Metric::Unauthorized);
    assert_eq!(candidate + current, 52, "fifty draws, fifty clients");
    assert!(candidate >= 40, "{candidate}");
    assert_eq!(failed(&proxy, Metric::ServerErrors), (0, 0));
}

#[test]
fn all_who_ask_are_counted_once_on_their_side_failing_or_not() {
    let (one, two) = (failing(), failing());
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut client = proxy.connect();
    client.get("/200");
    let seen = || {
        let of = |counts: &Counts| counts.clients.map_or(0, |clients| clients.seen);
        (of(&proxy.counts(2).candidate), of(&proxy.counts(1).current))
    };
    assert_eq!(seen(), (0, 0), "without a canary nobody is told from another");
    proxy.canary(2, &two.address, 50, LONG);
    let clients = newcomers(&mut client, 40);
    let mine = clients.iter().filter(|(_, release)| *release == 2).count() as u64;
    assert_eq!(seen(), (mine, 40 - mine));
    for (cookie, _) in clients.iter().cycle().take(200) {
        client.get_with("/500", &format!("Cookie: {cookie}\r\n"));
    }
    assert_eq!(seen(), (mine, 40 - mine));
    assert_eq!(failed(&proxy, Metric::ServerErrors), (mine, 40 - mine));
    // With another share they are counted anew, each where it is now.
    proxy.canary(2, &two.address, 99, LONG);
    for (cookie, _) in &clients {
        client.get_with("/200", &format!("Cookie: {cookie}\r\n"));
    }
    let (candidates, currents) = seen();
    assert_eq!(candidates + currents, 80);
    // Whoever current answers in the candidate's place is still one of the candidate's.
    two.stop();
    for (cookie, _) in &clients {
        client.get_with("/200", &format!("Cookie: {cookie}\r\n"));
    }
    assert_eq!(seen(), (candidates, currents));
}

#[test]
fn what_only_checks_ask_is_answered_and_not_counted_and_the_service_does_not_know() {
    let one = Server::start(|head, stream| {
        let marked = head.headers.contains_key("sternway-check");
        respond(stream, if marked { 418 } else { 503 }, "", b"");
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut client = proxy.connect();
    for _ in 0..5 {
        assert_eq!(client.get_with("/", "Sternway-Check: 1\r\n").status, 503);
    }
    assert_eq!(proxy.counts(1).current, Counts { clients: Some(FailingClients::default()), ..Counts::default() });
    assert_eq!(proxy.counts(1).failed_clients, 0);
    proxy.canary(2, &nobody(), 99, LONG);
    for _ in 0..20 {
        client.get_with("/", "Sternway-Check: 1\r\n");
    }
    assert_eq!((proxy.counts(1).current.requests, proxy.counts(2).candidate.requests), (0, 0));
    client.get("/");
    assert_eq!(proxy.counts(1).current.server_errors, 1);
}

#[test]
fn failing_clients_are_counted_in_each_metric() {
    let (one, two) = (failing(), failing());
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &two.address, 99, LONG);
    let mut client = proxy.connect();
    let cookie =
        (0..1_000).map(|_| client.get("/200")).find(|reply| reply.release() == Some(2)).unwrap().cookie().unwrap();
    for path in ["/500", "/401", "/404", "/slow", "/500", "/403", "/429", "/slow"] {
        assert_eq!(client.get_with(path, &format!("Cookie: {cookie}\r\n")).release(), Some(2));
    }
    for metric in [Metric::ServerErrors, Metric::Unauthorized, Metric::ClientErrors, Metric::Latency] {
        assert_eq!(failed(&proxy, metric), (1, 0), "{metric:?}");
    }
    two.stop();
    // Nothing is lost: the current release answers; the candidate's client counts as one that could not reach it.
    assert_eq!(client.get_with("/200", &format!("Cookie: {cookie}\r\n")).release(), Some(1));
    assert_eq!(failed(&proxy, Metric::Unreachable), (1, 0));
}

#[test]
fn the_next_canary_counts_everybody_anew() {
    let (one, two) = (failing(), failing());
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &two.address, 99, LONG);
    let mut client = proxy.connect();
    let cookie = (0..1_000).map(|_| client.get("/200")).find_map(|reply| reply.cookie()).unwrap();
    let counted = |client: &mut Connection| {
        client.get_with("/401", &format!("Cookie: {cookie}\r\n"));
        let (candidate, current) = failed(&proxy, Metric::Unauthorized);
        candidate + current
    };
    assert_eq!((counted(&mut client), counted(&mut client)), (1, 1));
    proxy.order(&Request::EndCanary { epoch: EPOCH });
    assert_eq!(counted(&mut client), 1, "without a canary nobody is drawn");
    proxy.canary(2, &two.address, 99, LONG);
    assert_eq!((counted(&mut client), counted(&mut client)), (2, 2));
}

#[test]
fn a_canary_that_makes_no_sense_is_refused() {
    let one = Server::named("1");
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let canary = |percent, lease, addresses: &[&str], service: &str| {
        let service = sternway_core::ids::ServiceName::new(service).unwrap();
        let candidate = [(service, crate::proxy::set(2, addresses))].into();
        let lease = sternway_core::time::Millis(lease);
        proxy.ask(&Request::Canary { epoch: Epoch(1), candidate, percent, lease, slow_floor: None })
    };
    for refused in [
        canary(0, 1000, &[&one.address], "web"),
        canary(100, 1000, &[&one.address], "web"),
        canary(10, 0, &[&one.address], "web"),
        canary(10, 1000, &[], "web"),
        canary(10, 1000, &["nowhere"], "web"),
        canary(10, 1000, &[&one.address], "unknown"),
    ] {
        assert!(matches!(refused, Response::Refused { why: Refusal::Invalid(_) }), "{refused:?}");
    }
    assert_eq!(proxy.status().percent, 0);
}
