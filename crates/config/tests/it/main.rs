//! Configuration as it stands in files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod agreements;
mod compare;
mod compare_inferred;
mod dotenv;
mod facts;
mod fill;
mod fingerprint;
mod formats;
mod formats_apache;
mod formats_compose;
mod formats_dotenv;
mod formats_dotnet;
mod formats_ini;
mod formats_java;
mod formats_json;
mod formats_kubernetes;
mod formats_nginx;
mod formats_php;
mod formats_systemd;
mod formats_toml;
mod formats_yaml;
mod fuzz;
mod register;
mod resolve;
mod running;
mod sources;
mod stores;
