//! Configuration as it stands in files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod agreements;
mod compare;
mod dotenv;
mod fingerprint;
mod formats;
mod formats_ini;
mod formats_json;
mod formats_yaml;
mod resolve;
mod stores;
