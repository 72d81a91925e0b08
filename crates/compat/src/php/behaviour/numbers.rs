//! What a text is as a number.

/// What a text is as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numeric {
    /// A number.
    Number,
    /// A number with white space behind it: one since 8.0.
    Trailing,
    /// It begins with a number.
    Leading,
    /// `0x1A`, which was one before 7.0.
    Hexadecimal,
    /// It is none.
    None,
}

/// What PHP takes a text for.
pub(super) fn numeric(text: &str) -> Numeric {
    let start = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let bytes = start.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    if start.len() > sign + 2
        && start[sign..].starts_with(['0'])
        && matches!(bytes.get(sign + 1), Some(b'x' | b'X'))
        && start[sign + 2..].bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Numeric::Hexadecimal;
    }
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return Numeric::None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + signed);
        if exponent > 0 {
            end += 1 + signed + exponent;
        }
    }
    match &start[end..] {
        "" => Numeric::Number,
        rest if rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).is_empty() => Numeric::Trailing,
        _ => Numeric::Leading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbers_as_php_takes_them() {
        for (text, is) in [
            ("12", Numeric::Number),
            (" -1.5e3", Numeric::Number),
            (".5", Numeric::Number),
            ("5.", Numeric::Number),
            ("12 ", Numeric::Trailing),
            ("12abc", Numeric::Leading),
            ("1e", Numeric::Leading),
            ("0x1A", Numeric::Hexadecimal),
            ("0x", Numeric::Leading),
            ("", Numeric::None),
            ("abc", Numeric::None),
            (".", Numeric::None),
            ("-", Numeric::None),
        ] {
            assert_eq!(numeric(text), is, "{text:?}");
        }
    }
}
