//! What a name stands for, by namespace and imports. Nothing is copied unless a name has to be put together.

use php_ast::{Name, NameKind, NamespaceDecl, UseDecl, UseKind};
use php_rs_parser::bumpalo::Bump;

/// The namespace and the imports that hold at one place.
pub(super) struct Names<'a> {
    arena: &'a Bump,
    namespace: &'a str,
    classes: Vec<Import<'a>>,
    functions: Vec<Import<'a>>,
    constants: Vec<Import<'a>>,
}

struct Import<'a> {
    alias: &'a str,
    target: &'a str,
}

/// What a function's or constant's name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning<'a> {
    /// The name without namespace when it may be a global one.
    pub(super) global: Option<&'a str>,
    /// The name in the namespace, which is meant instead when it is declared; or the only one meant.
    pub(super) own: Option<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(arena: &'a Bump) -> Self {
        Self { arena, namespace: "", classes: Vec::new(), functions: Vec::new(), constants: Vec::new() }
    }

    /// Empty for the global one.
    pub(super) fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// A namespace begins; its imports are its own.
    pub(super) fn enter(&mut self, declaration: &'a NamespaceDecl<'a, 'a>) {
        self.namespace = declaration.name.as_ref().map_or("", |name| self.joined(name.parts_slice()));
        self.classes.clear();
        self.functions.clear();
        self.constants.clear();
    }

    /// A braced namespace ended.
    pub(super) fn leave(&mut self) {
        self.namespace = "";
        self.classes.clear();
        self.functions.clear();
        self.constants.clear();
    }

    /// `use ...;`
    pub(super) fn import(&mut self, declaration: &'a UseDecl<'a, 'a>) {
        for item in declaration.uses.iter() {
            let target = self.joined(item.name.parts_slice());
            let last = target.rsplit('\\').next().unwrap_or(target);
            let alias = item.alias.and_then(|alias| alias.as_str()).unwrap_or(last);
            let import = Import { alias, target };
            match item.kind.unwrap_or(declaration.kind) {
                UseKind::Function => self.functions.push(import),
                UseKind::Const => self.constants.push(import),
                _ => self.classes.push(import),
            }
        }
    }

    /// The class that a name stands for. `self`, `static` and `parent` are left as they are.
    pub(super) fn class(&self, name: &'a Name<'a, 'a>) -> &'a str {
        let parts = name.parts_slice();
        let Some(first) = parts.first() else { return "" };
        match name.kind() {
            NameKind::FullyQualified => self.joined(parts),
            NameKind::Relative => self.inside(self.joined(parts)),
            NameKind::Unqualified if is_special(first) => first,
            _ => match self.classes.iter().find(|import| import.alias.eq_ignore_ascii_case(first)) {
                Some(import) if parts.len() == 1 => import.target,
                Some(import) => self.arena.alloc_str(&format!("{}\\{}", import.target, parts[1..].join("\\"))),
                None => self.inside(self.joined(parts)),
            },
        }
    }

    /// A class as a string names it: always from the global namespace.
    pub(super) fn class_of_text(text: &str) -> &str {
        text.strip_prefix('\\').unwrap_or(text)
    }

    /// The class that a name in a comment stands for.
    pub(super) fn class_of_words(&self, name: &'a str) -> &'a str {
        if let Some(name) = name.strip_prefix('\\') {
            return name;
        }
        let (first, rest) = name.split_once('\\').map_or((name, None), |(first, rest)| (first, Some(rest)));
        match (self.classes.iter().find(|import| import.alias.eq_ignore_ascii_case(first)), rest) {
            (Some(import), None) => import.target,
            (Some(import), Some(rest)) => self.arena.alloc_str(&format!("{}\\{rest}", import.target)),
            (None, _) => self.inside(name),
        }
    }

    /// What a function's name may stand for.
    pub(super) fn function(&self, name: &'a Name<'a, 'a>) -> Meaning<'a> {
        self.meaning(name, &self.functions, str::eq_ignore_ascii_case)
    }

    /// What a constant's name may stand for.
    pub(super) fn constant(&self, name: &'a Name<'a, 'a>) -> Meaning<'a> {
        self.meaning(name, &self.constants, |alias, name| alias == name)
    }

    fn meaning(
        &self,
        name: &'a Name<'a, 'a>,
        imports: &[Import<'a>],
        is_same: impl Fn(&str, &str) -> bool,
    ) -> Meaning<'a> {
        let parts = name.parts_slice();
        let alone = |target: &'a str| {
            let is_global = !target.contains('\\');
            Meaning { global: is_global.then_some(target), own: (!is_global).then_some(target) }
        };
        match (name.kind(), parts) {
            (_, []) => Meaning { global: None, own: None },
            (NameKind::FullyQualified, _) => alone(self.joined(parts)),
            (NameKind::Unqualified, [name, ..]) => match imports.iter().find(|import| is_same(import.alias, name)) {
                Some(import) => alone(import.target),
                None if self.namespace.is_empty() => Meaning { global: Some(name), own: None },
                None => Meaning { global: Some(name), own: Some(self.inside(name)) },
            },
            (NameKind::Relative, _) => alone(self.inside(self.joined(parts))),
            (_, [first, rest @ ..]) => {
                let class = self.classes.iter().find(|import| import.alias.eq_ignore_ascii_case(first));
                let own = match class {
                    Some(import) => &*self.arena.alloc_str(&format!("{}\\{}", import.target, rest.join("\\"))),
                    None => self.inside(self.joined(parts)),
                };
                alone(own)
            }
        }
    }

    /// A name in the present namespace.
    pub(super) fn inside(&self, name: &'a str) -> &'a str {
        if self.namespace.is_empty() {
            return name;
        }
        let joined = self.arena.alloc_slice_fill_copy(self.namespace.len() + 1 + name.len(), b'\\');
        joined[..self.namespace.len()].copy_from_slice(self.namespace.as_bytes());
        joined[self.namespace.len() + 1..].copy_from_slice(name.as_bytes());
        std::str::from_utf8(joined).unwrap_or(name)
    }

    fn joined(&self, parts: &'a [&'a str]) -> &'a str {
        match parts {
            [] => "",
            [one] => one,
            parts => self.arena.alloc_str(&parts.join("\\")),
        }
    }
}

/// Whether a name is that of a class relative to where it stands.
pub(super) fn is_special(name: &str) -> bool {
    ["self", "static", "parent"].iter().any(|special| name.eq_ignore_ascii_case(special))
}
