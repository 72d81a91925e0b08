//! Finds the reads and the writes in Python code.

use tree_sitter::Node;

use super::care::{self, FUNCTIONS};
use super::literal;
use super::names::{Names, Reader};
use crate::findings::{Care, Findings, Found, Set};
use crate::read::{Fallback, Key};
use crate::tree::{Nodes, children, is_field, scope, text_of};

/// Methods of `env` that read a key, and the key that they read when none is given (django-environ's and environs' documentation).
const METHODS: &[(&str, Option<&str>)] = &[
    ("bool", None),
    ("bytes", None),
    ("cache", Some("CACHE_URL")),
    ("cache_url", Some("CACHE_URL")),
    ("channels", Some("CHANNELS_URL")),
    ("channels_url", Some("CHANNELS_URL")),
    ("date", None),
    ("datetime", None),
    ("db", Some("DATABASE_URL")),
    ("db_url", Some("DATABASE_URL")),
    ("decimal", None),
    ("dict", None),
    ("dj_cache_url", None),
    ("dj_db_url", None),
    ("dj_email_url", None),
    ("email", Some("EMAIL_URL")),
    ("email_url", Some("EMAIL_URL")),
    ("enum", None),
    ("float", None),
    ("get_value", None),
    ("int", None),
    ("json", None),
    ("list", None),
    ("log_level", None),
    ("path", None),
    ("search_url", Some("SEARCH_URL")),
    ("str", None),
    ("time", None),
    ("timedelta", None),
    ("tuple", None),
    ("unicode", None),
    ("url", None),
    ("uuid", None),
];

/// All finds of a file but settings classes.
pub(super) fn find(nodes: &Nodes<'_>, text: &str, names: &Names) -> Findings {
    let mut finder = Finder { text, names, findings: Findings::default() };
    let kinds = ["subscript", "call", "comparison_operator", "attribute", "identifier"];
    nodes.each(&kinds, &mut |node, around| match node.kind() {
        "subscript" => finder.subscript(node, around),
        "call" => finder.call(node, around),
        "comparison_operator" => finder.presence(node, around),
        "attribute" | "identifier" => finder.whole(node, around),
        _ => {}
    });
    finder.findings
}

struct Finder<'s> {
    text: &'s str,
    names: &'s Names,
    findings: Findings,
}

/// The arguments of a call.
struct Arguments<'t> {
    positional: Vec<Node<'t>>,
    named: Vec<(Node<'t>, Node<'t>)>,
    /// `*args` or `**kwargs` may hold more.
    open: bool,
}

impl<'t> Finder<'_> {
    /// `os.environ['KEY']`, read, written or removed.
    fn subscript(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let (Some(value), Some(index)) = (node.child_by_field_name("value"), node.child_by_field_name("subscript"))
        else {
            return;
        };
        if !self.names.is_environ(value, self.text) {
            return;
        }
        let key = literal::key(index, self.text, self.names);
        let mut found = Found::new(key, node.start_byte(), "os.environ", scope(around, FUNCTIONS));
        match around.last().map(|parent| (*parent, parent.kind())) {
            Some((parent, "assignment" | "augmented_assignment")) if is_field(parent, "left", node) => self.set(&found),
            Some((_, "delete_statement")) => {}
            Some((_, "expression_list"))
                if around.iter().rev().nth(1).is_some_and(|node| node.kind() == "delete_statement") => {}
            _ => {
                found.bound = care::care(node, around, self.text).bound;
                // A missing key raises: what stands around does not come into play, but who catches it does.
                if care::is_caught(node, around, self.text) {
                    found = found.with(Care::Asked);
                } else {
                    found.required = true;
                }
                self.findings.reads.push(found);
            }
        }
    }

    fn call(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let Some(function) = node.child_by_field_name("function") else { return };
        let arguments = arguments_of(node);
        if self.names.is_getenv(function, self.text) {
            return self.get(node, &arguments, "os.getenv()", around);
        }
        if let Some(reader) = self.names.reader(function, self.text) {
            return self.reader(node, reader, None, &arguments, around);
        }
        if function.kind() != "attribute" {
            return;
        }
        let (Some(object), Some(method)) =
            (function.child_by_field_name("object"), function.child_by_field_name("attribute"))
        else {
            return;
        };
        let method = text_of(method, self.text);
        if self.names.is_environ(object, self.text) {
            self.method_of_environ(node, method, &arguments, around);
        } else if let Some(Reader::Env) = self.names.reader(object, self.text) {
            if let Some((_, usual)) = METHODS.iter().find(|(known, _)| *known == method) {
                self.reader(node, Reader::Env, Some((method, *usual)), &arguments, around);
            }
        } else if method == "putenv" && self.names.is_os(object, self.text) {
            let found = self.found(node, &arguments, "os.putenv()", around);
            self.set(&found);
        }
    }

    fn method_of_environ(&mut self, node: Node<'t>, method: &str, arguments: &Arguments<'t>, around: &[Node<'t>]) {
        match method {
            "get" => self.get(node, arguments, "os.environ", around),
            "pop" => {
                let found = self.found(node, arguments, "os.environ", around);
                match arguments.positional.get(1) {
                    // `pop('KEY', None)` as a statement only removes.
                    Some(_) if around.last().is_some_and(|parent| parent.kind() == "expression_statement") => {}
                    Some(default) => self.findings.reads.push(found.with(literal::default_of(*default, self.text))),
                    None => self.findings.reads.push(Found { required: true, ..found }),
                }
            }
            "setdefault" => {
                let found = self.found(node, arguments, "os.environ", around);
                self.set(&found);
                let default =
                    arguments.positional.get(1).map_or(Care::Nothing, |value| literal::default_of(*value, self.text));
                self.findings.reads.push(found.with(default));
            }
            "update" => {
                let keys = arguments.positional.iter().filter(|argument| argument.kind() == "dictionary");
                let pairs: Vec<Node<'t>> = keys.flat_map(|dictionary| children(*dictionary)).collect();
                let named = arguments.named.iter().map(|(name, _)| (*name, text_of(*name, self.text).to_owned()));
                let pairs = pairs.into_iter().filter_map(|pair| {
                    let key = pair.child_by_field_name("key")?;
                    Some((key, literal::string(key, self.text)?))
                });
                let written: Vec<_> = named.chain(pairs).collect();
                let scope = scope(around, FUNCTIONS);
                for (at, key) in written {
                    self.findings.sets.push(Set { key, at: at.start_byte(), scope: scope.clone() });
                }
            }
            // All keys at once.
            "copy" | "items" | "keys" | "values" => {
                let found = Found::new(Key::Computed, node.start_byte(), "os.environ", scope(around, FUNCTIONS));
                self.findings.reads.push(found);
            }
            _ => {}
        }
    }

    /// `get('KEY', default)`, with what stands around.
    fn get(&mut self, node: Node<'t>, arguments: &Arguments<'t>, how: &'static str, around: &[Node<'t>]) {
        let mut found = self.found(node, arguments, how, around);
        if let Some(default) = arguments.positional.get(1).copied().or_else(|| self.named(arguments, "default")) {
            found = found.with(literal::default_of(default, self.text));
        }
        let cared = care::care(node, around, self.text);
        let mut found = found.with(cared.care);
        found.bound = cared.bound;
        self.findings.reads.push(found);
    }

    /// A call of a library's reader.
    fn reader(
        &mut self,
        node: Node<'t>,
        reader: Reader,
        method: Option<(&str, Option<&str>)>,
        arguments: &Arguments<'t>,
        around: &[Node<'t>],
    ) {
        let how = if reader == Reader::Config { "config()" } else { "env()" };
        let mut found = self.found(node, arguments, how, around);
        if arguments.positional.is_empty() && !arguments.open {
            match method.and_then(|(_, usual)| usual) {
                Some(usual) if found.key == Key::Computed => found.key = Key::Named(usual.to_owned()),
                _ if found.key == Key::Computed => return,
                _ => {}
            }
        }
        if let Key::Named(name) = &mut found.key {
            name.insert_str(0, &self.prefix(around));
        }
        // `env('KEY', cast, default)` and `config('KEY', default)`, but `env.str('KEY', default)`.
        let place = if reader == Reader::Env && method.is_none_or(|(name, _)| name == "get_value") { 2 } else { 1 };
        let default = self.named(arguments, "default").or_else(|| arguments.positional.get(place).copied());
        let found = match default {
            Some(default) => found.with(literal::default_of(default, self.text)),
            None => match self.scheme(&found.key) {
                Some(fallback) => Found { fallback, ..found },
                None if arguments.open => Found { fallback: Fallback::Expression, ..found },
                None => Found { required: true, ..found },
            },
        };
        self.findings.reads.push(found);
    }

    fn scheme(&self, key: &Key) -> Option<Fallback> {
        if let Key::Named(name) = key { self.names.scheme(name) } else { None }
    }

    /// The prefix of `with env.prefixed('APP_'):` around.
    fn prefix(&self, around: &[Node<'t>]) -> String {
        let mut prefix = String::new();
        for statement in around.iter().filter(|node| node.kind() == "with_statement") {
            walk_calls(*statement, &mut |call| {
                let Some(function) = call.child_by_field_name("function").filter(|node| node.kind() == "attribute")
                else {
                    return;
                };
                let prefixed = function
                    .child_by_field_name("attribute")
                    .is_some_and(|name| text_of(name, self.text) == "prefixed")
                    && function
                        .child_by_field_name("object")
                        .is_some_and(|o| self.names.reader(o, self.text).is_some());
                let arguments = arguments_of(call);
                if prefixed
                    && let Some(text) = arguments.positional.first().and_then(|node| literal::string(*node, self.text))
                {
                    prefix.push_str(&text);
                }
            });
        }
        prefix
    }

    /// `'KEY' in os.environ`.
    fn presence(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let operands = children(node);
        let [key, environ] = operands.as_slice() else { return };
        if !self.names.is_environ(*environ, self.text) {
            return;
        }
        let mut cursor = node.walk();
        let operator: String = node
            .children_by_field_name("operators", &mut cursor)
            .map(|operator| text_of(operator, self.text))
            .collect();
        if !operator.contains("in") {
            return;
        }
        let absence = operator.contains("not");
        let around_it = if absence { care::of_absence } else { care::care }(node, around, self.text);
        let care = if around_it.care == Care::Demanded { Care::Demanded } else { Care::Asked };
        let key = literal::key(*key, self.text, self.names);
        let found = Found::new(key, node.start_byte(), "os.environ", scope(around, FUNCTIONS));
        self.findings.reads.push(found.with(care));
    }

    /// The whole environment handed on: from here on nobody knows which keys are read.
    fn whole(&mut self, node: Node<'t>, around: &[Node<'t>]) {
        let Some(parent) = around.last().copied() else { return };
        let handed_on = match parent.kind() {
            "argument_list" | "dictionary_splat" | "return_statement" | "list_splat" | "binary_operator" => true,
            "keyword_argument" | "pair" => is_field(parent, "value", node),
            "for_statement" | "for_in_clause" => is_field(parent, "right", node),
            _ => false,
        };
        if handed_on && self.names.is_environ(node, self.text) {
            let found = Found::new(Key::Computed, node.start_byte(), "os.environ", scope(around, FUNCTIONS));
            self.findings.reads.push(found);
        }
    }

    fn found(&self, node: Node<'t>, arguments: &Arguments<'t>, how: &'static str, around: &[Node<'t>]) -> Found {
        let key = arguments.positional.first().copied();
        let key = key.or_else(|| self.named(arguments, "key")).or_else(|| self.named(arguments, "var"));
        let key = key.map_or(Key::Computed, |key| literal::key(key, self.text, self.names));
        Found::new(key, node.start_byte(), how, scope(around, FUNCTIONS))
    }

    fn set(&mut self, found: &Found) {
        if let Key::Named(key) = &found.key {
            self.findings.sets.push(Set { key: key.clone(), at: found.at, scope: found.scope.clone() });
        }
    }

    fn named(&self, arguments: &Arguments<'t>, name: &str) -> Option<Node<'t>> {
        arguments.named.iter().find(|(node, _)| text_of(*node, self.text) == name).map(|(_, value)| *value)
    }
}

fn arguments_of(call: Node<'_>) -> Arguments<'_> {
    let mut arguments = Arguments { positional: Vec::new(), named: Vec::new(), open: false };
    for argument in call.child_by_field_name("arguments").map(children).unwrap_or_default() {
        match argument.kind() {
            "keyword_argument" => {
                let (name, value) = (argument.child_by_field_name("name"), argument.child_by_field_name("value"));
                arguments.named.extend(name.zip(value));
            }
            "dictionary_splat" | "list_splat" => arguments.open = true,
            _ => arguments.positional.push(argument),
        }
    }
    arguments
}

/// Calls in the head of a `with` statement.
fn walk_calls<'t>(statement: Node<'t>, visit: &mut impl FnMut(Node<'t>)) {
    for clause in children(statement).into_iter().filter(|child| child.kind() == "with_clause") {
        for value in children(clause).into_iter().filter_map(|item| item.child_by_field_name("value")) {
            let call = if value.kind() == "as_pattern" { children(value).first().copied() } else { Some(value) };
            if let Some(call) = call.filter(|call| call.kind() == "call") {
                visit(call);
            }
        }
    }
}
