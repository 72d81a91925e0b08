//! Which dialects a key and its value leave open.

use super::connection::Connection;
use super::dialect::{Dialect, LONGEST, ParseError, Surroundings};
use super::keywords;
use super::remark::Remark;
use super::{mysql, sqlite};

/// The dialects in which a value may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// At least one; the likeliest first.
    pub dialects: Vec<Dialect>,
    /// Whether the key or the form leaves no doubt. Otherwise say so where a reading is shown.
    pub sure: bool,
}

impl Guess {
    /// Reads the text in every dialect left open. What the readings disagree about is unknown, and remarked.
    pub fn parse(&self, text: &str) -> Result<Connection, ParseError> {
        self.parse_in(text, &Surroundings::default())
    }

    /// As [`Self::parse`], in these surroundings.
    pub fn parse_in(&self, text: &str, around: &Surroundings<'_>) -> Result<Connection, ParseError> {
        let (mut made, mut refused): (Option<Connection>, Option<ParseError>) = (None, None);
        for dialect in &self.dialects {
            match (dialect.parse_in(text, around), made.take()) {
                (Ok(read), None) => made = Some(read),
                (Ok(read), Some(so_far)) => {
                    let agreed = so_far.agreed(&read);
                    made = Some(agreed.map_err(|_| ParseError { dialect: *dialect, why: OF_SEVERAL_KINDS })?);
                }
                (Err(error), so_far) => {
                    refused = refused.or(Some(error));
                    made = so_far;
                }
            }
        }
        match (made, refused) {
            (Some(mut made), Some(_)) => {
                made.remark(Remark::RefusedBySome);
                Ok(made)
            }
            (Some(made), None) => Ok(made),
            (None, Some(error)) => Err(error),
            (None, None) => Err(ParseError { dialect: Dialect::DatabaseUrl, why: "no dialect reads it" }),
        }
    }
}

const OF_SEVERAL_KINDS: &str = "clients of different kinds of stores read it: say which it is for";

/// The clients that read `redis://` and of which a key alone says none.
const REDIS: [Dialect; 8] = [
    Dialect::RedisRs,
    Dialect::IoRedis,
    Dialect::NodeRedis,
    Dialect::Lettuce,
    Dialect::Jedis,
    Dialect::RedisRb,
    Dialect::RedisPy,
    Dialect::GoRedis,
];

/// Guesses from the key's name and the value's form. `None` when nothing speaks for a connection.
pub fn guess(key: &str, value: &str) -> Option<Guess> {
    let value = value.trim();
    // Most values are words and numbers: a connection has a sign in it, but for the name of a memcached host.
    let plain = !value.bytes().any(|byte| matches!(byte, b':' | b'=' | b'/' | b'.' | b'@' | b'\\' | b','));
    let key = Key::of(key);
    if plain && !key.says_any(&["memcache", "save_path"]) {
        return None;
    }
    if value.is_empty() || value.len() > LONGEST || value.chars().any(char::is_control) {
        return None;
    }
    if key.says("save_path") {
        return save_path(value);
    }
    if let Some((scheme, _)) = value.split_once("://")
        && scheme.len() <= 40
        && !scheme.contains([';', ' ', '='])
    {
        return by_scheme(&key, &scheme.to_ascii_lowercase(), value);
    }
    if let Some((word, rest)) = value.split_once(':')
        && let Some(found) = by_word(word, rest)
    {
        return Some(found);
    }
    if let Some(found) = pairs(&key, value) {
        return Some(found);
    }
    bare(&key, value)
}

/// A key in one spelling.
struct Key(String);

impl Key {
    fn of(key: &str) -> Self {
        Self(key.to_ascii_lowercase().replace(['.', '-', ':'], "_"))
    }

    fn says(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    fn says_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.says(word))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of every rule below is an Option")]
fn sure(dialect: Dialect) -> Option<Guess> {
    Some(Guess { dialects: vec![dialect], sure: true })
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of every rule below is an Option")]
fn perhaps(dialects: &[Dialect]) -> Option<Guess> {
    Some(Guess { dialects: dialects.to_vec(), sure: false })
}

fn save_path(value: &str) -> Option<Guess> {
    if value.starts_with("seed[") || value.contains("&seed[") || value.contains("database=") || value.contains("auth=")
    {
        return sure(Dialect::PhpRedis);
    }
    if value.contains("://") {
        // pecl/memcache writes tcp:// too; the port tells them apart in most files.
        let memcache = value.contains(":11211");
        return if memcache { perhaps(&[Dialect::PhpMemcached]) } else { perhaps(&[Dialect::PhpRedis]) };
    }
    if value.starts_with("unix:") {
        return sure(Dialect::PhpRedis);
    }
    if value.starts_with('/') || value.contains(";/") {
        // A folder of files.
        return None;
    }
    perhaps(&[Dialect::PhpMemcached])
}

fn by_scheme(key: &Key, scheme: &str, value: &str) -> Option<Guess> {
    let base = scheme.split('+').next().unwrap_or_default();
    match scheme {
        "redis" | "rediss" if key.says("spring") => sure(Dialect::SpringRedis),
        "redis" | "rediss" if key.says_any(&["sidekiq", "resque", "action_cable"]) => sure(Dialect::RedisRb),
        "redis" | "rediss" if key.says_any(&["celery", "django"]) => sure(Dialect::RedisPy),
        "redis" | "rediss" => perhaps(&REDIS),
        "valkey" | "valkeys" | "redis+unix" => sure(Dialect::RedisRs),
        "redis-sentinel" | "rediss-sentinel" | "redis-socket" | "redis+socket" | "redis+ssl" | "redis+tls" => {
            sure(Dialect::Lettuce)
        }
        "unix" if key.says("redis") => {
            perhaps(&[Dialect::RedisRs, Dialect::NodeRedis, Dialect::RedisRb, Dialect::RedisPy, Dialect::GoRedis])
        }
        "tcp" | "tls" if key.says_any(&["redis", "session"]) => perhaps(&[Dialect::PhpRedis]),
        "tcp" if key.says("memcache") => perhaps(&[Dialect::PhpMemcached]),
        "postgres" | "postgresql" => Some(Guess { dialects: vec![Dialect::DatabaseUrl], sure: false }),
        "mongodb" | "mongodb+srv" => sure(Dialect::Mongodb),
        "amqp" | "amqps" => sure(Dialect::Amqp),
        "memcached" | "memcache" => perhaps(&[Dialect::Memcached]),
        "smtp" | "smtps" if key.says("mailer_dsn") => sure(Dialect::SymfonyMailer),
        "smtp" | "smtps" => perhaps(&[Dialect::SymfonyMailer, Dialect::Nodemailer, Dialect::Smtp]),
        "http" | "https" | "ws" | "wss" => sure(Dialect::Http),
        "sqlite" | "sqlite3" if key.says_any(&["django", "sqlalchemy"]) => sure(Dialect::SqliteUrl),
        _ if key.says("mailer_dsn") => sure(Dialect::SymfonyMailer),
        _ if value.starts_with("jdbc:") => sure(Dialect::Jdbc),
        _ if sqlite::is_scheme(scheme) => perhaps(&[Dialect::SqliteUrl, Dialect::SqliteSqlx]),
        _ if mysql::is_scheme(scheme) => perhaps(&[Dialect::MysqlUrl]),
        _ if matches!(base, "postgresql" | "postgres" | "pgsql" | "postgis" | "sqlserver" | "mssql") => {
            perhaps(&[Dialect::DatabaseUrl])
        }
        _ => None,
    }
}

fn by_word(word: &str, rest: &str) -> Option<Guess> {
    match word {
        "jdbc" => sure(Dialect::Jdbc),
        "mysql" | "pgsql" | "sqlsrv" if rest.contains('=') => sure(Dialect::Pdo),
        "sqlite" if rest.starts_with("//") => perhaps(&[Dialect::SqliteUrl, Dialect::SqliteSqlx]),
        "sqlite" => perhaps(&[Dialect::Pdo, Dialect::SqliteUrl]),
        "file" => perhaps(&[Dialect::SqliteFile]),
        "failover(smtp" | "roundrobin(smtp" => sure(Dialect::SymfonyMailer),
        _ => None,
    }
}

/// `Name=value;...`, `name=value name=value`, `host,name=value`.
fn pairs(key: &Key, value: &str) -> Option<Guess> {
    let lower = value.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if value.contains('=')
        && !value.contains(';')
        && (lower.starts_with("host=") || has(&[" host=", "dbname=", "service="]))
        && Dialect::Libpq.parse(value).is_ok()
    {
        return sure(Dialect::Libpq);
    }
    if key.says_any(&["redis", "cache", "connectionstrings"])
        && !value.contains(';')
        && has(&[",password=", ",ssl=", ",abortconnect=", ",defaultdatabase=", ",user=", ",servicename="])
    {
        return sure(Dialect::StackExchangeRedis);
    }
    let read = keywords::pairs(value).ok()?;
    let place = ["server", "host", "data source", "datasource", "addr", "address", "network address"];
    if !read.has(&place) {
        return None;
    }
    if has(&[
        "initial catalog",
        "trustservercertificate",
        "multipleactiveresultsets",
        "integrated security",
        "trusted_connection",
        "(localdb)",
        "tcp:",
    ]) || key.says_any(&["sqlserver", "mssql"])
    {
        return sure(Dialect::SqlClient);
    }
    if key.says_any(&["postgres", "npgsql", "pgsql"]) || has(&["search path=", "include error detail="]) {
        return sure(Dialect::Npgsql);
    }
    if key.says_any(&["mysql", "mariadb"])
        || has(&["allowuservariables=", "allow user variables=", "treattinyasboolean="])
    {
        return sure(Dialect::MySqlConnector);
    }
    if read.has(&["host"]) && !read.has(&["server"]) {
        return perhaps(&[Dialect::Npgsql]);
    }
    if read.has(&["port"]) {
        return perhaps(&[Dialect::MySqlConnector, Dialect::Npgsql]);
    }
    if read.has(&["data source", "datasource"]) && has(&[".db", ".sqlite", ":memory:"]) {
        return None;
    }
    perhaps(&[Dialect::SqlClient, Dialect::MySqlConnector])
}

/// Values without scheme or pairs: the key must say what it is.
fn bare(key: &Key, value: &str) -> Option<Guess> {
    let url_key =
        key.0.ends_with("_url") || key.0.ends_with("_uri") || key.0.ends_with("_dsn") || key.says("connectionstrings");
    if value.contains("@tcp(") || value.contains("@unix(") {
        return sure(Dialect::GoMysql);
    }
    if value.contains(char::is_whitespace) || value.contains('@') {
        return None;
    }
    if key.says("redis") && (url_key || key.0.ends_with("redis")) && value.contains(':') {
        return perhaps(&[Dialect::StackExchangeRedis, Dialect::IoRedis]);
    }
    if key.says("memcache") && (url_key || key.0.ends_with("servers") || key.0.ends_with("hosts")) {
        return perhaps(&[Dialect::Memcached]);
    }
    let sqlite = [".sqlite", ".sqlite3", ".db"].iter().any(|end| value.ends_with(end));
    if sqlite && (value.contains('/') || key.says_any(&["sqlite", "database", "db"])) {
        return perhaps(&[Dialect::SqliteFile]);
    }
    None
}
