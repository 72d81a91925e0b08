//! Holding requests.

use std::sync::{Mutex, mpsc};
use std::thread;

use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Millis;
use sternway_proxy::protocol::{Request, Response};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, until};
use crate::server::{Server, respond};

fn hold(proxy: &Proxy, limit: u64) {
    proxy.order(&Request::Hold { epoch: EPOCH, limit: Millis(limit) });
}

/// Clients whose requests wait.
fn waiting(proxy: &Proxy, count: usize) -> Vec<Connection> {
    let address = proxy.address();
    let before = proxy.status().held.unwrap();
    let clients: Vec<_> = (0..count)
        .map(|_| {
            let mut client = Connection::open(&address);
            client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            client
        })
        .collect();
    until("they wait", || (proxy.status().held == Some(before + count as u64)).then_some(()));
    clients
}

#[test]
fn held_requests_are_answered_after_the_release() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    hold(&proxy, 60_000);
    let mut clients = waiting(&proxy, 5);
    assert_eq!((server.requests(), proxy.counts(1).open), (0, 0));
    proxy.order(&Request::Release { epoch: EPOCH });
    for client in &mut clients {
        assert_eq!(client.read().unwrap().status, 200);
    }
    assert_eq!(proxy.status().held, None);
    assert_eq!(proxy.counts(1).current.unreachable, 0);
}

#[test]
fn held_requests_go_to_what_a_switch_made_current() {
    let (one, two) = (Server::named("1"), Server::named("2"));
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    hold(&proxy, 60_000);
    let mut clients = waiting(&proxy, 3);
    proxy.serve(2, &two.address);
    assert_eq!(proxy.drained(1), 0);
    for client in &mut clients {
        assert_eq!(client.read().unwrap().release(), Some(2));
    }
}

#[test]
fn what_is_current_drains_while_requests_are_held_and_serves_again_afterwards() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let server = Server::start(move |head, stream| {
        if head.path() == "/slow" {
            gate.lock().unwrap().recv().unwrap();
        }
        respond(stream, 200, "", b"");
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let drain = Request::Drained { release: ReleaseNumber(1) };
    assert!(matches!(proxy.ask(&drain), Response::Refused { .. }), "it serves");
    let mut slow = proxy.connect();
    slow.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it is open", || (proxy.counts(1).open == 1).then_some(()));
    hold(&proxy, 60_000);
    let mut clients = waiting(&proxy, 2);
    thread::scope(|scope| {
        let drained = scope.spawn(|| proxy.drained(1));
        open.send(()).unwrap();
        assert_eq!(slow.read().unwrap().status, 200);
        assert_eq!(drained.join().unwrap(), 0);
    });
    assert_eq!(proxy.status().held, Some(2), "nobody was let through");
    proxy.order(&Request::Release { epoch: EPOCH });
    for client in &mut clients {
        assert_eq!(client.read().unwrap().release(), Some(1));
    }
    assert_eq!(slow.get("/").release(), Some(1));
}

#[test]
fn a_hold_ends_by_itself_at_its_limit() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    hold(&proxy, 200);
    let mut client = proxy.connect();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.read().unwrap().status, 200);
    until("nothing is held", || proxy.status().held.is_none().then_some(()));
}

#[test]
fn a_client_that_goes_away_gives_its_place_back() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    hold(&proxy, 60_000);
    drop(waiting(&proxy, 3));
    until("nobody waits", || (proxy.status().held == Some(0)).then_some(()));
}

#[test]
fn more_than_the_queue_holds_are_told_to_come_again() {
    const QUEUE: usize = 10_000;
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    hold(&proxy, 600_000);
    let mut clients = waiting(&proxy, QUEUE);
    let mut last = proxy.connect();
    let reply = last.get("/");
    assert_eq!((reply.status, reply.header("retry-after").is_some()), (503, true));
    proxy.order(&Request::Release { epoch: EPOCH });
    for client in &mut clients {
        assert_eq!(client.read().unwrap().status, 200);
    }
    assert_eq!(last.get("/").status, 200);
}

#[test]
fn a_restart_while_holding_comes_back_not_holding() {
    let server = Server::named("x");
    let mut proxy = Proxy::start();
    proxy.serve(1, &server.address);
    hold(&proxy, 600_000);
    let _waiting = waiting(&proxy, 2);
    proxy.kill_and_restart();
    assert_eq!(proxy.status().held, None);
    assert_eq!(proxy.connect().get("/").status, 200);
}
