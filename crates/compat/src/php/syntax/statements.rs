//! Forms of statements.

use php_ast::{Expr, ExprKind, NamespaceBody, Stmt, StmtKind, SwitchStmt, TryCatchStmt, UseDecl, UseKind};

use super::super::examine::Examiner;
use super::super::literal;

impl<'a> Examiner<'a> {
    pub(in super::super) fn syntax_of_statement(&mut self, statement: &'a Stmt<'a, 'a>) {
        let at = statement.span.start;
        match &statement.kind {
            StmtKind::Goto(_) => self.form("goto", at),
            StmtKind::Const(items) => {
                self.form("const-statement", at);
                for item in items.iter() {
                    if matches!(item.value.kind, ExprKind::Array(_)) {
                        self.form("constant-array", item.value.span.start);
                    }
                    if !item.attributes.is_empty() {
                        self.form("constant-attribute", at);
                    }
                    self.constant_form(&item.value);
                }
            }
            StmtKind::Namespace(namespace) => {
                self.form("namespace", at);
                let _braced = matches!(namespace.body, NamespaceBody::Braced(_));
            }
            StmtKind::Use(imports) => self.use_form(imports, statement),
            StmtKind::Declare(declare)
                if declare.directives.iter().any(|(name, _)| name.eq_ignore_ascii_case("strict_types")) =>
            {
                self.form("strict-types", at);
            }
            StmtKind::TryCatch(attempt) => self.try_form(attempt, at),
            StmtKind::Foreach(again) => {
                if let ExprKind::Array(elements) = &again.value.kind {
                    self.form("foreach-list", at);
                    self.destructured(elements, &again.value);
                }
            }
            StmtKind::Switch(switch) => self.switch_form(switch),
            StmtKind::StaticVar(variables) => {
                for variable in variables.iter() {
                    if variable.default.as_ref().is_some_and(|value| !is_constant(value)) {
                        self.form("static-variable-initializer", variable.span.start);
                    }
                    if variable.name.as_str().is_some_and(|name| name.trim_start_matches('$') == "this") {
                        self.form("this-rebinding", variable.span.start);
                    }
                }
            }
            StmtKind::Global(variables) => {
                for variable in variables.iter() {
                    match &variable.kind {
                        ExprKind::VariableVariable(_) if self.rest(variable.span.end).starts_with("->") => {
                            self.form("global-variable-variable", variable.span.start);
                        }
                        ExprKind::Variable(_) | ExprKind::VariableVariable(_) => {}
                        _ => self.form("global-variable-variable", variable.span.start),
                    }
                }
            }
            StmtKind::Trait(_) => self.form("trait", at),
            StmtKind::Enum(_) => self.form("enum", at),
            StmtKind::Function(function) => {
                self.parameters_form(&function.params, false);
                self.trailing_form(&function.params);
                self.returned_form(function.return_type.as_ref(), function.by_ref, at);
                let Some(name) = function.name.as_str() else { return };
                if self.names.namespace().is_empty() {
                    if name.eq_ignore_ascii_case("__autoload") {
                        self.form("autoload-function", function.name.span.start);
                    }
                } else if name.eq_ignore_ascii_case("assert") {
                    self.form("namespaced-assert", function.name.span.start);
                }
            }
            _ => {}
        }
    }

    fn use_form(&mut self, imports: &'a UseDecl<'a, 'a>, statement: &'a Stmt<'a, 'a>) {
        let at = statement.span.start;
        let kinds = imports.uses.iter().map(|item| item.kind.unwrap_or(imports.kind));
        if kinds.into_iter().any(|kind| kind != UseKind::Normal) {
            self.form("use-function", at);
        }
        let text = self.source(at, statement.span.end);
        if let Some((_, inside)) = text.split_once('{') {
            self.form("group-use", at);
            if inside.trim_end().trim_end_matches(';').trim_end().trim_end_matches('}').trim_end().ends_with(',') {
                self.form("group-use-trailing-comma", at);
            }
        }
    }

    fn try_form(&mut self, attempt: &'a TryCatchStmt<'a, 'a>, at: u32) {
        if attempt.finally.is_some() {
            self.form("finally", at);
        }
        for caught in attempt.catches.iter() {
            if caught.types.len() > 1 {
                self.form("multi-catch", caught.span.start);
            }
            match caught.var.and_then(|variable| variable.as_str()) {
                None => self.form("catch-without-variable", caught.span.start),
                Some(name) if name.trim_start_matches('$') == "this" => self.form("this-rebinding", caught.span.start),
                Some(_) => {}
            }
        }
    }

    fn switch_form(&mut self, switch: &'a SwitchStmt<'a, 'a>) {
        for case in switch.body.cases.iter() {
            let end = match &case.value {
                Some(value) => value.span.end,
                None => case.span.start + u32::try_from("default".len()).unwrap_or(0),
            };
            if self.byte_after(end) == Some(b';') {
                self.form("case-semicolon", case.span.start);
            }
        }
        let defaults = switch.body.cases.iter().filter(|case| case.value.is_none());
        for default in defaults.skip(1) {
            self.form("multiple-default", default.span.start);
        }
    }

    /// `<%`, `<script language="php">` in the text outside of PHP.
    pub(in super::super) fn inline_html(&mut self, span: php_ast::Span) {
        let text = self.source(span.start, span.end);
        for at in memchr::memchr_iter(b'<', text.as_bytes()) {
            let rest = &text[at..];
            let place = span.start + u32::try_from(at).unwrap_or(0);
            if rest.starts_with("<%") {
                // Templates of other engines have comments and directives.
                if !rest.starts_with("<%--") && !rest.starts_with("<%@") {
                    self.form("asp-tag", place);
                }
            } else if super::starts_with(rest, "<script") {
                let tag = rest.split('>').next().unwrap_or_default().to_ascii_lowercase();
                let language =
                    tag.split("language").nth(1).map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
                let value = language.map(|value| value.trim_start().trim_matches(['"', '\'', ' ']));
                if value == Some("php") {
                    self.form("script-tag", place);
                }
            }
        }
    }

    /// `break`, `continue` and the loops around them.
    pub(in super::super) fn jump_form(&mut self, levels: Option<&'a Expr<'a, 'a>>, is_continue: bool, at: u32) {
        let Some(levels) = levels else {
            self.jump_over(1, is_continue, at);
            return;
        };
        match literal::integer(levels) {
            Some(0) => self.form("break-zero", at),
            Some(levels) if levels > 0 => {
                self.jump_over(usize::try_from(levels).unwrap_or(usize::MAX), is_continue, at);
            }
            _ => self.form("break-expression", at),
        }
    }

    fn jump_over(&mut self, levels: usize, is_continue: bool, at: u32) {
        if self.loops.is_empty() {
            self.form("break-outside-loop", at);
            return;
        }
        let target = self.loops.len().checked_sub(levels).and_then(|place| self.loops.get(place));
        if is_continue && target == Some(&super::super::examine::Loop::Switch) {
            self.form("continue-in-switch", at);
        }
    }
}

/// Whether a value is one that static variables took before 8.3.
fn is_constant(value: &Expr<'_, '_>) -> bool {
    let mut value = value;
    loop {
        match &value.kind {
            ExprKind::FunctionCall(_)
            | ExprKind::MethodCall(_)
            | ExprKind::StaticMethodCall(_)
            | ExprKind::New(_)
            | ExprKind::Variable(_)
            | ExprKind::Closure(_) => return false,
            ExprKind::Binary(binary) => {
                if !is_constant(binary.right) {
                    return false;
                }
                value = binary.left;
            }
            ExprKind::Parenthesized(inner) => value = inner,
            _ => return true,
        }
    }
}
