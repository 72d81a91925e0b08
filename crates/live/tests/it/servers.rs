//! Servers, started for one test and stopped with it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::certificates::Certificate;

/// A free port of the loopback address.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process that ends with its owner.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

/// Waits until something holds, as long as a slow machine may need.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within a minute");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A Redis with a folder of its own.
pub(crate) struct Redis {
    pub(crate) port: u16,
    password: Option<&'static str>,
    _process: Process,
    _dir: tempfile::TempDir,
}

impl Redis {
    pub(crate) fn start() -> Self {
        Self::with(None, &[])
    }

    /// One that encrypts on a second port, with this certificate; `clients` are asked for theirs or not.
    pub(crate) fn encrypting(
        password: Option<&'static str>,
        certificate: &Certificate,
        authority: &str,
        clients: bool,
    ) -> (Self, u16) {
        let port = free_port().to_string();
        let [certificate, key] = [&certificate.certificate, &certificate.key].map(|path| path.to_str().unwrap());
        let clients = if clients { "yes" } else { "no" };
        let mut options = vec!["--tls-port", &port, "--tls-cert-file", certificate, "--tls-key-file", key];
        options.extend(["--tls-ca-cert-file", authority, "--tls-auth-clients", clients]);
        (Self::with(password, &options), port.parse().unwrap())
    }

    pub(crate) fn with(password: Option<&'static str>, options: &[&str]) -> Self {
        // Between finding a free port and taking it somebody else may: then it is tried again.
        for _ in 0..5 {
            let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
            let mut command = Command::new("redis-server");
            command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"]);
            command.args(password.into_iter().flat_map(|password| ["--requirepass", password])).args(options);
            command.arg("--dir").arg(dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = Process(command.spawn().expect("redis-server is installed"));
            let mut ended = false;
            until("redis-server answers", || {
                ended = process.0.try_wait().unwrap().is_some();
                ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
            });
            if !ended {
                return Self { port, password, _process: process, _dir: dir };
            }
        }
        panic!("redis-server does not start");
    }

    /// One with a user like this.
    pub(crate) fn with_user(rules: &str) -> Self {
        let redis = Self::start();
        let answer = redis.says(&[&format!("ACL SETUSER {rules}")]);
        assert!(answer.starts_with("+OK"), "{answer}");
        redis
    }

    /// What the server says to these lines.
    pub(crate) fn says(&self, lines: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let login = self.password.map(|password| format!("AUTH {password}\r\n")).unwrap_or_default();
        write!(stream, "{login}{}\r\nQUIT\r\n", lines.join("\r\n")).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Every key of every database.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        let keyspace = self.says(&["INFO keyspace"]);
        assert!(keyspace.contains("# Keyspace") && !keyspace.contains("keys="), "{keyspace}");
    }

    /// How often each command was asked, as the server counts.
    pub(crate) fn was_asked(&self) -> String {
        self.says(&["INFO commandstats"])
    }
}

/// Passes everything on to a server of this machine, and keeps what clients say to it.
pub(crate) struct Listening {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Listening {
    pub(crate) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&heard);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let keeps = Arc::clone(&keeps);
                thread::spawn(move || pass(client, server, |bytes| keeps.lock().unwrap().extend_from_slice(bytes)));
                thread::spawn(move || pass(from, to, |_| {}));
            }
        });
        Self { port, heard }
    }

    /// All that clients said so far.
    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }

    /// Whether a client said this.
    pub(crate) fn has_heard(&self, words: &str) -> bool {
        self.heard().windows(words.len()).any(|part| part == words.as_bytes())
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut keep: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _gone_already = to.shutdown(std::net::Shutdown::Write);
}

/// A listener that accepts and never answers: the system does the accepting.
pub(crate) fn silent() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// The folder's only file, with these bytes.
pub(crate) fn file(dir: &Path, bytes: &[u8]) -> String {
    let path = dir.join("data.db");
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}
