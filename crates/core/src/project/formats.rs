//! The texts that have a form of their own: durations, addresses, paths. Each is checked here and described to editors by its pattern.

use std::net::SocketAddr;

use super::source::code;
use super::sources::{Keys, SourceKind};
use crate::release::Ready;
use crate::time::Millis;

/// A form that a text must have.
pub(super) struct Format {
    /// What is expected, in words: `a duration such as "5s"`.
    pub(super) expected: &'static str,
    /// For editors: a regular expression (ECMA-262) that every accepted text matches; empty when any text may be right.
    pub(super) pattern: &'static str,
    /// Says why a text is refused.
    pub(super) check: fn(&str) -> Result<(), Refusal>,
}

/// Why a text was refused.
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) hint: String,
}

fn refuse(message: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { code: code::BAD_VALUE, message: message.into(), hint: hint.into() }
}

/// Any text.
pub(super) static ANY: Format = Format { expected: "text", pattern: "", check: |_| Ok(()) };

/// Any text with something in it.
pub(super) static SOME: Format = Format {
    expected: "text",
    pattern: "\\S",
    check: |text| if text.trim().is_empty() { Err(refuse("is empty", "")) } else { Ok(()) },
};

/// A name that is shown on one line.
pub(super) static TITLE: Format = Format {
    expected: "a name",
    pattern: "^[^\\n\\r]{1,100}$",
    check: |text| {
        if text.trim().is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
            return Err(Refusal {
                code: code::BAD_NAME,
                message: "is not a name that fits on one line".to_owned(),
                hint: "use 1 to 100 characters on one line".to_owned(),
            });
        }
        Ok(())
    },
};

/// A name of [`crate::ids`].
pub(super) static NAME: Format = Format {
    expected: "a name",
    pattern: "^[a-z0-9][a-z0-9_-]{0,62}$",
    check: |text| match crate::ids::ServiceName::new(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal {
            code: code::BAD_NAME,
            message: "is not a valid name".to_owned(),
            hint: "use 1 to 63 of a-z, 0-9, `-` and `_`, starting with a letter or digit".to_owned(),
        }),
    },
};

/// A span of time, perhaps none.
pub(super) static DURATION: Format = Format {
    expected: "a duration such as \"5s\"",
    pattern: "^[0-9]{1,10}(\\.[0-9]{1,3})?(ms|s|m|min|h)$",
    check: |text| duration(text).map(|_| ()),
};

/// A span of time that is longer than nothing.
pub(super) static SPAN: Format = Format {
    expected: "a duration such as \"5s\"",
    pattern: "^[0-9]{1,10}(\\.[0-9]{1,3})?(ms|s|m|min|h)$",
    check: |text| match duration(text)? {
        Millis(0) => Err(refuse("is no time at all", "give it at least 1ms")),
        _ => Ok(()),
    },
};

/// The longest span that is accepted: a week. More is a slip of the hand.
const LONGEST: u64 = 7 * 24 * 3_600_000;

/// Reads `500ms`, `1.5s`, `2m` (or `2min`), `1h`.
pub(super) fn duration(text: &str) -> Result<Millis, Refusal> {
    let hint = "write a number and a unit: 500ms, 5s, 2m or 1h";
    let not_one = || refuse("is not a duration", hint);
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let scale: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "" if !number.is_empty() => return Err(refuse("is a duration without a unit", hint)),
        _ => return Err(not_one()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str, most: usize| {
        if text.is_empty() || text.len() > most || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(not_one());
        }
        text.parse::<u64>().map_err(|_| not_one())
    };
    digits(part, 3)?;
    let thousandths = digits(&format!("{part:0<3}"), 3)?;
    let millis = digits(whole, 10)?.saturating_mul(scale) + thousandths * scale / 1000;
    if millis > LONGEST { Err(refuse("is longer than a week", hint)) } else { Ok(Millis(millis)) }
}

/// When a service is ready.
pub(super) static READY: Format = Format {
    expected: "\"http:/up\", \"tcp\" or \"alive:5s\"",
    pattern: "^(tcp|http:/\\S*|alive:[0-9]{1,10}(\\.[0-9]{1,3})?(ms|s|m|min|h))$",
    check: |text| ready(text).map(|_| ()),
};

/// Reads `http:/up`, `tcp`, `alive:5s`.
pub(super) fn ready(text: &str) -> Result<Ready, Refusal> {
    let forms = "use \"http:/up\" (a path that answers 200 to 399), \"tcp\" (the port accepts) or \"alive:5s\" (still there after 5 s)";
    match text.split_once(':') {
        None if text == "tcp" => Ok(Ready::Tcp),
        Some(("http", path)) if (URL_PATH.check)(path).is_ok() && !path.starts_with("//") => {
            Ok(Ready::Http(path.to_owned()))
        }
        Some(("http" | "https", _)) => {
            Err(refuse("names no path that can be asked for", "write only the path, with its slash: \"http:/up\""))
        }
        Some(("alive", span)) => duration(span).map(Ready::Alive),
        _ => Err(refuse("is not a readiness check", forms)),
    }
}

/// Where something of ours listens.
pub(super) static LISTEN: Format = Format {
    expected: "an address such as \"127.0.0.1:8080\"",
    pattern: "^([0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$",
    check: |text| listen(text).map(|_| ()),
};

/// Reads an IP address and a port.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Refusal> {
    let port = text.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok());
    match text.parse::<SocketAddr>() {
        Ok(address) if address.port() == 0 => Err(refuse("has no fixed port", "choose a port from 1 to 65535")),
        Ok(address) => Ok(address),
        Err(_) => {
            let hint = match port {
                Some(port) => format!(
                    "write an IP address and a port: \"127.0.0.1:{port}\" for this machine only, \"0.0.0.0:{port}\" for all"
                ),
                None => "write an IP address and a port, such as \"127.0.0.1:8080\"".to_owned(),
            };
            Err(refuse("is not an address to listen on", hint))
        }
    }
}

/// A place to connect to.
pub(super) static ADDRESS: Format = Format {
    expected: "an address such as \"127.0.0.1:8080\"",
    pattern: "^\\S+:[0-9]{1,5}$",
    check: |text| {
        let good = text.rsplit_once(':').is_some_and(|(host, port)| {
            let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
            let host_is_good = match bare {
                Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
                None => {
                    !host.is_empty()
                        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
                }
            };
            host_is_good && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if good { Ok(()) } else { Err(refuse("is not an address", "write host:port, such as \"127.0.0.1:8080\"")) }
    },
};

/// A place to connect to, or nothing for the candidate's own port.
pub(super) static ADDRESS_OR_OWN: Format = Format {
    expected: "an address such as \"127.0.0.1:8080\", or \"\" for the candidate's own port",
    pattern: "^(\\S+:[0-9]{1,5})?$",
    check: |text| if text.is_empty() { Ok(()) } else { (ADDRESS.check)(text) },
};

/// A path within the project.
pub(super) static INSIDE: Format = Format {
    expected: "a path within the project",
    pattern: "^[^/].*$",
    check: |text| {
        let outside = |message: &str, hint: &str| {
            Err(Refusal { code: code::OUTSIDE, message: message.to_owned(), hint: hint.to_owned() })
        };
        if text.is_empty() || text.chars().any(char::is_control) {
            Err(refuse("is not a path", "write \".\" for the folder itself"))
        } else if text.starts_with('/') || text.starts_with('~') {
            outside("is not relative", "write it relative to the project's folder")
        } else if text.split('/').any(|part| part == "..") {
            outside("leads out of its folder", "leave out `..`: a release contains only what lies below")
        } else {
            Ok(())
        }
    },
};

/// A path within the service's folder that lives outside releases.
pub(super) static SHARED: Format = Format {
    expected: "a path within the service's folder",
    pattern: "^[^/].*$",
    check: |text| {
        (INSIDE.check)(text)?;
        if text.split('/').all(|part| part.is_empty() || part == ".") {
            return Err(refuse(
                "is the service's whole folder",
                "name what must outlive a release, such as \"storage/uploads\"",
            ));
        }
        Ok(())
    },
};

/// The path of a URL.
pub(super) static URL_PATH: Format = Format {
    expected: "a path such as \"/login\"",
    pattern: "^/\\S*$",
    check: |text| {
        if text.starts_with('/') && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Ok(())
        } else {
            Err(refuse("is not a path", "start it with a slash and leave out spaces: \"/login\""))
        }
    },
};

/// What a check asks for.
pub(super) static CHECK_URL: Format = Format {
    expected: "a path such as \"/login\" or an absolute URL",
    pattern: "^(/|https?://)\\S*$",
    check: |text| {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let absolute = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
        if (text.starts_with('/') || absolute) && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            Ok(())
        } else {
            Err(refuse(
                "is neither a path nor a URL",
                "start it with a slash (asked of the candidate) or with http:// or https://, without spaces",
            ))
        }
    },
};

/// Where requests go: a path prefix, perhaps after a host.
pub(super) static ROUTE: Format = Format {
    expected: "a path prefix such as \"/component\", perhaps after a host",
    pattern: "^[a-z0-9.-]*/[^\\s?#]*$",
    check: |text| {
        let Some(slash) = text.find('/') else {
            return Err(refuse("has no path", format!("add the slash: \"{text}/\" (or \"/{text}\" for a path)")));
        };
        let (host, path) = text.split_at(slash);
        if host.contains(':') {
            return Err(refuse("names a port or a scheme", "hosts are matched without them: \"shop.example/\""));
        }
        if !host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-')) {
            return Err(refuse("has a host that no request names", "hosts are lower case, such as \"shop.example/\""));
        }
        if path.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '*')) {
            return Err(refuse(
                "is not a path prefix",
                "a route is a plain prefix, matched by whole segments: no spaces, `?`, `#` or `*`",
            ));
        }
        Ok(())
    },
};

/// Where an environment runs.
pub(super) static HOST: Format = Format {
    expected: "\"local\"",
    pattern: "^local$",
    check: |text| match text {
        "local" => Ok(()),
        _ => Err(Refusal {
            code: code::LATER,
            message: "names a target that is not yet supported by this version".to_owned(),
            hint: "this version deploys to the machine that it runs on: \"local\"".to_owned(),
        }),
    },
};

/// A source of configuration values that a process can be given.
pub(super) static CONFIG_SOURCE: Format = Format {
    expected: "a source such as \"dotenv:config/production.env\"",
    pattern: "^[a-z][a-z0-9-]*:.+$",
    check: |text| {
        let kind = source(text)?;
        if kind.keys == Keys::Variables {
            return Ok(());
        }
        Err(refuse(
            "is a document that the service reads by itself: its keys are no environment variables",
            format!(
                "name it under `reads` instead of `config`, or give the values as \"dotenv:PATH\"; {} is {}",
                kind.name, kind.doc
            ),
        ))
    },
};

/// A source of values that a service reads by itself.
pub(super) static READ_SOURCE: Format = Format {
    expected: "a source such as \"php-ini:web/php.ini\"",
    pattern: "^[a-z][a-z0-9-]*:.+$",
    check: |text| source(text).map(|_| ()),
};

fn source(text: &str) -> Result<&'static SourceKind, Refusal> {
    let known = || super::sources::SOURCES.iter().map(|kind| kind.name);
    match text.split_once(':') {
        Some((name, path)) => match super::sources::source_kind(name) {
            Some(_) if path.trim().is_empty() || path.chars().any(char::is_control) => {
                Err(refuse("names no file", format!("write \"{name}:\" and its path")))
            }
            Some(kind) => Ok(kind),
            None if name.contains('/') => {
                Err(refuse("does not say what kind of source it is", format!("did you mean \"dotenv:{text}\"?")))
            }
            None => Err(Refusal {
                code: code::LATER,
                message: "is a source that is not yet supported by this version".to_owned(),
                hint: match super::suggest::nearest(name, known()) {
                    Some(near) => format!("did you mean \"{near}:{path}\"?"),
                    None => format!(
                        "this version reads {}, and tables such as {{ KEY = \"value\" }}",
                        known().collect::<Vec<_>>().join(", ")
                    ),
                },
            }),
        },
        None => Err(refuse("does not say what kind of source it is", format!("did you mean \"dotenv:{text}\"?"))),
    }
}

/// A value of a service: `service:KEY`, or `*:KEY` for all services.
pub(super) static VALUE_REF: Format = Format {
    expected: "a value such as \"web:SESSION_DSN\"",
    pattern: "^(\\*|[a-z0-9][a-z0-9_-]{0,62}):\\S+$",
    check: |text| match text.split_once(':') {
        Some((service, key)) if !key.is_empty() && !key.chars().any(|c| c.is_whitespace() || c.is_control()) => {
            if service == "*" || crate::ids::ServiceName::new(service).is_ok() {
                Ok(())
            } else {
                Err(refuse("does not begin with the name of a service", "write service:KEY, or *:KEY for all services"))
            }
        }
        _ => Err(refuse("does not say whose value it is", "write service:KEY, or *:KEY for all services")),
    },
};

/// A key of a service's configuration: it becomes an environment variable.
pub(super) static CONFIG_KEY: Format = Format {
    expected: "a variable's name such as \"APP_ENV\"",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    check: |text| {
        let form = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !form {
            return Err(refuse(
                "cannot be the name of an environment variable",
                "use letters, digits and `_`, not starting with a digit",
            ));
        }
        if text == "PORT" || text.starts_with("STERNWAY_") {
            return Err(refuse("is set by Sternway itself", "choose another name"));
        }
        Ok(())
    },
};

/// An HTTP method.
pub(super) static METHOD: Format = Format {
    expected: "a method such as \"GET\"",
    pattern: "^[A-Z]{1,20}$",
    check: |text| {
        if !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(())
        } else {
            Err(refuse("is not a method", "write it in capitals: GET, HEAD, POST, PUT, PATCH or DELETE"))
        }
    },
};

/// The name of an HTTP header: a token of RFC 9110, 5.6.2.
pub(super) static HEADER: Format = Format {
    expected: "a header's name",
    pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    check: |text| {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if !text.is_empty() && text.bytes().all(token) {
            Ok(())
        } else {
            Err(refuse("is not the name of a header", "use letters, digits and `-`, such as \"Accept\""))
        }
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        let read = |text: &str| duration(text).ok().map(|millis| millis.0);
        assert_eq!(read("500ms"), Some(500));
        assert_eq!(read("5s"), Some(5000));
        assert_eq!(read("1.5s"), Some(1500));
        assert_eq!(read("0.25h"), Some(900_000));
        assert_eq!(read("2m"), Some(120_000));
        assert_eq!(read("2min"), Some(120_000));
        assert_eq!(read("0s"), Some(0));
        assert_eq!(read("168h"), Some(604_800_000));
        for bad in ["", "5", "s", "-5s", "5 s", "5sec", "1h30m", "1.s", ".5s", "1.2345s", "99999999999s", "169h", "٣s"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn readiness_is_read_in_its_three_forms() {
        assert_eq!(ready("http:/up").ok(), Some(Ready::Http("/up".to_owned())));
        assert_eq!(ready("tcp").ok(), Some(Ready::Tcp));
        assert_eq!(ready("alive:5s").ok(), Some(Ready::Alive(Millis(5000))));
        for bad in ["", "http", "http:", "http:up", "http://localhost/up", "tcp:80", "alive", "alive:5", "exec:true"] {
            assert!(ready(bad).is_err(), "{bad:?}");
        }
    }
}
