//! Compose files.

use sternway_config::source::Read;

use crate::formats::{Beside, found, places, read_with, told};

/// What the file `docker-compose.yml`, the first one, says of a service.
fn compose(part: Option<&str>, files: &[(&str, &str)]) -> Read {
    let mut all = vec![("dir/x", files[0].1)];
    all.extend(&files[1..]);
    read_with("compose", files[0].1.as_bytes(), part, &Beside::of(&all))
}

fn environment(lines: &str, env: &str) -> String {
    let text = format!("services:\n  web:\n    environment:\n{lines}");
    told(compose(None, &[("", &text), ("dir/.env", env)]))
}

#[test]
fn a_service_gets_what_docker_compose_gives_it() {
    // What `docker-compose config` answers for the same files, with an empty environment.
    let text = r#"
x-env: &env
  A: "1"
  B: b
services:
  base:
    env_file: a.env
    environment: [ "Q=base", "R=base" ]
  web:
    extends: {service: base}
    env_file:
      - b.env
    environment:
      <<: *env
      B: over
      C: ${NAME:-d}
      D: $${x}
      E: ${OUT}
      F:
      G: "${NAME-x}${UNSET-y}"
      H: "true"
      L: ""
      Q: web
"#;
    let files = [
        ("", text),
        ("dir/.env", "NAME=\nOUT=out\nF=fromdotenv\n"),
        ("dir/a.env", "A=file\nX=x # c\nY=\"y ${OUT}\"\n"),
        ("dir/b.env", "X=x2\n"),
    ];
    assert_eq!(
        told(compose(Some("web"), &files)),
        "A=1 B=over C=d D=${x} E=out F=fromdotenv G=y H=true L= Q=web R=base X=x2 Y=y out"
    );
    assert_eq!(told(compose(Some("base"), &files)), "A=file Q=base R=base X=x Y=y out");
    let read = compose(Some("web"), &files);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    assert_eq!(places(&read)[..3], ["A 1:1", "X 2:1", "Y 3:1"]);
    assert!(places(&read).contains(&"E 18:7".to_owned()), "{:?}", places(&read));
}

#[test]
fn references_are_looked_up_beside_the_file() {
    for (lines, env, expected) in [
        ("      A: ${X}", "X=1", "A=1"),
        ("      A: $X-${X}", "X=1", "A=1-1"),
        ("      A: ${X}", "", "A=?"),
        ("      A: ${X:-y}", "", "A=y"),
        ("      A: ${X:-y}", "X=", "A=y"),
        ("      A: ${X-y}", "X=", "A="),
        ("      A: ${X:+y}", "X=", "A="),
        ("      A: ${X:+y}", "X=1", "A=y"),
        ("      A: ${X+y}", "X=", "A=y"),
        ("      A: ${X:-${Y:-z}}", "Y=1", "A=1"),
        ("      A: ${X:?set it}", "X=1", "A=1"),
        ("      A: ${X:?set it}", "", "A=?"),
        ("      A: ${X:?set it}", "X=", "A=?"),
        ("      A: $$X $$", "X=1", "A=$X $"),
        ("      A: ${X}", "Y=1\nX=a${Y}", "A=a1"),
        // No variable of the service itself.
        ("      A: 1\n      B: ${A}", "", "A=1 B=?"),
        ("      A: a$", "", "S0201 4:10"),
        ("      A: a$1", "", "S0201 4:10"),
        ("      A: ${1}", "", "S0201 4:10"),
        ("      - A=${X}=$$\n      - B=", "X=1", "A=1=$ B="),
        ("      - A\n      - B", "A=1", "A=1 B=?"),
        ("      - A=1\n      - A=2", "", "A=2"),
        ("      - ${X}=1", "X=A", "S0201 4:9"),
        ("      A:\n      B: null\n      C: ~", "B=1", "A=? B=1 C=?"),
        ("      A: [x]", "", "S0201 4:7"),
        ("      A: !vault x", "", "A=?"),
    ] {
        assert_eq!(environment(lines, env), expected, "{lines:?} {env:?}");
    }
    let twice = compose(None, &[("", "services: {web: {environment: [A=1, A=2]}}")]);
    assert_eq!(found(&twice), ["warning s0203 1:32"]);
}

#[test]
fn env_files_are_read_in_order() {
    let read = |env_file: &str, files: &[(&str, &str)]| {
        let text = format!("services:\n  web:\n    environment:\n      E: env\n    env_file: {env_file}\n");
        let mut all = vec![("", text.as_str())];
        all.extend(files);
        let read = compose(None, &all);
        (told(compose(None, &all)), found(&read))
    };
    let a = ("dir/a.env", "A='1'\nB=$E-$A-$P\nC\n");
    let env = ("dir/.env", "P=p\nC=c\n");
    assert_eq!(read("a.env", &[a, env]).0, "A=1 B=env-1-p C=c E=env");
    assert_eq!(read("a.env", &[a]).0, "A=1 B=? C=? E=env");
    assert_eq!(read("[{path: a.env, format: raw}]", &[a, env]).0, "A='1' B=$E-$A-$P C=? E=env");
    assert_eq!(read("[a.env, b.env]", &[a, env, ("dir/b.env", "A=$A$A\nE=file")]).0, "A=11 B=env-1-p C=c E=env");
    assert_eq!(read("${P}.env", &[("dir/p.env", "A=1"), env]).0, "A=1 E=env");
    assert_eq!(read("../a.env", &[("a.env", "A=1")]).0, "A=1 E=env");
    assert_eq!(read("none.env", &[]).1, ["error s0201 5:15"]);
    assert_eq!(read("../../none.env", &[]).1, ["error s0201 5:15"]);
    assert_eq!(read("[{path: none.env, required: false}]", &[]), ("E=env".to_owned(), vec![]));
    assert_eq!(read("${N}.env", &[]).1, ["warning s0201 5:15"]);
}

#[test]
fn which_service_counts_is_said() {
    let two = "services:\n  web: {environment: {A: 1}}\n  db: {environment: {B: 2}}\n";
    let read = compose(None, &[("", two)]);
    assert_eq!(found(&read), ["error s0245 0:0"]);
    assert!(read.findings[0].message.contains("`web`, `db`"), "{}", read.findings[0].message);
    assert_eq!(told(compose(Some("db"), &[("", two)])), "B=2");
    assert_eq!(found(&compose(Some("x"), &[("", two)])), ["error s0245 0:0"]);
    assert_eq!(found(&compose(None, &[("", "web: {image: x}")])), ["error s0245 0:0"]);
    assert_eq!(found(&compose(None, &[("", "include: [a.yml]\nservices: {web: {}}")])), ["note s0201 1:1"]);
    assert_eq!(found(&compose(Some("web"), &[("", "services: {web: {}}\n---\nx: 1")])), ["error s0201 3:1"]);
}

#[test]
fn services_extend_others() {
    let base = ("dir/common/base.yml", "services: {base: {env_file: b.env, environment: [A=1, B=1]}}");
    let file = ("dir/common/b.env", "F=1");
    let web = "services:\n  web:\n    extends: {file: common/base.yml, service: base}\n    environment: {B: 2}\n";
    assert_eq!(told(compose(None, &[("", web), base, file])), "A=1 B=2 F=1");
    assert_eq!(found(&compose(None, &[("", web)])), ["error s0201 3:21"]);
    let round = "services: {a: {extends: b}, b: {extends: {service: a}}}";
    assert_eq!(found(&compose(Some("a"), &[("", round)])), ["error s0201 1:25"]);
    assert_eq!(found(&compose(None, &[("", "services: {a: {extends: c}}")])), ["error s0201 1:25"]);
}
