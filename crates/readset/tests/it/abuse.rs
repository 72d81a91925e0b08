//! No bytes make it panic, recurse without end or hang.

use proptest::prelude::*;
use sternway_readset::read_file;

const NAMES: &[&str] = &["a.php", "a.js", "a.ts", "a.tsx", "a.vue", "a.py", "tool"];

const SOURCES: &[&str] = &[
    "<?php namespace A; use function Env\\env; if (!isset($_ENV['X'])) { throw new E(); } $x = env('X', \"d{$y}\") ?: <<<E\n a %env(X)% {$_ENV['Y']}\nE; f(...);",
    "import { env as e } from 'process'; const { A = `d${1}`, ...r } = e; export default <T,>(x = process.env) => x?.Y! ?? (z.object({ B: z.string().default('') }).parse(e) as any)",
    "<template></template><script setup lang='ts'>const a: string = import.meta.env.VITE_A || 'd'</script>",
    "from os import environ as e\nclass S(BaseSettings):\n    a: str = Field(..., alias='A')\nwith env.prefixed(f'{e}'):\n    x = e['X' 'Y'] if 'X' not in e else config('Z', default=(1,))\n",
    "#!/usr/bin/env php\n<?php echo getenv('X') . $_SERVER['Y'] ?? 1;",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(name in prop::sample::select(NAMES.to_vec()), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Some(set) = sternway_readset::read_file_unsifted(name, &bytes) {
            prop_assert!(set.unparsed.iter().all(|file| file.partly), "{:?}", set.unparsed);
        }
    }

    #[test]
    fn mutated_sources(
        name in prop::sample::select(NAMES.to_vec()),
        source in prop::sample::select(SOURCES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 0..8),
    ) {
        let mut bytes = source.as_bytes().to_vec();
        for (index, kind, byte) in changes {
            let at = index.index(bytes.len().max(1));
            match kind {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => bytes.extend_from_within(at..),
                _ => {}
            }
        }
        if let Some(set) = sternway_readset::read_file_unsifted(name, &bytes) {
            prop_assert!(set.unparsed.iter().all(|file| file.partly), "{:?}", set.unparsed);
            let lines = bytes.split(|byte| *byte == b'\n').count();
            for read in &set.reads {
                prop_assert!((1..=lines).contains(&(read.place.line as usize)) && read.place.column >= 1);
            }
        }
    }
}

#[test]
fn nesting_has_no_bound_and_overflows_no_stack() {
    let deep = 15_000;
    let (open, close) = ("(\n".repeat(deep), ")".repeat(10_000));
    for (name, text) in [
        ("a.js", format!("x = process.env.X || {open}1{close}")),
        ("a.js", format!("x = {open}process.env.X{close}")),
        ("a.js", format!("x = {}process.env.X", "a ||\n".repeat(deep))),
        ("a.js", format!("{}process.env.X", "if (!process.env.A) {\n".repeat(deep))),
        ("a.ts", format!("const e = {}process.env", "<any>\n".repeat(deep))),
        ("a.py", format!("import os\nx = os.getenv('X', {open}1{close}")),
        ("a.py", format!("import os\nx = {}os.environ['X']", "not \\\n".repeat(deep))),
        ("a.php", format!("<?php $x = {open}getenv('X'){close};")),
        ("a.php", format!("<?php $x = {}getenv('X');", "$a ?? \n".repeat(deep))),
        ("a.php", format!("<?php {}", "if (!$_ENV['A']) {\n".repeat(deep))),
    ] {
        let set = read_file(name, text.as_bytes()).unwrap();
        assert_eq!(set.parsed, 1);
    }
}

#[test]
fn bytes_that_are_no_text_are_mapped_one_for_one() {
    let set = read_file("a.php", b"<?php $x = '\xe4\xff'; $y = getenv('\xd6');").unwrap();
    assert_eq!((set.reads[0].place.line, set.reads[0].place.column), (1, 23));
    assert_eq!(set.reads[0].key, sternway_readset::Key::Named("\u{d6}".to_owned()));
}

#[test]
fn no_default_is_kept() {
    for (name, text) in [
        ("a.php", "<?php $x = getenv('X') ?: 'sekrit-value'; env('Y', 'sekrit-value'); putenv('Z=sekrit-value'); $"),
        ("a.ts", "const x = process.env.X ?? 'sekrit-value'; process.env.Y = 'sekrit-value'; ((("),
        ("a.py", "import os\nos.environ.get('X', 'sekrit-value')\nos.environ['Y'] = 'sekrit-value'\n((("),
    ] {
        let set = read_file(name, text.as_bytes()).unwrap();
        assert!(!set.reads.is_empty() && !set.writes.is_empty() && !set.unparsed.is_empty(), "{set:?}");
        let shown = format!("{set:?}{}", serde_json::to_string(&set).unwrap());
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}
