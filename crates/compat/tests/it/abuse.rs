//! Any bytes: no panic, an answer for each file, and no more memory than a few times a file's size.

use std::fs;

use proptest::prelude::*;
use sternway_compat::{Choice, Options, Report, scan};

fn looked_at(files: &[(&str, &[u8])]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let options = Options { target: "8.2".parse().unwrap(), source: None, choice: Choice::default(), cache: None };
    scan(folder.path(), &options).unwrap()
}

/// Pieces of which code is made, and what lies between them.
fn code() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"<?php ",
        b"?>",
        b"<?=",
        b"function f($a = 1, $b) {",
        b"class A extends B { ",
        b"}",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"$x{0}",
        b"$x->y()->z[1]",
        b"\"a ${b} {$c['d']}\"",
        b"<<<X\n a $b\n X;\n",
        b"each($a)",
        b"if (PHP_VERSION_ID < 70000) ",
        b"function_exists('each') && ",
        b"namespace N;",
        b"use function N\\each as e;",
        b"match (true) { default => 1 }",
        b"? 1 : 2",
        b"'\\u{12",
        b"/** @var Foo|Bar[] $x */",
        b"list($a, list($b)) = ",
        b"new class(1) extends \\PDO { public $x = 1; }",
        b"goto a; a:",
        b"\xff\xfe\xc3",
        "ä€\u{1f600}".as_bytes(),
        b";\n",
    ];
    let piece = prop::sample::select(PIECES);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_code_in_any_order(text in code()) {
        let report = looked_at(&[("a.php", &text)]);
        prop_assert_eq!(report.files, 1);
        prop_assert!(report.problems.iter().all(|problem| !problem.message.contains("the parser failed")));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut text = b"<?php ".to_vec();
        text.extend_from_slice(&bytes);
        let report = looked_at(&[("a.php", &text), (".htaccess", &bytes), ("php.ini", &bytes), ("b.conf", &bytes)]);
        prop_assert!(report.problems.iter().all(|problem| !problem.message.contains("the parser failed")));
    }
}

#[test]
fn what_is_nested_too_deep_is_said_and_never_overflows() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("if (1) {", "}"), ("function () {", "}"), ("f(", ")"), ("\"{$a[", "]}\"")]
    {
        let text = format!("<?php $x = {}1{};", open.repeat(20_000), close.repeat(20_000));
        let report = looked_at(&[("deep.php", text.as_bytes())]);
        let said = |code: &str| report.problems.iter().any(|problem| problem.code == code);
        assert!(said("S1006") || said("S1005"), "{open}: {:?}", report.problems);
        assert!(report.problems.iter().all(|problem| !problem.message.contains("the parser failed")), "{open}");
    }
}

#[test]
fn chains_of_a_hundred_thousand_links_are_walked() {
    let many = 100_000;
    for text in [
        format!("<?php $x = 'a'{};\neach($x);", " . 'a'".repeat(many)),
        format!("<?php $x{};\neach($x);", "->a()".repeat(many)),
        format!("<?php $x{};\neach($x);", "['a']".repeat(many)),
        format!("<?php $x = $y{};\neach($x);", " && $y".repeat(many)),
        format!("<?php $x = f{};\neach($x);", "()".repeat(many)),
        format!("<?php while (1) {{ $x = {}$y; }}\neach($x);", "! ".repeat(many)),
        format!("<?php $x = {}1;\neach($x);", "~".repeat(many)),
        format!("<?php preg_match('/a/', 'b', $m, {}A);\neach($x);", "A|".repeat(many)),
        format!("<?php function f() {{ static $y = {}1; }}\neach($x);", "1+".repeat(many)),
        format!("<?php\n{}each($x);", "$x = null;\n".repeat(many)),
        format!("<?php\n{}each($x);", "if ($x) { $y = 1; }\n".repeat(many)),
    ] {
        let report = looked_at(&[("long.php", text.as_bytes())]);
        let found = |problem: &sternway_compat::Problem| problem.rule == "function each";
        assert!(report.problems.iter().any(found), "{}...: {:?}", &text[..40], report.problems.first());
    }
}

#[test]
fn what_is_too_large_or_cannot_be_read_is_said_and_what_is_no_text_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let large = fs::File::create(folder.path().join("large.php")).unwrap();
    large.set_len(sternway_compat::LARGEST + 1).unwrap();
    fs::write(folder.path().join("image.php"), b"GIF89a\0").unwrap();
    fs::write(folder.path().join("broken.php"), "<?php if (").unwrap();
    let options = Options { target: "8.2".parse().unwrap(), source: None, choice: Choice::default(), cache: None };
    let report = scan(folder.path(), &options).unwrap();
    assert_eq!((report.files, report.binary), (1, 1));
    let unread: Vec<&str> = report
        .problems
        .iter()
        .filter(|problem| problem.code == "S1006")
        .map(|problem| problem.place.file.as_str())
        .collect();
    assert_eq!(unread, ["broken.php", "large.php"]);
}
