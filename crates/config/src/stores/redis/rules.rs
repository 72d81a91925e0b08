//! Where the clients' readings of `redis://` differ.

use super::super::dialect::Dialect;

/// What a lone word before the `@` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lone {
    User,
    Password,
    Refused,
}

/// What a database in the query does over TCP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryDatabase {
    Ignored,
    /// It wins over the path.
    Wins,
    /// It counts when the path has none.
    FillsIn,
}

/// What the path does over TCP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathDatabase {
    Counts,
    /// Spring Boot before 3.5 ignores it.
    MayBeIgnored,
}

/// One client's reading.
pub(super) struct Rules {
    pub(super) schemes: &'static [&'static str],
    pub(super) lone: Lone,
    pub(super) path: PathDatabase,
    pub(super) query: QueryDatabase,
    /// Names of the database in the query.
    pub(super) database: &'static [&'static str],
    /// Whether `user`, `password` and a key prefix are read from the query.
    pub(super) query_credentials: bool,
    /// Whether an empty host is localhost.
    pub(super) empty_host: bool,
    /// Whether `+` in a password is a space.
    pub(super) plus_is_space: bool,
    /// Whether the user is percent-decoded.
    pub(super) decodes_user: bool,
    /// Whether several hosts may be given.
    pub(super) lists: bool,
    pub(super) port_required: bool,
}

const PLAIN: Rules = Rules {
    schemes: &["redis", "rediss"],
    lone: Lone::User,
    path: PathDatabase::Counts,
    query: QueryDatabase::Ignored,
    database: &["db"],
    query_credentials: false,
    empty_host: false,
    plus_is_space: false,
    decodes_user: true,
    lists: false,
    port_required: false,
};

/// The rules of a client that reads URLs.
pub(super) fn of(dialect: Dialect) -> Rules {
    match dialect {
        // ioredis 5.4 lib/utils/index.ts parseURL: the query's pairs become options, the URL's own parts win; without a scheme the
        // text is host:port, a lone number the port, a path the socket.
        Dialect::IoRedis => Rules {
            schemes: &["redis", "rediss", ""],
            query: QueryDatabase::FillsIn,
            query_credentials: true,
            empty_host: true,
            ..PLAIN
        },
        // node-redis 5 packages/client/lib/client/index.ts parseURL and #parseUnixURL: the query is read for unix: only.
        Dialect::NodeRedis => Rules { schemes: &["redis", "rediss", "unix"], empty_host: true, ..PLAIN },
        // Lettuce 6.5 RedisURI.buildRedisUriFromUri: a lone word is the password; `database` or `db` in the query is read after the path.
        Dialect::Lettuce => Rules {
            schemes: &[
                "redis",
                "rediss",
                "redis+ssl",
                "redis+tls",
                "redis-socket",
                "redis+socket",
                "redis-sentinel",
                "rediss-sentinel",
            ],
            lone: Lone::Password,
            query: QueryDatabase::Wins,
            database: &["database", "db"],
            lists: true,
            ..PLAIN
        },
        // Spring Boot 3.4 PropertiesRedisConnectionDetails: the path was read from 3.5 on (spring-boot #43810, #43813).
        Dialect::SpringRedis => Rules { lone: Lone::Password, path: PathDatabase::MayBeIgnored, ..PLAIN },
        // Jedis 5 JedisURIHelper: isValid refuses a missing port; getPassword takes the second word.
        Dialect::Jedis => Rules { lone: Lone::Refused, port_required: true, ..PLAIN },
        // redis-client 0.22 lib/redis_client/url_config.rb: a lone word is the password, decode_www_form_component reads it, the user is
        // taken as it stands.
        Dialect::RedisRb => Rules {
            schemes: &["redis", "rediss", "unix"],
            lone: Lone::Password,
            empty_host: true,
            plus_is_space: true,
            decodes_user: false,
            ..PLAIN
        },
        // redis-py 5 redis/connection.py parse_url: options of the query win over the path, credentials of the URL over the query.
        Dialect::RedisPy => Rules {
            schemes: &["redis", "rediss", "unix"],
            query: QueryDatabase::Wins,
            query_credentials: true,
            empty_host: true,
            ..PLAIN
        },
        // go-redis v9 options.go ParseURL and setupConnParams: `db` of the query wins.
        Dialect::GoRedis => {
            Rules { schemes: &["redis", "rediss", "unix"], query: QueryDatabase::Wins, empty_host: true, ..PLAIN }
        }
        // redis-rs 0.27 connection.rs url_to_tcp_connection_info and url_to_unix_connection_info: db, user and pass of the query are read
        // for unix sockets only.
        _ => Rules { schemes: &["redis", "rediss", "valkey", "valkeys", "unix", "redis+unix"], ..PLAIN },
    }
}
