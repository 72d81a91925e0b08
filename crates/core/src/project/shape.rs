//! What a table of sternway.toml may hold, as data: the same description refuses unknown keys and wrong types, supplies defaults and
//! becomes the JSON Schema, so that none of them can drift from the others. The tables themselves are in [`super::keys`].

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::formats::Format;
use super::source::{Problems, code};
use super::suggest;

/// A table with a fixed set of keys.
pub(super) struct Table {
    /// What it is, in a sentence.
    pub(super) doc: &'static str,
    /// Its keys.
    pub(super) keys: &'static [Key],
    /// Keys of later versions: refused, but not as a slip of the hand.
    pub(super) later: &'static [&'static str],
    /// What to write instead of one of those, if there is something.
    pub(super) instead: &'static str,
    /// Of each of these sets exactly one key must be there.
    pub(super) exactly_one: &'static [&'static [&'static str]],
    /// Of each of these sets at most one key may be there.
    pub(super) at_most_one: &'static [&'static [&'static str]],
}

/// One key of a table.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it does, in a sentence or two; shown by editors and in hints.
    pub(super) doc: &'static str,
    pub(super) required: bool,
    pub(super) default: Default,
}

/// What a key is when it is not given.
#[derive(Clone, Copy)]
pub(super) enum Default {
    /// Nothing, or something that depends on other keys (the documentation says so).
    Nothing,
    Text(&'static str),
    Texts(&'static [&'static str]),
    Bool(bool),
    Whole(i64),
    Wholes(&'static [i64]),
    Fraction(f64),
}

/// What a value may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Text of this form.
    Text(&'static Format),
    /// One of these words.
    OneOf(&'static [&'static str]),
    Bool,
    /// `false` and nothing else.
    False,
    /// A whole number in this range, ends included.
    Whole(i64, i64),
    /// A number above the first and at most the second.
    Fraction(f64, f64),
    /// A list with at least so many entries.
    List(&'static Kind, usize),
    Table(&'static Table),
    /// A table whose keys are chosen by the user.
    Map(&'static Format, &'static Kind, usize),
    /// The first of these whose TOML type fits.
    Either(&'static [Kind]),
    /// Anything that JSON can say.
    Json,
}

impl Key {
    pub(super) const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, doc, required: false, default: Default::Nothing }
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }
}

impl Table {
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// Whether the value has the TOML type of this kind, whatever it says.
    fn fits(&self, value: &DeValue<'_>) -> bool {
        match self {
            Kind::Text(_) | Kind::OneOf(_) => value.is_str(),
            Kind::Bool => value.is_bool(),
            Kind::False => value.as_bool() == Some(false),
            Kind::Whole(..) => value.is_integer(),
            Kind::Fraction(..) => value.is_float() || value.is_integer(),
            Kind::List(..) => value.is_array(),
            Kind::Table(_) | Kind::Map(..) => value.is_table(),
            Kind::Either(kinds) => kinds.iter().any(|kind| kind.fits(value)),
            Kind::Json => true,
        }
    }

    /// What is expected, in words.
    fn expected(&self) -> String {
        match self {
            Kind::Text(format) => format.expected.to_owned(),
            Kind::OneOf(words) => quoted(words),
            Kind::Bool => "true or false".to_owned(),
            Kind::False => "false".to_owned(),
            Kind::Whole(..) => "a whole number".to_owned(),
            Kind::Fraction(..) => "a number".to_owned(),
            Kind::List(Kind::Table(_), _) => "a list of tables".to_owned(),
            Kind::List(..) => "a list".to_owned(),
            Kind::Table(_) | Kind::Map(..) => "a table".to_owned(),
            Kind::Either(kinds) => kinds.iter().map(Kind::expected).collect::<Vec<_>>().join(" or "),
            Kind::Json => "a value".to_owned(),
        }
    }
}

/// `"web", "worker" or "job"`
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The type of a value, in words; never the value itself, which may be a secret.
fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A whole number, if it fits 64 bits.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A number.
pub(super) fn fraction(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => whole(value).map(|number| number as f64),
    }
}

/// Reports everything in the value that the kind does not allow. `path` names the value, dotted; `span` is where it is named.
pub(super) fn check(
    problems: &mut Problems<'_>,
    kind: &Kind,
    path: &str,
    span: Range<usize>,
    spanned: &Spanned<DeValue<'_>>,
) {
    let value = spanned.get_ref();
    let value_span = spanned.span();
    if !kind.fits(value) {
        let message = format!("`{path}` must be {}, but is {}", kind.expected(), found(value));
        problems.error(code::WRONG_TYPE, path, value_span, message, type_hint(kind, value));
        return;
    }
    let refused = |message: &str| format!("`{path}` {message}");
    match (kind, value) {
        (Kind::Text(format), DeValue::String(text)) => {
            if let Err(refusal) = (format.check)(text) {
                problems.error(refusal.code, path, value_span, refused(&refusal.message), refusal.hint);
            }
        }
        (Kind::OneOf(words), DeValue::String(text)) if !words.contains(&text.as_ref()) => {
            let hint = suggest::nearest(text, words.iter().copied())
                .map_or_else(String::new, |near| format!("did you mean \"{near}\"?"));
            problems.error(code::BAD_VALUE, path, value_span, refused(&format!("must be {}", quoted(words))), hint);
        }
        (Kind::Whole(least, most), _) if !whole(value).is_some_and(|n| (*least..=*most).contains(&n)) => {
            problems.error(
                code::BAD_VALUE,
                path,
                value_span,
                refused(&format!("must be between {least} and {most}")),
                "",
            );
        }
        (Kind::Fraction(above, most), _) if !fraction(value).is_some_and(|n| n > *above && n <= *most) => {
            let message = refused(&format!("must be more than {above} and at most {most}"));
            problems.error(code::BAD_VALUE, path, value_span, message, "");
        }
        (Kind::List(of, least), DeValue::Array(entries)) => {
            if entries.len() < *least {
                problems.error(code::BAD_VALUE, path, value_span, refused("is empty"), "");
            }
            for (at, entry) in entries.iter().enumerate() {
                check(problems, of, &format!("{path}[{at}]"), entry.span(), entry);
            }
        }
        (Kind::Table(table), DeValue::Table(entries)) => check_table(problems, table, path, span, entries),
        (Kind::Map(format, of, least), DeValue::Table(entries)) => {
            if entries.len() < *least {
                problems.error(code::BAD_VALUE, path, span, refused("is empty"), "");
            }
            for (key, entry) in entries {
                let inner = format!("{path}.{}", dotted(key.get_ref()));
                if let Err(refusal) = (format.check)(key.get_ref()) {
                    problems.error(
                        refusal.code,
                        &inner,
                        key.span(),
                        format!("`{}` {}", key.get_ref(), refusal.message),
                        refusal.hint,
                    );
                }
                check(problems, of, &inner, key.span(), entry);
            }
        }
        (Kind::Either(kinds), _) => {
            if let Some(kind) = kinds.iter().find(|kind| kind.fits(value)) {
                check(problems, kind, path, span, spanned);
            }
        }
        _ => {}
    }
}

/// The same for the keys of a table.
pub(super) fn check_table(
    problems: &mut Problems<'_>,
    table: &Table,
    path: &str,
    span: Range<usize>,
    entries: &DeTable<'_>,
) {
    let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let place = if path.is_empty() { "sternway.toml".to_owned() } else { format!("`{path}`") };
    for (key, value) in entries {
        let name: &str = key.get_ref();
        if let Some(known) = table.key(name) {
            check(problems, &known.kind, &inner(name), key.span(), value);
        } else if table.later.contains(&name) {
            let hint = if table.instead.is_empty() { "leave it out for now" } else { table.instead };
            let message = format!("`{name}` is not yet supported by this version");
            problems.error(code::LATER, &inner(name), key.span(), message, hint);
        } else {
            let hint = suggest::hint(name, "known keys", table.keys.iter().map(|key| key.name));
            let message = format!("unknown key `{}` in {place}", dotted(name));
            problems.error(code::UNKNOWN_KEY, &inner(&dotted(name)), key.span(), message, hint);
        }
    }
    let has = |name: &str| entries.contains_key(name);
    // A table that is written for a later version is not also blamed for what this version would need in it.
    let later = table.later.iter().any(|name| has(name));
    for key in table.keys.iter().filter(|key| key.required && !has(key.name) && !later) {
        let message = format!("`{}` is missing in {place}", key.name);
        problems.error(code::MISSING, &inner(key.name), span.clone(), message, format!("add it: {}", key.doc));
    }
    for set in table.exactly_one.iter().chain(table.at_most_one) {
        let given: Vec<_> = entries.iter().filter(|(key, _)| set.contains(&key.get_ref().as_ref())).collect();
        let names: Vec<String> = set.iter().map(|name| format!("`{name}`")).collect();
        if given.is_empty() && table.exactly_one.contains(set) {
            let message = format!("one of {} is missing in {place}", names.join(", "));
            problems.error(code::MISSING, path, span.clone(), message, "");
        }
        if let Some((second, _)) = given.get(1) {
            let message = format!("only one of {} can be given in {place}", names.join(", "));
            problems.error(code::CONTRADICTION, &inner(second.get_ref()), second.span(), message, "");
        }
    }
}

/// How to write the same thing with the right type, where that is plain.
fn type_hint(kind: &Kind, value: &DeValue<'_>) -> String {
    match (kind, value) {
        (Kind::Text(format), DeValue::Integer(_) | DeValue::Float(_)) if format.expected.starts_with("a duration") => {
            "write it in quotes with a unit, such as \"500ms\", \"5s\", \"2m\" or \"1h\"".to_owned()
        }
        (Kind::Text(_), DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) => {
            "write it in quotes".to_owned()
        }
        (Kind::Whole(..) | Kind::Fraction(..) | Kind::Bool, DeValue::String(_)) => "write it without quotes".to_owned(),
        (Kind::List(Kind::Table(_), _), DeValue::Table(_)) => {
            "write its header with two brackets: [[checks]]".to_owned()
        }
        (Kind::List(..), DeValue::String(_) | DeValue::Integer(_)) => "write it in brackets".to_owned(),
        _ => String::new(),
    }
}

/// A key as it is written in a dotted path.
pub(super) fn dotted(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { key.to_owned() } else { format!("{key:?}") }
}
