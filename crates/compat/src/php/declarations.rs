//! What a file declares: classes with their members, functions, constants, namespaces.

use php_ast::{
    ClassDecl, ClassMember, ClassMemberKind, EnumDecl, EnumMemberKind, FunctionDecl, InterfaceDecl, MethodDecl,
    NamespaceDecl, PropertyHook, PropertyHookBody, Span, TraitDecl, UseDecl,
};

use super::examine::{Around, Examiner, Function};

impl<'a> Examiner<'a> {
    pub(super) fn class_declaration(&mut self, class: &'a ClassDecl<'a, 'a>, span: Span) {
        self.class_form(class, span.start);
        self.class_declared(class.name);
        self.attributes(&class.attributes);
        class.extends.iter().for_each(|parent| self.class(parent));
        class.implements.iter().for_each(|parent| self.class(parent));
        let name = class.name.and_then(|name| name.as_str()).map_or("", |name| self.names.inside(name));
        let parent = class.extends.as_ref().map(|parent| self.names.class(parent));
        let at = class.name.map_or(span.start, |name| name.span.start);
        self.class_does(class, name, at);
        let mut line = Vec::new();
        let parents = class.extends.iter().chain(class.implements.iter()).map(|parent| self.names.class(parent));
        for parent in parents {
            for ancestor in self.ancestors(parent) {
                if !line.contains(&ancestor) {
                    line.push(ancestor);
                }
            }
        }
        class
            .body
            .members
            .iter()
            .filter_map(|member| match &member.kind {
                ClassMemberKind::Method(method) => Some(method),
                _ => None,
            })
            .for_each(|method| self.method_does(method, &line, false));
        self.members(name, parent, &class.body.members);
    }

    pub(super) fn interface_declaration(&mut self, interface: &'a InterfaceDecl<'a, 'a>) {
        self.class_declared(Some(interface.name));
        self.attributes(&interface.attributes);
        interface.extends.iter().for_each(|parent| self.class(parent));
        let name = interface.name.as_str().map_or("", |name| self.names.inside(name));
        self.members(name, None, &interface.body.members);
    }

    pub(super) fn trait_declaration(&mut self, class: &'a TraitDecl<'a, 'a>) {
        self.class_declared(Some(class.name));
        self.attributes(&class.attributes);
        let name = class.name.as_str().map_or("", |name| self.names.inside(name));
        self.inside(Around { name, parent: None, may_have_parent: true }, |examiner| {
            class.body.members.iter().for_each(|member| examiner.member(member, true));
        });
    }

    pub(super) fn enum_declaration(&mut self, class: &'a EnumDecl<'a, 'a>) {
        self.class_declared(Some(class.name));
        self.attributes(&class.attributes);
        class.implements.iter().for_each(|parent| self.class(parent));
        let name = class.name.as_str().map_or("", |name| self.names.inside(name));
        self.inside(Around { name, parent: None, may_have_parent: false }, |examiner| {
            for member in class.body.members.iter() {
                match &member.kind {
                    EnumMemberKind::Case(case) => case.value.iter().for_each(|value| examiner.expr(value)),
                    EnumMemberKind::Method(method) => examiner.method(method, false, method.name.span.start),
                    EnumMemberKind::ClassConst(constant) => examiner.expr(&constant.value),
                    EnumMemberKind::TraitUse(used) => used.traits.iter().for_each(|name| examiner.class(name)),
                    _ => {}
                }
            }
        });
    }

    fn members(&mut self, name: &'a str, parent: Option<&'a str>, members: &'a [ClassMember<'a, 'a>]) {
        self.inside(Around { name, parent, may_have_parent: parent.is_some() }, |examiner| {
            for member in members {
                examiner.member(member, false);
            }
        });
    }

    /// Walks what is inside a class.
    fn inside(&mut self, class: Around<'a>, walk: impl FnOnce(&mut Self)) {
        let outer = self.class.replace(class);
        let live = self.live;
        self.apart(walk);
        self.live = live;
        self.class = outer;
    }

    fn member(&mut self, member: &'a ClassMember<'a, 'a>, in_trait: bool) {
        match &member.kind {
            ClassMemberKind::Property(property) => {
                self.property_declaration_form(property, member.span.start);
                self.attributes(&property.attributes);
                property.type_hint.iter().for_each(|hint| self.type_hint(hint));
                property.default.iter().for_each(|value| self.expr(value));
                property.hooks.iter().for_each(|hook| self.hook(hook));
            }
            ClassMemberKind::Method(method) => self.method(method, in_trait, member.span.start),
            ClassMemberKind::ClassConst(constant) => {
                self.class_constant_form(constant, in_trait);
                constant.type_hint.iter().for_each(|hint| self.type_hint(hint));
                self.expr(&constant.value);
            }
            ClassMemberKind::TraitUse(used) => used.traits.iter().for_each(|name| self.class(name)),
            _ => {}
        }
    }

    fn method(&mut self, method: &'a MethodDecl<'a, 'a>, in_trait: bool, at: u32) {
        self.method_declaration_form(method, in_trait, at);
        self.attributes(&method.attributes);
        method.return_type.iter().for_each(|hint| self.type_hint(hint));
        let doc = method.doc_comment.as_ref().map(|comment| comment.text);
        let function =
            Function { parameters: &method.params, is_static: method.modifiers.is_static, ..Function::default() };
        let outer = std::mem::replace(&mut self.function, function);
        self.function_body(&method.params, doc, false, |examiner| {
            if let Some(body) = method.body {
                examiner.statements(&body.stmts);
            }
        });
        self.function = outer;
    }

    pub(super) fn hook(&mut self, hook: &'a PropertyHook<'a, 'a>) {
        self.function_body(&hook.params, None, false, |examiner| match &hook.body {
            PropertyHookBody::Block(block) => examiner.block(block),
            PropertyHookBody::Expression(value) => examiner.expr(value),
            _ => {}
        });
    }

    pub(super) fn function_declared(&mut self, function: &'a FunctionDecl<'a, 'a>) {
        self.function_named(function.name);
    }

    pub(super) fn namespace_declaration(&mut self, namespace: &'a NamespaceDecl<'a, 'a>) {
        if let Some(name) = &namespace.name {
            self.namespace_words(name);
        }
    }

    pub(super) fn imports(&mut self, imports: &'a UseDecl<'a, 'a>) {
        self.imported(imports);
    }

    pub(super) fn constant_declaration(&mut self, name: &'a str, at: u32) {
        self.word(name, "constant", at);
    }
}
