//! The proxy beside nginx and HAProxy: processor time for a request, p99, memory.
//!
//! One core belongs to the proxy under test, the other to the upstream and to wrk, whose 64 keep-alive connections ask as fast as they
//! are answered. All proxies are up all the time and take turns, so that whatever else the machine does falls on all of them.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Command;

use serde_json::{Map, json};

use super::machine;
use super::options::Options;
use super::peers::{Running, Spot};
use super::stats::{median, worst};
use super::table::{Table, tenths};
use super::{Outcome, build};
use crate::say;

const GOAL: f64 = 1.2;
const TESTED: usize = 1;
const OTHERS: usize = 0;

/// One turn of one proxy.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turn {
    /// Microseconds of processor time for a request.
    cpu: f64,
    p99: f64,
    per_second: f64,
    memory: f64,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<serde_json::Value> {
    let (rounds, seconds) = (options.get("rounds", 5), options.get("seconds", 8));
    install(&[("nginx", "nginx"), ("haproxy", "haproxy"), ("wrk", "wrk"), ("util-linux", "taskset")])?;
    build(&["--package", "sternway-proxy", "--example", "proxy"])?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let spot = |name, core| Ok::<_, super::Fault>(Spot { name, port: free_port()?, core });
    let upstream = Running::upstream(folder, spot("upstream", OTHERS)?)?;
    let port = upstream.spot.port;
    let proxies = [
        Running::nginx_proxy(folder, spot("nginx", TESTED)?, port)?,
        Running::sternway(folder, spot("sternway", TESTED)?, port)?,
        Running::haproxy(folder, spot("haproxy", TESTED)?, port)?,
    ];
    for proxy in &proxies {
        wrk(proxy, 2)?;
    }
    machine::wait_for_quiet(options);
    let mut turns: BTreeMap<&str, Vec<Turn>> = BTreeMap::new();
    let mut loads = Vec::new();
    for round in 1..=rounds {
        for proxy in &proxies {
            turns.entry(proxy.spot.name).or_default().push(wrk(proxy, seconds)?);
        }
        loads.push(machine::load());
        say(&format!("round {round} of {rounds}\n"));
    }

    let of = |name: &str, what: fn(&Turn) -> f64| turns[name].iter().map(what).collect::<Vec<_>>();
    // Neighbours in time are compared with each other.
    let ratios = |name: &str| -> Vec<f64> {
        of(name, |turn| turn.cpu).iter().zip(of("nginx", |turn| turn.cpu)).map(|(own, nginx)| own / nginx).collect()
    };
    let mut table =
        Table::new(&["proxy", "CPU us/request", "worst", "/ nginx", "worst", "p99 ms", "requests/s", "MiB"]);
    let mut result = Map::new();
    for name in ["nginx", "sternway", "haproxy"] {
        let (cpu, ratio) = (of(name, |turn| turn.cpu), ratios(name));
        let [p99, rate, memory] =
            [of(name, |turn| turn.p99), of(name, |turn| turn.per_second), of(name, |turn| turn.memory)];
        table.row([
            name.to_owned(),
            tenths(median(&cpu)),
            tenths(worst(&cpu)),
            format!("{:.2}", median(&ratio)),
            format!("{:.2}", worst(&ratio)),
            format!("{:.2}", median(&p99)),
            format!("{:.0}", median(&rate)),
            tenths(worst(&memory)),
        ]);
        let figures = json!({
            "cpu_us": { "median": median(&cpu), "worst": worst(&cpu) },
            "to_nginx": { "median": median(&ratio), "worst": worst(&ratio) },
            "p99_ms": { "median": median(&p99), "worst": worst(&p99) },
            "requests_a_second": median(&rate),
            "memory_mib": worst(&memory),
        });
        result.insert(name.to_owned(), figures);
    }
    table.print();
    say(&format!("goal: at most {GOAL} times nginx's CPU a request; load average {}\n", worst(&loads)));
    let met = median(&ratios("sternway")) <= GOAL;
    Ok(json!({ "rounds": rounds, "proxies": result, "goal": GOAL, "met": met, "load": worst(&loads) }))
}

/// 64 connections for so long.
fn wrk(proxy: &Running, seconds: u64) -> Outcome<Turn> {
    let before = proxy.cpu();
    let url = format!("http://127.0.0.1:{}/", proxy.spot.port);
    let core = OTHERS.to_string();
    let words = ["-c", &core, "wrk", "-t1", "-c64", &format!("-d{seconds}s"), "--latency", &url];
    let output = Command::new("taskset").args(words).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (requests, per_second, p99) = read(&text).ok_or_else(|| format!("wrk said:\n{text}"))?;
    let cpu = proxy.cpu().saturating_sub(before).as_secs_f64() * 1e6 / requests;
    Ok(Turn { cpu, p99, per_second, memory: proxy.memory() })
}

/// Requests, requests a second and p99 in milliseconds, of what wrk prints; nothing when any request failed.
fn read(text: &str) -> Option<(f64, f64, f64)> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    let field = |of: &str| {
        let line = text.lines().map(str::trim).find(|line| line.starts_with(of))?;
        line.strip_prefix(of)?.split_whitespace().next()
    };
    let requests = text.lines().find(|line| line.contains(" requests in "))?.split_whitespace().next()?;
    Some((requests.parse().ok()?, field("Requests/sec:")?.parse().ok()?, milliseconds(field("99%")?)?))
}

fn milliseconds(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let scale = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1000.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * scale)
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Installs the Debian packages whose command is not there.
fn install(packages: &[(&str, &str)]) -> Outcome<()> {
    let there = |command: &str| {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&paths).any(|folder| folder.join(command).exists())
    };
    let missing: Vec<&str> =
        packages.iter().filter(|(_, command)| !there(command)).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("installing {}\n", missing.join(", ")));
    let words = [&["install", "-y", "-qq", "--no-install-recommends"], missing.as_slice()].concat();
    let status = Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(words).status()?;
    if status.success() { Ok(()) } else { Err(format!("needed: {}", missing.join(", ")).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "Running 8s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.20ms  403.00us  10.11ms   90.00%
    Req/Sec    52.00k     1.10k   54.00k    70.00%
  Latency Distribution
     50%    1.17ms
     75%    1.30ms
     90%    1.50ms
     99%  950.00us
  416000 requests in 8.00s, 68.20MB read
Requests/sec:  51999.50
Transfer/sec:      8.52MB
";

    #[test]
    fn what_wrk_says_is_read_and_failures_are_no_result() {
        let (requests, rate, p99) = read(SAID).unwrap();
        assert!((requests - 416_000.0).abs() < 1e-9 && (rate - 51_999.5).abs() < 1e-9 && (p99 - 0.95).abs() < 1e-9);
        assert_eq!(read(&format!("{SAID}  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(read(&SAID.replace("99%", "98%")), None);
    }
}
