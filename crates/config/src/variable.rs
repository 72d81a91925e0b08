//! Look-ups in the environment by code that turns what it finds into something else, such as `(bool) env('APP_DEBUG', false)`.
//! What a step makes of a text is told by the rules of PHP 8, and never guessed.

use crate::source::Template;
use sternway_core::finding::Place;

/// A look-up of an environment variable.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Which one.
    pub name: String,
    /// What is done with its text, one after the other.
    pub steps: Vec<Step>,
    /// What stands for it when it is not set, or when a step says so. Without one the value is not known.
    pub default: Option<Template>,
    /// Whether `NAME_FILE` may name a file that holds the value instead.
    pub or_file: bool,
    /// Where the look-up begins.
    pub place: Place,
}

/// What code does with a text of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `env()` of Laravel: `true`, `false`, `null`, `empty` are those, in parentheses too; quotes around the whole are taken off.
    Laravel,
    /// `(int)`.
    Integer,
    /// `(bool)`.
    Boolean,
    /// `!`.
    Not,
    /// `(string)`, `.`: true is `1`, false and null are empty.
    Text,
    /// `Str::slug()` of Laravel with this between words.
    Slug(char),
    /// `strtolower()`.
    Lower,
    /// `trim()`.
    Trim,
    /// `?? default`.
    UnlessNull,
    /// `?: default`.
    UnlessFalsy,
}

/// What is left after the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// This text.
    Text(String),
    /// The default stands for it.
    Default,
    /// It cannot be told; why.
    Unknown(&'static str),
}

/// A value of PHP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
}

impl Variable {
    /// What the steps make of a text.
    pub fn settle(&self, found: &str) -> Settled {
        let mut value = Scalar::Text(found.to_owned());
        for step in &self.steps {
            value = match step {
                Step::UnlessNull if value == Scalar::Null => return Settled::Default,
                Step::UnlessFalsy if !value.is_true() => return Settled::Default,
                Step::UnlessNull | Step::UnlessFalsy => value,
                step => match value.after(*step) {
                    Ok(value) => value,
                    Err(why) => return Settled::Unknown(why),
                },
            };
        }
        Settled::Text(match value {
            Scalar::Null => String::new(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Int(value) => value.to_string(),
            Scalar::Text(text) => text,
        })
    }
}

impl Scalar {
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Text(text) => is_true(text),
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Null | Self::Bool(false) => String::new(),
            Self::Bool(true) => "1".to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Text(text) => text,
        }
    }

    /// What a step makes of it.
    pub(crate) fn after(self, step: Step) -> Result<Self, &'static str> {
        Ok(match (step, self) {
            (Step::Laravel, Self::Text(text)) => laravel(text),
            (Step::Integer, Self::Text(text)) => Self::Int(integer(&text).ok_or(NO_NUMBER)?),
            (Step::Integer, Self::Int(value)) => Self::Int(value),
            (Step::Integer, value) => Self::Int(i64::from(value.is_true())),
            (Step::Boolean, value) => Self::Bool(value.is_true()),
            (Step::Not, value) => Self::Bool(!value.is_true()),
            (Step::Text, value) => Self::Text(value.into_text()),
            (Step::Slug(between), value) => Self::Text(slug(&value.into_text(), between).ok_or(NO_SLUG)?),
            (Step::Lower, value) => Self::Text(value.into_text().to_ascii_lowercase()),
            (Step::Trim, value) => Self::Text(trim(&value.into_text()).to_owned()),
            (Step::Laravel | Step::UnlessNull | Step::UnlessFalsy, value) => value,
        })
    }
}

const NO_NUMBER: &str = "it is made a number of, and does not look like one";
const NO_SLUG: &str = "letters beyond ASCII are turned into others by Str::slug()";

/// Whether PHP takes a text for true.
fn is_true(text: &str) -> bool {
    !text.is_empty() && text != "0"
}

/// What `(int)` makes of a text that is a whole number and nothing else.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) { None } else { text.parse().ok() }
}

/// What `trim()` leaves.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\0', '\u{b}'])
}

/// Illuminate\Support\Env.
fn laravel(text: String) -> Scalar {
    match text.to_ascii_lowercase().as_str() {
        "true" | "(true)" => Scalar::Bool(true),
        "false" | "(false)" => Scalar::Bool(false),
        "empty" | "(empty)" => Scalar::Text(String::new()),
        "null" | "(null)" => Scalar::Null,
        _ => {
            let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
            // Its `.` does not fit a line break.
            match inner.filter(|inner| !inner.contains('\n')) {
                Some(inner) => Scalar::Text(inner.to_owned()),
                None => Scalar::Text(text),
            }
        }
    }
}

/// Illuminate\Support\Str::slug(), for ASCII.
fn slug(text: &str, between: char) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let flip = if between == '-' { '_' } else { '-' };
    let mut done = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars() {
        let word = if character == '@' { "at" } else { "" };
        if character == flip || character == between || character.is_ascii_whitespace() || character == '\u{b}' {
            gap = true;
        } else if character.is_ascii_alphanumeric() || !word.is_empty() {
            if (gap || !word.is_empty()) && !done.is_empty() {
                done.push(between);
            }
            gap = !word.is_empty();
            if word.is_empty() {
                done.push(character.to_ascii_lowercase());
            } else {
                done.push_str(word);
            }
        }
    }
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(steps: &[Step], text: &str) -> Settled {
        let place = Place { file: "x".to_owned(), line: 1, column: 1 };
        Variable { name: "X".to_owned(), steps: steps.to_vec(), default: None, or_file: false, place }.settle(text)
    }

    #[test]
    fn steps_are_those_of_php() {
        use Step::{Boolean, Integer, Laravel, Lower, Not, Slug, Text, Trim, UnlessFalsy, UnlessNull};
        for (steps, text, expected) in [
            (&[Laravel][..], "(TRUE)", "true"),
            (&[Laravel], "'x y'", "x y"),
            (&[Laravel], "(null)", ""),
            (&[Laravel, Text], "true", "1"),
            (&[Laravel, Boolean], "false", "false"),
            (&[Boolean], "false", "true"),
            (&[Boolean], "0", "false"),
            (&[Not, Not], "1", "true"),
            (&[Integer], "0012", "12"),
            (&[UnlessFalsy, Lower, Trim], " Ab ", "ab"),
            (&[UnlessNull], "", ""),
            (&[Text, Slug('_')], "My Shop--2 @ home!", "my_shop_2_at_home"),
            (&[Slug('-')], "_a_b", "a-b"),
        ] {
            assert_eq!(settle(steps, text), Settled::Text(expected.to_owned()), "{steps:?} {text:?}");
        }
        for (steps, text) in [(&[UnlessFalsy][..], "0"), (&[Laravel, UnlessNull], "null"), (&[UnlessFalsy], "")] {
            assert_eq!(settle(steps, text), Settled::Default, "{steps:?} {text:?}");
        }
        for (steps, text) in [(&[Integer][..], "5 x"), (&[Slug('-')], "Caf\u{e9}")] {
            assert!(matches!(settle(steps, text), Settled::Unknown(_)), "{steps:?} {text:?}");
        }
    }
}
