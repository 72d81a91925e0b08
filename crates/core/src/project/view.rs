//! Typed access to a table whose shape was checked. A value that was refused reads as absent: it was reported already.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::formats;
use super::shape::{self, Default, Table};
use crate::check::Text;
use crate::time::Millis;

/// A table of the file together with what it may hold.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    entries: &'a DeTable<'a>,
    table: &'static Table,
}

/// Entries that the user named: name, where the name stands, value.
pub(super) type Named<'a> = (&'a str, Range<usize>, &'a Spanned<DeValue<'a>>);

impl<'a> View<'a> {
    pub(super) fn new(entries: &'a DeTable<'a>, table: &'static Table) -> Self {
        Self { entries, table }
    }

    /// The value of a key, if it is given and not of a wrong shape as a whole.
    pub(super) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.table.key(key).is_some(), "`{key}` is read but not among the keys");
        self.entries.get(key)
    }

    /// Where the key's value stands; when it is not given, `otherwise`.
    pub(super) fn span(&self, key: &str, otherwise: &Range<usize>) -> Range<usize> {
        self.value(key).map_or_else(|| otherwise.clone(), Spanned::span)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    fn default(&self, key: &str) -> Default {
        self.table.key(key).map_or(Default::Nothing, |key| key.default)
    }

    /// The text that is given.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        match self.value(key) {
            Some(value) => value.get_ref().as_str(),
            None => match self.default(key) {
                Default::Text(text) => Some(text),
                _ => None,
            },
        }
    }

    pub(super) fn owned(&self, key: &str) -> String {
        self.text(key).unwrap_or_default().to_owned()
    }

    /// The duration that is given, or the default; zero when it was refused.
    pub(super) fn duration(&self, key: &str) -> Millis {
        self.duration_if(key).unwrap_or_default()
    }

    pub(super) fn duration_if(&self, key: &str) -> Option<Millis> {
        self.text(key).and_then(|text| formats::duration(text).ok())
    }

    pub(super) fn bool(&self, key: &str) -> bool {
        match self.value(key) {
            Some(value) => value.get_ref().as_bool().unwrap_or_default(),
            None => matches!(self.default(key), Default::Bool(true)),
        }
    }

    /// The whole number that is given or the default, if it fits.
    pub(super) fn whole<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        let number = match self.value(key) {
            Some(value) => shape::whole(value.get_ref()),
            None => match self.default(key) {
                Default::Whole(number) => Some(number),
                _ => None,
            },
        };
        number.and_then(|number| T::try_from(number).ok())
    }

    pub(super) fn fraction(&self, key: &str) -> f64 {
        let number = match self.value(key) {
            Some(value) => shape::fraction(value.get_ref()),
            None => match self.default(key) {
                Default::Fraction(number) => Some(number),
                _ => None,
            },
        };
        number.unwrap_or_default()
    }

    /// The entries of a list, or a single value that stands for a list of one.
    pub(super) fn list(&self, key: &str) -> &'a [Spanned<DeValue<'a>>] {
        match self.value(key) {
            Some(value) => match value.get_ref() {
                DeValue::Array(entries) => entries,
                _ => std::slice::from_ref(value),
            },
            None => &[],
        }
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        match (self.has(key), self.default(key)) {
            (false, Default::Texts(texts)) => texts.iter().map(|&text| text.to_owned()).collect(),
            _ => self.list(key).iter().filter_map(|entry| entry.get_ref().as_str().map(str::to_owned)).collect(),
        }
    }

    pub(super) fn wholes<T: TryFrom<i64>>(&self, key: &str) -> Vec<T> {
        let numbers: Vec<i64> = match (self.has(key), self.default(key)) {
            (false, Default::Wholes(numbers)) => numbers.to_vec(),
            _ => self.list(key).iter().filter_map(|entry| shape::whole(entry.get_ref())).collect(),
        };
        numbers.into_iter().filter_map(|number| T::try_from(number).ok()).collect()
    }

    pub(super) fn table(&self, key: &str, table: &'static Table) -> Option<View<'a>> {
        self.value(key).and_then(|value| value.get_ref().as_table()).map(|entries| View::new(entries, table))
    }

    /// The entries of a table whose keys are chosen by the user, in the order of the file.
    pub(super) fn named(&self, key: &str) -> Vec<Named<'a>> {
        self.value(key).and_then(|value| value.get_ref().as_table()).map(named).unwrap_or_default()
    }

    /// A map of texts, each plain or `{ secret = "KEY" }`.
    pub(super) fn text_map(&self, key: &str) -> BTreeMap<String, Text> {
        let entries = self.named(key).into_iter();
        entries.filter_map(|(name, _, value)| Some((name.to_owned(), secret_or_text(value.get_ref())?))).collect()
    }

    /// A map of values of any type.
    pub(super) fn json_map(&self, key: &str) -> BTreeMap<String, serde_json::Value> {
        self.named(key).into_iter().map(|(name, _, value)| (name.to_owned(), json(value.get_ref()))).collect()
    }
}

/// The entries of a table, in the order of the file.
pub(super) fn named<'a>(entries: &'a DeTable<'a>) -> Vec<Named<'a>> {
    entries.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect()
}

/// A text, plain or `{ secret = "KEY" }`.
pub(super) fn secret_or_text(value: &DeValue<'_>) -> Option<Text> {
    match value {
        DeValue::Table(entries) => entries.get("secret")?.get_ref().as_str().map(|key| Text::Secret(key.to_owned())),
        _ => value.as_str().map(|text| Text::Plain(text.to_owned())),
    }
}

/// The value as JSON; dates become text, and numbers that JSON lacks become null.
pub(super) fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(_) => shape::whole(value).into(),
        DeValue::Float(_) => shape::fraction(value).into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(entries) => entries.iter().map(|entry| json(entry.get_ref())).collect(),
        DeValue::Table(entries) => {
            let entries = entries.iter().map(|(key, entry)| (key.get_ref().to_string(), json(entry.get_ref())));
            serde_json::Value::Object(entries.collect())
        }
    }
}
