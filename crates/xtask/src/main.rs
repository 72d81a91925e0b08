//! Chores of this repository: `cargo xtask tidy` checks the rules of the house, `cargo xtask bench NAME` measures.

mod bench;
mod tidy;

use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask CHORE

  tidy    check the rules of the house: arrows between crates, sizes, documentation, forbidden words
  bench   measure: switch, bad-release, proxy, logbook, consistency (`cargo xtask bench` tells the options)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => tidy::run(),
        ["bench", words @ ..] => bench::run(words),
        ["bench-app"] => bench::serve_app(),
        ["help" | "--help" | "-h"] => {
            say(USAGE);
            ExitCode::SUCCESS
        }
        _ => {
            say(USAGE);
            ExitCode::from(2)
        }
    }
}

/// Prints for a person; a closed pipe is no reason to fail.
fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
