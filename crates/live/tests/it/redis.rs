//! Redis: reachable, logged in, in its database.

use crate::servers::{Redis, free_port, silent};
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

const PASSWORD: &str = "pa55-of-the-store";

#[test]
fn what_is_right_is_proven_and_counted() {
    let redis = Redis::with(Some(PASSWORD), &[]);
    let values = format!("CACHE=1\nREDIS_URL=redis://:{PASSWORD}@127.0.0.1:{}/3\n", redis.port);
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    redis.is_empty();
}

#[test]
fn a_connection_by_parts_is_proven_and_a_wrong_part_is_named() {
    let redis = Redis::with(Some(PASSWORD), &[]);
    let values = |password: &str, database: &str| {
        let port = redis.port;
        format!("REDIS_HOST=127.0.0.1\nREDIS_PORT={port}\nREDIS_PASSWORD={password}\nREDIS_DB={database}\n")
    };
    let outcome = proof(&[("web", &values(PASSWORD, "1"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["connections"], 1);
    let outcome = proof(&[("web", &values("wrong-one", "1"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0252 web.env:3:1"]);
    let outcome = proof(&[("web", &values(PASSWORD, "4711"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0253 web.env:4:1"]);
}

#[test]
fn a_wrong_password_a_missing_one_and_a_needless_one_are_refused_logins() {
    let (guarded, open) = (Redis::with(Some(PASSWORD), &[]), Redis::start());
    let values = format!(
        "A_REDIS_URL=redis://:not-the-pa55@127.0.0.1:{0}/0\nB_REDIS_URL=redis://127.0.0.1:{0}/0\nC_REDIS_URL=redis://:{PASSWORD}@127.0.0.1:{1}/0\n",
        guarded.port, open.port
    );
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0252 web.env:1:1", "S0252 web.env:2:1", "S0252 web.env:3:1"]);
    assert_eq!(outcome.report.effective(), 0);
    silent_about(&outcome, &["not-the-pa55", PASSWORD, "127.0.0.1", &guarded.port.to_string()]);
}

#[test]
fn a_database_that_the_server_has_not_is_named() {
    let redis = Redis::start();
    let outcome = proof(&[("web", &format!("REDIS_URL=redis://127.0.0.1:{}/99\n", redis.port))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0253 web.env:1:1"]);
}

#[test]
fn a_refused_port_is_a_finding_with_its_place() {
    let values = format!("X=1\nREDIS_URL=redis://:{PASSWORD}@127.0.0.1:{}/0\n", free_port());
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:2:1"]);
    assert!(outcome.report.findings[0].message.contains("refused"), "{:?}", outcome.report.findings);
    silent_about(&outcome, &[PASSWORD, "127.0.0.1"]);
}

#[test]
fn who_accepts_and_never_answers_is_a_finding_and_no_hang() {
    let listener = silent();
    let port = listener.local_addr().unwrap().port();
    let outcome = proof(&[("web", &format!("REDIS_URL=redis://127.0.0.1:{port}/0\n"))], "", &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1"]);
    assert!(outcome.report.findings[0].message.contains("accepted, and no answer"), "{:?}", outcome.report.findings);
}

#[test]
fn who_swallows_packets_is_a_finding_and_no_hang() {
    // 192.0.2.0/24 is for documentation (RFC 5737): nothing answers there, whether packets are swallowed or there is no way.
    let outcome = proof(&[("web", "REDIS_URL=redis://192.0.2.1:6379/0\n")], "", &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1"]);
    silent_about(&outcome, &["192.0.2.1"]);
}

#[test]
fn a_name_that_does_not_resolve_is_a_finding() {
    let outcome = proof(&[("web", "REDIS_URL=redis://cache.invalid:6379/0\n")], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1"]);
    silent_about(&outcome, &["cache.invalid"]);
}

#[test]
fn a_doubtful_reading_is_unknown_and_never_proven() {
    let redis = Redis::start();
    // Some clients take the lone word for the user, others for the password.
    let values = format!("REDIS_URL=redis://lone-word@127.0.0.1:{}/0\n", redis.port);
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0256 web.env:1:1", "S0259 "]);
    assert_eq!((outcome.report.effective(), outcome.report.unknown.len()), (0, 1));
    silent_about(&outcome, &["lone-word"]);
}

#[test]
fn only_reading_is_asked_of_what_is_no_session_store() {
    let redis = Redis::start();
    proof(&[("web", &format!("REDIS_URL=redis://127.0.0.1:{}/1\n", redis.port))], "", &PATIENT);
    let asked = redis.was_asked();
    assert!(asked.contains("cmdstat_ping"), "{asked}");
    assert!(!asked.contains("cmdstat_set") && !asked.contains("cmdstat_del"), "{asked}");
}
