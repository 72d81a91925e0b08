//! A cheap look at a file's bytes: can it read the environment at all? Parsing costs a hundred times as much.
//!
//! Each language's needles are words that every form of read it knows must have in its source text, so a file without them has no read.

use memchr::memmem;

/// Whether `env` stands in the bytes in any mixture of cases. `v` is the rarest of the three letters in code.
pub(crate) fn has_env_in_any_case(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(b'v', b'V', bytes).any(|at| at >= 2 && bytes[at - 2..at].eq_ignore_ascii_case(b"en"))
}

/// Whether one of the words stands in the bytes.
pub(crate) fn has_one(bytes: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}
