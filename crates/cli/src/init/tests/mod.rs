//! Small projects of each kind, and the draft that they get. Every draft must parse.

mod layouts;
mod writing;

use std::path::Path;

/// A folder named `shop` with these files; a name that ends with `/` is a folder.
fn shop(files: &[(&str, &str)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("shop");
    std::fs::create_dir(&dir).unwrap();
    for (name, text) in files {
        let path = dir.join(name);
        if name.ends_with('/') {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    (temp, dir)
}

/// The whole draft, after it was parsed by the parser that `ship` uses.
fn draft(files: &[(&str, &str)]) -> String {
    let (_temp, dir) = shop(files);
    let guess = super::guess(&dir);
    match sternway_core::project::parse(&guess.toml, "sternway.toml") {
        Ok(parsed) => assert_eq!(parsed.warnings, [], "{}", guess.toml),
        Err(problems) => panic!("the draft does not parse: {problems:#?}\n{}", guess.toml),
    }
    assert!(!guess.explained.is_empty());
    let list = |lines: &[String]| format!("- {}", lines.join("\n- "));
    format!("{}\n=== explained\n{}\n\n=== warnings\n{}", guess.toml, list(&guess.explained), list(&guess.warnings))
}
