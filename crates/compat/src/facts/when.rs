//! Under which condition a fact holds: a conjunction of terms about one call.

use std::cmp::Ordering;

/// A conjunction; empty holds always.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When<'t>(Box<[Term<'t>]>);

/// One term. Arguments count from 1. A call that spreads an array into its arguments has an unknown number of them, and terms about what is
/// unknown do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term<'t> {
    /// `args<3`
    Fewer(u8),
    /// `args>3`
    More(u8),
    /// `args=3`
    Exactly(u8),
    /// `arg1=string`: a literal of this kind.
    Is(u8, ArgKind),
    /// `arg1!=string`: written as something that surely is not of this kind.
    IsNot(u8, ArgKind),
    /// `arg1~"text"`: a literal string that contains this text.
    Contains(u8, &'t str),
    /// `arg1="text"`: a literal string that is this text, in any case.
    Equals(u8, &'t str),
    /// `arg1=const:NAME`: this constant, alone or among others joined by `|`.
    Constant(u8, &'t str),
    /// `arg1/e`: a literal regular expression with this modifier.
    Modifier(u8, char),
    /// `arg1>255`, `arg1<0`, `arg1=0`: an integer that compares so.
    Number(u8, Ordering, i64),
    /// `arg1#>1`: a literal string of more bytes.
    Longer(u8, usize),
    /// `arg3["salt"]`: a literal array with this key.
    Key(u8, &'t str),
    /// `named:name`: an argument of this name is passed.
    Named(&'t str),
    /// `not-named:name`: no argument of this name is passed.
    NotNamed(&'t str),
    /// `is-false`: what the call returns is compared with `false`.
    IsFalse,
    /// `extended`: a class extends it.
    Extended,
    /// `used`: what the call returns is used.
    Used,
    /// `byref`: a parameter that is taken by reference gets what is no variable.
    ByReference,
    /// `function`, `class`, `constant`, `namespace`: as what a reserved word is declared.
    As(&'t str),
}

/// What an argument is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArgKind {
    /// `'a'`
    String,
    /// `1`, `-1`
    Int,
    /// `1.5`
    Float,
    /// `true` or `false`
    Bool,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// `[]`, `array()`
    Array,
    /// `function () {}`, `fn() => 1`
    Closure,
    /// Any of the literals above but arrays and closures.
    Literal,
    /// `new X`, or a variable that is known to hold an object.
    Object,
    /// An object that is known not to be `Countable`.
    Uncountable,
    /// A negative number.
    Negative,
}

impl ArgKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "string" => Self::String,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "true" => Self::True,
            "false" => Self::False,
            "null" => Self::Null,
            "array" => Self::Array,
            "closure" => Self::Closure,
            "literal" => Self::Literal,
            "object" => Self::Object,
            "uncountable" => Self::Uncountable,
            "negative" => Self::Negative,
            _ => return None,
        })
    }
}

impl<'t> When<'t> {
    /// The terms, all of which must hold.
    pub fn terms(&self) -> &[Term<'t>] {
        &self.0
    }

    /// Whether it holds always.
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// `-`, or terms joined by `&`. `None` when a term is not known.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        if text == "-" {
            return Some(Self::default());
        }
        split(text).into_iter().map(term).collect::<Option<Vec<_>>>().map(|terms| Self(terms.into()))
    }
}

/// At each `&` outside of quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'&' if !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn term(text: &str) -> Option<Term<'_>> {
    match text {
        "used" => return Some(Term::Used),
        "is-false" => return Some(Term::IsFalse),
        "extended" => return Some(Term::Extended),
        "byref" => return Some(Term::ByReference),
        "function" | "class" | "constant" | "namespace" => return Some(Term::As(text)),
        _ => {}
    }
    if let Some(name) = text.strip_prefix("named:").filter(|name| !name.is_empty()) {
        return Some(Term::Named(name));
    }
    if let Some(name) = text.strip_prefix("not-named:").filter(|name| !name.is_empty()) {
        return Some(Term::NotNamed(name));
    }
    if let Some(rest) = text.strip_prefix("args") {
        let count = rest.get(1..)?.parse().ok()?;
        return match rest.as_bytes()[0] {
            b'<' => Some(Term::Fewer(count)),
            b'>' => Some(Term::More(count)),
            b'=' => Some(Term::Exactly(count)),
            _ => None,
        };
    }
    let rest = text.strip_prefix("arg")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let place = rest.get(..digits)?.parse().ok().filter(|place| *place > 0)?;
    let rest = &rest[digits..];
    let quoted = |text: &'_ str| text.len() >= 2 && text.starts_with('"') && text.ends_with('"');
    if let Some(text) = rest.strip_prefix('~') {
        return quoted(text).then(|| Term::Contains(place, &text[1..text.len() - 1]));
    }
    if let Some(modifier) = rest.strip_prefix('/') {
        let mut chars = modifier.chars();
        return chars.next().filter(|_| chars.next().is_none()).map(|modifier| Term::Modifier(place, modifier));
    }
    if let Some(name) = rest.strip_prefix(":named=").filter(|name| !name.is_empty()) {
        return Some(Term::Named(name));
    }
    if let Some(kind) = rest.strip_prefix("!=") {
        return ArgKind::parse(kind).map(|kind| Term::IsNot(place, kind));
    }
    if let Some(length) = rest.strip_prefix("#>") {
        return length.parse().ok().map(|length| Term::Longer(place, length));
    }
    if let Some(key) = rest.strip_prefix('[') {
        let key = key.strip_suffix(']').filter(|key| quoted(key))?;
        return Some(Term::Key(place, &key[1..key.len() - 1]));
    }
    for (sign, ordering) in [('<', Ordering::Less), ('>', Ordering::Greater)] {
        if let Some(number) = rest.strip_prefix(sign) {
            return number.parse().ok().map(|number| Term::Number(place, ordering, number));
        }
    }
    let value = rest.strip_prefix('=')?;
    if let Ok(number) = value.parse() {
        return Some(Term::Number(place, Ordering::Equal, number));
    }
    if let Some(name) = value.strip_prefix("const:").filter(|name| !name.is_empty()) {
        return Some(Term::Constant(place, name));
    }
    if quoted(value) {
        return Some(Term::Equals(place, &value[1..value.len() - 1]));
    }
    ArgKind::parse(value).map(|kind| Term::Is(place, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let terms = |text| When::parse(text).map(|when| when.terms().to_vec());
        assert_eq!(terms("-"), Some(vec![]));
        assert_eq!(terms("args<2"), Some(vec![Term::Fewer(2)]));
        assert_eq!(
            terms("args=2&arg2~\"a&b\"&used"),
            Some(vec![Term::Exactly(2), Term::Contains(2, "a&b"), Term::Used])
        );
        assert_eq!(
            terms("arg1/e&arg2=const:SORT&arg3=null&arg1:named=x&arg4=\"T\""),
            Some(vec![
                Term::Modifier(1, 'e'),
                Term::Constant(2, "SORT"),
                Term::Is(3, ArgKind::Null),
                Term::Named("x"),
                Term::Equals(4, "T"),
            ])
        );
        assert_eq!(
            terms("arg1>255&arg2=0&arg1#>1&arg3[\"salt\"]&not-named:x&arg1=false&is-false"),
            Some(vec![
                Term::Number(1, Ordering::Greater, 255),
                Term::Number(2, Ordering::Equal, 0),
                Term::Longer(1, 1),
                Term::Key(3, "salt"),
                Term::NotNamed("x"),
                Term::Is(1, ArgKind::False),
                Term::IsFalse,
            ])
        );
        for text in
            ["", "args", "args<", "args<x", "arg", "arg0=null", "arg1", "arg1=what", "arg1~x", "&", "used&", "arg1/"]
        {
            assert_eq!(terms(text), None, "{text}");
        }
    }
}
