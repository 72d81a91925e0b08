//! Symfony's `%env(processor:NAME)%` (symfony.com/doc/current/configuration/env_var_processors.html).

use crate::read::{Fallback, Shape};

/// One placeholder within a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placeholder<'t> {
    pub(super) name: &'t str,
    /// Bytes from the text's begin to its `%`.
    pub(super) at: usize,
    pub(super) fallback: Fallback,
}

/// All placeholders of a text.
pub(super) fn placeholders(text: &str) -> Vec<Placeholder<'_>> {
    const OPEN: &str = "%env(";
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(OPEN).map(|at| from + at) {
        let start = at + OPEN.len();
        let Some(end) = text[start..].find(")%").map(|end| start + end) else { break };
        let parts: Vec<&str> = text[start..end].split(':').collect();
        if let Some(name) = parts.last().filter(|name| is_name(name)) {
            found.push(Placeholder { name, at, fallback: fallback(&parts) });
        }
        from = end;
    }
    found
}

/// `default:parameter:NAME` takes a parameter, `default::NAME` null.
fn fallback(parts: &[&str]) -> Fallback {
    let default = parts.iter().take(parts.len().saturating_sub(2)).position(|part| *part == "default");
    match default.and_then(|at| parts.get(at + 1)) {
        None => Fallback::None,
        Some(&"") => Fallback::Literal(Shape::Null),
        Some(_) => Fallback::Expression,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_comes_last_and_defaults_before_it() {
        let found = placeholders(
            "a %env(A)% %env(int:B)% %env(default::C)% %env(int:default:port:D)% %env(json:file:E)% %env(x y)% %env(",
        );
        let found: Vec<_> = found.iter().map(|p| (p.name, p.at, p.fallback)).collect();
        assert_eq!(
            found,
            [
                ("A", 2, Fallback::None),
                ("B", 11, Fallback::None),
                ("C", 24, Fallback::Literal(Shape::Null)),
                ("D", 42, Fallback::Expression),
                ("E", 68, Fallback::None),
            ]
        );
    }
}
