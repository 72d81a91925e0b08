//! PostgreSQL and MariaDB, real ones, in the clear.

use crate::database_servers::{PASSWORD, mariadb, postgres};
use crate::servers::silent;
use crate::world::{HASTY, PATIENT, proof, said, silent_about};

const AGREE: &str = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"shop\"]\n";

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
    // It does not encrypt, and the service insists on that.
    let encrypted = url(PASSWORD, "postgres?sslmode=require");
    let outcome = proof(&[("web", &encrypted)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0260 web.env:1:1"]);
    assert!(outcome.report.findings[0].message.contains("does not encrypt"), "{:?}", outcome.report.findings);
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
    let outcome = proof(&[("web", &url(PASSWORD, "shop?ssl-mode=REQUIRED"))], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0260 web.env:1:1"]);
    assert!(outcome.report.findings[0].message.contains("does not encrypt"), "{:?}", outcome.report.findings);
    // Who has no password proves none; and without a database there is still a server.
    let open = format!("DATABASE_URL=mysql://open@127.0.0.1:{}/\n", server.port);
    let outcome = proof(&[("web", &open)], "", &PATIENT);
    assert_eq!(said(&outcome.report.findings), Vec::<String>::new(), "{:?}", outcome.report);
    // Sessions in it: the same server, though by two names; and another database of it.
    let session = |host: &str, database: &str| {
        format!("SESSION_DATABASE_URL=mysql://shop:{PASSWORD}@{host}:{}/{database}\n", server.port)
    };
    let one = session("127.0.0.1", "shop");
    let outcome = proof(&[("web", &one), ("shop", &session("localhost", "shop"))], AGREE, &PATIENT);
    assert_eq!(outcome.report.checked["session proofs"], 1, "{:?}", outcome.report);
    let outcome = proof(&[("web", &one), ("shop", &session("127.0.0.1", "information_schema"))], AGREE, &PATIENT);
    assert_eq!(said(&outcome.report.findings), ["S0255 shop.env:1:1"], "{:?}", outcome.report);
}

#[test]
fn databases_that_never_answer_are_findings_and_no_hang() {
    let listener = silent();
    let port = listener.local_addr().unwrap().port();
    let values = format!("A_URL=postgresql://u:p@127.0.0.1:{port}/d\nB_URL=mysql://u:p@127.0.0.1:{port}/d\n");
    let outcome = proof(&[("web", &values)], "", &HASTY);
    assert_eq!(said(&outcome.report.findings), ["S0251 web.env:1:1", "S0251 web.env:2:1"], "{:?}", outcome.report);
}
