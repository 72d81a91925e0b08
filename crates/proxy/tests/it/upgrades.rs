//! Upgraded connections.

use std::io::{Read, Write};

use sternway_core::time::Millis;

use crate::client::Connection;
use crate::proxy::{Proxy, table, until};
use crate::server::{Server, Stream, respond};

/// A service that switches to the protocol asked for and then sends everything back, until its input ends; then it says `bye`.
fn echo(stream: &mut Stream, protocol: &str) {
    let out = stream.get_mut();
    write!(out, "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n").unwrap();
    let mut buffer = [0; 4096];
    while let Ok(read) = stream.read(&mut buffer) {
        if read == 0 {
            let _ = stream.get_mut().write_all(b"bye");
            return;
        }
        let _ = stream.get_mut().write_all(&buffer[..read]);
    }
}

fn server() -> Server {
    Server::start(|head, stream| {
        if let Some(protocol) = head.headers.get("upgrade") {
            echo(stream, protocol);
            return false;
        }
        respond(stream, 200, "", b"plain");
        true
    })
}

fn upgrade(proxy: &Proxy, protocol: &str) -> Connection {
    let mut client = proxy.connect();
    client.write(format!("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n"));
    let head = client.head().unwrap();
    assert_eq!((head.status, head.header("upgrade"), head.release()), (101, Some(protocol), Some(1)));
    client
}

fn exchange(client: &mut Connection, bytes: &[u8]) {
    client.write(bytes);
    let mut back = vec![0; bytes.len()];
    client.stream.read_exact(&mut back).unwrap();
    assert_eq!(back, bytes);
}

/// An unmasked text frame, as the echoing service is to send it.
const FRAME: &[u8] = b"\x81\x05hello";

fn switch_away(proxy: &Proxy, new: &Server, drain: u64) {
    let mut table = table(2, &[&new.address]);
    table.drain = Millis(drain);
    proxy.switch(table);
}

#[test]
fn bytes_pass_both_ways_and_the_connection_counts_as_open() {
    let server = server();
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "websocket");
    for _ in 0..100 {
        exchange(&mut client, FRAME);
    }
    assert_eq!(proxy.counts(1).open, 1);
    assert_eq!(proxy.counts(1).current.requests, 1);
    client.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(client.rest(), b"bye");
    until("nothing is open", || (proxy.counts(1).open == 0).then_some(()));
}

#[test]
fn a_websocket_survives_a_switch_is_told_before_the_limit_and_closed_at_it() {
    let (server, new) = (server(), Server::named("new"));
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "websocket");
    exchange(&mut client, FRAME);
    switch_away(&proxy, &new, 1_500);
    assert_eq!(proxy.connect().get("/").text(), "new");
    for _ in 0..20 {
        exchange(&mut client, FRAME);
    }
    let mut told = [0; 4];
    client.stream.read_exact(&mut told).unwrap();
    assert_eq!(told, [0x88, 2, 0x03, 0xE9]);
    // It does not answer, and so it is closed.
    assert_eq!(proxy.drained(1), 1);
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_websocket_client_that_answers_the_close_is_not_cut_off() {
    let (server, new) = (server(), Server::named("new"));
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "websocket");
    exchange(&mut client, FRAME);
    switch_away(&proxy, &new, 2_000);
    let mut told = [0; 4];
    client.stream.read_exact(&mut told).unwrap();
    client.write([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9]);
    client.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    // What the service still says does not follow the close frame.
    assert_eq!(client.rest(), b"");
    assert_eq!(proxy.drained(1), 0);
}

#[test]
fn a_close_frame_is_not_put_into_the_middle_of_another() {
    let (server, new) = (server(), Server::named("new"));
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "websocket");
    exchange(&mut client, &FRAME[..4]);
    switch_away(&proxy, &new, 1_000);
    assert_eq!(proxy.drained(1), 1);
    assert_eq!(client.rest(), b"");
    // The same with the rest of the frame in time.
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "websocket");
    exchange(&mut client, &FRAME[..4]);
    switch_away(&proxy, &new, 3_000);
    exchange(&mut client, &FRAME[4..]);
    let mut told = [0; 4];
    client.stream.read_exact(&mut told).unwrap();
    assert_eq!(told, [0x88, 2, 0x03, 0xE9]);
}

#[test]
fn of_another_protocol_the_service_sees_the_end_and_can_say_its_last_words() {
    let (server, new) = (server(), Server::named("new"));
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = upgrade(&proxy, "own/1");
    exchange(&mut client, b"anything");
    switch_away(&proxy, &new, 1_000);
    exchange(&mut client, b"still there");
    assert_eq!(client.rest(), b"bye");
    drop(client);
    assert_eq!(proxy.drained(1), 0);
}

#[test]
fn a_service_that_does_not_switch_answers_as_always() {
    let server = Server::named("plain");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    let reply = client.get_with("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    assert_eq!((reply.status, reply.text().as_str()), (200, "plain"));
    assert_eq!(client.get("/").status, 200);
}
