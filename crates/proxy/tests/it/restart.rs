//! What is left after the process was killed.

use std::collections::BTreeMap;
use std::fs;

use sternway_core::ids::{Epoch, ReleaseNumber};
use sternway_core::time::Millis;
use sternway_proxy::protocol::{Refusal, Request, Response};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, set, table, until, web};
use crate::server::{Server, nobody, respond};

#[test]
fn a_killed_proxy_serves_the_same_table_on_the_same_port_again() {
    let (server, dead) = (Server::named("x"), nobody());
    let mut proxy = Proxy::start();
    let mut table = table(7, &[&server.address, &dead]);
    table.listen = nobody();
    proxy.switch(table.clone());
    proxy.order(&Request::Witness { seq: 41, hash: "abc".to_owned() });
    proxy.order(&Request::Witness { seq: 12, hash: "older".to_owned() });
    let before = proxy.status();
    proxy.kill_and_restart();
    let after = proxy.status();
    assert_ne!(after.pid, before.pid);
    assert_eq!((after.table, after.witness), (Some(table.clone()), Some((41, "abc".to_owned()))));
    assert_eq!((after.unhealthy, after.warning), (vec![dead], None));
    let mut client = Connection::open(&table.listen);
    assert_eq!((client.get("/").text().as_str(), client.get("/").release()), ("x", Some(7)));
}

#[test]
fn an_older_epoch_is_refused_also_after_a_restart() {
    let server = Server::named("x");
    let mut proxy = Proxy::start();
    let switch = |epoch| Request::Switch { epoch: Epoch(epoch), table: Some(table(1, &[&server.address])) };
    proxy.order(&switch(5));
    // The smallest order is enough to raise it.
    proxy.order(&Request::Release { epoch: Epoch(6) });
    proxy.kill_and_restart();
    let stale = Response::Refused { why: Refusal::StaleEpoch { got: Epoch(5), seen: Epoch(6) } };
    let candidate = BTreeMap::from([(web(), set(2, &[&server.address]))]);
    for request in [
        switch(5),
        Request::Hold { epoch: Epoch(5), limit: Millis(1) },
        Request::Release { epoch: Epoch(5) },
        Request::EndCanary { epoch: Epoch(5) },
        Request::Canary { epoch: Epoch(5), candidate, percent: 5, lease: Millis(1000), slow_floor: None },
    ] {
        assert_eq!(proxy.ask(&request), stale, "{request:?}");
    }
    proxy.order(&switch(6));
    assert_eq!(proxy.status().epoch, Epoch(6));
}

#[test]
fn a_torn_state_file_is_refused_loudly_and_the_one_before_is_used() {
    let (one, two) = (Server::named("1"), Server::named("2"));
    let mut proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.serve(2, &two.address);
    proxy.kill();
    let path = proxy.folder.join("state/state.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    proxy.restart();
    let warning = proxy.status().warning.unwrap();
    assert!(warning.contains("state.json") && warning.contains("refused"), "{warning}");
    assert!(proxy.stderr().contains("refused"), "{}", proxy.stderr());
    assert_eq!(proxy.connect().get("/").release(), Some(1));
    // The next order makes it good again.
    proxy.serve(3, &two.address);
    assert_eq!(proxy.status().warning, None);
    proxy.kill_and_restart();
    assert_eq!(proxy.connect().get("/").release(), Some(3));
}

#[test]
fn a_foreign_file_is_refused_and_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::write(folder.path().join("state/state.json"), "{\"somebody\":\"else's\"}\n").unwrap();
    let proxy = Proxy::start_in(folder.path(), &[]);
    assert!(proxy.status().warning.unwrap().contains("not a state file"));
    let aside = fs::read_to_string(folder.path().join("state/state.json.refused")).unwrap();
    assert_eq!(aside, "{\"somebody\":\"else's\"}\n");
}

/// The requests of all slices in a record file.
fn saved_requests(text: &str) -> Option<u64> {
    let body: serde_json::Value = serde_json::from_str(text.lines().nth(1)?).ok()?;
    let slices = body.get(0)?.get(1)?.as_array()?;
    Some(slices.iter().filter_map(|slice| slice["counts"]["requests"].as_u64()).sum())
}

#[test]
fn the_record_of_the_current_release_outlives_the_process() {
    let server = Server::statuses();
    let mut proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    for n in 0..150 {
        client.get(if n % 10 == 0 { "/500" } else { "/" });
    }
    let (release, before) = proxy.record();
    assert_eq!((release, before.requests, before.server_errors), (Some(ReleaseNumber(1)), 150, 15));
    let file = proxy.folder.join("state/record.json");
    until("the whole record is saved", || (saved_requests(&fs::read_to_string(&file).ok()?)? == 150).then_some(()));
    proxy.kill_and_restart();
    assert_eq!(proxy.counts(1).current.requests, 0, "the counters begin anew");
    let mut client = proxy.connect();
    assert_eq!(proxy.record(), (release, before.clone()));
    client.get("/");
    assert_eq!(proxy.record().1.requests, 151);
}

#[test]
fn a_restart_shows_in_the_counters() {
    let mut proxy = Proxy::start();
    let boot = |proxy: &Proxy| match proxy.ask(&Request::Counts) {
        Response::Counts { boot, .. } => boot,
        other => panic!("{other:?}"),
    };
    let before = boot(&proxy);
    assert_eq!(boot(&proxy), before);
    proxy.kill_and_restart();
    assert_ne!(boot(&proxy), before);
}

#[test]
fn a_canary_goes_on_over_a_restart_for_one_lease() {
    let (one, two) = (Server::named("1"), Server::named("2"));
    let mut proxy = Proxy::start();
    proxy.serve(1, &one.address);
    proxy.canary(2, &two.address, 50, 60_000);
    let mut client = proxy.connect();
    let clients: Vec<_> =
        (0..50).map(|_| client.get("/")).map(|reply| (reply.cookie().unwrap(), reply.release())).collect();
    proxy.kill_and_restart();
    proxy.canary(2, &two.address, 50, 60_000);
    let mut client = proxy.connect();
    for (cookie, release) in clients {
        assert_eq!(client.get_with("/", &format!("Cookie: {cookie}\r\n")).release(), release);
    }
    proxy.canary(2, &two.address, 50, 500);
    proxy.kill_and_restart();
    until("the lease has run out", || (proxy.status().percent == 0).then_some(()));
}

#[test]
fn a_second_proxy_with_the_same_state_does_not_start() {
    let proxy = Proxy::start();
    let socket = proxy.folder.join("other.sock");
    let options = sternway_proxy::Options {
        state: proxy.folder.join("state"),
        socket,
        environment: "test".to_owned(),
        metrics: None,
    };
    let error = sternway_proxy::run(options).unwrap_err();
    assert!(matches!(error, sternway_proxy::ProxyError::Running { .. }), "{error:?}");
}

#[test]
fn a_proxy_that_is_told_to_end_lets_open_requests_end() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let server = Server::start(move |_, stream| {
        let _ = gate.lock().unwrap().recv();
        respond(stream, 200, "", b"done");
        true
    });
    let mut proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let address = proxy.address();
    let mut client = proxy.connect();
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it is open", || (proxy.counts(1).open == 1).then_some(()));
    proxy.terminate();
    until("nobody new is taken", || std::net::TcpStream::connect(&address).is_err().then_some(()));
    assert_eq!(proxy.has_ended(), None);
    go.send(()).unwrap();
    let reply = client.read().unwrap();
    assert_eq!((reply.text().as_str(), reply.header("connection")), ("done", Some("close")));
    until("it has ended", || proxy.has_ended().map(|well| assert!(well)));
    assert!(!proxy.socket().exists());
}

#[test]
fn a_state_that_cannot_be_saved_is_carried_out_and_warned_of() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    // A folder where the new file has to be written makes saving fail also for root.
    let obstacle = proxy.folder.join("state/state.json.new");
    fs::create_dir(&obstacle).unwrap();
    proxy.serve(2, &server.address);
    assert_eq!(proxy.connect().get("/").release(), Some(2));
    assert!(proxy.status().warning.unwrap().contains("cannot be saved"));
    fs::remove_dir(&obstacle).unwrap();
    until("it is saved after all", || proxy.status().warning.is_none().then_some(()));
    let saved = fs::read_to_string(proxy.folder.join("state/state.json")).unwrap();
    assert!(saved.contains("\"release\":2"), "{saved}");
    assert_eq!(EPOCH, proxy.status().epoch);
}
