//! What of a message belongs to one connection only, and what the next one is told (RFC 9110, 7.6.1).

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};

use crate::client::Client;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The response header with the number of the release that answered.
pub(crate) const RELEASE: HeaderName = HeaderName::from_static("sternway-release");
/// The response header on the proxy's own answers; says why.
pub(crate) const PROXY: HeaderName = HeaderName::from_static("sternway-proxy");

/// The request header of checks: they are answered like anybody, and not counted.
pub(crate) const CHECK: HeaderName = HeaderName::from_static(sternway_core::check::HEADER);

/// Which of the headers that matter here stand in a message: found in one pass, because most stand in none, and looking up each by its
/// own hash costs more than all the rest.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Found {
    hosts: usize,
    connection: bool,
    keep_alive: bool,
    proxy_connection: bool,
    transfer_encoding: bool,
    te: bool,
    upgrade: bool,
    forwarded_for: bool,
    forwarded_proto: bool,
    forwarded_host: bool,
    pub(crate) check: bool,
}

impl Found {
    fn in_head(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, _) in headers {
            match name.as_str() {
                "host" => found.hosts += 1,
                "connection" => found.connection = true,
                "keep-alive" => found.keep_alive = true,
                "proxy-connection" => found.proxy_connection = true,
                "transfer-encoding" => found.transfer_encoding = true,
                "te" => found.te = true,
                "upgrade" => found.upgrade = true,
                "x-forwarded-for" => found.forwarded_for = true,
                "x-forwarded-proto" => found.forwarded_proto = true,
                "x-forwarded-host" => found.forwarded_host = true,
                sternway_core::check::HEADER => found.check = true,
                _ => {}
            }
        }
        found
    }
}

/// Brings a request into the one shape that the rest deals with: a path as target and one host. Says what is wrong otherwise
/// (RFC 9112, 3.2).
pub(crate) fn normalise<B>(request: &mut Request<B>) -> Result<Found, &'static str> {
    if request.method() == Method::CONNECT {
        return Err("CONNECT is not served here\n");
    }
    let mut found = Found::in_head(request.headers());
    if let Some(authority) = request.uri().authority() {
        // A target in absolute form names the host; a Host header next to it is ignored.
        let host = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
        let host = HeaderValue::from_str(host).map_err(|_| "the host is not understood\n")?;
        let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        request.headers_mut().insert(HOST, host);
        found.hosts = 1;
        *request.uri_mut() = Uri::from(path);
    }
    match found.hosts {
        1 => Ok(found),
        0 if request.version() == Version::HTTP_10 => {
            request.headers_mut().insert(HOST, HeaderValue::from_static(""));
            Ok(found)
        }
        _ => Err("a request names one host\n"),
    }
}

/// Whether the request asks for another protocol on its connection.
pub(crate) fn wants_upgrade<B>(request: &Request<B>, found: Found) -> bool {
    found.upgrade
        && request.version() == Version::HTTP_11
        && tokens(request.headers()).any(|token| token.eq_ignore_ascii_case(b"upgrade"))
}

fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(CONNECTION).iter();
    values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Removes what belongs to the connection that the message came on.
fn strip(headers: &mut HeaderMap, found: Found) {
    if found.connection {
        let usual = |token: &&[u8]| {
            !token.is_empty()
                && ![&b"close"[..], b"keep-alive", b"upgrade"].iter().any(|known| token.eq_ignore_ascii_case(known))
        };
        let named: Vec<HeaderName> =
            tokens(headers).filter(usual).filter_map(|token| HeaderName::from_bytes(token).ok()).collect();
        // Naming these would change what the message is; no honest sender does.
        for name in named.iter().filter(|name| **name != HOST && **name != CONTENT_LENGTH) {
            headers.remove(name);
        }
    }
    let mut remove = |stands: bool, name: HeaderName| {
        if stands {
            headers.remove(name);
        }
    };
    remove(found.connection, CONNECTION);
    remove(found.keep_alive, KEEP_ALIVE);
    remove(found.proxy_connection, PROXY_CONNECTION);
    remove(found.transfer_encoding, TRANSFER_ENCODING);
    remove(found.te, TE);
    remove(found.upgrade, UPGRADE);
}

/// Leaves nothing of the last connection but the protocol to which this one is upgraded.
fn strip_to_upgrade(headers: &mut HeaderMap, found: Found) {
    let protocol = headers.remove(UPGRADE);
    strip(headers, found);
    if let Some(protocol) = protocol {
        headers.insert(UPGRADE, protocol);
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

/// Makes a client's headers those of the request to the service. Gives the address that a proxy in front names as the client's, when
/// that proxy is believed.
pub(crate) fn to_service(headers: &mut HeaderMap, found: Found, client: &Client, upgrade: bool) -> Option<HeaderValue> {
    if upgrade {
        strip_to_upgrade(headers, found);
    } else {
        strip(headers, found);
    }
    if found.check {
        headers.remove(CHECK);
    }
    let before = if found.forwarded_for && client.trusted { headers.remove(FORWARDED_FOR) } else { None };
    let forwarded_for = before.as_ref().and_then(|before| {
        let whole = [before.as_bytes(), b", ", client.forwarded_for.as_bytes()].concat();
        HeaderValue::from_bytes(&whole).ok()
    });
    headers.insert(FORWARDED_FOR, forwarded_for.unwrap_or_else(|| client.forwarded_for.clone()));
    if !client.trusted || !found.forwarded_proto {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    if (!client.trusted || !found.forwarded_host)
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(FORWARDED_HOST, host);
    }
    before
}

/// Makes a service's headers those of the response to the client.
pub(crate) fn to_client(headers: &mut HeaderMap, release: &HeaderValue, upgraded: bool) {
    let found = Found::in_head(headers);
    if upgraded {
        strip_to_upgrade(headers, found);
    } else {
        strip(headers, found);
    }
    headers.insert(RELEASE, release.clone());
}

/// Whether a `Location` leads to one of the login pages. A relative one does when a login page ends with it.
pub(crate) fn leads_to_login(location: &[u8], login: &[String]) -> bool {
    let Ok(location) = std::str::from_utf8(location) else { return false };
    let location = &location[..location.find(['?', '#']).unwrap_or(location.len())];
    let absolute = match location.split_once("://").map(|(_, rest)| rest).or_else(|| location.strip_prefix("//")) {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => location,
    };
    let same = |wanted: &str, found: &str| wanted.trim_end_matches('/') == found.trim_end_matches('/');
    if absolute.starts_with('/') {
        return login.iter().any(|page| same(page, absolute));
    }
    let ends_with = |page: &String| page.strip_suffix(absolute).is_some_and(|folder| folder.ends_with('/'));
    !absolute.is_empty() && login.iter().any(ends_with)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut map = HeaderMap::new();
        pairs.iter().map(pair).for_each(|(name, value)| {
            map.append(name, value);
        });
        map
    }

    #[test]
    fn what_the_connection_header_names_stays_behind_but_not_the_host() {
        let mut map = headers(&[
            ("host", "h"),
            ("connection", "close, X-One"),
            ("connection", "host"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("x-one", "1"),
            ("x-two", "2"),
        ]);
        let found = Found::in_head(&map);
        strip(&mut map, found);
        assert_eq!(map, headers(&[("host", "h"), ("x-two", "2")]));
    }

    #[test]
    fn redirects_to_a_login_page_are_recognised_in_every_form() {
        let login = ["/login".to_owned(), "/shop/sign-in".to_owned()];
        for location in ["/login", "/login?next=/cart", "https://shop.example/login#top", "//shop.example/login/"] {
            assert!(leads_to_login(location.as_bytes(), &login), "{location}");
        }
        assert!(leads_to_login(b"sign-in?x", &login));
        for location in ["/logins", "/", "", "?", "https://login", "/cart?to=/login", "in", "sign"] {
            assert!(!leads_to_login(location.as_bytes(), &login), "{location}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        let request = |uri: &str, version, hosts: &[(&'static str, &'static str)]| {
            let mut request = Request::builder().uri(uri).version(version).body(()).unwrap();
            *request.headers_mut() = headers(hosts);
            normalise(&mut request).map(|_| (request.uri().to_string(), request.headers()[HOST].clone()))
        };
        assert!(request("/", Version::HTTP_11, &[]).is_err());
        assert!(request("/", Version::HTTP_11, &[("host", "a"), ("host", "b")]).is_err());
        assert!(request("/", Version::HTTP_10, &[]).is_ok());
        let (uri, host) = request("http://u@real:81/x?y", Version::HTTP_11, &[("host", "other")]).unwrap();
        assert_eq!((uri.as_str(), host.to_str().unwrap()), ("/x?y", "real:81"));
    }
}
