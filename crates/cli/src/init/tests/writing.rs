use super::super::{NotWritten, guess, write};
use super::{draft, shop};

#[test]
fn an_existing_file_is_never_overwritten() {
    let (_temp, dir) = shop(&[("index.php", ""), ("sternway.toml", "# mine")]);
    let refused = write(&dir, &guess(&dir)).unwrap_err();
    assert!(matches!(refused, NotWritten::Exists(_)));
    assert!(refused.hint().contains("sternway check"));
    assert_eq!(std::fs::read_to_string(dir.join("sternway.toml")).unwrap(), "# mine");
}

#[test]
fn the_draft_is_written() {
    let (_temp, dir) = shop(&[("index.php", "")]);
    let guess = guess(&dir);
    let path = write(&dir, &guess).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), guess.toml);
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let (_temp, dir) = shop(&[]);
    let gone = dir.join("gone");
    assert!(matches!(write(&gone, &guess(&gone)), Err(NotWritten::Io { .. })));
}

/// Files are named, keys of example files too; values of either never are.
#[test]
fn no_value_of_a_dotenv_file_is_copied() {
    let secret = "s3cr3t-value";
    let values = format!("APP_KEY={secret}\nexport DB_PASSWORD=\"{secret}\"\n{secret}\n");
    for file in [".env", ".env.example", ".env.production", "config/production.env", ".env.staging"] {
        let text = draft(&[("index.php", ""), (file, &values)]);
        assert!(!text.contains(secret), "{file}: {text}");
        assert!(text.contains(file), "{file}: {text}");
    }
    let text = draft(&[("index.php", ""), (".env.example", &values)]);
    assert!(text.contains("APP_KEY, DB_PASSWORD"), "{text}");
}

/// What is offered as a comment is right as well: each of its tables parses once its `#` is taken away.
#[test]
fn what_is_offered_parses_too() {
    let laravel = [("composer.json", r#"{ "require": { "laravel/framework": "^11.0" } }"#), (".env.example", "A=1")];
    let rails = [("shop/Gemfile", "gem 'rails'\ngem 'sidekiq'"), ("other/index.php", "")];
    let django = [("manage.py", ""), ("requirements.txt", "celery\ngunicorn")];
    for (files, tables) in [(&laravel[..], 3), (&rails[..], 2), (&django[..], 2)] {
        let (_temp, dir) = shop(files);
        let mut offered = 0;
        let mut within = false;
        let line = |line: &str| {
            within = (within && line.starts_with('#')) || line.starts_with("# [");
            offered += usize::from(line.starts_with("# ["));
            if within { line.trim_start_matches("# ").to_owned() } else { line.to_owned() }
        };
        let lines: Vec<String> = guess(&dir).toml.lines().map(line).collect();
        assert_eq!(offered, tables);
        let parsed = sternway_core::project::parse(&lines.join("\n"), "sternway.toml");
        assert!(parsed.is_ok(), "{parsed:#?}\n{}", lines.join("\n"));
    }
}

#[test]
fn broken_manifests_are_passed_over_and_said() {
    let text = draft(&[
        ("package.json", "{ nope"),
        ("composer.json", "[]]"),
        ("Cargo.toml", "[package\n"),
        ("Procfile", "no colon\nweb:\n"),
    ]);
    for file in ["package.json", "composer.json", "Cargo.toml", "Procfile"] {
        assert!(text.split("=== warnings").nth(1).unwrap().contains(file), "{file}: {text}");
    }
}

#[test]
fn odd_texts_still_give_a_draft_that_parses() {
    let long = format!("web: echo {}", "x".repeat(5000));
    draft(&[("Procfile", "web: sh -c 'echo \"$PORT\" \\\\ \u{7} ä'\nWeird Name!: x\nwörker: y \"\"\" '''\n")]);
    draft(&[("Procfile", &long)]);
    draft(&[("Dockerfile", "FROM a\nCMD [\"a'b\", \"c \\\"d\\\"\", \"\"]\nEXPOSE 99999\n")]);
    draft(&[("package.json", r#"{ "scripts": { "start": "node \"a b\".js # \\ '" } }"#)]);
    draft(&[("package.json", "[]"), ("server.js", "x.listen(99999)")]);
    draft(&[("ä ö/index.php", ""), ("---/index.php", ""), ("app/index.php", "")]);
}
