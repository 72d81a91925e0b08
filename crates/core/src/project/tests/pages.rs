//! What the documentation shows is right: every sternway.toml in it is read without a word of complaint.

use std::fs;
use std::path::{Path, PathBuf};

use super::line;
use crate::project::parse;

fn repository(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)
}

fn is_right(text: &str, file: &str) {
    let parsed = parse(text, file).unwrap_or_else(|problems| {
        panic!("{file}: {}", problems.iter().map(|problem| line(&problem.finding)).collect::<String>())
    });
    let warnings: String = parsed.warnings.iter().map(line).collect();
    assert!(warnings.is_empty(), "{file}: {warnings}");
}

#[test]
fn the_quick_starts_project_file_is_right() {
    let file = "examples/quickstart/sternway.toml";
    is_right(&fs::read_to_string(repository(file)).unwrap(), file);
}

#[test]
fn every_project_file_in_a_page_is_right() {
    for (file, shown) in [("README.md", 1), ("docs/sternway.toml.md", 3)] {
        let text = fs::read_to_string(repository(file)).unwrap();
        let blocks: Vec<&str> =
            text.split("```toml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
        assert_eq!(blocks.len(), shown, "{file}");
        for block in blocks {
            is_right(block, file);
        }
    }
}
