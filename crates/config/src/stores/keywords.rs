//! `Key=Value;Key=Value` as ADO.NET reads it.
//!
//! Source: System.Data.Common.DbConnectionOptions and DbConnectionStringBuilder (.NET 8): names without case; blanks around names and
//! values dropped; a value in `"` or `'`, doubled within; `==` within a name is one `=`; the last of several wins.

use super::endpoint::Why;
use super::settings::Settings;

/// Reads the pairs.
pub(super) fn pairs(text: &str) -> Result<Settings, Why> {
    read(text, false)
}

/// As [`pairs`], with values in `{` and `}` (ODBC, mssql-jdbc, sqlsrv), where `}}` is one `}`.
pub(super) fn braced_pairs(text: &str) -> Result<Settings, Why> {
    read(text, true)
}

fn read(text: &str, braces: bool) -> Result<Settings, Why> {
    let mut settings = Settings::default();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace() || c == '\u{0}');
        if rest.is_empty() {
            return Ok(settings);
        }
        let (name, after) = name(rest)?;
        let (value, after) = value(after.trim_start(), braces)?;
        settings.add(&name, value);
        rest = after;
    }
}

fn name(text: &str) -> Result<(String, &str), Why> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['=', ';']).ok_or("a name is not followed by =")?;
        if rest.as_bytes()[at] == b';' {
            return Err("a name is not followed by =");
        }
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('=') {
            Some(after) => {
                name.push('=');
                rest = after;
            }
            None if name.trim().is_empty() => return Err("a name is empty"),
            None => return Ok((name.trim().to_owned(), rest)),
        }
    }
}

fn value(text: &str, braces: bool) -> Result<(String, &str), Why> {
    let close = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => quote,
        Some('{') if braces => '}',
        _ => {
            let end = text.find(';').unwrap_or(text.len());
            return Ok((text[..end].trim().to_owned(), &text[end..]));
        }
    };
    let mut value = String::new();
    let mut chars = text[1..].chars();
    while let Some(c) = chars.next() {
        if c != close {
            value.push(c);
        } else if chars.as_str().starts_with(close) {
            chars.next();
            value.push(c);
        } else {
            let after = chars.as_str().trim_start();
            if !after.is_empty() && !after.starts_with(';') {
                return Err("something follows a quoted value");
            }
            return Ok((value, after));
        }
    }
    Err("a quoted value does not end")
}
