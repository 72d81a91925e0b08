//! JSON and JSON5.

use proptest::prelude::*;

use crate::formats::{Beside, found, laid, places, read, read_with, table, told};

#[test]
fn values_of_json_become_paths() {
    table(
        "json",
        &[
            (
                r#"{"a": "b", "c": {"d": [1, 2.50, -3e5, true, null]}}"#,
                "a=b c.d.0=1 c.d.1=2.50 c.d.2=-3e5 c.d.3=true c.d.4=",
            ),
            (r#"{"a": {}, "b": [], "c": ""}"#, "a= b= c="),
            (r#"{"a": "\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"}"#, "a=\"\\/\u{8}\u{c}|\r\tä😀"),
            (r#"[{"a": 1}]"#, "0.a=1"),
            ("{}", ""),
            (" [ ] ", ""),
        ],
    );
    assert_eq!(places(&read("json", "{\"ä\": 1,\n\t\"b\": [\n {\"c\": 2}]}")), ["ä 1:2", "b.0.c 3:3"]);
    assert_eq!(told(read_with("json", br#"{"a":{"b":{"c":1}}}"#, Some("a.b"), &Beside::default())), "c=1");
}

#[test]
fn broken_json_is_found_at_its_place() {
    for (text, expected) in [
        ("", "error s0201 1:1"),
        ("{", "error s0201 1:2"),
        ("{\"a\" 1}", "error s0201 1:6"),
        ("{\"a\": 1,}", "error s0201 1:9"),
        ("[1,]", "error s0201 1:4"),
        ("[1 2]", "error s0201 1:4"),
        ("{a: 1}", "error s0201 1:2"),
        ("{\"a\": 'b'}", "error s0201 1:7"),
        ("{\"a\": yes}", "error s0201 1:7"),
        ("{\"a\": 01}", "error s0201 1:7"),
        ("{\"a\": 1.}", "error s0201 1:7"),
        ("{\"a\": .5}", "error s0201 1:7"),
        ("{\"a\": +1}", "error s0201 1:7"),
        ("{\"a\": \"b\n\"}", "error s0201 1:9"),
        ("{\"a\": \"b", "error s0201 1:7"),
        ("{\"a\": \"\\x\"}", "error s0201 1:9"),
        ("{\"a\": \"\\ud83d\"}", "error s0201 1:10"),
        ("{\"a\": \"\\u12\"}", "error s0201 1:12"),
        ("{\"a\": 1} {}", "error s0201 1:10"),
        ("// c\n{}", "error s0201 1:1"),
        ("\u{feff}{\"a\": 1}", "warning s0201 1:1"),
        ("{\"a\": 1, \"b\": 2, \"a\": 3}", "warning s0203 1:2"),
        ("\"a\"", "warning s0201 1:1"),
    ] {
        assert_eq!(found(&read("json", text)), [expected], "{text:?}");
    }
    assert_eq!(told(read("json", "{\"a\": {\"x\": 1}, \"a\": {\"y\": 2}}")), "a.y=2");
}

#[test]
fn json5_knows_more() {
    table(
        "json5",
        &[
            ("// c\n{a: 'b', /* c */ $c_1: \"d\",}", "$c_1=d a=b"),
            (
                "{a: [1, 0x1F, +2, .5, 5., -Infinity, NaN, 1e3,],}",
                "a.0=1 a.1=31 a.2=2 a.3=0.5 a.4=5 a.5=-Infinity a.6=NaN a.7=1e3",
            ),
            ("{a: 'it\\'s \\x41\\v\\\nx \"q\"'}", "a=it's A\u{b}x \"q\""),
            ("{\\u0061b: 'c\\d'}", "ab=cd"),
            ("\u{feff}{ä: 1}", "ä=1"),
        ],
    );
    for text in ["{a: b}", "{1a: 1}", "{a: 010}", "{a: 0x}", "{a: /* c", "{a: 'b\n'}", "{a: .}", "{a: 1 b: 2}", "{,}"] {
        assert_eq!(found(&read("json5", text)).len(), 1, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_is_read_back(values in prop::collection::btree_map("\\PC{1,6}", "\\PC{0,12}|[\0-\u{1f}\"\\\\]{0,4}", 0..6)) {
        let text = serde_json::to_string_pretty(&values).unwrap();
        let expected: Vec<_> = values.into_iter().filter(|(key, _)| key != "PORT").collect();
        prop_assert_eq!(laid(read("json", &text)), Ok(expected.clone()));
        prop_assert_eq!(laid(read("json5", &text)), Ok(expected));
    }
}
