//! appsettings.json, XML and web.config.

use crate::formats::{Beside, found, places, read, read_with, table, told};

#[test]
fn appsettings_are_what_dotnet_makes_of_them() {
    table(
        "appsettings",
        &[
            (
                "{ // c\n \"A\": {\"B\": 1, \"C\": [true, false, null, {\"D\": \"x\"}],}, /* c */ \"E\": {}, }",
                "A:B=1 A:C:0=True A:C:1=False A:C:2= A:C:3:D=x E=",
            ),
            ("\u{feff}{\"A:B\": 1}", "A:B=1"),
            ("{\"A\": 1, \"a\": 2}", "S0201 1:10"),
            ("{\"A\": {\"B\": 1}, \"A\": {\"C\": 2}}", "A:B=1 A:C=2"),
            ("[1]", "S0201 1:1"),
            ("{\"A\": 'b'}", "S0201 1:7"),
        ],
    );
    assert_eq!(places(&read("appsettings", "{\n  \"A\": {\n    \"B\": 1 } }")), ["A:B 3:5"]);
    let text = b"{\"ConnectionStrings\": {\"Main\": \"base\"}, \"X\": 1}";
    let beside = Beside::of(&[("dir/x.Production", "{\"connectionstrings\": {\"main\": \"over\"}, \"Y\": 2}")]);
    let over = read_with("appsettings", text, Some("Production"), &beside);
    assert_eq!(told(over), "ConnectionStrings:Main=over X=1 Y=2");
    assert_eq!(found(&read_with("appsettings", text, Some("Staging"), &beside)), ["note s0201 0:0"]);
    assert_eq!(told(read_with("appsettings", text, Some("../x"), &beside)), "ConnectionStrings:Main=base X=1");
}

#[test]
fn elements_and_attributes_become_paths() {
    table(
        "xml",
        &[
            ("<a><b>c</b><d e='f'/></a>", "a.b=c a.d.@e=f"),
            ("<a> <b>1</b> <b>2</b> <b x=\"3\"> 4 </b> </a>", "a.b.0=1 a.b.1=2 a.b.2=4 a.b.2.@x=3"),
            ("<a/>", "a="),
            ("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'x'><a>&lt;&#228;<![CDATA[<b>]]></a>", "a=<ä<b>"),
            ("<n:a xmlns:n='u' n:b='c'>d</n:a>", "a=d a.@b=c"),
            ("<a>", "S0201 1:1"),
            ("<a>&b;</a>", "S0201 1:4"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "S0201 1:14"),
            ("", "S0201 1:1"),
        ],
    );
    assert_eq!(places(&read("xml", "<a>\n <ä x='1'\n  y='2'>z</ä></a>")), ["a.ä.@x 2:5", "a.ä.@y 3:3", "a.ä 2:3"]);
    assert_eq!(told(read("xml", b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>")), "a=ä");
    let utf16: Vec<u8> = "\u{feff}<a>ä</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(read("xml", utf16)), "a=ä");
}

#[test]
fn web_config_has_the_keys_of_dotnet() {
    let config = |inner: &str| format!("<configuration>\n{inner}\n</configuration>");
    let text = config(
        "<appSettings><add key='A' value='1'/><add key='B' value='2'/><remove key='a'/><add key='C'/></appSettings>
<connectionStrings><clear/><add name='Main' connectionString='Server=h' providerName='P'/></connectionStrings>
<system.web><sessionState mode='SQLServer' cookieName='s'/><other x='1'/></system.web>",
    );
    assert_eq!(
        told(read("web-config", &text)),
        "ConnectionStrings:Main=Server=h ConnectionStrings:Main_ProviderName=P appSettings:B=2 appSettings:C= \
         system.web:sessionState:@cookieName=s system.web:sessionState:@mode=SQLServer"
    );
    assert_eq!(
        places(&read("web-config", config("<appSettings>\n <add value='1' key='A'/></appSettings>"))),
        ["appSettings:A 3:17"]
    );

    let beside = Beside::of(&[
        ("dir/local.config", "<appSettings><add key='A' value='local'/><remove key='B'/></appSettings>"),
        ("dir/sub/db.config", "<connectionStrings><add name='M' connectionString='x'/></connectionStrings>"),
    ]);
    let text = config(
        "<appSettings file='local.config'><add key='A' value='1'/><add key='B' value='2'/></appSettings>
<connectionStrings configSource='sub\\db.config'/>",
    );
    let over = read_with("web-config", text.as_bytes(), None, &beside);
    assert_eq!(places(&over)[1], "appSettings:A 1:19");
    assert_eq!(over.assignments[1].place.file, "dir/local.config");
    assert_eq!(told(over), "ConnectionStrings:M=x appSettings:A=local");
    assert_eq!(told(read("web-config", &text)), "S0201 3:2");

    for (inner, expected) in [
        ("<appSettings><add value='1'/></appSettings>", "error s0201 2:15"),
        ("<appSettings><add key='A'/><add key='a'/></appSettings>", "warning s0203 2:19"),
        ("<location path='x'><appSettings/></location>", "note s0201 2:2"),
        (
            "<a xmlns:xdt='http://schemas.microsoft.com/XML-Document-Transform' xdt:Transform='Replace'/>",
            "note s0201 2:2",
        ),
        ("<appSettings configSource='../x'/>", "error s0201 2:2"),
    ] {
        assert_eq!(found(&read("web-config", config(inner))), [expected], "{inner}");
    }
    let encrypted = config("<connectionStrings configProtectionProvider='p'><EncryptedData/></connectionStrings>");
    assert_eq!(told(read("web-config", encrypted)), "ConnectionStrings=?");
    assert_eq!(found(&read("web-config", "<a/>")), ["error s0201 1:2"]);
}
