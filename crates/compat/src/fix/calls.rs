//! Calls: `create_function`, `split`, `implode`.

use php_ast::{Arg, Expr, ExprKind, FunctionCallExpr, Span};
use php_rs_parser::bumpalo::Bump;
use php_rs_parser::{ParseOptions, parse_arena_with};

use super::edit::Edit;
use super::find::Finder;

impl Finder<'_> {
    pub(super) fn call(&mut self, call: &FunctionCallExpr<'_, '_>, whole: Span) {
        let Some((name, at)) = self.function(call) else { return };
        if call.args.iter().any(|arg| arg.is_spread() || arg.name.is_some()) {
            return;
        }
        match name.as_str() {
            "create_function" => self.create_function(call, whole, at),
            "split" | "spliti" => self.split(call, &name, at),
            "implode" | "join" => self.implode(call, &name, at),
            _ => {}
        }
    }

    /// `create_function('$a', 'return $a;')` as a closure, when both are whole texts.
    fn create_function(&mut self, call: &FunctionCallExpr<'_, '_>, whole: Span, at: u32) {
        let [parameters, body] = &*call.args else { return };
        let text = |arg: &Arg<'_, '_>| match arg.value().map(|value| &value.kind) {
            Some(ExprKind::String(text)) => text.to_str().map(str::to_owned),
            _ => None,
        };
        let (Some(parameters), Some(body)) = (text(parameters), text(body)) else { return };
        let closure = format!("function ({}) {{ {} }}", parameters.trim(), body.trim());
        let arena = Bump::new();
        let program = format!("<?php $f = {closure};");
        let parsed = parse_arena_with(&arena, &program, &ParseOptions::default().source_map(false));
        // It has to be one whole function, and nothing that ends it early.
        let is_one = parsed.errors.is_empty() && parsed.program.stmts.len() == 1 && !body.contains("?>");
        if is_one {
            self.fix("function create_function", at, vec![Edit::of(whole, closure)]);
        }
    }

    /// `split(',', $x)` as `explode`, or as `preg_split` when the pattern is one.
    fn split(&mut self, call: &FunctionCallExpr<'_, '_>, name: &str, at: u32) {
        let Some(pattern) = call.args.first().and_then(Arg::value) else { return };
        let ExprKind::String(text) = &pattern.kind else { return };
        let Some(text) = text.to_str().filter(|text| !text.is_empty()) else { return };
        let ExprKind::Name(written) = &call.name.kind else { return };
        let rule = format!("function {name}");
        let plain = !text.contains(['.', '\\', '+', '*', '?', '[', '^', ']', '$', '(', ')', '{', '}', '|']);
        if plain && (name == "split" || !text.bytes().any(|byte| byte.is_ascii_alphabetic())) {
            self.fix(&rule, at, vec![Edit::of(written.span(), "explode")]);
            return;
        }
        // What POSIX and PCRE read alike: no backslash but before a sign, no names of classes, no collating elements.
        let odd = text.contains("[.") || text.contains("[=") || text.contains(['\n', '\'', '"', '#', '~']);
        let escapes = text
            .match_indices('\\')
            .all(|(at, _)| text[at + 1..].chars().next().is_some_and(|next| next.is_ascii_punctuation()));
        // A limit counts in another way where it is 0 or less.
        let limited = call.args.len() > 2;
        if odd || !escapes || limited {
            return;
        }
        let modifier = if name == "spliti" { "i" } else { "" };
        let delimited = format!("'/{}/{modifier}'", quoted(text));
        self.fix(&rule, at, vec![Edit::of(written.span(), "preg_split"), Edit::of(pattern.span, delimited)]);
    }

    /// `implode($list, ',')` with the text first.
    fn implode(&mut self, call: &FunctionCallExpr<'_, '_>, name: &str, at: u32) {
        let [list, glue] = &*call.args else { return };
        let (Some(list), Some(glue)) = (list.value(), glue.value()) else { return };
        let is_text =
            |value: &Expr<'_, '_>| matches!(value.kind, ExprKind::String(_) | ExprKind::InterpolatedString(_));
        if !is_text(glue) || is_text(list) {
            return;
        }
        let text = |value: &Expr<'_, '_>| self.source(value.span.start, value.span.end).to_owned();
        let edits = vec![Edit::of(list.span, text(glue)), Edit::of(glue.span, text(list))];
        self.fix(&format!("call {name}"), at, edits);
    }
}

/// A pattern as it stands between slashes in single quotes.
fn quoted(pattern: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in pattern.chars() {
        // Each backslash is written as two, as single quotes may need it.
        if (c == '/' && !escaped) || c == '\\' {
            out.push('\\');
        }
        if c == '/' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}
