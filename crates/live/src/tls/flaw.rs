//! Why a connection is not encrypted as the service is configured to.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use crate::failing::Failing;

/// What is wrong with a server's encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The server does not encrypt.
    NotOffered,
    /// Its certificate's time is over.
    Expired,
    /// Its certificate's time has not come.
    NotYet,
    /// Its certificate is of another name.
    OtherName,
    /// Nobody whom the client believes vouches for its certificate.
    Authority {
        /// Whether whom the client believes is configured beside the connection; else they are this system's authorities.
        configured: bool,
    },
    /// Its certificate is not for servers, or was withdrawn.
    Purpose,
}

impl Flaw {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NotOffered => "the server does not encrypt, and the configuration insists on it",
            Self::Expired => "the server's certificate has expired",
            Self::NotYet => "the server's certificate is not valid yet",
            Self::OtherName => "the server's certificate is of another name than the one that is connected to",
            Self::Authority { configured: true } => {
                "the server's certificate is vouched for by nobody whom the configuration names"
            }
            Self::Authority { configured: false } => {
                "the server's certificate is vouched for by nobody whom this system knows"
            }
            Self::Purpose => "the server's certificate is not meant for this, or was withdrawn",
        }
    }

    /// What to do next.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::NotOffered => {
                "switch TLS on at the server, or see whether host and port are those of the one that has it"
            }
            Self::Expired => "renew the certificate, and have the server read it",
            Self::NotYet => {
                "see whether the clock of this machine is right, and from when on the certificate is meant to be"
            }
            Self::OtherName => {
                "connect by a name that stands on the certificate, or have one made for this name (subjectAltName)"
            }
            Self::Authority { configured: true } => {
                "see whether the file of authorities is that of this environment, and whether the server sends the certificates between"
            }
            Self::Authority { configured: false } => {
                "name the file with the authority beside the connection (sslrootcert, ssl-ca), or install it in the system; a program that brings its own is not seen"
            }
            Self::Purpose => "have a certificate made for this server",
        }
    }

    /// Whether the service itself will fail, too. A program may believe authorities that are named in its code.
    pub(crate) fn is_sure(self) -> bool {
        self != Self::Authority { configured: false }
    }
}

/// What a failed handshake says. `configured`: whether the authorities are.
pub(crate) fn failing(error: &Error, configured: bool) -> Failing {
    let flaw = match error {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Flaw::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Flaw::NotYet,
            // OpenSSL and others then take the common name; these here do not look at it.
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                return Failing::unknown(
                    "the server's certificate names it as its common name only, which this version does not compare",
                );
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Flaw::OtherName,
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Flaw::Authority { configured },
            CertificateError::Revoked
            | CertificateError::InvalidPurpose
            | CertificateError::InvalidPurposeContext { .. } => Flaw::Purpose,
            // Version 1, or a server's certificate that is its own authority: other clients may take them.
            _ => return Failing::unknown("the server's certificate has a form that this version cannot verify"),
        },
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => {
            return Failing::unknown(
                "the server does not take this without a certificate of its client that it knows; name it beside the connection (sslcert, sslkey)",
            );
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => Flaw::OtherName,
        Error::AlertReceived(_) | Error::PeerIncompatible(_) => {
            return Failing::unknown("the server and this version have no way to encrypt in common");
        }
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            Flaw::NotOffered
        }
        _ => return Failing::unknown("the encryption fails, for a reason that is not known"),
    };
    Failing::Encryption(flaw)
}

/// The failure of encryption that is behind an error, if it is one.
pub(crate) fn of_error(error: &(dyn StdError + 'static), configured: bool) -> Option<Failing> {
    let mut next = Some(error);
    while let Some(cause) = next {
        let within = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let within = within.and_then(|inner| inner.downcast_ref::<Error>());
        if let Some(found) = within.or_else(|| cause.downcast_ref::<Error>()) {
            return Some(failing(found, configured));
        }
        next = cause.source();
    }
    None
}
