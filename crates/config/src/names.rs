//! What environments are called in names of databases, hosts and files, and what is left of such a name without it.
//!
//! `shop_production` and `shop_staging` are one name in two environments; `shop_production` and `billing_staging` are two.

use sternway_core::ids::EnvironmentName;

/// Words for one kind of environment.
const KINDS: [&[&str]; 4] = [
    &["production", "prod", "prd", "live"],
    &["staging", "stage", "stg", "stag", "preprod", "acceptance", "acc", "uat", "sandbox"],
    &["development", "devel", "dev", "local", "localhost"],
    &["testing", "test", "tst", "qa", "ci"],
];

/// The words by which one environment is known: its own, and those that people use for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Those of an environment: of each word of its name, `eu-production` having two.
    pub(crate) fn of(environment: &EnvironmentName) -> Self {
        let mut words = Vec::new();
        for word in pieces(environment.as_str()) {
            let word = word.to_lowercase();
            let same = KINDS.iter().find(|kind| kind.contains(&word.as_str()));
            words.extend(same.into_iter().flat_map(|kind| kind.iter().map(|word| (*word).to_owned())));
            words.push(word);
        }
        // Longer ones first: `production` before `prod`.
        words.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        words.dedup();
        Self(words)
    }

    /// A name without them, in small letters, its words joined by `-`: `shop_production` and `Shop` are `shop`.
    pub(crate) fn out_of(&self, name: &str) -> String {
        let left: Vec<String> =
            pieces(name).map(|piece| self.out_of_word(&piece.to_lowercase())).filter(|word| !word.is_empty()).collect();
        left.join("-")
    }

    /// A name without them and with one separator less for each, letters as they are: `shop-staging:` is `shop:`.
    pub(crate) fn cut_from(&self, name: &str) -> String {
        let mut left = String::with_capacity(name.len());
        let mut rest = name;
        while let Some(from) = rest.find(char::is_alphanumeric) {
            let until = rest[from..].find(|c: char| !c.is_alphanumeric()).map_or(rest.len(), |at| from + at);
            let (separator, word) = (&rest[..from], &rest[from..until]);
            let short = self.out_of_word(&word.to_lowercase());
            if short.is_empty() {
                // What joins the name to the rest goes with it; at the beginning of the text that stands behind it.
                left.push_str(&separator[..separator.len() - separator.chars().next_back().map_or(0, char::len_utf8)]);
                rest = &rest[until..];
                if left.is_empty() {
                    rest = rest.strip_prefix(['_', '-', '.', ':', '/']).unwrap_or(rest);
                }
                continue;
            }
            left.push_str(separator);
            left.push_str(if short.len() < word.len() { &short } else { word });
            rest = &rest[until..];
        }
        left.push_str(rest);
        left
    }

    /// Whether the environment is a developer's own: there everything is on one machine, and little of it encrypted.
    pub(crate) fn are_of_development(&self) -> bool {
        self.0.iter().any(|word| KINDS[2].contains(&word.as_str()))
    }

    /// Whether a name has one of them.
    pub(crate) fn are_in(&self, name: &str) -> bool {
        pieces(name).any(|piece| {
            let piece = piece.to_lowercase();
            self.out_of_word(&piece) != piece
        })
    }

    /// Whether a name has one of them as a word of its own. Digits at its end do not count: `staging2`.
    pub(crate) fn stand_in(&self, name: &str) -> bool {
        pieces(name).any(|piece| {
            let piece = piece.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase();
            self.0.contains(&piece)
        })
    }

    /// `prodshop` and `shopprod` are `shop`: a word may be glued to the name, when enough is left.
    fn out_of_word(&self, word: &str) -> String {
        if self.0.iter().any(|own| own == word) {
            return String::new();
        }
        for own in self.0.iter().filter(|own| own.len() >= 3) {
            let rest = word.strip_suffix(own.as_str()).or_else(|| word.strip_prefix(own.as_str()));
            if let Some(rest) = rest.filter(|rest| rest.len() >= 3) {
                return rest.to_owned();
            }
        }
        word.to_owned()
    }
}

/// The words of a name: letters and digits, also those of `camelCase`.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(humps).filter(|piece| !piece.is_empty())
}

fn humps(word: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut lower = false;
    for (at, c) in word.char_indices() {
        if c.is_uppercase() && lower {
            found.push(&word[start..at]);
            start = at;
        }
        lower = c.is_lowercase();
    }
    found.push(&word[start..]);
    found
}

/// Whether one of two names may be the other, changed by a slip or by something put behind it: `shop` and `shop2`, `shop` and `shopp`.
pub(crate) fn are_close(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let shorter = a.len().min(b.len());
    shorter >= 3 && (one.starts_with(other) || other.starts_with(one) || one.ends_with(other) || other.ends_with(one))
        || shorter >= 4 && sternway_core::edits::distance(&a, &b, 2) <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> Words {
        Words::of(&EnvironmentName::new(name).unwrap())
    }

    #[test]
    fn what_is_left_of_a_name_is_the_same_everywhere() {
        for (environment, name, left) in [
            ("production", "shop_production", "shop"),
            ("prod", "shop_production", "shop"),
            ("staging", "Shop-Staging", "shop"),
            ("staging", "stgshop", "shop"),
            ("production", "shopprod", "shop"),
            ("production", "shop", "shop"),
            ("eu-production", "shop_prod_eu", "shop"),
            ("production", "delivery", "delivery"),
            ("production", "live", ""),
            ("staging", "OrdersStaging", "orders"),
            ("blue", "shop_blue", "shop"),
        ] {
            assert_eq!(words(environment).out_of(name), left, "{environment} {name}");
        }
        assert!(words("staging").stand_in("db-staging2.example.org"));
        assert!(!words("staging").stand_in("upstaging"));
        assert!(words("staging").are_in("shopstaging"));
    }

    #[test]
    fn separators_stay_but_for_that_of_the_name() {
        for (environment, name, left) in [
            ("staging", "polder-staging:", "polder:"),
            ("production", "polder-production:", "polder:"),
            ("production", "shop_", "shop_"),
            ("production", "prod:shop:", "shop:"),
            ("production", "Willow:session", "Willow:session"),
            ("production", "production", ""),
        ] {
            assert_eq!(words(environment).cut_from(name), left, "{environment} {name}");
        }
        assert!(words("dev").are_of_development() && !words("test").are_of_development());
    }

    #[test]
    fn slips_and_endings_are_close() {
        for (one, other, close) in [
            ("shop", "shop2", true),
            ("shop", "shop-old", true),
            ("shop", "shpo", true),
            ("shop", "billing", false),
            ("a", "b", false),
        ] {
            assert_eq!(are_close(one, other), close, "{one} {other}");
        }
    }
}
