//! Under which key a session handler looks for a session.

use sternway_config::Content;
use sternway_config::agreements::SessionStore;
use sternway_config::stores::Dialect;

/// A handler's keys: this, and then the session's identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) prefix: String,
}

/// What the proof uses where the handler's own keys cannot be told: it then proves server and database alone.
pub(crate) const NEUTRAL: &str = "sternway-proof:";

/// The layout of a store, or why it cannot be told.
///
/// - phpredis: `prefix` of `session.save_path`, else `PHPREDIS_SESSION:` (redis_session.c, phpredis 6.0).
/// - connect-redis 7 and 8 on ioredis or node-redis: `prefix`, else `sess:` (index.ts), after the client's own `keyPrefix`.
/// - Others have their prefix in code or in a configuration that differs from version to version (redis-session-store and redis-rack of Rails,
///   `InstanceName` of ASP.NET's cache, Laravel, Symfony, Django): only what is configured beside the store is known.
pub(crate) fn of(store: &SessionStore) -> Result<Layout, &'static str> {
    let clients = store.connection.as_ref().ok().map(|connection| &connection.namespace.prefix);
    let clients = match clients {
        Some(part) if part.is_unknown() => return Err("the key prefix cannot be told from the text alone"),
        part => part.and_then(|part| part.value()).cloned(),
    };
    let configured = match &store.prefix {
        Some(Content::Unknown(_)) => return Err("the key prefix is only known when the program runs"),
        Some(Content::Sealed(_)) => return Err("the key prefix is not known here, only what was sealed of it"),
        Some(Content::Known(prefix)) => Some(prefix.reveal().to_owned()),
        None => None,
    };
    let prefix = match (store.client, clients, configured) {
        (Some(Dialect::PhpRedis), Some(prefix), _) => prefix,
        (Some(Dialect::IoRedis | Dialect::NodeRedis), clients, configured) => {
            format!("{}{}", clients.unwrap_or_default(), configured.unwrap_or_else(|| "sess:".to_owned()))
        }
        (_, clients, Some(configured)) => format!("{}{configured}", clients.unwrap_or_default()),
        (Some(Dialect::RedisRb), _, None) => return Err("Rails' session stores have their key prefix in code"),
        (Some(Dialect::StackExchangeRedis), _, None) => {
            return Err("ASP.NET's instance name is not configured beside the store");
        }
        (_, _, None) => {
            return Err("which session handler uses the store is not known: name its client under `connections`");
        }
    };
    Ok(Layout { prefix })
}
