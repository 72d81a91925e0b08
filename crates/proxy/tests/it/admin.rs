//! The admin socket and the metrics.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use sternway_proxy::protocol::{Refusal, Request, Response, VERSION};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, table};
use crate::server::{Server, nobody};

#[test]
fn the_socket_is_for_its_owner_alone_and_the_status_says_who_answers() {
    let proxy = Proxy::start();
    let mode = std::fs::metadata(proxy.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let status = proxy.status();
    assert_eq!((status.pid, status.protocol, status.table, status.listening), (proxy.pid(), VERSION, None, None));
    let state = std::fs::metadata(proxy.folder.join("state")).unwrap().permissions().mode();
    assert_eq!(state & 0o777, 0o700);
}

#[test]
fn what_is_not_understood_is_refused_and_the_connection_goes_on() {
    let proxy = Proxy::start();
    let mut socket = std::os::unix::net::UnixStream::connect(proxy.socket()).unwrap();
    socket.write_all(b"{\"dance\":{}}\n\"status\"\n").unwrap();
    let mut lines = std::io::BufReader::new(socket);
    let mut answer = || serde_json::from_str(&sternway_wire::read_line(&mut lines).unwrap().unwrap()).unwrap();
    assert!(matches!(answer(), Response::Refused { why: Refusal::Invalid(_) }));
    assert!(matches!(answer(), Response::Status(_)));
}

#[test]
fn a_table_that_cannot_be_meant_changes_nothing() {
    let server = Server::named("x");
    let proxy = Proxy::start();
    proxy.serve(1, &server.address);
    let before = proxy.status();
    let mut bad = Vec::new();
    let mut with = |change: &dyn Fn(&mut sternway_proxy::protocol::Table)| {
        let mut table = table(2, &[&server.address]);
        change(&mut table);
        bad.push(table);
    };
    with(&|table| "nowhere".clone_into(&mut table.listen));
    with(&|table| table.current.values_mut().for_each(|set| set.addresses = vec!["noport".to_owned()]));
    with(&|table| table.current.values_mut().for_each(|set| set.addresses.clear()));
    with(&|table| {
        table.routes.insert("no-slash".to_owned(), crate::proxy::web());
    });
    with(&|table| table.login = vec!["login".to_owned()]);
    for table in bad {
        let refused = proxy.ask(&Request::Switch { epoch: EPOCH, table: Some(table) });
        assert!(matches!(refused, Response::Refused { why: Refusal::Invalid(_) }), "{refused:?}");
    }
    assert_eq!(proxy.status(), before);
    assert_eq!(proxy.connect().get("/").release(), Some(1));
}

#[test]
fn metrics_are_told_on_the_socket_and_over_http() {
    let server = Server::statuses();
    let address = nobody();
    let proxy = Proxy::start_with(&["--metrics", &address]);
    proxy.serve(1, &server.address);
    let mut client = proxy.connect();
    for path in ["/", "/", "/500", "/401", "/404"] {
        client.get(path);
    }
    let Response::Metrics(text) = proxy.ask(&Request::Metrics) else { panic!("no metrics") };
    let labels = "environment=\"test\",release=\"1\",role=\"current\"";
    for line in [
        format!("sternway_requests_total{{{labels}}} 5"),
        format!("sternway_errors_total{{{labels},kind=\"server_errors\"}} 1"),
        format!("sternway_errors_total{{{labels},kind=\"unauthorized\"}} 1"),
        format!("sternway_errors_total{{{labels},kind=\"client_errors\"}} 1"),
        format!("sternway_first_byte_seconds_bucket{{{labels},le=\"+Inf\"}} 5"),
        format!("sternway_first_byte_seconds_count{{{labels}}} 5"),
        "sternway_open{environment=\"test\",release=\"1\"} 0".to_owned(),
        "# TYPE sternway_first_byte_seconds histogram".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit_once(' ').unwrap().1;
        assert!(value.parse::<f64>().is_ok() && line.contains("{environment=\"test\""), "{line}");
    }
    let mut scraper = Connection::open(&address);
    let scraped = scraper.get("/metrics");
    assert!(scraped.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert!(scraped.text().contains("sternway_requests_total"));
    assert_eq!(scraper.get("/").status, 404);
}
