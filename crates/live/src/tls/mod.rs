//! Encryption: which ways a connection is tried, and how its server is believed to be the one that is meant.
//!
//! The ways are those of the clients: libpq's `sslmode` (<https://www.postgresql.org/docs/current/libpq-ssl.html>), MySQL's `ssl-mode`
//! (<https://dev.mysql.com/doc/refman/8.4/en/connection-options.html>), and clients that either encrypt and verify, or do not encrypt.
//! A password never goes in the clear where the service would encrypt it.

mod authorities;
mod flaw;
mod handshake;
mod verifier;

use sternway_config::stores::{Connection, Kind, Remark, Tls};

pub use self::flaw::Flaw;
pub(crate) use self::flaw::of_error;
pub(crate) use self::handshake::{Secure, secured};
use crate::failing::Failing;

/// One way to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Not encrypted.
    Clear,
    /// Encrypted.
    Encrypted(Verify),
}

/// How a server is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    /// Whoever answers.
    Nobody,
    /// Somebody whom a known authority vouches for.
    Authority,
    /// That, and for the name by which it is connected to.
    Name,
}

/// The ways that the service's client takes, in their order. `Err` when that cannot be told.
pub(crate) fn ways(connection: &Connection) -> Result<Vec<Way>, Failing> {
    use Verify::{Authority, Name, Nobody};
    use Way::{Clear, Encrypted};
    if connection.tls.is_unknown() {
        return Err(Failing::unknown(
            "whether it is encrypted cannot be told from the text alone: name the client under `connections`",
        ));
    }
    // Which clients prefer encryption differs; whoever does not is asked for no more than it does itself.
    let unsaid = if connection.kind == Kind::Mysql { Tls::Prefer } else { Tls::Off };
    Ok(match connection.tls.value().copied().unwrap_or(unsaid) {
        Tls::Off => vec![Clear],
        Tls::Allow => vec![Clear, Encrypted(Nobody)],
        Tls::Prefer => vec![Encrypted(Nobody), Clear],
        // libpq: "if a root CA file exists, the behavior of sslmode=require will be the same as that of verify-ca".
        Tls::Unverified if connection.kind == Kind::Postgres && authorities::file(connection).is_some() => {
            vec![Encrypted(Authority)]
        }
        Tls::Unverified => vec![Encrypted(Nobody)],
        // Connector/J's `useSSL=true` verifies nothing, and other clients' switches of that name do.
        Tls::On if connection.kind == Kind::Mysql => vec![Encrypted(Nobody)],
        Tls::VerifyCa => vec![Encrypted(Authority)],
        // The name on the certificate is `host`, and where to connect is `hostaddr`, which is all that is known here.
        Tls::VerifyFull if connection.remarks.contains(&Remark::HostaddrDecides) => vec![Encrypted(Authority)],
        Tls::On | Tls::VerifyFull => vec![Encrypted(Name)],
    })
}

/// What is not proven of the encryption, though it is used as configured.
pub(crate) fn lacking(connection: &Connection) -> Option<&'static str> {
    match connection.tls.value()? {
        Tls::VerifyFull if connection.remarks.contains(&Remark::HostaddrDecides) => {
            Some("the name on the server's certificate is not compared: `hostaddr` says where it is")
        }
        Tls::On if connection.kind == Kind::Mysql => {
            Some("whether its client verifies the server's certificate is not known; it was not verified")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sternway_config::stores::Dialect;

    use super::*;

    fn of(dialect: &str, text: &str) -> Vec<Way> {
        ways(&Dialect::named(dialect).unwrap().parse(text).unwrap()).unwrap()
    }

    #[test]
    fn the_ways_are_those_of_the_clients_and_never_clear_where_they_encrypt() {
        use Verify::{Authority, Name, Nobody};
        use Way::{Clear, Encrypted};
        let postgres = |mode: &str| of("libpq", &format!("host=db user=u dbname=d {mode}"));
        assert_eq!(postgres(""), [Encrypted(Nobody), Clear]);
        assert_eq!(postgres("sslmode=disable"), [Clear]);
        assert_eq!(postgres("sslmode=allow"), [Clear, Encrypted(Nobody)]);
        assert_eq!(postgres("sslmode=require"), [Encrypted(Nobody)]);
        assert_eq!(postgres("sslmode=require sslrootcert=/ca.pem"), [Encrypted(Authority)]);
        assert_eq!(postgres("sslmode=verify-ca sslrootcert=/ca.pem"), [Encrypted(Authority)]);
        assert_eq!(postgres("sslmode=verify-full"), [Encrypted(Name)]);
        assert_eq!(postgres("sslrootcert=system"), [Encrypted(Name)]);
        assert_eq!(postgres("hostaddr=192.0.2.1 sslmode=verify-full"), [Encrypted(Authority)]);
        assert_eq!(of("mysql", "mysql://u:p@db/d"), [Encrypted(Nobody), Clear]);
        assert_eq!(of("mysql", "mysql://u:p@db/d?ssl-mode=VERIFY_IDENTITY"), [Encrypted(Name)]);
        assert_eq!(of("mysql", "mysql://u:p@db/d?ssl-mode=DISABLED"), [Clear]);
        assert_eq!(of("ioredis", "rediss://cache/1"), [Encrypted(Name)]);
        assert_eq!(of("ioredis", "redis://cache/1"), [Clear]);
        assert!(ways(&Dialect::named("ioredis").unwrap().parse("redis://cache/1?tls=x").unwrap()).is_err());
    }
}
