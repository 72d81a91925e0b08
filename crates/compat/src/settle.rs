//! Weighs what was seen in each file against what all files declare, for one target.

mod classes;
mod loads;
mod verdict;

use std::collections::{HashMap, HashSet};

use crate::facts::{Effect, Facts, Folded, Internal, Kind};
use crate::report::{Place, Problem};
use crate::seen::{Confidence, Inherited, MemberKind, Seen, Use};
use crate::text::Spot;
use crate::version::{Version, Versions};
use classes::Classes;
use loads::Loads;

/// What to weigh for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) target: Version,
    /// Where it runs now, when somebody said so.
    pub(crate) source: Option<Version>,
}

/// One file's sights with its name.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) seen: Seen,
    /// Whether every other file has what it declares, as Composer loads it.
    pub(crate) always_loaded: bool,
    /// Whether it is looked at only for what it declares.
    pub(crate) silent: bool,
}

/// What the files need of PHP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weighed {
    /// The versions on which all of it runs, as far as is known.
    pub(crate) runs_on: Versions,
}

/// All that is to be said, and on which versions the code runs.
pub(crate) fn settle(files: &[File], facts: &'static Facts<'static>, question: Question) -> (Vec<Problem>, Weighed) {
    let known = Known::of(files);
    let mut problems = Vec::new();
    let mut runs_on = Versions::ALL;
    for (number, file) in files.iter().enumerate().filter(|(_, file)| !file.silent) {
        let mut uses: Vec<Use> = Vec::new();
        for used in &file.seen.uses {
            if let Some(used) = known.settled(used, number, facts) {
                uses.push(used);
            }
        }
        for inherited in &file.seen.inherited {
            known.inherited(inherited, facts, &mut uses);
        }
        for used in &uses {
            let row = facts.row(used.row);
            let fails = row.effect.fails() || row.effect == Effect::Added;
            if fails && !used.softly && used.confidence == Confidence::High && matters_to_running(row.kind) {
                runs_on = runs_on.and(used.live.others());
            }
        }
        for rejected in &file.seen.rejected {
            if let Some(needs) = rejected.needs {
                runs_on = runs_on.and(Versions::from(needs));
            }
        }
        // Files that make up for a class are loaded only where it is missing.
        if file.name.contains("/stubs/") || file.name.contains("polyfill") {
            uses.retain(|used| facts.row(used.row).name != "class-redeclared");
        }
        problems.extend(verdict::problems(&file.name, &uses, &file.seen, facts, question));
    }
    (problems, Weighed { runs_on })
}

/// Whether code stops where such a symbol is not there.
fn matters_to_running(kind: Kind) -> bool {
    !matches!(kind, Kind::Ini | Kind::FatalIni | Kind::Extension | Kind::Variable)
}

/// What all files declare.
struct Known<'f> {
    functions: HashMap<&'f str, Vec<usize>>,
    constants: HashMap<&'f str, Vec<usize>>,
    classes: Classes<'f>,
    loads: Loads,
}

impl<'f> Known<'f> {
    fn of(files: &'f [File]) -> Self {
        let mut functions: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut constants: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            for name in &file.seen.declared.functions {
                functions.entry(name).or_default().push(number);
            }
            for name in &file.seen.declared.constants {
                constants.entry(name).or_default().push(number);
            }
        }
        Self { functions, constants, classes: Classes::of(files), loads: Loads::of(files) }
    }

    /// A use, unless it is one of something that the code has itself.
    fn settled(&self, used: &Use, file: usize, facts: &Facts<'_>) -> Option<Use> {
        let row = facts.row(used.row);
        let mut used = used.clone();
        if let Some(own) = &used.unless {
            let declared = match row.kind {
                Kind::Function | Kind::Call => self.functions.contains_key(own.as_str()),
                Kind::Behaviour => self.constants.contains_key(own.as_str()),
                Kind::Constant => self.constants.keys().any(|name| name.eq_ignore_ascii_case(own)),
                _ => false,
            };
            if declared {
                return None;
            }
        }
        let lower = || row.name.to_ascii_lowercase();
        let declarers = match row.kind {
            Kind::Function => self.functions.get(lower().as_str()),
            Kind::Constant => self.constants.get(row.name),
            Kind::Class if self.classes.has(&lower()) => return None,
            _ => None,
        };
        if let Some(declarers) = declarers {
            // A name that PHP does not have yet is the code's own.
            let is_own = row.effect == Effect::Added;
            if is_own || declarers.iter().any(|declarer| self.loads.reaches(file, *declarer)) {
                return None;
            }
            used.confidence = used.confidence.min(Confidence::Medium);
        }
        Some(used)
    }

    /// The rows about a member that a class of the code gets from one of PHP's.
    fn inherited(&self, inherited: &Inherited, facts: &Facts<'_>, uses: &mut Vec<Use>) {
        let kind = match inherited.kind {
            MemberKind::Method => Kind::Method,
            MemberKind::Property => Kind::Property,
            MemberKind::Constant => Kind::ClassConstant,
        };
        let member = match inherited.kind {
            MemberKind::Property => format!("${}", inherited.member),
            MemberKind::Method => inherited.member.to_ascii_lowercase(),
            MemberKind::Constant => inherited.member.clone(),
        };
        let mut met = HashSet::new();
        for base in self.classes.bases(&inherited.class, &member) {
            for class in Internal::known().line_of(base) {
                for row in facts.about(kind, Folded::member(class, &inherited.member)) {
                    let known = facts.row(row);
                    let live = inherited.live.and(facts.matters(row));
                    if live.is_empty() || !known.when.is_always() || !met.insert(row) {
                        continue;
                    }
                    uses.push(Use {
                        row,
                        at: inherited.at,
                        live,
                        confidence: inherited.confidence,
                        softly: false,
                        unless: None,
                        since: None,
                        written: None,
                    });
                }
            }
        }
    }
}

/// A place of a file.
pub(super) fn place(file: &str, at: Spot) -> Place {
    Place { file: file.to_owned(), at }
}
