//! From keys and values to a dotenv file that [`parse`](super::parse()) reads back.

use std::fmt::Write as _;

/// One line for each pair: plain where that is safe, in double quotes otherwise. Values must not hold NUL.
pub fn print<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        let plain =
            value.chars().all(|character| character.is_ascii_alphanumeric() || "_-./:@,+=%".contains(character));
        let _infallible =
            if plain { writeln!(text, "{key}={value}") } else { writeln!(text, "{key}=\"{}\"", escape(value)) };
    }
    text
}

fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for character in value.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' | '\\' | '$' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}
