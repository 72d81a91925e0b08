//! What a file's own names stand for: modules, the environment, readers of it, constant texts.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::literal;
use crate::read::Fallback;
use crate::tree::{Nodes, children, text_of};

/// A library whose object reads keys when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// `config('KEY', default=...)`: python-decouple, starlette.
    Config,
    /// `env('KEY')`, `env.str('KEY')`: django-environ, environs.
    Env,
}

/// The names of one file.
#[derive(Default)]
pub(super) struct Names {
    os: HashSet<String>,
    environ: HashSet<String>,
    getenv: HashSet<String>,
    readers: HashMap<String, Reader>,
    /// Classes that make readers.
    classes: HashMap<String, Reader>,
    constants: HashMap<String, Option<String>>,
    /// Defaults that `environ.Env(KEY=(bool, False))` gives.
    scheme: HashMap<String, Fallback>,
}

impl Names {
    /// Reads the imports and assignments of a file.
    pub(super) fn of(nodes: &Nodes<'_>, text: &str) -> Self {
        let mut names = Self::default();
        names.os.insert("os".to_owned());
        nodes.each(
            &["import_statement", "import_from_statement", "assignment"],
            &mut |node, around| match node.kind() {
                "import_statement" => names.imports(node, text),
                "import_from_statement" => names.imports_from(node, text),
                "assignment" => {
                    let in_function = around.iter().any(|node| node.kind() == "function_definition");
                    names.assigned(node, text, in_function);
                }
                _ => {}
            },
        );
        names
    }

    /// Whether an expression is `os.environ`.
    pub(super) fn is_environ(&self, node: Node<'_>, text: &str) -> bool {
        let node = literal::peeled(node);
        match node.kind() {
            "identifier" => self.environ.contains(text_of(node, text)),
            "attribute" => {
                let object = node.child_by_field_name("object").map_or("", |object| text_of(object, text));
                let attribute = node.child_by_field_name("attribute").map_or("", |name| text_of(name, text));
                matches!(attribute, "environ" | "environb") && self.os.contains(object)
            }
            _ => false,
        }
    }

    /// Whether an expression is the function `os.getenv`.
    pub(super) fn is_getenv(&self, node: Node<'_>, text: &str) -> bool {
        match node.kind() {
            "identifier" => self.getenv.contains(text_of(node, text)),
            "attribute" => {
                let object = node.child_by_field_name("object").map_or("", |object| text_of(object, text));
                let attribute = node.child_by_field_name("attribute").map_or("", |name| text_of(name, text));
                matches!(attribute, "getenv" | "getenvb") && self.os.contains(object)
            }
            _ => false,
        }
    }

    /// Whether an expression is the module `os`.
    pub(super) fn is_os(&self, node: Node<'_>, text: &str) -> bool {
        node.kind() == "identifier" && self.os.contains(text_of(node, text))
    }

    /// The reader that a name stands for.
    pub(super) fn reader(&self, node: Node<'_>, text: &str) -> Option<Reader> {
        match node.kind() {
            "identifier" => self.readers.get(text_of(node, text)).copied(),
            // `self.env('KEY')` and the like are not followed.
            _ => None,
        }
    }

    /// The default of a key that the file's `Env(...)` declares.
    pub(super) fn scheme(&self, key: &str) -> Option<Fallback> {
        self.scheme.get(key).copied()
    }

    /// The text of a constant.
    pub(super) fn constant(&self, name: &str) -> Option<&str> {
        self.constants.get(name)?.as_deref()
    }

    fn imports(&mut self, node: Node<'_>, text: &str) {
        for (name, local) in imported(node, text) {
            match name.as_str() {
                "os" => {
                    self.os.insert(local);
                }
                "environ" => {
                    self.classes.insert(format!("{local}.Env"), Reader::Env);
                    self.classes.insert(format!("{local}.FileAwareEnv"), Reader::Env);
                }
                "environs" => {
                    self.classes.insert(format!("{local}.Env"), Reader::Env);
                }
                "decouple" => {
                    self.readers.insert(format!("{local}.config"), Reader::Config);
                    self.classes.insert(format!("{local}.AutoConfig"), Reader::Config);
                }
                _ => {}
            }
        }
    }

    fn imports_from(&mut self, node: Node<'_>, text: &str) {
        let module = node.child_by_field_name("module_name").map_or("", |module| text_of(module, text));
        for (name, local) in imported(node, text) {
            match (module, name.as_str()) {
                ("os", "environ" | "environb") => {
                    self.environ.insert(local);
                }
                ("os", "getenv" | "getenvb") => {
                    self.getenv.insert(local);
                }
                ("environ", "Env" | "FileAwareEnv") | ("environs", "Env") => {
                    self.classes.insert(local, Reader::Env);
                }
                ("environs", "env") => {
                    self.readers.insert(local, Reader::Env);
                }
                ("decouple", "config") => {
                    self.readers.insert(local, Reader::Config);
                }
                ("decouple", "AutoConfig" | "Config") | ("starlette.config", "Config") => {
                    self.classes.insert(local, Reader::Config);
                }
                // The project's own `config/env.py`, which makes the reader for all.
                (module, "env") if module.rsplit('.').next() == Some("env") => {
                    self.readers.insert(local, Reader::Env);
                }
                _ => {}
            }
        }
    }

    fn assigned(&mut self, node: Node<'_>, text: &str, in_function: bool) {
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
            return;
        };
        if left.kind() != "identifier" {
            return;
        }
        let local = text_of(left, text).to_owned();
        if self.is_environ(right, text) {
            self.environ.insert(local);
            return;
        }
        if self.is_getenv(right, text) {
            self.getenv.insert(local);
            return;
        }
        if right.kind() == "call" {
            let class = right.child_by_field_name("function").map_or("", |function| text_of(function, text));
            if let Some(reader) = self.classes.get(class).copied() {
                self.readers.insert(local, reader);
                self.schemed(right, text);
                return;
            }
        }
        if !in_function {
            // A name that is assigned twice is no constant.
            let constant = literal::string(right, text).filter(|_| !self.constants.contains_key(&local));
            self.constants.insert(local, constant);
        }
    }

    /// `Env(DEBUG=(bool, False), PORT=int)`.
    fn schemed(&mut self, call: Node<'_>, text: &str) {
        let Some(arguments) = call.child_by_field_name("arguments") else { return };
        for argument in children(arguments).into_iter().filter(|argument| argument.kind() == "keyword_argument") {
            let (Some(name), Some(value)) =
                (argument.child_by_field_name("name"), argument.child_by_field_name("value"))
            else {
                continue;
            };
            if let [_, default] = children(value).as_slice()
                && value.kind() == "tuple"
            {
                self.scheme.insert(text_of(name, text).to_owned(), literal::default_of(*default, text).fallback());
            }
        }
    }
}

/// The names of an import statement with their local names.
fn imported(node: Node<'_>, text: &str) -> Vec<(String, String)> {
    let mut cursor = node.walk();
    node.children_by_field_name("name", &mut cursor)
        .filter_map(|name| match name.kind() {
            "aliased_import" => Some((
                text_of(name.child_by_field_name("name")?, text).to_owned(),
                text_of(name.child_by_field_name("alias")?, text).to_owned(),
            )),
            _ => Some((text_of(name, text).to_owned(), text_of(name, text).to_owned())),
        })
        .collect()
}
