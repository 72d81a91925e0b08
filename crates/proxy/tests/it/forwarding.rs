//! What passes through, and what does not.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sternway_core::ids::ServiceName;

use crate::client::Connection;
use crate::proxy::{Proxy, set, table, until, web};
use crate::server::{Server, body, nobody, respond};

fn echo_head() -> Server {
    Server::start(|head, stream| {
        let mut lines: Vec<_> = head.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.sort();
        respond(
            stream,
            200,
            "Keep-Alive: timeout=9\r\nX-Own: 1\r\n",
            format!("{}\n{}", head.line, lines.join("\n")).as_bytes(),
        );
        true
    })
}

#[test]
fn routes_lead_to_their_services_and_no_route_is_marked() {
    let (front, api, other) = (Server::named("front"), Server::named("api"), Server::named("other"));
    let proxy = Proxy::start();
    let mut table = table(1, &[&front.address]);
    let services = [("/api", "api", &api), ("other.example/", "other", &other)];
    for (route, name, server) in services {
        let name = ServiceName::new(name).unwrap();
        table.routes.insert(route.to_owned(), name.clone());
        table.current.insert(name, set(2, &[&server.address]));
    }
    table.routes.insert("/shop".to_owned(), web());
    table.routes.remove("/");
    proxy.switch(table);
    let mut client = proxy.connect();
    assert_eq!((client.get("/api/x?q").text(), client.get("/shop").text()), ("api".to_owned(), "front".to_owned()));
    client.write("GET /api HTTP/1.1\r\nHost: OTHER.example:80\r\n\r\n");
    assert_eq!(client.read().unwrap().text(), "other");
    assert_eq!((client.get("/api").release(), client.get("/shop").release()), (Some(2), Some(1)));
    let none = client.get("/apix");
    assert_eq!((none.status, none.header("sternway-proxy")), (404, Some("no-route")));
    assert_eq!(none.release(), None);
}

#[test]
fn a_service_without_a_target_is_unavailable_and_so_is_everything_after_a_withdrawal() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    let mut first = table(1, &[&server.address]);
    first.routes.insert("/none".to_owned(), ServiceName::new("none").unwrap());
    proxy.switch(first);
    let mut client = proxy.connect();
    let none = client.get("/none");
    assert_eq!((none.status, none.header("retry-after").is_some()), (503, true));
    assert_eq!(client.get("/").status, 200);
    proxy.order(&sternway_proxy::protocol::Request::Switch { epoch: crate::proxy::EPOCH, table: None });
    assert_eq!(client.get("/").header("sternway-proxy"), Some("nothing-current"));
}

#[test]
fn headers_of_the_connection_stay_behind_and_forwarding_headers_are_added() {
    let server = echo_head();
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    let reply = client.get_with(
        "/p?q=1",
        "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-End: 1\r\n",
    );
    assert_eq!(
        reply.text(),
        "GET /p?q=1 HTTP/1.1\nhost: shop.example\nx-end: 1\nx-forwarded-for: 1.2.3.4, 127.0.0.1\nx-forwarded-host: shop.example\nx-forwarded-proto: http"
    );
    assert_eq!((reply.header("keep-alive"), reply.header("x-own")), (None, Some("1")));
}

#[test]
fn an_absolute_target_names_the_host_and_two_hosts_are_refused() {
    let server = echo_head();
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write("GET http://real.example/x HTTP/1.1\r\nHost: other\r\n\r\n");
    let text = client.read().unwrap().text();
    assert!(text.starts_with("GET /x HTTP/1.1\nhost: real.example\n"), "{text}");
    client.write("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(client.read().unwrap().status, 400);
    client.write("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.read().unwrap().status, 400);
}

#[test]
fn a_request_with_two_lengths_is_not_passed_on() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    for headers in ["Content-Length: 3\r\nContent-Length: 4\r\n", "Transfer-Encoding: chunked, identity\r\n"] {
        let mut client = proxy.connect();
        client.write(format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\nabcd"));
        assert_eq!(client.read().unwrap().status, 400, "{headers}");
    }
    assert_eq!(server.requests(), 0);
    // With both, only the chunked framing counts (RFC 9112, 6.1), and the length does not go on.
    let server = Server::start(|head, stream| {
        let mut whole: Vec<u8> = Vec::new();
        body(head, stream, |piece| whole.extend(piece));
        respond(stream, 200, "", format!("{whole:?} {:?}", head.headers.get("content-length")).as_bytes());
        true
    });
    proxy.serve(2, &server.address);
    let mut client = proxy.connect();
    client.write(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    );
    let reply = client.read().unwrap();
    assert!(reply.status == 400 || reply.text() == "[97] None", "{reply:?}");
}

#[test]
fn connections_to_the_service_are_kept_also_without_a_known_length() {
    let server = Server::start(|head, stream| {
        match head.path() {
            "/chunked" => {
                let _ = stream
                    .get_mut()
                    .write_all(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            }
            "/long" => respond(stream, 200, "", &vec![b'x'; 300_000]),
            _ if head.line.starts_with("HEAD") => {
                let _ = stream.get_mut().write_all(b"HTTP/1.1 200 x\r\nContent-Length: 77\r\n\r\n");
            }
            _ => {
                body(head, stream, |_| {});
                respond(stream, 200, "", b"");
            }
        }
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    let checks = server.connections();
    for _ in 0..5 {
        assert_eq!(client.get("/chunked").text(), "abc");
        assert_eq!(client.get("/long").body.len(), 300_000);
        assert_eq!(client.get("/").status, 200);
        client.write("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(client.head().unwrap().header("content-length"), Some("77"));
        client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
        assert_eq!(client.read().unwrap().status, 200);
    }
    // One kept connection, or two; and one a second for the health check.
    assert!(server.connections() - checks < 20, "{} connections for 25 requests", server.connections() - checks);
}

#[test]
fn a_kept_connection_that_the_service_closed_fails_no_request() {
    // Closes after the second request without saying so.
    let server = Server::start(|head, stream| {
        respond(stream, 200, "", b"");
        !head.path().contains("last")
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    for _ in 0..50 {
        assert_eq!(client.get("/first").status, 200);
        assert_eq!(client.get("/last").status, 200);
    }
    assert_eq!(proxy.counts(1).current.unreachable, 0);
}

#[test]
fn a_kept_connection_that_breaks_costs_nothing_that_may_be_asked_twice() {
    // Every connection breaks at its second request, after that has arrived.
    let seconds = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seconds);
    let first = Mutex::new(std::collections::HashSet::new());
    let server = Server::start(move |_, stream| {
        if !first.lock().unwrap().insert(stream.get_ref().peer_addr().unwrap()) {
            counted.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        respond(stream, 200, "", b"");
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    for _ in 0..20 {
        assert_eq!(client.get("/").status, 200);
    }
    assert!(seconds.load(Ordering::SeqCst) > 5, "connections are kept");
    let counts = proxy.counts(1).current;
    assert_eq!((counts.requests, counts.unreachable), (20, 0));
}

#[test]
fn a_request_that_may_have_been_carried_out_is_not_sent_twice() {
    let posts = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&posts);
    let server = Server::start(move |head, stream| {
        if head.line.starts_with("POST") {
            counted.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        respond(stream, 200, "", b"");
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    assert_eq!(client.get("/").status, 200);
    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    let reply = client.read().unwrap();
    assert_eq!((reply.status, reply.header("sternway-proxy")), (502, Some("unreachable")));
    assert_eq!(posts.load(Ordering::SeqCst), 1);
    assert_eq!(proxy.counts(1).current.unreachable, 1);
}

#[test]
fn another_address_of_the_set_answers_when_one_does_not() {
    let server = Server::named("alive");
    let proxy = Proxy::start();
    let dead = nobody();
    proxy.switch(table(1, &[&dead, &server.address]));
    let mut client = proxy.connect();
    for _ in 0..10 {
        assert_eq!(client.get("/").text(), "alive");
    }
    assert_eq!(proxy.counts(1).current.unreachable, 0);
    assert_eq!(proxy.status().unhealthy, [dead]);
}

#[test]
fn a_dead_target_is_unreachable_until_it_is_back() {
    let server = Server::named("x");
    let address = server.address.clone();
    let proxy = Proxy::start();
    proxy.serve(1, &address);
    let mut client = proxy.connect();
    assert_eq!(client.get("/").status, 200);
    server.stop();
    assert_eq!(client.get("/").status, 502);
    assert_eq!(proxy.counts(1).current.unreachable, 1);
    assert_eq!(proxy.status().unhealthy, std::slice::from_ref(&address));
    let _again = Server::start_at(address.parse().unwrap(), |_, stream| {
        respond(stream, 200, "", b"again");
        true
    });
    // Nobody asks for it: the check alone finds it healthy again.
    until("it is healthy again", || proxy.status().unhealthy.is_empty().then_some(()));
    assert_eq!(client.get("/").text(), "again");
}

#[test]
fn a_service_that_does_not_answer_is_timed_out() {
    let server = Server::start(|head, stream| {
        if head.path() == "/hang" {
            let _ = stream.read(&mut [0]);
            return false;
        }
        respond(stream, 200, "", b"");
        true
    });
    let proxy = Proxy::start_with(&["--response", "100"]);
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    assert_eq!(client.get("/hang").status, 504);
    assert_eq!(client.get("/").status, 200);
    let counts = proxy.counts(1).current;
    assert_eq!((counts.requests, counts.unreachable), (2, 1));
}

#[test]
fn a_client_that_goes_away_is_nobodys_error_and_the_service_hears_of_it() {
    let (gone, went) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (a, b) = (Arc::clone(&went), Arc::clone(&gone));
    let server = Server::start(move |_, stream| {
        a.fetch_add(1, Ordering::SeqCst);
        let _ = stream.read(&mut [0]);
        b.fetch_add(1, Ordering::SeqCst);
        false
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("the request has arrived", || (went.load(Ordering::SeqCst) == 1).then_some(()));
    assert_eq!(proxy.counts(1).open, 1);
    drop(client);
    until("the service hears of it", || (gone.load(Ordering::SeqCst) == 1).then_some(()));
    until("nothing is open", || (proxy.counts(1).open == 0).then_some(()));
    let counts = proxy.counts(1);
    assert_eq!((counts.current.requests, counts.current.unreachable, counts.failed_clients), (0, 0, 0));
}

#[test]
fn a_client_that_breaks_off_its_upload_is_nobodys_error_either() {
    let (begun, broken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (a, b) = (Arc::clone(&begun), Arc::clone(&broken));
    let server = Server::start(move |_, stream| {
        a.fetch_add(1, Ordering::SeqCst);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.len() < 1000);
        b.fetch_add(1, Ordering::SeqCst);
        false
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
    until("the request has arrived", || (begun.load(Ordering::SeqCst) == 1).then_some(()));
    drop(client);
    until("the service hears of it", || (broken.load(Ordering::SeqCst) == 1).then_some(()));
    until("nothing is open", || (proxy.counts(1).open == 0).then_some(()));
    let counts = proxy.counts(1);
    assert_eq!((counts.current.requests, counts.current.unreachable, counts.failed_clients), (0, 0, 0));
}

#[test]
fn a_client_that_waits_for_100_gets_it() {
    let server = Server::start(|head, stream| {
        let mut whole: Vec<u8> = Vec::new();
        body(head, stream, |piece| whole.extend(piece));
        respond(stream, 200, "", &whole);
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(client.head().unwrap().status, 100);
    client.write("hello");
    assert_eq!(client.read().unwrap().text(), "hello");
}

#[test]
fn an_old_client_is_served() {
    let server = echo_head();
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write("GET /old HTTP/1.0\r\n\r\n");
    let rest = String::from_utf8(client.rest()).unwrap();
    assert!(rest.starts_with("HTTP/1.0 200") && rest.contains("GET /old HTTP/1.1"), "{rest}");
}

fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_hundred_megabytes_go_up_and_come_back_without_being_held() {
    const MEGABYTES: usize = 100;
    // Sends everything back, as it comes.
    let server = Server::start(|head, stream| {
        let mut out = stream.get_ref().try_clone().unwrap();
        let length = &head.headers["content-length"];
        write!(out, "HTTP/1.1 200 x\r\nContent-Length: {length}\r\n\r\n").unwrap();
        body(head, stream, |piece| out.write_all(piece).unwrap());
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let before = peak_memory(proxy.pid());
    let client = proxy.connect();
    let mut sender = client.stream.get_ref().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        write!(sender, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", MEGABYTES << 20).unwrap();
        for n in 0..MEGABYTES {
            sender.write_all(&vec![u8::try_from(n).unwrap(); 1 << 20]).unwrap();
        }
    });
    let mut client: Connection = client;
    assert_eq!(client.head().unwrap().status, 200);
    let mut megabyte = vec![0; 1 << 20];
    for n in 0..MEGABYTES {
        client.stream.read_exact(&mut megabyte).unwrap();
        assert!(megabyte.iter().all(|byte| usize::from(*byte) == n), "megabyte {n}");
    }
    sending.join().unwrap();
    let grown = peak_memory(proxy.pid()) - before;
    assert!(grown < 20 * 1024, "the proxy grew by {grown} kB");
    assert_eq!(client.get_with("/", "Content-Length: 0\r\n").status, 200);
}

#[test]
fn an_upload_goes_on_while_nobody_reads_the_response() {
    // The response begins at once and is long; the client reads it only after all is sent.
    let server = Server::start(|head, stream| {
        let mut out = stream.get_ref().try_clone().unwrap();
        let talk = std::thread::spawn(move || {
            let _ = write!(out, "HTTP/1.1 200 x\r\nContent-Length: {}\r\n\r\n", 8 << 20);
            let _ = out.write_all(&vec![b'y'; 8 << 20]);
        });
        body(head, stream, |_| {});
        talk.join().unwrap();
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    client.write(format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 32 << 20));
    client.write(vec![b'z'; 32 << 20]);
    assert_eq!(client.read().unwrap().body.len(), 8 << 20);
}

#[test]
fn each_kind_of_response_has_its_own_count() {
    let server = Server::statuses();
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    let expected = BTreeMap::from([("/200", 3), ("/401", 2), ("/403", 1), ("/404", 2), ("/500", 1), ("/503", 1)]);
    for (path, times) in &expected {
        for _ in 0..*times {
            assert_eq!(client.get(path).status.to_string(), path[1..]);
        }
    }
    for location in ["/login?next=%2F", "http://shop.example/login", "/elsewhere"] {
        client.get_with("/302", &format!("X-Location: {location}\r\n"));
    }
    let counts = proxy.counts(1);
    let current = counts.current;
    assert_eq!((current.requests, current.latency.total()), (13, 13));
    let kinds = [current.server_errors, current.unauthorized, current.login_redirects, current.client_errors];
    assert_eq!((kinds, current.unreachable), ([2, 3, 2, 2], 0));
    assert_eq!((counts.failed_clients, counts.open), (1, 0));
    assert_eq!(counts.candidate.requests, 0);
}

#[test]
fn the_time_to_the_first_byte_is_what_is_measured() {
    let gate = Arc::new(Mutex::new(()));
    let held = gate.lock().unwrap();
    let waits = Arc::clone(&gate);
    let server = Server::start(move |_, stream| {
        drop(waits.lock().unwrap());
        respond(stream, 200, "", b"");
        true
    });
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    let start = std::time::Instant::now();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("the request is open", || (proxy.counts(1).open == 1).then_some(()));
    let open = std::time::Instant::now();
    until("a while has passed", || (open.elapsed().as_millis() > 50).then_some(()));
    drop(held);
    assert_eq!(client.read().unwrap().status, 200);
    let latency = proxy.counts(1).current.latency;
    let most = u64::try_from(start.elapsed().as_micros()).unwrap() * 11 / 10;
    let measured = latency.percentile(1.0).unwrap();
    assert!((50_000..=most).contains(&measured), "{measured} of {most}");
}
