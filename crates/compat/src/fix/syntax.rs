//! Forms: offsets in curly braces, `${}` in strings, casts, parameters, `=& new`.

use php_ast::{CastKind, Expr, ExprKind, Param, StringPart, TypeHintKind};

use super::edit::Edit;
use super::find::{Finder, is_required};

impl Finder<'_> {
    pub(super) fn form(&mut self, expression: &Expr<'_, '_>) {
        match &expression.kind {
            ExprKind::ArrayAccess(access) => self.curly(access, expression),
            ExprKind::InterpolatedString(parts) | ExprKind::Heredoc { parts, .. } | ExprKind::ShellExec(parts) => {
                for part in parts.iter() {
                    if let StringPart::Expr(inner) = part {
                        self.dollar_brace(inner);
                    }
                }
            }
            ExprKind::Cast(kind, inner) => self.cast(*kind, expression, inner),
            ExprKind::Assign(assign) if assign.by_ref && matches!(assign.value.kind, ExprKind::New(_)) => {
                let (from, to) = (assign.target.span.end, assign.value.span.start);
                if let Some(sign) = self.source(from, to).find('&').and_then(|at| u32::try_from(at).ok()) {
                    self.fix(
                        "syntax new-by-reference",
                        expression.span.start,
                        vec![Edit::new(from + sign, from + sign + 1, "")],
                    );
                }
            }
            _ => {}
        }
    }

    /// `$x{0}`
    fn curly(&mut self, access: &php_ast::ArrayAccessExpr<'_, '_>, whole: &Expr<'_, '_>) {
        let at = access.array.span.end;
        let Some(index) = access.index else { return };
        let gap = self.source(at, index.span.start);
        let Some(open) = gap.find('{').and_then(|open| u32::try_from(open).ok()) else { return };
        if gap.trim() == "{" && self.source(whole.span.end - 1, whole.span.end) == "}" {
            let edits =
                vec![Edit::new(at + open, at + open + 1, "["), Edit::new(whole.span.end - 1, whole.span.end, "]")];
            self.fix("syntax curly-offset", at, edits);
        }
    }

    /// `"${x}"`, `"${x['k']}"`, `"${expr}"`
    fn dollar_brace(&mut self, inner: &Expr<'_, '_>) {
        let (start, end) = (inner.span.start, inner.span.end);
        let text = self.source(start, end);
        let Some(inside) = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) else { return };
        let new = match &inner.kind {
            ExprKind::Variable(_) | ExprKind::ArrayAccess(_) if begins_with_name(inside) => format!("{{${inside}}}"),
            ExprKind::VariableVariable(_) => format!("{{${{{inside}}}}}"),
            _ => return,
        };
        self.fix("syntax dollar-brace-interpolation", start, vec![Edit::new(start, end, new)]);
    }

    fn cast(&mut self, kind: CastKind, whole: &Expr<'_, '_>, inner: &Expr<'_, '_>) {
        let at = whole.span.start;
        let written = self.source(at, inner.span.start);
        let Some(end) = written.find(')').and_then(|end| u32::try_from(end + 1).ok()) else { return };
        let word = written.trim_start_matches('(').split(')').next().unwrap_or_default().trim().to_ascii_lowercase();
        let replaced = |new: &str| vec![Edit::new(at, at + end, new)];
        match (kind, word.as_str()) {
            (CastKind::Float, "real") => self.fix("syntax real-cast", at, replaced("(float)")),
            // What is cast is not changed, and has no effect of its own.
            (CastKind::Unset, "unset") if matches!(inner.kind, ExprKind::Variable(_)) => {
                self.fix("syntax unset-cast", at, vec![Edit::of(whole.span, "null")]);
            }
            (CastKind::Bool, "boolean") => self.fix("syntax non-canonical-cast", at, replaced("(bool)")),
            (CastKind::Int, "integer") => self.fix("syntax non-canonical-cast", at, replaced("(int)")),
            (CastKind::Float, "double") => self.fix("syntax non-canonical-cast", at, replaced("(float)")),
            (CastKind::String, "binary") => self.fix("syntax non-canonical-cast", at, replaced("(string)")),
            _ => {}
        }
    }

    /// Defaults that no call can leave out, and types that a default makes nullable.
    pub(super) fn parameters(&mut self, parameters: &[Param<'_, '_>]) {
        let last_required = parameters.iter().rposition(is_required).unwrap_or(0);
        for (place, parameter) in parameters.iter().enumerate() {
            let Some(default) = &parameter.default else { continue };
            let at = parameter.name.span.start;
            let is_null = matches!(default.kind, ExprKind::Null);
            let without = || vec![Edit::new(parameter.name.span.end, default.span.end, "")];
            match &parameter.type_hint {
                Some(hint) if is_null => match &hint.kind {
                    TypeHintKind::Nullable(_) if place < last_required => {
                        self.fix("syntax nullable-optional-before-required", at, without());
                    }
                    TypeHintKind::Named(_) | TypeHintKind::Keyword(..) => {
                        let start = hint.span.start;
                        self.fix("syntax implicit-nullable", at, vec![Edit::new(start, start, "?")]);
                    }
                    _ => {}
                },
                _ if place < last_required => self.fix("syntax optional-before-required", at, without()),
                _ => {}
            }
        }
    }
}

fn begins_with_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii())
}
