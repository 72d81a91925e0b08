//! On which versions a condition may hold and may fail, and what is known to exist when it does.

use crate::facts::Kind;
use crate::version::{Version, Versions};

/// Something that exists wherever a branch runs, because its guard asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Existing {
    pub(super) kind: Kind,
    /// The name's hash without case.
    pub(super) name: u64,
}

/// A condition as far as versions decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// The versions on which it may hold.
    pub(super) yes: Versions,
    /// The versions on which it may fail.
    pub(super) no: Versions,
    /// What exists when it holds.
    pub(super) with: Vec<Existing>,
    /// What exists when it fails.
    pub(super) without: Vec<Existing>,
}

impl Condition {
    /// One about which versions say nothing.
    pub(super) const fn unknown() -> Self {
        Self { yes: Versions::ALL, no: Versions::ALL, with: Vec::new(), without: Vec::new() }
    }

    /// One that holds on exactly these versions.
    pub(super) fn on(versions: Versions) -> Self {
        Self { yes: versions, no: versions.others(), ..Self::unknown() }
    }

    /// One that asks whether something exists, which it does on these versions.
    pub(super) fn exists(kind: Kind, name: u64, versions: Option<Versions>) -> Self {
        let on = versions.map_or_else(Self::unknown, Self::on);
        Self { with: vec![Existing { kind, name }], ..on }
    }

    /// `!a`
    pub(super) fn negated(self) -> Self {
        Self { yes: self.no, no: self.yes, with: self.without, without: self.with }
    }

    /// `a && b`
    pub(super) fn and(mut self, other: Self) -> Self {
        self.with.extend(other.with);
        Self {
            yes: self.yes.and(other.yes),
            no: self.no.or(self.yes.and(other.no)),
            with: self.with,
            // Which of both failed is not known.
            without: Vec::new(),
        }
    }

    /// `a || b`
    pub(super) fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// Whether versions say nothing about it, and nothing is known to exist.
    pub(super) fn is_unknown(&self) -> bool {
        self.yes == Versions::ALL && self.no == Versions::ALL && self.with.is_empty() && self.without.is_empty()
    }
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Operator {
    /// As `version_compare` takes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "<" | "lt" => Self::Less,
            "<=" | "le" => Self::LessOrEqual,
            "==" | "eq" => Self::Equal,
            "!=" | "<>" | "ne" => Self::NotEqual,
            ">=" | "ge" => Self::GreaterOrEqual,
            ">" | "gt" => Self::Greater,
            _ => return None,
        })
    }

    /// `b op a` for `a op b`.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Greater => Self::Less,
            same => same,
        }
    }

    pub(super) fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }

    /// Whether it may hold, and may fail, for one of the numbers from `first` to `last`.
    fn over(self, first: i64, last: i64, right: i64) -> (bool, bool) {
        let near =
            [first, last, right.clamp(first, last), (right - 1).clamp(first, last), (right + 1).clamp(first, last)];
        let holds = |left: &i64| self.holds(*left, right);
        (near.iter().any(holds), !near.iter().all(holds))
    }
}

/// What of the running version is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    /// `PHP_VERSION_ID`
    Id,
    /// `PHP_MAJOR_VERSION`
    Major,
    /// `PHP_MINOR_VERSION`
    Minor,
    /// `PHP_VERSION`, `phpversion()`, as a version or as a number of major and minor.
    Text,
}

/// The condition that the running version compares so with a number; for [`Aspect::Text`] that is one that [`point`] gives.
pub(super) fn compared(aspect: Aspect, operator: Operator, number: i64) -> Condition {
    let (mut yes, mut no) = (Versions::NONE, Versions::NONE);
    for version in Version::all() {
        let id = i64::from(version.id());
        let (first, last) = match aspect {
            Aspect::Id => (id, id + 99),
            Aspect::Major => (i64::from(version.major()), i64::from(version.major())),
            Aspect::Minor => (i64::from(version.minor()), i64::from(version.minor())),
            Aspect::Text => (id * 2, (id + 99) * 2),
        };
        let (may_hold, may_fail) = operator.over(first, last, number);
        if may_hold {
            yes = yes.or(Versions::only(version));
        }
        if may_fail {
            no = no.or(Versions::only(version));
        }
    }
    Condition { yes, no, ..Condition::unknown() }
}

/// A version as `version_compare` orders it: twice its id, and one less when it lacks its patch version or is one before a release, such as
/// 8.2 and 8.2.0RC1, which both come before 8.2.0.
pub(super) fn point(text: &str) -> Option<i64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, suffix) = text.split_at(end);
    let mut parts = numbers.split('.').filter(|part| !part.is_empty()).map(|part| part.parse::<i64>().ok());
    let major = parts.next()??;
    let (minor, patch) = (parts.next(), parts.next());
    let whole = minor.is_some() && patch.is_some() && suffix.is_empty();
    let id = major * 10_000 + minor.unwrap_or(Some(0))? * 100 + patch.unwrap_or(Some(0))?.min(99);
    Some(id.checked_mul(2)? - i64::from(!whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(versions: Versions) -> String {
        let all: Vec<String> = versions.iter().map(|version| version.to_string()).collect();
        format!("{}..{}", all.first().map_or("", String::as_str), all.last().map_or("", String::as_str))
    }

    #[test]
    fn ids_are_compared_over_all_patch_versions() {
        let at = |operator, number| {
            let condition = compared(Aspect::Id, operator, number);
            (names(condition.yes), names(condition.no))
        };
        assert_eq!(at(Operator::GreaterOrEqual, 80_000), ("8.0..9.9".to_owned(), "5.0..7.4".to_owned()));
        assert_eq!(at(Operator::Greater, 80_000), ("8.0..9.9".to_owned(), "5.0..8.0".to_owned()));
        assert_eq!(at(Operator::Less, 70_200), ("5.0..7.1".to_owned(), "7.2..9.9".to_owned()));
        assert_eq!(at(Operator::LessOrEqual, 70_199), ("5.0..7.1".to_owned(), "7.2..9.9".to_owned()));
        assert_eq!(at(Operator::Equal, 70_105), ("7.1..7.1".to_owned(), "5.0..9.9".to_owned()));
    }

    #[test]
    fn texts_are_compared_as_version_compare_does() {
        let at = |operator: &str, text| {
            let condition = compared(Aspect::Text, Operator::parse(operator).unwrap(), point(text).unwrap());
            (names(condition.yes), names(condition.no))
        };
        assert_eq!(at(">=", "8.0.0"), ("8.0..9.9".to_owned(), "5.0..7.4".to_owned()));
        assert_eq!(at(">=", "8"), ("8.0..9.9".to_owned(), "5.0..7.4".to_owned()));
        assert_eq!(at(">", "7.4"), ("7.4..9.9".to_owned(), "5.0..7.3".to_owned()));
        assert_eq!(at("lt", "5.4.0"), ("5.0..5.3".to_owned(), "5.4..9.9".to_owned()));
        assert_eq!(at("<", "7.4.0-dev"), ("5.0..7.3".to_owned(), "7.4..9.9".to_owned()));
        assert_eq!(point("x"), None);
    }

    #[test]
    fn both_sides_decide_together() {
        let since = |major, minor| Condition::on(Versions::from(Version::new(major, minor)));
        let between = since(7, 0).and(since(8, 0).negated());
        assert_eq!((names(between.yes), between.no), ("7.0..7.4".to_owned(), between.yes.others()));
        let outside = since(8, 0).or(since(7, 0).negated());
        assert_eq!(outside.yes, between.no);
        let maybe = since(8, 0).and(Condition::unknown());
        assert_eq!((names(maybe.yes), maybe.no), ("8.0..9.9".to_owned(), Versions::ALL));
    }
}
