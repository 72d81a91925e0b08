//! YAML.

use std::fmt::Write as _;

use proptest::prelude::*;
use sternway_core::finding::Severity;

use crate::formats::{Beside, found, laid, places, read, read_with, table, told};

#[test]
fn scalars_maps_and_lists_become_paths() {
    table(
        "yaml",
        &[
            ("a: b\n", "a=b"),
            ("a: {b: c, d: [e, {f: g}]}\n", "a.b=c a.d.0=e a.d.1.f=g"),
            ("a:\n  b:\n  - c\n  - d\n", "a.b.0=c a.b.1=d"),
            ("a: {}\nb: []\n", "a= b="),
            ("a:\nb: ~\nc: null\nd: 'null'\ne: !!str null\n", "a= b= c= d=null e=null"),
            ("a: True\nb: 'True'\nc: yes\nd: 012\ne: 1.50\n", "a=true b=True c=yes d=012 e=1.50"),
            ("a: \"x\\ty\\u00e4\"\nb: 'it''s'\n", "a=x\tyä b=it's"),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "a=x|y| b=x y"),
            ("a: x # c\nb: x#y\n", "a=x b=x#y"),
            ("? a\n: b\n", "a=b"),
            ("1: a\ntrue: b\n", "1=a true=b"),
            ("\u{feff}a: b\n", "a=b"),
            ("", ""),
            ("# nothing\n", ""),
            ("--- {a: 1}\n--- {b: 2}\n", "a=1 b=2"),
        ],
    );
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    table(
        "yaml",
        &[
            ("a: &x 1\nb: *x\n", "a=1 b=1"),
            ("a: &x {b: 1, c: 2}\nd: *x\n", "a.b=1 a.c=2 d.b=1 d.c=2"),
            ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", "a.b=1 a.c=2 d.b=1 d.c=3"),
            // What is the map's own counts, also before the merge; of merged maps the first.
            ("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", "a.b=1 a.c=2 d.b=1 d.c=3"),
            ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n", "a.b=1 c.b=2 c.d=3 e.b=1 e.d=3"),
            ("a: {<<: {b: 1}, c: 2}\n", "a.b=1 a.c=2"),
            ("a: {'<<': b}\n", "a.<<=b"),
            ("a: &x 1\na2: &x 2\nb: *x\n", "a=1 a2=2 b=2"),
        ],
    );
    let read = read("yaml", "a: &x\n  b: 1\nd:\n  <<: *x\n  e: 2\n");
    assert_eq!(places(&read), ["a.b 2:3", "d.b 2:3", "d.e 5:3"]);
}

#[test]
fn values_of_foreign_tags_are_unknown() {
    table(
        "yaml",
        &[
            ("a: !vault |\n  3a6f\nb: !Ref X\nc: !!binary aGk=\nd: !!int 3\ne: ! x\n", "a=? b=? c=? d=3 e=x"),
            ("a: !join [x, y]\nb: 1\n", "a=? b=1"),
        ],
    );
}

#[test]
fn keys_have_their_places() {
    let read = read("yaml", "ä:\n  - b: {ö: 1, d: 2}\n---\ne: f\n");
    assert_eq!(places(&read), ["ä.0.b.ö 2:9", "ä.0.b.d 2:15", "e 4:1"]);
}

#[test]
fn a_part_is_named_by_its_path() {
    let text = "production:\n  redis:\n    url: r\n  a.b: c\nservers: [{host: x}]\n";
    let part = |part| told(read_with("yaml", text.as_bytes(), Some(part), &Beside::default()));
    assert_eq!(part("production.redis"), "url=r");
    assert_eq!(part("production"), "a.b=c redis.url=r");
    assert_eq!(part("servers.0"), "host=x");
    assert_eq!(part("staging"), "S0201 0:0");
    assert_eq!(part("servers.1"), "S0201 0:0");
    assert_eq!(told(read_with("yaml", b"a.b: {c: 1}\na: {b: {c: 2}}\n", Some("a.b"), &Beside::default())), "c=1");
    assert_eq!(
        found(&read_with("yaml", text.as_bytes(), Some("production.a.b"), &Beside::default())),
        ["warning s0201 4:8"]
    );
}

#[test]
fn what_is_broken_is_found_at_its_place() {
    for (text, expected) in [
        ("a: [b\nc: d\n", "error s0201"),
        ("a: b\n c: d\n", "error s0201"),
        ("a: \"b\n", "error s0201"),
        ("a: *x\n", "error s0201 1:4"),
        ("a: &x [*x]\n", "error s0201 1:8"),
        ("? [a]\n: b\nc: d\n", "error s0201 1:3"),
        ("a: {<<: b}\n", "error s0201 1:9"),
        ("a: 1\nb: 2\na: 3\n", "warning s0203 1:1"),
        ("words\n", "warning s0201 1:1"),
    ] {
        let found = found(&read("yaml", text));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{text:?}: {found:?}");
    }
    assert_eq!(told(read("yaml", "a: 1\nb: 2\na: 3\n")), "a=3 b=2");
    assert_eq!(told(read("yaml", b"a: \xff\n")), "S0201 1:4");
}

#[test]
fn aliases_of_aliases_end_in_a_finding() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let line = format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
        bomb.push_str(&line);
    }
    let read = read("yaml", bomb);
    assert!(read.findings.iter().any(|finding| finding.severity == Severity::Error));
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for level in 1..400 {
        writeln!(deep, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert!(laid(crate::formats::read("yaml", deep)).is_err());
}

#[test]
fn utf_16_is_read_when_it_is_marked() {
    let text = "\u{feff}a: ä\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(told(read("yaml", little)), "a=ä");
    assert_eq!(told(read("yaml", big)), "a=ä");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_is_read_back(values in prop::collection::btree_map("[a-z]{1,6}", "[ -~ä\n]{0,12}", 0..6)) {
        let mut text = String::new();
        for (key, value) in &values {
            writeln!(text, "{key}: {}", serde_json::to_string(value).unwrap()).unwrap();
        }
        let expected: Vec<_> = values.into_iter().collect();
        prop_assert_eq!(laid(read("yaml", text)), Ok(expected));
    }
}
