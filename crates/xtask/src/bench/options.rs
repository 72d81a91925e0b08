//! What can be asked of a benchmark.

use super::Outcome;

/// Options without a number: 1 when they are there.
const FLAGS: [&str; 4] = ["held-out", "speed", "tuning", "wrong"];

/// Numbers by name, each with the benchmark's own default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options(Vec<(String, u64)>);

impl Options {
    /// Reads `--name number` pairs, and flags.
    pub(crate) fn parse(words: &[&str]) -> Outcome<Self> {
        let mut options = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("{word} is not an option"))?;
            let value = if FLAGS.contains(&name) {
                1
            } else {
                let value = words.next().ok_or_else(|| format!("{word} needs a number"))?;
                value.parse().map_err(|_| format!("{value} is not a number"))?
            };
            options.push((name.to_owned(), value));
        }
        Ok(Self(options))
    }

    /// The number with this name.
    pub(crate) fn get(&self, name: &str, default: u64) -> u64 {
        self.0.iter().rev().find(|(known, _)| known == name).map_or(default, |(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_the_rest_has_its_default() {
        let options = Options::parse(&["--runs", "7"]).unwrap();
        assert_eq!((options.get("runs", 5), options.get("rounds", 3)), (7, 3));
        let flagged = Options::parse(&["--speed", "--runs", "2"]).unwrap();
        assert_eq!((flagged.get("speed", 0), flagged.get("runs", 5)), (1, 2));
        assert!(Options::parse(&["--runs"]).is_err());
        assert!(Options::parse(&["runs", "7"]).is_err());
        assert!(Options::parse(&["--runs", "x"]).is_err());
    }
}
