//! SQL Server as ADO.NET clients, PHP's sqlsrv and URLs name it.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port, read_port};
use super::keywords::{braced_pairs, pairs};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings, is_on};
use super::url::{Pieces, decode};

/// The registered port of SQL Server.
pub(super) const PORT: u16 = 1433;

/// Who reads the pairs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// Microsoft.Data.SqlClient 5 and System.Data.SqlClient 4.8: DbConnectionStringSynonyms.
    Microsoft,
    /// tiberius 0.12 src/client/config/ado_net.rs: `server` and `data source` only; other synonyms are left and localhost is taken.
    Tiberius,
    /// pdo_sqlsrv 5.12: `Server=host,port;Database=..`.
    PhpSqlsrv,
}

const SYNONYMS: &[&str] = &["address", "addr", "network address"];

/// Reads `Server=...;Database=...`.
pub(super) fn parse(text: &str, client: Client) -> Result<Connection, Why> {
    let mut settings = if client == Client::PhpSqlsrv { braced_pairs(text)? } else { pairs(text)? };
    let lost = client == Client::Tiberius && settings.has(SYNONYMS);
    let mut places = vec!["server", "data source"];
    if client != Client::Tiberius {
        places.extend(SYNONYMS);
    }
    let known =
        ["server", "datasource", "address", "addr", "networkaddress", "initialcatalog", "database", "attachdbfilename"];
    if !settings.has(&known) {
        return Err("it names neither a server nor a database");
    }
    let contradicts = settings.contradict();
    let endpoints = match settings.take_filled(&places) {
        Some(place) => Part::Given(Endpoints::one(server(&place)?)),
        None if lost => Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(PORT))),
        None if client == Client::Tiberius => Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(PORT))),
        None => Part::Unknown,
    };
    let mut made = Connection::new(Kind::SqlServer, with_partner(endpoints, &mut settings)?);
    if lost {
        made.remark(Remark::AddressReadAsLocalhost);
        settings.take(SYNONYMS);
    }
    if contradicts {
        made.remark(Remark::SaidTwice);
    }
    made.namespace.database = Part::given(settings.take_filled(&["initial catalog", "database"]));
    login(&mut made, &mut settings);
    encryption(&mut made, &mut settings, client)?;
    made.weigh(settings);
    Ok(made)
}

fn login(made: &mut Connection, settings: &mut Settings) {
    let integrated = settings
        .take_filled(&["integrated security", "trusted_connection", "integratedSecurity"])
        .is_some_and(|said| said.eq_ignore_ascii_case("sspi") || is_on(&said) == Some(true));
    made.login(
        settings.take_filled(&["user id", "uid", "user", "username"]),
        settings.take_filled(&["password", "pwd"]),
    );
    if integrated {
        // The account of the process.
        made.user = Part::Unknown;
        made.password = Part::Absent;
    }
}

/// Encrypt: true from Microsoft.Data.SqlClient 4.0 on and false before; trusting any certificate makes it unverified.
fn encryption(made: &mut Connection, settings: &mut Settings, client: Client) -> Result<(), Why> {
    let trust = settings
        .take_filled(&["TrustServerCertificate", "Trust Server Certificate"])
        .and_then(|said| is_on(&said))
        .unwrap_or(false);
    let on = if trust { Tls::Unverified } else { Tls::VerifyFull };
    made.tls = match settings.take_filled(&["encrypt"]) {
        Some(said) if said.eq_ignore_ascii_case("DANGER_PLAINTEXT") => Part::Given(Tls::Off),
        // tiberius and System.Data.SqlClient encrypt the login all the same.
        Some(said) => match is_on(&said) {
            Some(true) => Part::Given(on),
            Some(false) => Part::Given(Tls::Off),
            None => return Err("Encrypt is neither true nor false"),
        },
        None => {
            if client != Client::Tiberius {
                made.remark(Remark::EncryptionDependsOnVersion);
            }
            Part::Absent
        }
    };
    Ok(())
}

fn with_partner(endpoints: Part<Endpoints>, settings: &mut Settings) -> Result<Part<Endpoints>, Why> {
    let Some(partner) = settings.take_filled(&["failover partner", "failoverPartner"]) else { return Ok(endpoints) };
    let partner = server(&partner)?;
    Ok(endpoints.map(|mut endpoints| {
        endpoints.list.push(partner);
        endpoints.meaning = Meaning::Failover;
        endpoints
    }))
}

/// Reads `tcp:host\instance,port` and its relatives (SNI's DataSource: a port makes the instance's name meaningless).
pub(super) fn server(text: &str) -> Result<Endpoint, Why> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if let Some(name) = lower.strip_prefix("(localdb)\\") {
        return Ok(Endpoint::LocalDb(name.to_owned()));
    }
    if lower.starts_with("np:") || text.starts_with("\\\\") {
        return Ok(Endpoint::Pipe(lower.trim_start_matches("np:").to_owned()));
    }
    let text = ["tcp:", "lpc:", "admin:"]
        .iter()
        .find_map(|word| lower.starts_with(word).then(|| &text[word.len()..]))
        .unwrap_or(text);
    let (place, port) = text.split_once(',').map_or((text, None), |(place, port)| (place, Some(port)));
    let (host, instance) = place.split_once('\\').map_or((place, None), |(host, name)| (host, Some(name)));
    let host = match host.trim() {
        "" | "." | "(local)" => Host::localhost(),
        name => Host::parse(name)?,
    };
    Ok(match (port, instance) {
        (Some(port), _) => Endpoint::Tcp { host, port: Part::Given(read_port(port)?) },
        (None, Some(name)) if !name.eq_ignore_ascii_case("mssqlserver") => {
            Endpoint::Instance { host, name: name.to_lowercase() }
        }
        (None, _) => Endpoint::Tcp { host, port: Part::Default(PORT) },
    })
}

/// Reads `sqlserver://user:password@host:port/database` (SQLAlchemy, Doctrine), where go-mssqldb takes the path as the instance and
/// `?database=`; and Prisma's `sqlserver://host:port;database=..`.
pub(super) fn parse_url(text: &str) -> Result<Connection, Why> {
    let pieces = Pieces::of(text)?;
    if pieces.hosts.contains(';') || text.contains(";database=") {
        return properties(text.split_once("://").map_or("", |(_, rest)| rest));
    }
    let mut settings = Settings::of_query(pieces.query, Coding::Form)?;
    let mut made = Connection::new(Kind::SqlServer, Part::Given(Endpoints::one(host_port(pieces.hosts, PORT)?)));
    let asked = settings.take_filled(&["database"]);
    made.namespace.database = Part::given(asked.or(pieces.name().map(decode).transpose()?));
    let (user, password) = pieces.credentials();
    made.login(user.map(decode).transpose()?, password.map(decode).transpose()?);
    encryption(&mut made, &mut settings, Client::Microsoft)?;
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    Ok(made)
}

/// Reads `host\instance:port;name=value;...` (mssql-jdbc 12 "Building the connection URL"; Prisma). Encrypted by default from 10.2 on.
pub(super) fn properties(text: &str) -> Result<Connection, Why> {
    let (place, rest) = text.split_once(';').unwrap_or((text, ""));
    let mut settings = braced_pairs(rest)?;
    let named = settings.take_filled(&["serverName", "server"]);
    let number = settings.take_filled(&["portNumber", "port"]);
    let instance_named = settings.take_filled(&["instanceName"]);
    let (place, instance) = place.split_once('\\').map_or((place, None), |(host, rest)| (host, Some(rest)));
    // host\instance:port keeps the port behind the instance.
    let (instance, late_port) = instance.map_or((None, None), |text| {
        text.split_once(':').map_or((Some(text), None), |(name, port)| (Some(name), Some(port)))
    });
    let host = if place.is_empty() { named.unwrap_or_default() } else { place.to_owned() };
    let endpoint = if host.is_empty() {
        Endpoint::Tcp { host: Host::localhost(), port: Part::Default(PORT) }
    } else {
        host_port(&host, PORT)?
    };
    let port = late_port.map(str::to_owned).or(number).map(|text| read_port(&text)).transpose()?;
    let instance = instance.map(str::to_owned).or(instance_named).filter(|name| !name.is_empty());
    let endpoint = match (endpoint, port, instance) {
        (Endpoint::Tcp { host, .. }, Some(port), _) => Endpoint::Tcp { host, port: Part::Given(port) },
        (Endpoint::Tcp { host, port: Part::Default(_) }, None, Some(name)) => {
            Endpoint::Instance { host, name: name.to_lowercase() }
        }
        (endpoint, ..) => endpoint,
    };
    let mut made =
        Connection::new(Kind::SqlServer, with_partner(Part::Given(Endpoints::one(endpoint)), &mut settings)?);
    made.namespace.database = Part::given(settings.take_filled(&["databaseName", "database", "initial catalog"]));
    login(&mut made, &mut settings);
    encryption(&mut made, &mut settings, Client::Microsoft)?;
    made.weigh(settings);
    Ok(made)
}
