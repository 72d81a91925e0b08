//! HTTP, TCP and SQLite.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::servers::{file, free_port, silent};
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

/// Answers one connection with this, and says what was asked.
fn answering(with: &'static str) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = [0; 512];
        let read = stream.read(&mut seen).unwrap();
        stream.write_all(with.as_bytes()).unwrap();
        String::from_utf8_lossy(&seen[..read]).into_owned()
    });
    (port, asked)
}

#[test]
fn what_answers_http_is_proven_by_a_head_without_the_urls_secrets() {
    let (port, asked) = answering("HTTP/1.1 404 Not Found\r\n\r\n");
    let values = format!("PAYMENT_URL=http://user:pa55@127.0.0.1:{port}/v1?token=t0ken\n");
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    let asked = asked.join().unwrap();
    assert!(asked.starts_with("HEAD / HTTP/1.1\r\n") && !asked.contains("pa55") && !asked.contains("t0ken"), "{asked}");
}

#[test]
fn what_speaks_another_language_is_named_by_its_kind() {
    let (port, asked) = answering("220 mail.example.org ESMTP\r\n");
    let outcome = proof(&[("web", &format!("PAYMENT_URL=http://127.0.0.1:{port}/\n"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0254 web.env:1:1", "S0259 "]);
    asked.join().unwrap();
    let (port, asked) = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let outcome = proof(&[("web", &format!("REDIS_URL=redis://127.0.0.1:{port}/0\n"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0254 web.env:1:1"]);
    asked.join().unwrap();
}

#[test]
fn http_that_never_answers_or_is_not_there_is_a_warning() {
    let listener = silent();
    let values = format!(
        "A_URL=http://127.0.0.1:{}/\nB_URL=http://127.0.0.1:{}/\n",
        listener.local_addr().unwrap().port(),
        free_port()
    );
    let outcome = proof(&[("web", &values)], "", &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1", "S0251 web.env:2:1", "S0259 "]);
}

#[test]
fn what_has_no_client_here_is_reached_and_the_rest_said_to_be_unproven() {
    let listener = silent();
    let values = format!("AMQP_URL=amqp://guest:gu35t@127.0.0.1:{}/shop\n", listener.local_addr().unwrap().port());
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0256 web.env:1:1"]);
    assert_eq!((outcome.report.checked["connections"], outcome.report.unknown.len()), (1, 1));
    silent_about(&outcome, &["gu35t"]);
}

#[test]
fn a_sqlite_file_is_known_by_its_first_bytes_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), b"SQLite format 3\0 and so on");
    let outcome = proof(&[("web", &format!("DATABASE_URL=sqlite:///{path}\n"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no -shm, no -wal");
    file(dir.path(), b"something else altogether");
    let outcome = proof(&[("web", &format!("DATABASE_URL=sqlite:///{path}\n"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0254 web.env:1:1"]);
    fs::remove_file(&path).unwrap();
    let outcome = proof(&[("web", &format!("DATABASE_URL=sqlite:///{path}\n"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0253 web.env:1:1"]);
    silent_about(&outcome, &[&path]);
}
