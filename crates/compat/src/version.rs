//! Versions of PHP, and sets of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A minor version of PHP, such as 8.2. What a patch version changes is no matter of compatibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    major: u8,
    minor: u8,
}

/// Why a text is no version of PHP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of PHP such as 8.2")]
pub struct InvalidVersion(pub String);

/// How many minor versions each major version has room for, oldest first; there was no PHP 6. Together they are the 32 bits of [`Versions`].
const MAJORS: &[(u8, u8)] = &[(5, 7), (7, 5), (8, 10), (9, 10)];

impl Version {
    /// The oldest version that old code is taken to have been written for, when nobody says.
    pub const OLDEST_SOURCE: Self = Self::new(5, 6);

    /// Such as `Version::new(8, 2)`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// 8 of 8.2.
    pub const fn major(self) -> u8 {
        self.major
    }

    /// 2 of 8.2.
    pub const fn minor(self) -> u8 {
        self.minor
    }

    /// `PHP_VERSION_ID` of its first patch version: 80200 for 8.2.
    pub const fn id(self) -> u32 {
        self.major as u32 * 10_000 + self.minor as u32 * 100
    }

    /// All versions that are known or have room kept for them, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        MAJORS.iter().flat_map(|&(major, minors)| (0..minors).map(move |minor| Self { major, minor }))
    }

    /// Its place among all versions; what is older or newer than all is the first or last.
    fn place(self) -> u32 {
        let mut before = 0;
        for &(major, minors) in MAJORS {
            if self.major < major {
                return before;
            }
            if self.major == major {
                return before + u32::from(self.minor.min(minors - 1));
            }
            before += u32::from(minors);
        }
        before - 1
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    /// `8.2`; also `8.2.7`, whose patch version is left out.
    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let invalid = || InvalidVersion(text.to_owned());
        let number = |part: Option<&str>| {
            let part = part.filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<u8>().ok())
        };
        let mut parts = text.split('.');
        let (major, minor) = (number(parts.next()), number(parts.next()));
        if parts.next().is_some_and(|patch| number(Some(patch)).is_none()) || parts.next().is_some() {
            return Err(invalid());
        }
        match (major, minor) {
            (Some(major), Some(minor)) if major >= 5 => Ok(Self { major, minor }),
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;
    fn try_from(text: String) -> Result<Self, InvalidVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

/// A set of minor versions: on which a branch of code runs, on which a symbol exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Versions(u32);

impl Versions {
    /// None.
    pub const NONE: Self = Self(0);
    /// All, also those to come.
    pub const ALL: Self = Self(u32::MAX);

    /// This one alone.
    pub fn only(version: Version) -> Self {
        Self(1 << version.place())
    }

    /// This one and all later ones.
    pub fn from(version: Version) -> Self {
        Self(u32::MAX << version.place())
    }

    /// All before this one.
    pub fn before(version: Version) -> Self {
        Self(!Self::from(version).0)
    }

    /// Whether there is none in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it is in it.
    pub fn has(self, version: Version) -> bool {
        self.0 & Self::only(version).0 != 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are in one or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in it.
    #[must_use]
    pub fn others(self) -> Self {
        Self(!self.0)
    }

    /// The versions in it, oldest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Version> {
        Version::all().filter(move |version| self.has(*version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        for (text, version) in
            [("5.3", (5, 3)), ("8.2", (8, 2)), ("8.2.7", (8, 2)), ("8.10", (8, 10)), ("9.0", (9, 0)), ("10.1", (10, 1))]
        {
            assert_eq!(text.parse(), Ok(Version::new(version.0, version.1)), "{text}");
        }
        for text in ["", "8", "8.", ".2", "8.x", "8.2.", "8.2.1.0", "4.4", "8.256", "+8.2", " 8.2"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert!(Version::new(8, 10) > Version::new(8, 9));
        assert_eq!(Version::new(7, 4).id(), 70_400);
    }

    #[test]
    fn every_version_has_a_bit_of_its_own() {
        let all: Vec<Version> = Version::all().collect();
        assert_eq!(all.len(), 32);
        for (place, version) in all.iter().enumerate() {
            assert_eq!(version.place() as usize, place);
            assert_eq!(Versions::only(*version).iter().collect::<Vec<_>>(), [*version]);
        }
    }

    #[test]
    fn sets_split_at_a_version() {
        let since = Versions::from(Version::new(8, 0));
        assert!(since.has(Version::new(8, 0)) && since.has(Version::new(9, 3)));
        assert!(!since.has(Version::new(7, 4)));
        assert_eq!(Versions::before(Version::new(8, 0)).or(since), Versions::ALL);
        assert!(Versions::before(Version::new(8, 0)).and(since).is_empty());
        assert_eq!(since.others().iter().next_back(), Some(Version::new(7, 4)));
        assert!(Versions::before(Version::new(5, 0)).is_empty());
    }
}
