//! What holds for every connection: printed and read again it is the same; rewritten it is equal; changed it is not.

use proptest::prelude::*;
use sternway_config::SecretText;
use sternway_config::stores::{Connection, Dialect, Placement, Verdict, compare};

/// What a test's connection says, in the parts that all main forms can say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
}

/// A way to write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) dialect: Dialect,
    pub(super) print: fn(&Said, Style) -> String,
}

/// Equivalent ways to write one form.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    upper_host: bool,
    dotted_host: bool,
    /// Percent-encodes what need not be.
    encode_all: bool,
    /// Settings in the other order.
    turned: bool,
}

pub(super) const FORMS: &[Form] = &[
    Form { dialect: Dialect::RedisRs, print: redis },
    Form { dialect: Dialect::IoRedis, print: redis },
    Form { dialect: Dialect::NodeRedis, print: redis },
    Form { dialect: Dialect::Lettuce, print: redis },
    Form { dialect: Dialect::Jedis, print: redis },
    Form { dialect: Dialect::RedisPy, print: redis },
    Form { dialect: Dialect::GoRedis, print: redis },
    Form { dialect: Dialect::PhpRedis, print: php },
    Form { dialect: Dialect::Libpq, print: postgres },
    Form { dialect: Dialect::Libpq, print: postgres_words },
    Form { dialect: Dialect::DatabaseUrl, print: postgres },
    Form { dialect: Dialect::MysqlUrl, print: mysql },
    Form { dialect: Dialect::Jdbc, print: jdbc },
    Form { dialect: Dialect::SqlClient, print: ado },
    Form { dialect: Dialect::Npgsql, print: npgsql },
    Form { dialect: Dialect::Mongodb, print: mongodb },
    Form { dialect: Dialect::Amqp, print: amqp },
    Form { dialect: Dialect::Http, print: http },
];

fn encoded(text: &str, style: Style) -> String {
    text.bytes()
        .map(|byte| {
            let keep = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
            if keep && !style.encode_all { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect()
}

fn host(said: &Said, style: Style) -> String {
    let host = if style.upper_host { said.host.to_uppercase() } else { said.host.clone() };
    if style.dotted_host { format!("{host}.") } else { host }
}

fn url(scheme: &str, said: &Said, style: Style) -> String {
    let (user, password) = (encoded(&said.user, style), encoded(&said.password, style));
    format!("{scheme}://{user}:{password}@{}:{}/{}", host(said, style), said.port, encoded(&said.database, style))
}

fn settings(pairs: [String; 2], style: Style) -> String {
    let [one, other] = pairs;
    if style.turned { format!("{other}&{one}") } else { format!("{one}&{other}") }
}

fn redis(said: &Said, style: Style) -> String {
    url("redis", said, style)
}

fn php(said: &Said, style: Style) -> String {
    let pairs = [
        format!("auth[user]={}&auth[pass]={}", encoded(&said.user, style), encoded(&said.password, style)),
        format!("database={}", encoded(&said.database, style)),
    ];
    format!("tcp://{}:{}?{}", host(said, style), said.port, settings(pairs, style))
}

fn postgres(said: &Said, style: Style) -> String {
    let pairs = ["application_name=x".to_owned(), "options=-c%20a".to_owned()];
    format!("{}?{}", url("postgresql", said, style), settings(pairs, style))
}

fn postgres_words(said: &Said, style: Style) -> String {
    let quote = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let login = format!("user={} password = {}", quote(&said.user), quote(&said.password));
    let place = format!("host={} port={} dbname={}", host(said, style), said.port, quote(&said.database));
    let rest = "application_name=x options='-c a'";
    if style.turned { format!("{place} {login} {rest}") } else { format!("{rest} {login}   {place} ") }
}

fn mysql(said: &Said, style: Style) -> String {
    let pairs = ["charset=utf8".to_owned(), "pool=2".to_owned()];
    format!("{}?{}", url("mysql", said, style), settings(pairs, style))
}

fn jdbc(said: &Said, style: Style) -> String {
    let pairs =
        [format!("user={}", encoded(&said.user, style)), format!("password={}", encoded(&said.password, style))];
    let place = format!("{}:{}/{}", host(said, style), said.port, encoded(&said.database, style));
    format!("jdbc:postgresql://{place}?{}", settings(pairs, style))
}

fn pairs_of(place: String, database: &str, said: &Said, style: Style) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let login = format!("User ID={};Password={}", quote(&said.user), quote(&said.password));
    let place = format!("{place};{database}={};Encrypt=true", quote(&said.database));
    if style.turned { format!("{login}; {place};") } else { format!("{place};{login}") }
}

fn ado(said: &Said, style: Style) -> String {
    pairs_of(format!("Server={},{}", host(said, style), said.port), "Initial Catalog", said, style)
}

fn npgsql(said: &Said, style: Style) -> String {
    pairs_of(format!("Host={};Port={}", host(said, style), said.port), "Database", said, style)
}

fn mongodb(said: &Said, style: Style) -> String {
    let pairs = ["replicaSet=rs".to_owned(), "w=majority".to_owned()];
    format!("{}?{}", url("mongodb", said, style), settings(pairs, style))
}

fn amqp(said: &Said, style: Style) -> String {
    url("amqp", said, style)
}

fn http(said: &Said, style: Style) -> String {
    url("http", said, style)
}

fn takes_names(form: Form) -> bool {
    !matches!(
        form.dialect,
        Dialect::RedisRs
            | Dialect::IoRedis
            | Dialect::NodeRedis
            | Dialect::Lettuce
            | Dialect::Jedis
            | Dialect::RedisPy
            | Dialect::GoRedis
            | Dialect::PhpRedis
    )
}

pub(super) fn parsed(form: Form, text: &str) -> Connection {
    form.dialect.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn word() -> impl Strategy<Value = String> {
    // Everything printable, so that every separator of every form occurs.
    "[!-~äß€][ -~äß€]{0,9}[!-~]"
}

pub(super) fn said() -> impl Strategy<Value = Said> {
    ("[a-z][a-z0-9-]{0,8}\\.[a-z]{2,4}", 1..=u16::MAX, word(), word(), 0..16_u8).prop_map(
        |(host, port, user, password, number)| Said { host, port, user, password, database: number.to_string() },
    )
}

pub(super) fn style() -> impl Strategy<Value = Style> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(upper_host, dotted_host, encode_all, turned)| Style { upper_host, dotted_host, encode_all, turned })
}

proptest! {
    #[test]
    fn what_is_printed_is_read(said in said()) {
        for form in FORMS {
            let text = (form.print)(&said, Style::default());
            let made = parsed(*form, &text);
            let place = format!("{:?}", made.endpoints);
            prop_assert_eq!(place, format!("{}:{}", said.host, said.port), "{}", text);
            prop_assert_eq!(made.user.value().map(SecretText::reveal), Some(said.user.as_str()), "{}", text);
            prop_assert_eq!(made.password.value().map(SecretText::reveal), Some(said.password.as_str()), "{}", text);
            let space = &made.namespace;
            let database = space.database.value().or(space.vhost.value()).or(space.path.value());
            prop_assert_eq!(database.map(|name| name.trim_start_matches('/')), Some(said.database.as_str()), "{}", text);
            prop_assert_eq!(compare(&made, &made, Placement::OneHost).verdict, Verdict::Identical, "{}", text);
        }
    }

    #[test]
    fn names_with_every_character_are_read(said in said(), name in word()) {
        let said = Said { database: name, ..said };
        for form in FORMS.iter().filter(|form| takes_names(**form)) {
            let text = (form.print)(&said, Style::default());
            let space = parsed(*form, &text).namespace;
            let read = space.database.value().or(space.vhost.value()).cloned();
            let read = read.or(space.path.value().map(|path| path[1..].to_owned()));
            prop_assert_eq!(read.as_deref(), Some(said.database.as_str()), "{}", text);
        }
    }

    #[test]
    fn rewritten_is_the_same(said in said(), one in style(), other in style()) {
        for form in FORMS {
            let (a, b) = (parsed(*form, &(form.print)(&said, one)), parsed(*form, &(form.print)(&said, other)));
            let found = compare(&a, &b, Placement::Apart);
            prop_assert!(found.verdict.is_same(), "{:?} {:?} {:?}: {:?}", form.dialect, one, other, found);
        }
        let (uri, words) = (Form { dialect: Dialect::Libpq, print: postgres }, Form { dialect: Dialect::Libpq, print: postgres_words });
        let (a, b) = (parsed(uri, &postgres(&said, one)), parsed(words, &postgres_words(&said, other)));
        prop_assert!(compare(&a, &b, Placement::Apart).verdict.is_same());
    }

    #[test]
    fn changed_is_not_the_same(said in said(), part in 0..5_u8, styles in (style(), style())) {
        let mut changed = said.clone();
        let expected = match part {
            0 => { changed.host.push('x'); Verdict::Different }
            1 => { changed.port = said.port.checked_add(1).unwrap_or(1); Verdict::Different }
            2 => { changed.user.push('x'); Verdict::SameStoreOtherCredential }
            3 => { changed.password.push('x'); Verdict::SameStoreOtherCredential }
            _ => { changed.database.push('1'); Verdict::SameServerOtherNamespace }
        };
        for form in FORMS {
            let (a, b) = (parsed(*form, &(form.print)(&said, styles.0)), parsed(*form, &(form.print)(&changed, styles.1)));
            let found = compare(&a, &b, Placement::OneHost);
            // MongoDB's users belong to the database that authSource defaults to.
            let wanted = if form.dialect == Dialect::Mongodb && part == 4 { Verdict::Different } else { expected };
            prop_assert_eq!(found.verdict, wanted, "{:?} {:?}", form.dialect, found);
            prop_assert_eq!(compare(&b, &a, Placement::OneHost), found);
        }
    }

    #[test]
    fn comparison_is_symmetric_across_forms(a in said(), b in said(), forms in (0..FORMS.len(), 0..FORMS.len())) {
        let (one, other) = (FORMS[forms.0], FORMS[forms.1]);
        let (a, b) = (parsed(one, &(one.print)(&a, Style::default())), parsed(other, &(other.print)(&b, Style::default())));
        for placement in [Placement::OneHost, Placement::Apart] {
            prop_assert_eq!(compare(&a, &b, placement), compare(&b, &a, placement));
        }
    }

    #[test]
    fn default_ports_may_be_written_out(host in "[a-z]{1,9}") {
        for (dialect, without, with) in [
            (Dialect::RedisRs, format!("redis://{host}"), format!("redis://{host}:6379")),
            (Dialect::Libpq, format!("postgresql://u@{host}/d"), format!("postgresql://u@{host}:5432/d")),
            (Dialect::MysqlUrl, format!("mysql://{host}/d"), format!("mysql://{host}:3306/d")),
            (Dialect::Mongodb, format!("mongodb://{host}"), format!("mongodb://{host}:27017")),
            (Dialect::Amqp, format!("amqps://{host}"), format!("amqps://{host}:5671")),
            (Dialect::Http, format!("https://{host}/"), format!("https://{host}:443/")),
            (Dialect::SqlClient, format!("Server={host}"), format!("Server=tcp:{host},1433")),
            (Dialect::StackExchangeRedis, format!("{host},ssl=true"), format!("{host}:6380,ssl=true")),
            (Dialect::Memcached, host.clone(), format!("{host}:11211")),
        ] {
            let found = super::compared(dialect, &without, &with);
            prop_assert_eq!(found.verdict, Verdict::Equivalent, "{} {}", dialect, without);
        }
    }
}
