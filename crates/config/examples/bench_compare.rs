//! Measures how fast many services are compared, from their files on, and prints one JSON object:
//! `cargo run --release -p sternway-config --example bench_compare [SERVICES ENVIRONMENTS KEYS]`, by default 500, 5 and 200.
//!
//! Files are made as projects have them: of 200 keys some forty name hosts, ports, connection strings and secrets, the others are words,
//! numbers and switches; every service has its own file in every environment, and some stores are shared by all. The files are in the page
//! cache when the clock starts. The memory is the greatest that the whole process had, the text of the files included.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement at the edge")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use sternway_config::compare::{Silent, compare};
use sternway_config::landscape::{Environment, Landscape, Service};
use sternway_config::{Resolved, Site, agreements, read_all};
use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::ConfigSource;

const RUNS: usize = 7;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().unwrap()).collect();
    let [services, environments, keys] =
        [(0, 500), (1, 5), (2, 200)].map(|(at, usual)| sizes.get(at).copied().unwrap_or(usual));
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), services, environments, keys);
    let (mut reading, mut comparing, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    let (mut values, mut findings) = (0, 0);
    for _ in 0..RUNS {
        let from = Instant::now();
        let landscape = landscape(folder.path(), services, environments);
        let read = from.elapsed();
        let mut report = compare(&landscape, None, &Silent::default());
        report.extend(agreements::check(&landscape, &[], None));
        let all = from.elapsed();
        values =
            landscape.environments.values().flat_map(|place| place.services.values()).map(|one| one.values.len()).sum();
        findings = report.findings.len();
        reading.push(read);
        comparing.push(all.saturating_sub(read));
        whole.push(all);
    }
    println!(
        "{}",
        json!({
            "services": services, "environments": environments, "keys": keys, "values": values, "findings": findings,
            "read_ms": figures(reading), "compare_ms": figures(comparing), "whole_ms": figures(whole),
            "peak_mib": peak_mib(),
        })
    );
}

fn figures(mut spans: Vec<Duration>) -> serde_json::Value {
    spans.sort_unstable();
    let ms = |span: Duration| (span.as_secs_f64() * 1e4).round() / 10.0;
    json!({ "median": ms(spans[spans.len() / 2]), "worst": ms(spans[spans.len() - 1]) })
}

/// The greatest resident size (proc(5), `VmHWM`).
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
}

fn environment(index: usize) -> String {
    ["production", "staging", "test", "development", "preview"]
        .get(index)
        .map_or_else(|| format!("region{index}"), |name| (*name).to_owned())
}

fn make(folder: &Path, services: usize, environments: usize, keys: usize) {
    for environment_at in 0..environments {
        let name = environment(environment_at);
        for service in 0..services {
            fs::write(folder.join(format!("{name}.s{service}.env")), text(&name, service, keys)).unwrap();
        }
    }
}

fn text(name: &str, service: usize, keys: usize) -> String {
    let mut text = String::new();
    for key in 0..keys {
        let _infallible = match key % 10 {
            0 => writeln!(
                text,
                "STORE{key}_URL=redis://:{name}-pass-{key}@redis{key}.{name}.example.org:6379/{}",
                key % 16
            ),
            1 => writeln!(
                text,
                "DATABASE{key}_URL=postgres://app:{name}-{service}-{key}@db{key}.{name}.example.org/s{service}_{name}?sslmode=require"
            ),
            2 => writeln!(text, "API{key}_BASE=https://api{key}.{name}.example.org/v2"),
            3 => writeln!(text, "SERVICE{key}_TOKEN={name}{service}x{key}a9f3b2c1d0e4"),
            4 => writeln!(text, "FEATURE_{key}_ENABLED={}", key % 3 == 0),
            5 => writeln!(text, "LIMIT_{key}={}", key * 10),
            6 => writeln!(text, "NAME_{key}=a plain text of some words {key}"),
            7 => writeln!(text, "PATH_{key}=/srv/data/{key}"),
            8 => writeln!(text, "TOPIC_{key}=topic-{key}-{name}"),
            _ => writeln!(text, "MODE_{key}=mode{key}"),
        };
    }
    text
}

fn landscape(folder: &Path, services: usize, environments: usize) -> Landscape {
    let mut wanted: Vec<(EnvironmentName, ServiceName, Vec<ConfigSource>)> = Vec::new();
    for at in 0..environments {
        let name = environment(at);
        for service in 0..services {
            let place = Place { file: "sternway.toml".to_owned(), line: 1, column: 1 };
            let path = format!("{name}.s{service}.env");
            let source = ConfigSource::File { kind: "dotenv".to_owned(), path, part: None, place };
            wanted.push((
                EnvironmentName::new(name.as_str()).unwrap(),
                ServiceName::new(format!("s{service}")).unwrap(),
                vec![source],
            ));
        }
    }
    let given = read_all(&wanted, |(_, _, sources)| sternway_config::resolve(&Site::files(folder), sources).unwrap());
    let mut environments: BTreeMap<EnvironmentName, Environment> = BTreeMap::new();
    for ((environment, service, _), given) in wanted.into_iter().zip(given) {
        let protected = environment.as_str() == "production";
        let place =
            environments.entry(environment).or_insert_with(|| Environment { protected, services: BTreeMap::new() });
        place.services.insert(service, Service::from_sources(given, Resolved::default(), BTreeMap::new()));
    }
    Landscape { environments }
}
