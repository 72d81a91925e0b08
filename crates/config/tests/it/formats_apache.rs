//! Apache configuration.

use sternway_config::formats::format;
use sternway_config::source::{Input, Read};

use crate::formats::{Beside, found, places, read, told};

/// What the file, the first one, says with the others beside it.
fn apache(part: Option<&str>, files: &[(&str, &str)]) -> Read {
    let beside = Beside::of(&files[1..]);
    let (file, text) = files[0];
    (format("apache").unwrap().read)(&Input { bytes: text.as_bytes(), file, part, files: &beside })
}

#[test]
fn lines_are_what_apache_makes_of_them() {
    for (text, expected) in [
        ("SetEnv A b\n# SetEnv C d\n  setenv E \"f g\"", "A=b E=f g"),
        ("SetEnv A", "A="),
        ("SetEnv A \"b \\\" \\\\ \\n\"", "A=b \" \\ \\n"),
        ("SetEnv A 'b \"c\"'", "A=b \"c\""),
        ("SetEnv A b#c", "A=b#c"),
        ("SetEnv A \\\n  b", "A=b"),
        ("PassEnv A B\nUnsetEnv A", "B=?"),
        ("SetEnv A 1\nSetEnvIf Host x A=2 C !D\nSetEnv D 3", "A=? C=? D=3"),
        ("BrowserMatch x y=1", "y=?"),
        ("php_value a.b c\nphp_flag d On\nphp_admin_flag e off\nphp_value f none", "a.b=c d=1 e=0 f="),
        ("Define X y\nSetEnv A ${X}z\nSetEnv B ${Y}", "A=yz B=?"),
        ("Define X\n<IfDefine X>\nSetEnv A 1\n</IfDefine>\n<IfDefine !X>\nSetEnv B 1\n</IfDefine>", "A=1"),
        ("<IfDefine X>\nSetEnv A 1\n</IfDefine>", "A=?"),
        ("SetEnv A 1\n<IfModule mod_x.c>\nUnsetEnv A\nSetEnv B 1\n</IfModule>", "A=? B=?"),
        ("<IfModule mod_env.c>\nSetEnv A 1\n</IfModule>", "A=1"),
        ("<Directory \"/srv/x y\">\nSetEnv A 1\n</Directory>\n<Files x>\nSetEnv B 1\n</Files>", "A=1 B=?"),
        ("SetEnv A b c", "S0201 1:1"),
        ("<Directory /x>", "S0201 0:0"),
        ("</Directory>", "S0201 1:1"),
    ] {
        assert_eq!(told(read("apache", text)), expected, "{text}");
    }
    assert_eq!(places(&read("apache", "\n  SetEnv A b\n")), ["A 2:3"]);
    assert_eq!(found(&read("apache", "SetEnv A b\nSetEnv A c")), ["warning s0203 1:1"]);
}

#[test]
fn virtual_hosts_are_named() {
    let text = "<VirtualHost *:443>\nSetEnv A shop\nServerName shop.example:443\nServerAlias www.shop.example\n</VirtualHost>\n<VirtualHost *:443>\nServerName api.example\nSetEnv A api\n</VirtualHost>\n<VirtualHost *:80>\nServerName old.example\n</VirtualHost>\nSetEnv A outside\nSetEnv B outside\n";
    let files = [("apache.conf", text)];
    assert_eq!(told(apache(Some("www.shop.example"), &files)), "A=shop B=outside");
    assert_eq!(told(apache(Some("api.example"), &files)), "A=api B=outside");
    assert_eq!(told(apache(Some("old.example"), &files)), "A=outside B=outside");
    let read = apache(None, &files);
    assert_eq!(found(&read), ["error s0245 0:0"]);
    assert!(read.findings[0].message.contains("`api.example`, `shop.example`"), "{}", read.findings[0].message);
    assert_eq!(found(&apache(Some("none"), &files)), ["error s0245 0:0"]);
}

#[test]
fn included_files_are_read() {
    let files = [
        ("etc/apache2/sites-enabled/shop.conf", "Include conf-enabled/*.conf\nIncludeOptional none\nSetEnv B 2"),
        ("etc/apache2/conf-enabled/a.conf", "SetEnv A 1"),
    ];
    assert_eq!(told(apache(None, &files)), "A=1 B=2");
    assert!(apache(None, &files).findings.is_empty());
    assert_eq!(found(&apache(None, &[("a", "Include none.conf")])), ["warning s0201 1:1"]);
    assert_eq!(found(&apache(None, &[("a", "Include b"), ("b", "Include b")])), ["error s0201 1:1"]);
}
