//! Every finding code is explained, and every explanation belongs to one.

use std::collections::BTreeMap;

use super::Fault;
use super::tree::{Tree, is_test_file, product_lines};

const EXPLAINED: &str = "docs/findings.md";

/// Codes in the product's source against those in docs/findings.md, once that exists.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(explained) = tree.get(EXPLAINED) else { return Vec::new() };
    let mut used = BTreeMap::new();
    for (file, text) in tree.rust().filter(|(file, _)| !file.starts_with("crates/xtask/") && !is_test_file(file)) {
        for (line, code) in product_lines(text).flat_map(|(line, text)| codes(text).map(move |code| (line, code))) {
            used.entry(code).or_insert((file, line));
        }
    }
    let mut known = BTreeMap::new();
    for (index, text) in explained.lines().enumerate() {
        for code in codes(text) {
            known.entry(code).or_insert(index + 1);
        }
    }
    let unexplained = used
        .iter()
        .filter(|(code, _)| !known.contains_key(*code))
        .map(|(code, (file, line))| Fault::new(*file, *line, format!("{code} is not explained in {EXPLAINED}")));
    let unused = known
        .iter()
        .filter(|(code, _)| !used.contains_key(*code))
        .map(|(code, line)| Fault::new(EXPLAINED, *line, format!("{code} is explained but never found")));
    unexplained.chain(unused).collect()
}

/// The finding codes in a line: `S` and four digits that stand alone.
fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| word.len() == 5 && word.starts_with('S') && word[1..].bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(source: &str, explained: &str) -> Vec<String> {
        let tree = Tree::with([("crates/core/src/planner.rs", source), (EXPLAINED, explained)]);
        check(&tree).into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn used_and_explained_agree() {
        assert!(messages("let code = \"S0101\";", "### S0101: the way back").is_empty());
        assert!(messages("let size = S01012 + US0999", "nothing").is_empty(), "no code at all");
    }

    #[test]
    fn a_code_that_is_not_explained_is_named_where_it_stands() {
        assert_eq!(
            messages("\nerror(\"S0102\")", ""),
            ["crates/core/src/planner.rs:2: S0102 is not explained in docs/findings.md"]
        );
    }

    #[test]
    fn an_explanation_of_nothing_is_named() {
        let source = "// S0103\n#[cfg(test)]\nmod tests {\n    const CODE: &str = \"S0103\";\n}\n";
        assert_eq!(
            messages(source, "# Codes\n\nS0103: gone"),
            ["docs/findings.md:3: S0103 is explained but never found"]
        );
    }
}
