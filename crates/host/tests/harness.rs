//! The program that the integration tests start: as an agent, as a shim, or as a service to be supervised.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::exit, reason = "a test's program")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sternway_core::time::Millis;
use sternway_host::agent::{self, AgentOptions};
use sternway_host::client::Agent;
use sternway_host::prover::{Prove, Prover};
use sternway_host::shim;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["agent", state, socket, log_bytes] => {
            let program = std::env::current_exe().unwrap();
            let mut options = AgentOptions::new(PathBuf::from(state), PathBuf::from(socket), program);
            options.log.bytes = log_bytes.parse().unwrap();
            options.backoff.first = Millis(20);
            options.backoff.most = Millis(200);
            options.prover = Prover::new(Arc::new(Told));
            agent::run(options).map_err(|error| error.to_string())
        }
        ["shim", "--dir", folder] => shim::run(Path::new(folder)).map_err(|error| error.to_string()),
        ["status", socket] => Agent::connect(Path::new(socket))
            .and_then(|agent| agent.status())
            .map(|status| println!("{}", status.pid))
            .map_err(|error| format!("{error:?}")),
        // What the agent asks before it becomes another program.
        ["--version"] => Ok(()),
        ["part", socket] => {
            part(Path::new(socket));
            Ok(())
        }
        ["serve-http", rest @ ..] => {
            serve_http(rest.first().copied());
            Ok(())
        }
        _ => Err("agent STATE SOCKET LOG-BYTES | shim --dir DIR | serve-http [PORT]".to_owned()),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

/// Proves what it is told to.
struct Told;

impl Prove for Told {
    fn prove(&self, question: &Value, within: Duration) -> Result<Value, String> {
        if let Some(mark) = question["touch"].as_str() {
            std::fs::write(mark, "").map_err(|error| error.to_string())?;
        }
        if let Some(gate) = question["wait"].as_str() {
            let end = Instant::now() + within;
            while !Path::new(gate).exists() {
                if Instant::now() > end {
                    return Err("nobody opened the gate".to_owned());
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            return Ok(json!({ "waited": true }));
        }
        match question["say"].as_str() {
            Some(word) => Ok(json!({ "said": word, "within": u64::try_from(within.as_millis()).unwrap() })),
            None => Err("as it was told".to_owned()),
        }
    }
}

/// A kept part that hands over: whoever starts last has the socket, and the one before ends when it sees that.
fn part(socket: &Path) {
    let own = socket.with_extension(std::process::id().to_string());
    let listener = UnixListener::bind(&own).unwrap();
    listener.set_nonblocking(true).unwrap();
    let inode = |path: &Path| std::fs::metadata(path).map(|file| std::os::unix::fs::MetadataExt::ino(&file)).ok();
    let mine = inode(&own);
    std::fs::rename(&own, socket).unwrap();
    while inode(socket) == mine {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            let mut reader = std::io::BufReader::new(stream);
            let mut line = String::new();
            let _asked = std::io::BufRead::read_line(&mut reader, &mut line);
            let _unheard = writeln!(reader.get_mut(), "{{\"status\":{{\"pid\":{}}}}}", std::process::id());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Answers `200` with all of its environment as the body, but `500` for `/broken`; ends with a message when the port is taken.
fn serve_http(port: Option<&str>) {
    let port = port.map_or_else(|| std::env::var("PORT").unwrap(), str::to_owned);
    let listener = match TcpListener::bind(format!("127.0.0.1:{port}")) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("cannot listen on {port}: {error}");
            std::process::exit(98);
        }
    };
    println!("listening on {port}");
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        let Ok(read) = stream.read(&mut request) else { continue };
        let status = if request[..read].starts_with(b"GET /broken") { "500 Broken" } else { "200 OK" };
        let body = std::env::vars().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("\n") + "\n";
        let _client_gone =
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }
}
