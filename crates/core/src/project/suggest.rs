//! "Did you mean ...?"

/// Edits (insert, delete, replace, swap of neighbours) that lead from one word to the other: the optimal string alignment distance.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    last[b.len()]
}

/// The known word that was most likely meant, if one is near enough: a third of its letters may be wrong.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A very long word is no typing slip, and the distance is quadratic.
    if word.len() > 100 {
        return None;
    }
    let word = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.replace('-', "_")), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.len().max(word.len()) + 1) / 3)
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
