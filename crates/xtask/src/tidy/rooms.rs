//! Each crate says what it is for, the map names it, and no file outgrows its concept.

use super::Fault;
use super::tree::Tree;

/// A file past this many lines is two files.
const LONGEST: usize = 600;

/// Tables, which may be as long as what they list.
const TABLES: &[&str] = &[];

/// Doc headers, the map, and sizes.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, _) in tree.crates() {
        let roots = [format!("crates/{name}/src/lib.rs"), format!("crates/{name}/src/main.rs")];
        let present: Vec<_> = roots.iter().filter_map(|root| Some((root, tree.get(root)?))).collect();
        if present.is_empty() {
            faults.push(Fault::new(format!("crates/{name}"), 0, "neither src/lib.rs nor src/main.rs"));
        }
        for (root, text) in present {
            if !text.lines().any(|line| line.starts_with("//! ")) {
                faults.push(Fault::new(root, 1, "begin with a `//!` comment: what this crate is for"));
            }
        }
        if let Some(map) = tree.get("ARCHITECTURE.md")
            && !map.contains(&format!("`{name}`"))
            && !map.contains(&format!("crates/{name}"))
        {
            faults.push(Fault::new("ARCHITECTURE.md", 0, format!("the map does not name `{name}`")));
        }
    }
    for (file, text) in tree.rust() {
        let lines = text.lines().count();
        if lines > LONGEST && !TABLES.contains(&file) {
            faults.push(Fault::new(file, LONGEST + 1, format!("{lines} lines: past {LONGEST} a file is two files")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) = ("crates/core/Cargo.toml", "");
    const ROOT: (&str, &str) = ("crates/core/src/lib.rs", "//! The vocabulary.\n");

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::with(files.iter().copied())).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_documented_crate_on_the_map_is_fine() {
        assert!(messages(&[MANIFEST, ROOT]).is_empty(), "without a map");
        assert!(messages(&[MANIFEST, ROOT, ("ARCHITECTURE.md", "| `core` | ... |")]).is_empty());
    }

    #[test]
    fn a_crate_without_a_header_is_named() {
        assert!(
            messages(&[MANIFEST, ("crates/core/src/lib.rs", "pub mod plan;\n")])[0].contains("what this crate is for")
        );
        assert_eq!(messages(&[MANIFEST]).len(), 1);
    }

    #[test]
    fn a_crate_that_the_map_lacks_is_named() {
        assert!(messages(&[MANIFEST, ROOT, ("ARCHITECTURE.md", "`engine`")])[0].contains("`core`"));
    }

    #[test]
    fn a_file_past_its_length_is_named() {
        let long = "//! Long.\n".repeat(LONGEST + 1);
        assert_eq!(messages(&[("crates/core/src/plan.rs", &long)]).len(), 1);
        assert!(messages(&[("crates/core/src/plan.rs", &long[10..])]).is_empty());
    }
}
