//! Python.
//!
//! Known: `os.environ`, `os.getenv`, both also by import and alias, python-decouple and starlette's `config()`, django-environ and environs
//! `env()` with their typed methods, pydantic's `BaseSettings`. An `env` that is imported from a module of the project named `env` counts
//! as one of those. Not followed: settings classes that inherit across files.

mod care;
mod literal;
mod names;
mod reads;
mod settings;

use crate::findings::Findings;
use crate::language::Language;
use crate::{sift, tree};

/// One of these names is in every file that reads or sets a key, unless it imports `env` from a module of that name.
const NAMES: &[&str] =
    &["environ", "environb", "environs", "getenv", "getenvb", "putenv", "decouple", "BaseSettings", "starlette"];

/// Python 3.
pub(crate) struct Python;

impl Language for Python {
    fn extensions(&self) -> &'static [&'static str] {
        &["py", "pyw"]
    }

    fn interpreters(&self) -> &'static [&'static str] {
        &["python", "pypy"]
    }

    fn may_read(&self, bytes: &[u8]) -> bool {
        sift::has_word(bytes, NAMES) || sift::imports_from_env(bytes)
    }

    fn find(&self, text: &str) -> Findings {
        let tree = match tree::parse(&tree_sitter_python::LANGUAGE.into(), text) {
            Ok(tree) => tree,
            Err(why) => return Findings { broken: Some(why), ..Findings::default() },
        };
        let nodes = tree::Nodes::of(&tree);
        let names = names::Names::of(&nodes, text);
        let mut findings = reads::find(&nodes, text, &names);
        settings::find(&nodes, text, &mut findings);
        care::ask_after_variables(&nodes, text, &mut findings);
        findings.broken = tree::broken(tree.root_node());
        findings
    }
}
