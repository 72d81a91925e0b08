//! Whom a client believes, and as whom it shows itself.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sternway_config::SecretText;
use sternway_config::stores::{Connection, Kind};

use crate::failing::Failing;

/// Names of the file with authorities, as clients have them: libpq and JDBC, MySQL's own, MySqlConnector, Connector/J's kin, redis-py, Npgsql,
/// MongoDB's, AMQP's.
const AUTHORITIES: &[&str] = &[
    "sslrootcert",
    "sslca",
    "CACertificateFile",
    "serverSslCert",
    "ssl_ca_certs",
    "Root Certificate",
    "tlsCAFile",
    "cacertfile",
];

/// Names of the client's own certificate and of its key, in pairs.
const OWN: &[(&str, &str)] = &[
    ("sslcert", "sslkey"),
    ("ssl_certfile", "ssl_keyfile"),
    ("SSL Certificate", "SSL Key"),
    ("Client Certificate", "Client Key"),
];

/// Whom the client believes.
pub(super) struct Authorities {
    pub(super) roots: RootCertStore,
    /// Whether they are configured beside the connection. Otherwise they are this system's, and the program may bring its own.
    pub(super) configured: bool,
}

/// The file that names them, where one is configured.
pub(super) fn file(connection: &Connection) -> Option<&str> {
    let named = AUTHORITIES.iter().find_map(|name| connection.options.get(name));
    named.map(SecretText::reveal).filter(|path| !path.is_empty() && *path != "system")
}

/// Whom the service's client believes.
pub(super) fn of(connection: &Connection) -> Result<Authorities, Failing> {
    if let Some(path) = file(connection) {
        return from(Path::new(path));
    }
    let wants_system = connection.options.get("sslrootcert").is_some_and(|path| path.reveal() == "system");
    // libpq's own default, of the user as whom this runs.
    let own = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".postgresql/root.crt"));
    match own.filter(|path| connection.kind == Kind::Postgres && !wants_system && path.is_file()) {
        Some(path) => from(&path),
        None => Ok(Authorities { roots: system().clone(), configured: false }),
    }
}

fn from(path: &Path) -> Result<Authorities, Failing> {
    if !path.is_absolute() {
        return Err(Failing::unknown("the file of its authorities is relative to where the service runs"));
    }
    let unread = || Failing::unknown("the file of its authorities cannot be read by who proves this, or holds none");
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|_| unread())?;
    let (added, _) = roots.add_parsable_certificates(found.filter_map(Result::ok));
    if added == 0 {
        return Err(unread());
    }
    Ok(Authorities { roots, configured: true })
}

/// Those of the system, as OpenSSL finds them.
fn system() -> &'static RootCertStore {
    static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        // What cannot be read is as if it were not there: nobody is then believed, which is said.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

/// The client's own certificate and key.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// As whom the client shows itself, where that is configured.
pub(super) fn own(connection: &Connection) -> Result<Option<Identity>, Failing> {
    let text = |name: &str| connection.options.get(name).map(SecretText::reveal).filter(|path| !path.is_empty());
    let Some((certificate, key)) = OWN.iter().find_map(|(certificate, key)| Some((text(certificate)?, text(key)?)))
    else {
        return Ok(None);
    };
    if !Path::new(certificate).is_absolute() || !Path::new(key).is_absolute() {
        return Err(Failing::unknown("the file of its own certificate is relative to where the service runs"));
    }
    let unread = || Failing::unknown("its own certificate or key cannot be read by who proves this");
    let chain = CertificateDer::pem_file_iter(certificate).map_err(|_| unread())?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|_| unread())?;
    Ok(Some((chain, PrivateKeyDer::from_pem_file(key).map_err(|_| unread())?)))
}
