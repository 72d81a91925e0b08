//! Whether a port accepts a connection.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::Outcome;
use crate::prober::Resolving;

/// Connects to one of the host's addresses. The caller bounds the whole time.
pub(crate) async fn ask(host: &str, port: u16, resolving: &Resolving) -> Outcome {
    let addresses = match resolving.addresses(host, port).await {
        Ok(addresses) => addresses,
        Err(outcome) => return outcome,
    };
    let mut seen = format!("{host} has no address");
    // Without a share of its own, a first address that swallows packets would keep the others from being asked.
    let patience = if addresses.len() > 1 { Duration::from_secs(2) } else { Duration::MAX };
    for address in addresses {
        match tokio::time::timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Outcome::pass(format!("{host}:{port} accepts connections")),
            Ok(Err(error)) => seen = connect_error(&error),
            Err(_) => seen = format!("{address} does not answer"),
        }
    }
    Outcome::fail(seen)
}

/// A connect failure in a few stable words.
pub(crate) fn connect_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        std::io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        _ => format!("cannot connect: {error}"),
    }
}
