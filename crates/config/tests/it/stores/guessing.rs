//! Which dialect a key and value speak.

use sternway_config::stores::{Component, Dialect, Placement, Remark, Verdict, compare, guess};

use super::facts;

#[test]
fn keys_and_forms_say_the_dialect() {
    for (key, value, dialect, sure) in [
        ("SPRING_DATA_REDIS_URL", "redis://h/8", Dialect::SpringRedis, true),
        ("spring.datasource.url", "jdbc:postgresql://h/d", Dialect::Jdbc, true),
        ("SPRING_DATASOURCE_URL", "jdbc:mysql://h/d", Dialect::Jdbc, true),
        ("ConnectionStrings__Redis", "h:6379,password=x,ssl=true", Dialect::StackExchangeRedis, true),
        ("ConnectionStrings:Default", "Server=h;Database=d;Trusted_Connection=True", Dialect::SqlClient, true),
        ("ConnectionStrings__Npgsql", "Host=h;Username=u", Dialect::Npgsql, true),
        ("ConnectionStrings__Main", "Host=h;Username=u;Password=p", Dialect::Npgsql, false),
        ("ConnectionStrings__MySql", "Server=h;User=u", Dialect::MySqlConnector, true),
        ("DATABASE_URL", "postgres://u@h/d", Dialect::DatabaseUrl, false),
        ("DATABASE_URL", "mysql://u@h/d", Dialect::MysqlUrl, false),
        ("MAILER_DSN", "smtp://h", Dialect::SymfonyMailer, true),
        ("session.save_path", "tcp://h:6379?auth=x", Dialect::PhpRedis, true),
        ("session.save_path", "tcp://h:6379", Dialect::PhpRedis, false),
        ("session.save_path", "h:11211", Dialect::PhpMemcached, false),
        ("CACHE_URL", "memcached://h", Dialect::Memcached, false),
        ("RABBITMQ_URL", "amqp://h", Dialect::Amqp, true),
        ("MONGO_URI", "mongodb+srv://h/d", Dialect::Mongodb, true),
        ("API_BASE", "https://h/v1", Dialect::Http, true),
        ("DSN", "mysql:host=h;dbname=d", Dialect::Pdo, true),
        ("MYSQL_DSN", "u:p@tcp(h:3306)/d", Dialect::GoMysql, true),
        ("PG_DSN", "host=h user=u dbname=d", Dialect::Libpq, true),
        ("CELERY_BROKER_URL", "redis://h/1", Dialect::RedisPy, true),
        ("SQLITE_PATH", "/var/lib/app.sqlite", Dialect::SqliteFile, false),
    ] {
        let found = guess(key, value).unwrap_or_else(|| panic!("{key}={value}"));
        assert_eq!((found.dialects[0], found.sure), (dialect, sure), "{key}={value}");
        assert!(found.parse(value).is_ok(), "{key}={value}: {:?}", found.parse(value));
    }
}

#[test]
fn what_is_no_connection_is_not_guessed() {
    for (key, value) in [
        ("APP_NAME", "shop"),
        ("TITLE", "a = b; c = d"),
        ("PASSWORD", "hunter2"),
        ("session.save_path", "/var/lib/php/sessions"),
        ("TIME", "12:30"),
        ("REDIS_URL", ""),
        ("NOTE", "see x://y for z\n"),
        ("ENABLED", "true"),
        ("CLASS", "App\\Models\\User"),
    ] {
        assert_eq!(guess(key, value), None, "{key}={value}");
    }
}

#[test]
fn what_the_clients_disagree_about_is_unknown() {
    let read = |value: &str| guess("REDIS_URL", value).unwrap().parse(value).unwrap();
    assert_eq!(facts(&read("redis://:s@h:1/2")), "h:1 db=2 user=~default pass=s tls=~Off");
    let query = read("redis://h?db=2");
    assert!(query.namespace.database.is_unknown() && query.remarks.contains(&Remark::Ambiguous(Component::Database)));
    assert_eq!(compare(&query, &query, Placement::OneHost).verdict, Verdict::Unknown);
    let lone = read("redis://word@h");
    assert!(lone.password.is_unknown() && lone.remarks.contains(&Remark::RefusedBySome));
    assert!(read("redis://:a+b@h").password.is_unknown());
    // Without a port an explicit client is not needed: all but Jedis agree.
    assert_eq!(facts(&read("rediss://h")), "h:~6379 db=~0 tls=On");
}

#[test]
fn readings_of_several_kinds_are_not_mixed() {
    let value = "Server=h;Database=d;User Id=u";
    let found = guess("ConnectionStrings__Main", value).unwrap();
    assert!(!found.sure && found.dialects.len() > 1);
    assert!(found.parse(value).unwrap_err().why().contains("different kinds"));
}

#[test]
fn every_dialect_has_a_name_of_its_own() {
    for dialect in Dialect::ALL {
        assert_eq!(Dialect::named(dialect.name()), Some(dialect));
    }
    assert_eq!(Dialect::named("nothing"), None);
}
