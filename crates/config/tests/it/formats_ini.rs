//! php.ini and INI files.

use crate::formats::{found, places, read, table};

#[test]
fn values_of_php_are_what_its_own_scanner_makes_of_them() {
    // What `parse_ini_string` of PHP 8.2 answers.
    table(
        "php-ini",
        &[
            ("a=b", "a=b"),
            (" a = b c ", "a=b c"),
            ("a=on\nb=Yes\nc=TRUE ; x", "a=1 b=1 c=1"),
            ("a=off\nb=None\nc=null\nd=no\ne=false", "a= b= c= d= e="),
            ("a=\"on\"\nb=nothing\nc=yes1", "a=on b=nothing c=yes1"),
            ("a=1|2\nb=!1\nc=~1\nd=(1|2)&3\ne= ~1&3\nf=!0|2", "a=3 b=0 c=-2 d=3 e=2 f=3"),
            ("a=E_ALL & ~E_NOTICE\nb=E_ALL", "a=32759 b=32767"),
            ("a=E_ALL & ~E_DEPRECATED & ~E_STRICT", "a=22527"),
            ("a=E_ALL & ~(E_NOTICE|E_STRICT)\nb=E_ALL ^ E_NOTICE", "a=30711 b=32759"),
            ("a=b&c\nb=3|b\nc=\"1\"|2\nd=12abc|1\ne=1 2|4\nf=0x10|0\ng=-1|0", "a=0 b=3 c=3 d=13 e=5 f=0 g=-1"),
            ("a=E_ALL x\nb=1 | E_WARNING", "a=32767 x b=3"),
            ("a=b;c\nb=b ; c\nc=\"b;c\"\nd=;x\ne= ;x", "a=b b=b c=b;c d= e="),
            (r#"a="b\"c""#, "a=b\"c"),
            (r#"a="b\\c\nd\'e\$f""#, r"a=b\c\nd\'e$f"),
            (r#"a="C:\x\y\""#, r"a=C:\x\y\"),
            ("a=\"C:\\x\\\"\nb=1", "a=C:\\x\\ b=1"),
            (r#"a="a\\" ; c"#, r"a=a\"),
            (r"a='b\\c'", r"a=b\\c"),
            ("a=\"b\" \"c\"\nb=\"b\"c\nc=b\"c\" d\nd=b \"c d\" e\ne='x' 'y' z", "a=bc b=bc c=bcd d=bc de e=x y z"),
            ("a=\"x\ny\"\nb='x\ny'", "a=x|y b=x|y"),
            ("a=1 b\nb=1  b\nc=x\ty ", "a=1 b b=1  b c=x\ty"),
            ("a=128M\nb=1.5\nc=-1\nd=/x:y,z\ne=$b\nf={x}\ng=x#y", "a=128M b=1.5 c=-1 d=/x:y,z e=$b f={x} g=x#y"),
            ("a=tcp://h:6379\nb=\"tcp://h:1?auth=x&db=2\"", "a=tcp://h:6379 b=tcp://h:1?auth=x&db=2"),
            ("a[]=1\na[]=2\nb[x]=1\nb[\"y\"]=2", "a.0=1 a.1=2 b.x=1 b.y=2"),
            ("a.b=c\na b=d\n]x=1", "]x=1 a b=d a.b=c"),
            ("[PHP]\na=1\n[PATH=/srv]\na=2\n[host=h]\na=3\n[x]\nb=4", "[HOST=h].a=3 [PATH=/srv].a=2 a=1 b=4"),
            ("extension=a\nextension=b", "extension.0=a extension.1=b"),
            ("a=b\r\nc=d\re=f", "a=b c=d e=f"),
            ("\u{feff}a=b", "a=b"),
            ("a=PHP_VERSION\nb=M_PI", "a=? b=?"),
            // References.
            ("b=x y\na=${b}\nc=\"${b}z\"\nd='${b}'\ne=p${b}q ${b}", "a=x y b=x y c=x yz d=${b} e=px yq x y"),
            ("a=${b}", "a=?"),
            ("a=1|${b}", "a=?"),
            ("a=\"\\${b}\"", "a=${b}"),
            ("a=${b:-c}", "a=c"),
        ],
    );
}

#[test]
fn what_php_refuses_is_found_at_its_place() {
    for (text, expected) in [
        ("=b", "error s0201 1:1"),
        ("[sec\nb=1", "error s0201 1:1"),
        ("\"a\"=b", "error s0201 1:1"),
        ("a=b=c", "error s0201 1:4"),
        ("a=tcp://h?x=1", "error s0201 1:12"),
        ("a=b!c", "error s0201 1:4"),
        ("a=b(c)", "error s0201 1:4"),
        ("a=on off", "error s0201 1:3"),
        ("a=x true", "error s0201 1:5"),
        ("null=1", "error s0201 1:1"),
        ("a=\"x", "error s0201 1:3"),
        ("a='x", "error s0201 1:3"),
        ("a=(1", "error s0201 1:3"),
        ("a=1|", "error s0201 1:3"),
        ("a=|1", "error s0201 1:3"),
        ("a[x=1", "error s0201 1:2"),
        ("a[]", "error s0201 1:4"),
        ("a=${b", "error s0201 1:3"),
        ("a=${}", "error s0201 1:3"),
        ("a&b=c", "error s0201 1:2"),
        ("# c = d", "warning s0201 1:1"),
        ("a", "note s0201 1:1"),
        ("a=1\na=2", "warning s0203 1:1"),
    ] {
        assert_eq!(found(&read("php-ini", text)), [expected], "{text:?}");
    }
    assert_eq!(found(&read("php-ini", "a=\"x\nb=1\nc=1=2\n")), ["error s0201 1:3", "error s0201 3:4"]);
    assert_eq!(places(&read("php-ini", "[PHP]\n  ä = b\n\tc[x] = d")), ["ä 2:3", "c.x 3:2"]);
}

#[test]
fn values_of_ini_files_are_read_as_their_authors_meant() {
    table(
        "ini",
        &[
            ("a = 1\n[s]\na=2\nb : 3\n[s.t]\nc=4", "a=1 s.a=2 s.b=3 s.t.c=4"),
            ("; c\n# c\n  ; c\n[s] ; c\na = b ; c\nb = b # c\nc = b;c#d\nd = ; c\n", "s.a=b s.b=b s.c=b;c#d s.d="),
            ("a = \"b ; c\" ; d\nb = 'x'\nc = `y`\nd = \"a\" b\ne = \"a", "a=b ; c b=x c=y d=\"a\" b e=\"a"),
            ("a = C:\\x\nb = x:y=z\nc = \\n", "a=C:\\x b=x:y=z c=\\n"),
            ("a = x\n  y\n\n  z\nb = 1\n  c = 2\n", "S0201 4:3"),
            ("a = x\n  y\n\tz # w\nb = 1\n  c = 2\n", "a=x|y|z # w b=1 c=2"),
            ("a = x \\\n   y\nb = z \\", "a=x y b=z \\"),
            ("a b = c\n[ s t ]\nd=1\n", "a b=c s t.d=1"),
            ("\u{feff}[s]\r\na=b\r\n", "s.a=b"),
            // References.
            ("[s]\nh = x\nu = http://%(h)s/%%20\nv = 100%%", "s.h=x s.u=http://x/%20 s.v=100%%"),
            ("[s]\nu = %(h)s\nh = late", "s.h=late s.u=late"),
            ("[DEFAULT]\nh = d\n[s]\nu = %(h)s\n[t]\nh = t\nu = %(h)s", "DEFAULT.h=d s.u=d t.h=t t.u=t"),
            ("h = d\n[s]\nu = %(h)s", "h=d s.u=d"),
            ("[s]\nu = %(h)s\nv = %(h) %h %()s", "s.u=? s.v=%(h) %h %()s"),
            ("[s]\na = %(b)s\nb = %(a)s", "S0205 2:5, S0205 3:5"),
        ],
    );
    for (text, expected) in [
        ("[s\na = 1", "error s0201 1:1"),
        ("word", "error s0201 1:1"),
        ("= b", "error s0201 1:1"),
        ("a = 1\na = 2", "warning s0203 1:1"),
    ] {
        assert_eq!(found(&read("ini", text)), [expected], "{text:?}");
    }
    assert_eq!(places(&read("ini", "[ä]\n  ö = 1\n")), ["ä.ö 2:3"]);
}
