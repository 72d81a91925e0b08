//! Whether a condition of the table holds for a call's arguments.

use php_ast::{Arg, BinaryOp, Expr, ExprKind};

use super::examine::Examiner;
use super::literal;
use super::types::Type;
use crate::facts::{ArgKind, Internal, Term};
use crate::seen::Confidence;

impl<'a> Examiner<'a> {
    /// Whether one term holds. What is unknown does not.
    pub(super) fn holds(&self, term: &Term<'_>, args: &'a [Arg<'a, 'a>], whole: &'a Expr<'a, 'a>) -> bool {
        // `f(...)` makes a callable, `f(...$list)` passes any number.
        let spread = args.iter().any(|arg| arg.is_spread() || arg.is_placeholder());
        let count = args.len();
        match *term {
            Term::Fewer(than) => !spread && count < usize::from(than),
            Term::More(than) => !spread && count > usize::from(than),
            Term::Exactly(many) => !spread && count == usize::from(many),
            Term::Is(place, kind) => argument(args, place).is_some_and(|value| self.is(value, kind)),
            Term::IsNot(place, kind) => argument(args, place).is_some_and(|value| self.is_surely_not(value, kind)),
            Term::Contains(place, text) => {
                argument(args, place).and_then(|value| self.text_of(value)).is_some_and(|value| value.contains(text))
            }
            Term::Equals(place, text) => argument(args, place)
                .and_then(|value| self.text_of(value))
                .is_some_and(|value| value.eq_ignore_ascii_case(text)),
            Term::Constant(place, name) => argument(args, place).is_some_and(|value| self.is_constant(value, name)),
            Term::Modifier(place, modifier) => {
                argument(args, place).is_some_and(|value| self.has_modifier(value, modifier))
            }
            Term::Named(name) => {
                args.iter().any(|arg| arg.name.as_ref().is_some_and(|given| given.to_string_repr() == name))
            }
            Term::NotNamed(name) => {
                !args.iter().any(|arg| arg.name.as_ref().is_some_and(|given| given.to_string_repr() == name))
            }
            Term::Number(place, ordering, number) => argument(args, place)
                .and_then(|value| self.number_of(value))
                .is_some_and(|value| value.cmp(&number) == ordering),
            Term::Longer(place, length) => {
                argument(args, place).and_then(|value| self.text_of(value)).is_some_and(|text| text.len() > length)
            }
            Term::Key(place, key) => argument(args, place).is_some_and(|value| has_key(value, key)),
            Term::IsFalse => self.compared_with_false.is_some_and(|compared| std::ptr::eq(compared, whole)),
            Term::Used => !self.is_discarded(whole),
            Term::ByReference | Term::As(_) | Term::Extended => false,
        }
    }

    fn is(&self, value: &'a Expr<'a, 'a>, kind: ArgKind) -> bool {
        let known = literal::kind(value).or_else(|| match self.type_of(value)? {
            // What a comment says is not sure enough to say that a call fails.
            Type::Object(_, Confidence::High) => Some(ArgKind::Object),
            Type::List(_, Confidence::High) | Type::Array => Some(ArgKind::Array),
            Type::Text(_) => Some(ArgKind::String),
            Type::Int(number) if number < 0 => Some(ArgKind::Negative),
            Type::Int(_) => Some(ArgKind::Int),
            Type::Float => Some(ArgKind::Float),
            Type::Bool(_) => Some(ArgKind::Bool),
            Type::Null => Some(ArgKind::Null),
            Type::Object(..) | Type::List(..) | Type::Handle(_) => None,
        });
        if let ArgKind::True | ArgKind::False = kind {
            let truth = literal::boolean(value).or_else(|| match self.type_of(value) {
                Some(Type::Bool(truth)) => Some(truth),
                _ => None,
            });
            return truth == Some(kind == ArgKind::True);
        }
        if kind == ArgKind::Uncountable {
            return matches!(self.type_of(value), Some(Type::Object(class, Confidence::High)) if self.is_uncountable(class));
        }
        match (known, kind) {
            (Some(known), ArgKind::Literal) => !matches!(known, ArgKind::Array | ArgKind::Closure | ArgKind::Object),
            (Some(ArgKind::Negative), ArgKind::Int) => literal::integer(value).is_some(),
            (Some(known), kind) => known == kind,
            (None, _) => false,
        }
    }

    /// Whether a class, all of whose line this file or PHP declares, is not `Countable`.
    fn is_uncountable(&self, class: &'a str) -> bool {
        let line = self.ancestors(class);
        let is_known = |class: &&str| {
            self.own.class(class).is_some()
                || Internal::known().is_class(class)
                || class.eq_ignore_ascii_case("stdClass")
        };
        line.iter().all(is_known) && !line.iter().any(|class| class.eq_ignore_ascii_case("Countable"))
    }

    fn is_surely_not(&self, value: &'a Expr<'a, 'a>, kind: ArgKind) -> bool {
        literal::kind(value).is_some_and(|known| known != kind) && !self.is(value, kind)
    }

    /// Whether a constant is this one, or one of several that are joined.
    fn is_constant(&self, value: &'a Expr<'a, 'a>, name: &str) -> bool {
        let mut value = literal::bare(value);
        while let ExprKind::Binary(binary) = &value.kind
            && matches!(binary.op, BinaryOp::BitwiseOr | BinaryOp::Add)
        {
            if self.is_one_constant(literal::bare(binary.right), name) {
                return true;
            }
            value = literal::bare(binary.left);
        }
        self.is_one_constant(value, name)
    }

    fn is_one_constant(&self, value: &'a Expr<'a, 'a>, name: &str) -> bool {
        match &value.kind {
            ExprKind::Name(given) => self.names.constant(given).global.is_some_and(|given| given == name),
            ExprKind::ClassConstAccess(access) => match (&access.class.kind, name.split_once("::")) {
                (ExprKind::Name(class), Some((wanted, constant))) => {
                    self.names.class(class).eq_ignore_ascii_case(wanted) && access.member.name_str() == Some(constant)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a regular expression, or one of a list of them, has a modifier after its end.
    fn has_modifier(&self, value: &'a Expr<'a, 'a>, modifier: char) -> bool {
        match &value.kind {
            ExprKind::Array(elements) => elements.iter().any(|element| self.has_modifier(element.value(), modifier)),
            ExprKind::Parenthesized(inner) => self.has_modifier(inner, modifier),
            // `'/' . $x . '/e'`: only its end is needed; where it begins tells what ends it.
            ExprKind::Binary(binary) if binary.op == BinaryOp::Concat => {
                let mut first = binary.left;
                while let ExprKind::Binary(inner) = &first.kind {
                    first = inner.left;
                }
                let (Some(first), Some(last)) = (literal::string(first), literal::string(binary.right)) else {
                    return false;
                };
                let Some(end) = delimiter(first) else { return false };
                last.rsplit_once(end)
                    .is_some_and(|(_, modifiers)| is_modifiers(modifiers) && modifiers.contains(modifier))
            }
            ExprKind::InterpolatedString(parts) => {
                let text = |part: Option<&'a php_ast::StringPart<'a, 'a>>| match part {
                    Some(php_ast::StringPart::Literal(text)) => text.to_str(),
                    _ => None,
                };
                let (Some(first), Some(last)) = (text(parts.first()), text(parts.last())) else { return false };
                let Some(end) = delimiter(first) else { return false };
                last.rsplit_once(end)
                    .is_some_and(|(_, modifiers)| is_modifiers(modifiers) && modifiers.contains(modifier))
            }
            _ => self.text_of(value).is_some_and(|pattern| pattern_has_modifier(pattern, modifier)),
        }
    }
}

/// Whether a literal array has a key.
fn has_key(value: &Expr<'_, '_>, key: &str) -> bool {
    match &value.kind {
        ExprKind::Array(elements) => elements
            .iter()
            .filter_map(|element| element.key.as_ref())
            .any(|known| matches!(&known.kind, ExprKind::String(text) if text.to_str() == Some(key))),
        ExprKind::Parenthesized(inner) => has_key(inner, key),
        _ => false,
    }
}

/// The argument at a place, from 1. After one that is spread, places are unknown.
fn argument<'a>(args: &'a [Arg<'a, 'a>], place: u8) -> Option<&'a Expr<'a, 'a>> {
    let place = usize::from(place).checked_sub(1)?;
    if args.iter().take(place + 1).any(|arg| arg.is_spread() || arg.name.is_some()) {
        return None;
    }
    args.get(place).and_then(Arg::value)
}

fn pattern_has_modifier(pattern: &str, modifier: char) -> bool {
    let Some(end) = delimiter(pattern) else { return false };
    let pattern = pattern.trim_start();
    let start = pattern.chars().next().map_or(0, char::len_utf8);
    pattern[start..]
        .rsplit_once(end)
        .is_some_and(|(_, modifiers)| is_modifiers(modifiers) && modifiers.contains(modifier))
}

/// What ends a regular expression that begins so.
fn delimiter(pattern: &str) -> Option<char> {
    Some(match pattern.trim_start().chars().next()? {
        '(' => ')',
        '{' => '}',
        '[' => ']',
        '<' => '>',
        other if other.is_alphanumeric() || other == '\\' => return None,
        other => other,
    })
}

fn is_modifiers(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphabetic() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_stand_after_the_end() {
        for (pattern, has) in [
            ("/a/e", true),
            ("/a/ise", true),
            ("#e#i", false),
            ("{a}e", true),
            ("/e/", false),
            ("(e)", false),
            ("/a/e\n", true),
            ("eae", false),
            ("", false),
        ] {
            assert_eq!(pattern_has_modifier(pattern, 'e'), has, "{pattern}");
        }
    }
}
