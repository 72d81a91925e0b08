//! Secrets that a comment may have cut: `PASSWORD=abc #def`, meant as one text, is `abc`.

use sternway_core::finding::Finding;

use crate::recognise::is_secret;
use crate::source::Read;

/// Warns of secrets without quotes behind which something follows that looks more like their end than like a comment.
pub(crate) fn look(read: &mut Read, bytes: &[u8], file: &str) {
    let mut lines: Option<Vec<&[u8]>> = None;
    let mut findings = Vec::new();
    for assignment in &read.assignments {
        let place = &assignment.place;
        let Some(text) = assignment.value.plain().filter(|text| !text.is_empty() && !text.contains('\n')) else {
            continue;
        };
        let (secret, url) = (is_secret(&assignment.key, &text), text.contains("://"));
        if (!secret && !url) || place.file != file || place.line == 0 {
            continue;
        }
        let lines = lines.get_or_insert_with(|| bytes.split(|byte| *byte == b'\n').collect());
        let line = usize::try_from(place.line - 1).ok().and_then(|at| lines.get(at));
        let Some(line) = line.and_then(|line| std::str::from_utf8(line).ok()) else { continue };
        let behind = line.rfind(&text).map_or("", |at| line[at + text.len()..].trim_end());
        if is_cut(behind) && (secret || behind.contains('@')) {
            let message = "what stands behind it begins with `#` and looks like its end, and not like a comment";
            let hint = "put the value in quotes; or, before a comment, write a space behind the `#`";
            let finding = Finding::warning("S0276", &assignment.key, message).hint(hint);
            findings.push(finding.at(&place.file, place.line, place.column));
        }
    }
    read.findings.extend(findings);
}

/// Whether what follows a value was probably part of it: a `#` with something right behind it, or right behind the value.
fn is_cut(behind: &str) -> bool {
    let comment = behind.trim_start();
    let Some(rest) = comment.strip_prefix('#') else { return false };
    let spaced = comment.len() < behind.len();
    let first = rest.chars().next();
    if spaced { first.is_some_and(|c| c.is_alphanumeric() || "$%&@*+=".contains(c)) } else { first.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_ends_of_values() {
        for behind in [" #def", "\t#9x", "#def", "# def"] {
            assert!(is_cut(behind), "{behind}");
        }
        for behind in ["", " ", " # the old one", " ## x", "\" #def", " #"] {
            assert!(!is_cut(behind), "{behind}");
        }
    }
}
