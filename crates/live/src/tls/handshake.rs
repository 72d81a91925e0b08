//! Making a stream a secure one, within a deadline.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use sternway_config::stores::Connection;

use super::flaw::{Flaw, failing};
use super::verifier::{Anybody, ByAuthority};
use super::{Verify, authorities};
use crate::failing::Failing;
use crate::reach::Stream;
use crate::target::left;

/// How one connection is to be encrypted.
#[derive(Clone)]
pub(crate) struct Secure {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
    /// Whether the authorities are configured beside the connection.
    pub(crate) configured: bool,
}

impl Secure {
    /// As the configuration says, to this host.
    pub(crate) fn of(connection: &Connection, verify: Verify, host: &str) -> Result<Self, Failing> {
        // StackExchange.Redis' `sslHost`: the name on the certificate where it is another than the host's.
        let named = connection.options.get("sslHost").map_or(host, |name| name.reveal());
        let name = ServerName::try_from(named.trim_end_matches('.').to_owned())
            .map_err(|_| Failing::unknown("its host is no name that a certificate could have"))?;
        let provider = Arc::new(ring::default_provider());
        let (verifier, configured) = verifier(connection, verify, &provider)?;
        let unusable = |_| Failing::unknown("its own certificate and key cannot be used");
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(unusable)?.dangerous().with_custom_certificate_verifier(verifier);
        let config = match authorities::own(connection)? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(unusable)?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self { config: Arc::new(config), name, configured })
    }
}

fn verifier(
    connection: &Connection,
    verify: Verify,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ServerCertVerifier>, bool), Failing> {
    if verify == Verify::Nobody {
        return Ok((Arc::new(Anybody(Arc::clone(provider))), false));
    }
    let authorities = authorities::of(connection)?;
    // Nobody to believe is no fault of the server's.
    let none = |_| Failing::unknown("this system has no authorities, and none are configured beside the connection");
    let roots = Arc::new(authorities.roots);
    let believed = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build().map_err(none)?;
    let verifier: Arc<dyn ServerCertVerifier> =
        if verify == Verify::Authority { Arc::new(ByAuthority(believed)) } else { believed };
    Ok((verifier, authorities.configured))
}

/// Encrypts what is said over a connection from now on.
pub(crate) fn secured(stream: TcpStream, secure: &Secure, end: Instant, limit: Duration) -> Result<Stream, Failing> {
    let connection = ClientConnection::new(Arc::clone(&secure.config), secure.name.clone())
        .map_err(|error| failing(&error, secure.configured))?;
    let mut stream = StreamOwned::new(connection, stream);
    while stream.conn.is_handshaking() {
        if let Err(error) = step(&mut stream, end) {
            return Err(match error {
                Stop::Late => Failing::not_encrypted(limit),
                // Whoever does not understand the greeting mostly hangs up.
                Stop::Gone => Failing::Encryption(Flaw::NotOffered),
                Stop::Refused(error) => failing(&error, secure.configured),
            });
        }
    }
    Ok(Stream::Tls(Box::new(stream)))
}

enum Stop {
    Late,
    Gone,
    Refused(rustls::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Late,
            _ => Self::Gone,
        }
    }
}

/// One turn of the handshake. By hand, since every read and write has to end by one deadline.
fn step(stream: &mut StreamOwned<ClientConnection, TcpStream>, end: Instant) -> Result<(), Stop> {
    while stream.conn.wants_write() {
        stream.sock.set_write_timeout(Some(left(end).ok_or(Stop::Late)?))?;
        stream.conn.write_tls(&mut stream.sock)?;
    }
    if stream.conn.is_handshaking() && stream.conn.wants_read() {
        stream.sock.set_read_timeout(Some(left(end).ok_or(Stop::Late)?))?;
        if stream.conn.read_tls(&mut stream.sock)? == 0 {
            return Err(Stop::Gone);
        }
        if let Err(error) = stream.conn.process_new_packets() {
            // The server is told why, if it still listens.
            let _unheard = stream.conn.write_tls(&mut stream.sock);
            return Err(Stop::Refused(error));
        }
    }
    Ok(())
}
