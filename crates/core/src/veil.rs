//! Keeping configuration values out of what is shown: every spelling in which one may come back in a program's output.
//!
//! A program rarely prints a value as it was given. It prints the password that it took out of a URL, decoded; or the value as JSON or as a
//! form's field. So a value is known by its parts and by its spellings.

use std::fmt;

/// Shorter parts are left alone: they would blot out half of every text, and are no secrets.
const SHORTEST_PART: usize = 4;

/// What a name contains whose value is a credential, in lower case: `Password=`, `"secretKey":`, `&sig=`.
const CREDENTIALS: [&str; 9] =
    ["password", "passwd", "passphrase", "pwd", "secret", "token", "key", "credential", "signature"];

/// The texts that must not be shown. Its `Debug` shows none of them.
#[derive(Clone, Default)]
pub struct Veil(Vec<String>);

impl fmt::Debug for Veil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Veil({})", self.0.len())
    }
}

impl Veil {
    /// Over these values of at least `shortest` bytes, each line of those with several, and the credentials inside of URLs, keyword strings
    /// and documents.
    pub fn over<'a>(values: impl IntoIterator<Item = &'a str>, shortest: usize) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for value in values {
            let whole = value.trim();
            let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_PART);
            let parts = credentials(value).into_iter().filter(|part| part.len() >= SHORTEST_PART);
            let whole = std::iter::once(whole).filter(|whole| whole.len() >= shortest.max(1));
            for text in whole.chain(lines).chain(parts) {
                texts.extend(spellings(text));
            }
        }
        // Longest first: a secret that contains another one must not be left half.
        texts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        texts.dedup();
        Self(texts)
    }

    /// The text with `blot` instead of each.
    pub fn hide(&self, text: &str, blot: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), blot))
    }
}

/// The credentials within a value, as they stand there.
fn credentials(value: &str) -> Vec<&str> {
    let mut found = in_authority(value);
    let bytes = value.as_bytes();
    for (at, _) in value.match_indices(['=', ':']) {
        let name = value[..at].trim_end_matches(['"', '\'', ' ']);
        let from = name.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))).map_or(0, |at| at + 1);
        // A name's first byte is one of a character, since `rfind` answers with the start of one of a single byte or more.
        let name = name.get(from..).unwrap_or(name).to_lowercase();
        if !CREDENTIALS.iter().any(|word| name.contains(word)) {
            continue;
        }
        let rest = value[at + 1..].trim_start();
        let (rest, ends): (&str, &[char]) = match rest.as_bytes().first() {
            Some(b'"') => (&rest[1..], &['"']),
            Some(b'\'') => (&rest[1..], &['\'']),
            // In a keyword string `;` or a blank ends a value, in a query `&`.
            _ if bytes.contains(&b';') => (rest, &[';', '\n']),
            _ => (rest, &['&', ' ', ',', '\n', '}']),
        };
        let end = rest.find(ends).unwrap_or(rest.len());
        found.push(rest[..end].trim());
    }
    found
}

/// The password, and a user without one, in `scheme://user:password@host`; each of several such URLs.
fn in_authority(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in value.match_indices("://") {
        let rest = &value[at + 3..];
        let authority = rest.split(['/', '?', '#', ' ', ',']).next().unwrap_or_default();
        // A password with a `/` in it is wrong, and written all the same: the last `@` of the line is taken, too.
        let long = rest.lines().next().unwrap_or_default();
        for authority in [authority, long] {
            if let Some((login, _)) = authority.rsplit_once('@') {
                found.push(login.split_once(':').map_or(login, |(_, password)| password));
            }
        }
        // PDO, JDBC and others: `tcp://host?auth=password`.
        found.extend(rest.split(['?', '&']).skip(1).filter_map(|pair| pair.strip_prefix("auth=")));
    }
    found
}

/// The ways in which a text may come back: as it is, decoded, as JSON writes it, and as URLs and forms do.
fn spellings(text: &str) -> Vec<String> {
    let mut all = Vec::with_capacity(12);
    for text in [text.to_owned(), percent_decoded(text), percent_decoded(&text.replace('+', " "))] {
        let json = serde_json::Value::from(text.as_str()).to_string();
        let url = percent_encoded(&text, |byte| matches!(byte, b'-' | b'.' | b'_' | b'~'));
        let form = percent_encoded(&text, |byte| matches!(byte, b'*' | b'-' | b'.' | b'_'));
        all.extend([
            url.to_lowercase(),
            form.to_lowercase(),
            form.replace("%20", "+"),
            form.to_lowercase().replace("%20", "+"),
        ]);
        all.extend([url, form, json[1..json.len() - 1].to_owned(), text]);
    }
    all.retain(|spelling| !spelling.is_empty());
    all
}

/// Percent-encoding of RFC 3986, section 2.1, of all but ASCII letters, digits and what `is_left`.
fn percent_encoded(text: &str, is_left: impl Fn(u8) -> bool) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte if is_left(byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// Each `%XX` as the byte that it means; what is none is left.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| bytes[at] == b'%');
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(value: &str, text: &str) -> String {
        Veil::over([value], 4).hide(text, "*")
    }

    #[test]
    fn a_password_is_hidden_as_the_program_decodes_it() {
        let url = "mysql://shop:p%40ss-w0rd%21@db/shop";
        assert_eq!(hidden(url, "denied for shop with p@ss-w0rd!"), "denied for shop with *");
        assert_eq!(hidden(url, "dsn p%40ss-w0rd%21 and p%40ss-w0rd!"), "dsn * and p%40ss-w0rd!");
        assert_eq!(hidden("redis://:a/b+c d@h/2", "a/b+c d"), "*", "a password that nobody encoded");
        assert_eq!(hidden("tcp://h:6379?auth=s3cret&x=1", "s3cret"), "*");
    }

    #[test]
    fn credentials_of_keyword_strings_and_documents_are_hidden() {
        for value in [
            "Server=db;Database=shop;User Id=sa;Password=hunt er2;Encrypt=true",
            "server=db;pwd='hunt er2'",
            "host=db user=app password='hunt er2' dbname=shop",
            r#"{"user":"app","password":"hunt er2"}"#,
            "AccountName=x;AccountKey=hunt er2;EndpointSuffix=y",
        ] {
            assert_eq!(hidden(value, "login hunt er2 failed"), "login * failed", "{value}");
        }
        assert_eq!(hidden("https://h/hook?token=abcd1234&x=1", "abcd1234 x"), "* x");
        assert_eq!(hidden("ä: passwort=ü; password: ßecret", "ßecret"), "*", "no boundary is split");
    }

    #[test]
    fn what_is_no_credential_stays_readable() {
        let value = "Server=localhost;Database=shop;Password=hunter2";
        assert_eq!(hidden(value, "no localhost, no shop"), "no localhost, no shop");
        assert_eq!(hidden("abc", "abc"), "abc", "shorter than asked for");
    }

    #[test]
    fn a_value_inside_of_another_does_not_uncover_it() {
        assert_eq!(Veil::over(["pass", "password-long"], 4).hide("password-long", "*"), "*");
    }

    #[test]
    fn no_text_is_shown_by_debug() {
        assert_eq!(format!("{:?}", Veil::over(["hunter2"], 1)), "Veil(1)");
    }
}
