//! What stands nowhere in this repository.

use super::Fault;
use super::tree::{Tree, is_comment};

const IGNORED: &str = concat!("#[ig", "nore");

/// The reason that excuses it: the body of a child process, which another test starts by its name.
const CHILD: &str = "a process of its own\"]";

/// In Rust code, with the reason. Split, so that this file does not contain what it forbids.
const IN_RUST: &[(&str, &str)] = &[
    (IGNORED, "a test that does not run tests nothing (what a test starts as another process says so in its reason)"),
    (concat!("to", "do!("), "finish it, or leave it out"),
    (concat!("unimple", "mented!("), "finish it, or leave it out"),
    (concat!("db", "g!("), "for the bench, not for the house"),
];

/// Folders of one machine, in any file.
const MACHINE: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];

/// Unfinished code, silenced tests, paths of one machine.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, text) in tree.rust() {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            for (word, why) in IN_RUST.iter().filter(|(word, _)| line.contains(word)) {
                if *word == IGNORED && line.trim_end().ends_with(CHILD) {
                    continue;
                }
                faults.push(Fault::new(file, index + 1, format!("`{word}`: {why}")));
            }
        }
    }
    for (file, text) in tree.files() {
        for (index, line) in text.lines().enumerate() {
            for folder in MACHINE.iter().filter(|folder| is_absolute_in(line, folder)) {
                faults.push(Fault::new(file, index + 1, format!("`{folder}` is a folder of one machine")));
            }
        }
    }
    faults
}

/// Whether the folder stands in the line as the beginning of a path and not somewhere within one.
fn is_absolute_in(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-*~})>]".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &str, line: &str) -> usize {
        check(&Tree::with([(file, line)])).len()
    }

    #[test]
    fn each_forbidden_word_is_named_in_code_and_not_in_comments() {
        for (word, _) in IN_RUST {
            assert_eq!(faults("crates/core/src/plan.rs", &format!("    {word}")), 1, "{word}");
            assert_eq!(faults("crates/core/src/plan.rs", &format!("    // {word}")), 0, "{word}");
            assert_eq!(faults("docs/style.md", word), 0, "{word}");
        }
    }

    #[test]
    fn the_body_of_a_child_process_is_excused() {
        assert_eq!(faults("crates/store/tests/it/crash.rs", &format!("{IGNORED} = \"started by others as {CHILD}")), 0);
        assert_eq!(faults("crates/store/tests/it/crash.rs", &format!("{IGNORED} = \"slow\"]")), 1);
    }

    #[test]
    fn paths_of_one_machine_are_named_in_any_file() {
        for folder in MACHINE {
            for line in [format!("path = \"{folder}x\""), format!("see {folder}x"), format!("{folder}x")] {
                assert_eq!(faults("README.md", &line), 1, "{line}");
            }
            for line in [format!("a{folder}x"), format!("https://example.org{folder}x"), format!("${{BASE}}{folder}x")]
            {
                assert_eq!(faults("README.md", &line), 0, "{line}");
            }
        }
    }
}
