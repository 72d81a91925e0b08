//! PHP.
//!
//! Known: `getenv()`, `$_ENV`, `$_SERVER` but for what the web server puts there, `env()` and `Env::get()` as Laravel and others have them,
//! `%env(...)%` in strings and `#[Autowire(env: ...)]` as Symfony has them, `filter_input(INPUT_ENV)`, `apache_getenv()`,
//! `$dotenv->required()`. Every function named `env` counts, unless the project defines a global one that does not read the environment.
//! Blade templates and Symfony's YAML are not PHP and are not looked into.

mod calls;
mod context;
mod literal;
mod server;
mod symfony;
mod visit;

use php_ast::visitor::Visitor;
use php_rs_parser::ParseOptions;
use php_rs_parser::bumpalo::Bump;

use crate::findings::Findings;
use crate::language::Language;
use crate::sift;

/// PHP, parsed by php-rs-parser.
pub(crate) struct Php;

impl Language for Php {
    fn extensions(&self) -> &'static [&'static str] {
        &["php", "phtml", "inc", "php5", "php7", "module", "install"]
    }

    fn interpreters(&self) -> &'static [&'static str] {
        &["php"]
    }

    /// Functions and classes are found in any mixture of cases, variables and constants are not.
    fn may_read(&self, bytes: &[u8]) -> bool {
        sift::has_one(bytes, &["_SERVER"]) || sift::has_env_in_any_case(bytes)
    }

    fn find(&self, text: &str) -> Findings {
        let arena = Bump::new();
        let result = php_rs_parser::parse_arena_with(&arena, text, &ParseOptions::default().source_map(false));
        let mut finder = visit::Finder::new(text);
        // The visitor never breaks off.
        let _ = finder.visit_program(&result.program);
        let mut findings = finder.findings;
        findings.broken = result.errors.iter().find(|error| error.leaves_ast_incomplete()).map(|error| {
            let before = text.as_bytes().get(..error.span().start as usize).unwrap_or_default();
            format!("a syntax error in line {}", memchr::memchr_iter(b'\n', before).count() + 1)
        });
        findings
    }
}
