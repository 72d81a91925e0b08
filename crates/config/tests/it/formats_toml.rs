//! TOML.

use crate::formats::{Beside, found, places, read, read_with, table, told};

#[test]
fn values_of_toml_become_paths() {
    table(
        "toml",
        &[
            ("a = \"b\"\n[c]\nd.e = 1_000\nf = 0x1F\n", "a=b c.d.e=1000 c.f=31"),
            ("a = [1.5, true, 1979-05-27T07:32:00Z, {b = 'c'}]", "a.0=1.5 a.1=true a.2=1979-05-27T07:32:00Z a.3.b=c"),
            ("[[a]]\nb = 1\n[[a]]\nb = 2\n", "a.0.b=1 a.1.b=2"),
            ("a = \"\"\"\nx\\\n  y\\t\"\"\"\nb = '''x\ny'''", "a=xy\t b=x|y"),
            ("\"a b\" = ''\n[d]\n", "a b= d="),
            ("", ""),
        ],
    );
    assert_eq!(
        places(&read("toml", "'ä' = 1\n  ö = 2\n[b]\n c = {d = 1}".replace('ö', "o"))),
        ["ä 1:1", "o 2:3", "b.c.d 4:7"]
    );
    assert_eq!(told(read_with("toml", b"[a.b]\nc = 1", Some("a.b"), &Beside::default())), "c=1");
    for (text, expected) in [
        ("a = b", "error s0201 1:5"),
        ("a = 1\na = 2", "error s0201 2:1"),
        ("a = 'b\nc = 1", "error s0201 1:"),
        ("[a\nb = 1", "error s0201 1:"),
    ] {
        let found = found(&read("toml", text));
        assert!(found[0].starts_with(expected), "{text:?}: {found:?}");
    }
    let two = found(&read("toml", "a = b\nc = 1\nd = e\n"));
    assert_eq!(two, ["error s0201 1:5", "error s0201 3:5"]);
}
