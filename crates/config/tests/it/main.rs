//! Configuration as it stands in files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod dotenv;
mod fingerprint;
mod resolve;
