//! Forms of strings.

use php_ast::{Expr, ExprKind};

use super::super::examine::Examiner;
use super::super::literal;

impl<'a> Examiner<'a> {
    /// `\u{...}` in a string in double quotes or a heredoc.
    pub(in super::super) fn string_form(&mut self, string: &'a Expr<'a, 'a>) {
        if !self.has_unicode_escape {
            return;
        }
        let text = self.source(string.span.start, string.span.end);
        if text.starts_with('\'') {
            return;
        }
        for (at, _) in text.match_indices("\\u{") {
            let escaped = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
            let digits = text[at + 3..].split('}').next().unwrap_or_default();
            let valid = !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !escaped && valid {
                self.form("unicode-escape", string.span.start + u32::try_from(at).unwrap_or(0));
            }
        }
    }

    /// Where a heredoc ends: 7.3 lets its label stand anywhere.
    pub(in super::super) fn heredoc_form(&mut self, label: &'a str, heredoc: &'a Expr<'a, 'a>) {
        let text = self.source(heredoc.span.start, heredoc.span.end);
        let last = text.rsplit('\n').next().unwrap_or_default();
        let indented = last.starts_with([' ', '\t']);
        let rest = self.rest(heredoc.span.end);
        let rest = rest.strip_prefix(';').unwrap_or(rest);
        let ends = rest.is_empty() || rest.starts_with(['\n', '\r']);
        let closes = last.trim_start().starts_with(label);
        if closes && (indented || !ends) {
            self.form("flexible-heredoc", heredoc.span.start);
        }
    }

    /// What stands in a string.
    pub(in super::super) fn interpolated(&mut self, inner: &'a Expr<'a, 'a>, _whole: &'a Expr<'a, 'a>) {
        let at = inner.span.start;
        let text = self.rest(at);
        if text.starts_with("${") {
            // `{${expr}}` is another form, whose brace stands before.
            let before = (at as usize).checked_sub(1).and_then(|before| self.text.as_bytes().get(before));
            if before != Some(&b'{') {
                self.form("dollar-brace-interpolation", at);
            }
        }
        if let ExprKind::ArrayAccess(access) = &inner.kind
            && access.index.and_then(literal::integer).is_some_and(|index| index < 0)
            && matches!(access.array.kind, ExprKind::Variable(_))
            && self.byte_before(at).is_none_or(|byte| byte != b'{')
        {
            self.form("negative-string-offset", at);
        }
    }
}
