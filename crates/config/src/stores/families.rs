//! The known families of keys that name one service by parts.

use super::connection::Kind;

/// What one key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Url,
    Driver,
    Scheme,
    Host,
    Port,
    Socket,
    Database,
    Schema,
    User,
    Password,
    Prefix,
    Vhost,
    Tls,
    SslMode,
    /// The file with the authorities whose certificates are believed.
    Authorities,
    Master,
    Nodes,
}

/// A family: keys that begin alike and end in a role. Keys are compared in upper case with `_` for `.`, `-`, `:` and doubled `_`.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// What the keys begin with, with its last `_`; a key may have words before it (`SESSION_` `REDIS_HOST`).
    pub(super) stems: &'static [&'static str],
    /// `None`: a key with the role [`Role::Driver`] says it.
    pub(super) kind: Option<Kind>,
    pub(super) roles: &'static [(&'static str, Role)],
    /// Whether an older version takes the database from beside a URL and everything else from the URL (Spring).
    pub(super) database_beside_url: bool,
    /// Whether words may stand before the stem.
    pub(super) words_before: bool,
}

const COMMON: &[(&str, Role)] = &[
    ("URL", Role::Url),
    ("URI", Role::Url),
    ("DSN", Role::Url),
    ("SCHEME", Role::Scheme),
    ("HOST", Role::Host),
    ("HOSTNAME", Role::Host),
    ("SERVER", Role::Host),
    ("ADDR", Role::Host),
    ("PORT", Role::Port),
    ("SOCKET", Role::Socket),
    ("PATH", Role::Socket),
    ("DB", Role::Database),
    ("DATABASE", Role::Database),
    ("DBNAME", Role::Database),
    ("NAME", Role::Database),
    ("USER", Role::User),
    ("USERNAME", Role::User),
    ("PASSWORD", Role::Password),
    ("PASS", Role::Password),
    ("PWD", Role::Password),
    ("AUTH", Role::Password),
    ("PREFIX", Role::Prefix),
    ("KEY_PREFIX", Role::Prefix),
    ("TLS", Role::Tls),
    ("SSL", Role::Tls),
    ("SSL_ENABLED", Role::Tls),
    ("SSLMODE", Role::SslMode),
    ("SSL_MODE", Role::SslMode),
    ("SSLROOTCERT", Role::Authorities),
    ("SSL_CA", Role::Authorities),
    ("SSL_CA_CERT", Role::Authorities),
    ("SCHEMA", Role::Schema),
    ("SEARCH_PATH", Role::Schema),
    ("SENTINEL_MASTER", Role::Master),
    ("SENTINEL_NODES", Role::Nodes),
    ("CLUSTER_NODES", Role::Nodes),
];

const fn family(name: &'static str, stems: &'static [&'static str], kind: Option<Kind>) -> Family {
    Family { name, stems, kind, roles: COMMON, database_beside_url: false, words_before: true }
}

/// All families; the first that takes a key has it.
pub(super) const FAMILIES: &[Family] = &[
    // Spring Boot 2.x `spring.redis.*`, 3.x `spring.data.redis.*` (RedisProperties); environment variables by relaxed binding.
    Family {
        database_beside_url: true,
        words_before: false,
        ..family("spring-redis", &["SPRING_DATA_REDIS_", "SPRING_REDIS_"], Some(Kind::Redis))
    },
    // Spring Boot MongoProperties, RabbitProperties, MailProperties.
    Family { words_before: false, ..family("spring-mongodb", &["SPRING_DATA_MONGODB_"], Some(Kind::Mongodb)) },
    Family {
        words_before: false,
        roles: &[
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("USERNAME", Role::User),
            ("PASSWORD", Role::Password),
            ("VIRTUAL_HOST", Role::Vhost),
            ("VIRTUALHOST", Role::Vhost),
            ("SSL_ENABLED", Role::Tls),
            ("ADDRESSES", Role::Nodes),
        ],
        ..family("spring-rabbitmq", &["SPRING_RABBITMQ_"], Some(Kind::Amqp))
    },
    Family { words_before: false, ..family("spring-mail", &["SPRING_MAIL_"], Some(Kind::Smtp)) },
    // libpq's own variables (the manual's "Environment Variables").
    Family {
        words_before: false,
        roles: &[
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("DATABASE", Role::Database),
            ("USER", Role::User),
            ("PASSWORD", Role::Password),
            ("SSLMODE", Role::SslMode),
            ("SSLROOTCERT", Role::Authorities),
        ],
        ..family("libpq", &["PG"], Some(Kind::Postgres))
    },
    family("redis", &["REDIS_", "VALKEY_"], Some(Kind::Redis)),
    family("postgres", &["POSTGRES_", "POSTGRESQL_", "PG_"], Some(Kind::Postgres)),
    family("mysql", &["MYSQL_", "MARIADB_"], Some(Kind::Mysql)),
    family("sqlserver", &["MSSQL_", "SQLSERVER_"], Some(Kind::SqlServer)),
    family("mongodb", &["MONGODB_", "MONGO_"], Some(Kind::Mongodb)),
    Family {
        roles: &[
            ("URL", Role::Url),
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("USER", Role::User),
            ("USERNAME", Role::User),
            ("LOGIN", Role::User),
            ("PASSWORD", Role::Password),
            ("PASS", Role::Password),
            ("VHOST", Role::Vhost),
            ("TLS", Role::Tls),
            ("SSL", Role::Tls),
        ],
        ..family("rabbitmq", &["RABBITMQ_", "AMQP_"], Some(Kind::Amqp))
    },
    family("memcached", &["MEMCACHED_", "MEMCACHE_"], Some(Kind::Memcached)),
    // Laravel config/mail.php, Django's EMAIL_*, Rails' and others' SMTP_*.
    Family {
        roles: &[
            ("URL", Role::Url),
            ("HOST", Role::Host),
            ("ADDRESS", Role::Host),
            ("PORT", Role::Port),
            ("USERNAME", Role::User),
            ("USER", Role::User),
            ("HOST_USER", Role::User),
            ("USER_NAME", Role::User),
            ("PASSWORD", Role::Password),
            ("HOST_PASSWORD", Role::Password),
            ("PASS", Role::Password),
            ("SCHEME", Role::Scheme),
            ("USE_SSL", Role::Tls),
        ],
        ..family("mail", &["MAIL_", "SMTP_", "EMAIL_"], Some(Kind::Smtp))
    },
    // The official image of WordPress (docker-entrypoint.sh, wp-config-docker.php): always MySQL.
    Family { words_before: false, ..family("wordpress", &["WORDPRESS_DB_"], Some(Kind::Mysql)) },
    // Laravel config/database.php; Rails' database.yml and Django's DATABASES flattened to keys.
    Family {
        roles: &[
            ("URL", Role::Url),
            ("CONNECTION", Role::Driver),
            ("DRIVER", Role::Driver),
            ("ADAPTER", Role::Driver),
            ("ENGINE", Role::Driver),
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("SOCKET", Role::Socket),
            ("DATABASE", Role::Database),
            ("NAME", Role::Database),
            ("DBNAME", Role::Database),
            ("USERNAME", Role::User),
            ("USER", Role::User),
            ("PASSWORD", Role::Password),
            ("PASS", Role::Password),
            ("SCHEMA", Role::Schema),
            ("SEARCH_PATH", Role::Schema),
            ("SSLMODE", Role::SslMode),
            ("SSL_MODE", Role::SslMode),
            ("SSLROOTCERT", Role::Authorities),
            ("SSL_CA", Role::Authorities),
            ("SCHEMA_SEARCH_PATH", Role::Schema),
        ],
        ..family("database", &["DB_", "DATABASE_", "DATABASES_DEFAULT_"], None)
    },
    // Rails' database.yml as it stands: `production.adapter`, or with a second name `production.primary.adapter`.
    Family {
        roles: &[
            ("URL", Role::Url),
            ("ADAPTER", Role::Driver),
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("SOCKET", Role::Socket),
            ("DATABASE", Role::Database),
            ("USERNAME", Role::User),
            ("PASSWORD", Role::Password),
            ("SSLMODE", Role::SslMode),
            ("SSL_MODE", Role::SslMode),
            ("SSLROOTCERT", Role::Authorities),
            ("SSLCA", Role::Authorities),
            ("SCHEMA_SEARCH_PATH", Role::Schema),
        ],
        ..family("rails", &["PRODUCTION_", "STAGING_", "DEVELOPMENT_", "TEST_"], None)
    },
    // The same below one environment, `database.yml#production`, and others that say the driver beside the host. Without a driver the
    // words alone say nothing: `host` and `port` are most often where a service listens.
    Family {
        words_before: false,
        roles: &[
            ("URL", Role::Url),
            ("ADAPTER", Role::Driver),
            ("DRIVER", Role::Driver),
            ("HOST", Role::Host),
            ("PORT", Role::Port),
            ("SOCKET", Role::Socket),
            ("DATABASE", Role::Database),
            ("USERNAME", Role::User),
            ("USER", Role::User),
            ("PASSWORD", Role::Password),
            ("PREFIX", Role::Prefix),
            ("CHANNEL_PREFIX", Role::Prefix),
            ("SSLMODE", Role::SslMode),
            ("SCHEMA_SEARCH_PATH", Role::Schema),
        ],
        ..family(BARE, &[""], None)
    },
];

/// The family of keys that are roles alone.
pub(super) const BARE: &str = "bare";

/// The kind that a driver's name says: Laravel's connections, Rails' adapters, Django's engines.
pub(super) fn driver_kind(name: &str) -> Option<Kind> {
    let name = name.trim().to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    Some(match last {
        "pgsql" | "postgresql" | "postgres" | "postgis" | "postgresql_psycopg2" | "pdo_pgsql" => Kind::Postgres,
        "mysql" | "mysql2" | "mariadb" | "trilogy" | "pdo_mysql" | "mysqli" => Kind::Mysql,
        "sqlite" | "sqlite3" | "pdo_sqlite" | "spatialite" => Kind::Sqlite,
        "sqlsrv" | "sqlserver" | "mssql" => Kind::SqlServer,
        "mongodb" => Kind::Mongodb,
        "oracle" => Kind::Oracle,
        "redis" | "phpredis" | "predis" => Kind::Redis,
        _ => return None,
    })
}
