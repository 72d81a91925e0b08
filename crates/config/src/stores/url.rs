//! The pieces of a URL (RFC 3986), as the client libraries take them apart; decoding is left to each dialect.

use super::endpoint::Why;

/// The pieces as they stand.
#[derive(Clone, Copy)]
pub(super) struct Pieces<'a> {
    /// Before the colon.
    pub(super) scheme: &'a str,
    /// Between `//` and the last `@` of the authority.
    pub(super) userinfo: Option<&'a str>,
    /// The authority after that.
    pub(super) hosts: &'a str,
    /// From the first slash on; absent is not the same as `/`.
    pub(super) path: Option<&'a str>,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
}

impl<'a> Pieces<'a> {
    /// Splits `scheme://authority/path?query#fragment`.
    pub(super) fn of(text: &'a str) -> Result<Self, Why> {
        let (scheme, rest) = text.split_once("://").ok_or("there is no scheme with ://")?;
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(named) {
            return Err("the scheme is no name");
        }
        if rest.chars().any(char::is_control) {
            return Err("there is a control character");
        }
        let (rest, fragment) = cut(rest, '#');
        let (rest, query) = cut(rest, '?');
        let (authority, path) = rest.find('/').map_or((rest, None), |at| (&rest[..at], Some(&rest[at..])));
        let (userinfo, hosts) =
            authority.rsplit_once('@').map_or((None, authority), |(user, hosts)| (Some(user), hosts));
        Ok(Self { scheme, userinfo, hosts, path, query, fragment })
    }

    /// The path without its first slash, if anything is left.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.path.map(|path| &path[1..]).filter(|name| !name.is_empty())
    }

    /// User and password as they stand; an empty one is none.
    pub(super) fn credentials(&self) -> (Option<&'a str>, Option<&'a str>) {
        let Some(userinfo) = self.userinfo else { return (None, None) };
        let (user, password) = userinfo.split_once(':').map_or((userinfo, None), |(user, word)| (user, Some(word)));
        (Some(user).filter(|user| !user.is_empty()), password.filter(|word| !word.is_empty()))
    }

    /// Whether an `@` stands where none belongs: mostly a password with a slash, `?` or `#` that was not encoded.
    pub(super) fn has_stray_at(&self) -> bool {
        self.userinfo.is_some_and(|user| user.contains('@')) || self.path.is_some_and(|path| path.contains('@'))
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Decodes `%XX` once. What is no such token stays, as in the URL Standard's percent-decode and Python's `unquote`. `+` stays too.
pub(super) fn decode(text: &str) -> Result<String, Why> {
    let bytes = text.as_bytes();
    let mut done = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(byte) = hex_pair(bytes, at) {
            done.push(byte);
            at += 3;
        } else {
            done.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(done).map_err(|_| "a percent-encoded value is not UTF-8")
}

/// As [`decode`], with `+` for a space first (application/x-www-form-urlencoded).
pub(super) fn decode_form(text: &str) -> Result<String, Why> {
    decode(&text.replace('+', " "))
}

/// As libpq's `conninfo_uri_decode` (fe-connect.c): a bad token and `%00` are errors.
pub(super) fn decode_strict(text: &str) -> Result<String, Why> {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('%') {
        match hex_pair(bytes, at) {
            None => return Err("a percent-encoded token is invalid"),
            Some(0) => return Err("%00 is forbidden"),
            Some(_) => {}
        }
    }
    decode(text)
}

fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}
