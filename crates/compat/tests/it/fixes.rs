//! Patches: what they change, that git takes them, and that PHP runs what comes of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use sternway_compat::{Choice, Options, fix, scan};

/// The text after the patch, which `git apply` puts on it; the same text when there is none.
fn mended(text: &[u8], target: &str) -> (Vec<u8>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.php");
    fs::write(&file, text).unwrap();
    let options = Options { target: target.parse().unwrap(), source: None, choice: Choice::default(), cache: None };
    let report = scan(folder.path(), &options).unwrap();
    let fixes = fix(folder.path(), &report, &options).unwrap();
    assert_eq!(fs::read(&file).unwrap(), text, "nothing is written");
    for patch in &fixes.patches {
        let name = &patch.file;
        let mut whole = format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n").into_bytes();
        whole.extend_from_slice(&patch.hunks);
        fs::write(folder.path().join("patch"), whole).unwrap();
        let git = Command::new("git").args(["apply", "--unidiff-zero", "patch"]).current_dir(&folder).output().unwrap();
        assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    }
    (fs::read(&file).unwrap(), fixes.plan)
}

#[test]
fn what_is_mechanical_is_mended_and_the_rest_is_left() {
    let rows: &[(&str, &str, &str)] = &[
        ("8.2", "while (list($k, $v) = each($a)) { f($k, $v); }", "foreach ($a as $k => $v) { f($k, $v); }"),
        ("8.2", "while (list(, $v) = @each($a)) echo $v;", "foreach ($a as $v) echo $v;"),
        (
            "8.2",
            "while ((list($k) = each($o->list))) { echo $k; }",
            "foreach (array_keys($o->list) as $k) { echo $k; }",
        ),
        (
            "8.2",
            "while (list($k, $v) = each($a)): echo $v; endwhile;",
            "foreach ($a as $k => $v): echo $v; endforeach;",
        ),
        (
            "8.2",
            "while (list($k, $v) = each($a)) { unset($a[$k]); }",
            "while (list($k, $v) = each($a)) { unset($a[$k]); }",
        ),
        ("8.2", "while (list($k, $v) = each(f())) { echo $v; }", "while (list($k, $v) = each(f())) { echo $v; }"),
        ("8.2", "echo $s{0}, $a->b{$i + 1}{2}, \"{$s['x']}\";", "echo $s[0], $a->b[$i + 1][2], \"{$s['x']}\";"),
        (
            "8.2",
            "usort($a, create_function('$a, $b', 'return $a - $b;'));",
            "usort($a, function ($a, $b) { return $a - $b; });",
        ),
        ("8.2", "$f = create_function('$a', \"return $x;\");", "$f = create_function('$a', \"return $x;\");"),
        (
            "8.2",
            "$f = create_function('$a', '} evil(); function g() {');",
            "$f = create_function('$a', '} evil(); function g() {');",
        ),
        ("8.2", "$p = split(',', $s, 3);", "$p = explode(',', $s, 3);"),
        ("8.2", "$p = Split('[ ,/]+', $s);", "$p = preg_split('/[ ,\\\\/]+/', $s);"),
        ("8.2", "$p = spliti('ab|c\\.', $s);", "$p = preg_split('/ab|c\\\\./i', $s);"),
        ("8.2", "echo implode($list, ', ');", "echo implode(', ', $list);"),
        ("8.2", "echo \"${a} ${b['c']} ${'x' . $y} {$z}\";", "echo \"{$a} {$b['c']} {${'x' . $y}} {$z}\";"),
        ("8.2", "function f($a = 1, $b, $c = 2) {}", "function f($a, $b, $c = 2) {}"),
        ("8.4", "function f(A $a = null, ?B $b = null) {}", "function f(?A $a = null, ?B $b = null) {}"),
        ("8.2", "$x = (real) $y + (unset) $z;", "$x = (float) $y + null;"),
        ("8.5", "$x = (boolean) $y . (Integer)$z;", "$x = (bool) $y . (int)$z;"),
        ("8.2", "$x =& new Foo(1);", "$x = new Foo(1);"),
        (
            "8.2",
            "if (PHP_VERSION_ID < 70000) { $x = $s{0}; } else { $x = split(',', $s); }",
            "if (PHP_VERSION_ID < 70000) { $x = $s[0]; } else { $x = explode(',', $s); }",
        ),
        (
            "8.2",
            "if (function_exists('split')) { $x = split(',', $s); }",
            "if (function_exists('split')) { $x = split(',', $s); }",
        ),
    ];
    let mut wrong = String::new();
    for (target, before, after) in rows {
        let (found, _) = mended(format!("<?php\n{before}\n").as_bytes(), target);
        let found = String::from_utf8(found).unwrap();
        if found != format!("<?php\n{after}\n") {
            let _infallible =
                writeln!(wrong, "{before}\n  expected {after}\n  found    {}", found.trim_start_matches("<?php\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_comes_of_it_does_the_same() {
    // Each prints one line; both sides are run by the PHP that is there.
    let old = "<?php\n$s = 'a,b/c';\n$a = ['x' => 1, 'y' => 2];\n\
        foreach ($a as $k => $v) { echo \"${k}=$v;\"; }\n\
        function f($p = 1, $q) { return $p . $q; }\necho f(1, 2), \"\\n\";\n";
    let (new, _) = mended(old.as_bytes(), "8.2");
    assert_ne!(new, old.as_bytes());
    let run = |text: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.php");
        fs::write(&file, text).unwrap();
        let out = Command::new("php").args(["-d", "error_reporting=0"]).arg(&file).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(run(old.as_bytes()), "x=1;y=2;12\n");
    assert_eq!(run(&new), "x=1;y=2;12\n");
}

#[test]
fn bytes_and_line_ends_stay_as_they_are() {
    let (new, _) = mended(b"<?php\r\n// caf\xe9\r\necho $s{0}; // \xff\r\n", "8.2");
    assert_eq!(new, b"<?php\r\n// caf\xe9\r\necho $s[0]; // \xff\r\n");
    let (new, _) = mended("<?php\n// ä\necho $ä{0};".as_bytes(), "8.2");
    assert_eq!(String::from_utf8(new).unwrap(), "<?php\n// ä\necho $ä[0];");
}

#[test]
fn a_database_is_a_plan_and_no_patch() {
    let text = b"<?php\nmysql_connect('a');\n$r = mysql_query('b');\n$r = mysql_query('c');\n";
    let (new, plan) = mended(text, "8.2");
    assert_eq!(new, text);
    assert_eq!(plan.len(), 2);
    assert!(plan[1].starts_with("mysql_query(): 2 places, use "), "{plan:?}");
}

#[test]
fn every_patch_over_the_corpus_still_parses() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let folder = tempfile::tempdir().unwrap();
    let mut patched = 0;
    for entry in fs::read_dir(corpus).unwrap().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "php") {
            continue;
        }
        let text = fs::read(entry.path()).unwrap();
        let (new, _) = mended(&text, "8.2");
        if new != text {
            patched += 1;
            fs::write(folder.path().join(entry.file_name()), new).unwrap();
        }
    }
    assert!(patched > 10, "{patched}");
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        let php = Command::new("php").args(["-l", "-d", "error_reporting=0"]).arg(entry.path()).output().unwrap();
        assert!(php.status.success(), "{}: {}", entry.path().display(), String::from_utf8_lossy(&php.stdout));
    }
}
