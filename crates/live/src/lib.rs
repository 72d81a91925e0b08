//! Live proofs: connects as a service's own configuration says, and tells what that proves.
//!
//! What a text says is compared by `config`; here a server is asked whether it is so: does it answer, does it take this login, does it have
//! this database, which server is it, and does one service find the session that another one wrote. Everything is read-only but the
//! session proof. Every question has its limit of time, and reaching it is an answer. What could not be proven is
//! listed, and never counts as proven.
//!
//! A crate of its own, so that the clients of databases stay out of every other crate's build.
//!
//! | code | severity | meaning |
//! |---|---|---|
//! | S0251 | error, warning | nothing answers, or not in time |
//! | S0252 | error | the login is refused |
//! | S0253 | error | the database is not there, or not for this user |
//! | S0254 | error | something answers that is no such server |
//! | S0255 | error, warning | a session that one service writes is not found by the other |
//! | S0256 | warning, note | what could not be proven: unknown is never taken for proven |
//! | S0257 | error | a session store takes no writes |
//! | S0258 | warning | the proof's key could not be deleted; it expires by itself |
//! | S0259 | error | nothing at all was proven |
//! | S0260 | error, warning | it is not encrypted as configured: the certificate is not to be believed, or there is none |
//!
//! No finding quotes a value, a host, a user or a server's own words: those may name all three.

mod answer;
mod ask;
mod bounded;
mod failing;
mod http;
mod layout;
mod mysql;
mod postgres;
mod prove;
mod question;
mod reach;
mod redis;
mod session;
mod sqlite;
mod target;
mod tls;

use std::time::Duration;

pub use answer::Outcome;
pub use ask::{Identity, Proven, ask};
pub use failing::{Aspect, Failing};
pub use prove::prove;
pub use question::{FORMAT, Question};
pub use tls::Flaw;

/// How long is waited, and how much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a connection to be accepted.
    pub connect: Duration,
    /// For everything about one connection.
    pub whole: Duration,
    /// As many connections at once.
    pub parallel: usize,
}

impl Limits {
    /// For one session proof: both sides are asked, one after the other, and both may have a key to delete.
    pub(crate) fn of_a_session(&self) -> Duration {
        self.whole * 2 + self.connect * 6
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), whole: Duration::from_secs(10), parallel: 16 }
    }
}
