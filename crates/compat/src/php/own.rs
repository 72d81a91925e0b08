//! What a file declares itself: its functions, its classes, and what their members hold.

use php_ast::{
    AssignOp, Attribute, ClassMember, ClassMemberKind, Comment, EnumMember, EnumMemberKind, Expr, ExprKind, Ident,
    MethodDecl, Name, NamespaceBody, Param, Program, Stmt, StmtKind, TypeHint,
};
use php_rs_parser::bumpalo::Bump;

use super::docs;
use super::literal;
use super::names::Names;
use super::objects;
use super::types::{ByName, NameSet, Type, of_hint, variable};
use crate::facts::{Facts, Folded, Kind, hash_of};
use crate::seen::{Class, Confidence, Declared};

/// What a file declares.
pub(super) struct Own<'a> {
    names: Names<'a>,
    facts: &'a Facts<'a>,
    functions: ByName<OwnFunction<'a>>,
    classes: ByName<OwnClass<'a>>,
    /// The values of constants, by the hash of their full names, which may be `Class::NAME`.
    values: ByName<&'a Expr<'a, 'a>>,
    /// For other files to know.
    pub(super) declared: Declared,
}

/// One of the file's functions.
struct OwnFunction<'a> {
    returns: Option<Type<'a>>,
    parameters: &'a [Param<'a, 'a>],
    /// Whether another one of its name is declared as well.
    twice: bool,
}

/// What a method is known to return; nothing when it does not say.
pub(super) struct Returned<'a>(pub(super) Option<Type<'a>>);

/// One of the file's classes.
#[derive(Default)]
pub(super) struct OwnClass<'a> {
    pub(super) is_trait: bool,
    pub(super) is_interface: bool,
    /// Whether properties may be made as they come: `__set`, `#[AllowDynamicProperties]`.
    pub(super) takes_any_property: bool,
    /// What it extends first, then what it implements and uses.
    pub(super) parents: Vec<&'a str>,
    /// Whether the first of these is a class that it extends.
    pub(super) extends: bool,
    properties: ByName<Type<'a>>,
    /// Its methods, with what they return.
    methods: ByName<(Option<Type<'a>>, &'a MethodDecl<'a, 'a>)>,
    declared_properties: NameSet,
}

impl<'a> OwnClass<'a> {
    /// What a property holds.
    pub(super) fn property(&self, name: &str) -> Option<Type<'a>> {
        self.properties.get(&variable(name)).copied()
    }

    /// Whether it declares a method.
    pub(super) fn has_method(&self, name: &str) -> bool {
        self.methods.contains_key(&hash_of(name))
    }

    /// What a method that it declares returns.
    pub(super) fn returned(&self, name: &str) -> Option<Returned<'a>> {
        self.methods.get(&hash_of(name)).map(|(returns, _)| Returned(*returns))
    }

    /// A method as it is declared.
    pub(super) fn declaration(&self, name: &str) -> Option<&'a MethodDecl<'a, 'a>> {
        self.methods.get(&hash_of(name)).map(|(_, method)| *method)
    }

    /// Whether a method is static.
    pub(super) fn is_static(&self, name: &str) -> Option<bool> {
        self.declaration(name).map(|method| method.modifiers.is_static)
    }

    /// The parameters of a method.
    pub(super) fn parameters(&self, name: &str) -> Option<&'a [Param<'a, 'a>]> {
        self.declaration(name).map(|method| &*method.params)
    }

    pub(super) fn has_property(&self, name: &str) -> bool {
        self.declared_properties.contains(&variable(name))
    }
}

impl<'a> Own<'a> {
    /// Of a whole file.
    pub(super) fn of(program: &'a Program<'a, 'a>, arena: &'a Bump, facts: &'a Facts<'a>) -> Self {
        let mut own = Self {
            names: Names::new(arena),
            facts,
            functions: ByName::default(),
            classes: ByName::default(),
            values: ByName::default(),
            declared: Declared::default(),
        };
        own.statements(&program.stmts);
        own
    }

    /// Whether a global function of this name is declared.
    pub(super) fn declares_function(&self, name: &str) -> bool {
        self.functions.contains_key(&hash_of(name))
    }

    /// What a function of this full name returns.
    pub(super) fn function(&self, name: &str) -> Option<Type<'a>> {
        self.functions.get(&hash_of(name)).and_then(|function| function.returns)
    }

    /// The parameters of a function of this full name.
    pub(super) fn parameters(&self, name: &str) -> Option<&'a [Param<'a, 'a>]> {
        self.functions.get(&hash_of(name)).filter(|function| !function.twice).map(|function| function.parameters)
    }

    /// Whether a constant of this name is declared by `const`.
    pub(super) fn declares_constant(&self, name: &str) -> bool {
        self.declared.constants.iter().any(|known| known == name)
    }

    /// The value of a constant of this file.
    pub(super) fn value(&self, name: Folded<'_>) -> Option<&'a Expr<'a, 'a>> {
        self.values.get(&name.hash()).copied()
    }

    pub(super) fn declares_class(&self, name: &str) -> bool {
        self.classes.contains_key(&hash_of(name))
    }

    pub(super) fn class(&self, name: &str) -> Option<&OwnClass<'a>> {
        self.classes.get(&hash_of(name))
    }

    fn statements(&mut self, statements: &'a [Stmt<'a, 'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt<'a, 'a>) {
        match &statement.kind {
            StmtKind::Namespace(namespace) => {
                self.names.enter(namespace);
                if let NamespaceBody::Braced(block) = &namespace.body {
                    self.statements(&block.stmts);
                    self.names.leave();
                }
            }
            StmtKind::Use(imports) => self.names.import(imports),
            StmtKind::Function(function) => {
                if let Some(name) = function.name.as_str() {
                    let name = self.names.inside(name);
                    let returns = self.returned(function.return_type.as_ref(), function.doc_comment.as_ref(), None);
                    let twice = self.functions.contains_key(&hash_of(name));
                    self.functions.insert(hash_of(name), OwnFunction { returns, parameters: &function.params, twice });
                    self.declared.functions.push(name.to_ascii_lowercase());
                }
                self.statements(&function.body.stmts);
            }
            StmtKind::Class(class) => {
                let parents = class.extends.iter().chain(class.implements.iter());
                let allows = |attribute: &Attribute<'a, 'a>| {
                    attribute
                        .name
                        .parts_slice()
                        .last()
                        .is_some_and(|name| name.eq_ignore_ascii_case("AllowDynamicProperties"))
                };
                let own = OwnClass {
                    extends: class.extends.is_some(),
                    takes_any_property: class.attributes.iter().any(allows),
                    ..OwnClass::default()
                };
                self.class_like(class.name, parents, own, &class.body.members);
            }
            StmtKind::Interface(interface) => {
                let own = OwnClass { is_interface: true, ..OwnClass::default() };
                self.class_like(Some(interface.name), interface.extends.iter(), own, &interface.body.members);
            }
            StmtKind::Trait(class) => {
                let own = OwnClass { is_trait: true, ..OwnClass::default() };
                self.class_like(Some(class.name), [].iter(), own, &class.body.members);
            }
            StmtKind::Enum(class) => {
                let Some(name) = class.name.as_str() else { return };
                let name = self.names.inside(name);
                let mut own = OwnClass::default();
                self.parents(&mut own, class.implements.iter());
                for member in class.body.members.iter() {
                    self.enum_member(&mut own, name, member);
                }
                self.declare(name, own, Vec::new());
            }
            StmtKind::Const(items) => {
                for item in items.iter() {
                    if let Some(name) = item.name.as_str() {
                        self.values.insert(hash_of(self.names.inside(name)), &item.value);
                    }
                }
                let inside =
                    |item: &'a php_ast::ConstItem<'a, 'a>| item.name.as_str().map(|name| self.names.inside(name));
                let constants: Vec<String> = items.iter().filter_map(inside).map(str::to_owned).collect();
                self.declared.constants.extend(constants);
            }
            StmtKind::Expression(expression) => {
                if let ExprKind::FunctionCall(call) = &expression.kind
                    && let ExprKind::Name(name) = &call.name.kind
                    && name.parts_slice().last().is_some_and(|name| name.eq_ignore_ascii_case("define"))
                    && let [name, value, ..] = &*call.args
                    && let Some(name) = name.value().and_then(literal::string)
                    && let Some(value) = value.value()
                {
                    self.values.insert(hash_of(name), value);
                }
            }
            _ => each_body(statement, &mut |statement| self.statement(statement)),
        }
    }

    fn class_like(
        &mut self,
        name: Option<Ident<'a>>,
        parents: impl Iterator<Item = &'a Name<'a, 'a>>,
        mut own: OwnClass<'a>,
        members: &'a [ClassMember<'a, 'a>],
    ) {
        let Some(name) = name.and_then(|name| name.as_str()) else { return };
        let name = self.names.inside(name);
        self.parents(&mut own, parents);
        let mut shown = Vec::new();
        for member in members {
            self.member(&mut own, name, member, &mut shown);
        }
        self.declare(name, own, shown);
    }

    fn parents(&self, own: &mut OwnClass<'a>, parents: impl Iterator<Item = &'a Name<'a, 'a>>) {
        own.parents.extend(parents.map(|parent| self.names.class(parent)));
    }

    fn declare(&mut self, name: &'a str, own: OwnClass<'a>, members: Vec<String>) {
        let parents = own.parents.iter().map(|parent| (*parent).to_owned()).collect();
        self.declared.classes.push(Class { name: name.to_ascii_lowercase(), parents, members });
        self.classes.insert(hash_of(name), own);
    }

    fn member(
        &mut self,
        own: &mut OwnClass<'a>,
        class: &'a str,
        member: &'a ClassMember<'a, 'a>,
        shown: &mut Vec<String>,
    ) {
        match &member.kind {
            ClassMemberKind::Property(property) => {
                let Some(name) = property.name.as_str() else { return };
                own.declared_properties.insert(variable(name));
                if self.facts.has_member(Kind::Property, name) {
                    shown.push(format!("${name}"));
                }
                let hint = property.type_hint.as_ref().and_then(|hint| of_hint(hint, &self.names, Some(class)));
                let told = || self.told(property.doc_comment.as_ref(), "@var", None, class);
                let given = property.default.as_ref().and_then(|value| self.made(value, None, class));
                if let Some(known) = hint.or_else(told).or(given) {
                    own.properties.insert(variable(name), known);
                }
            }
            ClassMemberKind::Method(method) => self.method(own, class, method, shown),
            ClassMemberKind::ClassConst(constant) => {
                let Some(name) = constant.name.as_str() else { return };
                self.values.insert(Folded::member(class, name).hash(), &constant.value);
                if self.facts.has_member(Kind::ClassConstant, name) {
                    shown.push(name.to_owned());
                }
            }
            ClassMemberKind::TraitUse(used) => self.parents(own, used.traits.iter()),
            _ => {}
        }
    }

    fn enum_member(&mut self, own: &mut OwnClass<'a>, class: &'a str, member: &'a EnumMember<'a, 'a>) {
        match &member.kind {
            EnumMemberKind::Method(method) => self.method(own, class, method, &mut Vec::new()),
            EnumMemberKind::TraitUse(used) => self.parents(own, used.traits.iter()),
            _ => {}
        }
    }

    fn method(
        &mut self,
        own: &mut OwnClass<'a>,
        class: &'a str,
        method: &'a MethodDecl<'a, 'a>,
        shown: &mut Vec<String>,
    ) {
        let Some(name) = method.name.as_str() else { return };
        let doc = method.doc_comment.as_ref();
        let returns = self.returned(method.return_type.as_ref(), doc, Some(class));
        own.methods.insert(hash_of(name), (returns, method));
        own.takes_any_property |= name.eq_ignore_ascii_case("__set");
        if self.facts.has_member(Kind::Method, name) {
            shown.push(name.to_ascii_lowercase());
        }
        for parameter in method.params.iter() {
            let promoted = !parameter.modifiers.is_empty();
            if let Some(name) = parameter.name.as_str().filter(|_| promoted) {
                own.declared_properties.insert(variable(name));
                if let Some(known) = self.parameter(parameter, doc, class) {
                    own.properties.insert(variable(name), known);
                }
            }
        }
        if let Some(body) = method.body {
            for statement in body.stmts.iter() {
                self.kept(own, class, method, statement);
                self.statement(statement);
            }
        }
    }

    /// `$this->x = new Foo;`, `$this->x = $foo;`
    fn kept(
        &self,
        own: &mut OwnClass<'a>,
        class: &'a str,
        method: &'a MethodDecl<'a, 'a>,
        statement: &'a Stmt<'a, 'a>,
    ) {
        if let StmtKind::Expression(Expr { kind: ExprKind::Assign(assign), .. }) = &statement.kind
            && assign.op == AssignOp::Assign
            && let ExprKind::PropertyAccess(access) = &assign.target.kind
            && matches!(&access.object.kind, ExprKind::Variable(name) if name.as_str() == "this")
            && let Some(property) = access.property.name_str()
            && let Some(known) = self.made(assign.value, Some(method), class)
        {
            own.properties.entry(variable(property)).or_insert(known);
            return;
        }
        each_body(statement, &mut |statement| self.kept(own, class, method, statement));
    }

    /// What a value is known to be: `new Foo`, or a parameter of a known type.
    fn made(
        &self,
        value: &'a Expr<'a, 'a>,
        method: Option<&'a MethodDecl<'a, 'a>>,
        class: &'a str,
    ) -> Option<Type<'a>> {
        match &value.kind {
            ExprKind::New(new) => match &new.class.kind {
                ExprKind::Name(name) => Some(Type::Object(self.names.class(name), Confidence::High)),
                _ => None,
            },
            ExprKind::Array(_) => Some(Type::Array),
            ExprKind::FunctionCall(call) => match &call.name.kind {
                ExprKind::Name(name) => objects::handle(self.names.function(name).global?),
                _ => None,
            },
            ExprKind::Variable(name) => {
                let method = method?;
                let parameter =
                    method.params.iter().find(|parameter| parameter.name.as_str() == Some(name.as_str()))?;
                self.parameter(parameter, method.doc_comment.as_ref(), class)
            }
            _ => None,
        }
    }

    fn parameter(
        &self,
        parameter: &'a Param<'a, 'a>,
        doc: Option<&'a Comment<'a>>,
        class: &'a str,
    ) -> Option<Type<'a>> {
        let hint = parameter.type_hint.as_ref().and_then(|hint| of_hint(hint, &self.names, Some(class)));
        hint.or_else(|| self.told(doc, "@param", parameter.name.as_str(), class))
    }

    fn told(
        &self,
        doc: Option<&'a Comment<'a>>,
        tag: &str,
        variable: Option<&str>,
        class: &'a str,
    ) -> Option<Type<'a>> {
        docs::tagged(doc?.text, tag, variable, &self.names, Some(class))
    }

    fn returned(
        &self,
        hint: Option<&'a TypeHint<'a, 'a>>,
        doc: Option<&'a Comment<'a>>,
        class: Option<&'a str>,
    ) -> Option<Type<'a>> {
        let hint = hint.and_then(|hint| of_hint(hint, &self.names, class));
        hint.or_else(|| docs::tagged(doc?.text, "@return", None, &self.names, class))
    }
}

/// The statements directly inside another one, where no function begins.
pub(super) fn each_body<'a>(statement: &'a Stmt<'a, 'a>, visit: &mut impl FnMut(&'a Stmt<'a, 'a>)) {
    match &statement.kind {
        StmtKind::Block(block) => block.stmts.iter().for_each(visit),
        StmtKind::If(branches) => {
            visit(branches.then_branch);
            branches.elseif_branches.iter().for_each(|branch| visit(&branch.body));
            branches.else_branch.into_iter().for_each(visit);
        }
        StmtKind::While(again) => visit(again.body),
        StmtKind::For(again) => visit(again.body),
        StmtKind::Foreach(again) => visit(again.body),
        StmtKind::DoWhile(again) => visit(again.body),
        StmtKind::Switch(switch) => switch.body.cases.iter().flat_map(|case| case.body.iter()).for_each(visit),
        StmtKind::Declare(declare) => declare.body.into_iter().for_each(visit),
        StmtKind::TryCatch(attempt) => {
            let caught = attempt.catches.iter().flat_map(|caught| caught.body.stmts.iter());
            let last = attempt.finally.into_iter().flat_map(|block| block.stmts.iter());
            attempt.body.stmts.iter().chain(caught).chain(last).for_each(visit);
        }
        _ => {}
    }
}
