//! PostgreSQL's own regression cases for connection URIs: src/interfaces/libpq/t/001_uri.pl of PostgreSQL 16 (PostgreSQL Licence),
//! inputs and results typed again. `inet` and `local` are libpq's verdict whether TCP or a unix socket is used.

use sternway_config::stores::{Connection, Dialect, Endpoint, Part, Surroundings, Tls};

/// Input, words as libpq understands them, where.
const UNDERSTOOD: &[(&str, &str, &str)] = &[
    (
        "postgresql://uri-user:secret@host:12345/db",
        "user=uri-user password=secret dbname=db host=host port=12345",
        "inet",
    ),
    ("postgresql://uri-user@host:12345/db", "user=uri-user dbname=db host=host port=12345", "inet"),
    ("postgresql://uri-user@host/db", "user=uri-user dbname=db host=host", "inet"),
    ("postgresql://host:12345/db", "dbname=db host=host port=12345", "inet"),
    ("postgresql://host/db", "dbname=db host=host", "inet"),
    ("postgresql://uri-user@host:12345/", "user=uri-user host=host port=12345", "inet"),
    ("postgresql://uri-user@host/", "user=uri-user host=host", "inet"),
    ("postgresql://uri-user@", "user=uri-user", "local"),
    ("postgresql://host:12345/", "host=host port=12345", "inet"),
    ("postgresql://host:12345", "host=host port=12345", "inet"),
    ("postgresql://host/", "host=host", "inet"),
    ("postgresql://host", "host=host", "inet"),
    ("postgresql://", "", "local"),
    ("postgresql://?hostaddr=127.0.0.1", "hostaddr=127.0.0.1", "inet"),
    ("postgresql://example.com?hostaddr=63.1.2.4", "host=example.com hostaddr=63.1.2.4", "inet"),
    ("postgresql://%68ost/", "host=host", "inet"),
    ("postgresql://host/db?user=uri-user", "user=uri-user dbname=db host=host", "inet"),
    ("postgresql://host/db?user=uri-user&port=12345", "user=uri-user dbname=db host=host port=12345", "inet"),
    (
        "postgresql://host/db?u%73er=someotheruser&port=12345",
        "user=someotheruser dbname=db host=host port=12345",
        "inet",
    ),
    ("postgresql://host:12345?user=uri-user", "user=uri-user host=host port=12345", "inet"),
    ("postgresql://host?user=uri-user", "user=uri-user host=host", "inet"),
    ("postgresql://host?", "host=host", "inet"),
    ("postgresql://[::1]:12345/db", "dbname=db host=::1 port=12345", "inet"),
    ("postgresql://[::1]/db", "dbname=db host=::1", "inet"),
    ("postgresql://[2001:db8::1234]/", "host=2001:db8::1234", "inet"),
    ("postgresql://[200z:db8::1234]/", "host=200z:db8::1234", "inet"),
    ("postgresql://[::1]", "host=::1", "inet"),
    ("postgres://", "", "local"),
    ("postgres:///", "", "local"),
    ("postgres:///db", "dbname=db", "local"),
    ("postgres://uri-user@/db", "user=uri-user dbname=db", "local"),
    ("postgres://?host=/path/to/socket/dir", "host=/path/to/socket/dir", "local"),
    ("postgres://@host", "host=host", "inet"),
    ("postgres://host:/", "host=host", "inet"),
    ("postgres://:12345/", "port=12345", "local"),
    ("postgres://otheruser@?host=/no/such/directory", "user=otheruser host=/no/such/directory", "local"),
    ("postgres://otheruser@/?host=/no/such/directory", "user=otheruser host=/no/such/directory", "local"),
    (
        "postgres://otheruser@:12345?host=/no/such/socket/path",
        "user=otheruser host=/no/such/socket/path port=12345",
        "local",
    ),
    (
        "postgres://otheruser@:12345/db?host=/path/to/socket",
        "user=otheruser dbname=db host=/path/to/socket port=12345",
        "local",
    ),
    ("postgres://:12345/db?host=/path/to/socket", "dbname=db host=/path/to/socket port=12345", "local"),
    ("postgres://:12345?host=/path/to/socket", "host=/path/to/socket port=12345", "local"),
    ("postgres://%2Fvar%2Flib%2Fpostgresql/dbname", "dbname=dbname host=/var/lib/postgresql", "local"),
];

/// Input, and a piece of our reason for refusing it.
const REFUSED: &[(&str, &str)] = &[
    ("postgresql://host/db?u%7aer=someotheruser&port=12345", "parameter that libpq does not know"),
    ("postgresql://host?uzer=", "parameter that libpq does not know"),
    ("postgre://", "not followed by ="),
    ("postgres://[::1", "no closing bracket"),
    ("postgres://[]", "IPv6 address is empty"),
    ("postgres://[::1]z", "follows an IPv6 address"),
    ("postgresql://host?zzz", "has no ="),
    ("postgresql://host?value1&value2", "has no ="),
    ("postgresql://host?key=key=value", "two ="),
    ("postgres://host?dbname=%XXfoo", "token is invalid"),
    ("postgresql://a%00b", "%00"),
    ("postgresql://%zz", "token is invalid"),
    ("postgresql://%1", "token is invalid"),
    ("postgresql://%", "token is invalid"),
];

#[test]
fn postgresqls_own_cases_are_understood() {
    for (text, words, place) in UNDERSTOOD {
        let made = Dialect::Libpq.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let word = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(&format!("{name}=")));
        assert_eq!(given(&made.user.clone(), |user| user.reveal().to_owned()).as_deref(), word("user"), "{text}");
        assert_eq!(given(&made.password, |it| it.reveal().to_owned()).as_deref(), word("password"), "{text}");
        assert_eq!(given(&made.namespace.database, Clone::clone).as_deref(), word("dbname"), "{text}");
        let (host, port, local) = place_of(&made);
        let host_wanted = word("hostaddr").or(word("host"));
        assert_eq!(local, *place == "local", "{text}");
        assert_eq!(host.as_deref(), host_wanted, "{text}");
        assert_eq!(port.as_deref(), word("port"), "{text}");
    }
}

#[test]
fn postgresqls_own_errors_are_errors() {
    for (text, why) in REFUSED {
        let error = Dialect::Libpq.parse(text).unwrap_err();
        assert!(error.why().contains(why), "{text}: {error}");
    }
}

#[test]
fn postgresqls_own_cases_of_sslmode() {
    let around = Surroundings { variables: &[("PGSSLROOTCERT", "system")], pg_service: None };
    for (text, expected) in [
        ("postgresql://host?sslmode=disable", Part::Given(Tls::Off)),
        ("postgresql://host?sslmode=prefer", Part::Given(Tls::Prefer)),
        ("postgresql://host?sslmode=verify-full", Part::Given(Tls::VerifyFull)),
        ("postgresql://host", Part::Default(Tls::VerifyFull)),
    ] {
        assert_eq!(Dialect::Libpq.parse_in(text, &around).unwrap().tls, expected, "{text}");
    }
}

fn given<T>(part: &Part<T>, show: impl Fn(&T) -> String) -> Option<String> {
    match part {
        Part::Given(value) => Some(show(value)),
        _ => None,
    }
}

/// Host and port where they were given, and whether it is a socket.
fn place_of(made: &Connection) -> (Option<String>, Option<String>, bool) {
    match &made.endpoints.value().unwrap().list[0] {
        Endpoint::Tcp { host, port } => (Some(host.as_str().to_owned()), given(port, u16::to_string), false),
        Endpoint::Socket(path) => {
            let (folder, port) = path.split_once("/.s.PGSQL.").unwrap();
            (Some(folder.to_owned()), Some(port.to_owned()).filter(|port| port != "5432"), true)
        }
        Endpoint::DefaultSocket(port) => (None, port.map(|port| port.to_string()).filter(|port| port != "5432"), true),
        other => panic!("{other:?}"),
    }
}
