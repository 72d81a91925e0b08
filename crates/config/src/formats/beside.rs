//! Paths of files that a file names, and patterns of them.

/// What a path is, seen from the folder of `file`; nothing when it leads out of the project, or begins at the system's root.
pub(super) fn beside(file: &str, path: &str) -> Option<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    below(folder, path)
}

/// What a path is, seen from a folder.
pub(super) fn below(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    Some(if folder.starts_with('/') { format!("/{path}") } else { path })
}

/// The folder that stands for the system's root, when a file lies where the system keeps such: `image` of
/// `image/etc/nginx/nginx.conf` with `etc/nginx/`.
pub(super) fn root<'a>(file: &'a str, homes: &[&str]) -> Option<&'a str> {
    homes.iter().find_map(|home| {
        let (before, _) = file.split_once(home)?;
        (before.is_empty() || before.ends_with('/')).then_some(before)
    })
}

/// Whether a path is a pattern.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// Whether a file's name fits a pattern with `*`, `?` and `[a-z]`, as `glob(3)` has them: a leading dot is only fitted by a dot.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(p + 1),
            Some('[') => match set(&pattern, p, name[n]) {
                Some((end, holds)) => holds.then_some(end),
                None => (name[n] == '[').then_some(p + 1),
            },
            Some('\\') if p + 1 < pattern.len() => (pattern[p + 1] == name[n]).then_some(p + 2),
            Some(other) => (*other == name[n]).then_some(p + 1),
            None => None,
        };
        if let Some(next) = step {
            p = next;
            n += 1;
        } else if let Some((from, at)) = star {
            star = Some((from, at + 1));
            p = from + 1;
            n = at + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// A set in brackets: nothing when it is not closed, else where it ends and whether it holds the character.
fn set(pattern: &[char], start: usize, character: char) -> Option<(usize, bool)> {
    let mut at = start + 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut holds = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((at + 1, holds != negated));
        }
        if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|high| *high != ']') {
            holds |= (low..=pattern[at + 2]).contains(&character);
            at += 3;
        } else {
            holds |= low == character;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{beside, fits, root};

    #[test]
    fn paths_stay_within_the_project() {
        for (file, path, expected) in [
            ("a/b.yml", "c.env", Some("a/c.env")),
            ("b.yml", "./c/../d.env", Some("d.env")),
            ("a/b.yml", "../c.env", Some("c.env")),
            ("a/b.yml", "../../c.env", None),
            ("a/b.yml", "/etc/c.env", None),
        ] {
            assert_eq!(beside(file, path).as_deref(), expected, "{path}");
        }
        assert_eq!(root("image/etc/nginx/sites-enabled/x", &["etc/nginx/"]), Some("image/"));
        assert_eq!(root("notetc/nginx/x", &["etc/nginx/"]), None);
    }

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf~", false),
            ("*.conf", ".a.conf", false),
            (".*", ".a", true),
            ("a?c*", "abcd", true),
            ("[a-c]1", "b1", true),
            ("[!a-c]1", "b1", false),
            ("[]x]", "]", true),
            ("[a", "[a", true),
            ("*a*b*", "xaybz", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
