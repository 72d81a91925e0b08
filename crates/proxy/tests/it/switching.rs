//! Switching under load: nothing fails, and nothing lands on a drained release.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Millis;
use sternway_proxy::protocol::{Refusal, Request, Response};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, table, until};
use crate::server::{Server, body, respond};

/// Clients that ask as fast as they can, one connection each, until stopped; the number of requests and what failed.
struct Load {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    threads: Vec<std::thread::JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(address: &str, clients: usize) -> Self {
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let client = |n: usize| {
            let (stop, sent, address) = (Arc::clone(&stop), Arc::clone(&sent), address.to_owned());
            std::thread::spawn(move || {
                let mut client = Connection::open(&address);
                let mut failed = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    // Every other client posts: such a request is never sent twice.
                    let reply = if n.is_multiple_of(2) {
                        client.try_get("/", "")
                    } else {
                        client
                            .try_write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
                            .and_then(|()| client.read())
                    };
                    sent.fetch_add(1, Ordering::SeqCst);
                    match reply {
                        Ok(reply)
                            if reply.status == 200 && reply.release().map(|n| n.to_string()) == Some(reply.text()) => {}
                        other => {
                            failed.push(format!("{other:?}"));
                            client = Connection::open(&address);
                        }
                    }
                }
                failed
            })
        };
        let threads = (0..clients).map(client).collect();
        Self { stop, sent, threads }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    fn end(self) -> Vec<String> {
        self.stop.store(true, Ordering::SeqCst);
        self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    }
}

fn release(number: u64) -> Server {
    Server::start(move |head, stream| {
        body(head, stream, |_| {});
        respond(stream, 200, "", number.to_string().as_bytes());
        true
    })
}

#[test]
fn fifty_switches_under_load_fail_no_request_and_a_drained_server_can_be_killed_at_once() {
    let proxy = Proxy::start();
    let mut old = release(1);
    proxy.serve(1, &old.address);
    let load = Load::start(&proxy.address(), 8);
    for number in 2..=51 {
        let before = load.sent();
        until("the load runs", || (load.sent() > before + 20).then_some(()));
        let new = release(number);
        if number % 3 == 0 {
            // By way of a canary, whose targets become current.
            proxy.canary(number, &new.address, 50, 60_000);
            let before = load.sent();
            until("the load runs", || (load.sent() > before + 20).then_some(()));
        }
        proxy.serve(number, &new.address);
        assert_eq!(proxy.drained(number - 1), 0);
        let last = old.requests();
        old.stop();
        assert_eq!(old.requests(), last, "a request came to release {} after its drain", number - 1);
        old = new;
    }
    let sent = load.sent();
    let failed = load.end();
    assert!(failed.is_empty(), "{} of {sent} failed, such as {}", failed.len(), failed[0]);
    let counts = proxy.counts(51);
    assert_eq!((counts.current.server_errors, counts.current.unreachable), (0, 0));
}

#[test]
fn a_switch_moves_all_services_in_one_moment() {
    // The back end's release must never be older than the front end's, when the front is asked first.
    let proxy = Proxy::start();
    let servers: Vec<_> = (1..=2).map(release).collect();
    let both = |n: usize| {
        let mut table = table(n as u64, &[&servers[n - 1].address]);
        let api = sternway_core::ids::ServiceName::new("api").unwrap();
        table.routes.insert("/api".to_owned(), api.clone());
        let set = table.current.values().next().unwrap().clone();
        table.current.insert(api, set);
        table
    };
    proxy.switch(both(1));
    let address = proxy.address();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let watcher = std::thread::spawn(move || {
        let mut client = Connection::open(&address);
        let mut seen = 0;
        while !stopped.load(Ordering::SeqCst) {
            let (front, api) = (client.get("/").release().unwrap(), client.get("/api").release().unwrap());
            assert!(api >= front, "front {front}, then api {api}");
            seen = seen.max(front);
        }
        seen
    });
    proxy.switch(both(2));
    until("the new release has answered", || (servers[1].requests() > 10).then_some(()));
    stop.store(true, Ordering::SeqCst);
    assert_eq!(watcher.join().unwrap(), 2);
}

#[test]
fn what_is_open_at_the_switch_ends_on_the_old_release() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let old = Server::start(move |_, stream| {
        let _ = gate.lock().unwrap().recv();
        respond(stream, 200, "", b"old");
        true
    });
    let new = Server::named("new");
    let proxy = Proxy::start();
    proxy.serve(1, &old.address);
    let mut client = proxy.connect();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it is open", || (proxy.counts(1).open == 1).then_some(()));
    proxy.serve(2, &new.address);
    assert_eq!(proxy.connect().get("/").text(), "new");
    assert_eq!(proxy.counts(1).open, 1);
    go.send(()).unwrap();
    assert_eq!(client.read().unwrap().text(), "old");
    assert_eq!(proxy.drained(1), 0);
    assert_eq!(client.get("/").text(), "new");
}

#[test]
fn what_is_open_at_the_limit_is_closed_and_nothing_else() {
    let old = Server::start(|_, stream| {
        let _ = std::io::Read::read(stream, &mut [0]);
        false
    });
    let new = Server::named("new");
    let proxy = Proxy::start();
    proxy.serve(1, &old.address);
    let mut stuck = proxy.connect();
    let mut idle = proxy.connect();
    stuck.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it is open", || (proxy.counts(1).open == 1).then_some(()));
    let mut short = table(2, &[&new.address]);
    short.drain = Millis(100);
    proxy.switch(short);
    assert_eq!(proxy.drained(1), 1);
    assert_eq!(proxy.counts(1).open, 0);
    assert_eq!(stuck.rest(), b"");
    assert_eq!(idle.get("/").text(), "new");
    // The same answer again: the order is idempotent.
    assert_eq!(proxy.drained(1), 1);
}

#[test]
fn a_client_that_does_not_read_is_closed_at_the_limit_too() {
    let old = Server::start(|_, stream| {
        respond(stream, 200, "", &vec![b'x'; 64 << 20]);
        true
    });
    let new = Server::named("new");
    let proxy = Proxy::start();
    proxy.serve(1, &old.address);
    let mut lazy = proxy.connect();
    lazy.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(lazy.head().unwrap().status, 200);
    let mut short = table(2, &[&new.address]);
    short.drain = Millis(100);
    proxy.switch(short);
    assert_eq!(proxy.drained(1), 1);
    assert_eq!(proxy.counts(1).open, 0);
    let rest = lazy.rest().len();
    assert!(rest < 64 << 20, "{rest} bytes");
}

#[test]
fn a_release_that_comes_back_before_it_has_drained_serves_on() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let one = Server::start(move |head, stream| {
        if head.path() == "/slow" {
            let _ = gate.lock().unwrap().recv();
        }
        respond(stream, 200, "", b"one");
        true
    });
    let two = Server::named("two");
    let proxy = Proxy::start();
    proxy.serve(1, &one.address);
    let mut slow = proxy.connect();
    slow.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it is open", || (proxy.counts(1).open == 1).then_some(()));
    proxy.serve(2, &two.address);
    proxy.serve(1, &one.address);
    assert_eq!(proxy.drained(2), 0);
    let refused = proxy.ask(&Request::Drained { release: ReleaseNumber(1) });
    assert!(matches!(refused, Response::Refused { why: Refusal::Invalid(_) }), "{refused:?}");
    assert_eq!(proxy.connect().get("/").text(), "one");
    go.send(()).unwrap();
    assert_eq!(slow.read().unwrap().text(), "one");
}

#[test]
fn a_new_address_is_opened_before_the_old_one_closes_and_a_port_in_use_changes_nothing() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let before = proxy.status();
    let old = proxy.address();
    let mut kept = proxy.connect();

    let mut taken = table(2, &[&server.address]);
    taken.listen.clone_from(&server.address);
    let refused = proxy.ask(&Request::Switch { epoch: EPOCH, table: Some(taken) });
    let Response::Refused { why: Refusal::Invalid(why) } = refused else { panic!("{refused:?}") };
    assert!(why.contains("address in use") && why.contains(&server.address), "{why}");
    assert_eq!(proxy.status(), before);
    assert_eq!(kept.get("/").release(), Some(1));

    let free = crate::server::nobody();
    let mut moved = table(2, &[&server.address]);
    moved.listen.clone_from(&free);
    proxy.switch(moved);
    assert_eq!(proxy.address(), free);
    assert_eq!(Connection::open(&free).get("/").release(), Some(2));
    assert_eq!(kept.get("/").release(), Some(2));
    assert!(std::net::TcpStream::connect(old).is_err());
}
