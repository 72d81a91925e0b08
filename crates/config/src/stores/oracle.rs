//! Oracle's thin driver: `thin:[user/password]@place` (Oracle Database JDBC Developer's Guide 19c, "Database URLs and Database Specifiers").

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port, read_port};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings};

const PORT: u16 = 1521;

/// Reads what follows `jdbc:oracle:`.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let (driver, rest) = text.split_once(':').ok_or("there is no driver after oracle:")?;
    if !matches!(driver, "thin" | "oci" | "oci8") {
        return Err("a driver that Oracle does not have");
    }
    let (login, place) = rest.rsplit_once('@').ok_or("there is no @ before the place")?;
    let mut made = if place.trim_start().starts_with('(') { description(place)? } else { short(place)? };
    let (user, password) = login.split_once('/').map_or((login, None), |(user, word)| (user, Some(word)));
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    made.login(filled(user), password.and_then(filled));
    Ok(made)
}

/// `//host:port/service`, `host:port/service`, `host:port:sid`, or a name that tnsnames.ora or a directory knows.
fn short(place: &str) -> Result<Connection, Why> {
    let (place, query) = place.split_once('?').map_or((place, None), |(place, query)| (place, Some(query)));
    let (protocol, place) =
        place.split_once("//").map_or(("", place), |(word, rest)| (word.trim_end_matches(':'), rest));
    let (address, service) = match place.split_once('/') {
        Some((address, service)) => (address, Some(format!("service {}", service.to_lowercase()))),
        None => match place.rsplit_once(':') {
            Some((address, sid)) if address.contains(':') && read_port(sid).is_err() => {
                (address, Some(format!("sid {}", sid.to_lowercase())))
            }
            _ => (place, None),
        },
    };
    let named = service.is_none() && protocol.is_empty() && !place.contains(':');
    let mut made = if named {
        let mut made = Connection::new(Kind::Oracle, Part::Unknown);
        made.group = Part::Unknown;
        made.remark(Remark::HostsInNameService);
        made
    } else {
        Connection::new(Kind::Oracle, Part::Given(Endpoints::one(host_port(address, PORT)?)))
    };
    if !named {
        made.group = service.map_or(Part::Unknown, Part::Given);
    }
    made.tls = match protocol {
        "" | "tcp" => Part::Default(Tls::Off),
        "tcps" => Part::Given(Tls::On),
        _ => return Err("a protocol that Oracle does not have"),
    };
    made.weigh(Settings::of_query(query, Coding::Percent)?);
    Ok(made)
}

/// `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=..)(PORT=..))(CONNECT_DATA=(SERVICE_NAME=..)))`: only what names the store is read.
fn description(text: &str) -> Result<Connection, Why> {
    let (mut hosts, mut ports, mut group, mut tls) = (Vec::new(), Vec::new(), Part::Unknown, Part::Default(Tls::Off));
    let (mut opened, mut closed) = (0_usize, 0_usize);
    for word in text.split_inclusive(['(', ')']) {
        opened += usize::from(word.ends_with('('));
        closed += usize::from(word.ends_with(')'));
        let Some((name, value)) = word.trim_end_matches(['(', ')']).split_once('=') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_uppercase().as_str() {
            "HOST" => hosts.push(Host::parse(value)?),
            "PORT" => ports.push(read_port(value)?),
            "SERVICE_NAME" => group = Part::Given(format!("service {}", value.to_lowercase())),
            "SID" => group = Part::Given(format!("sid {}", value.to_lowercase())),
            "PROTOCOL" if value.eq_ignore_ascii_case("tcps") => tls = Part::Given(Tls::On),
            _ => {}
        }
    }
    if opened != closed || hosts.is_empty() || hosts.len() != ports.len() {
        return Err("a description whose parentheses or addresses do not match");
    }
    let list =
        hosts.into_iter().zip(ports).map(|(host, port)| Endpoint::Tcp { host, port: Part::Given(port) }).collect();
    let mut made = Connection::new(Kind::Oracle, Part::Given(Endpoints { list, meaning: Meaning::Failover }));
    made.group = group;
    made.tls = tls;
    Ok(made)
}
