//! Every parser on the files of real projects, damaged in any way, and on texts that try to grow: no panic, no finding without a place, and
//! memory that is bounded by the text.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use sternway_config::formats::FORMATS;
use sternway_config::resolve::{Resolved, lay};
use sternway_config::source::Piece;

use crate::formats::{Beside, read_with};

/// The files of the projects on which `cargo xtask bench consistency` runs, code included: every parser gets every file.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/layouts")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let signs = prop::sample::select(b"\0\n\r\t \"'`$%&*#:;,=<>!?@[]{}()|\\/-~\xff\xc3\xe2".to_vec());
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), 1..80_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<Index>(), prop::collection::vec(signs, 1..6)).prop_map(|(at, signs)| Damage::Insert(at, signs)),
        (any::<Index>(), 1..400_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let place = |at: &Index| at.index(bytes.len().max(1)).min(bytes.len());
        match damage {
            Damage::Flip(at, bits) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len() + 1).max(1)),
            Damage::Remove(at, length) => {
                let at = place(at);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Damage::Insert(at, signs) => {
                let at = place(at);
                bytes.splice(at..at, signs.iter().copied());
            }
            Damage::Repeat(at, length) => {
                let at = place(at);
                let piece = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// How much text a read holds: keys, and what is literal in values.
fn held(read: &sternway_config::source::Read) -> usize {
    let pieces = read.assignments.iter().flat_map(|one| &one.value.0);
    let texts = pieces.map(|piece| if let Piece::Text(text) = piece { text.reveal().len() } else { 0 });
    texts.sum::<usize>() + read.assignments.iter().map(|one| one.key.len()).sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_damaged_file_of_a_project_makes_any_parser_panic_or_grow(
        which in any::<Index>(), damages in prop::collection::vec(damage(), 0..6), part in "(production|staging|web|Deployment/web/web|default)?"
    ) {
        let samples = samples();
        let (name, bytes) = &samples[which.index(samples.len())];
        let bytes = damaged(bytes.clone(), &damages);
        for format in FORMATS {
            for part in [None, Some(part.as_str())] {
                let read = read_with(format.name, &bytes, part, &Beside::default());
                // Keys repeat what they stand below, and anchors what they anchor.
                prop_assert!(held(&read) <= 200 * bytes.len() + 4096, "{} {name}: {} of {}", format.name, held(&read), bytes.len());
                prop_assert!(read.findings.iter().all(|finding| !finding.places.is_empty()), "{} {name}", format.name);
                let _ = lay(&Resolved::default(), vec![("x".to_owned(), read)]);
            }
        }
    }
}

/// The greatest resident size of this process so far, in MiB (proc(5), `VmHWM`).
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

/// Each line has the one before twice: 40 of them would be a terabyte.
fn doubling(first: &str, line: impl Fn(usize) -> String) -> String {
    (1..40).fold(first.to_owned(), |text, at| text + &line(at))
}

#[test]
fn what_tries_to_grow_does_not() {
    let before = peak();
    let dollar = doubling("K0=xxxxxxxxxxxxxxxx\n", |at| format!("K{at}=\"${{K{0}}}${{K{0}}}\"\n", at - 1));
    let mut texts: Vec<(&str, String)> = FORMATS
        .iter()
        .filter(|format| format.name.starts_with("dotenv"))
        .map(|format| (format.name, dollar.clone()))
        .collect();
    texts.extend([
        ("command", dollar.clone()),
        ("php-ini", dollar.clone()),
        ("properties", dollar.replace('"', "")),
        ("spring", dollar.replace('"', "")),
        ("ini", doubling("[a]\nk0 = xxxxxxxxxxxxxxxx\n", |at| format!("k{at} = %(k{0})s%(k{0})s\n", at - 1))),
        ("yaml", doubling("k0: &k0 [xxxxxxxxxxxxxxxx]\n", |at| format!("k{at}: &k{at} [*k{0}, *k{0}]\n", at - 1))),
        ("spring", doubling("k0: &k0 [xxxxxxxxxxxxxxxx]\n", |at| format!("k{at}: &k{at} [*k{0}, *k{0}]\n", at - 1))),
        (
            "xml",
            format!(
                "<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxxxxxxxxxx\">{}]><a b='&e39;'>&e39;</a>",
                doubling("", |at| format!("<!ENTITY e{at} \"&e{0};&e{0};\">", at - 1))
            ),
        ),
        ("php", format!("<?php\n{}return ['a' => $k39];", doubling("$k0 = 'xxxxxxxxxxxxxxxx';\n", |at| format!("$k{at} = $k{0} . $k{0};\n", at - 1)))),
        ("wp-config", format!("<?php\n{}", doubling("define('K0', 'xxxxxxxxxxxxxxxx');\n", |at| format!("define('K{at}', K{0} . K{0});\n", at - 1)))),
        ("apache", doubling("Define K0 xxxxxxxxxxxxxxxx\n", |at| format!("Define K{at} ${{K{0}}}${{K{0}}}\n", at - 1)) + "SetEnv A ${K39}\n"),
        (
            "compose",
            "services:\n  web:\n    environment:\n".to_owned() + &doubling("      K0: xxxxxxxxxxxxxxxx\n", |at| format!("      K{at}: \"${{K{0}}}${{K{0}}}\"\n", at - 1)),
        ),
        (
            "kubernetes",
            "kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    env:\n    - {name: K0, value: xxxxxxxxxxxxxxxx}\n".to_owned()
                + &doubling("", |at| format!("    - {{name: K{at}, value: \"$(K{0})$(K{0})\"}}\n", at - 1)),
        ),
    ]);
    for (kind, text) in texts {
        let read = read_with(kind, text.as_bytes(), None, &Beside::default());
        let _ = lay(&Resolved::default(), vec![("x".to_owned(), read)]);
        assert!(peak() < before + 600, "{kind}: {} MiB", peak());
    }
}
