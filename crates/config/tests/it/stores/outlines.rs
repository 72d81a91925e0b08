//! What was sealed of connections is compared as they are themselves.

use proptest::prelude::*;
use sternway_config::FingerprintKey;
use sternway_config::fingerprint::Print;
use sternway_config::stores::{Component, Connection, Outline, Placement, Verdict, compare, compare_outlines, guess};

use super::properties::{FORMS, parsed, said, style};
use crate::facts::key;

fn sealed(connection: &Connection, key: &FingerprintKey) -> Outline<Print> {
    connection.outline().map(|component, text| key.of_component(component, text))
}

/// What is known of a connection to somebody who has only what was sealed; through JSON, as it is stored.
fn stored(connection: &Connection) -> Outline<Print> {
    let text = serde_json::to_string(&sealed(connection, &key(7))).unwrap();
    serde_json::from_str::<Outline<Print>>(&text).unwrap()
}

/// A connection and what was sealed of it.
type Both = (Connection, Outline<Print>);

#[track_caller]
fn agree((a, stored_a): &Both, (b, stored_b): &Both) {
    for placement in [Placement::OneHost, Placement::Apart] {
        let by_values = compare(a, b, placement);
        let same = |a: &str, b: &str| Some(a == b);
        let by_facts = compare_outlines(&stored_a.borrowed(), &stored_b.borrowed(), placement, &same);
        assert_eq!(by_facts, by_values, "{a:?} {b:?}");
        // As they are known to somebody who has not even the key.
        let blind = compare_outlines(&stored_a.borrowed(), &b.outline(), placement, &|_, _| None);
        assert!(!blind.verdict.is_same() || by_values.verdict == blind.verdict, "{blind:?} {by_values:?}");
        for part in &blind.differences {
            assert!(by_values.differences.contains(part), "{part:?}: {blind:?} {by_values:?}");
        }
    }
}

/// Texts in which every kind of endpoint, part and setting occurs.
const TEXTS: &[(&str, &str)] = &[
    ("DSN", "redis://cache/1"),
    ("DSN", "redis://cache:6379/1"),
    ("DSN", "redis://CACHE./1?timeout=3"),
    ("DSN", "redis://localhost/1"),
    ("DSN", "redis://127.0.0.1:6379/1"),
    ("DSN", "rediss://:pw@cache/1"),
    ("DSN", "redis://user:pw@cache/1?unheard=of"),
    ("DSN", "redis+unix:///run/redis.sock"),
    ("SESSION_SAVE_PATH", "tcp://cache:6379?auth=pw&database=1&prefix=shop:"),
    ("SESSION_SAVE_PATH", "seed[]=a:1&seed[]=b:2&auth=pw"),
    ("SESSION_SAVE_PATH", "seed[]=b:2&seed[]=c:3&auth=pw"),
    ("REDIS_DSN", "redis-sentinel://:pw@a,b/1#main"),
    ("ConnectionStrings:Redis", "cache:6379,password=pw,ssl=true"),
    ("DATABASE_URL", "postgresql://u:pw@db/shop"),
    ("DATABASE_URL", "postgresql://u:other@db/shop"),
    ("DATABASE_URL", "postgresql://u:pw@db:5432/shop?sslmode=require&application_name=x"),
    ("DATABASE_URL", "postgresql://u:pw@a,b/shop?target_session_attrs=read-write"),
    ("DATABASE_URL", "postgresql://u:pw@b,a/shop?target_session_attrs=read-write"),
    ("DATABASE_URL", "postgresql:///shop?host=/run/postgresql"),
    ("DATABASE_URL", "postgresql:///shop"),
    ("DATABASE_URL", "mysql://u:pw@localhost/shop?charset=utf8"),
    ("DATABASE_URL", "mysql://u:pw@db:3306/shop?charset=latin1"),
    ("DATABASE_URL", "sqlite:///shop.db"),
    ("DATABASE_URL", "sqlite:////srv/shop.db"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("MSSQL", "Server=db\\shop;Initial Catalog=shop;User ID=u;Password=pw"),
    ("MSSQL", "Server=tcp:db,1433;Initial Catalog=shop;User ID=u;Password=pw"),
    ("MSSQL", "Server=(localdb)\\v11;Initial Catalog=shop"),
    ("MSSQL", "Server=np:\\\\db\\pipe\\sql\\query;Initial Catalog=shop;User ID=u;Password=pw"),
    ("MONGO", "mongodb://u:pw@a,b:27018/shop?replicaSet=rs"),
    ("MONGO", "mongodb://u:pw@b:27018/shop"),
    ("MONGO", "mongodb+srv://u:pw@c.example.com/shop"),
    ("MQ", "amqp://mq"),
    ("MQ", "amqp://mq/"),
    ("MQ", "amqps://guest:guest@mq/%2f"),
    ("MEMCACHED_SERVERS", "a:1,b:2"),
    ("MAILER_DSN", "smtp://u:pw@mail:587"),
    ("API_URL", "https://api.example.org/v1"),
    ("API_URL", "http://api.example.org/v1/?key=x"),
];

#[test]
fn every_kind_of_connection_compares_the_same_by_what_was_sealed() {
    let read = |(key, text): &(&str, &str)| guess(key, text).unwrap_or_else(|| panic!("{text}")).parse(text).unwrap();
    let all: Vec<Both> = TEXTS.iter().map(read).map(|made: Connection| (made.clone(), stored(&made))).collect();
    let mut verdicts = std::collections::BTreeSet::new();
    for a in &all {
        for b in &all {
            agree(a, b);
            verdicts.insert(compare(&a.0, &b.0, Placement::OneHost).verdict);
        }
    }
    assert_eq!(verdicts.len(), 6, "{verdicts:?}");
}

proptest! {
    #[test]
    fn what_was_sealed_compares_as_the_values_do(
        a in said(), b in said(), mix in 0..32_u8, styles in (style(), style()), forms in (0..FORMS.len(), 0..FORMS.len())
    ) {
        // Parts of one in the other, so that every verdict comes up.
        let mut mixed = b;
        for (bit, part) in [&mut mixed.host, &mut mixed.user, &mut mixed.password, &mut mixed.database].into_iter().enumerate() {
            if mix & (1 << bit) != 0 {
                *part = [&a.host, &a.user, &a.password, &a.database][bit].clone();
            }
        }
        if mix & 16 != 0 {
            mixed.port = a.port;
        }
        for other in [forms.0, forms.1] {
            let (one, other) = (FORMS[forms.0], FORMS[other]);
            let both = |made: Connection| (made.clone(), stored(&made));
            agree(&both(parsed(one, &(one.print)(&a, styles.0))), &both(parsed(other, &(other.print)(&mixed, styles.1))));
        }
    }

    #[test]
    fn nothing_of_a_connection_is_in_what_was_sealed_of_it(said in said(), form in 0..FORMS.len()) {
        let form = FORMS[form];
        let text = serde_json::to_string(&sealed(&parsed(form, &(form.print)(&said, super::properties::Style::default())), &key(7))).unwrap();
        // Hex digits and the names of fields may be in any short text.
        let is_told = |piece: &str| piece.chars().count() > 8 && text.contains(piece);
        prop_assert!(![&said.host, &said.user, &said.password].into_iter().any(|piece| is_told(piece)), "{said:?} {text}");
        let longer = sealed(&parsed(form, &(form.print)(&super::properties::Said { password: said.password.repeat(9), ..said }, super::properties::Style::default())), &key(7));
        prop_assert_eq!(text.len(), serde_json::to_string(&longer).unwrap().len(), "its length says nothing of the value's");
    }
}

#[test]
fn each_component_is_fingerprinted_apart() {
    let read = |text: &str| sealed(&guess("DSN", text).unwrap().parse(text).unwrap(), &key(7));
    let one = read("amqp://word:word@word.example/word");
    let (user, password) = (one.user.value().unwrap(), one.password.value().unwrap());
    assert!(user != password && password != one.vhost.value().unwrap());
    let other = read("amqp://word:other@word.example/word");
    assert_eq!((&one.user, &one.vhost, one.endpoints == other.endpoints), (&other.user, &other.vhost, true));
    assert_ne!(one.password, other.password);
    let found = compare_outlines(&one.borrowed(), &other.borrowed(), Placement::OneHost, &|a, b| Some(a == b));
    assert_eq!((found.verdict, found.differences), (Verdict::SameStoreOtherCredential, vec![Component::Password]));
}
