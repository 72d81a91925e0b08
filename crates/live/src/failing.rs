//! Why a connection is not what its configuration says. Fixed sentences only: a server's own words name users, hosts and databases.

use std::time::Duration;

use crate::tls::Flaw;

/// Which part of the configuration a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Host, port, socket, file.
    Endpoint,
    /// User and password.
    Login,
    /// The database.
    Database,
    /// How it is encrypted, and who is believed.
    Encryption,
}

/// Why a connection is not proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failing {
    /// Nothing answers.
    Unreached(String),
    /// The login is refused.
    Refused(&'static str),
    /// The database is not there, or not for this user.
    Database(&'static str),
    /// Something else answers.
    Strange(&'static str),
    /// It is not encrypted as it is configured to be.
    Encryption(Flaw),
    /// It cannot be told from here.
    Unknown(String),
}

impl Failing {
    /// Nobody accepted a connection in time.
    pub(crate) fn not_accepted(limit: Duration) -> Self {
        Self::Unreached(format!("no connection is accepted within {}", seconds(limit)))
    }

    /// Somebody accepted, and said nothing in time.
    pub(crate) fn silent(limit: Duration) -> Self {
        Self::Unreached(format!("the connection is accepted, and no answer comes within {}", seconds(limit)))
    }

    /// Somebody accepted, and did not answer the greeting of TLS in time: not every server that does not know it hangs up.
    pub(crate) fn not_encrypted(limit: Duration) -> Self {
        Self::Unreached(format!(
            "the connection is accepted, and no encryption comes about within {}: perhaps the server does not encrypt there",
            seconds(limit)
        ))
    }

    /// What cannot be told.
    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown(why.into())
    }

    /// The finding's code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreached(_) => "S0251",
            Self::Refused(_) => "S0252",
            Self::Database(_) => "S0253",
            Self::Strange(_) => "S0254",
            Self::Unknown(_) => "S0256",
            Self::Encryption(_) => "S0260",
        }
    }

    /// What it is about.
    pub(crate) fn aspect(&self) -> Option<Aspect> {
        match self {
            Self::Unreached(_) | Self::Strange(_) => Some(Aspect::Endpoint),
            Self::Refused(_) => Some(Aspect::Login),
            Self::Database(_) => Some(Aspect::Database),
            Self::Encryption(_) => Some(Aspect::Encryption),
            Self::Unknown(_) => None,
        }
    }

    /// In words.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Unreached(why) | Self::Unknown(why) => why,
            Self::Refused(why) | Self::Database(why) | Self::Strange(why) => why,
            Self::Encryption(flaw) => flaw.words(),
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unreached(_) => {
                "see whether the server runs, and whether host and port are those of this environment"
            }
            Self::Refused(_) => "see whether user and password are those of this environment's server",
            Self::Database(_) => "see whether the database's name or number is right, and whether this user may use it",
            Self::Strange(_) => {
                "see whether host and port are those of this kind of server, and whether it expects encryption there"
            }
            Self::Encryption(flaw) => flaw.hint(),
            Self::Unknown(_) => "",
        }
    }
}

fn seconds(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}
