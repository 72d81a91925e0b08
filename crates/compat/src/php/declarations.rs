//! What a file declares: classes with their members, functions, constants, namespaces.

use php_ast::{
    ClassDecl, ClassMember, ClassMemberKind, EnumDecl, EnumMemberKind, FunctionDecl, InterfaceDecl, MethodDecl,
    NamespaceDecl, PropertyHook, PropertyHookBody, Span, TraitDecl, UseDecl,
};

use super::examine::{Around, Examiner};

impl<'a> Examiner<'a> {
    pub(super) fn class_declaration(&mut self, class: &'a ClassDecl<'a, 'a>, _span: Span) {
        self.attributes(&class.attributes);
        class.extends.iter().for_each(|parent| self.class(parent));
        class.implements.iter().for_each(|parent| self.class(parent));
        let name = class.name.and_then(|name| name.as_str()).map_or("", |name| self.names.inside(name));
        let parent = class.extends.as_ref().map(|parent| self.names.class(parent));
        self.members(name, parent, &class.body.members);
    }

    pub(super) fn interface_declaration(&mut self, interface: &'a InterfaceDecl<'a, 'a>) {
        self.attributes(&interface.attributes);
        interface.extends.iter().for_each(|parent| self.class(parent));
        let name = interface.name.as_str().map_or("", |name| self.names.inside(name));
        self.members(name, None, &interface.body.members);
    }

    pub(super) fn trait_declaration(&mut self, class: &'a TraitDecl<'a, 'a>) {
        self.attributes(&class.attributes);
        let name = class.name.as_str().map_or("", |name| self.names.inside(name));
        self.members(name, None, &class.body.members);
    }

    pub(super) fn enum_declaration(&mut self, class: &'a EnumDecl<'a, 'a>) {
        self.attributes(&class.attributes);
        class.implements.iter().for_each(|parent| self.class(parent));
        let name = class.name.as_str().map_or("", |name| self.names.inside(name));
        self.inside(Around { name, parent: None }, |examiner| {
            for member in class.body.members.iter() {
                match &member.kind {
                    EnumMemberKind::Case(case) => case.value.iter().for_each(|value| examiner.expr(value)),
                    EnumMemberKind::Method(method) => examiner.method(method),
                    EnumMemberKind::ClassConst(constant) => examiner.expr(&constant.value),
                    EnumMemberKind::TraitUse(used) => used.traits.iter().for_each(|name| examiner.class(name)),
                    _ => {}
                }
            }
        });
    }

    fn members(&mut self, name: &'a str, parent: Option<&'a str>, members: &'a [ClassMember<'a, 'a>]) {
        self.inside(Around { name, parent }, |examiner| members.iter().for_each(|member| examiner.member(member)));
    }

    /// Walks what is inside a class.
    fn inside(&mut self, class: Around<'a>, walk: impl FnOnce(&mut Self)) {
        let outer = self.class.replace(class);
        let live = self.live;
        self.apart(walk);
        self.live = live;
        self.class = outer;
    }

    fn member(&mut self, member: &'a ClassMember<'a, 'a>) {
        match &member.kind {
            ClassMemberKind::Property(property) => {
                self.attributes(&property.attributes);
                property.type_hint.iter().for_each(|hint| self.type_hint(hint));
                property.default.iter().for_each(|value| self.expr(value));
                property.hooks.iter().for_each(|hook| self.hook(hook));
            }
            ClassMemberKind::Method(method) => self.method(method),
            ClassMemberKind::ClassConst(constant) => {
                constant.type_hint.iter().for_each(|hint| self.type_hint(hint));
                self.expr(&constant.value);
            }
            ClassMemberKind::TraitUse(used) => used.traits.iter().for_each(|name| self.class(name)),
            _ => {}
        }
    }

    fn method(&mut self, method: &'a MethodDecl<'a, 'a>) {
        self.attributes(&method.attributes);
        method.return_type.iter().for_each(|hint| self.type_hint(hint));
        let doc = method.doc_comment.as_ref().map(|comment| comment.text);
        self.function_body(&method.params, doc, false, |examiner| {
            if let Some(body) = method.body {
                examiner.statements(&body.stmts);
            }
        });
    }

    pub(super) fn hook(&mut self, hook: &'a PropertyHook<'a, 'a>) {
        self.function_body(&hook.params, None, false, |examiner| match &hook.body {
            PropertyHookBody::Block(block) => examiner.block(block),
            PropertyHookBody::Expression(value) => examiner.expr(value),
            _ => {}
        });
    }

    pub(super) fn function_declared(&mut self, _function: &'a FunctionDecl<'a, 'a>, _start: u32) {}

    pub(super) fn namespace_declaration(&mut self, _namespace: &'a NamespaceDecl<'a, 'a>) {}

    pub(super) fn imports(&mut self, _imports: &'a UseDecl<'a, 'a>) {}

    pub(super) fn constant_declaration(&mut self, _name: &'a str, _at: u32) {}

    pub(super) fn constant_defined(&mut self, _name: &'a str, _at: u32) {}
}
