//! systemd units.

use sternway_config::formats::format;
use sternway_config::source::{Input, Read};

use crate::formats::{Beside, found, places, read, told};

/// What the unit, the first file, says with the others beside it.
fn systemd(files: &[(&str, &str)]) -> Read {
    let beside = Beside::of(&files[1..]);
    let (file, text) = files[0];
    (format("systemd").unwrap().read)(&Input { bytes: text.as_bytes(), file, part: None, files: &beside })
}

#[test]
fn environment_is_split_and_unquoted_as_systemd_does() {
    for (line, expected) in [
        // The examples of systemd.exec(5) and systemd.service(5).
        ("\"VAR1=word1 word2\" VAR2=word3 \"VAR3=$word 5 6\"", "VAR1=word1 word2 VAR2=word3 VAR3=$word 5 6"),
        ("\"ONE=one\" 'TWO=two two' THREE=", "ONE=one THREE= TWO=two two"),
        ("A=a\\x20b\\tc\\\\\\\"\\'\\s\\101", "A=a b\tc\\\"' A"),
        ("A=\"b c\"d'e f'", "A=b cde f"),
        ("A='a\\nb'", "A=a|b"),
        ("A=\\u00e4", "A=ä"),
        ("A=100%% B=%%i", "A=100% B=%i"),
        ("A=%i B=x%h C=50%", "A=? B=? C=50%"),
        ("A=1 B=\\q C=3", "A=1"),
        ("A=1 \"B=2 C=3", "A=1"),
        ("A=1 noequals 1B=2 C-D=3 E=4", "A=1 E=4"),
        ("A=#x ;y=z B=1 # c", "A=#x B=1"),
        ("A=1 \\\n  B=2 \\\n# comment\n; comment\n  C=3\\\n\nEnvironment=D=4", "A=1 B=2 C=3 D=4"),
        ("A=1\nEnvironment=\nEnvironment=B=2", "B=2"),
        ("A=1\nEnvironment=A=2", "A=2"),
        ("A=${B} B=$C", "A=${B} B=$C"),
        ("A=a=b", "A=a=b"),
    ] {
        assert_eq!(told(read("systemd", format!("[Service]\nEnvironment={line}\n"))), expected, "{line}");
    }
    let text = "[Unit]\nEnvironment=A=1\n[Service]\n Environment = B=2 \"C=3 4\"\nUser=x\n[Install]\nEnvironment=D=1\n";
    assert_eq!(told(read("systemd", text)), "B=2 C=3 4");
    assert_eq!(places(&read("systemd", text)), ["B 4:16", "C 4:20"]);
    for (text, expected) in [
        ("[Service]\nEnvironment=A=1 x", "warning s0201 2:17"),
        ("[Service]\nEnvironment=A=1 'x", "warning s0201 2:17"),
        ("[Service]\nEnvironment=A=\\q", "warning s0201 2:15"),
        ("[Service]\nEnvironment=A=1 A=2", "warning s0203 2:13"),
        ("A=1", "warning s0201 1:1"),
        ("[Service]\nA", "warning s0201 2:1"),
        ("[Service", "error s0201 1:1"),
    ] {
        assert_eq!(found(&read("systemd", text)), [expected], "{text}");
    }
}

#[test]
fn drop_ins_are_laid_over_the_unit() {
    let unit = ("deploy/web-shop@.service", "[Service]\nEnvironment=A=unit B=unit\nEnvironment=C=unit\n");
    let own = ("deploy/web-shop@.service.d/20-b.conf", "[Service]\nEnvironment=B=20\n");
    let first = ("deploy/web-shop@.service.d/10-a.conf", "[Service]\nEnvironment=B=10 D=10\n");
    let prefix = ("deploy/web-.service.d/15-p.conf", "[Service]\nEnvironment=D=15 E=15\n");
    let masked = ("deploy/service.d/10-a.conf", "[Service]\nEnvironment=F=no\n");
    let other = ("deploy/web-shop@.service.d/30.txt", "[Service]\nEnvironment=G=no\n");
    assert_eq!(told(systemd(&[unit, own, first, prefix, masked, other])), "A=unit B=20 C=unit D=15 E=15");
    let instance = ("deploy/web-shop@eu.service", "[Service]\nEnvironment=A=1 B=1\n");
    assert_eq!(told(systemd(&[instance, own])), "A=1 B=20");
    let reset = ("deploy/web-shop@.service.d/x.conf", "[Service]\nEnvironment=\nEnvironment=Z=1\n");
    let read = systemd(&[unit, reset]);
    assert_eq!(read.assignments[0].place.file, "deploy/web-shop@.service.d/x.conf");
    assert_eq!(told(read), "Z=1");
}

#[test]
fn environment_files_win_and_what_is_unset_goes() {
    let unit = "[Service]\nEnvironmentFile=/etc/shop/env\nEnvironmentFile=-/etc/shop/none\nEnvironment=A=unit B=unit U=1 V=1 W=%i\nPassEnvironment=LANG B\nUnsetEnvironment=U V=2 W=x\n";
    let at = "host/etc/systemd/system/web.service";
    let env = ("host/etc/shop/env", "A=file\nF='x'\n");
    let read = systemd(&[(at, unit), env]);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    assert_eq!(told(read), "A=file B=unit F=x LANG=? V=1 W=?");
    assert_eq!(found(&systemd(&[(at, unit)])), ["error s0201 2:1"]);
    // Outside of a copy of the host's folders, nobody knows.
    assert_eq!(found(&systemd(&[("web.service", unit), env])), ["note s0201 2:1", "note s0201 3:1"]);
    let glob = "[Service]\nEnvironmentFile=/etc/shop/*.env\n";
    let files = [(at, glob), ("host/etc/shop/b.env", "A=b"), ("host/etc/shop/a.env", "A=a"), env];
    assert_eq!(told(systemd(&files)), "A=b");
    for path in ["etc/shop/env", "/etc/%i/env"] {
        assert_eq!(
            found(&systemd(&[(at, &format!("[Service]\nEnvironmentFile={path}\n"))])),
            ["warning s0201 2:1"],
            "{path}"
        );
    }
}

#[test]
fn environment_files_are_read_as_systemd_does() {
    // What systemd 252 makes of the same file, by its generator for environment.d, but for `$`, which means nothing here.
    for (text, expected) in [
        ("A=b c \nB=\"x y\" # z\n", "A=b c B=x y# z"),
        ("# c\n; c\n  A = b\n\nB='x\ny'z\n", "A=b B=x|yz"),
        ("A=b # c\nB=\n", "A=b # c B="),
        ("A=\"a\\\"b\\\\c\\$d\\n\\`\"\n", "A=a\"b\\c$d\\n`"),
        ("A='a\\'\nB=1\n", "A=a\\ B=1"),
        ("A=a\\nb\\ \nB=a\\\nb\n", "A=anb  B=ab"),
        ("A='x''y'\"z\"w\n", "A=xyzw"),
        ("A=x'y'\n", "A=x'y'"),
        ("# c \\\nA=1\nB=2", "B=2"),
        ("A=\"open\nB=1\n", "A=open|B=1|"),
        ("export A=1\nB=2\nC\n", "B=2"),
        ("A=\"x\\\ny\"\r\nB=${A}$A\r\n", "A=xy B=${A}$A"),
        ("A=1=2\n", "A=1=2"),
    ] {
        let unit = ("etc/systemd/system/x.service", "[Service]\nEnvironmentFile=/x\n");
        assert_eq!(told(systemd(&[unit, ("x", text)])), expected, "{text:?}");
    }
}
