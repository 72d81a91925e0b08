//! PostgreSQL and MariaDB that encrypt: every mode of their clients, and what goes over the wire.

use crate::certificates::{Authority, Good};
use crate::database_servers::{PASSWORD, Server, mariadb_with, postgres_with};
use crate::servers::Listening;
use crate::world::{PATIENT, proof, said, silent_about};

/// What is found of a connection with these words, and what was heard on its way. Whoever logs in says their password as it is.
fn heard(server: &Server, url: &str, more: &str) -> (Vec<String>, Listening) {
    let listening = Listening::to(server.port);
    let values = format!("DATABASE_URL={url}@localhost:{}/{more}\n", listening.port);
    let outcome = proof(&[("web", &values)], "", &PATIENT);
    silent_about(&outcome, &[PASSWORD, "localhost", &server.port.to_string()]);
    (said(&outcome.report.findings), listening)
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn postgresql_is_proven_in_every_mode_and_the_password_is_said_to_nobody_else() {
    let (authority, other) = (Authority::new(), Authority::new());
    let certificate = authority.vouch("DNS:localhost", Good::Now);
    // The way of logging in that shows the password to whoever hears it.
    let server = postgres_with(Some(&certificate), "host all all all password\n");
    let url = format!("postgresql://shop:{PASSWORD}");
    let (ca, wrong) = (authority.file(), other.file());
    for mode in [
        String::new(),
        "?sslmode=prefer".to_owned(),
        "?sslmode=require".to_owned(),
        format!("?sslmode=require&sslrootcert={ca}"),
        format!("?sslmode=verify-ca&sslrootcert={ca}"),
        format!("?sslmode=verify-full&sslrootcert={ca}"),
    ] {
        let (found, listening) = heard(&server, &url, &format!("postgres{mode}"));
        assert_eq!(found, NOTHING, "{mode}");
        assert!(!listening.heard().is_empty() && !listening.has_heard(PASSWORD), "{mode}");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let (found, listening) = heard(&server, &url, &format!("postgres?sslmode={mode}&sslrootcert={wrong}"));
        assert_eq!(found, ["S0260 web.env:1:1"], "{mode}");
        assert!(!listening.has_heard(PASSWORD), "{mode}");
    }
    // As the service itself does it.
    for mode in ["disable", "allow"] {
        let (found, listening) = heard(&server, &url, &format!("postgres?sslmode={mode}"));
        assert_eq!(found, NOTHING, "{mode}");
        assert!(listening.has_heard(PASSWORD), "{mode}");
    }
    let (found, _) = heard(&server, "postgresql://shop:wrong-pa55", "postgres");
    assert_eq!(found, ["S0252 web.env:1:1"]);
}

#[test]
fn postgresql_takes_the_way_that_its_rules_leave() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:db.example", Good::Now);
    let url = format!("postgresql://shop:{PASSWORD}");
    let server = postgres_with(Some(&certificate), "hostssl all all all scram-sha-256\nhost all all all reject\n");
    for (mode, expected) in [("allow", NOTHING), ("prefer", NOTHING), ("disable", vec!["S0252 web.env:1:1".to_owned()])]
    {
        assert_eq!(heard(&server, &url, &format!("postgres?sslmode={mode}")).0, expected, "{mode}");
    }
    // Whose certificate it is matters to one who compares names only.
    let ca = authority.file();
    assert_eq!(heard(&server, &url, &format!("postgres?sslmode=verify-ca&sslrootcert={ca}")).0, NOTHING);
    let (found, _) = heard(&server, &url, &format!("postgres?sslmode=verify-full&sslrootcert={ca}"));
    assert_eq!(found, ["S0260 web.env:1:1"]);
    let server = postgres_with(Some(&certificate), "hostnossl all all all scram-sha-256\nhost all all all reject\n");
    for (mode, expected) in
        [("prefer", NOTHING), ("disable", NOTHING), ("require", vec!["S0252 web.env:1:1".to_owned()])]
    {
        assert_eq!(heard(&server, &url, &format!("postgres?sslmode={mode}")).0, expected, "{mode}");
    }
}

#[test]
fn mariadb_is_proven_in_every_mode_and_nobody_hears_who_logs_in() {
    let (authority, other) = (Authority::new(), Authority::new());
    let certificate = authority.vouch("DNS:localhost", Good::Now);
    let server = mariadb_with(Some(&certificate), &[]);
    let url = format!("mysql://shop:{PASSWORD}");
    let (ca, wrong) = (authority.file(), other.file());
    for mode in [
        String::new(),
        "?ssl-mode=PREFERRED".to_owned(),
        "?ssl-mode=REQUIRED".to_owned(),
        format!("?ssl-mode=VERIFY_CA&ssl-ca={ca}"),
        format!("?ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}"),
    ] {
        let (found, listening) = heard(&server, &url, &format!("shop{mode}"));
        assert_eq!(found, NOTHING, "{mode}");
        assert!(!listening.heard().is_empty() && !listening.has_heard("shop"), "{mode}");
    }
    for mode in ["VERIFY_CA", "VERIFY_IDENTITY"] {
        let (found, listening) = heard(&server, &url, &format!("shop?ssl-mode={mode}&ssl-ca={wrong}"));
        assert_eq!(found, ["S0260 web.env:1:1"], "{mode}");
        assert!(!listening.has_heard("shop"), "{mode}");
    }
    let (found, listening) = heard(&server, &url, "shop?ssl-mode=DISABLED");
    assert_eq!(found, NOTHING);
    assert!(listening.has_heard("shop") && !listening.has_heard(PASSWORD));
    let (found, _) = heard(&server, "mysql://shop:wrong-pa55", "shop?ssl-mode=REQUIRED");
    assert_eq!(found, ["S0252 web.env:1:1"]);
    let (found, _) = heard(&server, &url, "elsewhere?ssl-mode=REQUIRED");
    assert_eq!(found, ["S0253 web.env:1:1"]);
}

#[test]
fn mariadb_that_insists_on_encryption_and_has_an_old_certificate() {
    let authority = Authority::new();
    let certificate = authority.vouch("DNS:localhost", Good::LongAgo);
    let server = mariadb_with(Some(&certificate), &["--require-secure-transport=on"]);
    let url = format!("mysql://shop:{PASSWORD}");
    let ca = authority.file();
    assert_eq!(heard(&server, &url, "shop").0, NOTHING, "nobody looks at the certificate");
    let (found, _) = heard(&server, &url, &format!("shop?ssl-mode=VERIFY_CA&ssl-ca={ca}"));
    assert_eq!(found, ["S0260 web.env:1:1"]);
    let (found, _) = heard(&server, &url, "shop?ssl-mode=DISABLED");
    assert_eq!(found, ["S0252 web.env:1:1"]);
}
