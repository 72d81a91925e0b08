//! Redis by client.

use sternway_config::stores::{Dialect, Remark};

use super::{read, table};

#[test]
fn redis_rs() {
    table(
        Dialect::RedisRs,
        &[
            ("redis://cache", "cache:~6379 db=~0 tls=~Off"),
            ("redis://Cache.Example.COM.:6380/2", "cache.example.com:6380 db=2 tls=~Off"),
            ("redis://user:p%40ss@cache/0", "cache:~6379 db=0 user=user pass=p@ss tls=~Off"),
            ("redis://:a+b@cache", "cache:~6379 db=~0 user=~default pass=a+b tls=~Off"),
            ("redis://:a%252Fb@cache", "cache:~6379 db=~0 user=~default pass=a%2Fb tls=~Off"),
            ("rediss://cache", "cache:~6379 db=~0 tls=On"),
            ("rediss://cache/1#insecure", "cache:~6379 db=1 tls=Unverified"),
            ("redis://[::FFFF]:1", "::ffff:1 db=~0 tls=~Off"),
            ("unix:///run/redis.sock?db=3&pass=x", "socket /run/redis.sock db=3 user=~default pass=x"),
            ("redis+unix:///run//./redis.sock", "socket /run/redis.sock db=~0"),
            ("redis://", "!empty"),
            ("redis://h/two", "!number"),
            ("redis://h:port", "!port"),
            ("http://h", "!scheme"),
        ],
    );
}

#[test]
fn a_database_in_the_query_is_read_by_some_clients_only() {
    let text = "redis://h?db=2";
    for (dialect, database) in [
        (Dialect::RedisRs, "db=~0"),
        (Dialect::NodeRedis, "db=~0"),
        (Dialect::Jedis, "db=~0"),
        (Dialect::RedisRb, "db=~0"),
        (Dialect::IoRedis, "db=2"),
        (Dialect::RedisPy, "db=2"),
        (Dialect::GoRedis, "db=2"),
        (Dialect::Lettuce, "db=2"),
    ] {
        let made = read(dialect, text);
        assert!(super::facts(&made).contains(&format!(" {database} ")), "{dialect}: {made:?}");
        assert_eq!(made.remarks.contains(&Remark::DatabaseInQueryIgnored), database == "db=~0", "{dialect}");
    }
    // Where both are said, ioredis takes the path and the others the query.
    table(Dialect::IoRedis, &[("redis://h/1?db=2", "h:~6379 db=1 tls=~Off")]);
    table(Dialect::RedisPy, &[("redis://h/1?db=2", "h:~6379 db=2 tls=~Off")]);
}

#[test]
fn a_lone_word_before_the_at_is_user_or_password() {
    for (dialect, expected) in [
        (Dialect::RedisRs, "h:~6379 db=~0 user=word tls=~Off"),
        (Dialect::IoRedis, "h:~6379 db=~0 user=word tls=~Off"),
        (Dialect::GoRedis, "h:~6379 db=~0 user=word tls=~Off"),
        (Dialect::Lettuce, "h:~6379 db=~0 user=~default pass=word tls=~Off"),
        (Dialect::RedisRb, "h:~6379 db=~0 user=~default pass=word tls=~Off"),
    ] {
        table(dialect, &[("redis://word@h", expected)]);
        assert!(read(dialect, "redis://word@h").remarks.contains(&Remark::LoneWordBeforeAt));
    }
    table(Dialect::Jedis, &[("redis://word@h:1", "!colon")]);
}

#[test]
fn ioredis_takes_words_without_a_scheme() {
    table(
        Dialect::IoRedis,
        &[
            ("cache:6380", "cache:6380 db=~0 tls=~Off"),
            ("6380", "localhost:6380 db=~0 tls=~Off"),
            ("/run/redis.sock", "socket /run/redis.sock db=~0"),
            ("redis://h?keyPrefix=app:&password=x", "h:~6379 db=~0 prefix=app: user=~default pass=x tls=~Off"),
        ],
    );
}

#[test]
fn spring_before_3_5_ignores_the_database_in_the_path_issue_43810() {
    table(
        Dialect::SpringRedis,
        &[
            ("redis://127.0.0.1:6379/8", "127.0.0.1:6379 db=? tls=~Off"),
            ("redis://127.0.0.1:6379", "127.0.0.1:6379 db=~0 tls=~Off"),
            ("redis://h:1/0", "h:1 db=0 tls=~Off"),
        ],
    );
    let made = read(Dialect::SpringRedis, "redis://127.0.0.1:6379/8");
    assert!(made.remarks.contains(&Remark::DatabaseInPathMayBeIgnored));
}

#[test]
fn jedis_wants_a_port() {
    assert!(read(Dialect::Jedis, "redis://h/1").remarks.contains(&Remark::PortRequired));
    assert!(!read(Dialect::Jedis, "redis://h:6379/1").remarks.contains(&Remark::PortRequired));
}

#[test]
fn redis_rb_reads_a_plus_as_a_space() {
    table(Dialect::RedisRb, &[("redis://:a+b@h", "h:~6379 db=~0 user=~default pass=a b tls=~Off")]);
    assert!(read(Dialect::RedisRb, "redis://:a+b@h").remarks.contains(&Remark::PlusIsSpace));
}

#[test]
fn lettuce_knows_sentinels() {
    table(
        Dialect::Lettuce,
        &[
            (
                "redis-sentinel://secret@s1,s2:26380/3#main",
                "s1:~26379,s2:26380 group=main db=3 user=~default pass=secret tls=~Off",
            ),
            ("rediss-sentinel://s1?sentinelMasterId=main", "s1:~26379 group=main db=~0 tls=On"),
            ("redis-sentinel://s1", "!master"),
            ("redis-socket:///run/r.sock?database=4", "socket /run/r.sock db=4"),
            ("rediss://h?verifyPeer=NONE", "h:~6379 db=~0 tls=Unverified"),
            ("rediss://h?verifyPeer=ca", "h:~6379 db=~0 tls=VerifyCa"),
            ("redis://u:@h", "h:~6379 db=~0 user=u tls=~Off"),
        ],
    );
}

#[test]
fn stackexchange_redis_has_three_default_ports() {
    table(
        Dialect::StackExchangeRedis,
        &[
            ("redis0", "redis0:~6379 db=~0 tls=~Off"),
            ("redis0,ssl=true", "redis0:~6380 db=~0 tls=On"),
            ("redis0:6379,ssl=true", "redis0:6379 db=~0 tls=On"),
            ("redis0,ssl=false", "redis0:~6379 db=~0 tls=Off"),
            ("s1,s2,serviceName=main", "s1:~26379,s2:~26379 group=main db=~0 tls=~Off"),
            (
                "host:6379,password=p=w,user=app,ssl=true,defaultDatabase=1,channelPrefix=shop,abortConnect=false",
                "host:6379 db=1 user=app pass=p=w tls=On channelPrefix:shop",
            ),
            (" a:1 , a:1 ,b:2 ,", "a:1,b:2 db=~0 tls=~Off"),
            ("h,nonsense=1", "!keyword"),
            ("password=x", "!endpoint"),
            ("h,ssl=maybe", "!ssl"),
        ],
    );
}

#[test]
fn phpredis_save_paths() {
    table(
        Dialect::PhpRedis,
        &[
            ("tcp://redis:6379", "redis:6379 db=~0 prefix=~PHPREDIS_SESSION: tls=~Off"),
            (
                "tcp://redis?auth=p%2Bw&database=2&prefix=APP_",
                "redis:~6379 db=2 prefix=APP_ user=~default pass=p+w tls=~Off",
            ),
            ("tcp://r?auth[user]=u&auth[pass]=p", "r:~6379 db=~0 prefix=~PHPREDIS_SESSION: user=u pass=p tls=~Off"),
            ("tcp://r?auth[]=u&auth[]=p", "r:~6379 db=~0 prefix=~PHPREDIS_SESSION: user=u pass=p tls=~Off"),
            // parse_url parts the fragment, and the handler puts it back.
            ("tcp://r?auth=a#b", "r:~6379 db=~0 prefix=~PHPREDIS_SESSION: user=~default pass=a#b tls=~Off"),
            ("tls://r:6380", "r:6380 db=~0 prefix=~PHPREDIS_SESSION: tls=On"),
            ("unix:///run/redis.sock?database=1", "socket /run/redis.sock db=1 prefix=~PHPREDIS_SESSION: tls=~Off"),
            ("tcp://a:1?weight=1, tcp://b:2?weight=2", "a:1,b:2 db=~0 prefix=~PHPREDIS_SESSION: tls=~Off weight:1,2"),
            ("tcp://a:1?database=1 tcp://b:2", "a:1,b:2 db=? prefix=~PHPREDIS_SESSION: tls=~Off weight:1,1"),
            ("seed[]=a:1&seed[]=b:2&prefix=X&auth=s&timeout=2", "a:1,b:2 db=~0 prefix=X user=~default pass=s tls=~Off"),
            ("tcp://r?weight=0", "!weight"),
            ("", "!entry"),
        ],
    );
}

#[test]
fn phpredis_ignores_what_stands_where_others_put_it() {
    let made = read(Dialect::PhpRedis, "tcp://user:secret@r:6379/2");
    assert!(super::facts(&made).starts_with("r:6379 db=~0"), "{made:?}");
    assert!(made.remarks.contains(&Remark::CredentialsInUrlIgnored) && made.remarks.contains(&Remark::PathIgnored));
    assert!(read(Dialect::PhpRedis, "tcp://r?auth=a+b").remarks.contains(&Remark::PlusIsSpace));
}

#[test]
fn an_at_in_a_password_is_remarked() {
    assert!(read(Dialect::RedisRs, "redis://:p@ss@h").remarks.contains(&Remark::StrayAt));
    assert!(!read(Dialect::RedisRs, "redis://:p%40ss@h").remarks.contains(&Remark::StrayAt));
}
