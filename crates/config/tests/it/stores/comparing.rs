//! Verdicts.

use sternway_config::stores::{Component, Dialect, Placement, Verdict, compare};

use super::{compared, read};

#[test]
fn each_component_has_its_verdict() {
    use Component as C;
    use Dialect as D;
    use Verdict as V;
    let rows: &[(D, &str, &str, V, &[C])] = &[
        (D::RedisRs, "redis://a", "redis://a", V::Identical, &[]),
        (D::RedisRs, "redis://a", "redis://A.:6379/0", V::Equivalent, &[]),
        (D::RedisRs, "redis://:%73@a", "redis://:s@a", V::Identical, &[]),
        (D::RedisRs, "redis://a", "redis://b", V::Different, &[C::Endpoints]),
        (D::RedisRs, "redis://a", "redis://a:6380", V::Different, &[C::Endpoints]),
        (D::RedisRs, "redis://a", "redis://a/1", V::SameServerOtherNamespace, &[C::Database]),
        (D::RedisRs, "redis://a", "rediss://a", V::Different, &[C::Tls]),
        (D::RedisRs, "redis://:x@a", "redis://:y@a", V::SameStoreOtherCredential, &[C::Password]),
        (D::RedisRs, "redis://u:x@a", "redis://v:x@a", V::SameStoreOtherCredential, &[C::User]),
        (D::RedisRs, "redis://:x@a", "redis://default:x@a", V::Equivalent, &[]),
        (D::RedisRs, "redis://:x@a/1", "redis://:y@a/2", V::SameServerOtherNamespace, &[C::Database, C::Password]),
        (D::RedisRs, "redis://a?protocol=2", "redis://a?protocol=3", V::Equivalent, &[C::Tuning]),
        (D::RedisRs, "redis://a?what=2", "redis://a?what=3", V::Unknown, &[]),
        (D::PhpRedis, "tcp://a?prefix=x", "tcp://a?prefix=y", V::SameServerOtherNamespace, &[C::Prefix]),
        (D::PhpRedis, "tcp://a?prefix=PHPREDIS_SESSION:", "tcp://a", V::Equivalent, &[]),
        (D::PhpRedis, "tcp://a,tcp://b", "tcp://b,tcp://a", V::Different, &[C::Order]),
        (D::PhpRedis, "tcp://a,tcp://b", "tcp://a,tcp://b?weight=2", V::Different, &[C::Options]),
        (D::PhpRedis, "tcp://a?timeout=1", "tcp://a?timeout=2.5", V::Equivalent, &[C::Tuning]),
        (D::PhpRedis, "seed[]=a:1&seed[]=b:1", "seed[]=b:1&seed[]=a:1", V::Equivalent, &[]),
        (D::Lettuce, "redis-sentinel://a,b#m", "redis-sentinel://b,a#m", V::Equivalent, &[]),
        (D::Lettuce, "redis-sentinel://a,b#m", "redis-sentinel://a,b#n", V::Different, &[C::Group]),
        (D::Lettuce, "redis-sentinel://a,b,c#m", "redis-sentinel://a,b#m", V::Equivalent, &[]),
        (D::Lettuce, "redis-sentinel://a,b#m", "redis-sentinel://a,c#m", V::Unknown, &[]),
        (D::Lettuce, "redis-sentinel://a,b#m", "redis-sentinel://c,d#m", V::Different, &[C::Endpoints]),
        (D::StackExchangeRedis, "a:6379,ssl=true", "a,ssl=true", V::Different, &[C::Endpoints]),
        (D::StackExchangeRedis, "a:6380,ssl=true", "a,ssl=True", V::Equivalent, &[]),
        (D::Libpq, "postgresql://u@a/d", "host=a user=u dbname=d", V::Identical, &[]),
        (D::Libpq, "postgresql://u@a/d", "postgresql://u@a/d?sslmode=prefer", V::Equivalent, &[]),
        (D::Libpq, "postgresql://u@a/d", "postgresql://u@a/d?sslmode=disable", V::Different, &[C::Tls]),
        (D::Libpq, "postgresql://u@a/d", "postgresql://u@a/e", V::SameServerOtherNamespace, &[C::Database]),
        (D::Libpq, "postgresql://u@a/u", "postgresql://u@a", V::Equivalent, &[]),
        (D::Libpq, "postgresql://a/d", "postgresql://a/d", V::Unknown, &[]),
        (D::Libpq, "postgresql://u@a/d?connect_timeout=1", "postgresql://u@a/d", V::Equivalent, &[C::Tuning]),
        (D::Mongodb, "mongodb://a,b/?replicaSet=r", "mongodb://b,a/?replicaSet=r", V::Equivalent, &[]),
        (D::Mongodb, "mongodb+srv://a/d?replicaSet=r", "mongodb+srv://a/d?replicaSet=r", V::Identical, &[]),
        (D::Mongodb, "mongodb+srv://a/d?replicaSet=r", "mongodb://a/d?replicaSet=r&tls=true", V::Unknown, &[]),
        (D::Mongodb, "mongodb://u:p@a/d", "mongodb://u:p@a/d?authSource=d", V::Identical, &[]),
        (D::Mongodb, "mongodb://u:p@a/d", "mongodb://u:p@a/d?authSource=admin", V::Different, &[C::Options]),
        (D::Amqp, "amqp://h", "amqp://h/", V::SameServerOtherNamespace, &[C::Vhost]),
        (D::Amqp, "amqp://h", "amqp://guest:guest@h:5672/%2F", V::Equivalent, &[]),
        (D::Memcached, "a,b", "a,b", V::Identical, &[]),
        (D::Memcached, "a,b", "b,a", V::Unknown, &[]),
        (D::Memcached, "a,b", "a,c", V::Different, &[C::Endpoints]),
        (D::PhpMemcached, "tcp://a,tcp://b", "tcp://b,tcp://a", V::Equivalent, &[]),
        (D::PhpMemcached, "tcp://a,tcp://b", "tcp://a", V::Different, &[C::Endpoints]),
        (
            D::SqlClient,
            "Server=h;Database=d;Encrypt=true",
            "Data Source=H,1433;Initial Catalog=d;Encrypt=yes",
            V::Equivalent,
            &[],
        ),
        (D::SqlClient, "Server=h\\i;Encrypt=true", "Server=h,1500;Encrypt=true", V::Unknown, &[]),
        (D::SqlClient, "Server=h;Encrypt=true", "Server=h", V::Unknown, &[]),
        (D::SqlClient, "Server=h", "Server=h;Timeout=3", V::Equivalent, &[C::Tuning]),
        (D::Pdo, "mysql:host=localhost;dbname=d", "mysql:host=127.0.0.1;dbname=d", V::Unknown, &[]),
        (
            D::Pdo,
            "mysql:host=h;dbname=d;charset=utf8",
            "mysql:host=h;dbname=d;charset=utf8mb4",
            V::Different,
            &[C::Options],
        ),
        (D::Http, "http://h", "http://h:80/", V::Equivalent, &[]),
        (D::Http, "http://h/a", "http://h/b", V::SameServerOtherNamespace, &[C::Path]),
        (D::Http, "http://h", "https://h", V::Different, &[C::Endpoints, C::Tls]),
        (D::SqliteFile, "/a.db", "/./a.db", V::Identical, &[]),
        (D::SqliteFile, "a.db", "a.db", V::Unknown, &[]),
        (D::SqliteFile, ":memory:", ":memory:", V::Unknown, &[]),
    ];
    let mut wrong = Vec::new();
    for (dialect, one, other, verdict, differences) in rows {
        let found = compared(*dialect, one, other);
        if found.verdict != *verdict || found.differences != *differences {
            wrong.push(format!("{dialect} {one} | {other}: {found:?}, wanted {verdict:?} {differences:?}"));
        }
        assert_eq!(found, compared(*dialect, other, one), "symmetric: {one} | {other}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn localhost_means_the_same_on_one_host_only() {
    let names = ["redis://localhost", "redis://127.0.0.1", "redis://[::1]", "redis://127.0.0.2"];
    for one in names {
        for other in names {
            let (one, other) = (read(Dialect::RedisRs, one), read(Dialect::RedisRs, other));
            assert!(compare(&one, &other, Placement::OneHost).verdict.is_same(), "{one} {other}");
            assert_eq!(compare(&one, &other, Placement::Apart).verdict, Verdict::Different, "{one} {other}");
        }
    }
    let socket = read(Dialect::RedisRs, "unix:///run/r.sock");
    assert_eq!(compare(&socket, &socket, Placement::OneHost).verdict, Verdict::Identical);
    assert_eq!(compare(&socket, &socket, Placement::Apart).verdict, Verdict::Different);
    let file = read(Dialect::SqliteFile, "/var/a.db");
    assert_eq!(compare(&file, &file, Placement::Apart).verdict, Verdict::Unknown);
    let named = read(Dialect::RedisRs, "redis://cache");
    assert_eq!(compare(&named, &named, Placement::Apart).verdict, Verdict::Identical);
}

#[test]
fn kinds_differ_whatever_else_is_the_same() {
    let (redis, broker) = (read(Dialect::RedisRs, "redis://h:1"), read(Dialect::Amqp, "amqp://h:1"));
    let found = compare(&redis, &broker, Placement::OneHost);
    assert_eq!((found.verdict, found.differences), (Verdict::Different, vec![Component::Kind]));
}

#[test]
fn an_unknown_database_is_never_equal_and_another_host_still_differs() {
    let spring = read(Dialect::SpringRedis, "redis://h:6379/8");
    let found = compare(&spring, &spring, Placement::OneHost);
    assert_eq!((found.verdict, found.unknown), (Verdict::Unknown, vec![Component::Database]));
    let elsewhere = read(Dialect::SpringRedis, "redis://other:6379/8");
    assert_eq!(compare(&spring, &elsewhere, Placement::OneHost).verdict, Verdict::Different);
}

#[test]
fn one_store_is_recognised_across_dialects() {
    let rows = [
        (Dialect::RedisRs, "redis://:s@cache:6379/2"),
        (Dialect::IoRedis, "redis://:s@cache?db=2"),
        (Dialect::Lettuce, "redis://s@cache/2"),
        (Dialect::StackExchangeRedis, "cache:6379,password=s,defaultDatabase=2"),
    ];
    for (dialect, text) in rows {
        for (other, written) in rows {
            let found = compare(&read(dialect, text), &read(other, written), Placement::Apart);
            assert!(found.verdict.is_same(), "{dialect} {other}: {found:?}");
        }
    }
    let php = read(Dialect::PhpRedis, "tcp://cache:6379?auth=s&database=2");
    let node = read(Dialect::IoRedis, "redis://:s@cache:6379/2");
    // The session handler's keys have a prefix of their own.
    assert_eq!(compare(&php, &node, Placement::Apart).differences, vec![Component::Prefix]);
    let jdbc = read(Dialect::Jdbc, "jdbc:postgresql://db/shop?user=u&password=p");
    let libpq = read(Dialect::Libpq, "postgres://u:p@db:5432/shop");
    assert_eq!(compare(&jdbc, &libpq, Placement::Apart).verdict, Verdict::Equivalent);
}
