//! The binary `sternway`.

#[allow(dead_code, unused_imports, reason = "the command that renders reports comes with the command line")]
mod report;

fn main() {}
