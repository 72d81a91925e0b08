//! The session proof: who finds whose sessions.

use crate::servers::{Redis, silent};
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

const AGREE: &str = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"shop\"]\n";
const PASSWORD: &str = "pa55-of-the-sessions";

fn save_path(host: &str, port: u16, more: &str) -> String {
    format!("SESSION_SAVE_PATH=tcp://{host}:{port}?{more}\n")
}

#[test]
fn one_server_by_two_names_is_one_store_and_nothing_is_left_in_it() {
    let redis = Redis::with(Some(PASSWORD), &["--bind", "127.0.0.1 127.0.0.2"]);
    let login = format!("database=2&auth={PASSWORD}");
    let (web, shop) = (save_path("127.0.0.1", redis.port, &login), save_path("127.0.0.2", redis.port, &login));
    let outcome = proof(&[("shop", &shop), ("web", &web)], AGREE, &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!((outcome.report.checked["connections"], outcome.report.checked["session proofs"]), (2, 1));
    redis.is_empty();
    // Both ways, and deleted by command, not by time.
    let asked = redis.was_asked();
    for counted in ["cmdstat_set:calls=2,", "cmdstat_get:calls=2,", "cmdstat_del:calls=2,"] {
        assert!(asked.contains(counted), "{counted} in {asked}");
    }
    silent_about(&outcome, &[PASSWORD, &redis.port.to_string()]);
}

#[test]
fn texts_that_differ_in_the_server_alone_are_said_to_be_proven_the_same() {
    let redis = Redis::start();
    let (web, shop) = (
        format!("SESSION_REDIS=redis://localhost:{}/1\n", redis.port),
        save_path("127.0.0.1", redis.port, "database=1"),
    );
    let text = format!("{AGREE}[services.web.connections]\nSESSION_REDIS = \"redis-py\"\n");
    let outcome = proof(&[("shop", &shop), ("web", &web)], &text, &PATIENT);
    assert_eq!(outcome.report.checked["session proofs"], 1, "{:?}", outcome.report);
    // Which keys the client in Python's handler has is not known: said, and no more than a note.
    assert_eq!(said(&outcome.report.findings), ["S0256 shop.env:1:1"], "{:?}", outcome.report);
    redis.is_empty();
}

#[test]
fn two_servers_are_two_stores() {
    let (a, b) = (Redis::start(), Redis::start());
    let (web, shop) = (save_path("127.0.0.1", a.port, "database=1"), save_path("127.0.0.1", b.port, "database=1"));
    let outcome = proof(&[("shop", &shop), ("web", &web)], AGREE, &PATIENT);
    let places: Vec<String> = outcome.report.findings[0].places.iter().map(ToString::to_string).collect();
    assert_eq!(said(&outcome.report.findings).len(), 1, "{:?}", outcome.report);
    assert_eq!((outcome.report.findings[0].code.as_str(), places.len()), ("S0255", 3));
    assert!(places[0].starts_with("shop.env:1:1") && places[1].starts_with("web.env:1:1"), "{places:?}");
    assert!(outcome.report.findings[0].message.contains("two servers"), "{:?}", outcome.report.findings);
    assert!(outcome.same.is_empty());
    a.is_empty();
    b.is_empty();
}

#[test]
fn another_database_of_the_same_server_is_found() {
    let redis = Redis::start();
    let (web, shop) =
        (save_path("127.0.0.1", redis.port, "database=1"), save_path("127.0.0.1", redis.port, "database=2"));
    let outcome = proof(&[("shop", &shop), ("web", &web)], AGREE, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0255 shop.env:1:1"]);
    assert!(outcome.report.findings[0].message.contains("two databases"), "{:?}", outcome.report.findings);
    redis.is_empty();
}

#[test]
fn another_key_prefix_in_the_same_database_is_found() {
    let redis = Redis::start();
    let web = save_path("127.0.0.1", redis.port, "database=1&prefix=WEB:");
    let shop = save_path("127.0.0.1", redis.port, "database=1");
    let outcome = proof(&[("shop", &shop), ("web", &web)], AGREE, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0255 shop.env:1:1"]);
    assert!(outcome.report.findings[0].message.contains("different keys"), "{:?}", outcome.report.findings);
    redis.is_empty();
}

#[test]
fn the_keys_are_those_of_the_handlers() {
    let redis = Redis::with_user("default resetkeys ~PHPREDIS_SESSION:* ~sess:*");
    // phpredis on one side, connect-redis on node-redis with phpredis' prefix on the other.
    let shop = save_path("127.0.0.1", redis.port, "database=0");
    let web = format!("SESSION_REDIS=redis://127.0.0.1:{}/0\nSESSION_PREFIX=PHPREDIS_SESSION:\n", redis.port);
    let client = "[services.web.connections]\nSESSION_REDIS = \"node-redis\"\n";
    let outcome = proof(&[("shop", &shop), ("web", &web)], &format!("{AGREE}{client}"), &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["session proofs"], 1);
    // Without it, connect-redis looks under `sess:`.
    let web = format!("SESSION_REDIS=redis://127.0.0.1:{}/0\n", redis.port);
    let outcome = proof(&[("shop", &shop), ("web", &web)], &format!("{AGREE}{client}"), &PATIENT);
    assert!(outcome.report.findings[0].message.contains("different keys"), "{:?}", outcome.report.findings);
}

#[test]
fn a_store_that_takes_no_writes_is_found() {
    let redis = Redis::with(None, &["--replicaof", "127.0.0.1 1"]);
    let path = save_path("127.0.0.1", redis.port, "database=0");
    let outcome = proof(&[("shop", &path), ("web", &path)], AGREE, &PATIENT);
    let codes: Vec<&str> = outcome.report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["S0257"], "{:?}", outcome.report);
}

#[test]
fn who_may_not_read_the_others_keys_is_found_and_the_key_is_deleted_all_the_same() {
    let redis = Redis::with_user("reader on >reader-pa55 +@all -get ~*");
    let web = save_path("127.0.0.1", redis.port, "database=0");
    let shop = save_path("127.0.0.1", redis.port, "database=0&auth[]=reader&auth[]=reader-pa55");
    let outcome = proof(&[("web", &web), ("shop", &shop)], AGREE, &PATIENT);
    assert!(said(&outcome.report.findings).iter().any(|line| line.starts_with("S0255")), "{:?}", outcome.report);
    redis.is_empty();
    silent_about(&outcome, &["reader-pa55"]);
}

#[test]
fn a_key_that_cannot_be_deleted_is_said() {
    let redis = Redis::with_user("default -del");
    let path = save_path("127.0.0.1", redis.port, "database=0");
    let outcome = proof(&[("shop", &path), ("web", &path)], AGREE, &PATIENT);
    let codes: Vec<&str> = outcome.report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["S0258", "S0258"], "{:?}", outcome.report);
    assert_eq!(outcome.report.checked["session proofs"], 1);
    // It goes by itself.
    assert!(redis.says(&["INFO keyspace"]).contains("expires=2"));
}

#[test]
fn a_store_that_does_not_answer_leaves_the_proof_unknown() {
    let (redis, listener) = (Redis::start(), silent());
    let web = save_path("127.0.0.1", redis.port, "database=0");
    let shop = save_path("127.0.0.1", listener.local_addr().unwrap().port(), "database=0");
    let outcome = proof(&[("shop", &shop), ("web", &web)], AGREE, &HASTY);
    let codes: Vec<&str> = outcome.report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["S0251", "S0256"], "{:?}", outcome.report);
    assert!(!outcome.report.checked.contains_key("session proofs"));
}

#[test]
fn services_of_which_nobody_said_that_they_share_are_proven_too() {
    let redis = Redis::start();
    let path = save_path("127.0.0.1", redis.port, "database=5");
    let outcome = proof(&[("shop", &path), ("web", &path)], "", &PATIENT);
    assert_eq!(outcome.report.checked["session proofs"], 1, "{:?}", outcome.report);
    redis.is_empty();
}

#[test]
fn an_agreement_about_which_nothing_can_be_asked_is_unknown() {
    let outcome = proof(&[("shop", "A=1\n"), ("web", "B=2\n")], AGREE, &PATIENT);
    let codes: Vec<&str> = outcome.report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["S0256", "S0256", "S0259"], "{:?}", outcome.report);
}
