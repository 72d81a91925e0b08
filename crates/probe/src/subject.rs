//! Of whom a check is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sternway_core::ids::ServiceName;

use crate::secrets::Secrets;

/// Of whom checks are asked: a candidate's instances (smoke), or the environment through its proxy (monitors).
#[derive(Clone, Default)]
pub struct Subject {
    /// `http://127.0.0.1:PORT` of each candidate service; empty when everything goes through `default_base`.
    pub base_urls: BTreeMap<ServiceName, String>,
    /// Where path-only URLs go when no service is named: the proxy, or the main service.
    pub default_base: String,
    /// Path prefix to service, as the proxy routes: it chooses the service of a path-only URL, the longest prefix wins.
    pub routes: BTreeMap<String, ServiceName>,
    /// Where each service's files are: commands run in the folder of the service that they ask.
    pub folders: BTreeMap<ServiceName, PathBuf>,
    /// Values of the secrets that checks name.
    pub secrets: Secrets,
    /// Extra request headers for path-only URLs, such as the cookie of the canary. Their values are never shown.
    pub headers: BTreeMap<String, String>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("base_urls", &self.base_urls)
            .field("default_base", &self.default_base)
            .field("routes", &self.routes)
            .field("folders", &self.folders)
            .field("secrets", &self.secrets)
            .field("headers", &self.headers.keys())
            .finish()
    }
}

impl Subject {
    /// The base URL for a path: that of `service`, else of the service that the routes choose. An error names who cannot be asked.
    pub(crate) fn base(&self, path: &str, service: Option<&ServiceName>) -> Result<&str, String> {
        match service.or_else(|| self.routed(path)) {
            Some(service) if !self.base_urls.is_empty() => self
                .base_urls
                .get(service)
                .map(String::as_str)
                .ok_or_else(|| format!("service {service} has no instance to ask")),
            _ if self.default_base.is_empty() => Err(format!("no service answers {path}")),
            _ => Ok(&self.default_base),
        }
    }

    /// Where a command runs that asks `service`, else the service that has the path `/`.
    pub(crate) fn folder(&self, service: Option<&ServiceName>) -> &Path {
        let folder = service.or_else(|| self.routed("/")).and_then(|service| self.folders.get(service));
        folder.map_or(Path::new("/"), PathBuf::as_path)
    }

    /// Where each service is asked: a candidate's instance, else where everything goes.
    pub(crate) fn each(&self) -> Vec<(&ServiceName, &str)> {
        let services: BTreeSet<_> = self.routes.values().chain(self.base_urls.keys()).collect();
        let asked = |service| {
            let own = self.base_urls.get(service).map(String::as_str);
            let all =
                (self.base_urls.is_empty() && !self.default_base.is_empty()).then_some(self.default_base.as_str());
            Some((service, own.or(all)?))
        };
        services.into_iter().filter_map(asked).collect()
    }

    fn routed(&self, path: &str) -> Option<&ServiceName> {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        self.routes
            .iter()
            .filter(|(prefix, _)| covers(prefix, path))
            .max_by_key(|(prefix, _)| prefix.trim_end_matches('/').len())
            .map(|(_, service)| service)
    }
}

/// Whether `path` lies under `prefix`, by whole segments: `/component` covers `/component/data` and not `/components`.
fn covers(prefix: &str, path: &str) -> bool {
    prefix.starts_with('/')
        && path.strip_prefix(prefix.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str) -> ServiceName {
        ServiceName::new(name).unwrap()
    }

    fn shop() -> Subject {
        Subject {
            base_urls: [
                (service("web"), "http://web".to_owned()),
                (service("component"), "http://component".to_owned()),
            ]
            .into(),
            default_base: "http://default".into(),
            routes: [("/".to_owned(), service("web")), ("/component".to_owned(), service("component"))].into(),
            ..Subject::default()
        }
    }

    #[test]
    fn the_longest_prefix_of_whole_segments_chooses_the_service() {
        for (path, base) in [
            ("/", "http://web"),
            ("/login", "http://web"),
            ("/components", "http://web"),
            ("/component", "http://component"),
            ("/component?x=/y", "http://component"),
            ("/component/data", "http://component"),
        ] {
            assert_eq!(shop().base(path, None), Ok(base), "{path}");
        }
        assert_eq!(shop().base("/", Some(&service("component"))), Ok("http://component"));
    }

    #[test]
    fn a_service_without_an_instance_is_not_silently_another() {
        assert!(shop().base("/", Some(&service("worker"))).is_err());
    }

    #[test]
    fn through_the_proxy_every_path_goes_to_the_proxy() {
        let proxy = Subject { base_urls: BTreeMap::new(), ..shop() };
        assert_eq!(proxy.base("/component", Some(&service("web"))), Ok("http://default"));
    }

    #[test]
    fn each_service_is_asked_at_its_own_instance_and_never_the_old_release_for_the_new() {
        let (web, component) = (service("web"), service("component"));
        assert_eq!(shop().each(), [(&component, "http://component"), (&web, "http://web")]);
        let proxy = Subject { base_urls: BTreeMap::new(), ..shop() };
        assert_eq!(proxy.each(), [(&component, "http://default"), (&web, "http://default")]);
        let half = Subject { base_urls: [(web.clone(), "http://web".to_owned())].into(), ..shop() };
        assert_eq!(half.each(), [(&web, "http://web")], "the component's candidate is not there");
    }

    #[test]
    fn debug_hides_header_values() {
        let subject = Subject { headers: [("cookie".to_owned(), "sternway=abc".to_owned())].into(), ..shop() };
        assert!(!format!("{subject:?}").contains("abc"));
    }
}
