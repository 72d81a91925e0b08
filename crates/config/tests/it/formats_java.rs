//! Java properties and Spring's application files.

use sternway_config::formats::spring::{canonical, from_variable, to_variable, uniform};

use crate::formats::{Beside, found, places, read, read_with, table, told};

#[test]
fn properties_are_what_java_makes_of_them() {
    // What `java.util.Properties` of Java 17 answers.
    table(
        "properties",
        &[
            ("a=b\nc: d\ne f\ng", "a=b c=d e=f g="),
            (" a = b c \n", "a=b c "),
            ("# c\n! c\n  # c\na=b # c", "a=b # c"),
            ("a=b\\\n   c\\\n\td", "a=bcd"),
            ("a=b\\\\\nc=d", "a=b\\ c=d"),
            ("a=\\t\\n\\x\\u00e4\\ud83d\\ude00\\:", "a=\t|xä😀:"),
            ("a\\ b\\=c=d", "a b=c=d"),
            ("a==b\nc:=d", "a==b c==d"),
            ("a=b\r\nc=d\re=f", "a=b c=d e=f"),
            ("\\\n# c\na=b", "a=b"),
            ("a=\\", "a="),
            ("a=\\uD83D", "S0201 1:3"),
            ("a=C:\\users", "S0201 1:5"),
            // Placeholders.
            ("a=${b}\nb=late", "a=late b=late"),
            ("a=x${b:y}z", "a=xyz"),
            ("a=${b:c:d}", "a=c:d"),
            ("a=${b:${c:d}}", "a=d"),
            ("a=${b.c}", "a=?"),
            ("a=${b", "a=${b"),
            ("a=${${b}}", "a=?"),
            ("a=${b}\nb=${a}", "S0205 1:3, S0205 2:3"),
        ],
    );
    assert_eq!(told(read("properties", b"a=\xe4")), "a=ä");
    assert_eq!(told(read("properties", "a=ä")), "a=ä");
    assert_eq!(places(&read("properties", " ä=b\\\nc\n\n  d e")), ["ä 1:2", "d 4:3"]);
    assert_eq!(found(&read("properties", "a=1\na=2")), ["warning s0203 1:1"]);
}

fn spring(part: Option<&str>, files: &[(&str, &str)]) -> String {
    let beside = Beside::of(files);
    let (name, text) = files[0];
    let format = sternway_config::formats::format("spring").unwrap();
    let input = sternway_config::source::Input { bytes: text.as_bytes(), file: name, part, files: &beside };
    told((format.read)(&input))
}

#[test]
fn spring_documents_count_by_profile() {
    let yaml = "a: 1\n---\nspring.config.activate.on-profile: prod & !eu\na: 2\n---\nspring:\n  config:\n    activate:\n      on-profile: [dev, test]\na: 3\n";
    let files =
        [("c/application.yml", yaml), ("c/application-prod.yml", "b: 4\na: 5"), ("c/application-default.yml", "b: 6")];
    assert_eq!(spring(None, &files), "a=1 b=6");
    assert_eq!(spring(Some("prod"), &files), "a=5 b=4");
    assert_eq!(spring(Some("prod"), &files[..1]), "a=2");
    assert_eq!(spring(Some("prod,eu"), &files[..1]), "a=1");
    assert_eq!(spring(Some("test"), &files), "a=3");
    let properties = [(
        "application.properties",
        "a=1\n#---\nspring.config.activate.on-profile=prod | (eu & !us)\na=2\n#---\nspring.profiles=old\nb=3",
    )];
    assert_eq!(spring(None, &properties), "a=1");
    assert_eq!(spring(Some("prod"), &properties), "a=2");
    assert_eq!(spring(Some("eu"), &properties), "a=2");
    assert_eq!(spring(Some("eu,us"), &properties), "a=1");
    assert_eq!(spring(Some("old"), &properties), "a=1 b=3");
}

#[test]
fn spring_keys_meet_in_all_their_spellings() {
    for (key, expected) in [
        ("spring.datasource.hikari.maximumPoolSize", "spring.datasource.hikari.maximum-pool-size"),
        ("spring.datasource.hikari.maximum_pool_size", "spring.datasource.hikari.maximum-pool-size"),
        ("Spring.Datasource.URL", "spring.datasource.url"),
        ("logging.level[org.Spring.Web]", "logging.level[org.Spring.Web]"),
        ("hosts[0].hostName", "hosts[0].host-name"),
    ] {
        assert_eq!(canonical(key), expected);
    }
    for (variable, key) in [
        ("SPRING_DATASOURCE_URL", "spring.datasource.url"),
        ("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "spring.datasource.hikari.maximum-pool-size"),
        ("APP_HOSTS_0_NAME", "app.hosts[0].name"),
    ] {
        assert_eq!(from_variable(variable), uniform(key));
        assert_eq!(to_variable(key), variable);
    }
    let text = "my:\n  poolSize: 1\n  hosts: [a, {name: b}]\nmy.pool-size: 2\nmy.hosts[0]: c\n";
    let read = read_with("spring", text.as_bytes(), None, &Beside::default());
    assert_eq!(
        places(&read),
        ["my.pool-size 2:3", "my.hosts[0] 3:11", "my.hosts[1].name 3:15", "my.pool-size 4:1", "my.hosts[0] 5:1"]
    );
    assert_eq!(found(&read), ["warning s0203 3:11", "warning s0203 2:3"]);
}

#[test]
fn spring_placeholders_are_keys_in_any_spelling_or_variables() {
    table(
        "spring",
        &[
            ("a: ${my.poolSize}\nmy.pool-size: 3", "a=3 my.pool-size=3"),
            ("a: http://${host:h}:${port:80}/", "a=http://h:80/"),
            ("a: ${DB_HOST}\n", "a=?"),
            ("a: '${x:${y:z}}'\n", "a=z"),
        ],
    );
    let told = |name: &str| {
        let variables = read("dotenv", format!("{name}=v"));
        let layers = vec![("x".to_owned(), variables), ("y".to_owned(), read("spring", "a: ${db.hostName}\n"))];
        let resolved = sternway_config::resolve::lay(&sternway_config::Resolved::default(), layers).unwrap();
        resolved.values["a"].text().map(|text| text.reveal().to_owned())
    };
    assert_eq!(told("DB_HOSTNAME").as_deref(), Some("v"));
    assert_eq!(told("DB_OTHER"), None);
    assert_eq!(found(&read("spring", "spring.config.import: x\na: 1")), ["note s0201 1:1"]);
    assert_eq!(found(&read("spring", "a: [b\n")).len(), 1);
}
