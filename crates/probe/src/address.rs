//! `host:port` as it is written in a check or stands in a base URL.

use reqwest::Url;

/// The host and port of `host:port`; `[::1]:80` for IPv6.
pub(crate) fn parse(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let odd = host.is_empty() || host.chars().any(|c| c.is_whitespace() || c == '/');
    if odd { None } else { Some((host.to_owned(), port.parse().ok()?)) }
}

/// The host and port that a base URL names.
pub(crate) fn of_url(base: &str) -> Option<(String, u16)> {
    let url = Url::parse(base).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some((host, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_both_families() {
        assert_eq!(parse("db:5432"), Some(("db".to_owned(), 5432)));
        assert_eq!(parse("[::1]:80"), Some(("::1".to_owned(), 80)));
        assert_eq!(of_url("http://[::1]:81/"), Some(("::1".to_owned(), 81)));
        for bad in ["db", "db:", ":80", "db:99999", "http://db:80"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
