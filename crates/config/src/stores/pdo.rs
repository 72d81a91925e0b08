//! PHP's PDO (php-src ext/pdo, ext/pdo_mysql, ext/pdo_pgsql, ext/pdo_sqlite of 8.3; Microsoft's pdo_sqlsrv 5.12).
//!
//! `driver:name=value;name=value`; a `;` within a value is doubled (php_pdo_parse_data_source). User and password are arguments of the
//! constructor, except for pgsql and mysql from 7.4 and 8.0 on, where the string may hold them; then they are absent here, not empty.

use super::connection::Connection;
use super::dialect::Surroundings;
use super::endpoint::{Endpoint, Endpoints, Host, Why, read_port, tidy_path};
use super::libpq::{self, Words};
use super::part::Part;
use super::remark::Remark;
use super::settings::Settings;
use super::{mysql, sqlite, sqlserver};

/// Reads a DSN.
pub(super) fn parse(text: &str, around: &Surroundings<'_>) -> Result<Connection, Why> {
    let (driver, rest) = text.split_once(':').ok_or("there is no driver before a colon")?;
    match driver {
        "mysql" => my(rest),
        "pgsql" => pg(rest, around),
        "sqlite" => sqlite::file(rest, Settings::default()),
        "sqlsrv" => sqlserver::parse(rest, sqlserver::Client::PhpSqlsrv),
        _ => Err("a driver of PDO that is not understood here"),
    }
}

fn my(text: &str) -> Result<Connection, Why> {
    let mut settings = fields(text)?;
    let host = settings.take_filled(&["host"]);
    let port = settings.take_filled(&["port"]);
    let socket = settings.take_filled(&["unix_socket"]);
    // mysqlnd: localhost, also by default, is the socket, and a port is not looked at.
    let local = host.as_deref().is_none_or(|host| host == "localhost");
    let endpoints = match (socket, &host) {
        (Some(path), _) if local => Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(&path)))),
        (_, Some(host)) if !local => {
            let port = port.as_deref().map(read_port).transpose()?;
            Part::Given(Endpoints::tcp(Host::parse(host)?, Part::given_or(port, mysql::PORT)))
        }
        (_, Some(_)) => Part::Given(Endpoints::one(Endpoint::DefaultSocket(None))),
        (_, None) => Part::Default(Endpoints::one(Endpoint::DefaultSocket(None))),
    };
    let mut made = mysql::connection(endpoints);
    if host.is_some() && local && port.is_some() {
        made.remark(Remark::LocalhostIsSocket);
    }
    made.namespace.database = Part::given(settings.take_filled(&["dbname"]));
    made.login(settings.take_filled(&["user"]), settings.take_filled(&["password"]));
    // TLS is switched on by PDO::MYSQL_ATTR_SSL_* in the code.
    made.tls = Part::Absent;
    made.weigh(settings);
    Ok(made)
}

/// pdo_pgsql turns semicolons to blanks and hands the rest to libpq.
fn pg(text: &str, around: &Surroundings<'_>) -> Result<Connection, Why> {
    let words: Words = libpq::key_words(&text.replace(';', " "))?;
    let login_elsewhere = !words.contains_key("user");
    let mut made = libpq::complete(words, around)?;
    // The constructor's arguments fill the login in; what they are, the string does not tell.
    if login_elsewhere {
        made.user = Part::Absent;
        if matches!(made.namespace.database, Part::Default(_)) {
            made.namespace.database = Part::Unknown;
        }
    }
    Ok(made)
}

fn fields(text: &str) -> Result<Settings, Why> {
    let mut settings = Settings::default();
    let hidden = text.replace(";;", "\u{0}");
    for field in hidden.split(';').filter(|field| !field.trim().is_empty()) {
        let (name, value) = field.split_once('=').ok_or("a field has no =")?;
        settings.add(name.trim(), value.replace('\u{0}', ";"));
    }
    Ok(settings)
}
