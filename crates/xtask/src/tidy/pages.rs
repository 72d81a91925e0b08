//! Pages that list what the code lists: README's commands, and the keys of sternway.toml.

use std::collections::BTreeSet;

use super::Fault;
use super::tree::Tree;

const README: &str = "README.md";
const ARGS: &str = "crates/cli/src/args.rs";
const KEYS: &str = "crates/core/src/project/keys.rs";
const REFERENCE: &str = "docs/sternway.toml.md";

/// Both pages against the code.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let (Some(readme), Some(args)) = (tree.get(README), tree.get(ARGS)) {
        let (listed, known) = (listed(readme), commands(args));
        faults.extend(
            known
                .difference(&listed)
                .map(|name| Fault::new(README, 0, format!("its table of commands lacks `{name}`"))),
        );
        faults.extend(
            listed.difference(&known).map(|name| Fault::new(README, 0, format!("there is no command `{name}`"))),
        );
    }
    if let (Some(reference), Some(keys)) = (tree.get(REFERENCE), tree.get(KEYS)) {
        let lacks = keys_of(keys).into_iter().filter(|key| !reference.contains(&format!("`{key}`")));
        faults.extend(lacks.map(|key| Fault::new(REFERENCE, 0, format!("the key `{key}` is not explained"))));
    }
    faults
}

/// The commands in the rows of a table: | `sternway init` | ... |, | `init`, `check [ENV]` | ... |.
fn listed(readme: &str) -> BTreeSet<String> {
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter_map(|span| span.trim_start_matches("sternway ").split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The variants of `Command` that are not hidden, as they are typed.
fn commands(args: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut hidden = false;
    let mut depth = 0_i32;
    for line in args.lines().skip_while(|line| !line.contains("enum Command {")).skip(1) {
        let text = line.trim();
        if depth == 0 && text == "}" {
            break;
        }
        if depth == 0 && !text.starts_with("//") {
            if text.starts_with("#[") {
                hidden |= text.contains("hide = true");
            } else {
                let name: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
                if !name.is_empty() && !hidden {
                    found.insert(kebab(&name));
                }
                hidden = false;
            }
        }
        let count = |c| i32::try_from(text.matches(c).count()).unwrap_or(0);
        depth += count('{') - count('}');
    }
    found
}

fn kebab(name: &str) -> String {
    name.chars().enumerate().fold(String::new(), |mut out, (at, c)| {
        if at > 0 && c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
        out
    })
}

/// The names in `Key::new("name", ...)`, wherever the line breaks.
fn keys_of(source: &str) -> BTreeSet<String> {
    let calls = source.split("Key::new(").skip(1);
    calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "pub(crate) enum Command {\n    /// One.\n    Init,\n    /// Two.\n    Check(Check),\n    Completions {\n        /// Which.\n        shell: Shell,\n    },\n    #[command(hide = true)]\n    DemoApp {\n        role: String,\n    },\n}\nenum Other {\n    Nothing,\n}\n";

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::with(files.iter().copied())).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn the_table_of_commands_has_what_can_be_typed() {
        let good = "| `init` | x |\n| `check [ENV]`, `completions SHELL` | `ship` is text |\n";
        assert!(messages(&[(README, good), (ARGS, SOURCE)]).is_empty());
        assert_eq!(
            messages(&[(README, "| `init`, `check`, `sink` | x |"), (ARGS, SOURCE)]),
            ["its table of commands lacks `completions`", "there is no command `sink`"]
        );
    }

    #[test]
    fn every_key_is_explained() {
        let keys = "Key::new(\"name\", Kind::Text),\n Key::new(\n    \"path\",\n)";
        assert!(messages(&[(REFERENCE, "`name` and `path`"), (KEYS, keys)]).is_empty());
        assert_eq!(messages(&[(REFERENCE, "`name` and path"), (KEYS, keys)]), ["the key `path` is not explained"]);
    }
}
