//! Every finding code is explained, and every explanation belongs to one.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::tree::{Tree, is_test_file, product_lines};

const INDEX: &str = "docs/findings.md";
const PAGES: &str = "docs/findings/";

/// Codes in the product's source against their pages in docs/findings/, and these against the index.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(index) = tree.get(INDEX) else { return Vec::new() };
    let mut used = BTreeMap::new();
    for (file, text) in tree.rust().filter(|(file, _)| !file.starts_with("crates/xtask/") && !is_test_file(file)) {
        for (line, code) in product_lines(text).flat_map(|(line, text)| codes(text).map(move |code| (line, code))) {
            used.entry(code).or_insert((file, line));
        }
    }
    let pages: BTreeMap<&str, (&str, &str)> = tree
        .files()
        .filter_map(|(file, text)| Some((file.strip_prefix(PAGES)?.strip_suffix(".md")?, (file, text))))
        .collect();
    let unexplained = used
        .iter()
        .filter(|(code, _)| !pages.contains_key(*code))
        .map(|(code, (file, line))| Fault::new(*file, *line, format!("{code} has no page {PAGES}{code}.md")));
    let wrong = pages.iter().flat_map(|(code, (file, text))| {
        wrong_with(code, text, index, used.contains_key(code)).into_iter().map(|what| Fault::new(*file, 1, what))
    });
    let gone = index.lines().enumerate().flat_map(|(line, text)| {
        let named: BTreeSet<&str> = codes(text).filter(|code| !pages.contains_key(code)).collect();
        named.into_iter().map(move |code| Fault::new(INDEX, line + 1, format!("{code} has no page")))
    });
    unexplained.chain(wrong).chain(gone).collect()
}

/// What a page lacks: its finding, its title, an example, what to do, its line in the index.
fn wrong_with(code: &str, text: &str, index: &str, used: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if !used {
        wrong.push(format!("{code} is explained but never found"));
    }
    let title = text.lines().next().and_then(|line| line.strip_prefix(&format!("# {code}: ")));
    match title {
        None => wrong.push(format!("its first line is not `# {code}: what it is`")),
        Some(title) if !index.contains(&format!("- [{code}](findings/{code}.md): {title}\n")) => {
            wrong.push(format!("{INDEX} lacks the line `- [{code}](findings/{code}.md): {title}`"));
        }
        Some(_) => {}
    }
    if !text.lines().any(|line| line.starts_with("    ")) {
        wrong.push("it shows no example".to_owned());
    }
    if !text.contains("\n**What to do.** ") {
        wrong.push("it does not say what to do".to_owned());
    }
    wrong
}

/// The finding codes in a line: `S` and four digits that stand alone.
fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| word.len() == 5 && word.starts_with('S') && word[1..].bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# S0101: the way back\n\nWhy.\n\n    an example\n\n**What to do.** Mend it.\n";
    const LISTED: &str = "# Findings\n\n- [S0101](findings/S0101.md): the way back\n";

    fn messages(source: &str, page: &str, index: &str) -> Vec<String> {
        let tree =
            Tree::with([("crates/core/src/planner.rs", source), (INDEX, index), ("docs/findings/S0101.md", page)]);
        check(&tree).into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn used_and_explained_agree() {
        assert!(messages("let code = \"S0101\";", PAGE, LISTED).is_empty());
        assert!(messages("let size = S01012 + US0999 + \"S0101\"", PAGE, LISTED).is_empty(), "no code at all");
    }

    #[test]
    fn a_code_that_is_not_explained_is_named_where_it_stands() {
        assert_eq!(
            messages("error(\"S0101\")\nerror(\"S0102\")", PAGE, LISTED),
            ["crates/core/src/planner.rs:2: S0102 has no page docs/findings/S0102.md"]
        );
    }

    #[test]
    fn an_explanation_of_nothing_is_named() {
        let source = "// S0101\n#[cfg(test)]\nmod tests {\n    const CODE: &str = \"S0101\";\n}\n";
        assert_eq!(messages(source, PAGE, LISTED), ["docs/findings/S0101.md:1: S0101 is explained but never found"]);
    }

    #[test]
    fn a_page_has_its_title_an_example_what_to_do_and_a_line_in_the_index() {
        let source = "error(\"S0101\")";
        assert_eq!(
            messages(source, "# S0101: another\n", LISTED),
            [
                "docs/findings/S0101.md:1: docs/findings.md lacks the line `- [S0101](findings/S0101.md): another`",
                "docs/findings/S0101.md:1: it shows no example",
                "docs/findings/S0101.md:1: it does not say what to do",
            ]
        );
        assert_eq!(
            messages(source, &PAGE.replace("S0101", "S0100"), LISTED),
            ["docs/findings/S0101.md:1: its first line is not `# S0101: what it is`"]
        );
        assert_eq!(
            messages(source, PAGE, &format!("{LISTED}- [S0199](findings/S0199.md): gone\n")),
            ["docs/findings.md:4: S0199 has no page"]
        );
    }
}
