//! Names that a version has taken: reserved words, and functions and classes that PHP has itself.

use php_ast::{Ident, Name, UseDecl, UseKind};

use super::super::examine::{Examiner, Meeting};
use crate::facts::{Effect, Folded, Kind, Term};
use crate::seen::Confidence;

impl<'a> Examiner<'a> {
    /// A word is declared as a name.
    pub(in super::super) fn word(&mut self, name: &'a str, role: &'static str, at: u32) {
        let meeting = Meeting { written: Some(name), ..Meeting::surely() };
        let folded = Folded::one(name);
        for row in self.facts.about(Kind::Word, folded) {
            self.row(row, folded.hash(), at, &meeting, |when| {
                when.is_always() || when.terms().iter().any(|term| matches!(term, Term::As(known) if *known == role))
            });
        }
    }

    /// The parts of a namespace's name.
    pub(in super::super) fn namespace_words(&mut self, name: &'a Name<'a, 'a>) {
        for part in name.parts_slice() {
            self.word(part, "namespace", name.span().start);
        }
    }

    /// A class is declared.
    pub(in super::super) fn class_declared(&mut self, name: Option<Ident<'a>>) {
        let Some((name, at)) = name.and_then(|name| Some((name.as_str()?, name.span.start))) else { return };
        self.word(name, "class", at);
        if self.names.namespace().is_empty() {
            self.declared_again(Kind::Class, name, "class-redeclared", at);
        }
    }

    /// A function is declared.
    pub(in super::super) fn function_named(&mut self, name: Ident<'a>) {
        let Some(text) = name.as_str() else { return };
        let at = name.span.start;
        self.word(text, "function", at);
        if self.names.namespace().is_empty() {
            self.declared_again(Kind::Function, text, "function-redeclared", at);
        }
    }

    /// Something is declared that PHP has itself since some version: code that does so stops there.
    fn declared_again(&mut self, kind: Kind, name: &'a str, key: &'static str, at: u32) {
        let folded = Folded::one(name);
        let there = self.facts.about(kind, folded);
        let since = there.clone().map(|row| self.facts.row(row)).find(|row| row.effect == Effect::Added);
        let is_gone = there.map(|row| self.facts.row(row)).any(|row| row.effect == Effect::Removed);
        if let Some(row) = since.filter(|_| !is_gone) {
            let meeting = Meeting {
                since: Some(row.version),
                written: Some(name),
                confidence: Confidence::High,
                ..Meeting::surely()
            };
            self.meet(Kind::Behaviour, Folded::one(key), at, meeting);
        }
    }

    /// What `use` imports under which name.
    pub(in super::super) fn imported(&mut self, imports: &'a UseDecl<'a, 'a>) {
        for item in imports.uses.iter() {
            let kind = item.kind.unwrap_or(imports.kind);
            if kind != UseKind::Normal {
                continue;
            }
            let last = item.name.parts_slice().last().copied();
            if let Some(name) = item.alias.and_then(|alias| alias.as_str()).or(last) {
                self.word(name, "class", item.span.start);
            }
        }
    }
}
