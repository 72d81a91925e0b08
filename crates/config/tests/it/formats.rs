//! What holds for every format, and how their tests read.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;
use sternway_config::formats::{FORMATS, format};
use sternway_config::resolve::{Content, Resolved, lay, resolve_reads};
use sternway_config::source::{Files, Input, Read, Site};
use sternway_core::finding::{Finding, Place, Severity};
use sternway_core::project::{ConfigSource, Lies, SOURCES, SourceKind};

/// Files in memory.
#[derive(Debug, Default)]
pub(crate) struct Beside(pub(crate) BTreeMap<String, Vec<u8>>);

impl Beside {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|&(path, text)| (path.to_owned(), text.as_bytes().to_owned())).collect())
    }
}

impl Files for Beside {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let within = |path: &String| path.strip_prefix(folder)?.strip_prefix('/').map(ToOwned::to_owned);
        Ok(self.0.keys().filter_map(within).filter(|name| !name.contains('/')).collect())
    }
}

/// What a format makes of a file.
pub(crate) fn read_with(kind: &str, bytes: &[u8], part: Option<&str>, files: &dyn Files) -> Read {
    (format(kind).unwrap().read)(&Input { bytes, file: "dir/x", part, files })
}

pub(crate) fn read(kind: &str, text: impl AsRef<[u8]>) -> Read {
    read_with(kind, text.as_ref(), None, &Beside::default())
}

/// Keys and values in the end, an unknown one as `?`; or what is wrong, as `code line:column`.
pub(crate) fn laid(read: Read) -> Result<Vec<(String, String)>, Vec<String>> {
    let resolved = lay(&Resolved::default(), vec![("x".to_owned(), read)]);
    let resolved = resolved.map_err(|findings| findings.iter().map(at).collect::<Vec<_>>())?;
    let text = |content| match content {
        Content::Known(text) => text.reveal().to_owned(),
        Content::Unknown(_) | Content::Sealed(_) => "?".to_owned(),
    };
    Ok(resolved.values.into_iter().map(|(key, value)| (key, text(value.content))).collect())
}

pub(crate) fn at(finding: &Finding) -> String {
    let Place { line, column, .. } = &finding.places[0];
    format!("{} {line}:{column}", finding.code)
}

/// The values as `key=value`, joined by spaces, `|` standing for new lines; or the errors.
pub(crate) fn told(read: Read) -> String {
    match laid(read) {
        Ok(values) => {
            let told: Vec<_> = values.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
            told.join(" ").replace('\n', "|")
        }
        Err(wrong) => wrong.join(", "),
    }
}

/// Where each key stands, as `key line:column`.
pub(crate) fn places(read: &Read) -> Vec<String> {
    let place = |place: &Place| format!("{}:{}", place.line, place.column);
    read.assignments.iter().map(|one| format!("{} {}", one.key, place(&one.place))).collect()
}

/// What was found, as `severity code line:column`.
pub(crate) fn found(read: &Read) -> Vec<String> {
    read.findings.iter().map(|finding| format!("{:?} {}", finding.severity, at(finding)).to_lowercase()).collect()
}

/// Each line of a table: a file and what it tells.
pub(crate) fn table(kind: &str, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(told(read(kind, text)), *expected, "{kind}: {text:?}");
    }
}

/// The kinds that have bytes to read: the environment of a process is none.
fn with_format() -> impl Iterator<Item = &'static SourceKind> {
    SOURCES.iter().filter(|source| source.lies != Lies::InProcess)
}

#[test]
fn every_kind_of_source_has_its_format() {
    for source in with_format() {
        assert!(format(source.name).is_some(), "{}", source.name);
    }
    for format in FORMATS {
        assert!(SOURCES.iter().any(|source| source.name == format.name), "{}", format.name);
        let same = FORMATS.iter().filter(|other| other.name == format.name).count();
        assert_eq!(same, 1, "{}", format.name);
    }
}

/// The formats that are fuzzed here, each with a valid file whose values all hold the word `hidden`.
pub(crate) const SAMPLES: &[(&str, &str)] = &[
    ("command", "{\"A\": \"hidden\", \"B\": 1,\n \"C\": \"x hidden\\u00e4\"}\n"),
    (
        "php",
        "<?php\n// x\n$p = 'hidden';\ndefine('C', \"x $p\");\nreturn [\n  'a' => ['b' => env('E', 'hidden'), \"c\" => getenv('F') ?: 'hidden' . C],\n  'd' => <<<X\n    hidden\n    X,\n];\n",
    ),
    (
        "wp-config",
        "<?php\ndefine( 'A', 'hidden' );\ndefine('B', getenv_docker('C', 'hidden'));\n$table_prefix = 'hidden';\n",
    ),
    (
        "dotenv-compose",
        "# x\nexport A=hidden # x\nB: 'hidden\n hidden'\nC=\"hidden\\n \\\" ${A:-hidden}\"\nD=$A-${C:+hidden}\n",
    ),
    ("dotenv-docker", "# x\nA=hidden # hidden\nB=\"hidden\"\nC\n"),
    ("dotenv-node", "# x\nexport A=hidden # x\nB: 'hidden\n hidden'\nC=\"hidden\\n\"\nD = `hidden`\n"),
    ("dotenv-php", "# x\nexport AB=hidden # x\nB='hidden hidden'\nC=\"hidden\n \\\" ${AB} hidden\"\n"),
    (
        "dotenv-symfony",
        "# x\nexport A=hidden # x\nB='hidden\n hidden'\nC=\"hidden\\n ${A:-hidden}\"hidden\nD=$(hidden)\n",
    ),
    ("dotenv-python", "# x\nexport A=hidden # x\nB='hidden\n hidden'\nC=\"hidden\\n ${A:-hidden}\"\nD\n"),
    ("dotenv-ruby", "# x\nexport A=hidden # x\nB: 'hidden\n hidden'\nC=\"hidden\\n ${A}\"\nD=$(hidden) hidden\n"),
    ("properties", "# x\na.b = hidden \\\n   hidden\nc: hidden\\u0041 ${a.b:hidden}\nd hidden\n"),
    (
        "spring",
        "a:\n  b: hidden\n  c: [hidden, '${a.b:hidden}']\n---\nspring.config.activate.on-profile: default\nd: hidden\n",
    ),
    ("toml", "a = 'hidden'\n[b.c]\nd = \"hidden\"\ne = [{f = 'hidden'}]\n[[g]]\nh = \"\"\"\nhidden\"\"\"\n"),
    ("xml", "<?xml version='1.0'?>\n<a b='hidden'><c>hidden</c><c d=\"hidden\"/><!-- hidden --></a>\n"),
    (
        "web-config",
        "<configuration><appSettings><add key='A' value='hidden'/><remove key='A'/><add key='B' value='hidden'/></appSettings><connectionStrings><add name='C' connectionString='hidden' providerName='hidden'/></connectionStrings></configuration>\n",
    ),
    ("appsettings", "{ // x\n \"A\": {\"B\": \"hidden\", \"C\": [\"hidden\",]},\n \"D\": true, }\n"),
    ("ini", "; x\na = hidden\n[s.t]\nb: \"hidden\" # x\nc = hidden\n   hidden\nd = hidden \\\n hidden %(b)s\n"),
    (
        "php-ini",
        "; x\n[PHP]\na = hidden ; x\nb = \"hidden\n \\\" hidden\"\nc[] = 'hidden'\n[PATH=/x]\nd = E_ALL & ~E_NOTICE\n",
    ),
    ("json", "{\"a\": {\"b\": [\"hidden\", \"x hidden\\u00e4\"]},\n \"c\": \"hidden\"}\n"),
    ("json5", "// x\n{a: {'b': ['hidden', \"hidden\\\n y\"],}, c: 'hidden', d: +.5}\n"),
    (
        "compose",
        "services:\n  web:\n    environment:\n      A: hidden\n      B: \"${X:-hidden} $$\"\n      C: &c hidden\n      <<: {D: 'hidden'}\n",
    ),
    (
        "kubernetes",
        "kind: Secret\nmetadata: {name: s}\ndata: {K: aGlkZGVu}\nstringData: {L: hidden}\n---\nkind: Pod\nspec:\n  containers:\n  - env:\n    - {name: A, value: hidden}\n    - name: B\n      value: $(A) hidden $$\n    - {name: C, valueFrom: {secretKeyRef: {name: s, key: K}}}\n    envFrom: [{secretRef: {name: s}}]\n",
    ),
    (
        "systemd",
        "# x\n[Service]\nEnvironment=A=hidden \"B=hidden \\\\ hidden\" \\\n  'C=hidden'\nEnvironment=D=%i-hidden\nUnsetEnvironment=A=hidden\n",
    ),
    (
        "nginx",
        "# x\nenv A=hidden;\nhttp { fastcgi_param B \"hidden \\\" $host\"; location / { fastcgi_param C 'hidden'; fastcgi_param PHP_VALUE \"x=hidden\"; } }\n",
    ),
    (
        "apache",
        "# x\nDefine X hidden\nSetEnv A \"hidden \\\" ${X}\"\n<IfModule x>\nphp_value a.b \\\n hidden\n</IfModule>\n",
    ),
    (
        "yaml",
        "a: &x\n  b: hidden\n  c: [hidden, \"hidden\"]\nd:\n  <<: *x\n  e: |\n    hidden\n    hidden\nf: 'hidden'\n",
    ),
];

/// Which is not of these findings: they name keys.
fn quoting(read: &Read) -> Option<&Finding> {
    let quotes = |finding: &&Finding| finding.code != "S0203" && format!("{finding:?}").contains("hidden");
    read.findings.iter().find(quotes)
}

#[test]
fn every_sample_is_read() {
    for (kind, text) in SAMPLES {
        let read = read(kind, text);
        assert!(read.findings.iter().all(|finding| finding.severity < Severity::Error), "{kind}: {:?}", read.findings);
        assert!(!read.assignments.is_empty(), "{kind}");
        assert!(!format!("{:?}", read.assignments).contains("hidden"), "{kind}");
    }
    let covered: Vec<_> = SAMPLES.iter().map(|(kind, _)| *kind).collect();
    for source in with_format().filter(|source| !["dotenv", "files"].contains(&source.name)) {
        assert!(covered.contains(&source.name), "{}", source.name);
    }
}

#[test]
fn no_cut_or_doubled_sample_is_quoted() {
    for (kind, text) in SAMPLES {
        for (cut, _) in text.char_indices() {
            for broken in [text[..cut].to_owned(), text[cut..].to_owned(), format!("{}{text}", &text[..cut])] {
                let read = read(kind, &broken);
                assert!(quoting(&read).is_none(), "{kind}: {broken:?}: {:?}", quoting(&read));
            }
        }
    }
}

#[test]
fn what_goes_deep_ends_in_a_finding() {
    for (kind, text) in [
        ("json", "[".repeat(200_000)),
        ("json", "{\"a\":".repeat(200_000)),
        ("json5", "[".repeat(200_000)),
        ("yaml", "[".repeat(20_000)),
        ("yaml", "{a: ".repeat(20_000)),
        ("yaml", "- ".repeat(20_000)),
        ("spring", "{a: ".repeat(20_000)),
        ("appsettings", "{\"a\":".repeat(200_000)),
        ("toml", format!("a = {}", "[".repeat(100_000))),
        ("toml", format!("a = {}", "{b=".repeat(100_000))),
        ("toml", format!("a{} = 1", ".a".repeat(100_000))),
        ("toml", format!("[a{}]", ".a".repeat(100_000))),
        ("xml", "<a b='/>'>".repeat(100_000)),
        ("xml", format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))),
        ("web-config", "<configuration>".repeat(100_000)),
        ("php", format!("<?php return {}1;", "[".repeat(100_000))),
        ("php", format!("<?php $a = {}1;", "!".repeat(100_000))),
        ("php-ini", format!("a={}1", "(".repeat(100_000))),
        ("php-ini", format!("a={}1", "~".repeat(100_000))),
        ("dotenv-compose", format!("A={}", "${B:-".repeat(100_000))),
        ("dotenv-compose", format!("A={}{}", "${B:-".repeat(10_000), "}".repeat(10_000))),
    ] {
        let read = read(kind, text);
        assert!(read.findings.iter().any(|finding| finding.severity == Severity::Error), "{kind}");
        assert!(read.findings.len() < 200, "{kind}");
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    for (kind, _) in SAMPLES {
        let read = read(kind, vec![b' '; (8 << 20) + 1]);
        assert_eq!(found(&read), ["error s0201 0:0"], "{kind}");
        assert!(read.assignments.is_empty());
    }
}

#[test]
fn of_many_broken_lines_some_are_told() {
    for (kind, _) in SAMPLES.iter().filter(|(kind, _)| kind.starts_with("dotenv")) {
        assert!(read(kind, "'=\"\n".repeat(5_000)).findings.len() <= 101, "{kind}");
    }
}

#[test]
fn a_file_behind_the_port_is_read_by_its_format() {
    let project = tempfile::tempdir().unwrap();
    std::fs::write(project.path().join("x.yml"), "prod:\n  host: h\ntest:\n  host: t\n").unwrap();
    let place = Place { file: "sternway.toml".to_owned(), line: 1, column: 1 };
    let part = Some("prod".to_owned());
    let source = ConfigSource::File { kind: "yaml".to_owned(), path: "x.yml".to_owned(), part, place };
    let resolved = resolve_reads(&Site::files(project.path()), &Resolved::default(), &[source]).unwrap();
    assert_eq!(resolved.reveal(), [("host".to_owned(), "h".to_owned())].into());
    assert_eq!(resolved.values["host"].provenance.line, 2);
}

/// A file with a line for each pair.
fn lines(values: &BTreeMap<String, String>, equals: &str, quote: impl Fn(&str) -> String) -> String {
    let lines: Vec<_> = values.iter().map(|(key, value)| format!("{key}{equals}{}\n", quote(value))).collect();
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_any_format_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (kind, _) in SAMPLES {
            let _ = laid(read(kind, &bytes));
        }
    }

    #[test]
    fn no_text_makes_any_format_panic(
        text in "(\\PC|[a-c=$\\{\\}\\[\\]():;,.%!&*|<>?@#~^`'\"\\\\/ \n\r\t\u{b}\u{85}\u{a0}\u{e4}\u{2028}\u{feff}\0-]|export |<<: \\*a|&a|E_ALL|on|<a b='c'>|</a>){0,60}"
    ) {
        for (kind, _) in SAMPLES {
            let read = read(kind, &text);
            let lines = u32::try_from(text.split(['\n', '\r']).count()).unwrap() + 1;
            for place in read.assignments.iter().map(|one| &one.place).chain(read.findings.iter().flat_map(|one| &one.places)) {
                prop_assert!(place.line <= lines, "{} {:?}", kind, place);
            }
            let _ = laid(read);
        }
    }

    #[test]
    fn no_changed_sample_makes_its_format_panic_or_is_quoted(
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[=$\\{\\}\\[\\]:;,%&*|#`'\"\\\\/<> \n\r\t-]{0,2}", 0..3_usize), 1..5)
    ) {
        for (kind, text) in SAMPLES {
            let mut characters: Vec<char> = text.chars().collect();
            for (at, put, removed) in &edits {
                let at = at.index(characters.len().max(1)).min(characters.len());
                let end = (at + removed).min(characters.len());
                characters.splice(at..end, put.chars());
            }
            let changed: String = characters.into_iter().collect();
            let read = read(kind, &changed);
            prop_assert!(quoting(&read).is_none(), "{}: {:?}: {:?}", kind, changed, quoting(&read));
            let _ = laid(read);
        }
    }

    #[test]
    fn what_is_quoted_plainly_is_the_same_to_all_that_know_quotes(
        values in prop::collection::btree_map("[A-OQ-RT-Z][A-Z_]{1,6}", "[ !#%&(-\\[\\]-_a-~\u{e4}]{0,12}", 0..6)
    ) {
        let expected: Vec<_> = values.clone().into_iter().collect();
        for kind in ["dotenv-compose", "dotenv-node", "dotenv-php", "dotenv-symfony", "dotenv-python", "dotenv-ruby", "php-ini", "toml"] {
            let equals = if kind == "toml" { " = " } else { "=" };
            let text = lines(&values, equals, |value| format!("'{value}'"));
            prop_assert_eq!(laid(read(kind, &text)), Ok(expected.clone()), "{} {:?}", kind, text);
        }
        let plain = lines(&values, "=", ToOwned::to_owned);
        prop_assert_eq!(laid(read("dotenv-docker", plain)), Ok(expected.clone()));
        let escaped = lines(&values, "=", |value| {
            let units: Vec<_> = value.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            units.concat()
        });
        prop_assert_eq!(laid(read("properties", escaped)), Ok(expected));
    }
}
