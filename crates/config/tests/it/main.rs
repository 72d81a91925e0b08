//! Configuration as it stands in files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod compare;
mod dotenv;
mod fingerprint;
mod resolve;
