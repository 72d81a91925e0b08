//! The dialect of dotenv files.

use std::fmt::Write as _;

use proptest::prelude::*;
use sternway_config::dotenv::{parse, print};
use sternway_config::resolve::{Resolved, lay};
use sternway_core::finding::{Finding, Place};

/// Keys and values of a file, or what is wrong with it as `code line:column`.
fn read(text: impl AsRef<[u8]>) -> Result<Vec<(String, String)>, Vec<String>> {
    let resolved = lay(&Resolved::default(), vec![("dotenv:x.env".to_owned(), parse(text.as_ref(), "x.env"))]);
    let resolved = resolved.map_err(|findings| findings.iter().map(place).collect::<Vec<_>>())?;
    Ok(resolved.reveal().into_iter().collect())
}

fn place(finding: &Finding) -> String {
    let Place { line, column, .. } = &finding.places[0];
    format!("{} {line}:{column}", finding.code)
}

fn value(text: &str) -> String {
    let values = read(text).unwrap();
    values.into_iter().find(|(key, _)| key == "A").unwrap().1
}

#[test]
fn values_are_read_as_the_dialect_says() {
    for (text, expected) in [
        // Without quotes.
        ("A=b", "b"),
        ("A=", ""),
        ("A= ", ""),
        ("export A=b", "b"),
        ("  export\tA = b c  ", "b c"),
        ("A=b # comment", "b"),
        ("A= # comment", ""),
        ("A=#b", "#b"),
        ("A=b#c", "b#c"),
        ("A=b=c==", "b=c=="),
        ("A=b\\nc", "b\\nc"),
        ("A=C:\\dir", "C:\\dir"),
        ("A=it's", "it's"),
        ("A=b\"c\"", "b\"c\""),
        ("A=`b`", "`b`"),
        ("A=grüße", "grüße"),
        ("A=b\r\nB=c\r\n", "b"),
        ("\u{feff}A=b", "b"),
        ("# c\n\n   # c\n\t\nA=b\n", "b"),
        // Single quotes.
        ("A='b $B \\n \"c\" # d'", "b $B \\n \"c\" # d"),
        ("A=''", ""),
        ("A='b\nc' # comment", "b\nc"),
        // Double quotes.
        (r#"A="b\n\r\t\"\\\$c""#, "b\n\r\t\"\\$c"),
        (r#"A="b\dc\'""#, r"b\dc\'"),
        ("A=\"-----BEGIN-----\nabc\n-----END-----\"\nB=c", "-----BEGIN-----\nabc\n-----END-----"),
        ("A=\"b\r\nc\"", "b\nc"),
        ("A=\"  b # c  \"#d", "  b # c  "),
        ("A=\"\"", ""),
        ("export=1\nA=b", "b"),
        // References.
        ("B=c\nA=$B", "c"),
        ("B=c\nA=x${B}y$B-$B", "xcyc-c"),
        ("B=c\nA=\"x $B ${B}\"", "x c c"),
        ("B=c\nA='$B'", "$B"),
        ("B=c\nA=\\$B", "$B"),
        ("B=c\nA=\"\\$B\"", "$B"),
        ("A=${B:-d e}", "d e"),
        ("B=\nA=${B:-d}", "d"),
        ("B=\nA=${B-d}", ""),
        ("A=${B-d}", "d"),
        ("B=c\nA=${B:-d}", "c"),
        ("A=${B:-${C:-d}}", "d"),
        ("A=${B:-a #b}c", "a #bc"),
        ("A=\"${B:-\\\"q\\\"}\"", "\"q\""),
        ("C=d\nA=\"${B:-\n$C}\"", "\nd"),
        ("A=5$", "5$"),
        ("A=$5", "$5"),
        ("A=$$", "$$"),
        ("A=\"$ \"", "$ "),
        ("B=c\nA=$B\nB=d", "c"),
        ("B=c\nA=$B ", "c"),
        ("A=b\nA=${A}c", "bc"),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named_by_its_place() {
    for (text, expected) in [
        ("A", "S0201 1:2"),
        ("A: b", "S0201 1:4"),
        ("export A", "S0201 1:9"),
        ("export", "S0201 1:7"),
        ("ok=1\n  MIIEvQIBADAN", "S0201 2:15"),
        ("=b", "S0201 1:1"),
        ("1A=b", "S0201 1:1"),
        ("A-B=c", "S0201 1:1"),
        ("Ä=c", "S0201 1:1"),
        ("A=\"b", "S0201 1:3"),
        ("ü='b\nA=c", "S0201 1:1"),
        ("A='b\nc", "S0201 1:3"),
        ("A=\"b\"c", "S0201 1:6"),
        ("A='b' c", "S0201 1:7"),
        ("A=x${B", "S0201 1:4"),
        ("A=${B:-c", "S0201 1:3"),
        ("A=${B:?c}", "S0201 1:3"),
        ("A=${}", "S0201 1:3"),
        ("A=${1}", "S0201 1:3"),
        ("A=b\0", "S0201 1:4"),
        ("A='\0'", "S0201 1:4"),
        ("A=b$C", "S0205 1:4"),
        ("A=\"\n ${C}\"", "S0205 2:2"),
    ] {
        let found = read(text).unwrap_err();
        assert_eq!(found[0], expected, "{text:?}: {found:?}");
    }
    assert_eq!(read(b"A=b\nC=\xff").unwrap_err(), ["S0201 2:3"]);
}

#[test]
fn one_bad_line_does_not_hide_the_next() {
    let text = "A\nB=1\nC=\"open\n1D=x\nE=$NO\nF=$E\n";
    assert_eq!(read(text).unwrap_err(), ["S0201 1:2", "S0201 3:3", "S0201 4:1", "S0205 5:3"]);
}

#[test]
fn a_key_that_is_set_twice_is_a_warning() {
    let read = parse(b"A=1\nB=2\nA=3", "x.env");
    let [finding] = &read.findings[..] else { panic!("{:?}", read.findings) };
    assert_eq!((finding.code.as_str(), finding.subject.as_str()), ("S0203", "A"));
    let lines: Vec<_> = finding.places.iter().map(|place| place.line).collect();
    assert_eq!(lines, [1, 3]);
    assert_eq!(value("A=1\nA=3"), "3");
}

#[test]
fn defaults_are_bounded_in_depth_and_values_in_length() {
    let deep = format!("A={}x{}", "${B:-".repeat(9), "}".repeat(9));
    assert_eq!(read(deep).unwrap_err()[0], "S0201 1:43");
    let endless = "${B:-".repeat(100_000);
    assert!(read(format!("A={endless}")).is_err());
    let mut doubling = "K0=xxxxxxxx\n".to_owned();
    for index in 1..60 {
        writeln!(doubling, "K{index}=$K{0}$K{0}", index - 1).unwrap();
    }
    assert_eq!(read(doubling).unwrap_err()[0], "S0206 15:1");
}

#[test]
fn no_finding_quotes_a_line() {
    for text in [
        "s3cret",
        "s3cret/x==",
        "A='s3cret",
        "A=\"s3cret",
        "A=\"x\"s3cret",
        "A=pa$s3cret",
        "A=${s3cret",
        "A=${x:?s3cret}",
        "A=s3cret\0",
    ] {
        let text = text.replace("s3cret", "hidden_word");
        let findings = lay(&Resolved::default(), vec![("x".to_owned(), parse(text.as_bytes(), "x.env"))]).unwrap_err();
        assert!(!format!("{findings:?}").contains("hidden"), "{findings:?}");
    }
    let read = parse(b"A=hidden\nB=pa$hidden", "x.env");
    assert!(!format!("{read:?}").contains("hidden"), "{read:?}");
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(
        pairs in prop::collection::btree_map("[A-OQ-RT-Za-z_][A-Za-z0-9_]{0,8}", "([^\0]|[ \n\r\t\"'\\\\$#{}=]){0,24}", 0..8)
    ) {
        let text = print(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let expected: Vec<_> = pairs.into_iter().collect();
        prop_assert_eq!(read(&text), Ok(expected), "{}", text);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(bytes);
    }

    #[test]
    fn no_text_of_the_dialect_makes_it_panic(text in "([A-C=$\\{\\}:\\-\"'\\\\# \n\r\u{e4}\0]|export ){0,60}") {
        let parsed = parse(text.as_bytes(), "x.env");
        let lines = u32::try_from(text.lines().count()).unwrap() + 1;
        for finding in &parsed.findings {
            prop_assert!(finding.places.iter().all(|place| place.line >= 1 && place.line <= lines));
        }
        let _ = read(text);
    }
}
