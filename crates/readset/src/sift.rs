//! A cheap look at a file's bytes: can it read the environment at all? Parsing costs a hundred times as much.
//!
//! Each language's needles are words that every form of read it knows must have in its source text, so a file without them has no read.

use memchr::memmem;

/// Whether `env` stands in the bytes in any mixture of cases. `v` is the rarest of the three letters in code.
pub(crate) fn has_env_in_any_case(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(b'v', b'V', bytes).any(|at| at >= 2 && bytes[at - 2..at].eq_ignore_ascii_case(b"en"))
}

/// Whether one of the texts stands in the bytes.
pub(crate) fn has_one(bytes: &[u8], texts: &[&str]) -> bool {
    texts.iter().any(|text| memmem::find(bytes, text.as_bytes()).is_some())
}

/// Whether one of the words stands in the bytes as a whole name: a name of code is one token, so `environment` is no `environ`.
pub(crate) fn has_word(bytes: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| ends_of(bytes, word).next().is_some())
}

/// Whether `env` stands before `import`, with nothing but space of any kind, continued lines and comments between.
pub(crate) fn imports_from_env(bytes: &[u8]) -> bool {
    ends_of(bytes, "env").any(|end| {
        let rest = &bytes[end..];
        let space = rest.iter().take_while(|byte| !byte.is_ascii_graphic() || **byte == b'\\').count();
        rest[space..].starts_with(b"import") || rest[space..].starts_with(b"#")
    })
}

/// Where a word ends, wherever it stands as a whole name.
fn ends_of<'b>(bytes: &'b [u8], word: &'b str) -> impl Iterator<Item = usize> + 'b {
    let of_a_name = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    memmem::find_iter(bytes, word.as_bytes())
        .filter(move |at| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            !of_a_name(before) && !of_a_name(bytes.get(at + word.len()))
        })
        .map(|at| at + word.len())
}
