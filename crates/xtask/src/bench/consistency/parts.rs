//! The parts of a value that can be changed by themselves.

use std::ops::Range;

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Scheme,
    User,
    Password,
    Host,
    Port,
    Database,
    Prefix,
    Encryption,
}

/// Where each part of a value is, by bytes.
pub(super) fn parts(key: &str, value: &str) -> Vec<(Part, Range<usize>)> {
    if let Some(at) = value.find("://") {
        return url(value, at);
    }
    let body = value.find(':').filter(|at| value[..*at].chars().all(|c| c.is_ascii_lowercase())).map_or(0, |at| at + 1);
    if value[body..].contains('=') && value.contains([';', ' ', ',']) {
        return pairs(value, body);
    }
    by_key(key, value)
}

/// One part of a value.
pub(super) fn part(key: &str, value: &str, wanted: Part) -> Option<Range<usize>> {
    parts(key, value).into_iter().find(|(part, _)| *part == wanted).map(|(_, range)| range)
}

/// Whether a value is a connection of this scheme's family: only there a path names a database.
fn stores(scheme: &str) -> bool {
    ["redis", "rediss", "postgres", "postgresql", "mysql", "mongodb", "amqp", "amqps", "tcp"].contains(&scheme)
}

fn url(value: &str, at: usize) -> Vec<(Part, Range<usize>)> {
    let scheme = value[..at].rfind(':').map_or(0, |colon| colon + 1);
    let mut found = vec![(Part::Scheme, scheme..at)];
    let start = at + 3;
    let authority = value[start..].find(['/', '?']).map_or(value.len(), |end| start + end);
    let mut host = start;
    if let Some(sign) = value[start..authority].rfind('@') {
        let login = start..start + sign;
        host = login.end + 1;
        match value[login.clone()].find(':') {
            Some(colon) => {
                found.push((Part::User, login.start..login.start + colon));
                found.push((Part::Password, login.start + colon + 1..login.end));
            }
            None => found.push((Part::User, login)),
        }
    }
    let first = value[host..authority].find(',').map_or(authority, |comma| host + comma);
    place(value, host..first, &mut found);
    let query = value[authority..].find('?').map_or(value.len(), |at| authority + at);
    if query > authority + 1 && stores(&value[scheme..at]) {
        found.push((Part::Database, authority + 1..query));
    }
    settings(value, query, '&', &mut found);
    found.retain(|(part, range)| *part == Part::Password || !range.is_empty());
    found
}

/// `host:port`.
fn place(value: &str, range: Range<usize>, found: &mut Vec<(Part, Range<usize>)>) {
    match value[range.clone()].rfind([':', ',']) {
        Some(colon) if value[range.start + colon + 1..range.end].chars().all(|c| c.is_ascii_digit()) => {
            found.push((Part::Host, range.start..range.start + colon));
            found.push((Part::Port, range.start + colon + 1..range.end));
        }
        _ => found.push((Part::Host, range)),
    }
}

fn settings(value: &str, from: usize, separator: char, found: &mut Vec<(Part, Range<usize>)>) {
    let mut start = from;
    for piece in value[from..].split_inclusive([separator, '?']) {
        let text = piece.trim_end_matches([separator, '?']);
        if let Some(equals) = text.find('=') {
            let range = start + equals + 1..start + text.len();
            let name: String =
                text[..equals].chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            match name.as_str() {
                "host" | "server" | "datasource" => {
                    let bare = value[range.clone()].strip_prefix("tcp:").map_or(0, |_| 4);
                    place(value, range.start + bare..range.end, found);
                }
                "port" => found.push((Part::Port, range)),
                "database" | "dbname" | "initialcatalog" | "defaultdatabase" => found.push((Part::Database, range)),
                "prefix" => found.push((Part::Prefix, range)),
                "user" | "userid" | "uid" => found.push((Part::User, range)),
                "password" | "pwd" => found.push((Part::Password, range)),
                "sslmode" | "tls" | "ssl" | "encrypt" => found.push((Part::Encryption, range)),
                _ => {}
            }
        }
        start += piece.len();
    }
}

fn pairs(value: &str, body: usize) -> Vec<(Part, Range<usize>)> {
    let separator = if value.contains(';') {
        ';'
    } else if value.contains(',') {
        ','
    } else {
        ' '
    };
    let mut found = Vec::new();
    // StackExchange.Redis begins with the place.
    let first = value[body..].find(separator).map_or(value.len(), |end| body + end);
    if !value[body..first].contains('=') {
        place(value, body..first, &mut found);
    }
    settings(value, body, separator, &mut found);
    found
}

/// The words of a key, in small letters.
pub(super) fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in key.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower) {
            words.push(String::new());
        }
        lower = c.is_ascii_lowercase();
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn by_key(key: &str, value: &str) -> Vec<(Part, Range<usize>)> {
    let words = words(key);
    let last = words.last().map_or("", String::as_str);
    let has = |word: &str| words.iter().any(|other| other == word);
    let all = 0..value.len();
    let number = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit());
    if is_secret(key) {
        return vec![(Part::Password, all)];
    }
    match last {
        "host" | "address" | "brokers" | "url" if value.contains(['.', '-']) && !value.contains('@') => {
            let mut found = Vec::new();
            place(value, all, &mut found);
            found
        }
        "port" if number => vec![(Part::Port, all)],
        "db" | "database" if !value.is_empty() => vec![(Part::Database, all)],
        "name" if has("db") || has("database") => vec![(Part::Database, all)],
        "prefix" | "namespace" => vec![(Part::Prefix, all)],
        "name" if has("instance") => vec![(Part::Prefix, all)],
        "tls" | "ssl" | "sslmode" | "secure" | "encryption" | "redirect" | "admin"
            if has("ssl") || has("tls") || has("secure") || has("encryption") || last == "sslmode" =>
        {
            vec![(Part::Encryption, all)]
        }
        "cookie" if has("secure") => vec![(Part::Encryption, all)],
        "enabled" if has("ssl") || has("tls") => vec![(Part::Encryption, all)],
        _ => Vec::new(),
    }
}

/// Whether a key names a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let words = words(key);
    let last = words.last().map_or("", String::as_str);
    matches!(last, "password" | "pass" | "secret" | "salt" | "token")
        || (last == "key"
            && words
                .iter()
                .any(|word| ["app", "api", "secret", "auth", "payments", "lab", "kvk"].contains(&word.as_str())))
        || words.ends_with(&["secret".to_owned(), "key".to_owned(), "base".to_owned()])
        || words == ["payments", "key"]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, value: &str) -> String {
        let words: Vec<_> =
            parts(key, value).into_iter().map(|(part, range)| format!("{part:?}={}", &value[range])).collect();
        words.join(" ")
    }

    #[test]
    fn values_fall_into_their_parts() {
        for (key, value, expected) in [
            ("X", "rediss://:p@h.x:6380/1", "Scheme=rediss User= Password=p Host=h.x Port=6380 Database=1"),
            ("X", "https://api.x/v1", "Scheme=https Host=api.x"),
            (
                "X",
                "jdbc:postgresql://h.x:5432/d?sslmode=require",
                "Scheme=postgresql Host=h.x Port=5432 Database=d Encryption=require",
            ),
            ("X", "tcp://h:6379?database=3&prefix=S:", "Scheme=tcp Host=h Port=6379 Database=3 Prefix=S:"),
            ("X", "mysql:host=h.x;port=3306;dbname=d", "Host=h.x Port=3306 Database=d"),
            (
                "X",
                "host=h port=5432 dbname=d password=p sslmode=require",
                "Host=h Port=5432 Database=d Password=p Encryption=require",
            ),
            (
                "X",
                "Server=tcp:s.x,1433;Database=D;User ID=u;Password=p;Encrypt=True",
                "Host=s.x Port=1433 Database=D User=u Password=p Encryption=True",
            ),
            (
                "X",
                "r.x:6380,password=p,ssl=True,defaultDatabase=1",
                "Host=r.x Port=6380 Password=p Encryption=True Database=1",
            ),
            ("REDIS_HOST", "r.x.y", "Host=r.x.y"),
            ("WORDPRESS_DB_HOST", "h.x:3306", "Host=h.x Port=3306"),
            ("REDIS_SESSION_DB", "2", "Database=2"),
            ("spring.data.redis.ssl.enabled", "true", "Encryption=true"),
            ("DB_PASSWORD", "p", "Password=p"),
            ("LOG_LEVEL", "info", ""),
        ] {
            assert_eq!(told(key, value).replace("User= ", ""), expected.replace("User= ", ""), "{key} {value}");
        }
    }
}
