//! Connections by parts.

use sternway_config::stores::{Placement, assemble, compare, guess};

use super::facts;

fn lines(values: &[(&str, &str)]) -> Vec<String> {
    assemble(values.iter().copied())
        .into_iter()
        .map(|found| {
            let said = found.connection.map_or_else(|error| format!("!{}", error.why()), |made| facts(&made));
            format!("{} {} {said}", found.family, found.stem)
        })
        .collect()
}

#[test]
fn parts_make_one_connection() {
    let rows: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("REDIS_HOST", "cache"),
                ("REDIS_PORT", "6380"),
                ("REDIS_PASSWORD", "s"),
                ("REDIS_DB", "2"),
                ("REDIS_PREFIX", "shop_"),
            ],
            "redis REDIS_ cache:6380 db=2 prefix=shop_ user=~default pass=s tls=~Off",
        ),
        (&[("REDIS_HOST", "cache"), ("REDIS_PASSWORD", "null")], "redis REDIS_ cache:~6379 db=~0 tls=~Off"),
        (&[("SESSION_REDIS_HOST", "s"), ("SESSION_REDIS_PORT", "1")], "redis SESSION_REDIS_ s:1 db=~0 tls=~Off"),
        (
            &[
                ("spring.data.redis.host", "r"),
                ("spring.data.redis.port", "1"),
                ("spring.data.redis.ssl.enabled", "true"),
            ],
            "spring-redis SPRING_DATA_REDIS_ r:1 db=~0 tls=On",
        ),
        (
            &[("spring.redis.host", "r"), ("spring.redis.database", "3")],
            "spring-redis SPRING_REDIS_ r:~6379 db=3 tls=~Off",
        ),
        (
            &[
                ("DB_CONNECTION", "pgsql"),
                ("DB_HOST", "db"),
                ("DB_PORT", "5433"),
                ("DB_DATABASE", "shop"),
                ("DB_USERNAME", "u"),
                ("DB_PASSWORD", "p"),
            ],
            "database DB_ db:5433 db=shop user=u pass=p tls=~Prefer",
        ),
        (
            &[("DB_CONNECTION", "mysql"), ("DB_HOST", "db"), ("DB_DATABASE", "shop"), ("DB_USERNAME", "u")],
            "database DB_ db:~3306 db=shop user=u",
        ),
        (
            &[("MYSQL_HOST", "db"), ("MYSQL_USER", "u"), ("MYSQL_SSL_CA", "/ca.pem")],
            "mysql MYSQL_ db:~3306 user=u tls=On sslca:/ca.pem",
        ),
        (
            &[("MYSQL_HOST", "db"), ("MYSQL_SSL_CA", "/ca.pem"), ("MYSQL_SSL_MODE", "VERIFY_IDENTITY")],
            "mysql MYSQL_ db:~3306 tls=VerifyFull sslca:/ca.pem",
        ),
        (&[("MYSQL_HOST", "db"), ("MYSQL_SSL_MODE", "perhaps")], "mysql MYSQL_ db:~3306 tls=?"),
        (
            &[("PGHOST", "db"), ("PGUSER", "u"), ("PGSSLMODE", "verify-ca"), ("PGSSLROOTCERT", "/ca.pem")],
            "libpq PG db:~5432 db=~u user=u tls=VerifyCa sslrootcert:/ca.pem",
        ),
        (&[("DB_CONNECTION", "sqlite"), ("DB_DATABASE", "/var/a.sqlite")], "database DB_ file /var/a.sqlite"),
        (&[("DB_HOST", "db"), ("DB_NAME", "shop")], "database DB_ !driver"),
        (
            &[("PGHOST", "db"), ("PGUSER", "u"), ("PGDATABASE", "shop"), ("PGSSLMODE", "require")],
            "libpq PG db:~5432 db=shop user=u tls=Unverified",
        ),
        (
            &[
                ("production.adapter", "postgresql"),
                ("production.database", "shop"),
                ("production.host", "db"),
                ("production.username", "u"),
            ],
            "rails PRODUCTION_ db:~5432 db=shop user=u tls=~Prefer",
        ),
        (
            &[
                ("DATABASES.default.ENGINE", "django.db.backends.mysql"),
                ("DATABASES.default.NAME", "shop"),
                ("DATABASES.default.HOST", "db"),
            ],
            "database DATABASES_DEFAULT_ db:~3306 db=shop",
        ),
        (
            &[("EMAIL_HOST", "mail"), ("EMAIL_PORT", "587"), ("EMAIL_HOST_USER", "u"), ("EMAIL_HOST_PASSWORD", "p")],
            "mail EMAIL_ mail:587 user=u pass=p",
        ),
        (
            &[("SPRING_RABBITMQ_HOST", "mq"), ("SPRING_RABBITMQ_VIRTUAL_HOST", "v")],
            "spring-rabbitmq SPRING_RABBITMQ_ mq:~5672 vhost=v tls=~Off",
        ),
        (&[("MYSQL_HOST", "db"), ("MYSQL_ROOT_PASSWORD", "r"), ("MYSQL_DATABASE", "d")], "mysql MYSQL_ db:~3306 db=d"),
    ];
    for (values, expected) in rows {
        let found = lines(values);
        let fits = match expected.split_once(" !") {
            Some((start, piece)) => found.len() == 1 && found[0].starts_with(start) && found[0].contains(piece),
            None => found == [(*expected).to_owned()],
        };
        assert!(fits, "{values:?}\n wanted {expected}\n got {found:?}");
    }
}

#[test]
fn single_keys_are_no_service() {
    assert!(lines(&[("REDIS_HOST", "cache")]).is_empty());
    assert!(lines(&[("REDIS_URL", "redis://cache")]).is_empty());
    assert!(lines(&[("DB_PASSWORD", "x"), ("DB_USERNAME", "y")]).is_empty());
    assert!(lines(&[("APP_HOST", "x"), ("APP_PORT", "1")]).is_empty());
}

#[test]
fn spring_takes_the_database_from_beside_the_url_issue_43810() {
    let beside = [("SPRING_DATA_REDIS_URL", "redis://r:6379/8"), ("SPRING_DATA_REDIS_DATABASE", "8")];
    assert_eq!(lines(&beside), ["spring-redis SPRING_DATA_REDIS_ r:6379 db=8 tls=~Off"]);
    let at_odds = [("SPRING_DATA_REDIS_URL", "redis://r:6379/8"), ("SPRING_DATA_REDIS_DATABASE", "1")];
    assert_eq!(lines(&at_odds), ["spring-redis SPRING_DATA_REDIS_ r:6379 db=? tls=~Off"]);
    // Older versions go to 1 here, later ones to 0.
    let alone = [("SPRING_DATA_REDIS_URL", "redis://r:6379"), ("SPRING_DATA_REDIS_DATABASE", "1")];
    assert_eq!(lines(&alone), ["spring-redis SPRING_DATA_REDIS_ r:6379 db=? tls=~Off"]);
    let zero = [("SPRING_DATA_REDIS_URL", "redis://r:6379"), ("SPRING_DATA_REDIS_DATABASE", "0")];
    assert_eq!(lines(&zero), ["spring-redis SPRING_DATA_REDIS_ r:6379 db=0 tls=~Off"]);
}

#[test]
fn what_a_url_leaves_out_is_unknown_when_a_part_says_it() {
    let both = [("REDIS_URL", "redis://r"), ("REDIS_PASSWORD", "s"), ("REDIS_DB", "1"), ("REDIS_PREFIX", "p_")];
    assert_eq!(lines(&both), ["redis REDIS_ r:~6379 db=? prefix=p_ pass=? tls=~Off"]);
    let said = [("REDIS_URL", "redis://:s@r/2"), ("REDIS_HOST", "elsewhere"), ("REDIS_DB", "1")];
    assert_eq!(lines(&said), ["redis REDIS_ r:~6379 db=2 user=~default pass=s tls=~Off"]);
}

#[test]
fn parts_and_a_url_of_one_store_are_the_same() {
    let parts = [("REDIS_HOST", "cache"), ("REDIS_PASSWORD", "s"), ("REDIS_DB", "2")];
    let by_parts = assemble(parts).remove(0).connection.unwrap();
    let url = "redis://:s@cache:6379/2";
    let by_url = guess("REDIS_URL", url).unwrap().parse(url).unwrap();
    assert!(compare(&by_parts, &by_url, Placement::Apart).verdict.is_same());
    let other = "redis://:s@other:6379/2";
    let elsewhere = guess("REDIS_URL", other).unwrap().parse(other).unwrap();
    assert!(!compare(&by_parts, &elsewhere, Placement::Apart).verdict.is_same());
}
