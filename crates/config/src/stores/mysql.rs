//! MySQL and MariaDB: `mysql://` URLs, and go-sql-driver's DSN.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port, tidy_path};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings, is_on};
use super::url::{Pieces, decode};

/// MySQL's own default.
pub(super) const PORT: u16 = 3306;

/// Schemes of `mysql://` URLs in Rails, Django, Doctrine, SQLAlchemy, Prisma and sqlx; a driver may follow a `+`.
pub(super) fn is_scheme(scheme: &str) -> bool {
    let scheme = scheme.split('+').next().unwrap_or_default();
    matches!(
        scheme,
        "mysql" | "mysql2" | "mysqli" | "mariadb" | "pdo-mysql" | "pdo_mysql" | "trilogy" | "mysqlx" | "mysqlgis"
    )
}

/// A connection as its parts are known.
pub(super) fn connection(endpoints: Part<Endpoints>) -> Connection {
    Connection::new(Kind::Mysql, endpoints)
}

/// Reads a URL: the common part of mysql2 (Node and Ruby), SQLAlchemy 2 `make_url`, Doctrine DBAL's DsnParser, Prisma and sqlx's
/// MySqlConnectOptions. Credentials and database are percent-decoded; `socket` and `unix_socket` name a socket.
pub(super) fn parse_url(text: &str) -> Result<Connection, Why> {
    let pieces = Pieces::of(text.trim())?;
    if !is_scheme(&pieces.scheme.to_ascii_lowercase()) {
        return Err("the scheme is not MySQL's");
    }
    let mut settings = Settings::of_query(pieces.query, Coding::Form)?;
    let socket = settings.take_filled(&["socket", "unix_socket", "socketPath"]);
    let mut localhost = false;
    let endpoints = match socket {
        Some(path) => Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(&path)))),
        None if pieces.hosts.is_empty() => Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(PORT))),
        None => {
            let list = pieces.hosts.split(',').map(|place| host_port(place, PORT)).collect::<Result<Vec<_>, _>>()?;
            localhost =
                list.iter().any(|place| matches!(place, Endpoint::Tcp { host, .. } if host.as_str() == "localhost"));
            Part::Given(Endpoints { list, meaning: Meaning::Failover })
        }
    };
    let mut made = connection(endpoints);
    let (user, password) = pieces.credentials();
    made.login(user.map(decode).transpose()?, password.map(decode).transpose()?);
    made.namespace.database = Part::given(pieces.name().map(decode).transpose()?);
    made.tls = tls(&mut settings)?;
    if localhost {
        made.remark(Remark::LocalhostMayBeSocket);
    }
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    Ok(made)
}

/// The modes of MySQL's own clients, and the switches that libraries have instead.
pub(super) fn tls(settings: &mut Settings) -> Result<Part<Tls>, Why> {
    if let Some(mode) = settings.take_filled(&["sslMode", "ssl mode"]) {
        return mode_level(&mode).map(Part::Given);
    }
    if let Some(said) = settings.take_filled(&["sslaccept"]) {
        return Ok(Part::Given(if said == "strict" { Tls::VerifyFull } else { Tls::Unverified }));
    }
    let verify =
        settings.take_filled(&["verifyServerCertificate", "ssl_verify_server_cert"]).and_then(|said| is_on(&said));
    let required = settings.take_filled(&["requireSSL"]).and_then(|said| is_on(&said));
    Ok(match settings.take_filled(&["useSSL", "ssl", "use ssl", "ssl_mode"]).map(|said| is_on(&said)) {
        None if required == Some(true) => Part::Given(Tls::Unverified),
        None => Part::Absent,
        Some(Some(false)) => Part::Given(Tls::Off),
        Some(Some(true)) if verify == Some(true) => Part::Given(Tls::VerifyCa),
        // Connector/J 8: useSSL=true without requireSSL and verification is PREFERRED.
        Some(Some(true)) => Part::Given(if required == Some(true) { Tls::Unverified } else { Tls::On }),
        Some(None) => Part::Unknown,
    })
}

/// The name of a mode as MySQL, MariaDB and MySqlConnector write it.
pub(super) fn mode_level(mode: &str) -> Result<Tls, Why> {
    match mode.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str() {
        "disabled" | "disable" | "none" | "false" | "0" => Ok(Tls::Off),
        "preferred" | "prefer" => Ok(Tls::Prefer),
        "required" | "require" | "trust" | "true" | "1" => Ok(Tls::Unverified),
        "verifyca" => Ok(Tls::VerifyCa),
        "verifyidentity" | "verifyfull" => Ok(Tls::VerifyFull),
        _ => Err("an SSL mode that no MySQL client has"),
    }
}

/// Reads `[user[:password]@][net[(address)]]/name[?settings]`: ParseDSN of go-sql-driver/mysql 1.8. The last slash ends the address, the last
/// `@` before it the credentials, which are taken as they stand; the database is path-decoded, settings are query-decoded.
pub(super) fn parse_go(text: &str) -> Result<Connection, Why> {
    let (left, right) = text.rsplit_once('/').ok_or("there is no slash before the database")?;
    // A slash within a setting would be taken for the last one, as the driver does: it wants %2F there.
    let (login, net) = left.rsplit_once('@').map_or((None, left), |(login, net)| (Some(login), net));
    let (user, password) = login.map_or((None, None), |login| {
        login.split_once(':').map_or((Some(login), None), |(user, password)| (Some(user), Some(password)))
    });
    let (protocol, address) = match net.split_once('(') {
        Some((protocol, rest)) => {
            (protocol, Some(rest.strip_suffix(')').ok_or("an address is not closed by a parenthesis")?))
        }
        None => (net, None),
    };
    let address = address.filter(|address| !address.is_empty());
    let endpoints = match (protocol, address) {
        ("" | "tcp" | "tcp6" | "tcp4", None) => {
            Part::Default(Endpoints::tcp(Host::parse("127.0.0.1")?, Part::Default(PORT)))
        }
        ("" | "tcp" | "tcp6" | "tcp4", Some(address)) => Part::Given(Endpoints::one(host_port(address, PORT)?)),
        ("unix", None) => Part::Default(Endpoints::one(Endpoint::Socket("/tmp/mysql.sock".to_owned()))),
        ("unix", Some(path)) if path.starts_with('/') => Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(path)))),
        // A dialler that the program registers.
        (name, Some(_)) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') => Part::Unknown,
        _ => return Err("a network that this client does not know"),
    };
    let (name, query) = right.split_once('?').map_or((right, None), |(name, query)| (name, Some(query)));
    let mut settings = Settings::of_query(query, Coding::Form)?;
    let mut made = connection(endpoints);
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    made.login(user.and_then(filled), password.and_then(filled));
    made.namespace.database = Part::given(Some(decode(name)?).filter(|name| !name.is_empty()));
    made.tls = match settings.take_filled(&["tls"]).as_deref() {
        None | Some("false") => Part::Default(Tls::Off),
        Some("true") => Part::Given(Tls::VerifyFull),
        Some("skip-verify") => Part::Given(Tls::Unverified),
        Some("preferred") => Part::Given(Tls::Prefer),
        // A configuration that the program registers.
        Some(_) => Part::Unknown,
    };
    made.weigh(settings);
    Ok(made)
}
