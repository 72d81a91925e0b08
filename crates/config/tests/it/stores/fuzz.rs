//! Arbitrary and mutated texts: no panic, bounded work, nothing secret in what is printed.

use proptest::prelude::*;
use sternway_config::stores::{Dialect, Placement, Surroundings, assemble, compare, guess};

const SEEDS: &[&str] = &[
    "redis://u:p@[::1]:6379/0?db=1#insecure",
    "tcp://a:1?weight=1&auth[]=u&auth[]=p, unix:///run/x?database=2",
    "seed[]=a:1&seed[]=b:2&prefix=x",
    "host:6379,password=p,ssl=true,serviceName=m",
    "postgresql://u:p@a,b:1/d?sslmode=require&x%20=%41",
    "host='a b' user=u\\ v password = 'x\\'y'",
    "mysql:host=a;;b;port=1;unix_socket=/x",
    "u:p@tcp([::1]:3306)/d?tls=x",
    "jdbc:sqlserver://h\\i:1;password={a}}b};x=1",
    "jdbc:oracle:thin:u/p@(DESCRIPTION=(ADDRESS=(HOST=a)(PORT=1)))",
    "Server=tcp:h\\i,1;Pwd='a''b';A==B=c;Database=\"x\"",
    "mongodb://u:p@%2Ftmp%2Fx.sock,h:1/d?a=b&tls=true",
    "amqp://u:p@h/%2f%zz",
    "failover(smtp://a smtp://b)",
    "file://localhost/a%20b?mode=memory",
];

fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..4_u8, any::<char>(), "[:@/?#&=;,%+'\"\\[\\](){} \\\\]{0,3}");
    (prop::sample::select(SEEDS), prop::collection::vec(edit, 1..8)).prop_map(|(seed, edits)| {
        let mut chars: Vec<char> = seed.chars().collect();
        for (place, kind, other, word) in edits {
            let at = place.index(chars.len() + 1);
            match kind {
                0 if at < chars.len() => drop(chars.remove(at)),
                1 => chars.insert(at, other),
                2 => chars.truncate(at.max(1)),
                _ => drop(chars.splice(at..at, word.chars())),
            }
        }
        chars.into_iter().collect()
    })
}

fn all_of(text: &str) -> Result<(), TestCaseError> {
    let around = Surroundings { variables: &[("PGHOST", text), ("PGPORT", text)], pg_service: Some(text) };
    for dialect in Dialect::ALL {
        let read = dialect.parse_in(text, &around);
        if let Ok(made) = &read {
            let (same, apart) = (compare(made, made, Placement::OneHost), compare(made, made, Placement::Apart));
            prop_assert!(same.differences.is_empty() || !same.verdict.is_same());
            prop_assert!(same.unknown.is_empty() == same.verdict.is_same(), "{same:?}");
            prop_assert!(!apart.verdict.is_same() || apart.unknown.is_empty());
        }
        let _ = format!("{read:?}");
    }
    for key in ["X", "REDIS_URL", "session.save_path", "MAILER_DSN", "ConnectionStrings__A"] {
        if let Some(found) = guess(key, text) {
            prop_assert!(!found.dialects.is_empty());
            let _ = format!("{:?}", found.parse(text));
        }
    }
    let parts =
        ["REDIS_HOST", "REDIS_PORT", "REDIS_URL", "DB_CONNECTION", "DB_HOST", "DB_DATABASE", "PGHOST", "PGPORT", text];
    for (index, key) in parts.iter().enumerate() {
        let other = parts[(index + 1) % parts.len()];
        let _ = format!("{:?}", assemble([(*key, text), (other, "x"), ("DB_CONNECTION", "pgsql")]));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        all_of(&text)?;
    }

    #[test]
    fn any_text_of_separators_is_read_or_refused(text in "[a-z0-9:@/?#&=;,%+'\"\\[\\](){} \\\\.äß\u{0}-]{0,60}") {
        all_of(&text)?;
    }

    #[test]
    fn mutated_connection_strings_are_read_or_refused(text in mutated()) {
        all_of(&text)?;
    }
}

/// Work grows with the text and not faster: what is quadratic in a megabyte of separators would not come to an end here.
#[test]
fn long_texts_are_read_in_bounded_time() {
    for piece in ["a", ",", ";", "a=b;", "a=b&", "h:1,", "(a=", "[", "%41", "'", "\"\"", "//", "tcp://a "] {
        for start in
            ["", "redis://", "postgresql://", "mongodb://", "Server=", "jdbc:oracle:thin:@(", "host=", "mysql:"]
        {
            let text = format!("{start}{}", piece.repeat(8_000 / piece.len()));
            for dialect in Dialect::ALL {
                if let Ok(made) = dialect.parse(&text) {
                    let _ = compare(&made, &made, Placement::OneHost);
                }
            }
        }
    }
    let huge = "x".repeat(1 << 20);
    assert!(Dialect::ALL.iter().all(|dialect| dialect.parse(&huge).is_err()));
    assert!(guess("REDIS_URL", &huge).is_none());
}
