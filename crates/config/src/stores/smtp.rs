//! Mail: `smtp://`, `smtps://`, Symfony's mailer DSN, Nodemailer's URLs.

use super::connection::{Connection, Kind, Tls};
use super::dialect::Dialect;
use super::endpoint::{Endpoints, Why, host_port};
use super::part::Part;
use super::remark::Remark;
use super::settings::{Coding, Settings, is_on};
use super::url::{Pieces, decode};

/// Reads a mail URL.
///
/// Symfony 7 EsmtpTransportFactory: port 25, 465 for smtps; STARTTLS when offered unless `auto_tls=false`; `verify_peer=0`. Transports of
/// providers (`ses+smtp://KEY@default`) know their own hosts. Nodemailer 6 lib/shared parseConnectionUrl: port 587, 465 when secure, STARTTLS
/// unless `ignoreTLS`. Elsewhere the port is 25 or 587, and so unknown when not given.
pub(super) fn parse(dialect: Dialect, text: &str) -> Result<Connection, Why> {
    let text = text.trim();
    if text.starts_with("failover(") || text.starts_with("roundrobin(") {
        return Ok(Connection::new(Kind::Smtp, Part::Unknown));
    }
    let pieces = Pieces::of(text)?;
    let scheme = pieces.scheme.to_ascii_lowercase();
    let mut settings = Settings::of_query(pieces.query, Coding::Form)?;
    let (user, password) = pieces.credentials();
    let (user, password) = (user.map(decode).transpose()?, password.map(decode).transpose()?);
    let secure = match scheme.as_str() {
        "smtp" => settings.take_filled(&["secure"]).and_then(|said| is_on(&said)) == Some(true),
        "smtps" => true,
        provider if dialect == Dialect::SymfonyMailer && !provider.is_empty() => {
            let mut made = Connection::new(Kind::Smtp, Part::Unknown);
            made.group = Part::Given(provider.to_owned());
            made.login(user, password);
            made.weigh(settings);
            return Ok(made);
        }
        _ => return Err("the scheme is not SMTP's"),
    };
    let default = match dialect {
        _ if secure => 465,
        Dialect::SymfonyMailer => 25,
        Dialect::Nodemailer => 587,
        _ => 0,
    };
    let mut endpoints = Endpoints::one(host_port(pieces.hosts, default)?);
    for endpoint in &mut endpoints.list {
        if let super::endpoint::Endpoint::Tcp { port, .. } = endpoint
            && *port == Part::Default(0)
        {
            *port = Part::Unknown;
        }
    }
    let mut made = Connection::new(Kind::Smtp, Part::Given(endpoints));
    made.login(user, password);
    let lax = settings.take_filled(&["verify_peer"]).and_then(|said| is_on(&said)) == Some(false);
    let never = settings.take_filled(&["auto_tls"]).and_then(|said| is_on(&said)) == Some(false)
        || settings.take_filled(&["ignoreTLS"]).and_then(|said| is_on(&said)) == Some(true);
    let always = settings.take_filled(&["require_tls", "requireTLS"]).and_then(|said| is_on(&said)) == Some(true)
        || settings.take_filled(&["tls"]).is_some_and(|said| said == "required");
    made.tls = match (secure || always, never, lax) {
        (true, _, true) => Part::Given(Tls::Unverified),
        (true, _, false) => Part::Given(Tls::On),
        (false, true, _) => Part::Given(Tls::Off),
        (false, false, _) => Part::Default(Tls::Prefer),
    };
    if pieces.has_stray_at() {
        made.remark(Remark::StrayAt);
    }
    made.weigh(settings);
    Ok(made)
}
