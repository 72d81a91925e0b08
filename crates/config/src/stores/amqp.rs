//! RabbitMQ's URI Specification (rabbitmq.com/docs/uri-spec, 4.0) and its query parameters.

use super::connection::{Connection, Kind, Tls};
use super::endpoint::{Endpoints, Host, Why, host_port};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings};
use super::url::{Pieces, decode};
use crate::secret::SecretText;

/// Reads `amqp://` and `amqps://`. No path is the client's default virtual host `/`; a path of one slash is the virtual host with the empty
/// name; a further slash must be `%2f`. Without credentials it is `guest` and `guest`.
pub(super) fn parse(text: &str) -> Result<Connection, Why> {
    let pieces = Pieces::of(text.trim())?;
    let (port, tls) = match pieces.scheme.to_ascii_lowercase().as_str() {
        "amqp" => (5672, Tls::Off),
        "amqps" => (5671, Tls::On),
        _ => return Err("the scheme is not AMQP's"),
    };
    let endpoints = match pieces.hosts {
        "" => Part::Default(Endpoints::tcp(Host::localhost(), Part::Default(port))),
        hosts => Part::Given(Endpoints::one(host_port(hosts, port)?)),
    };
    let mut made = Connection::new(Kind::Amqp, endpoints);
    made.namespace.vhost = match pieces.path.map(|path| &path[1..]) {
        None => Part::Default("/".to_owned()),
        Some(name) if name.contains('/') => return Err("a virtual host has a slash that is not %2f"),
        Some(name) => {
            if name.is_empty() {
                made.remark(Remark::EmptyVhost);
            }
            Part::Given(decode(name)?)
        }
    };
    match pieces.userinfo {
        None => {
            made.user = Part::Default(SecretText::new("guest"));
            made.password = Part::Default(SecretText::new("guest"));
        }
        Some(login) => {
            let (user, password) = login.split_once(':').map_or((login, None), |(user, word)| (user, Some(word)));
            made.login(Some(decode(user)?), password.map(decode).transpose()?);
        }
    }
    let mut settings = Settings::of_query(pieces.query, Coding::Percent)?;
    let verify = settings.take_filled(&["verify"]);
    made.tls = match (tls, verify.as_deref()) {
        (Tls::Off, _) => Part::Default(Tls::Off),
        (_, Some("verify_none")) => Part::Given(Tls::Unverified),
        (_, Some("verify_peer")) => Part::Given(Tls::VerifyCa),
        _ => Part::Given(tls),
    };
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    Ok(made)
}
