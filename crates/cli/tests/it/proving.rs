//! Who proves live: the agent where one runs, else the command itself, and what is left when either dies in the middle.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::Signal;
use sternway_core::digest::Digest;

use super::processes;
use super::project::{CHECK, Project, finish, ran};
use super::until::{until, until_true};

const PASSWORD: &str = "pa55-of-the-sessions";

struct Server {
    port: u16,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

fn started(mut command: Command, port: u16) -> Server {
    let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let server = Server { port, process };
    until_true("the server answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    server
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn redis(project: &Project) -> Server {
    let port = free_port();
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]);
    command.arg("--dir").arg(project.root());
    started(command, port)
}

/// What Redis says to this.
fn says(redis: &Server, line: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port)).unwrap();
    write!(stream, "AUTH {PASSWORD}\r\n{line}\r\nQUIT\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// A shop and its worker that share sessions in a Redis behind this port.
fn sharing(project: &Project, port: u16) {
    let queue =
        "[services.queue]\npath = \"web\"\nkind = \"worker\"\nready = \"alive:100ms\"\nrun = \"exec sleep 1000\"\n";
    let agree = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"queue\"]\n\n";
    let text = project.toml(&(Project::web() + queue), "watch = false", &format!("{agree}{CHECK}"));
    let text =
        text.replace("web = [\"dotenv:web.env\"]\n", "web = [\"dotenv:web.env\"]\nqueue = [\"dotenv:queue.env\"]\n");
    project.write("sternway.toml", &text);
    let value = format!("SESSION_SAVE_PATH=tcp://127.0.0.1:{port}?database=1&auth={PASSWORD}\n");
    project.write("web.env", &format!("GREETING=good day\n{value}"));
    project.write("queue.env", &value);
}

const LIVE: &[&str] = &["check", "production", "--live"];

#[test]
fn the_agent_proves_where_one_runs_and_else_the_command_which_is_said() {
    let project = Project::new();
    let redis = redis(&project);
    sharing(&project, redis.port);
    let alone = project.run(LIVE).exits(0).says("2 connections, 1 session proof");
    let alone = alone.says("proven from: this process (no agent runs here)");
    project.ship();
    let by_agent = project.run(LIVE).exits(0).says("2 connections, 1 session proof");
    let by_agent = by_agent.says("proven from: the agent on this host");
    assert_eq!(project.run(&[LIVE, &["--json"]].concat()).json()["proven_from"], "agent");
    // What the agent finds has its place in the project, as what the command finds.
    project.write("queue.env", &format!("SESSION_SAVE_PATH=tcp://127.0.0.1:{}?auth=wrong-pa55\n", redis.port));
    let refused = project.run(LIVE).exits(10).says("S0252").says("queue.env:1:1");
    assert!(!says(&redis, "INFO keyspace").contains("keys="));
    for ran in [alone, by_agent, refused] {
        for secret in [PASSWORD, "wrong-pa55", &redis.port.to_string()] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} in {}", ran.out);
        }
    }
}

/// Only the agent's own surroundings know the authority that vouches for the server: what is proven is proven there.
#[test]
fn it_is_proven_with_what_the_agents_host_has() {
    let project = Project::new();
    let made = |command: &mut Command| assert!(command.current_dir(project.root()).output().unwrap().status.success());
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority = ["-x509", "-days", "30", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"];
    made(Command::new("openssl").arg("req").args(authority).args(key));
    made(Command::new("openssl").args(["req", "-subj", "/CN=x", "-keyout", "s.key", "-out", "s.csr"]).args(key));
    fs::write(project.root().join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let sign = ["-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"];
    made(Command::new("openssl").arg("x509").args(sign).args(["-extfile", "names", "-out", "s.pem"]));
    let port = free_port();
    let mut command = Command::new("redis-server");
    command.args([
        "--port",
        "0",
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        "s.pem",
        "--tls-key-file",
        "s.key",
    ]);
    command.args(["--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "no", "--bind", "127.0.0.1", "--save", ""]);
    command.current_dir(project.root()).stdout(Stdio::null());
    let _server = started(command, port);
    project.write("web.env", &format!("GREETING=good day\nCACHE_URL=rediss://localhost:{port}/0\n"));
    let mut ship = project.command(&["ship", "production"]);
    ship.env("SSL_CERT_FILE", project.root().join("ca.pem"));
    ran(ship).exits(0);
    let proven = project.run(LIVE).exits(0).says("1 connection").says("the agent on this host");
    assert!(!proven.out.contains("S0260"), "{}", proven.out);
}

/// Passes on to a Redis, and keeps the answers to what reads back: a proof stands still between its writing and its end.
fn standing(redis: u16) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let reached = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&reached);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", redis)) else { continue };
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            let seen = Arc::clone(&seen);
            thread::spawn(move || until_it_reads(client, server, &seen));
        }
    });
    (port, reached)
}

fn until_it_reads(mut client: TcpStream, mut server: TcpStream, seen: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        let words = &buffer[..read];
        if words.windows(3).any(|part| part == b"GET") && words.windows(8).any(|part| part == b"sternway") {
            seen.store(true, Ordering::SeqCst);
            continue;
        }
        if server.write_all(words).is_err() {
            break;
        }
    }
}

/// Every key that there is expires by itself.
fn nothing_stays(redis: &Server) {
    let keyspace = says(redis, "INFO keyspace");
    if let Some(counts) = keyspace.split("keys=").nth(1) {
        let keys = counts.split(',').next().unwrap();
        assert!(counts.contains(&format!("expires={keys},")), "a key without an end: {keyspace}");
    }
    until("the store is empty", || {
        let keyspace = says(redis, "INFO keyspace");
        if keyspace.contains("keys=") { Err(keyspace) } else { Ok(()) }
    });
}

/// The processes that prove.
fn provers(project: &Project) -> Vec<processes::Process> {
    processes::of_folder(&project.state).into_iter().filter(|one| one.words.contains(" prove --within ")).collect()
}

#[test]
fn an_agent_that_is_killed_in_the_middle_leaves_nothing() {
    let project = Project::new();
    let redis = redis(&project);
    let (port, reached) = standing(redis.port);
    sharing(&project, port);
    project.ship();
    let check = project.start(LIVE);
    until_true("the proof has written and reads", || reached.load(Ordering::SeqCst));
    processes::kill(project.part("agent"));
    // The command goes on by itself, and says why.
    let checked = finish(check).says("proven from: this process (the agent ended meanwhile)");
    assert!(!checked.out.contains(PASSWORD) && !checked.err.contains(PASSWORD));
    nothing_stays(&redis);
    until("nobody proves any more", || {
        let left = provers(&project);
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
}

#[test]
fn a_command_that_is_interrupted_in_the_middle_leaves_nothing() {
    let project = Project::new();
    let redis = redis(&project);
    let (port, reached) = standing(redis.port);
    sharing(&project, port);
    project.ship();
    let check = project.start(LIVE);
    until_true("the proof has written and reads", || reached.load(Ordering::SeqCst));
    processes::signal(check.id(), Signal::INT);
    finish(check);
    nothing_stays(&redis);
    // The agent has other things to do meanwhile, and goes on.
    assert_eq!(project.status()["parts"].as_array().unwrap().iter().filter(|part| part["name"] == "agent").count(), 1);
    until("nobody proves any more", || {
        let left = provers(&project);
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
}

/// Answers as an agent of a version before there were proofs does.
#[test]
fn an_agent_of_an_earlier_version_is_told_and_the_command_proves() {
    let project = Project::new();
    let redis = redis(&project);
    sharing(&project, redis.port);
    // It makes the folder for the sockets.
    project.run(&["check", "production"]).exits(0);
    let digest = Digest::of(project.state.as_os_str().as_encoded_bytes()).short().to_owned();
    let bases = [PathBuf::from("/run/sternway"), PathBuf::from(super::project::runtime_base())];
    let folder = bases.iter().map(|base| base.join(&digest)).find(|folder| folder.is_dir()).unwrap();
    let listener = UnixListener::bind(folder.join("agent.sock")).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                let finding = "{\"code\":\"S0316\",\"severity\":\"error\",\"subject\":\"request\",\"message\":\"not understood\"}";
                let _gone = writeln!(reader.get_mut(), "{{\"failed\":{{\"finding\":{finding}}}}}");
                line.clear();
            }
        }
    });
    let proven = project.run(LIVE).exits(0).says("2 connections, 1 session proof");
    proven.says("proven from: this process (the agent is of an earlier version: sternway upgrade)");
    fs::remove_file(folder.join("agent.sock")).unwrap();
}
