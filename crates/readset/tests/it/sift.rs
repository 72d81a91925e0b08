//! The look at a file's bytes never changes what is found.
//!
//! Every source of the tables is found through [`read_file`](sternway_readset::read_file), which sifts; so each form of read in them holds
//! its language's needles. Here sources without the needles are made out of ones with them, and parsed all the same.

use proptest::prelude::*;
use sternway_readset::{ReadSet, read_file, read_file_unsifted};

/// What reads are made of, and what is around them in code.
const PIECES: &[&str] = &[
    "process",
    ".env",
    ".X",
    "['X']",
    "const ",
    "{ A }",
    " = ",
    "import.meta",
    "import ",
    "env",
    "from 'process'",
    "Deno",
    "Bun",
    "$env",
    ".get('X')",
    "'$env/static/private'",
    "os",
    "environ",
    "getenv",
    "('X')",
    "decouple",
    "config",
    "BaseSettings",
    "class A(",
    "):\n    x: str\n",
    "from ",
    "\n",
    ";",
    "<?php ",
    "$_ENV",
    "$_SERVER",
    "\\GetEnv",
    "ENV",
    "Env::get",
    "'%env(X)%'",
    "%",
    "e",
    "n",
    "v",
    "E",
    "N",
    "V",
    "filter_input(INPUT_",
    ", 'X')",
    "$dotenv->required",
    "use function ",
    " as ",
    "x",
    "(",
    ")",
    "?? 'd'",
    "cleanEnv",
    "z.object({ A: 1 }).parse(",
    "starlette.config",
    "environment",
    "# c\n",
    "environs",
    "_env",
    "env import env",
    "from config.",
    "\\\n",
    " ",
    "Config",
    "\u{e4}",
    "#[Autowire(env: 'X')] class A {}",
    "\\x65nv",
    "\\u0065nv",
    "['\\x65nv']",
    "App::env",
];

fn same(name: &str, text: &str) -> Result<(), TestCaseError> {
    let sifted = read_file(name, text.as_bytes()).unwrap();
    let whole = read_file_unsifted(name, text.as_bytes()).unwrap();
    prop_assert_eq!(&sifted.reads, &whole.reads);
    prop_assert_eq!(&sifted.writes, &whole.writes);
    prop_assert_eq!((sifted.files, sifted.bytes), (whole.files, whole.bytes));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn sifting_changes_no_result(
        name in prop::sample::select(vec!["a.php", "a.js", "a.ts", "a.tsx", "a.vue", "a.py"]),
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14),
    ) {
        same(name, &pieces.concat())?;
        same(name, &format!("<?php {}", pieces.concat()))?;
    }
}

#[test]
fn files_without_a_needle_are_not_parsed_and_those_with_one_are() {
    let parsed = |name: &str, text: &str| -> u64 {
        let set: ReadSet = read_file(name, text.as_bytes()).unwrap();
        set.parsed
    };
    assert_eq!(parsed("a.php", "<?php echo $eve . 'en v';"), 0);
    assert_eq!(parsed("a.php", "<?php echo GETENV('X');"), 1);
    assert_eq!(parsed("a.js", "const environment = process.argv"), 0);
    assert_eq!(parsed("a.js", "const e = process.env"), 1);
    assert_eq!(parsed("a.py", "import os # the environment, env=env"), 0);
    assert_eq!(parsed("a.py", "from .env \\\n  import env"), 1);
    assert_eq!(parsed("a.py", "from decouple import config"), 1);
}
