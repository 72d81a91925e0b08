//! What PHP itself says: every file that the scanner says does not compile, does not, and the other way round.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use sternway_compat::{Choice, Options, Version, scan};
use sternway_core::finding::Severity;

/// The version of the PHP that is installed.
fn installed() -> Version {
    let out = Command::new("php").args(["-r", "echo PHP_VERSION;"]).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let digits = text.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    digits.parse().unwrap_or_else(|_| panic!("php says {text:?}"))
}

fn compiles(path: &Path) -> bool {
    Command::new("php").args(["-n", "-d", "error_reporting=0", "-l"]).arg(path).output().unwrap().status.success()
}

/// Removed syntax that PHP compiles all the same, into something else: text, or a method like any other.
const SILENT: [&str; 3] = ["syntax php4-constructor", "syntax script-tag", "syntax asp-tags"];

/// Whether the scanner and PHP agree that a file compiles: what PHP refuses has an error of any kind, and what it takes has none of syntax.
fn agrees(path: &Path, target: Version, compiles: bool) -> bool {
    let options = Options { target, source: None, choice: Choice::default(), cache: None };
    let report = scan(path, &options).unwrap();
    let mut errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error);
    if !compiles {
        return errors.next().is_some();
    }
    !errors.any(|problem| {
        let of_syntax = problem.code == "S1005" || (problem.code == "S1004" && problem.rule.starts_with("syntax "));
        of_syntax && !SILENT.contains(&problem.rule.as_str())
    })
}

/// Snippets that some versions take and others do not.
const SNIPPETS: &[&str] = &[
    "$x{0};",
    "$x[0];",
    "$x = (real) 1;",
    "$x = (unset) $y;",
    "$x = 1 ? 2 : 3 ? 4 : 5;",
    "$x = 1 ? 2 : (3 ? 4 : 5);",
    "$x =& new Foo;",
    "f(&$x);",
    "class String {}",
    "class Match {}",
    "class Enum {}",
    "function match() {}",
    "function fn() {}",
    "class A { function match() {} const FN = 1; }",
    "function f($a, $a) {}",
    "switch (1) { default: break; default: break; }",
    "list() = $a;",
    "break;",
    "continue;",
    "while (1) { break 2; }",
    "while (1) { break $x; }",
    "while (1) { break 0; }",
    "$x = 08;",
    "echo \"\\u{zz}\";",
    "enum E { case A; }",
    "$f = strlen(...);",
    "class A { public readonly int $x; }",
    "readonly class A {}",
    "class A { const int X = 1; }",
    "class A { public string $x { get => 1; } }",
    "$x = $a |> strlen(...);",
    "$x = new Foo()->bar();",
    "function f(): never {}",
    "function f(null $x) {}",
    "function f((A&B)|null $x) {}",
    "class A { function __get($a, $b) {} }",
    "class A { static function __get($a) {} }",
    "class A { function __get(int $a) {} }",
    "class A { function f() { $this = 1; } }",
    "function f() { unset($this); }",
    "function f() { global $this; }",
    "$f = function () use ($this) {};",
    "$f = function ($a) use ($a) {};",
    "namespace A\\B; class C {}",
    "$x = a \\ b();",
    "abstract class A { private abstract function f(); }",
    "$GLOBALS = 1;",
    "$GLOBALS['x'] = 1;",
    "function f($a, ...$b, $c) {}",
    "try { } ",
    "$x = [1, , 2];",
    "interface I { private function f(); }",
    "trait T { const X = 1; }",
    "static fn() => 1;",
    "echo 1 <=> 2;",
    "$x ??= 1;",
    "$x?->y;",
    "f(a: 1, 2);",
    "goto a; a: echo 1;",
    "parent::f();",
    "class A { function f() { parent::f(); } }",
    "declare(strict_types=2);",
    "const A = f();",
    "static $x = f();",
    "<<<'X'\n a\n X . 'b';",
];

#[test]
fn snippets_compile_as_php_says() {
    let target = installed();
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = String::new();
    let mut refused = 0;
    for (number, snippet) in SNIPPETS.iter().enumerate() {
        let path = folder.path().join(format!("{number}.php"));
        fs::write(&path, format!("<?php\n{snippet}\n")).unwrap();
        let php = compiles(&path);
        refused += usize::from(!php);
        if !agrees(&path, target, php) {
            let _infallible = writeln!(wrong, "{snippet}: php -l says {php}, the scanner does not");
        }
    }
    assert!(refused > 20, "PHP refuses only {refused}");
    assert!(wrong.is_empty(), "PHP {target}:\n{wrong}");
}

#[test]
fn the_corpus_compiles_as_php_says() {
    let target = installed();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut wrong = String::new();
    for folder in [corpus.clone(), corpus.join("syntax")] {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "php") {
                continue;
            }
            let php = compiles(&path);
            // What is wrong in a class's line PHP says when it links it; the scanner has rules for that beside those of syntax.
            let links = ["signature", "trait", "extends", "redeclare", "globals", "interface"];
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !agrees(&path, target, php) && !links.iter().any(|part| name.contains(part)) {
                let _infallible = writeln!(wrong, "{name}: php -l says {php}, the scanner does not");
            }
        }
    }
    assert!(wrong.is_empty(), "PHP {target}:\n{wrong}");
}
