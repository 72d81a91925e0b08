//! Walks one file's tree and writes down what the table has rows about, with the versions on which that code runs.

use php_ast::{Expr, Param, Program};
use php_rs_parser::bumpalo::Bump;

use super::condition::{Condition, Existing};
use super::names::Names;
use super::own::Own;
use super::types::{ByName, NameSet, Scope, Type};
use crate::facts::{Effect, Facts, Folded, Kind, Row, When};
use crate::seen::{Confidence, MemberKind};
use crate::settle::Question;
use crate::version::{Version, Versions};

/// Something that was met, at an offset.
pub(super) enum Met<'a> {
    /// What a row is about.
    Row { row: u32, unless: Option<&'a str>, written: Option<&'a str>, softly: bool, since: Option<Version> },
    /// A member of a class that other files declare.
    Inherited { class: &'a str, member: &'a str, kind: MemberKind },
}

/// Something that was met: what, where, on which versions, how surely.
pub(super) struct Found<'a> {
    pub(super) met: Met<'a>,
    pub(super) at: u32,
    pub(super) live: Versions,
    pub(super) confidence: Confidence,
}

/// What is known of the class around.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// Its full name; empty for one without.
    pub(super) name: &'a str,
    /// What it extends.
    pub(super) parent: Option<&'a str>,
    /// Whether `parent` may mean something all the same: in a trait, or in an anonymous class.
    pub(super) may_have_parent: bool,
}

/// What `break` and `continue` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    Loop,
    Switch,
}

/// What is known of the function around.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Function<'a> {
    pub(super) parameters: &'a [Param<'a, 'a>],
    /// Which of its first 64 parameters were assigned, as bits.
    pub(super) wrote_parameters: u64,
    /// Whether it is a static method.
    pub(super) is_static: bool,
    /// Whether it is a closure, which may be bound to another object.
    pub(super) is_closure: bool,
}

/// The walk over one file.
pub(super) struct Examiner<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) arena: &'a Bump,
    pub(super) text: &'a str,
    pub(super) names: Names<'a>,
    pub(super) own: &'a Own<'a>,
    /// The versions on which what is walked runs.
    pub(super) live: Versions,
    /// What exists here, because a guard asked.
    pub(super) assumed: Vec<Existing>,
    pub(super) scopes: Vec<Frame<'a>>,
    pub(super) class: Option<Around<'a>>,
    /// Conditions that constants of this file stand for.
    pub(super) constants: Vec<(&'a str, Condition)>,
    /// The expression whose value nobody uses.
    pub(super) discarded: Option<&'a Expr<'a, 'a>>,
    /// Properties that were made as they came, by the hash of class and name.
    pub(super) made_properties: NameSet,
    /// The expression that is compared with `false`.
    pub(super) compared_with_false: Option<&'a Expr<'a, 'a>>,
    /// Variables that are asked beside whether they are objects.
    pub(super) asked_objects: Vec<&'a str>,
    /// How deep the present expression leans to the left.
    pub(super) depth: u32,
    /// The loops and switches around, of this function.
    pub(super) loops: Vec<Loop>,
    /// What is known of the function around.
    pub(super) function: Function<'a>,
    /// Whether what is read may be missing: in `isset()` and left of `??`.
    pub(super) quiet: bool,
    /// Whether what is walked is assigned.
    pub(super) written: bool,
    /// Whether the file has `\u{` at all.
    pub(super) has_unicode_escape: bool,
    pub(super) question: Question,
    /// Rows that matter only for which versions the code needs, and where that is written down already.
    told: ByName<Versions>,
    /// The same for rules, by their key.
    told_rules: ByName<Versions>,
    pub(super) found: Vec<Found<'a>>,
    /// Names that the walk found to be declared: `define('X', 1)`, `class_alias('A', 'B')`.
    pub(super) defined: Vec<&'a str>,
    pub(super) aliased: Vec<(&'a str, &'a str)>,
    pub(super) included: Vec<&'a str>,
}

/// What is known in one function, and whether it sees what surrounds it.
pub(super) struct Frame<'a> {
    pub(super) known: Scope<'a>,
    pub(super) sees_outer: bool,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(
        facts: &'a Facts<'a>,
        arena: &'a Bump,
        text: &'a str,
        own: &'a Own<'a>,
        question: Question,
    ) -> Self {
        Self {
            facts,
            arena,
            text,
            names: Names::new(arena),
            own,
            live: Versions::ALL,
            assumed: Vec::new(),
            scopes: vec![Frame { known: Scope::default(), sees_outer: false }],
            class: None,
            constants: Vec::new(),
            discarded: None,
            made_properties: NameSet::default(),
            compared_with_false: None,
            asked_objects: Vec::new(),
            depth: 0,
            loops: Vec::new(),
            function: Function::default(),
            quiet: false,
            written: false,
            has_unicode_escape: memchr::memmem::find(text.as_bytes(), b"\\u{").is_some(),
            question,
            told: ByName::default(),
            told_rules: ByName::default(),
            found: Vec::new(),
            defined: Vec::new(),
            aliased: Vec::new(),
            included: Vec::new(),
        }
    }

    /// The whole file.
    pub(super) fn program(&mut self, program: &'a Program<'a, 'a>) {
        self.statements(&program.stmts);
    }

    /// Writes down the rows about a symbol, as far as their conditions hold.
    pub(super) fn meet(&mut self, kind: Kind, name: Folded<'_>, at: u32, with: Meeting<'a>) -> bool {
        let rows = self.facts.about(kind, name);
        let any = !rows.is_empty();
        for row in rows {
            self.row(row, name.hash(), at, &with, When::is_always);
        }
        any
    }

    /// Writes down one row, if its condition holds and the code runs where the row matters.
    pub(super) fn row(
        &mut self,
        number: u32,
        hash: u64,
        at: u32,
        with: &Meeting<'a>,
        holds: impl FnOnce(&When<'a>) -> bool,
    ) {
        let row = self.facts.row(number);
        let matters = with.since.map_or_else(|| self.facts.matters(number), Versions::from);
        // What does not compile fails whichever branch it stands in.
        let compiled =
            matches!(row.kind, Kind::Syntax | Kind::Word) && matches!(row.effect, Effect::Error | Effect::Added);
        let live = if compiled { matters } else { self.live.and(matters) };
        if live.is_empty() || !holds(&row.when) || self.assumed.contains(&Existing { kind: row.kind, name: hash }) {
            return;
        }
        if with.since.is_none() && !self.can_be_said(row) {
            // It only tells which versions the code needs: once is enough.
            let fails = row.effect.fails() || row.effect == Effect::Added;
            let told = self.told.entry(u64::from(number)).or_insert(Versions::NONE);
            if !fails || told.and(live) == live {
                return;
            }
            *told = told.or(live);
        }
        self.found.push(Found {
            met: Met::Row {
                row: number,
                unless: with.unless,
                written: with.written,
                softly: with.softly,
                since: with.since,
            },
            at,
            live,
            confidence: with.confidence,
        });
    }

    /// Whether a row may become a problem for what was asked.
    fn can_be_said(&self, row: &Row<'_>) -> bool {
        let target = self.question.target;
        match row.effect {
            Effect::Added => row.version > target,
            Effect::Changed => {
                row.version <= target && row.version > self.question.source.unwrap_or(Version::OLDEST_SOURCE)
            }
            _ => row.version <= target,
        }
    }

    /// Writes down what a rule of the scanner's own found: all rows of its key.
    pub(super) fn rule(&mut self, kind: Kind, key: &'static str, at: u32, confidence: Confidence) {
        self.rule_about(kind, key, at, confidence, None);
    }

    /// The same, with what stands there.
    pub(super) fn rule_about(
        &mut self,
        kind: Kind,
        key: &'static str,
        at: u32,
        confidence: Confidence,
        written: Option<&'a str>,
    ) {
        let address = key.as_ptr() as u64;
        if self.told_rules.get(&address).is_some_and(|told| told.and(self.live) == self.live) {
            return;
        }
        let before = self.found.len();
        let meeting = Meeting { confidence, written, ..Meeting::surely() };
        self.meet(kind, Folded::one(key), at, meeting);
        if self.found.len() == before {
            let told = self.told_rules.entry(address).or_insert(Versions::NONE);
            *told = told.or(self.live);
        }
    }

    /// Writes down what is known about a member of a class: by the table, or later, when other files are known.
    pub(super) fn meet_member(
        &mut self,
        kind: MemberKind,
        class: &'a str,
        member: &'a str,
        at: u32,
        confidence: Confidence,
    ) {
        let row_kind = match kind {
            MemberKind::Method => Kind::Method,
            MemberKind::Property => Kind::Property,
            MemberKind::Constant => Kind::ClassConstant,
        };
        if !self.facts.has_member(row_kind, member) {
            return;
        }
        let live = self.live;
        let inherited = |class| Found { met: Met::Inherited { class, member, kind }, at, live, confidence };
        self.found.push(inherited(class));
    }

    /// What a variable holds.
    pub(super) fn variable_type(&self, name: &str) -> Option<Type<'a>> {
        for frame in self.scopes.iter().rev() {
            if let Some(known) = frame.known.get(name) {
                return Some(known);
            }
            if !frame.sees_outer {
                break;
            }
        }
        None
    }

    /// What a variable that stands for a condition says.
    pub(super) fn variable_as_condition(&self, name: &str) -> Condition {
        let frame = self.scopes.last();
        frame.and_then(|frame| frame.known.condition(name)).cloned().unwrap_or_else(Condition::unknown)
    }

    /// What a constant of this file that stands for a condition says.
    pub(super) fn constant_as_condition(&self, name: &str) -> Condition {
        let known = self.constants.iter().find(|(constant, _)| *constant == name);
        known.map_or_else(Condition::unknown, |(_, condition)| condition.clone())
    }

    /// The present function's variables.
    pub(super) fn scope(&mut self) -> &mut Scope<'a> {
        if self.scopes.is_empty() {
            self.scopes.push(Frame { known: Scope::default(), sees_outer: false });
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last].known
    }

    /// Walks something on fewer versions, with more known to exist; answers where it ends.
    pub(super) fn under(&mut self, live: Versions, existing: &[Existing], walk: impl FnOnce(&mut Self)) -> Versions {
        let (before, known) = (self.live, self.assumed.len());
        self.live = before.and(live);
        self.assumed.extend_from_slice(existing);
        if !self.live.is_empty() {
            walk(self);
        }
        self.assumed.truncate(known);
        std::mem::replace(&mut self.live, before)
    }

    /// The text from one offset to another.
    pub(super) fn source(&self, start: u32, end: u32) -> &'a str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// How something is met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting<'a> {
    pub(super) confidence: Confidence,
    /// The project's own symbol that is meant instead when it is declared.
    pub(super) unless: Option<&'a str>,
    /// What stands there when it is not the row's name.
    pub(super) written: Option<&'a str>,
    /// Whether nothing fails when it is not there, as in `$x instanceof Gone`.
    pub(super) softly: bool,
    /// Since when it holds here, when that is not the row's version.
    pub(super) since: Option<Version>,
}

impl Meeting<'_> {
    pub(super) const fn surely() -> Self {
        Self { confidence: Confidence::High, unless: None, written: None, softly: false, since: None }
    }
}
