//! JDBC URLs.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port};
use super::part::Part;
use super::settings::{Coding, Settings, is_on};
use super::url::decode;
use super::{mysql, oracle, sqlserver};
use crate::secret::SecretText;

/// Reads `jdbc:kind:...`.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let rest = text.trim().strip_prefix("jdbc:").ok_or("it does not begin with jdbc:")?;
    let (kind, rest) = rest.split_once(':').ok_or("there is no kind after jdbc:")?;
    match kind {
        "mysql" | "mariadb" => my(kind, rest),
        "postgresql" => pg(rest),
        "sqlserver" => sqlserver::properties(rest.strip_prefix("//").ok_or("there is no // after the kind")?),
        "oracle" => oracle::parse(rest),
        _ => Err("a kind of JDBC URL that is not understood here"),
    }
}

/// Connector/J 8.4 "Connection URL Syntax" and MariaDB Connector/J 3.3: `[mode:]//host:port,host/database?settings`; credentials may stand
/// before an `@`. MariaDB's sslMode is disable by default, Connector/J's PREFERRED.
fn my(kind: &str, text: &str) -> Result<Connection, Why> {
    let (mode, rest) = text.split_once("//").ok_or("there is no // after the kind")?;
    let meaning = match mode.trim_end_matches(':').to_ascii_lowercase().as_str() {
        "" | "replication" | "sequential" | "failover" => Meaning::Failover,
        "loadbalance" => Meaning::AnyPrimary,
        _ => return Err("a mode that is not understood here"),
    };
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, name) = rest.split_once('/').map_or((rest, ""), |(authority, name)| (authority, name));
    let (login, hosts) = authority.rsplit_once('@').map_or((None, authority), |(login, hosts)| (Some(login), hosts));
    let mut settings = Settings::of_query(query, Coding::Form)?;
    let endpoints = if hosts.is_empty() {
        Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(mysql::PORT)))
    } else {
        let list = hosts.split(',').map(|place| host_port(place.trim(), mysql::PORT)).collect::<Result<Vec<_>, _>>()?;
        Part::Given(Endpoints { list, meaning })
    };
    let mut made = mysql::connection(endpoints);
    let (user, password) = login.map_or((None, None), |login| {
        login.split_once(':').map_or((Some(login), None), |(user, word)| (Some(user), Some(word)))
    });
    let (asked_user, asked_password) = (settings.take_filled(&["user"]), settings.take_filled(&["password"]));
    made.login(asked_user.or(user.map(decode).transpose()?), asked_password.or(password.map(decode).transpose()?));
    made.namespace.database = Part::given(Some(decode(name)?).filter(|name| !name.is_empty()));
    made.tls = match mysql::tls(&mut settings)? {
        Part::Absent if kind == "mariadb" => Part::Default(Tls::Off),
        Part::Absent => Part::Default(Tls::Prefer),
        said => said,
    };
    made.weigh(settings);
    Ok(made)
}

/// pgJDBC 42.7 Driver.parseURL: `//host:port,host/database?settings`, `/` and `database`; localhost:5432 by default; sslmode `prefer`, and
/// `verify-full` for a bare `ssl=true`.
fn pg(text: &str) -> Result<Connection, Why> {
    let (rest, query) = text.split_once('?').map_or((text, None), |(rest, query)| (rest, Some(query)));
    let (hosts, name) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
        None => ("", rest.strip_prefix('/').unwrap_or(rest)),
    };
    if hosts.contains('@') {
        return Err("pgJDBC takes no credentials before an @");
    }
    let mut settings = Settings::of_query(query, Coding::Form)?;
    let primary = settings.take_filled(&["targetServerType"]);
    let any = primary.as_deref().is_some_and(|wanted| matches!(wanted, "primary" | "master"))
        || settings.take_filled(&["loadBalanceHosts"]).and_then(|said| is_on(&said)) == Some(true);
    if let Some(wanted) = primary {
        settings.add("targetServerType", wanted);
    }
    let endpoints = if hosts.is_empty() {
        Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(5432)))
    } else {
        let list = hosts.split(',').map(|place| host_port(place, 5432)).collect::<Result<Vec<Endpoint>, _>>()?;
        Part::Given(Endpoints { list, meaning: if any { Meaning::AnyPrimary } else { Meaning::Failover } })
    };
    let mut made = Connection::new(Kind::Postgres, endpoints);
    // The user may also come as a property beside the URL; without any it is the account of the process.
    let user = settings.take_filled(&["user"]);
    made.namespace.database = match (Some(decode(name)?).filter(|name| !name.is_empty()), &user) {
        (Some(name), _) => Part::Given(name),
        (None, Some(user)) => Part::Default(user.clone()),
        (None, None) => Part::Unknown,
    };
    made.user = Part::given(user.map(SecretText::new));
    made.password = Part::given(settings.take_filled(&["password"]).map(SecretText::new));
    made.namespace.schema = Part::given(settings.take_filled(&["currentSchema"]));
    let ssl = settings.take(&["ssl"]).map(|said| said.is_empty() || is_on(&said) == Some(true));
    made.tls = match (settings.take_filled(&["sslmode"]).as_deref(), ssl) {
        (Some("disable"), _) => Part::Given(Tls::Off),
        (Some("allow"), _) => Part::Given(Tls::Allow),
        (Some("prefer"), _) => Part::Given(Tls::Prefer),
        (Some("require"), _) => Part::Given(Tls::Unverified),
        (Some("verify-ca"), _) => Part::Given(Tls::VerifyCa),
        (Some("verify-full"), _) | (None, Some(true)) => Part::Given(Tls::VerifyFull),
        (Some(_), _) => return Err("sslmode is none of pgJDBC's"),
        (None, Some(false) | None) => Part::Default(Tls::Prefer),
    };
    made.weigh(settings);
    Ok(made)
}
