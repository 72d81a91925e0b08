//! MongoDB's Connection String Specification and Initial DNS Seedlist Discovery (github.com/mongodb/specifications, as of 2024).

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoint, Endpoints, Host, Meaning, Why, host_port, tidy_path};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings, is_on};
use super::url::{Pieces, decode};

/// Reads `mongodb://` and `mongodb+srv://`. Names of options are without case; `+` stays a plus.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let text = text.trim();
    // Hosts may be percent-encoded socket paths, so that Pieces' first slash is the right one.
    let pieces = Pieces::of(text)?;
    let srv = match pieces.scheme {
        "mongodb" => false,
        "mongodb+srv" => true,
        _ => return Err("the scheme is not MongoDB's"),
    };
    let mut settings = Settings::of_query(pieces.query, Coding::Percent)?;
    let direct = settings.take_filled(&["directConnection"]).and_then(|said| is_on(&said)) == Some(true);
    let endpoints = if srv {
        if pieces.hosts.contains([',', ':']) {
            return Err("mongodb+srv takes one name without a port");
        }
        Endpoints { list: vec![Endpoint::Srv(Host::parse(pieces.hosts)?)], meaning: Meaning::Seeds }
    } else {
        let list = pieces
            .hosts
            .split(',')
            .map(|place| {
                let lower = place.to_ascii_lowercase();
                if lower.starts_with("%2f") {
                    return Ok(Endpoint::Socket(tidy_path(&decode(place)?)));
                }
                host_port(place, 27017)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Endpoints { list, meaning: if direct { Meaning::Failover } else { Meaning::Seeds } }
    };
    let mut made = Connection::new(Kind::Mongodb, Part::Given(endpoints));
    if srv {
        made.remark(Remark::HostsInNameService);
    }
    made.group = Part::given(settings.take_filled(&["replicaSet"]));
    if srv && made.group == Part::Absent {
        // A TXT record may hold replicaSet and authSource.
        made.group = Part::Unknown;
    }
    let (user, password) = pieces.credentials();
    made.login(user.map(decode).transpose()?, password.map(decode).transpose()?);
    let database = pieces.name().map(decode).transpose()?;
    if made.user != Part::Absent && !settings.has(&["authSource"]) && !srv {
        // authSource: the database, else admin. It is who the user is, not what a person wrote.
        settings.add("authSource", database.clone().unwrap_or_else(|| "admin".to_owned()));
    }
    // The specification's default is `test`, and programs name the database in the code.
    made.namespace.database = Part::given(database);
    let encrypted =
        settings.take_filled(&["tls", "ssl"]).map(|said| is_on(&said).ok_or("tls is neither true nor false"));
    let lax = ["tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "sslVerifyCertificate"]
        .iter()
        .any(|name| settings.take_filled(&[name]).and_then(|said| is_on(&said)) == Some(true));
    let on = if lax { Tls::Unverified } else { Tls::VerifyFull };
    made.tls = match encrypted.transpose()? {
        Some(true) => Part::Given(on),
        Some(false) => Part::Given(Tls::Off),
        None if srv => Part::Default(on),
        None => Part::Default(Tls::Off),
    };
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    if direct {
        made.options.insert("directConnection", crate::secret::SecretText::new("true"));
    }
    Ok(made)
}
