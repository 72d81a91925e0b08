//! The dialects of dotenv. What each tool makes of the same line differs; the tables are what the tools themselves answered, where they ran.

use crate::formats::{found, places, read, table, told};

const DIALECTS: [&str; 7] =
    ["dotenv-compose", "dotenv-docker", "dotenv-node", "dotenv-php", "dotenv-symfony", "dotenv-python", "dotenv-ruby"];

/// One line, and what each dialect makes of it, in the order of [`DIALECTS`].
fn across(text: &str, expected: [&str; 7]) {
    for (kind, expected) in DIALECTS.into_iter().zip(expected) {
        assert_eq!(told(read(kind, text)), expected, "{kind}: {text:?}");
    }
}

#[test]
fn one_line_means_different_things_to_different_tools() {
    across("A=b", ["A=b"; 7]);
    across("# c\n\nA=b=c\n", ["A=b=c"; 7]);
    across("A=b#c", ["A=b#c", "A=b#c", "A=b", "A=b", "A=b#c", "A=b#c", "A=b"]);
    across("A=b # c", ["A=b", "A=b # c", "A=b", "A=b", "A=b", "A=b", "A=b"]);
    across("A='b'", ["A=b", "A='b'", "A=b", "A=b", "A=b", "A=b", "A=b"]);
    across("A=`b`", ["A=`b`", "A=`b`", "A=b", "A=`b`", "A=`b`", "A=`b`", "A=`b`"]);
    across("A=\"b\\nc\"", ["A=b|c", "A=\"b\\nc\"", "A=b|c", "A=b|c", "A=b|c", "A=b|c", "A=b\\nc"]);
    across("B=x\nA=$B", ["A=x B=x", "A=$B B=x", "A=$B B=x", "A=$B B=x", "A=x B=x", "A=$B B=x", "A=x B=x"]);
    across("B=x\nA=${B}", ["A=x B=x", "A=${B} B=x", "A=${B} B=x", "A=x B=x", "A=x B=x", "A=x B=x", "A=x B=x"]);
    across(
        "B=x\nA='${B}'",
        ["A=${B} B=x", "A='${B}' B=x", "A=${B} B=x", "A=${B} B=x", "A=${B} B=x", "A=x B=x", "A=${B} B=x"],
    );
    across("A=${B}", ["A=?", "A=${B}", "A=${B}", "A=?", "A=?", "A=?", "A=?"]);
    // The gem takes `${B` as the reference, and the rest as text: unknown, too.
    across("A=${B:-c}", ["A=c", "A=${B:-c}", "A=${B:-c}", "A=${B:-c}", "A=c", "A=c", "A=?"]);
    across("A: b", ["A=b", "S0201 1:3", "A=b", "S0201 1:1", "S0201 1:2", "", "A=b"]);
    across("A = b", ["A=b", "S0201 1:2", "A=b", "A=b", "S0201 1:2", "A=b", "A=b"]);
    across("A=b c", ["A=b c", "A=b c", "A=b c", "S0201 1:5", "S0201 1:4", "A=b c", "A=b c"]);
    across("A", ["A=?", "A=?", "", "", "S0201 1:2", "", ""]);
    across("A=$(date)", ["A=$(date)", "A=$(date)", "A=$(date)", "A=$(date)", "A=?", "A=$(date)", "A=?"]);
    across("A=\"b", ["S0201 1:3", "A=\"b", "A=\"b", "S0201 1:1", "S0201 1:3", "", "A=\"b"]);
    across("A=it's", ["A=it's", "A=it's", "A=it's", "A=it's", "S0201 1:5", "A=it's", "A=it's"]);
    across("A=\u{e4}\r\nB=c\r\n", ["A=\u{e4} B=c"; 7]);
}

#[test]
fn compose() {
    table(
        "dotenv-compose",
        &[
            ("export A=b\nB-C.d[0]=e", "A=b B-C.d[0]=e"),
            ("A='b\\'c\\n'\nB='x\ny'", "A=b'c\\n B=x|y"),
            (r#"A="\a\t\"\\\$B\0101\x""#, "A=\u{7}\t\"\\$BA\\x"),
            ("A=b\t#c\nB= # c\nC=", "A=b\t#c B=# c C="),
            ("A=$$B ${B-x} ${B:-y${C:-z}}", "A=$B x yz"),
            ("B=\nA=${B-x}|${B:-x}|${B+x}|${B:+x}|", "A=|x|x|| B="),
            ("B=b\nA=${B+x}${B:+${B}y}", "A=xby B=b"),
            ("A=a$5$ b", "A=a$5$ b"),
            ("A=\"b\" B=c", "A=b B=c"),
            ("A=${B:?no}", "S0205 1:3"),
            ("A=${5}", "S0201 1:3"),
            ("A=${B!c}", "S0201 1:3"),
            ("A=${B:-c", "S0201 1:3"),
            ("A b=c", "S0201 1:2"),
            ("A/b=c", "S0201 1:2"),
            ("\u{feff}A=b", "A=b"),
        ],
    );
    assert_eq!(places(&read("dotenv-compose", "\n export A=b\nC=\"x\ny\"\nD: e")), ["A 2:9", "C 3:1", "D 5:1"]);
    assert_eq!(
        found(&read("dotenv-compose", "A=\"b\nB c\nC=d\nC=e")),
        ["error s0201 1:3", "error s0201 2:2", "warning s0203 3:1"]
    );
}

#[test]
fn docker() {
    table(
        "dotenv-docker",
        &[
            ("  A= b \n#c\nspring.x=\"y\"", "A= b  spring.x=\"y\""),
            ("=b", "S0201 1:1"),
            ("A =b", "S0201 1:2"),
            ("export A=b", "S0201 1:7"),
            ("A=b\0", "S0201 1:4"),
        ],
    );
    let long = format!("A={}\nB=c", "x".repeat(70_000));
    assert_eq!(found(&read("dotenv-docker", long)), ["error s0201 1:1"]);
    assert_eq!(places(&read("dotenv-docker", " \tÄ=b\nC")), ["Ä 1:3", "C 2:1"]);
}

#[test]
fn node() {
    table(
        "dotenv-node",
        &[
            ("export A=b\nB.c-d=e", "A=b B.c-d=e"),
            ("A='b' 'c'\nB=\"b\" c", "A=b' 'c B=\"b\" c"),
            ("A='it\\'s'\nB=\"a\\\"b\"", "A=it\\'s B=a\\\"b"),
            ("A=\"b\nc\" # d\nE=`f\n'g'`", "A=b|c E=f|'g'"),
            ("A=\nB=c", "A= B=c"),
            ("A\n=b", "A=b"),
            ("A=\n\"b\"", "A=b"),
        ],
    );
    assert_eq!(found(&read("dotenv-node", "A=b\n  words here\nC=d")), ["warning s0201 2:3"]);
    assert_eq!(places(&read("dotenv-node", "\n export A=b\nC='x\ny'\nD=e")), ["A 2:9", "C 3:1", "D 5:1"]);
    assert_eq!(found(&read("dotenv-node", "A=b\nA=c")), ["warning s0203 1:1"]);
}

#[test]
fn php() {
    table(
        "dotenv-php",
        &[
            ("export AB=b\n'C'=d\nE.f=g", "AB=b C=d E.f=g"),
            (r#"A="b\"c\\\$\t""#, "A=b\"c\\$\t"),
            ("A=\"b\nc\"\nD=e", "A=b|c D=e"),
            ("A='b\nc'", "S0201 1:3, S0201 2:1"),
            ("A=\"\\x\"", "S0201 1:4"),
            ("A=\"b\"c", "S0201 1:6"),
            ("A-B=c", "S0201 1:1"),
            // The library's own oddity: `export` counts before names of two letters and more.
            ("export A=b", "S0201 1:1"),
            ("B=x\nA=\"a${B}c\\${B}\"", "A=axc${B} B=x"),
            ("B=C\nCC=x\nA=${C${B}}", "A=? B=C CC=x"),
            ("B=x\nA=$B${}${B", "A=$B${}${B B=x"),
            ("# it's \"x\nA=\"b\"", "A=b"),
            ("# A=\"x\nA=b\n\"\nC=d", "C=d"),
            ("A=b\nA", ""),
        ],
    );
    assert_eq!(places(&read("dotenv-php", "\n export ÄB=b\n'AB' = c\nC=\"\n\"\nD=e")), ["AB 3:2", "C 4:1", "D 6:1"]);
}

#[test]
fn symfony() {
    table(
        "dotenv-symfony",
        &[
            ("export A=b\n_B1=c", "A=b _B1=c"),
            ("A='b'\"c\"d", "A=bcd"),
            ("A='b\nc'", "A=b|c"),
            (r#"A="b\"c\n\$B \\""#, "A=b\"c|$B \\"),
            ("A=#b\nB=b #c\nC=", "A= B=b C="),
            ("B=x\nA=\"${B}y $B\"", "A=xy x B=x"),
            ("A=${B:=x}\nC=$B", "A=x B=x C=x"),
            ("B=\nA=${B:-x}", "A=x B="),
            ("B=b\nA=${B:=x}", "A=b B=b"),
            ("A=\\$B\nC=$$", "A=$B C=$$"),
            ("B=x y\n", "S0201 1:4"),
            ("B=x\nA=$B y", "A=x y B=x"),
            ("A= b", "S0201 1:3"),
            ("1A=b", "S0201 1:1"),
            ("A=${B", "S0201 1:3"),
            ("B=1\nA=\"${C:-{}\"", "S0201 2:9"),
            ("A=\"$(x)\"\nB='$(x)'\nC=\\$(x)", "A=? B=$(x) C=$(x)"),
            ("A=$(x", "S0201 1:3"),
        ],
    );
    assert_eq!(places(&read("dotenv-symfony", "\n export A=b\nC='x\ny'\nD=e")), ["A 2:9", "C 3:1", "D 5:1"]);
    assert_eq!(found(&read("dotenv-symfony", "\u{feff}A=b")), ["error s0201 1:1"]);
}

#[test]
fn python() {
    table(
        "dotenv-python",
        &[
            ("export A=b\n'B c'=d\nE-f=g", "A=b B c=d E-f=g"),
            ("A='b\\'c\\\\\\n'", "A=b'c\\\\n"),
            (r#"A="\a\"\'\t\x""#, "A=\u{7}\"'\t\\x"),
            ("A=b\\n # c\nB= #c\nC=#c", "A=b\\n B= C=#c"),
            ("A=\"b\nc\" # d\nE=f", "A=b|c E=f"),
            ("B=\nA=${B:-x}", "A= B="),
            ("A=${B:-${C}}", "A=${C}"),
            ("A=${B:x}${", "A=${B:x}${"),
            ("A=b\nA\nB=c", "B=c"),
        ],
    );
    assert_eq!(places(&read("dotenv-python", "\n export A=b\nC='x\ny'\nD=e")), ["A 2:9", "C 3:1", "D 5:1"]);
    assert_eq!(
        found(&read("dotenv-python", "A='b'c\n\nC='d'e\nF")),
        ["warning s0201 1:1", "warning s0201 3:1", "note s0201 4:1"]
    );
}

#[test]
fn ruby() {
    table(
        "dotenv-ruby",
        &[
            ("export A=b\nB.c: d", "A=b B.c=d"),
            ("A=b\\c\\$D", "A=bc$D"),
            ("B=x\nA=${B}y$B-${B", "A=xyx-x B=x"),
            ("B=x\nA=\\$B\\${B}", "A=$B${B} B=x"),
            ("DOTENV_LINEBREAK_MODE=legacy\nA=\"b\\nc\"", "A=b|c DOTENV_LINEBREAK_MODE=legacy"),
            ("A=\\$(x)\nB='$(x)'\nC=$()", "A=$(x) B=$(x) C=$()"),
            ("A=\"b\nc\"", "A=b|c"),
            ("export A\nA=b", "A=b"),
            ("export A", "S0201 1:1"),
        ],
    );
    assert_eq!(places(&read("dotenv-ruby", "\n export A=b\nC='x\ny'\nD: e")), ["A 2:9", "C 3:1", "D 5:1"]);
    assert_eq!(found(&read("dotenv-ruby", "A=b\nwords")), ["warning s0201 2:1"]);
}

#[test]
fn other_encodings_are_faults_at_their_place() {
    for kind in DIALECTS {
        assert_eq!(found(&read(kind, b"A=b\nC=\xff")), ["error s0201 2:3"], "{kind}");
    }
}
