//! Reads the table.

use std::collections::BTreeSet;
use std::fmt;

use super::{Effect, Kind, Row, When};
use crate::version::Version;

/// A line that is no row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct InvalidRow {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It has so many columns and not eight.
    Columns(usize),
    /// The first column.
    Kind(String),
    /// The second column.
    Name(String),
    /// The third column.
    When(String),
    /// The fourth column.
    Version(String),
    /// The fifth column.
    Effect(String),
    /// The sixth or seventh column, which says nothing and is not `-`.
    Words,
    /// The eighth column is no address.
    Source(String),
    /// It stands after one that is greater.
    Order,
    /// It says what another row says.
    Twice,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns(count) => write!(f, "{count} columns instead of 8"),
            Self::Kind(text) => write!(f, "`{text}` is no kind"),
            Self::Name(text) => write!(f, "`{text}` is no name of its kind"),
            Self::When(text) => write!(f, "`{text}` is no condition"),
            Self::Version(text) => write!(f, "`{text}` is no version"),
            Self::Effect(text) => write!(f, "`{text}` is no effect"),
            Self::Words => f.write_str("an empty column: write `-`"),
            Self::Source(text) => write!(f, "`{text}` is no address of a source"),
            Self::Order => f.write_str("not in order of kind, name, version, condition"),
            Self::Twice => f.write_str("the same symbol, condition, version and effect as before"),
        }
    }
}

/// The rows of a table, or what is wrong with a line.
pub(super) fn rows(text: &str) -> impl Iterator<Item = Result<Row<'_>, InvalidRow>> {
    lines(text).map(|(line, text)| row(text).map_err(|why| InvalidRow { line, why }))
}

/// Whether rows stand in order and each once: a table that is edited by hand stays readable, and a change shows as one line.
pub(super) fn in_order(text: &str) -> Result<(), InvalidRow> {
    let mut before: Option<[&str; 4]> = None;
    let mut said = BTreeSet::new();
    for (line, text) in lines(text) {
        let columns: Vec<&str> = text.split('\t').collect();
        let [kind, name, when, version, effect, ..] = columns[..] else {
            return Err(InvalidRow { line, why: Why::Columns(columns.len()) });
        };
        if !said.insert([kind, name, when, version, effect]) {
            return Err(InvalidRow { line, why: Why::Twice });
        }
        let key = [kind, name, version, when];
        if before.is_some_and(|before| before > key) {
            return Err(InvalidRow { line, why: Why::Order });
        }
        before = Some(key);
    }
    Ok(())
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn row(line: &str) -> Result<Row<'_>, Why> {
    let mut columns = [""; 8];
    let mut count = 0;
    for column in line.split('\t') {
        if let Some(place) = columns.get_mut(count) {
            *place = column;
        }
        count += 1;
    }
    if count != columns.len() {
        return Err(Why::Columns(count));
    }
    let [kind, name, when, version, effect, message, replacement, source] = columns;
    let kind = Kind::parse(kind).ok_or_else(|| Why::Kind(kind.to_owned()))?;
    if !is_name(kind, name) {
        return Err(Why::Name(name.to_owned()));
    }
    if message.is_empty() || replacement.is_empty() {
        return Err(Why::Words);
    }
    if !source.starts_with("https://") || source.len() < "https://a.b".len() || source.contains(' ') {
        return Err(Why::Source(source.to_owned()));
    }
    let words = |text: &'_ str| text == "-";
    Ok(Row {
        kind,
        name,
        when: When::parse(when).ok_or_else(|| Why::When(when.to_owned()))?,
        version: version.parse::<Version>().map_err(|_| Why::Version(version.to_owned()))?,
        effect: Effect::parse(effect).ok_or_else(|| Why::Effect(effect.to_owned()))?,
        message: if words(message) { "" } else { message },
        replacement: if words(replacement) { "" } else { replacement },
        source,
    })
}

/// Whether a name is one of its kind.
fn is_name(kind: Kind, name: &str) -> bool {
    // `Zend OPcache` is one.
    let plain = !name.is_empty() && (kind == Kind::Extension || !name.contains(char::is_whitespace));
    let member = name.split_once("::").is_some_and(|(class, member)| !class.is_empty() && !member.is_empty());
    plain
        && match kind {
            Kind::Property => member && name.contains("::$"),
            Kind::Method | Kind::ClassConstant => member && !name.contains('$'),
            Kind::Variable => name.starts_with('$'),
            Kind::Call => true,
            Kind::Syntax | Kind::Behaviour => {
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            }
            _ => !name.contains("::"),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "function\teach\t-\t7.2\tdeprecated\ttext\t-\thttps://www.php.net/each";

    fn wrong(line: &str) -> Why {
        row(line).unwrap_err()
    }

    #[test]
    fn a_row_is_read() {
        let row = row(GOOD).unwrap();
        assert_eq!((row.kind, row.name, row.version), (Kind::Function, "each", Version::new(7, 2)));
        assert_eq!((row.effect, row.message, row.replacement), (Effect::Deprecated, "text", ""));
        assert!(row.when.is_always());
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        let with = |from: &str, to: &str| wrong(&GOOD.replace(from, to));
        assert_eq!(with("\t-\t7.2", "\t7.2"), Why::Columns(7));
        assert_eq!(with("each\t-", "each\t-\t-"), Why::Columns(9));
        assert_eq!(with("function", "functions"), Why::Kind("functions".to_owned()));
        assert_eq!(with("\teach\t", "\tA::b\t"), Why::Name("A::b".to_owned()));
        assert_eq!(with("function\teach", "method\teach"), Why::Name("each".to_owned()));
        assert_eq!(with("\t-\t7.2", "\targ\t7.2"), Why::When("arg".to_owned()));
        assert_eq!(with("7.2", "7"), Why::Version("7".to_owned()));
        assert_eq!(with("deprecated", "gone"), Why::Effect("gone".to_owned()));
        assert_eq!(with("text", ""), Why::Words);
        assert_eq!(with("https://www.php.net/each", "-"), Why::Source("-".to_owned()));
        assert_eq!(with("https://www.php.net/each", ""), Why::Source(String::new()));
    }

    #[test]
    fn rows_stand_in_order_and_once() {
        let after = GOOD.replace("7.2\tdeprecated", "8.0\tremoved");
        let table = |lines: &[&str]| in_order(&lines.join("\n")).map_err(|error| (error.line, error.why));
        assert_eq!(table(&["# comment", GOOD, "", &after]), Ok(()));
        assert_eq!(table(&[&after, GOOD]), Err((2, Why::Order)));
        assert_eq!(table(&["# comment", GOOD, GOOD]), Err((3, Why::Twice)));
    }
}
