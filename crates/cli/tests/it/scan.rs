//! `sternway scan`: without a project, in every format, against a baseline, from a cache, and its patches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::project::{Ran, ran};

/// A folder with code, and a cache beside it.
struct Code {
    root: tempfile::TempDir,
}

impl Code {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("app/lib")).unwrap();
        Self { root }
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let code = Self::new();
        for (name, text) in files {
            code.write(name, text);
        }
        code
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("app")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn scan_in(&self, folder: &Path, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sternway"));
        command.arg("scan").args(args).current_dir(folder).env("XDG_CACHE_HOME", self.root.path().join("cache"));
        ran(command)
    }

    fn scan(&self, args: &[&str]) -> Ran {
        self.scan_in(&self.dir(), args)
    }
}

const OLD: &str = "<?php\nfunction total($items) {\n    while (list($key, $item) = each($items)) {\n        echo utf8_encode($item);\n    }\n}\n";

#[test]
fn what_breaks_is_named_with_its_line_and_what_replaces_it() {
    let code = Code::with(&[("lib/cart.php", OLD), ("index.php", "<?php\necho strlen('x');\n")]);
    let said = code.scan(&[".", "--php", "8.2"]).exits(10);
    let expected = "error[S1001]: the function `each()` was removed in PHP 8.0 (deprecated since 7.2)\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
    for part in [
        "  at:         lib/cart.php:3:32\n",
        "       3 |     while (list($key, $item) = each($items)) {\n         |                                ^\n",
        "warning[S1002]: the function `utf8_encode()` is deprecated since PHP 8.2",
        "blocked: 1 error, 1 warning; scanned: 2 files",
        "the code runs on PHP 5.3 to 7.4",
    ] {
        assert!(said.out.contains(part), "no {part:?} in\n{}", said.out);
    }
    // Warnings alone block nothing, and a version that has it all says nothing.
    code.scan(&["lib/cart.php", "--php", "7.4"]).exits(0).says("passes: 0 errors, 1 warning");
    code.scan(&["index.php", "--php", "8.2"]).exits(0).says("passes: 0 errors, 0 warnings; scanned: 1 file");
    // Only what the way from there breaks.
    code.scan(&[".", "--php", "8.3", "--from", "8.2"]).exits(0).says("0 errors, 0 warnings");
    code.scan(&[".", "--php", "8.2", "--from", "8.0"]).exits(0).says("0 errors, 1 warning");
}

#[test]
fn the_shape_of_the_json() {
    let code = Code::with(&[("lib/cart.php", OLD)]);
    let json = code.scan_in(code.root.path(), &["app", "--php", "8.2", "--format", "json"]).exits(10).json();
    assert_eq!((&json["format"], &json["files"], &json["php"]), (&1.into(), &1.into(), &"8.2".into()));
    assert_eq!(json["bytes"], OLD.len());
    assert!(json["seconds"].is_number() && json["from"].is_null(), "{json}");
    let finding = &json["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"S1001".into(), &"error".into()));
    assert_eq!(finding["places"], serde_json::json!([{ "file": "app/lib/cart.php", "line": 3, "column": 32 }]));
    assert_eq!((&finding["rule"], &finding["confidence"]), (&"function each".into(), &"high".into()));
    assert!(finding["message"].as_str().unwrap().contains("each()") && !finding["hint"].as_str().unwrap().is_empty());
    assert!(finding["source"].as_str().unwrap().starts_with("https://"));
    assert_eq!(json["needs"], serde_json::json!({ "lowest": "5.3", "highest": "7.4" }));
    assert_eq!(json, strip_time(&code.scan_in(code.root.path(), &["app", "--php", "8.2", "--json"]).json(), &json));
}

/// The same document but for how long it took and what came from the cache.
fn strip_time(json: &Value, like: &Value) -> Value {
    let mut json = json.clone();
    json["seconds"] = like["seconds"].clone();
    json["cached"] = like["cached"].clone();
    json
}

#[test]
fn the_formats_of_other_tools() {
    let code = Code::with(&[("lib/cart.php", OLD)]);
    let scan = |format| code.scan(&[".", "--php", "8.2", "--format", format]).exits(10);
    let sarif = scan("sarif").json();
    let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
    let junit = scan("junit").out;
    assert!(junit.starts_with("<?xml") && junit.contains("failures=\"1\""), "{junit}");
    let github = scan("github").out;
    assert!(github.starts_with("::error file=lib/cart.php,line=3,col=32,title=S1001::"), "{github}");
    let checkstyle = scan("checkstyle").out;
    for part in [
        "<checkstyle version=\"3.0\">",
        "<file name=\"lib/cart.php\">",
        "<error line=\"3\" column=\"32\" severity=\"error\" message=\"function each: the function `each()`",
        "severity=\"warning\"",
        "source=\"sternway.S1001\"/>",
    ] {
        assert!(checkstyle.contains(part), "no {part} in\n{checkstyle}");
    }
}

#[test]
fn what_a_baseline_accepts_is_counted_and_what_comes_after_it_is_said() {
    let code = Code::with(&[("lib/cart.php", OLD)]);
    code.scan(&[".", "--php", "8.2", "--write-baseline", "old.json"]).exits(0).says("2 accepted by the baseline");
    code.scan(&[".", "--php", "8.2", "--baseline", "old.json"]).exits(0).says("2 accepted by the baseline");
    // Lines move.
    code.write("lib/cart.php", &OLD.replace("<?php\n", "<?php\n\n// more\n"));
    code.scan(&[".", "--php", "8.2", "--baseline", "old.json"]).exits(0);
    code.write("lib/new.php", "<?php split(',', $x);\n");
    let said = code.scan(&[".", "--php", "8.2", "--baseline", "old.json"]).exits(10);
    assert!(said.out.contains("`split()`") && !said.out.contains("`each()`"), "{}", said.out);
    code.scan(&[".", "--php", "8.2", "--baseline", "none.json"]).exits(2).says("S0264");
}

#[test]
fn a_second_scan_reads_only_what_changed_and_says_the_same() {
    let code = Code::with(&[("lib/cart.php", OLD), ("a.php", "<?php split('a', $b);"), ("b.php", "<?php\n")]);
    let json = |args: &[&str]| code.scan(&[&[".", "--php", "8.2", "--json"], args].concat()).json();
    let first = json(&[]);
    let second = json(&[]);
    assert_eq!((&first["cached"], &second["cached"]), (&0.into(), &3.into()));
    assert_eq!(first["findings"], second["findings"]);
    code.write("a.php", "<?php echo 1;");
    let third = json(&[]);
    assert_eq!((&third["cached"], third["findings"].as_array().unwrap().len()), (&2.into(), 2));
    assert_eq!(json(&["--no-cache"])["cached"], 0);
    // A cache that was damaged is as good as none.
    let folder = code.root.path().join("cache/sternway/compat");
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        fs::write(entry.path(), text.replace("function", "funktion").replace("\"row\":", "\"row\":9")).unwrap();
    }
    assert_eq!(json(&[])["findings"], third["findings"]);
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        fs::write(entry.path(), b"\xff\xfe\0nothing").unwrap();
    }
    assert_eq!(json(&[])["findings"], third["findings"]);
}

#[test]
fn which_files_are_looked_at() {
    let code = Code::with(&[
        ("a.php", "<?php split('a', $b);"),
        ("page.tpl", "<?php split('a', $b);"),
        ("vendor/x/y.php", "<?php split('a', $b);"),
        ("cache/made.php", "<?php split('a', $b);"),
        (".gitignore", "/cache/\n"),
        ("bin/console", "#!/usr/bin/env php\n<?php split('a', $b);"),
        ("image.php", "GIF89a\0\0"),
    ]);
    fs::create_dir(code.dir().join(".git")).unwrap();
    let json = |args: &[&str]| code.scan(&[&[".", "--php", "8.2", "--json"], args].concat()).json();
    let files = |args: &[&str]| {
        let json = json(args);
        let mut files: Vec<String> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["places"][0]["file"].as_str().unwrap().to_owned())
            .collect();
        files.sort();
        files
    };
    assert_eq!(files(&[]), ["a.php", "bin/console"]);
    assert_eq!(files(&["--all"]), ["a.php", "bin/console", "cache/made.php"]);
    assert_eq!(files(&["--vendor"]), ["a.php", "bin/console", "vendor/x/y.php"]);
    assert_eq!(files(&["--ext", "tpl,.inc"]), ["bin/console", "page.tpl"]);
    assert_eq!(json(&[])["binary"], 1);
    code.scan(&["lib", "--php", "8.2"]).exits(0).says("S1008");
    code.scan(&["nowhere", "--php", "8.2"]).exits(2).says("S1009");
    code.scan(&[".", "--php", "8"]).exits(2).says("not a version");
    code.scan(&["."]).exits(2).says("--php");
}

#[test]
fn a_patch_is_proposed_and_nothing_is_written() {
    let code = Code::with(&[("lib/cart.php", OLD), ("db.php", "<?php\nmysql_query('x');\n")]);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(args).current_dir(code.dir());
        ran(command).exits(0)
    };
    git(&["init", "-q"]);
    let before = fs::read_to_string(code.dir().join("lib/cart.php")).unwrap();
    let proposed = code.scan_in(&code.dir().join("lib"), &["..", "--php", "8.2", "--fix"]).exits(0);
    assert_eq!(fs::read_to_string(code.dir().join("lib/cart.php")).unwrap(), before);
    assert!(proposed.out.starts_with("diff --git a/lib/cart.php b/lib/cart.php\n"), "{}", proposed.out);
    assert!(proposed.err.contains("a patch for 1 place in 1 file; nothing was changed"), "{}", proposed.err);
    assert!(proposed.err.contains("mysql_query(): 1 place, use mysqli_query()"), "{}", proposed.err);
    fs::write(code.root.path().join("patch"), &proposed.out).unwrap();
    git(&["apply", "../patch"]);
    let after = fs::read_to_string(code.dir().join("lib/cart.php")).unwrap();
    assert!(after.contains("foreach ($items as $key => $item) {"), "{after}");
    let json = code.scan(&[".", "--php", "8.2", "--fix", "--json"]).exits(0).json();
    assert_eq!((&json["format"], &json["places"], &json["patch"]), (&1.into(), &0.into(), &"".into()));
}
