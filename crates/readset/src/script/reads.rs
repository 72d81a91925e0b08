//! Finds the reads and the writes in a script.

use std::ops::Range;

use tree_sitter::Node;

use super::care::{self, FUNCTIONS};
use super::names::{Names, bindings, specifiers};
use super::{literal, meaning, schema};
use crate::findings::{Care, Findings, Found, Set};
use crate::read::{Fallback, Key};
use crate::tree::{Nodes, children, first_child, is_field, scope, text_of};

/// What Vite itself puts into `import.meta.env` (vite.dev/guide/env-and-mode, "Built-in Constants").
const BY_VITE: &[&str] = &["MODE", "BASE_URL", "PROD", "DEV", "SSR", "LEGACY"];

/// Members of every object, which are no keys.
const OF_OBJECTS: &[&str] = &["hasOwnProperty", "toString", "valueOf", "isPrototypeOf", "propertyIsEnumerable"];

/// Nodes at which a read or a write may stand.
const KINDS: &[&str] = &[
    "member_expression",
    "subscript_expression",
    "identifier",
    "variable_declarator",
    "assignment_expression",
    "assignment_pattern",
    "required_parameter",
    "binary_expression",
    "call_expression",
    "import_statement",
];

/// All finds of a file.
pub(super) fn find<'t>(nodes: &Nodes<'t>, text: &str, names: &Names<'t>) -> Findings {
    let mut finder = Finder { text, names, findings: Findings::default() };
    nodes.each(KINDS, &mut |node, around| finder.visit(node, around));
    finder.findings
}

struct Finder<'t, 's> {
    text: &'s str,
    names: &'s Names<'t>,
    findings: Findings,
}

impl<'t> Finder<'t, '_> {
    fn visit(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        match node.kind() {
            "member_expression" | "subscript_expression" => {
                self.member(node, around);
                self.whole(node, around);
            }
            "identifier" => self.whole(node, around),
            "variable_declarator" => self.pattern(node, "name", "value", around),
            "assignment_expression" | "assignment_pattern" => self.pattern(node, "left", "right", around),
            "required_parameter" => self.pattern(node, "pattern", "value", around),
            "binary_expression" => self.presence(node, around),
            "call_expression" => self.call(node, around),
            "import_statement" => self.import(node),
            _ => {}
        }
    }

    fn environment(&self, node: Node<'t>) -> Option<&'static str> {
        meaning::environment(node, self.text, self.names)
    }

    /// `env.KEY` and `env['KEY']`, read or written.
    fn member(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let Some(object) = node.child_by_field_name("object") else { return };
        let Some(how) = self.environment(object) else { return };
        let key = match (node.child_by_field_name("property"), node.child_by_field_name("index")) {
            (Some(property), _) => Key::Named(text_of(property, self.text).to_owned()),
            (None, Some(index)) => literal::key(index, self.text, self.names),
            (None, None) => return,
        };
        let parent = around.last().copied();
        if let Key::Named(name) = &key {
            let called =
                parent.is_some_and(|parent| parent.kind() == "call_expression" && is_field(parent, "function", node));
            if called && name == "hasOwnProperty" {
                let argument = parent.and_then(|call| call.child_by_field_name("arguments")).and_then(first_child);
                if let Some(argument) = argument {
                    let key = literal::key(argument, self.text, self.names);
                    self.read(Found::new(key, node.start_byte(), how, scope(around, FUNCTIONS)).with(Care::Asked));
                }
                return;
            }
            if (called && OF_OBJECTS.contains(&name.as_str()))
                || (how == "import.meta.env" && BY_VITE.contains(&name.as_str()))
            {
                return;
            }
        }
        let found = Found::new(key, node.start_byte(), how, scope(around, FUNCTIONS));
        match parent.map(|parent| (parent, parent.kind())) {
            Some((parent, "assignment_expression")) if is_field(parent, "left", node) => self.set(&found),
            Some((parent, "augmented_assignment_expression")) if is_field(parent, "left", node) => {
                let default = parent
                    .child_by_field_name("operator")
                    .filter(|operator| matches!(operator.kind(), "??=" | "||="))
                    .and_then(|_| parent.child_by_field_name("right"))
                    .map_or(Care::Nothing, |right| literal::default_of(right, self.text));
                self.set(&found);
                self.read(found.with(default));
            }
            Some((parent, "unary_expression")) if text_of(parent, self.text).starts_with("delete") => {}
            _ => {
                let cared = care::care(node, around, self.text);
                let mut found = found.with(cared.care);
                found.bound = cared.bound;
                self.read(found);
            }
        }
    }

    /// The whole environment handed on: from here on nobody knows which keys are read.
    fn whole(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let Some(parent) = around.last().copied() else { return };
        let handed_on = match parent.kind() {
            "arguments" | "spread_element" | "return_statement" | "array" | "export_specifier" => true,
            "pair" => is_field(parent, "value", node),
            "for_in_statement" => is_field(parent, "right", node),
            "arrow_function" => is_field(parent, "body", node),
            "assignment_expression" => {
                is_field(parent, "right", node)
                    && parent.child_by_field_name("left").is_some_and(|left| left.kind() == "member_expression")
            }
            _ => false,
        };
        if !handed_on {
            return;
        }
        let Some(how) = self.environment(node) else { return };
        if schema::is_checked(node, around, self.text, self.names) {
            return;
        }
        self.read(Found::new(Key::Computed, node.start_byte(), how, scope(around, FUNCTIONS)));
    }

    /// `const { A, B = 'd', C: c } = env`.
    fn pattern(&mut self, node: Node<'t>, left: &str, right: &str, around: &[Node<'t>]) {
        let Some(pattern) = node.child_by_field_name(left).filter(|left| left.kind() == "object_pattern") else {
            return;
        };
        let Some(how) = node.child_by_field_name(right).and_then(|value| self.environment(value)) else { return };
        let scope = scope(around, FUNCTIONS);
        let locals = bindings(pattern);
        for part in children(pattern) {
            let found = match part.kind() {
                "shorthand_property_identifier_pattern" => {
                    self.taken(Key::Named(text_of(part, self.text).to_owned()), part, None, how, &scope)
                }
                "object_assignment_pattern" => {
                    let Some(name) = part.child_by_field_name("left") else { continue };
                    let key = Key::Named(text_of(name, self.text).to_owned());
                    self.taken(key, name, part.child_by_field_name("right"), how, &scope)
                }
                "pair_pattern" => {
                    let Some(name) = part.child_by_field_name("key") else { continue };
                    let key = match name.kind() {
                        "computed_property_name" => {
                            first_child(name).map_or(Key::Computed, |inner| literal::key(inner, self.text, self.names))
                        }
                        "string" => literal::key(name, self.text, self.names),
                        _ => Key::Named(text_of(name, self.text).to_owned()),
                    };
                    let default = part
                        .child_by_field_name("value")
                        .filter(|value| value.kind() == "assignment_pattern")
                        .and_then(|value| value.child_by_field_name("right"));
                    self.taken(key, name, default, how, &scope)
                }
                "rest_pattern" => Found::new(Key::Computed, part.start_byte(), how, scope.clone()),
                _ => continue,
            };
            let built_in = matches!(&found.key, Key::Named(name) if BY_VITE.contains(&name.as_str()));
            if how == "import.meta.env" && built_in {
                continue;
            }
            let mut found = found;
            found.bound = locals
                .iter()
                .find(|(key, _)| key.start_byte() == found.at)
                .map(|(_, local)| text_of(*local, self.text).to_owned());
            self.read(found);
        }
    }

    fn taken(
        &self,
        key: Key,
        at: Node<'t>,
        default: Option<Node<'t>>,
        how: &'static str,
        scope: &Range<usize>,
    ) -> Found {
        let care = default.map_or(Care::Nothing, |default| literal::default_of(default, self.text));
        Found::new(key, at.start_byte(), how, scope.clone()).with(care)
    }

    /// `'KEY' in env`.
    fn presence(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let Some(operator) = node.child_by_field_name("operator") else { return };
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
            return;
        };
        if operator.kind() != "in" {
            return;
        }
        let Some(how) = self.environment(right) else { return };
        let key = literal::key(left, self.text, self.names);
        let care = match care::care(node, around, self.text).care {
            Care::Demanded => Care::Demanded,
            _ => Care::Asked,
        };
        self.read(Found::new(key, node.start_byte(), how, scope(around, FUNCTIONS)).with(care));
    }

    fn call(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let scope = scope(around, FUNCTIONS);
        for mut found in schema::keys(node, self.text, self.names) {
            found.scope = scope.clone();
            self.read(found);
        }
        let Some(function) =
            node.child_by_field_name("function").filter(|function| function.kind() == "member_expression")
        else {
            return;
        };
        let (Some(object), Some(method)) =
            (function.child_by_field_name("object"), function.child_by_field_name("property"))
        else {
            return;
        };
        if !meaning::is_deno(object, self.text) {
            return;
        }
        let key = node
            .child_by_field_name("arguments")
            .and_then(first_child)
            .map_or(Key::Computed, |argument| literal::key(argument, self.text, self.names));
        let found = Found::new(key, node.start_byte(), "Deno.env.get()", scope);
        match text_of(method, self.text) {
            "get" => {
                let cared = care::care(node, around, self.text);
                let mut found = found.with(cared.care);
                found.bound = cared.bound;
                self.read(found);
            }
            "has" => self.read(found.with(Care::Asked)),
            "set" => self.set(&found),
            "toObject" => self.read(found),
            _ => {}
        }
    }

    /// Keys that are imported by name from a module that the framework makes of the environment. The build fails without them.
    fn import(&mut self, node: Node<'t>) {
        let source = node.child_by_field_name("source").and_then(|source| literal::string(source, self.text));
        let how = match source.as_deref() {
            Some("$env/static/private" | "$env/static/public") => "$env/static",
            Some("astro:env/server" | "astro:env/client") => "astro:env",
            _ => return,
        };
        for clause in children(node).into_iter().filter(|child| child.kind() == "import_clause") {
            for imports in children(clause).into_iter().filter(|child| child.kind() == "named_imports") {
                for (name, _) in specifiers(imports) {
                    let key = text_of(name, self.text);
                    if key == "getSecret" {
                        continue;
                    }
                    let mut found = Found::new(Key::Named(key.to_owned()), name.start_byte(), how, 0..usize::MAX);
                    found.required = how == "$env/static";
                    self.read(found);
                }
            }
        }
    }

    fn read(&mut self, found: Found) {
        self.findings.reads.push(found);
    }

    fn set(&mut self, found: &Found) {
        if let Key::Named(key) = &found.key {
            self.findings.sets.push(Set { key: key.clone(), at: found.at, scope: found.scope.clone() });
        }
    }
}

/// For [`schema`]: a key of a schema with what the schema says about its absence.
pub(super) fn of_schema(key: String, at: usize, how: &'static str, fallback: Fallback) -> Found {
    let mut found = Found::new(Key::Named(key), at, how, 0..usize::MAX);
    found.fallback = fallback;
    found.required = fallback == Fallback::None;
    found
}
