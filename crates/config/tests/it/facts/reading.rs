//! By which rules connection strings are read is part of what facts mean.

use sternway_config::compare::{Silent, compare};
use sternway_config::facts::{Facts, Keys, READING};
use sternway_config::landscape::Origin;
use sternway_config::table::rows;
use sternway_config::{Provenance, stores};
use sternway_core::digest::Digest;
use sternway_core::ids::{EnvironmentName, ReleaseNumber, ServiceName};

use super::{facts, key, undeclared};
use crate::compare::landscape;

/// Every reading there was, with the digest of what it makes of the samples. A line is added, none is ever changed.
const READINGS: [(u32, &str); 1] = [(1, "sha256:1dccc8b9ea9046d7a304ad24a227382cce917014a0ca2969b36ef86952e2bc30")];

/// Connection strings of every dialect that is guessed, in the forms in which they are usually written.
const SAMPLES: &str = "
DSN_A=redis://:pw@Cache.example.org/1
DSN_B=rediss://user:p%40w@cache:6380/0?timeout=3
DSN_C=redis+unix:///run/redis.sock?db=2
SESSION_SAVE_PATH=tcp://cache:6379?auth=pw&database=1&prefix=shop:
SIDEKIQ_REDIS_URL=redis://cache/12
CELERY_BROKER=redis://:pw@cache:6379/1
SPRING_REDIS=redis://:pw@cache:6379/8
REDIS_SENTINELS=redis-sentinel://:pw@a,b/1#main
CONNECTIONSTRINGS_REDIS=cache:6380,password=pw,ssl=true,abortConnect=false
DATABASE_URL=postgres://u:p%2Fw@db/shop?sslmode=verify-full
PGURL=postgresql://u:pw@a:5432,b:5433/shop?target_session_attrs=read-write
LIBPQ='host=db port=5433 user=u password=pw dbname=shop sslmode=require'
MYSQL_URL=mysql://u:pw@db/shop?charset=utf8
GO_MYSQL=u:pw@tcp(db:3306)/shop?parseTime=true
PDO='mysql:host=db;port=3307;dbname=shop;charset=utf8'
JDBC_A=jdbc:postgresql://db/shop?user=u&password=pw
JDBC_B='jdbc:sqlserver://db;databaseName=shop;user=u;password=pw'
JDBC_C=jdbc:mysql://db/shop?useSSL=true
MSSQL='Server=tcp:db,1433;Initial Catalog=shop;User ID=u;Password=pw;Encrypt=true'
NPGSQL='Host=db;Database=shop;Username=u;Password=pw;SSL Mode=Require'
MYSQL_CONNECTOR='Server=db;Port=3306;Database=shop;Uid=u;Pwd=pw'
MONGO=mongodb://u:pw@a,b:27018/shop?replicaSet=rs&authSource=admin
MONGO_SRV=mongodb+srv://u:pw@c.example.com/shop
MQ=amqps://u:pw@mq/vhost
MEMCACHED_SERVERS=a:11211,b
MAILER_DSN=smtp://u:pw@mail:587
SMTP_URL=smtps://u:pw@mail
API_URL=https://u:pw@api.example.org/v1/
SQLITE_URL=sqlite:////srv/shop.db
DB_CONNECTION=pgsql
DB_HOST=db.example.org
DB_DATABASE=shop
DB_USERNAME=u
DB_PASSWORD=pw
REDIS_HOST=cache
REDIS_PORT=6379
REDIS_PREFIX=shop_
REDIS_PASSWORD=pw
";

#[test]
fn another_reading_of_connection_strings_has_another_number() {
    let landscape = landscape(&[("production", &[("web", SAMPLES)])]);
    let found = Digest::of_json(&facts(&landscape, "production", &key(7)).services);
    assert_eq!(
        READINGS.last(),
        Some(&(READING, found.as_str())),
        "connection strings are read otherwise than before, so what was sealed cannot be compared with what is read now: raise READING in \
         crates/config/src/facts/mod.rs, and add a line here"
    );
}

#[test]
fn the_samples_are_all_read() {
    for line in SAMPLES.lines().filter(|line| line.contains(':') && !line.starts_with("DB_")) {
        let (key, text) = line.split_once('=').unwrap();
        let text = text.trim_matches('\'');
        assert!(stores::guess(key, text).is_some_and(|found| found.parse(text).is_ok()), "{line}");
    }
}

#[test]
fn what_was_read_by_other_rules_is_unknown() {
    let text: &[(&str, &str)] = &[("web", "DATABASE_URL=postgres://u:pw@db.example.org/shop\n")];
    let both = landscape(&[("production", text), ("staging", text)]);
    let old = Facts { reading: READING - 1, ..facts(&both, "production", &key(7)) };
    let mut landscape = both.clone();
    let web = ServiceName::new("web").unwrap();
    let from = Provenance { file: "release 7".into(), line: 0, column: 0, layer: "sealed".into() };
    let origin = Origin::Sealed { release: ReleaseNumber(7), why: "no such file".to_owned() };
    let service = old.service(&web, &Keys::of([key(7)]), &from, origin, undeclared()).unwrap();
    let place = landscape.environments.get_mut(&EnvironmentName::new("production").unwrap()).unwrap();
    place.services.insert(web, service);
    let look = |landscape| compare(landscape, None, &Silent::default());
    assert!(look(&both).findings.iter().any(|finding| finding.code == "S0225"));
    let report = look(&landscape);
    assert!(!report.findings.iter().any(|finding| finding.code == "S0225"), "{report:?}");
    assert!(report.unknown[0].contains("reads connection strings otherwise"), "{:?}", report.unknown);
    // The value as a whole is compared all the same.
    let names: Vec<EnvironmentName> = landscape.environments.keys().cloned().collect();
    assert!(rows(&landscape, &names)[0].is_same());
}

#[test]
fn a_client_that_is_declared_since_makes_it_unknown() {
    let web = ServiceName::new("web").unwrap();
    let both = landscape(&[
        ("production", &[("web", "SESSION_DSN=redis://cache/1\n")]),
        ("staging", &[("web", "SESSION_DSN=redis://other/1\n")]),
    ]);
    let facts = facts(&both, "production", &key(7));
    let from = Provenance { file: "release 7".into(), line: 0, column: 0, layer: "sealed".into() };
    let names: Vec<EnvironmentName> = both.environments.keys().cloned().collect();
    let clients = [("SESSION_DSN".to_owned(), "redis-rs".to_owned())];
    for (dialects, is_read) in [(undeclared(), true), (clients.into(), false)] {
        let mut landscape = both.clone();
        let origin = Origin::Sealed { release: ReleaseNumber(7), why: "no such file".to_owned() };
        let service = facts.service(&web, &Keys::of([key(7)]), &from, origin, dialects).unwrap();
        landscape.environments.get_mut(&names[0]).unwrap().services.insert(web.clone(), service);
        assert_eq!(!rows(&landscape, &names)[0].relations.is_empty(), is_read);
    }
}
