//! "Did you mean ...?"

use crate::edits::distance;

/// The known word that was most likely meant, if one is near enough: a third of its letters may be wrong.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A very long word is no typing slip, and the distance is quadratic.
    if word.len() > 100 {
        return None;
    }
    let letters = |word: &str| word.replace('-', "_").chars().collect::<Vec<_>>();
    let word = letters(&word.to_lowercase());
    known
        .into_iter()
        .filter_map(|candidate| {
            let most = (candidate.len().max(word.len()) + 1) / 3;
            let edits = distance(&word, &letters(candidate), most);
            (edits <= most).then_some((edits, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// A hint that names the nearest of the known words, if any, and then all of them.
pub(super) fn hint<'a>(word: &str, what: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let all: Vec<&str> = known.clone().into_iter().collect();
    let list = if all.is_empty() { format!("there are no {what}") } else { format!("{what}: {}", all.join(", ")) };
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`? {list}"),
        None => list,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["build", "build_within", "run", "ready", "shared"];
        assert_eq!(nearest("biuld", known), Some("build"));
        assert_eq!(nearest("Build-Within", known), Some("build_within"));
        assert_eq!(nearest("sharde", known), Some("shared"));
        assert_eq!(nearest("rn", known), Some("run"));
        assert_eq!(nearest("command", known), None);
        assert_eq!(nearest(&"b".repeat(10_000), known), None);
    }
}
