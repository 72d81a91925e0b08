//! How a command ends when it does not succeed: what failed, what state production is in, why, and what to type next.

use std::fmt::Write as _;

use sternway_core::finding::Finding;
use sternway_core::project::Problem;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Internal.
    Internal = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Blocked by a gate.
    Blocked = 10,
    /// Rolled back.
    RolledBack = 11,
    /// Held, waiting for a person.
    Held = 12,
    /// Stopped following.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// sternway.toml is wrong: shown with its text.
    Project {
        /// Its text.
        text: String,
        /// Its name.
        file: String,
        /// All that is wrong.
        problems: Vec<Problem>,
    },
    /// Anything else.
    Plain(Box<Diagnostic>),
}

/// A failure in four parts.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    /// What failed.
    pub(crate) what: String,
    /// What state production is in now.
    pub(crate) production: String,
    /// Why, innermost last.
    pub(crate) causes: Vec<String>,
    /// What to type next.
    pub(crate) next: String,
    /// What was found, when findings are the reason.
    pub(crate) findings: Vec<Finding>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, what: impl Into<String>) -> Self {
        Self::Plain(Box::new(Diagnostic {
            exit,
            code,
            what: what.into(),
            production: String::new(),
            causes: Vec::new(),
            next: String::new(),
            findings: Vec::new(),
        }))
    }

    /// Something that the person typed or configured.
    pub(crate) fn usage(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, what)
    }

    /// Something that should have worked.
    pub(crate) fn internal(code: &'static str, what: impl Into<String>) -> Self {
        Self::new(Exit::Internal, code, what)
    }

    fn with(mut self, change: impl FnOnce(&mut Diagnostic)) -> Self {
        if let Self::Plain(diagnostic) = &mut self {
            change(diagnostic);
        }
        self
    }

    pub(crate) fn cause(self, error: &dyn std::error::Error) -> Self {
        self.with(|diagnostic| {
            let mut cause = Some(error);
            while let Some(inner) = cause {
                let text = inner.to_string();
                if diagnostic.causes.last() != Some(&text) {
                    diagnostic.causes.push(text);
                }
                cause = inner.source();
            }
        })
    }

    pub(crate) fn because(self, why: impl Into<String>) -> Self {
        self.with(|diagnostic| diagnostic.causes.push(why.into()))
    }

    pub(crate) fn production(self, state: impl Into<String>) -> Self {
        self.with(|diagnostic| diagnostic.production = state.into())
    }

    pub(crate) fn next(self, command: impl Into<String>) -> Self {
        self.with(|diagnostic| diagnostic.next = command.into())
    }

    pub(crate) fn findings(self, findings: Vec<Finding>) -> Self {
        self.with(|diagnostic| diagnostic.findings = findings)
    }

    /// What failed and why, in words that hold no place: a line that moves is no other failure.
    pub(crate) fn in_a_line(&self) -> String {
        match self {
            Self::Project { file, problems, .. } => match problems.first() {
                Some(problem) => format!("{file} is wrong: {}", problem.finding),
                None => format!("{file} is wrong"),
            },
            Self::Plain(diagnostic) => {
                let causes = diagnostic.causes.join(": ");
                if causes.is_empty() { diagnostic.what.clone() } else { format!("{}: {causes}", diagnostic.what) }
            }
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Project { .. } => Exit::Usage,
            Self::Plain(diagnostic) => diagnostic.exit,
        }
    }
}

impl Diagnostic {
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for finding in &self.findings {
            out.push_str(&crate::render::findings::one(finding));
        }
        let _infallible = writeln!(out, "error[{}]: {}", self.code, self.what);
        let mut line = |name: &str, text: &str| {
            if !text.is_empty() {
                let _infallible = writeln!(out, "  {:<12}{text}", format!("{name}:"));
            }
        };
        line("production", &self.production);
        line("cause", &self.causes.join(": "));
        line("next", &self.next);
        out
    }
}
