//! Which service a request is for: routes by host and path prefix.
//!
//! A prefix matches whole segments: `/api` is for `/api` and `/api/x`, not for `/apix`. The longest prefix wins; routes of the
//! request's own host come before routes without a host. Paths are compared as they were sent, without decoding.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sternway_core::ids::ServiceName;

use crate::protocol::{Refusal, Table, TargetSet};

/// The routes of a table, ready to be asked. Services are numbered in the order of [`Routes::services`].
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// The services that are routed to.
    pub(crate) services: Vec<ServiceName>,
    hosts: Vec<(String, Vec<Prefix>)>,
    any: Vec<Prefix>,
}

#[derive(Debug)]
struct Prefix {
    /// Without a `/` at its end; empty for all paths.
    path: String,
    service: usize,
}

impl Prefix {
    fn matches(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            || self.path.is_empty()
    }
}

impl Routes {
    /// Reads the routes of a table; refuses what cannot be meant.
    pub(crate) fn parse(routes: &BTreeMap<String, ServiceName>) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        for (key, name) in routes {
            let invalid = |why: &str| Refusal::Invalid(format!("route `{key}`: {why}"));
            let at = key.find('/').ok_or_else(|| invalid("needs a path, at least `/`"))?;
            let (host, path) = (key[..at].to_ascii_lowercase(), key[at..].trim_end_matches('/'));
            if key.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '*')) {
                return Err(invalid("contains a character that no host or path has"));
            }
            if host != bare_host(&host) {
                return Err(invalid("the host stands without a port"));
            }
            let service = parsed.number(name);
            let prefixes = parsed.prefixes(host);
            if prefixes.iter().any(|prefix| prefix.path == path) {
                return Err(invalid("stands twice, with and without a `/` at its end"));
            }
            prefixes.push(Prefix { path: path.to_owned(), service });
        }
        let longest_first = |prefixes: &mut Vec<Prefix>| prefixes.sort_by_key(|prefix| usize::MAX - prefix.path.len());
        longest_first(&mut parsed.any);
        parsed.hosts.iter_mut().for_each(|(_, prefixes)| longest_first(prefixes));
        Ok(parsed)
    }

    /// The number of the service that a request is for. `host` is the request's `Host`, with or without a port.
    pub(crate) fn find(&self, host: &str, path: &str) -> Option<usize> {
        let first =
            |prefixes: &[Prefix]| prefixes.iter().find(|prefix| prefix.matches(path)).map(|found| found.service);
        if !self.hosts.is_empty() {
            let host = bare_host(host);
            let own = self.hosts.iter().find(|(name, _)| name.eq_ignore_ascii_case(host));
            if let Some(service) = own.and_then(|(_, prefixes)| first(prefixes)) {
                return Some(service);
            }
        }
        first(&self.any)
    }

    fn number(&mut self, name: &ServiceName) -> usize {
        self.services.iter().position(|known| known == name).unwrap_or_else(|| {
            self.services.push(name.clone());
            self.services.len() - 1
        })
    }

    fn prefixes(&mut self, host: String) -> &mut Vec<Prefix> {
        if host.is_empty() {
            return &mut self.any;
        }
        let index = self.hosts.iter().position(|(known, _)| *known == host).unwrap_or_else(|| {
            self.hosts.push((host, Vec::new()));
            self.hosts.len() - 1
        });
        &mut self.hosts[index].1
    }
}

/// A host without its port and without the dot of a full name: `Shop.example.:8080` is `Shop.example`.
fn bare_host(host: &str) -> &str {
    let end = match (host.starts_with('['), host.find(']')) {
        (true, Some(bracket)) => bracket + 1,
        _ => host.find(':').unwrap_or(host.len()),
    };
    host[..end].trim_end_matches('.')
}

/// Checks a whole table before anything of it is used; gives its routes and the address to listen on.
pub(crate) fn check(table: &Table) -> Result<(Routes, SocketAddr), Refusal> {
    let listen = table
        .listen
        .parse()
        .map_err(|_| Refusal::Invalid(format!("listen: `{}` is not an address and port", table.listen)))?;
    for (service, set) in &table.current {
        check_set(service, set)?;
    }
    if let Some(path) = table.login.iter().find(|path| !path.starts_with('/')) {
        return Err(Refusal::Invalid(format!("login: `{path}` is not a path")));
    }
    Ok((Routes::parse(&table.routes)?, listen))
}

/// Checks the addresses of one target set.
pub(crate) fn check_set(service: &ServiceName, set: &TargetSet) -> Result<(), Refusal> {
    let invalid = |why: String| Refusal::Invalid(format!("service `{service}`, release {}: {why}", set.release));
    if set.addresses.is_empty() {
        return Err(invalid("has no address".to_owned()));
    }
    for address in &set.addresses {
        let port =
            address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).and_then(|(_, port)| port.parse().ok());
        if port.is_none_or(|port: u16| port == 0) {
            return Err(invalid(format!("`{address}` is not host:port")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn routes(keys: &[&str]) -> Result<Routes, Refusal> {
        let named = |(i, key): (usize, &&str)| ((*key).to_owned(), ServiceName::new(format!("s{i}")).unwrap());
        Routes::parse(&keys.iter().enumerate().map(named).collect())
    }

    fn found(routes: &Routes, host: &str, path: &str) -> Option<String> {
        routes.find(host, path).map(|number| routes.services[number].to_string())
    }

    #[test]
    fn a_prefix_matches_whole_segments_and_the_longest_wins() {
        let routes = routes(&["/", "/api", "/api/v2/", "shop.example/", "shop.example/api", "[::1]/six"]).unwrap();
        for (host, path, service) in [
            ("x", "/", "s0"),
            ("x", "/apix", "s0"),
            ("x", "*", "s0"),
            ("x", "/api", "s1"),
            ("x", "/api/", "s1"),
            ("x", "/api/v2", "s2"),
            ("x", "/api/v2/y", "s2"),
            ("x", "/api/v22", "s1"),
            ("shop.example", "/api/v2/y", "s4"),
            ("SHOP.example.:80", "/apix", "s3"),
            ("[::1]:8080", "/six/x", "s5"),
            ("[::1]:8080", "/seven", "s0"),
        ] {
            assert_eq!(found(&routes, host, path).as_deref(), Some(service), "{host}{path}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for keys in [&["api"][..], &["/a", "/a/"], &["/a?b"], &["host:80/a"], &["/a b"], &[""]] {
            assert!(routes(keys).is_err(), "{keys:?}");
        }
        assert_eq!(found(&routes(&["/api"]).unwrap(), "x", "/"), None);
    }

    /// The same by segments, in the most obvious way.
    fn naive(keys: &[String], host: &str, path: &str) -> Option<usize> {
        let segments = |path: &str| path.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
        let best = |own: bool| {
            let candidates = keys.iter().enumerate().filter_map(|(i, key)| {
                let (route_host, prefix) = key.split_at(key.find('/')?);
                let mut wanted = segments(prefix);
                if wanted.last().is_some_and(String::is_empty) {
                    wanted.pop();
                }
                let right_host = if own { route_host == host } else { route_host.is_empty() };
                (right_host && segments(path).starts_with(&wanted)).then_some((wanted.len(), i))
            });
            candidates.max().map(|(_, i)| i)
        };
        if host.is_empty() { best(false) } else { best(true).or_else(|| best(false)) }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_naive_model(
            keys in prop::collection::btree_set("(h|i)?(/(a|b|ab)){0,3}/?", 0..12),
            host in "(h|i|k)",
            path in "(/(a|b|ab)){0,4}/?",
        ) {
            let mut keys: Vec<String> = keys.into_iter().filter(|key| key.contains('/')).collect();
            keys.dedup_by(|a, b| a.trim_end_matches('/') == b.trim_end_matches('/'));
            let twice = |key: &String| !key.ends_with('/') && keys.contains(&format!("{key}/"));
            let keys: Vec<String> = keys.iter().filter(|key| !twice(key)).cloned().collect();
            let path = if path.is_empty() { "/".to_owned() } else { path };
            let routes = routes(&keys.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
            // `routes` names the service after the place of its key.
            let expected = naive(&keys, &host, &path).map(|i| format!("s{i}"));
            prop_assert_eq!(found(&routes, &host, &path), expected);
        }
    }
}
