//! What the statements of a file set.

use std::collections::BTreeMap;

use php_ast::resolve::NameResolver;
use php_ast::{
    ArrayElement, ClassDecl, ClassMemberKind, Expr, ExprKind, IfStmt, IncludeKind, NamespaceBody, Span, Stmt, StmtKind,
};

use super::super::text::{Fault, Offsets, Reading, Spot};
use super::value::{Array, Value};
use crate::variable::Step;

/// A file while it is walked.
pub(super) struct File<'t, 'r, 'f> {
    pub(super) offsets: Offsets<'t>,
    pub(super) reading: &'r mut Reading<'f>,
    pub(super) names: NameResolver,
    /// Constants by name; the first definition counts.
    pub(super) constants: BTreeMap<String, Value>,
    /// Where each is defined.
    pub(super) defined: BTreeMap<String, Spot>,
    /// Variables by name.
    pub(super) variables: BTreeMap<String, Value>,
    /// Where each was set first.
    pub(super) set: BTreeMap<String, Spot>,
    /// `Class::CONSTANT`.
    pub(super) class_constants: BTreeMap<String, Value>,
    /// The class that is looked at.
    pub(super) class: Option<String>,
    /// What the file returns, and where.
    pub(super) returned: Option<(Value, Spot)>,
    /// Whether what is walked may or may not happen.
    uncertain: bool,
    /// Whether other files were run before.
    pub(super) included: bool,
    pub(super) depth: usize,
    pub(super) copied: usize,
    pub(super) entries: usize,
}

const PERHAPS: &str = "a condition that is only known when the program runs";

impl<'t, 'r, 'f> File<'t, 'r, 'f> {
    pub(super) fn new(text: &'t str, reading: &'r mut Reading<'f>) -> Self {
        Self {
            offsets: Offsets::new(text),
            reading,
            names: NameResolver::new(),
            constants: BTreeMap::new(),
            defined: BTreeMap::new(),
            variables: BTreeMap::new(),
            set: BTreeMap::new(),
            class_constants: BTreeMap::new(),
            class: None,
            returned: None,
            uncertain: false,
            included: false,
            depth: 0,
            copied: 0,
            entries: 0,
        }
    }

    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Walks what may or may not happen.
    pub(super) fn uncertainly(&mut self, walk: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.uncertain, true);
        walk(self);
        self.uncertain = before;
    }

    /// Walks statements until one ends the file; whether one does.
    pub(super) fn statements(&mut self, statements: &[Stmt<'_, '_>]) -> bool {
        statements.iter().any(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'_, '_>) -> bool {
        // Blocks within blocks: the parser bounds them, at more than what is sensible here.
        if self.depth >= 100 {
            let hint = "is this a file of the kind that sternway.toml says?";
            self.reading.fault(Fault::error(self.spot(statement.span), "blocks of statements go too deep here", hint));
            return false;
        }
        self.depth += 1;
        let ends = self.one(statement);
        self.depth -= 1;
        ends
    }

    fn one(&mut self, statement: &Stmt<'_, '_>) -> bool {
        self.names.observe_stmt(statement);
        match &statement.kind {
            StmtKind::Expression(expression) => return self.expression(expression),
            StmtKind::Return(value) => {
                let spot = self.spot(value.map_or(statement.span, |value| value.span));
                let mut value = value.map_or(Value::Null, |value| self.value(value));
                if self.uncertain {
                    value = Value::unknown(PERHAPS, spot);
                }
                // An earlier return, under a condition, leaves all that follows unknown.
                if self.returned.is_none() {
                    self.returned = Some((value, spot));
                }
                return !self.uncertain;
            }
            StmtKind::Block(block) => return self.statements(&block.stmts),
            StmtKind::If(branches) => return self.branches(branches),
            StmtKind::While(repeated) => self.perhaps(repeated.body),
            StmtKind::For(repeated) => self.perhaps(repeated.body),
            StmtKind::Foreach(repeated) => self.perhaps(repeated.body),
            StmtKind::DoWhile(repeated) => self.perhaps(repeated.body),
            StmtKind::Switch(switch) => self.uncertainly(|file| {
                for case in switch.body.cases.iter() {
                    file.statements(&case.body);
                }
            }),
            StmtKind::TryCatch(attempt) => {
                self.uncertainly(|file| {
                    file.statements(&attempt.body.stmts);
                    for catch in attempt.catches.iter() {
                        file.statements(&catch.body.stmts);
                    }
                });
                if let Some(last) = attempt.finally {
                    return self.statements(&last.stmts);
                }
            }
            StmtKind::Unset(removed) => removed.iter().for_each(|removed| self.unset(removed)),
            StmtKind::Namespace(namespace) => {
                if let NamespaceBody::Braced(block) = &namespace.body {
                    return self.statements(&block.stmts);
                }
            }
            StmtKind::Const(items) => {
                for item in items.iter() {
                    let value = self.value(&item.value);
                    if let Some(name) = item.name.as_str() {
                        let spot = self.spot(item.name.span);
                        self.define(name.to_owned(), value, spot);
                    }
                }
            }
            StmtKind::Class(class) => self.class(class),
            StmtKind::Throw(_) => return !self.uncertain,
            StmtKind::HaltCompiler(_) => return true,
            StmtKind::Global(names) => names.iter().for_each(|name| self.forget(name, "a global variable")),
            _ => {}
        }
        false
    }

    fn perhaps(&mut self, statement: &Stmt<'_, '_>) {
        self.uncertainly(|file| {
            file.statement(statement);
        });
    }

    fn branches(&mut self, branches: &IfStmt<'_, '_>) -> bool {
        let mut others = vec![(&branches.condition, branches.then_branch)];
        others.extend(branches.elseif_branches.iter().map(|branch| (&branch.condition, &branch.body)));
        let mut certain = true;
        for (condition, body) in others {
            match self.value(condition).truth() {
                Some(false) => {}
                Some(true) if certain => return self.statement(body),
                Some(true) => {
                    self.perhaps(body);
                    return false;
                }
                None => {
                    certain = false;
                    self.perhaps(body);
                }
            }
        }
        match branches.else_branch {
            Some(body) if certain => return self.statement(body),
            Some(body) => self.perhaps(body),
            None => {}
        }
        false
    }

    /// An expression that stands alone; whether it ends the file.
    fn expression(&mut self, expression: &Expr<'_, '_>) -> bool {
        match &expression.kind {
            ExprKind::Exit(_) => return !self.uncertain,
            ExprKind::Include(kind, path) => self.include(*kind, path, expression.span),
            ExprKind::FunctionCall(call) => {
                let value = self.value(expression);
                if matches!(value, Value::Unknown(..)) {
                    // It is called for what it does, perhaps to what it is given.
                    for arg in call.args.iter().filter_map(php_ast::Arg::value) {
                        self.forget(arg, "it was given to a function that may change it");
                    }
                }
            }
            _ => {
                self.value(expression);
            }
        }
        false
    }

    fn include(&mut self, _kind: IncludeKind, path: &Expr<'_, '_>, span: Span) {
        // The last line of every wp-config.php.
        let ends_with = |expression: &Expr<'_, '_>| match &expression.kind {
            ExprKind::Binary(binary) => match &binary.right.kind {
                ExprKind::String(text) => text.to_str().is_some_and(|text| text.ends_with("wp-settings.php")),
                _ => false,
            },
            _ => false,
        };
        let inner = if let ExprKind::Parenthesized(inner) = &path.kind { inner } else { path };
        if !ends_with(inner) {
            let hint = "name that file as a source of its own, if it holds configuration";
            self.reading.fault(Fault::note(self.spot(span), "another file is run here, which is not followed", hint));
        }
        self.included = true;
    }

    /// A constant; the first definition counts.
    pub(super) fn define(&mut self, name: String, value: Value, spot: Spot) {
        if self.defined.contains_key(&name) {
            if !self.uncertain {
                let message = "this constant is defined already; the first definition counts";
                self.reading.fault(Fault::warning(spot, message, "keep one of them"));
            }
            return;
        }
        let value = if self.uncertain { Value::unknown(PERHAPS, spot) } else { value };
        self.defined.insert(name.clone(), spot);
        self.constants.insert(name, value);
    }

    /// Sets what an assignment names.
    pub(super) fn store(&mut self, target: &Expr<'_, '_>, value: Value) {
        let spot = self.spot(target.span);
        let value = if self.uncertain { Value::unknown(PERHAPS, spot) } else { value };
        let mut keys = Vec::new();
        let mut node = target;
        loop {
            match &node.kind {
                ExprKind::Variable(name) => {
                    let name = name.as_str().to_owned();
                    // These are of the environment or the request.
                    if matches!(
                        name.as_str(),
                        "_ENV" | "_SERVER" | "_GET" | "_POST" | "_COOKIE" | "_REQUEST" | "GLOBALS"
                    ) {
                        return;
                    }
                    keys.reverse();
                    self.put(name, &keys, value, spot);
                    return;
                }
                ExprKind::ArrayAccess(access) => {
                    match access.index {
                        None => keys.push(None),
                        Some(index) => match self.key(index) {
                            Some(key) => keys.push(Some(key)),
                            None => return self.forget(node, "a key that is only known when the program runs"),
                        },
                    }
                    node = access.array;
                }
                ExprKind::Array(elements) => {
                    for element in elements.iter().map(ArrayElement::value) {
                        self.forget(element, "it is one of several that are set at once");
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    fn put(&mut self, name: String, keys: &[Option<String>], value: Value, spot: Spot) {
        self.entries += 1;
        if self.entries > super::super::text::MOST_NODES {
            self.too_many(Span { start: 0, end: 0 });
            return;
        }
        self.set.entry(name.clone()).or_insert(spot);
        if keys.is_empty() {
            self.set.insert(name.clone(), spot);
        }
        let mut at = self.variables.entry(name).or_insert(Value::Null);
        for key in keys {
            if matches!(at, Value::Null) {
                *at = Value::Array(Array::default());
            }
            match at {
                Value::Array(array) => {
                    let key = key.clone().unwrap_or_else(|| array.next_key());
                    let entry = array.entry(key, spot);
                    entry.spot = spot;
                    at = &mut entry.value;
                }
                // An entry of something unknown: it stays unknown.
                Value::Unknown(..) => return,
                _ => {
                    *at = Value::unknown("an entry is set in something that is no array", spot);
                    return;
                }
            }
        }
        *at = value;
    }

    /// What stands in a variable is no longer known.
    pub(super) fn forget(&mut self, expression: &Expr<'_, '_>, why: &'static str) {
        let mut node = expression;
        loop {
            match &node.kind {
                ExprKind::Variable(name) => {
                    let name = name.as_str().to_owned();
                    let spot = self.spot(expression.span);
                    self.set.entry(name.clone()).or_insert(spot);
                    self.variables.insert(name, Value::unknown(why, spot));
                    return;
                }
                ExprKind::ArrayAccess(access) => node = access.array,
                _ => return,
            }
        }
    }

    fn unset(&mut self, expression: &Expr<'_, '_>) {
        match &expression.kind {
            ExprKind::Variable(name) if !self.uncertain => {
                self.variables.remove(name.as_str());
                self.set.remove(name.as_str());
            }
            ExprKind::ArrayAccess(access) if !self.uncertain => {
                let key = access.index.and_then(|index| self.key(index));
                match (&access.array.kind, key) {
                    (ExprKind::Variable(name), Some(key)) => {
                        if let Some(Value::Array(array)) = self.variables.get_mut(name.as_str()) {
                            self.copied = self.copied.saturating_add(array.entries.len());
                            array.remove(&key);
                        }
                    }
                    _ => self.forget(expression, "an entry of it is taken out"),
                }
            }
            _ => self.forget(expression, PERHAPS),
        }
    }

    /// A class: its constants may be named. The properties of Joomla's JConfig are its configuration.
    fn class(&mut self, class: &ClassDecl<'_, '_>) {
        let Some(name) = class.name.as_ref().and_then(php_ast::Ident::as_str) else { return };
        self.class = Some(name.to_owned());
        for member in class.body.members.iter() {
            match &member.kind {
                ClassMemberKind::ClassConst(constant) => {
                    let value = self.value(&constant.value);
                    if let Some(constant) = constant.name.as_str() {
                        self.class_constants.insert(format!("{name}::{constant}"), value);
                    }
                }
                ClassMemberKind::Property(property) if name == "JConfig" => {
                    let value = property.default.as_ref().map_or(Value::Null, |default| self.value(default));
                    if let Some(property_name) = property.name.as_str() {
                        let spot = self.spot(property.name.span);
                        self.put(property_name.to_owned(), &[], value, spot);
                    }
                }
                _ => {}
            }
        }
        self.class = None;
    }

    /// `defined('X')`: a constant of another file is not seen.
    pub(super) fn is_defined(&mut self, name: &str, span: Span) -> Value {
        match self.constants.get(name) {
            Some(Value::Unknown(why, spot)) if *why == PERHAPS => Value::Unknown(PERHAPS.into(), *spot),
            Some(_) => Value::Bool(true),
            None if self.included => self.unknown("a constant that another file may define", span),
            None => Value::Bool(false),
        }
    }

    /// What a step makes of an argument.
    pub(super) fn after(&mut self, inner: &Expr<'_, '_>, step: Step, span: Span) -> Value {
        let spot = self.spot(span);
        self.value(inner).after(step, spot)
    }
}
