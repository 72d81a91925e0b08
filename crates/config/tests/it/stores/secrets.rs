//! No secret in Debug, Display or an error: also not when a connection string is miswritten.

use sternway_config::stores::{Dialect, assemble, guess};

/// Looks like an ordinary password. What is printed may not hold it in any case.
const SECRET: &str = "Zq7Kx9Vw2";

const TEXTS: &[(Dialect, &str)] = &[
    (Dialect::RedisRs, "redis://user:{}@cache:6379/0"),
    (Dialect::RedisRs, "unix:///run/redis.sock?db=1&pass={}"),
    (Dialect::IoRedis, "redis://:{}@cache/1?family=6"),
    (Dialect::IoRedis, "redis://cache/1?password={}"),
    (Dialect::NodeRedis, "rediss://:{}@cache/1"),
    (Dialect::Lettuce, "redis-sentinel://:{}@a,b/1#main"),
    (Dialect::SpringRedis, "redis://:{}@cache:6379/8"),
    (Dialect::Jedis, "redis://:{}@cache:6379/8"),
    (Dialect::RedisRb, "redis://:{}@cache:6379/8"),
    (Dialect::RedisPy, "redis://:{}@cache:6379/8"),
    (Dialect::GoRedis, "redis://:{}@cache:6379/8"),
    (Dialect::PhpRedis, "tcp://cache:6379?auth={}&database=1&prefix=a"),
    (Dialect::PhpRedis, "seed[]=a:1&seed[]=b:2&auth={}"),
    (Dialect::StackExchangeRedis, "cache:6379,password={},ssl=true"),
    (Dialect::Libpq, "postgresql://user:{}@db:5432/shop"),
    (Dialect::Libpq, "host=db user=u password={} dbname=shop"),
    (Dialect::Libpq, "host=db user=u password='{}' dbname=shop"),
    (Dialect::Pdo, "pgsql:host=db;port=1;dbname=shop;user=u;password={}"),
    (Dialect::MysqlUrl, "mysql://user:{}@db:3306/shop?charset=utf8"),
    (Dialect::GoMysql, "user:{}@tcp(db:3306)/shop?tls=true"),
    (Dialect::Jdbc, "jdbc:mysql://db/shop?user=u&password={}"),
    (Dialect::Jdbc, "jdbc:postgresql://db/shop?user=u&password={}"),
    (Dialect::Jdbc, "jdbc:sqlserver://db;databaseName=shop;user=u;password={}"),
    (Dialect::Jdbc, "jdbc:oracle:thin:u/{}@db:1521:orcl"),
    (Dialect::DatabaseUrl, "postgres://user:{}@db:5432/shop"),
    (Dialect::SqlClient, "Server=db;Database=shop;User ID=u;Password={}"),
    (Dialect::Tiberius, "Server=db;Database=shop;User ID=u;Password={}"),
    (Dialect::Npgsql, "Host=db;Database=shop;Username=u;Password={}"),
    (Dialect::MySqlConnector, "Server=db;Database=shop;Uid=u;Pwd={}"),
    (Dialect::Mongodb, "mongodb://user:{}@a,b:27018/shop?authSource=admin"),
    (Dialect::Mongodb, "mongodb+srv://user:{}@c.example.com/shop"),
    (Dialect::Amqp, "amqp://user:{}@mq/vhost"),
    (Dialect::Memcached, "memcached://user:{}@a:1,b:2"),
    (Dialect::SymfonyMailer, "smtp://user:{}@mail:587"),
    (Dialect::SymfonyMailer, "mailgun+api://key:{}@default"),
    (Dialect::Nodemailer, "smtps://user:{}@mail"),
    (Dialect::Http, "https://user:{}@api.example.com/v1"),
    (Dialect::Http, "https://api.example.com/v1?api_key={}"),
];

fn told(dialect: Dialect, text: &str) -> String {
    match dialect.parse(text) {
        Ok(made) => format!("{made:?} {made}"),
        Err(error) => format!("{error:?} {error}"),
    }
}

fn told_of_guess(text: &str) -> String {
    match guess("SOME_DSN", text).map(|found| found.parse(text)) {
        Some(Ok(made)) => format!("{made:?} {made}"),
        Some(Err(error)) => format!("{error:?} {error}"),
        None => String::new(),
    }
}

#[test]
fn neither_user_nor_password_nor_settings_are_printed() {
    for (dialect, text) in TEXTS {
        let text = text
            .replace("{}", SECRET)
            .replace("user:", "Pj3Mn8Ht:")
            .replace("u&", "Pj3Mn8Ht&")
            .replace("u;", "Pj3Mn8Ht;");
        let told = format!("{} {}", told(*dialect, &text), told_of_guess(&text)).to_lowercase();
        assert!(!told.contains(&SECRET.to_lowercase()), "{text}: {told}");
        assert!(!told.contains("pj3mn8ht"), "{text}: {told}");
    }
}

/// One character dropped, doubled, or replaced by a separator, at every place of every text: no slip of the hand prints the password.
#[test]
fn a_slip_of_the_hand_does_not_print_the_password() {
    let separators =
        [' ', ':', '@', '/', '?', '#', '&', '=', ';', ',', '%', '+', '[', ']', '(', ')', '\'', '"', '\\', 'x'];
    let mut leaks = Vec::new();
    for (dialect, pattern) in TEXTS {
        let (before, after) = pattern.split_once("{}").unwrap();
        let places =
            before.char_indices().map(|(at, _)| (true, at)).chain(after.char_indices().map(|(at, _)| (false, at)));
        for (is_before, at) in places {
            let slips = std::iter::once(String::new()).chain(separators.iter().map(char::to_string));
            for slip in slips {
                let (mut start, mut end) = (before.to_owned(), after.to_owned());
                let edited = if is_before { &mut start } else { &mut end };
                edited.replace_range(at..=at, &slip);
                let text = format!("{start}{SECRET}{end}");
                let mut told = told(*dialect, &text);
                if slip.is_empty() {
                    told.push_str(&told_of_guess(&text));
                }
                if told.to_lowercase().contains(&SECRET.to_lowercase()) {
                    leaks.push(format!("{dialect}: {text}"));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} texts: {:#?}", leaks.len(), &leaks[..leaks.len().min(60)]);
}

#[test]
fn assembled_parts_print_no_secret() {
    let found =
        assemble([("DB_HOST", "db"), ("DB_CONNECTION", "mysql"), ("DB_PASSWORD", SECRET), ("DB_USERNAME", "Pj3Mn8Ht")]);
    let told = format!("{found:?}");
    assert!(found.len() == 1 && !told.contains(SECRET) && !told.contains("Pj3Mn8Ht"), "{told}");
}
