//! PostgreSQL and MariaDB, real ones.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::servers::{Process, free_port, silent, until};
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

const PASSWORD: &str = "pa55-of-the-database";
const AGREE: &str = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"shop\"]\n";

struct Server {
    port: u16,
    _process: Process,
    _dir: tempfile::TempDir,
}

/// The newest PostgreSQL that is installed.
fn postgres_bin() -> PathBuf {
    let mut found: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path().join("bin")).collect();
    found.sort();
    found.pop().unwrap()
}

/// A command as somebody who is not root, where root types: database servers refuse to run as root.
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

/// A folder that this user may write.
fn folder_of(user: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    if is_root() {
        let id = |flag| run(Command::new("id").args([flag, user])).trim().parse().ok();
        chown(dir.path(), id("-u"), id("-g")).unwrap();
    }
    dir
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn started(mut process: Process, port: u16, dir: tempfile::TempDir) -> Server {
    until("the server answers", || {
        assert!(process.0.try_wait().unwrap().is_none(), "the server ended");
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    Server { port, _process: process, _dir: dir }
}

fn postgres() -> Server {
    let (dir, port, bin) = (folder_of("postgres"), free_port(), postgres_bin());
    let data = dir.path().join("data");
    let password = dir.path().join("password");
    fs::write(&password, PASSWORD).unwrap();
    let mut initdb = as_user("postgres", &bin.join("initdb"));
    initdb.args(["--no-sync", "-U", "shop", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"]);
    run(initdb.arg("--pwfile").arg(&password).arg("-D").arg(&data).current_dir(dir.path()));
    let mut command = as_user("postgres", &bin.join("postgres"));
    command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
    command.arg("-k").arg(dir.path()).current_dir(dir.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let server = started(Process(command.spawn().unwrap()), port, dir);
    // It listens before it takes logins.
    until("PostgreSQL is ready", || {
        let mut ready = Command::new(bin.join("pg_isready"));
        ready.args(["-h", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).status().unwrap().success()
    });
    server
}

fn mariadb() -> Server {
    let (dir, port) = (folder_of("mysql"), free_port());
    let data = dir.path().join("data");
    let mut install = as_user("mysql", Path::new("mariadb-install-db"));
    run(install.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg("--skip-test-db"));
    let setup = dir.path().join("setup.sql");
    let sql = format!(
        "CREATE DATABASE shop;\nCREATE USER 'shop'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON shop.* TO 'shop'@'%';\n"
    );
    fs::write(&setup, sql).unwrap();
    let mut command = as_user("mysql", Path::new("mariadbd"));
    command.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--port={port}"));
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
    command.arg(format!("--socket={}", dir.path().join("s.sock").display()));
    command.arg(format!("--init-file={}", setup.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    started(Process(command.spawn().unwrap()), port, dir)
}

#[test]
fn postgresql_is_proven_and_what_is_wrong_is_named() {
    let server = postgres();
    let url = |password: &str, database: &str| {
        format!("DATABASE_URL=postgresql://shop:{password}@127.0.0.1:{}/{database}\n", server.port)
    };
    let outcome = proof(&[("web", &url(PASSWORD, "postgres"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    let outcome = proof(&[("web", &url("wrong-pa55", "postgres"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0252 web.env:1:1"]);
    silent_about(&outcome, &["wrong-pa55", "127.0.0.1", &server.port.to_string()]);
    let outcome = proof(&[("web", &url(PASSWORD, "no_such_database"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0253 web.env:1:1"]);
    silent_about(&outcome, &[PASSWORD, "no_such_database"]);
    let encrypted = url(PASSWORD, "postgres?sslmode=require");
    let outcome = proof(&[("web", &encrypted)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0256 web.env:1:1", "S0259 "]);
    // Sessions in it: the same server, though by two names; and another database of it.
    let session = |host: &str, database: &str| {
        format!("SESSION_DATABASE_URL=postgresql://shop:{PASSWORD}@{host}:{}/{database}\n", server.port)
    };
    let one = session("127.0.0.1", "postgres");
    let outcome = proof(&[("web", &one), ("shop", &session("localhost", "postgres"))], AGREE, &PATIENT);
    assert_eq!(outcome.report.checked["session proofs"], 1, "{:?}", outcome.report);
    assert_eq!(said(&outcome.report.findings), ["S0256 shop.env:1:1"], "{:?}", outcome.report);
    let outcome = proof(&[("web", &one), ("shop", &session("127.0.0.1", "template1"))], AGREE, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0255 shop.env:1:1"], "{:?}", outcome.report);
}

#[test]
fn mariadb_is_proven_and_what_is_wrong_is_named() {
    let server = mariadb();
    let url = |password: &str, database: &str| {
        format!("DATABASE_URL=mysql://shop:{password}@127.0.0.1:{}/{database}\n", server.port)
    };
    let outcome = proof(&[("web", &url(PASSWORD, "shop"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    let outcome = proof(&[("web", &url("wrong-pa55", "shop"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0252 web.env:1:1"]);
    silent_about(&outcome, &["wrong-pa55", "127.0.0.1", &server.port.to_string()]);
    let outcome = proof(&[("web", &url(PASSWORD, "elsewhere"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0253 web.env:1:1"]);
    silent_about(&outcome, &[PASSWORD, "elsewhere"]);
}

#[test]
fn databases_that_never_answer_are_findings_and_no_hang() {
    let listener = silent();
    let port = listener.local_addr().unwrap().port();
    let values = format!("A_URL=postgresql://u:p@127.0.0.1:{port}/d\nB_URL=mysql://u:p@127.0.0.1:{port}/d\n");
    let outcome = proof(&[("web", &values)], "", &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1", "S0251 web.env:2:1"], "{:?}", outcome.report);
}
