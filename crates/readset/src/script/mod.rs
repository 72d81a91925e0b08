//! JavaScript and TypeScript, in Node, Deno, Bun and what Vite builds.
//!
//! Known: `process.env`, `import.meta.env`, `Bun.env`, `Deno.env.get()`, aliases and imports of these, destructuring, `in`, SvelteKit's and
//! Astro's environment modules, and the schemas of zod, envalid and t3-env when they are applied to the environment in the same file. Not
//! followed: values through functions' parameters, and aliases across files.

mod care;
mod component;
mod literal;
mod meaning;
mod names;
mod reads;
mod schema;

use tree_sitter::Language as Grammar;

use crate::findings::Findings;
use crate::language::Language;
use crate::{sift, tree};

/// One dialect with its grammar.
pub(crate) struct Script {
    extensions: &'static [&'static str],
    interpreters: &'static [&'static str],
    grammar: fn() -> Grammar,
    /// The code stands in `<script>` elements.
    in_elements: bool,
}

/// JavaScript, with JSX.
pub(crate) const JAVASCRIPT: Script = Script {
    extensions: &["js", "mjs", "cjs", "jsx"],
    interpreters: &["node", "nodejs", "deno", "bun"],
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    in_elements: false,
};

/// TypeScript without JSX.
pub(crate) const TYPESCRIPT: Script = Script {
    extensions: &["ts", "mts", "cts"],
    interpreters: &["ts-node", "tsx"],
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    in_elements: false,
};

/// TypeScript with JSX.
pub(crate) const TSX: Script = Script {
    extensions: &["tsx"],
    interpreters: &[],
    grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
    in_elements: false,
};

/// Components of Vue and Svelte: what stands in their `<script>` elements, as TypeScript.
pub(crate) const COMPONENT: Script = Script {
    extensions: &["vue", "svelte"],
    interpreters: &[],
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    in_elements: true,
};

impl Language for Script {
    fn extensions(&self) -> &'static [&'static str] {
        self.extensions
    }

    fn interpreters(&self) -> &'static [&'static str] {
        self.interpreters
    }

    fn may_read(&self, bytes: &[u8]) -> bool {
        sift::has_word(bytes, &["env"])
            && (sift::has_word(bytes, &["process", "meta", "Bun", "bun", "Deno"])
                || sift::has_one(bytes, &["$env/", "astro:env/"]))
    }

    fn find(&self, text: &str) -> Findings {
        let scripts;
        let text = if self.in_elements {
            scripts = component::only_scripts(text);
            &scripts
        } else {
            text
        };
        let tree = match tree::parse(&(self.grammar)(), text) {
            Ok(tree) => tree,
            Err(why) => return Findings { broken: Some(why), ..Findings::default() },
        };
        let nodes = tree::Nodes::of(&tree);
        let names = names::Names::of(&nodes, text);
        let mut findings = reads::find(&nodes, text, &names);
        care::ask_after_variables(&nodes, text, &mut findings);
        findings.broken = tree::broken(tree.root_node());
        findings
    }
}
