//! `redis://` and its relatives.

use super::super::connection::{Connection, Tls};
use super::super::dialect::Dialect;
use super::super::endpoint::{Endpoint, Endpoints, Meaning, Why, host_port, tidy_path};
use super::super::part::Part;
use super::super::remark::Remark;
use super::super::settings::{Coding, Settings, is_on};
use super::super::url::{Pieces, decode, decode_form};
use super::rules::{Lone, PathDatabase, QueryDatabase, Rules, of};
use super::{PORT, SENTINEL_PORT, connection, number};

/// Reads a URL as one of the clients of [`super::rules`] does.
pub(in super::super) fn parse_url(dialect: Dialect, text: &str) -> Result<Connection, Why> {
    let rules = of(dialect);
    let text = text.trim();
    let written;
    let text = if rules.schemes.contains(&"") && !text.contains("://") {
        if text.starts_with('/') {
            return Ok(connection(socket(text)?, Part::Default("0".to_owned()), None, None));
        }
        let bare = if text.bytes().all(|byte| byte.is_ascii_digit()) { format!(":{text}") } else { text.to_owned() };
        written = format!("redis://{bare}");
        &written
    } else {
        text
    };
    let pieces = Pieces::of(text)?;
    let scheme = pieces.scheme.to_ascii_lowercase();
    if !rules.schemes.contains(&scheme.as_str()) {
        return Err("this client does not know the scheme");
    }
    let mut settings = Settings::of_query(pieces.query, Coding::Form)?;
    let mut made = if matches!(scheme.as_str(), "unix" | "redis+unix" | "redis-socket" | "redis+socket") {
        over_socket(&rules, dialect, &pieces, &mut settings)?
    } else {
        over_tcp(&rules, dialect, &pieces, &scheme, &mut settings)?
    };
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    Ok(made)
}

fn over_socket(
    rules: &Rules,
    dialect: Dialect,
    pieces: &Pieces<'_>,
    settings: &mut Settings,
) -> Result<Connection, Why> {
    let path = format!("{}{}", pieces.hosts, pieces.path.unwrap_or_default());
    let database = settings.take_filled(rules.database).map(|text| number(&text)).transpose()?;
    let (user, password) = if dialect == Dialect::RedisRs {
        (settings.take_filled(&["user"]), settings.take_filled(&["pass"]))
    } else {
        credentials(rules, pieces, settings)?
    };
    Ok(connection(socket(&decode(&path)?)?, Part::given_or(database, "0".to_owned()), user, password))
}

fn over_tcp(
    rules: &Rules,
    dialect: Dialect,
    pieces: &Pieces<'_>,
    scheme: &str,
    settings: &mut Settings,
) -> Result<Connection, Why> {
    let sentinel = scheme.ends_with("-sentinel");
    let mut remarks = Vec::new();
    let mut database = match pieces.name().map(|name| name.trim_matches('/')).filter(|name| !name.is_empty()) {
        Some(name) => Some(number(&decode(name)?)?),
        None => None,
    };
    let asked = settings.take_filled(rules.database);
    let mut unsure = false;
    match (rules.query, asked) {
        (_, None) => {}
        (QueryDatabase::Ignored, Some(_)) => remarks.push(Remark::DatabaseInQueryIgnored),
        (QueryDatabase::Wins, Some(asked)) => database = Some(number(&asked)?),
        (QueryDatabase::FillsIn, Some(asked)) => database = Some(database.map_or_else(|| number(&asked), Ok)?),
    }
    if rules.path == PathDatabase::MayBeIgnored && database.as_deref().is_some_and(|number| number != "0") {
        remarks.push(Remark::DatabaseInPathMayBeIgnored);
        unsure = true;
    }
    let (user, password) = credentials(rules, pieces, settings)?;
    if pieces.userinfo.is_some_and(|lone| !lone.contains(':')) {
        if rules.lone == Lone::Refused {
            return Err("a word before @ without a colon");
        }
        remarks.push(Remark::LoneWordBeforeAt);
    }
    if rules.plus_is_space && pieces.credentials().1.is_some_and(|word| word.contains('+')) {
        remarks.push(Remark::PlusIsSpace);
    }
    let (endpoints, portless) = hosts(rules, pieces, sentinel)?;
    if portless && rules.port_required {
        remarks.push(Remark::PortRequired);
    }
    let database = if unsure { Part::Unknown } else { Part::given_or(database, "0".to_owned()) };
    let mut made = connection(endpoints, database, user, password);
    made.tls = tls(dialect, scheme, pieces, settings);
    if dialect == Dialect::Lettuce {
        // RedisURI.configureSentinel: the master's name is the fragment or sentinelMasterId.
        let master = settings.take_filled(&["sentinelMasterId"]);
        let fragment = pieces.fragment.filter(|_| sentinel).map(decode).transpose()?.filter(|name| !name.is_empty());
        made.group = Part::given(master.or(fragment));
        if sentinel && made.group == Part::Absent {
            return Err("a sentinel URL does not name the master");
        }
    }
    if rules.query_credentials {
        made.namespace.prefix = Part::given(settings.take_filled(&["keyPrefix"]));
    }
    for remark in remarks {
        made.remark(remark);
    }
    Ok(made)
}

fn credentials(
    rules: &Rules,
    pieces: &Pieces<'_>,
    settings: &mut Settings,
) -> Result<(Option<String>, Option<String>), Why> {
    let (mut user, mut password) = pieces.credentials();
    if rules.lone == Lone::Password && pieces.userinfo.is_some_and(|lone| !lone.contains(':')) {
        (user, password) = (None, user);
    }
    let read_password = if rules.plus_is_space { decode_form } else { decode };
    let user = user.map(|user| if rules.decodes_user { decode(user) } else { Ok(user.to_owned()) }).transpose()?;
    let password = password.map(read_password).transpose()?;
    if !rules.query_credentials {
        return Ok((user, password));
    }
    let (asked_user, asked_password) = (settings.take_filled(&["username"]), settings.take_filled(&["password"]));
    Ok((user.or(asked_user), password.or(asked_password)))
}

/// The hosts, and whether one has no port.
fn hosts(rules: &Rules, pieces: &Pieces<'_>, sentinel: bool) -> Result<(Part<Endpoints>, bool), Why> {
    let port = if sentinel { SENTINEL_PORT } else { PORT };
    if pieces.hosts.is_empty() || pieces.hosts.starts_with(':') {
        if !rules.empty_host {
            return Err("a host is empty");
        }
        let written = format!("localhost{}", pieces.hosts);
        let Endpoint::Tcp { host, port } = host_port(&written, port)? else { return Err("a host is empty") };
        let endpoints = Endpoints::tcp(host, port.clone());
        let part = if pieces.hosts.is_empty() { Part::Default(endpoints) } else { Part::Given(endpoints) };
        return Ok((part, matches!(port, Part::Default(_))));
    }
    if pieces.hosts.contains(',') && !rules.lists {
        return Err("this client takes one host");
    }
    let list = pieces.hosts.split(',').map(|text| host_port(text, port)).collect::<Result<Vec<_>, _>>()?;
    let portless = list.iter().any(|endpoint| matches!(endpoint, Endpoint::Tcp { port: Part::Default(_), .. }));
    let meaning = if sentinel { Meaning::Sentinels } else { Meaning::Seeds };
    Ok((Part::Given(Endpoints { list, meaning }), portless))
}

fn tls(dialect: Dialect, scheme: &str, pieces: &Pieces<'_>, settings: &mut Settings) -> Part<Tls> {
    let encrypted = matches!(scheme, "rediss" | "valkeys" | "redis+ssl" | "redis+tls" | "rediss-sentinel");
    let asked = match dialect {
        // Any non-empty text is true in JavaScript: ?tls=false switches it on. ioredis hands the text on as an object.
        Dialect::IoRedis => settings.take_filled(&["tls"]),
        _ => None,
    };
    if asked.is_some() {
        return Part::Unknown;
    }
    if !encrypted {
        return Part::Default(Tls::Off);
    }
    let verify = match dialect {
        Dialect::RedisRs => (pieces.fragment == Some("insecure")).then_some(Tls::Unverified),
        Dialect::Lettuce => {
            settings.take_filled(&["verifyPeer"]).and_then(|mode| match mode.to_ascii_uppercase().as_str() {
                "NONE" | "FALSE" => Some(Tls::Unverified),
                "CA" => Some(Tls::VerifyCa),
                "FULL" | "TRUE" => Some(Tls::VerifyFull),
                _ => None,
            })
        }
        Dialect::RedisPy => settings.take_filled(&["ssl_cert_reqs"]).and_then(|mode| match mode.as_str() {
            "none" | "CERT_NONE" => Some(Tls::Unverified),
            _ => None,
        }),
        Dialect::GoRedis => settings
            .take_filled(&["skip_verify"])
            .and_then(|said| is_on(&said))
            .filter(|on| *on)
            .map(|_| Tls::Unverified),
        _ => None,
    };
    Part::Given(verify.unwrap_or(Tls::On))
}

fn socket(path: &str) -> Result<Part<Endpoints>, Why> {
    if !path.starts_with('/') || path.len() < 2 {
        return Err("a unix socket has no absolute path");
    }
    Ok(Part::Given(Endpoints::one(Endpoint::Socket(tidy_path(path)))))
}
