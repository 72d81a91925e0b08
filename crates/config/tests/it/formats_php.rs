//! PHP files, read without running them.

use sternway_config::resolve::{Content, Resolved, lay};

use crate::formats::{found, places, read, table, told};

/// What a file tells, where the environment is this dotenv file.
fn told_in(kind: &str, environment: &str, text: &str) -> String {
    let layers = vec![("x".to_owned(), read("dotenv", environment))];
    let given = lay(&Resolved::default(), layers).unwrap();
    let resolved = lay(&given, vec![("x".to_owned(), read(kind, text))]).unwrap();
    let told = resolved.values.into_iter().map(|(key, value)| match value.content {
        Content::Known(text) => format!("{key}={}", text.reveal()),
        Content::Unknown(_) | Content::Sealed(_) => format!("{key}=?"),
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_file_returns_or_sets_is_told() {
    table(
        "php",
        &[
            (
                "<?php return ['a' => ['b' => 'c', 'd' => 1], 'e' => [true, null, 1.5, []]];",
                "a.b=c a.d=1 e.0=true e.1= e.2=1.5 e.3=",
            ),
            ("<?php\ndeclare(strict_types=1);\nreturn array('x' => \"a\\n{$y}\");", "x=?"),
            ("<?php $y = 'b'; return array('x' => \"a-{$y}-$y\");", "x=a-b-b"),
            (
                "<?php define('A', 'x' . 1 . true); const B = A . 'y', C = 60 * 24; $d = C;",
                "A=x11 B=x11y C=1440 d=1440",
            ),
            (
                "<?php $config['a']['b'] = 'c'; $config['a']['d'] = $config['a']['b'] . 'e';",
                "config.a.b=c config.a.d=ce",
            ),
            ("<?php $config = []; $config[] = 'a'; $config['k'] = 'b'; unset($config[0]); return $config;", "k=b"),
            ("<?php\n$x = <<<E\n  a\n  b\n  E;\n$y = <<<'E'\n$z\nE;\n", "x=a|b y=$z"),
            (
                "<?php return ['a' => rand(), 'b' => __DIR__ . '/x', 'c' => new X, 'd' => X::Y, 'e' => fn () => 1];",
                "a=? b=? c=? d=? e=?",
            ),
            (
                "<?php class K { const P = 'redis'; const Q = self::P . '2'; } return ['k' => K::Q, K::P => 1];",
                "k=redis2 redis=1",
            ),
            ("<?php return [PDO::ATTR_TIMEOUT => 5, Foo\\Bar::class => 'x'];", "Foo\\Bar=x PDO::ATTR_TIMEOUT=5"),
            ("<?php $a = ['x' => 1, 3]; return [...$a, ...['x' => 2, 4]];", "0=3 1=4 x=2"),
            ("<?php return [-1 => 'a', '2' => 'b', 'c', true => 'd'];", "-1=a 1=d 2=b 3=c"),
            ("<?php namespace App; return ['a' => \\env('X', 'y'), 'b' => sprintf('%s:%s%%', 'h', 1)];", "a=y b=h:1%"),
            ("<?php class JConfig { public $host = 'localhost'; public $db; }", "db= host=localhost"),
            ("<?php return ['a' => 1 === 1 ? 'x' : 'y', 'b' => PHP_SAPI === 'cli' ? 1 : 2];", "a=x b=?"),
        ],
    );
}

#[test]
fn conditions_that_are_not_known_leave_values_unknown() {
    table(
        "php",
        &[
            ("<?php $a = 1; if (PHP_SAPI === 'cli') { $a = 2; $b = 3; } else { $c['x'] = 1; }", "a=? b=? c.x=?"),
            ("<?php if (true) { $a = 2; } elseif (x()) { $a = 3; }", "a=2"),
            ("<?php foreach (x() as $y) { $a['k'] = 1; } $b = 2;", "a.k=? b=2"),
            ("<?php if (x()) { return ['a' => 1]; } return ['a' => 2];", ""),
            (
                "<?php if (!defined('A')) define('A', 1); defined('B') || define('B', 2); defined('X') or die();",
                "A=1 B=2",
            ),
            ("<?php require 'x.php'; if (!defined('A')) define('A', 1); define('B', 2);", "A=? B=2"),
            ("<?php $a = ['x' => 1]; array_push($a, 2);", "a=?"),
            ("<?php [$a, $b] = x(); $c = $a;", "a=? b=? c=?"),
            ("<?php define('A', 1); define('A', 2);", "A=1"),
        ],
    );
    assert_eq!(found(&read("php", "<?php\ndefine('A', 1);\ndefine('A', 2);")), ["warning s0201 3:8"]);
    assert_eq!(found(&read("php", "<?php\nreturn [\n  'a' => 1,\n  'a' => 2];")), ["warning s0201 4:3"]);
    assert_eq!(found(&read("php", "<?php\n\nrequire 'x';\n$a = 1;")), ["note s0201 3:1"]);
    assert_eq!(found(&read("php", "<?php\nreturn make();")), ["warning s0201 2:8"]);
    assert_eq!(found(&read("php", "<?php\nreturn ['a' => ;")), ["error s0201 2:16"]);
    assert_eq!(found(&read("php", "no php")), ["warning s0201 0:0"]);
}

#[test]
fn look_ups_are_answered_by_the_environment_alone() {
    let file = "<?php return [
        'a' => env('A', 'none'), 'b' => (bool) env('B', false), 'c' => getenv('C') ?: 'c', 'd' => $_ENV['D'] ?? 'd',
        'e' => env('E'), 'f' => env('F', env('A', 'f')), 'g' => 'x:' . env('A', 1) . '/', 'h' => getenv('C') ?? 'h',
        'i' => isset($_ENV['A']) ? $_ENV['A'] : 'i', 'j' => getenv('C') !== false ? getenv('C') : 'j',
        'k' => Str::slug(env('N', 'laravel'), '_') . '_session', 'l' => (int) env('I', 5), 'm' => $_SERVER['HTTP_HOST'],
        'n' => env('O') ?: 'n', 'o' => !getenv('A'), 'p' => env('Q', null),
    ];";
    assert_eq!(
        told_in("php", "", file),
        "a=none b=false c=c d=d e=? f=f g=x:1/ h=false i=i j=j k=laravel_session l=5 m=? n=n o=? p="
    );
    assert_eq!(
        told_in("php", "A=v\nB=(true)\nC=0\nD=\nE=null\nF=\"'q r'\"\nN=My Shop\nI=007\nO=\nQ=q", file),
        "a=v b=true c=c d= e= f=q r g=x:v/ h=0 i=v j=0 k=my_shop_session l=7 m=? n=n o=false p=q"
    );
    // A constant of the same name is no variable, and what the process is given counts before files.
    assert_eq!(told(read("php", "<?php define('A', getenv('A') ?: 'x'); $B = getenv('A') ?: 'y';")), "A=x B=y");
    let layers = vec![
        ("x".to_owned(), read("dotenv", "A=of the file\nB=of the file")),
        ("x".to_owned(), read("php", "<?php define('A', getenv('A')); define('C', getenv('B')); define('B', 1);")),
    ];
    let given = lay(&Resolved::default(), vec![("x".to_owned(), read("dotenv", "A=given"))]).unwrap();
    let resolved = lay(&given, layers).unwrap();
    let expected = [("A", "given"), ("B", "1"), ("C", "of the file")];
    assert_eq!(resolved.reveal(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
}

#[test]
fn keys_are_where_they_stand() {
    let text = "<?php\n\nreturn [\n    '\u{e4}' => ['b' => 'c'],\n    \"d\" => 1, 'e' => 2,\n];\n";
    assert_eq!(places(&read("php", text)), ["\u{e4}.b 4:13", "d 5:5", "e 5:15"]);
    let text = "<?php\ndefine( 'A', 'x' );\nconst B = 1;\n$c['d'] = 2;\n";
    assert_eq!(places(&read("php", text)), ["A 2:9", "B 3:7", "c.d 4:1"]);
}

/// What `composer create-project laravel/laravel` (11) has in config/database.php and config/session.php, without its comments.
const LARAVEL_DATABASE: &str = include_str!("php/laravel_database.php");
const LARAVEL_SESSION: &str = include_str!("php/laravel_session.php");

#[test]
fn the_configuration_of_a_new_laravel_is_told() {
    let environment = "APP_NAME=\"My Shop\"\nDB_CONNECTION=pgsql\nDB_URL=\nDB_HOST=db.internal\nDB_PASSWORD=secret\nREDIS_PREFIX=null";
    let told = told_in("php", environment, LARAVEL_DATABASE);
    for expected in [
        "default=pgsql ",
        "connections.pgsql.host=db.internal ",
        "connections.pgsql.port=5432 ",
        "connections.pgsql.password=secret ",
        "connections.pgsql.prefix= ",
        "connections.pgsql.prefix_indexes=true ",
        "connections.sqlite.database=? ",
        "connections.mysql.options=? ",
        "redis.client=phpredis ",
        "redis.options.cluster=redis redis.options.prefix=",
        "redis.cache.database=1 ",
        "redis.default.url=? ",
        "migrations.update_date_on_publish=true",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let place =
        |key: &str| places(&read("php", LARAVEL_DATABASE)).into_iter().find(|one| one.starts_with(key)).unwrap();
    assert_eq!(place("connections.mysql.host "), "connections.mysql.host 22:13");
    let told = told_in("php", environment, LARAVEL_SESSION);
    for expected in [
        "driver=database",
        "lifetime=120",
        "files=?",
        "cookie=my_shop_session",
        "domain=?",
        "same_site=lax",
        "secure=?",
        "encrypt=false",
        "lottery.1=100",
    ] {
        assert!(told.split(' ').any(|one| one == expected), "{expected}: {told}");
    }
    let told = told_in("php", "SESSION_COOKIE=shop\nSESSION_SECURE_COOKIE=true\nSESSION_LIFETIME=15", LARAVEL_SESSION);
    for expected in ["cookie=shop", "secure=true", "lifetime=15"] {
        assert!(told.split(' ').any(|one| one == expected), "{expected}: {told}");
    }
}

/// wp-config-docker.php of the official image, shortened in its comments.
const WORDPRESS: &str = include_str!("php/wp-config-docker.php");

#[test]
fn the_wp_config_of_the_official_image_is_told() {
    let environment = "WORDPRESS_DB_HOST=db:3306\nWORDPRESS_DB_PASSWORD_FILE=/run/secrets/db\nWORDPRESS_DEBUG=1";
    assert_eq!(
        told_in("wp-config", environment, WORDPRESS),
        "ABSPATH=? AUTH_KEY=put your unique phrase here DB_CHARSET=utf8 DB_COLLATE= DB_HOST=db:3306 DB_NAME=wordpress DB_PASSWORD=? \
         DB_USER=example username SECURE_AUTH_KEY=put your unique phrase here WP_DEBUG=true table_prefix=wp_"
    );
    assert_eq!(places(&read("wp-config", WORDPRESS))[0], "DB_NAME 22:9");
    assert_eq!(found(&read("wp-config", WORDPRESS)), Vec::<String>::new());
    // As it is written by hand.
    let text =
        "<?php\ndefine( 'DB_NAME', 'shop' );\ndefine( 'WP_DEBUG', false );\n$table_prefix = 'wp_';\n$other = 1;\n";
    table("wp-config", &[(text, "DB_NAME=shop WP_DEBUG=false table_prefix=wp_")]);
}
