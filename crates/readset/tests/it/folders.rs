//! Folders: what is looked at, whose it is, what is left out and said.

use std::fs;
use std::path::Path;

use sternway_readset::{Choice, Key, Origin, ReadSet, read_set};

fn write(root: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn keys(set: &ReadSet) -> Vec<(String, Origin)> {
    set.reads
        .iter()
        .map(|read| match &read.key {
            Key::Named(name) => (name.clone(), read.origin),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn packages_are_read_only_when_asked_for_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "src/a.js", "f(process.env.OWN)");
    write(root, "node_modules/b/index.js", "f(process.env.PACKAGE)");
    write(root, "vendor/c/d.php", "<?php getenv('VENDOR');");
    write(root, "venv/pyvenv.cfg", "");
    write(root, "venv/lib/site-packages/e.py", "import os\nos.getenv('VENV')");
    write(root, "tests/t.py", "import os\nos.getenv('TEST')");
    write(root, ".git/hooks/x.py", "import os\nos.getenv('GIT')");
    write(root, "README.md", "process.env.NO");
    let own = [("OWN".to_owned(), Origin::Own), ("TEST".to_owned(), Origin::Test)];
    assert_eq!(keys(&read_set(root, Choice::default())), own);
    let all = read_set(root, Choice { dependencies: true, skip: None });
    let packages = all.reads.iter().filter(|read| read.origin == Origin::Dependency).count();
    assert_eq!((all.reads.len(), packages, all.files), (5, 3, 5));
}

#[test]
fn what_the_caller_skips_is_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "a.js", "f(process.env.A)");
    write(root, "dist/b.js", "f(process.env.B)");
    let skip = |path: &Path, folder: bool| folder && path == Path::new("dist");
    assert_eq!(
        keys(&read_set(root, Choice { dependencies: false, skip: Some(&skip) })),
        [("A".to_owned(), Origin::Own)]
    );
}

#[test]
fn large_and_minified_files_are_said_and_not_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "large.js", format!("f(process.env.A)\n{}", "// x\n".repeat(500_000)));
    write(root, "bundle.js", format!("f(process.env.B);{}", "a();".repeat(20_000)));
    write(root, "good.js", "f(process.env.C)");
    let set = read_set(root, Choice::default());
    assert_eq!(keys(&set), [("C".to_owned(), Origin::Own)]);
    let said: Vec<_> = set.unparsed.iter().map(|file| (file.file.as_str(), file.partly)).collect();
    assert_eq!(said, [("bundle.js", false), ("large.js", false)]);
    assert!(set.unparsed[0].why.contains("minified") && set.unparsed[1].why.contains("2 MiB"));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_circles_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    write(&root, "a.js", "f(process.env.A)");
    write(folder.path(), "outside/b.js", "f(process.env.B)");
    std::os::unix::fs::symlink(folder.path().join("outside"), root.join("out")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside/b.js"), root.join("b.js")).unwrap();
    std::os::unix::fs::symlink(&root, root.join("again")).unwrap();
    assert_eq!(keys(&read_set(&root, Choice::default())), [("A".to_owned(), Origin::Own)]);
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let set = read_set(&folder.path().join("none"), Choice::default());
    assert_eq!((set.unparsed.len(), set.files), (1, 0));
}

#[test]
fn the_answer_is_sorted_and_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..200 {
        write(folder.path(), &format!("d{}/f{n}.py", n % 7), format!("import os\nos.getenv('K{n}')\n"));
    }
    let set = read_set(folder.path(), Choice::default());
    assert_eq!(set, read_set(folder.path(), Choice::default()));
    assert!(set.reads.is_sorted_by(|a, b| a.place <= b.place));
    assert_eq!((set.reads.len(), set.files, set.parsed), (200, 200, 200));
}

#[test]
fn the_projects_own_env_function_is_known_in_all_files() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "lib/letters.php", "<?php function env($kind) { return \"envelope $kind\"; }");
    write(folder.path(), "index.php", "<?php echo env('window'), getenv('X');");
    assert_eq!(keys(&read_set(folder.path(), Choice::default())), [("X".to_owned(), Origin::Own)]);
}
