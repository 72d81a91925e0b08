//! Base URLs of HTTP services (RFC 9110 4.2, RFC 3986 6.2): default ports filled in, the path kept as it is apart from an empty one.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoints, Why, host_port};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings};
use super::url::{Pieces, decode};

/// Reads `http://` and `https://`. A slash at the end of a path stays: clients join paths to it differently.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let pieces = Pieces::of(text.trim())?;
    let (port, tls) = match pieces.scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => (80, Tls::Off),
        "https" | "wss" => (443, Tls::On),
        _ => return Err("the scheme is not HTTP's"),
    };
    let mut made = Connection::new(Kind::Http, Part::Given(Endpoints::one(host_port(pieces.hosts, port)?)));
    made.tls = Part::Given(tls);
    made.namespace.path = match pieces.path {
        None => Part::Default("/".to_owned()),
        Some(path) => Part::Given(decode(path)?),
    };
    let (user, password) = pieces.credentials();
    made.login(user.map(decode).transpose()?, password.map(decode).transpose()?);
    let mut settings = Settings::of_query(pieces.query, Coding::Percent)?;
    if let Some(fragment) = pieces.fragment.filter(|fragment| !fragment.is_empty()) {
        settings.add("fragment", fragment.to_owned());
    }
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    // Nobody here knows what a query of a base URL means.
    for (name, value) in settings.into_pairs() {
        made.unread.insert(name, crate::secret::SecretText::new(value));
    }
    Ok(made)
}
