//! Redis and HTTP over TLS, with certificates of every kind.

use std::process::{Command, Stdio};

use crate::certificates::{Authority, Certificate, Good};
use crate::servers::{Listening, Process, Redis, free_port, until};
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

const PASSWORD: &str = "pa55-of-the-store";
const AGREE: &str = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"shop\"]\n";
/// The client whose URLs can name the authorities that it believes.
const PYTHON: &str = "[services.web.connections]\nSESSION_REDIS = \"redis-py\"\n";

fn url(host: &str, port: u16, authority: &str) -> String {
    format!("SESSION_REDIS=rediss://:{PASSWORD}@{host}:{port}/1?ssl_ca_certs={authority}\n")
}

/// What is found of a Redis whose certificate is for these names, when it is connected to as `localhost`.
fn found(names: &str, good: Good) -> Vec<String> {
    let authority = Authority::new();
    let certificate = authority.vouch(names, good);
    let (redis, port) = Redis::encrypting(Some(PASSWORD), &certificate, &authority.file(), false);
    let listening = Listening::to(port);
    let outcome = proof(&[("web", &url("localhost", listening.port, &authority.file()))], PYTHON, &PATIENT);
    assert!(!listening.heard().is_empty() && !listening.has_heard(PASSWORD));
    silent_about(&outcome, &[PASSWORD, "localhost", &authority.file()]);
    redis.is_empty();
    outcome
        .report
        .findings
        .iter()
        .map(|finding| format!("{} {:?} {}", finding.code, finding.severity, finding.message))
        .collect()
}

#[track_caller]
fn only(found: &[String], begins: &str, says: &str) {
    let [one] = found else { panic!("{found:?}") };
    assert!(one.starts_with(begins) && one.contains(says), "{found:?}");
}

#[test]
fn a_redis_that_encrypts_is_proven_and_nobody_hears_the_password() {
    assert_eq!(found("DNS:localhost,IP:127.0.0.1", Good::Now), Vec::<String>::new());
}

#[test]
fn each_fault_of_a_certificate_has_its_words() {
    only(&found("DNS:localhost", Good::LongAgo), "S0260 Error", "has expired");
    only(&found("DNS:localhost", Good::NotYet), "S0260 Error", "not valid yet");
    only(&found("DNS:cache.example,IP:127.0.0.2", Good::Now), "S0260 Error", "of another name");
    // OpenSSL takes the common name when there is no other; here it is unknown.
    let found = found("", Good::Now);
    assert!(found[0].starts_with("S0256 Warning") && found[0].contains("common name"), "{found:?}");
}

#[test]
fn whom_nobody_vouches_for_is_not_believed_and_no_password_is_said() {
    let (authority, other) = (Authority::new(), Authority::new());
    let certificate = authority.vouch("DNS:localhost", Good::Now);
    let (_redis, port) = Redis::encrypting(Some(PASSWORD), &certificate, &authority.file(), false);
    let outcome = proof(&[("web", &url("localhost", port, &other.file()))], PYTHON, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0260 web.env:1:1"], "{:?}", outcome.report);
    assert!(outcome.report.findings[0].message.contains("nobody whom the configuration names"));
    // By the system's authorities, which a program may add to: a warning.
    let values = format!("REDIS_URL=rediss://:{PASSWORD}@localhost:{port}/1\n");
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    let found: Vec<_> =
        outcome.report.findings.iter().map(|finding| format!("{} {:?}", finding.code, finding.severity)).collect();
    assert_eq!(found, ["S0260 Warning", "S0259 Error"], "{:?}", outcome.report);
    // Authorities that are not there are nobody's fault but the proof's.
    let outcome = proof(&[("web", &url("localhost", port, "/no/such/authorities.pem"))], PYTHON, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0256 web.env:1:1", "S0259 "], "{:?}", outcome.report);
    let client = "[services.web.connections]\nREDIS_URL = \"go-redis\"\n";
    let lax = format!("REDIS_URL=rediss://:{PASSWORD}@localhost:{port}/1?skip_verify=true\n");
    let outcome = proof(&[("web", &lax)], client, &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
}

#[test]
fn sessions_are_proven_through_what_is_encrypted() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:localhost,IP:127.0.0.1", Good::Now);
    let (redis, port) = Redis::encrypting(Some(PASSWORD), &certificate, &authority.file(), false);
    let prefix = "SESSION_PREFIX=sess:\n";
    let web = format!("{}{prefix}", url("localhost", port, &authority.file()));
    // The other one through the port that is not encrypted: the same store.
    let shop = format!("SESSION_REDIS=redis://:{PASSWORD}@localhost:{}/1\n{prefix}", redis.port);
    let clients = format!("{AGREE}{PYTHON}[services.shop.connections]\nSESSION_REDIS = \"redis-py\"\n");
    let outcome = proof(&[("web", &web), ("shop", &shop)], &clients, &PATIENT);
    assert_eq!(outcome.report.checked.get("session proofs"), Some(&1), "{:?}", outcome.report);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    redis.is_empty();
}

#[test]
fn a_server_that_wants_a_certificate_of_its_client_gets_it_where_it_is_configured() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:localhost", Good::Now);
    let (_redis, port) = Redis::encrypting(Some(PASSWORD), &certificate, &authority.file(), true);
    let without = url("localhost", port, &authority.file());
    let outcome = proof(&[("web", &without)], PYTHON, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0256 web.env:1:1", "S0259 "], "{:?}", outcome.report);
    assert!(outcome.report.findings[0].message.contains("certificate of its client"), "{:?}", outcome.report);
    let Certificate { certificate, key } = authority.vouch_for_client();
    let own = format!("&ssl_certfile={}&ssl_keyfile={}", certificate.display(), key.display());
    let with = format!("{}{own}\n", without.trim_end());
    let outcome = proof(&[("web", &with)], PYTHON, &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
}

#[test]
fn one_that_encrypts_and_one_that_does_not_are_told_apart() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:localhost", Good::Now);
    let (redis, port) = Redis::encrypting(Some(PASSWORD), &certificate, &authority.file(), false);
    // Redis waits for the end of a line that never comes.
    let outcome = proof(&[("web", &url("localhost", redis.port, &authority.file()))], PYTHON, &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1"], "{:?}", outcome.report);
    assert!(outcome.report.findings[0].message.contains("does not encrypt"), "{:?}", outcome.report);
    let clear = format!("REDIS_URL=redis://:{PASSWORD}@localhost:{port}/1\n");
    let outcome = proof(&[("web", &clear)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0254 web.env:1:1"], "{:?}", outcome.report);
    assert!(outcome.report.findings[0].hint.contains("encryption"), "{:?}", outcome.report);
}

#[test]
fn https_is_asked_by_its_name_and_what_is_wrong_is_a_warning() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:localhost", Good::LongAgo);
    let port = free_port();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-www", "-quiet", "-accept", &port.to_string()]);
    command.arg("-cert").arg(&certificate.certificate).arg("-key").arg(&certificate.key);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Process(command.spawn().unwrap());
    until("it answers", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    // This system knows nobody who vouches for it, and that is what is looked at first.
    let outcome = proof(&[("web", &format!("PAYMENT_URL=https://localhost:{port}/\n"))], "", &PATIENT);
    let found: Vec<_> =
        outcome.report.findings.iter().map(|finding| format!("{} {:?}", finding.code, finding.severity)).collect();
    assert_eq!(found, ["S0260 Warning", "S0259 Error"], "{:?}", outcome.report);
}
