//! Salted, iterated password hashes.

use std::fmt::Write as _;
use std::io;

use sha2::{Digest as _, Sha256};

/// About a millisecond of work: enough for a demo on loopback. A real shop takes Argon2.
const ROUNDS: u32 = 2_000;

/// `salt$hash` of a password, both in hexadecimal, with a fresh salt.
pub(super) fn hash(password: &str) -> io::Result<String> {
    let salt = random_hex::<16>()?;
    Ok(format!("{salt}${}", stretch(&salt, password)))
}

/// Whether `password` is the one that `stored` was made of.
pub(super) fn matches(stored: &str, password: &str) -> bool {
    let Some((salt, hash)) = stored.split_once('$') else {
        return false;
    };
    let found = stretch(salt, password);
    // Without an early end, whose time would tell how much is right.
    found.len() == hash.len() && found.bytes().zip(hash.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// `N` random bytes in hexadecimal.
pub(super) fn random_hex<const N: usize>() -> io::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(hex(&bytes))
}

/// The SHA-256 of a text in hexadecimal.
pub(super) fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn stretch(salt: &str, password: &str) -> String {
    let mut hash = Sha256::digest(format!("{salt}{password}"));
    for _ in 0..ROUNDS {
        hash = Sha256::new().chain_update(hash).chain_update(password).finalize();
    }
    hex(&hash)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
