//! ARCHITECTURE.md names the tests of what must always hold: each name exists, and nothing that must hold is without one.

use super::Fault;
use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";

/// Under this heading each numbered paragraph names its tests.
const HEADING: &str = "## What must always hold";

/// Every `room::module::test` of the map against the functions of that room.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(map) = tree.get(MAP) else { return Vec::new() };
    let rooms: Vec<&str> = tree.crates().map(|(name, _)| name).collect();
    let mut faults = Vec::new();
    for (index, line) in map.lines().enumerate() {
        for name in names(line, &rooms).filter(|name| !exists(tree, name)) {
            faults.push(Fault::new(MAP, index + 1, format!("there is no test `{name}`")));
        }
    }
    faults.extend(without_a_test(map, &rooms));
    faults
}

/// The test names in a line: `room::module::test`, at least three parts, in backticks.
fn names<'a>(line: &'a str, rooms: &'a [&str]) -> impl Iterator<Item = &'a str> {
    line.split('`').skip(1).step_by(2).filter(|span| {
        let parts: Vec<&str> = span.split("::").collect();
        let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        parts.len() >= 3 && rooms.contains(&parts[0]) && parts.iter().all(word)
    })
}

/// Whether a function of that name stands in the room, in a file whose path has the modules between.
fn exists(tree: &Tree, name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let [room, modules @ .., test] = parts.as_slice() else { return false };
    let folder = format!("crates/{room}/");
    let (whole, head) = (format!("fn {test}()"), format!("fn {test}("));
    tree.rust().any(|(file, text)| {
        let path: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        file.starts_with(&folder)
            // A test module at the end of a file is no part of its path.
            && modules.iter().all(|module| *module == "tests" || path.contains(module))
            && text.contains("#[test]")
            && text.lines().any(|line| {
                let line = line.trim_start();
                line.starts_with(&whole) || line.starts_with(&head)
            })
    })
}

/// Numbered paragraphs under the heading that name no test.
fn without_a_test(map: &str, rooms: &[&str]) -> Vec<Fault> {
    let lines: Vec<(usize, &str)> = map.lines().enumerate().map(|(index, line)| (index + 1, line)).collect();
    let section =
        lines.iter().skip_while(|(_, line)| *line != HEADING).skip(1).take_while(|(_, line)| !line.starts_with("## "));
    let mut open: Option<(usize, &str)> = None;
    let mut faults = Vec::new();
    for (number, line) in section {
        if is_numbered(line) {
            faults.extend(open.take().map(missing));
            open = Some((*number, line));
        }
        if names(line, rooms).next().is_some() {
            open = None;
        }
    }
    faults.extend(open.map(missing));
    faults
}

fn is_numbered(line: &str) -> bool {
    line.split_once(". ").is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn missing((line, text): (usize, &str)) -> Fault {
    let start: String = text.chars().take(40).collect();
    Fault::new(MAP, line, format!("`{start}...` names no test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: &str = "#[test]\nfn it_holds() {}\n";

    fn messages(map: &str) -> Vec<String> {
        let files = [
            ("crates/core/Cargo.toml", ""),
            ("crates/core/src/plan.rs", "fn it_holds() {}"),
            (MAP, map),
            ("crates/core/tests/it/state.rs", TEST),
        ];
        check(&Tree::with(files)).into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn a_test_that_exists_where_it_is_said_to_be_is_fine() {
        assert!(messages("`core::state::it_holds`, `core::state::tests::it_holds` and `State::next`").is_empty());
        assert!(messages("`std::time::Instant`, `core::judge`").is_empty(), "no names of tests");
    }

    #[test]
    fn a_name_without_its_test_is_named() {
        assert_eq!(
            messages("one\n`core::state::it_does_not`"),
            ["ARCHITECTURE.md:2: there is no test `core::state::it_does_not`"]
        );
        assert_eq!(messages("`core::plan::it_holds`").len(), 1, "a function that is no test, in another module");
    }

    #[test]
    fn what_must_hold_and_names_no_test_is_named() {
        let map = format!(
            "{HEADING}\n\n1. **One.** `core::state::it_holds`\n2. **Two.**\n   Nothing.\n3. **Three.**\n   `core::state::it_holds`\n## Next\n4. Not this\n"
        );
        assert_eq!(messages(&map), ["ARCHITECTURE.md:4: `2. **Two.**...` names no test"]);
    }
}
