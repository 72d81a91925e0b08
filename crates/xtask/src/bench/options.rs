//! What can be asked of a benchmark.

use super::Outcome;

/// Numbers by name, each with the benchmark's own default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options(Vec<(String, u64)>);

impl Options {
    /// Reads `--name number` pairs.
    pub(crate) fn parse(words: &[&str]) -> Outcome<Self> {
        let mut options = Vec::new();
        for pair in words.chunks(2) {
            let [name, value] = pair else { return Err(format!("{} needs a number", pair[0]).into()) };
            let name = name.strip_prefix("--").ok_or_else(|| format!("{name} is not an option"))?;
            let value = value.parse().map_err(|_| format!("{value} is not a number"))?;
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
        assert!(Options::parse(&["--runs"]).is_err());
        assert!(Options::parse(&["runs", "7"]).is_err());
        assert!(Options::parse(&["--runs", "x"]).is_err());
    }
}
