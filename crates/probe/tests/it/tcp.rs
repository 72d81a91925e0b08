use std::net::TcpListener;

use sternway_core::check::Question;
use sternway_core::verdict::Verdict::{Fail, Pass, Unknown};

use crate::server::closed_port;
use crate::{ask, assert_answer, subject};

#[test]
fn an_open_port_passes_and_a_closed_one_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap();
    let nowhere = subject("");
    let seen = format!("{open} accepts connections");
    assert_answer(&ask(Question::Tcp(open.to_string()), &nowhere), Pass, &seen);
    assert_answer(&ask(Question::Tcp(closed_port().to_string()), &nowhere), Fail, "connection refused");
    // Without an address the candidate's own port is asked.
    assert_answer(&ask(Question::Tcp(String::new()), &subject(&format!("http://{open}"))), Pass, &seen);
}

#[test]
fn what_is_no_address_or_does_not_resolve_is_unknown() {
    let nowhere = subject("");
    for address in ["", "host", "host:port", "name.invalid:80"] {
        assert_eq!(ask(Question::Tcp(address.into()), &nowhere).verdict, Unknown, "{address}");
    }
}
