//! Several files together: what one declares and the other uses.

use std::fs;

use sternway_compat::{Choice, Options, Report, scan};

fn report(files: &[(&str, &str)], target: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let options = Options { target: target.parse().unwrap(), source: None, choice: Choice::default(), cache: None };
    scan(folder.path(), &options).unwrap()
}

/// `file:line rule` of each problem.
fn found(files: &[(&str, &str)], target: &str) -> Vec<String> {
    let line = |problem: &sternway_compat::Problem| {
        format!("{}:{} {}", problem.place.file, problem.place.at.line, problem.rule)
    };
    report(files, target).problems.iter().map(line).collect()
}

const USE: (&str, &str) = ("page.php", "<?php\n$x = each($list);\n");

#[test]
fn a_polyfill_serves_the_files_that_it_is_loaded_with() {
    let polyfill =
        ("lib/compat.php", "<?php\nif (!function_exists('each')) {\n    function each(&$a) { return []; }\n}\n");
    let index = ("index.php", "<?php\nrequire 'lib/compat.php';\ninclude dirname(__FILE__) . '/page.php';\n");
    assert_eq!(found(&[USE, polyfill, index], "8.2"), Vec::<String>::new());
    // Nothing loads both.
    assert_eq!(found(&[USE, polyfill], "8.2"), ["page.php:2 function each"]);
}

#[test]
fn packages_that_composer_loads_bring_polyfills_and_are_not_looked_at_themselves() {
    let old = ("page.php", "<?php\nif (str_contains('a', 'b')) { new Stringy(); }\n");
    assert_eq!(found(&[old], "7.4"), ["page.php:2 function str_contains"]);
    let package = [
        (
            "vendor/symfony/polyfill-php80/composer.json",
            r#"{"autoload":{"files":["bootstrap.php"],"classmap":["Resources/stubs"]}}"#,
        ),
        (
            "vendor/symfony/polyfill-php80/bootstrap.php",
            "<?php\nif (\\PHP_VERSION_ID >= 80000) { return; }\nif (!function_exists('str_contains')) {\n function str_contains(?string $h, ?string $n): bool { return each($h); }\n}\n",
        ),
    ];
    assert_eq!(found(&[&[old], &package[..]].concat(), "7.4"), Vec::<String>::new());
}

#[test]
fn namespaces_decide_what_a_name_means() {
    let own = ("own.php", "<?php\nnamespace App;\nfunction each($x) { return $x; }\n");
    let uses = ("uses.php", "<?php\nnamespace App;\neach($a);\n\\each($a);\nuse function Other\\split;\nsplit($a);\n");
    assert_eq!(found(&[own, uses], "8.2"), ["uses.php:4 function each"]);
    assert_eq!(found(&[uses], "8.2"), ["uses.php:3 function each", "uses.php:4 function each"]);
}

#[test]
fn methods_are_inherited_through_classes_of_other_files() {
    let base = ("Base.php", "<?php\nnamespace App;\nabstract class Base extends \\ReflectionParameter {}\n");
    let child = ("Child.php", "<?php\nnamespace App;\nclass Child extends Base {}\n");
    let own = (
        "Own.php",
        "<?php\nnamespace App;\nclass Own extends Base { public function getClass(): ?\\ReflectionClass { return null; } }\n",
    );
    let uses = (
        "uses.php",
        "<?php\nuse App\\{Child, Own};\n$a = new Child('f', 0);\n$a->getClass();\n$b = new Own('f', 0);\n$b->getClass();\n",
    );
    assert_eq!(found(&[base, child, own, uses], "8.2"), ["uses.php:4 method ReflectionParameter::getClass"]);
}

#[test]
fn what_the_code_needs_is_told_by_what_it_uses_outside_of_guards() {
    let needs = |text: &str| {
        let needs = report(&[("a.php", text)], "8.2").needs;
        (needs.lowest.map(|version| version.to_string()), needs.highest.map(|version| version.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(needs("<?php echo 1;"), (some("5.3"), None));
    assert_eq!(needs("<?php $x = $a ?? fn() => 1;"), (some("7.4"), None));
    assert_eq!(needs("<?php each($a); $b = [1];"), (some("5.4"), some("7.4")));
    assert_eq!(
        needs("<?php if (PHP_VERSION_ID < 80000) { each($a); } else { str_contains('a', 'b'); }"),
        (some("5.3"), None)
    );
    assert_eq!(needs("<?php each($a); str_contains('a', 'b');"), (None, None));
    assert_eq!(needs("<?php enum Suit { case A; }"), (some("8.1"), None));
}
