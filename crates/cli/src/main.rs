//! The binary `sternway`.

fn main() {}
