//! The proxies that are compared, each as its own process in front of the same upstream.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Outcome, binaries};

/// What a server is called and where it listens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) name: &'static str,
    pub(super) port: u16,
    /// The core on which it runs, alone or not.
    pub(super) core: usize,
}

/// A server that runs until it is dropped.
pub(super) struct Running {
    pub(super) spot: Spot,
    child: Child,
}

impl Running {
    /// Starts a command on its core and waits until its port accepts.
    fn start(spot: Spot, command: &[&str]) -> Outcome<Self> {
        let mut taskset = Command::new("taskset");
        taskset.args(["-c", &spot.core.to_string()]).args(command);
        let child = taskset.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let running = Self { spot, child: child.map_err(|error| format!("{}: {error}", command[0]))? };
        let since = Instant::now();
        while spot.name != "sternway" && TcpStream::connect(("127.0.0.1", spot.port)).is_err() {
            if since.elapsed() > Duration::from_secs(10) {
                return Err(format!("{} does not answer", spot.name).into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }

    /// nginx, one worker; `server` is the body of its one server, `outside` stands beside it.
    fn nginx(folder: &Path, spot: Spot, outside: &str, server: &str) -> Outcome<Self> {
        let own = folder.join(spot.name);
        fs::create_dir_all(&own)?;
        let (own, port) = (own.display(), spot.port);
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths = kinds.map(|kind| format!("    {kind}_temp_path {own}/{kind};\n")).concat();
        let text = format!(
            "worker_processes 1;\ndaemon off;\npid {own}/pid;\nerror_log {own}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n{paths}    access_log off;\n    keepalive_requests 1000000000;\n    keepalive_timeout 300s;\n    {outside}\n    \
             server {{ listen 127.0.0.1:{port}; {server} }}\n}}\n"
        );
        let file = folder.join(format!("{}.conf", spot.name));
        fs::write(&file, text)?;
        Self::start(spot, &["nginx", "-c", &file.to_string_lossy(), "-e", &format!("{own}/error.log")])
    }

    /// What all of them stand in front of.
    pub(super) fn upstream(folder: &Path, spot: Spot) -> Outcome<Self> {
        Self::nginx(folder, spot, "", "location / { return 200 'here we are\\n'; }")
    }

    /// nginx with kept upstream connections, as its documentation says: HTTP/1.1, and no `Connection` header.
    pub(super) fn nginx_proxy(folder: &Path, spot: Spot, upstream: u16) -> Outcome<Self> {
        let outside = format!(
            "upstream app {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; keepalive_timeout 300s; }}"
        );
        let server = "location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\"; }";
        Self::nginx(folder, spot, &outside, server)
    }

    /// HAProxy, one thread; it keeps and shares upstream connections.
    pub(super) fn haproxy(folder: &Path, spot: Spot, upstream: u16) -> Outcome<Self> {
        let port = spot.port;
        let text = format!(
            "global\n  nbthread 1\n  maxconn 1024\n\
             defaults\n  mode http\n  timeout connect 5s\n  timeout client 300s\n  timeout server 300s\n  timeout http-keep-alive 300s\n  \
             option http-keep-alive\n  http-reuse always\n\
             frontend front\n  bind 127.0.0.1:{port}\n  default_backend app\n\
             backend app\n  server one 127.0.0.1:{upstream} pool-max-conn -1\n"
        );
        let file = folder.join("haproxy.cfg");
        fs::write(&file, text)?;
        Self::start(spot, &["haproxy", "-db", "-f", &file.to_string_lossy()])
    }

    /// Our own, one worker.
    pub(super) fn sternway(folder: &Path, spot: Spot, upstream: u16) -> Outcome<Self> {
        let program = binaries()?.join("examples/proxy");
        let (state, socket) = (folder.join("state"), folder.join("proxy.sock"));
        fs::create_dir_all(&state)?;
        let words = [&program, &state, &socket].map(|path| path.to_string_lossy().into_owned());
        let [program, state_word, socket_word] = &words;
        let running = Self::start(spot, &[program, state_word, socket_word, "production", "--workers", "1"])?;
        let table = json!({
            "listen": format!("127.0.0.1:{}", spot.port),
            "routes": { "/": "web" },
            "login": [],
            "current": { "web": { "release": 1, "addresses": [format!("127.0.0.1:{upstream}")] } },
            "drain": 1000,
        });
        let answer = order(&socket, &json!({ "switch": { "epoch": 1, "table": table } }))?;
        if answer == "done" { Ok(running) } else { Err(format!("the proxy answered {answer}").into()) }
    }

    /// The process and those that it started.
    fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let parent: u32 = stat(pid)?.get(1)?.parse().ok()?;
            (parent == own).then_some(pid)
        });
        std::iter::once(own).chain(children).collect()
    }

    /// Processor time that it has used, of all its threads and children, user and system.
    pub(super) fn cpu(&self) -> Duration {
        // Linux reports clock ticks of 1/100 s to programs, on every architecture that is supported here.
        let ticks: u64 = self
            .family()
            .into_iter()
            .filter_map(stat)
            .flat_map(|fields| [11, 12].map(|at| fields.get(at).and_then(|field| field.parse::<u64>().ok())))
            .flatten()
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in MiB.
    pub(super) fn memory(&self) -> f64 {
        let kibibytes = |pid: u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse::<f64>().ok()
        };
        self.family().into_iter().filter_map(kibibytes).sum::<f64>() / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // nginx ends its workers only when it is asked to.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let since = Instant::now();
        while asked.is_ok() && since.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _it_is_gone = self.child.kill();
        let _nobody_asks = self.child.wait();
    }
}

/// The fields of `/proc/PID/stat` after the name, from `state` on.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// One line to our proxy's socket, one line back.
fn order(socket: &Path, order: &Value) -> Outcome<Value> {
    let since = Instant::now();
    let mut stream = loop {
        match UnixStream::connect(socket) {
            Ok(stream) => break stream,
            Err(error) if since.elapsed() > Duration::from_secs(10) => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    };
    writeln!(stream, "{order}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}
