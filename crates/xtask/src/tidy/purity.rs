//! The core does no I/O, reads no clock and draws no random number.

use super::Fault;
use super::tree::{Tree, is_test_file, product_lines};

/// What would break that. Time and chance arrive in events.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net::Tcp",
    "std::net::Udp",
    "std::os",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "RandomState",
    "getrandom",
    "print!",
    "println!",
    "eprintln!",
];

/// Packages that do the same from outside.
const PACKAGES: &[&str] = &["getrandom", "rand", "fastrand", "reqwest", "rusqlite", "rustix", "tokio", "chrono"];

/// Every line of the core's product code, and its manifest.
pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, text) in tree.rust().filter(|(file, _)| file.starts_with("crates/core/src/") && !is_test_file(file)) {
        for (number, line) in product_lines(text) {
            for word in IMPURE.iter().filter(|word| has_word(line, word)) {
                faults.push(Fault::new(
                    file,
                    number,
                    format!("`{word}`: the core is pure; let the caller bring the value"),
                ));
            }
        }
    }
    let manifest = "crates/core/Cargo.toml";
    for dependency in tree.get(manifest).map(super::manifests::dependencies).unwrap_or_default() {
        if dependency.section == "dependencies" && PACKAGES.contains(&dependency.package.as_str()) {
            faults.push(Fault::new(manifest, 0, format!("`{}`: the core is pure", dependency.package)));
        }
    }
    faults
}

/// Whether the word stands in the line and not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let open_ended = word.ends_with("Tcp") || word.ends_with("Udp");
        !part(before) && (open_ended || !part(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(line: &str) -> usize {
        check(&Tree::with([("crates/core/src/plan.rs", line), ("crates/engine/src/session.rs", line)])).len()
    }

    #[test]
    fn the_core_reads_no_clock_and_does_no_io() {
        for line in ["let now = Instant::now();", "use std::fs;", "use std::net::TcpStream;", "std::env::var(\"X\")"] {
            assert_eq!(faults(line), 1, "{line}");
        }
        for line in ["use std::net::SocketAddr;", "// std::fs", "fn for_instance() {}", "use std::fmt::Write;"] {
            assert_eq!(faults(line), 0, "{line}");
        }
    }

    #[test]
    fn nor_does_what_it_depends_on() {
        let manifest = |text| check(&Tree::with([("crates/core/Cargo.toml", text)])).len();
        assert_eq!(manifest("[dependencies]\nrustix.workspace = true\n"), 1);
        assert_eq!(manifest("[dependencies]\nserde.workspace = true\n[dev-dependencies]\ntokio.workspace = true\n"), 0);
    }
}
