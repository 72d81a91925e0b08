//! Which client reads a text.

use std::fmt;

use super::connection::Connection;
use super::endpoint::{CROWDED, MOST, Why};
use super::{
    ado, amqp, database_url, http, jdbc, libpq, memcached, mongodb, mysql, pdo, redis, smtp, sqlite, sqlserver,
};

/// A client library, or a family of them that read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// redis-rs (Rust), 0.27 to 1.x.
    RedisRs,
    /// phpredis' session handler: `session.save_path` with `session.save_handler = redis` or `rediscluster`, 5.3 to 6.x.
    PhpRedis,
    /// ioredis (Node), 5.x.
    IoRedis,
    /// node-redis, 4.x and 5.x.
    NodeRedis,
    /// Lettuce (Java), 6.x.
    Lettuce,
    /// Spring Boot's `spring.data.redis.url`, 2.x to 3.x.
    SpringRedis,
    /// Jedis (Java), 4.x to 6.x.
    Jedis,
    /// StackExchange.Redis (.NET), 2.x.
    StackExchangeRedis,
    /// redis-rb 5 and Sidekiq 7, both on redis-client.
    RedisRb,
    /// redis-py, 4.x to 6.x; also Django's cache and Celery.
    RedisPy,
    /// go-redis, v9.
    GoRedis,
    /// libpq, 14 to 18, and what is built on it: psycopg, Rails, PHP's pgsql.
    Libpq,
    /// PHP's PDO: `mysql:`, `pgsql:`, `sqlite:`, `sqlsrv:`; 7.4 to 8.4.
    Pdo,
    /// `mysql://` as most libraries read it.
    MysqlUrl,
    /// go-sql-driver/mysql, 1.x.
    GoMysql,
    /// JDBC URLs of Connector/J 8, MariaDB Connector/J 3, pgJDBC 42, mssql-jdbc, Oracle thin.
    Jdbc,
    /// `DATABASE_URL` as Rails, Django, Doctrine, SQLAlchemy and Prisma share it: the scheme says the kind.
    DatabaseUrl,
    /// Microsoft.Data.SqlClient and System.Data.SqlClient.
    SqlClient,
    /// Npgsql (.NET), 6.x to 9.x.
    Npgsql,
    /// MySqlConnector (.NET), 2.x.
    MySqlConnector,
    /// tiberius (Rust), 0.12, which reads ADO.NET strings.
    Tiberius,
    /// MongoDB's connection string specification.
    Mongodb,
    /// RabbitMQ's URI specification.
    Amqp,
    /// Lists of memcached servers, with or without `memcached://`.
    Memcached,
    /// `session.save_path` of php-memcached 3.x, or of pecl/memcache with `tcp://`.
    PhpMemcached,
    /// Symfony's mailer DSN, 5.x to 7.x.
    SymfonyMailer,
    /// Nodemailer, 6.x.
    Nodemailer,
    /// Any other `smtp://` or `smtps://`.
    Smtp,
    /// A base URL of an HTTP service.
    Http,
    /// A path of an SQLite file, or SQLite's own `file:` URI.
    SqliteFile,
    /// `sqlite:` URLs as SQLAlchemy, Django and Doctrine read them: three slashes and a relative path, four and an absolute one.
    SqliteUrl,
    /// `sqlite:` URLs as sqlx (Rust) reads them: two slashes and a path.
    SqliteSqlx,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 32] = [
        Self::RedisRs,
        Self::PhpRedis,
        Self::IoRedis,
        Self::NodeRedis,
        Self::Lettuce,
        Self::SpringRedis,
        Self::Jedis,
        Self::StackExchangeRedis,
        Self::RedisRb,
        Self::RedisPy,
        Self::GoRedis,
        Self::Libpq,
        Self::Pdo,
        Self::MysqlUrl,
        Self::GoMysql,
        Self::Jdbc,
        Self::DatabaseUrl,
        Self::SqlClient,
        Self::Npgsql,
        Self::MySqlConnector,
        Self::Tiberius,
        Self::Mongodb,
        Self::Amqp,
        Self::Memcached,
        Self::PhpMemcached,
        Self::SymfonyMailer,
        Self::Nodemailer,
        Self::Smtp,
        Self::Http,
        Self::SqliteFile,
        Self::SqliteUrl,
        Self::SqliteSqlx,
    ];

    /// The name by which a project file says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RedisRs => "redis-rs",
            Self::PhpRedis => "phpredis",
            Self::IoRedis => "ioredis",
            Self::NodeRedis => "node-redis",
            Self::Lettuce => "lettuce",
            Self::SpringRedis => "spring-redis",
            Self::Jedis => "jedis",
            Self::StackExchangeRedis => "stackexchange-redis",
            Self::RedisRb => "redis-rb",
            Self::RedisPy => "redis-py",
            Self::GoRedis => "go-redis",
            Self::Libpq => "libpq",
            Self::Pdo => "pdo",
            Self::MysqlUrl => "mysql",
            Self::GoMysql => "go-mysql",
            Self::Jdbc => "jdbc",
            Self::DatabaseUrl => "database-url",
            Self::SqlClient => "sqlclient",
            Self::Npgsql => "npgsql",
            Self::MySqlConnector => "mysqlconnector",
            Self::Tiberius => "tiberius",
            Self::Mongodb => "mongodb",
            Self::Amqp => "amqp",
            Self::Memcached => "memcached",
            Self::PhpMemcached => "php-memcached",
            Self::SymfonyMailer => "symfony-mailer",
            Self::Nodemailer => "nodemailer",
            Self::Smtp => "smtp",
            Self::Http => "http",
            Self::SqliteFile => "sqlite",
            Self::SqliteUrl => "sqlite-url",
            Self::SqliteSqlx => "sqlite-sqlx",
        }
    }

    /// The dialect of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Reads a text as this client does, with nothing around it.
    pub fn parse(self, text: &str) -> Result<Connection, ParseError> {
        self.parse_in(text, &Surroundings::default())
    }

    /// Reads a text as this client does in these surroundings.
    pub fn parse_in(self, text: &str, around: &Surroundings<'_>) -> Result<Connection, ParseError> {
        if text.len() > LONGEST {
            return Err(ParseError { dialect: self, why: "it is longer than any connection string" });
        }
        let read = match self {
            Self::RedisRs
            | Self::IoRedis
            | Self::NodeRedis
            | Self::Lettuce
            | Self::SpringRedis
            | Self::Jedis
            | Self::RedisRb
            | Self::RedisPy
            | Self::GoRedis => redis::parse_url(self, text),
            Self::PhpRedis => redis::parse_save_path(text),
            Self::StackExchangeRedis => redis::parse_stackexchange(text),
            Self::Libpq => libpq::parse(text, around),
            Self::Pdo => pdo::parse(text, around),
            Self::MysqlUrl => mysql::parse_url(text),
            Self::GoMysql => mysql::parse_go(text),
            Self::Jdbc => jdbc::parse(text),
            Self::DatabaseUrl => database_url::parse(text, around),
            Self::SqlClient => sqlserver::parse(text, sqlserver::Client::Microsoft),
            Self::Tiberius => sqlserver::parse(text, sqlserver::Client::Tiberius),
            Self::Npgsql => ado::parse_npgsql(text),
            Self::MySqlConnector => ado::parse_mysql(text),
            Self::Mongodb => mongodb::parse(text),
            Self::Amqp => amqp::parse(text),
            Self::Memcached => memcached::parse(text),
            Self::PhpMemcached => memcached::parse_save_path(text),
            Self::SymfonyMailer | Self::Nodemailer | Self::Smtp => smtp::parse(self, text),
            Self::Http => http::parse(text),
            Self::SqliteFile => sqlite::parse_file(text),
            Self::SqliteUrl => sqlite::parse_url(text, sqlite::Slashes::Sqlalchemy),
            Self::SqliteSqlx => sqlite::parse_url(text, sqlite::Slashes::Sqlx),
        };
        let crowded = |made: &Connection| made.endpoints.value().is_some_and(|endpoints| endpoints.list.len() > MOST);
        match read {
            Ok(made) if crowded(&made) => Err(ParseError { dialect: self, why: CROWDED }),
            Ok(made) => Ok(made),
            Err(why) => Err(ParseError { dialect: self, why }),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A bound on what is read at all, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// Why a text is no connection string of a dialect. It quotes nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not understood as {dialect}: {why}")]
pub struct ParseError {
    /// As what it was read.
    pub dialect: Dialect,
    pub(super) why: Why,
}

impl ParseError {
    /// Why, in a fixed sentence.
    pub fn why(&self) -> &'static str {
        self.why
    }
}

/// What a client reads besides the text. By default there is nothing.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The environment variables of the process (`PGHOST`, ...), as resolved.
    pub variables: &'a [(&'a str, &'a str)],
    /// The text of pg_service.conf.
    pub pg_service: Option<&'a str>,
}

impl Surroundings<'_> {
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find_map(|(key, value)| (*key == name).then_some(*value))
    }
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(***)")
    }
}
