//! Ports for services: loopback, outside of the range from which the kernel takes ports for outgoing connections, so that a
//! service that is started again finds its port free.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::Mutex;

use super::held;

const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// The ports that this agent gives out.
#[derive(Default)]
pub(super) struct Ports {
    given: Mutex<BTreeSet<u16>>,
}

/// A port that nobody else is given while this is held.
pub(super) struct Reserved<'a> {
    pub(super) port: u16,
    ports: &'a Ports,
    /// A UDP socket of the same number: a sign to the other agents of this host, which look for it too.
    _sign: UdpSocket,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        held(&self.ports.given).remove(&self.port);
    }
}

impl Ports {
    /// A free port that is none of `taken`.
    pub(super) fn reserve(&self, taken: &BTreeSet<u16>) -> io::Result<Reserved<'_>> {
        let mut start = [0; 2];
        getrandom::fill(&mut start).map_err(|error| io::Error::other(error.to_string()))?;
        let start = u16::from_ne_bytes(start) % COUNT;
        for offset in 0..COUNT {
            let port = FIRST + (start + offset) % COUNT;
            let mut given = held(&self.given);
            if taken.contains(&port) || given.contains(&port) || !is_free(port) {
                continue;
            }
            if let Ok(sign) = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
                given.insert(port);
                return Ok(Reserved { port, ports: self, _sign: sign });
            }
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }
}

/// Whether nobody listens on this port, here or on all addresses.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_start_at_once_never_get_the_same_port() {
        let (one_agent, another_agent) = (Ports::default(), Ports::default());
        let mut held = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            for agent in [&one_agent, &another_agent] {
                let reserved = agent.reserve(&BTreeSet::new()).unwrap();
                assert!(seen.insert(reserved.port), "port {} was given twice", reserved.port);
                held.push(reserved);
            }
        }
    }
}
