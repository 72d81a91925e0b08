//! PHP.

use crate::{lines, set, table};

/// Rows begin on line 2.
const PHP: &str = "<?php\n";

#[test]
fn functions_with_and_without_default() {
    table(
        "a.php",
        PHP,
        &[
            ("$x = getenv('X');", &["2:6 X getenv()"]),
            ("f(getenv('X'));", &["2:3 X getenv()"]),
            ("$x = \\getenv(\"X\");", &["2:6 X getenv()"]),
            ("$x = GetEnv('X', true);", &["2:6 X getenv()"]),
            ("$x = getenv('X') ?: 'd';", &["2:6 X getenv() = Text"]),
            ("$x = (int) (getenv('X') ?: 8080);", &["2:13 X getenv() = Number"]),
            ("$x = (int) getenv('X') ?: '';", &["2:12 X getenv() = Empty"]),
            ("$x = trim(getenv('X')) ?: 'd';", &["2:11 X getenv() = Text"]),
            ("$x = getenv('X') ?? $d;", &["2:6 X getenv() Expression"]),
            ("$x = getenv('X') ?: throw new E();", &["2:6 X getenv() required"]),
            ("getenv('X') or die('no');", &["2:1 X getenv() required"]),
            ("$all = getenv();", &["2:8 ? getenv()"]),
            ("$x = getenv('X_' . $n);", &["2:6 X_* getenv()"]),
            ("$x = getenv(\"X_{$n}_Y\");", &["2:6 X_* getenv()"]),
            ("$x = getenv($n);", &["2:6 ? getenv()"]),
            ("$x = apache_getenv('X');", &["2:6 X apache_getenv()"]),
            ("$x = filter_input(INPUT_ENV, 'X', FILTER_DEFAULT);", &["2:6 X filter_input()"]),
            ("$x = filter_input(INPUT_SERVER, 'HTTP_HOST');", &[]),
            ("$x = ini_get('X'); $y = constant('Y'); $o->getenv('Z');", &[]),
            ("$x = /* ä */ getenv('Ö');", &["2:14 Ö getenv()"]),
            ("// getenv('X')\n$s = \"getenv('X')\";", &[]),
        ],
    );
}

#[test]
fn functions_are_found_through_namespaces_and_imports() {
    table(
        "a.php",
        PHP,
        &[
            ("namespace App; $x = getenv('X'); $y = \\getenv('Y');", &["2:21 X getenv()", "2:39 Y getenv()"]),
            ("namespace App; $x = Other\\getenv('X');", &[]),
            ("use function getenv as read; $x = read('X');", &["2:35 X getenv()"]),
            ("use function Env\\env; $x = env('X');", &["2:28 X env()"]),
            ("use Illuminate\\Support\\Env as E; $x = E::get('X', 'd');", &["2:39 X Env::get() = Text"]),
            ("$x = \\Illuminate\\Support\\Env::getOrFail('X');", &["2:6 X Env::getOrFail() required"]),
            ("$x = Config::get('X');", &[]),
        ],
    );
}

#[test]
fn superglobals() {
    table(
        "a.php",
        PHP,
        &[
            ("$x = $_ENV['X'];", &["2:6 X $_ENV"]),
            ("$x = $_ENV['X'] ?? 'redis://localhost';", &["2:6 X $_ENV = Url"]),
            ("$x = $_ENV['X'] ?? null;", &["2:6 X $_ENV = Null"]),
            ("$x = $_SERVER['X'] ?? $_ENV['X'] ?? 'true';", &["2:6 X $_SERVER Expression", "2:23 X $_ENV = Boolean"]),
            ("$x = $_SERVER['APP_ENV'];", &["2:6 APP_ENV $_SERVER"]),
            ("$x = $_SERVER['HTTP_HOST'] . $_SERVER['argv'][1] . $_SERVER['PHP_SELF'] . $_SERVER['REQUEST_URI'];", &[]),
            ("$x = $_SERVER[$n]; $y = $_GET['env'];", &[]),
            ("foreach ($_ENV as $k => $v) {}", &["2:10 ? $_ENV"]),
            ("$x = \"{$_ENV['X']}!\";", &["2:8 X $_ENV"]),
            ("unset($_ENV['X']);", &[]),
        ],
    );
}

#[test]
fn questions_guard_and_demand() {
    table(
        "a.php",
        PHP,
        &[
            ("$x = isset($_ENV['X']) ? $_ENV['X'] : 'd';", &["2:12 X $_ENV Guarded", "2:26 X $_ENV Guarded"]),
            ("if (!empty($_ENV['X'])) { f($_ENV['X']); }", &["2:12 X $_ENV Guarded", "2:29 X $_ENV Guarded"]),
            ("if (array_key_exists('X', $_ENV)) {}", &["2:5 X $_ENV Guarded"]),
            ("if (getenv('X') !== false) { f(getenv('X')); }", &["2:5 X getenv() Guarded", "2:32 X getenv() Guarded"]),
            (
                "if (!getenv('X')) { throw new E(); } f(getenv('X'));",
                &["2:6 X getenv() required", "2:40 X getenv() required"],
            ),
            (
                "if (getenv('X') === false || getenv('Y') === false) exit(1);",
                &["2:5 X getenv() required", "2:30 Y getenv() required"],
            ),
            ("if (!getenv('X') && !getenv('Y')) exit(1);", &["2:6 X getenv() Guarded", "2:22 Y getenv() Guarded"]),
            ("if (getenv('X') == 'prod') {}", &["2:5 X getenv() Compared"]),
            ("switch (getenv('X')) { case 'a': }", &["2:9 X getenv() Compared"]),
            ("if (($x = getenv('X')) !== false) {}", &["2:11 X getenv() Guarded"]),
            ("$x = getenv('X'); if (!$x) { $x = 'd'; }", &["2:6 X getenv() Guarded"]),
            ("$x = getenv('X'); if ($x === false) { throw new E(); }", &["2:6 X getenv() required"]),
            ("function f() { $x = getenv('X'); } function g($x) { if (!$x) {} }", &["2:21 X getenv()"]),
            ("function f() { if (getenv('X')) {} } $x = getenv('X');", &["2:20 X getenv() Guarded", "2:43 X getenv()"]),
        ],
    );
}

#[test]
fn frameworks() {
    table(
        "a.php",
        PHP,
        &[
            ("return ['k' => env('X')];", &["2:16 X env()"]),
            ("return ['k' => env('X', 'd'), 'l' => env('Y', null)];", &["2:16 X env() = Text", "2:38 Y env() = Null"]),
            ("env(key: 'X', default: [1]);", &["2:1 X env() = Collection"]),
            ("env('X', fn () => 1);", &["2:1 X env() Expression"]),
            ("(bool) env('X', false) ?: 'd';", &["2:8 X env() = Boolean"]),
            (
                "$c->set('dsn', '%env(X)% %env(int:default::Y)% %env(default:p:Z)%');",
                &["2:17 X %env()% required", "2:26 Y %env()% = Null", "2:48 Z %env()% Expression"],
            ),
            ("class A { function __construct(#[Autowire(env: 'int:X')] $x) {} }", &["2:48 X %env()% required"]),
            (
                "$dotenv->required(['X', 'Y'])->notEmpty(); f($_ENV['X']);",
                &[
                    "2:20 X $dotenv->required() required",
                    "2:25 Y $dotenv->required() required",
                    "2:46 X $_ENV required",
                ],
            ),
        ],
    );
}

#[test]
fn what_the_code_sets_it_does_not_need() {
    table(
        "a.php",
        PHP,
        &[
            ("putenv('X=1'); $x = getenv('X'); $y = getenv('Y');", &["2:21 X getenv() set", "2:39 Y getenv()"]),
            ("$x = getenv('X'); putenv(\"X=$y\");", &["2:6 X getenv()"]),
            ("$_ENV['X'] = 'v'; f($_ENV['X']);", &["2:21 X $_ENV set"]),
            ("$_ENV['X'] ??= 'v';", &["2:1 X $_ENV = Text"]),
        ],
    );
    let writes = set("a.php", "<?php\nputenv('X=secret');").writes;
    assert_eq!(writes.iter().map(|write| write.key.as_str()).collect::<Vec<_>>(), ["X"]);
}

#[test]
fn a_function_of_the_projects_own_is_another_one_only_if_it_does_not_read_the_environment() {
    let wrapper = "<?php function env($k, $d = null) { $v = getenv($k); return $v; } env('X');";
    assert_eq!(lines("a.php", wrapper), ["1:42 ? getenv()", "1:67 X env()"]);
    let other = "<?php function env($k) { return 'letter in ' . $k; } env('X');";
    assert_eq!(lines("a.php", other), [] as [&str; 0]);
}

#[test]
fn a_broken_file_yields_what_is_whole_and_is_named() {
    let set = set("a.php", "<?php\n$x = getenv('X');\nfunction ( {\n$y = getenv('Y');\n");
    assert!(set.reads.iter().any(|read| read.key == sternway_readset::Key::Named("X".to_owned())));
    assert!(set.unparsed[0].partly && set.unparsed[0].why.contains("line 3"), "{:?}", set.unparsed);
}

#[test]
fn chains_of_any_length_are_walked() {
    let mut text = "<?php $x = getenv('X')".to_owned();
    text.push_str(&" .\n'a'".repeat(100_000));
    text.push_str(";\n$y = $o");
    text.push_str(&"->m()\n".repeat(100_000));
    text.push_str("->n(getenv('Y'));");
    let keys: Vec<_> = lines("a.php", &text).iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(keys, ["X", "Y"]);
}
