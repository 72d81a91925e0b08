//! How far two words are apart.

/// Edits (insert, delete, replace, swap of neighbours) that lead from one word to the other: the optimal string alignment distance.
/// Counted up to `limit`; what is further apart answers with `limit + 1`.
pub fn distance(a: &[char], b: &[char], limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
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
        // A swap looks two rows back, so that both must be beyond it.
        if row.iter().chain(&last).all(|&edits| edits > limit) {
            return limit + 1;
        }
        before_last = last;
        last = row;
    }
    last[b.len()].min(limit + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(a: &str, b: &str, limit: usize) -> usize {
        distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), limit)
    }

    #[test]
    fn each_edit_counts_one() {
        assert_eq!(apart("", "", 3), 0);
        assert_eq!(apart("build", "build", 3), 0);
        assert_eq!(apart("biuld", "build", 3), 1, "swapped");
        assert_eq!(apart("bild", "build", 3), 1, "lost");
        assert_eq!(apart("buiild", "build", 3), 1, "doubled");
        assert_eq!(apart("bu\u{ef}ld", "build", 3), 1, "replaced");
        assert_eq!(apart("abcd", "badc", 3), 2, "two swaps");
        assert_eq!(apart("", "abc", 3), 3);
    }

    #[test]
    fn beyond_the_limit_nothing_is_counted() {
        assert_eq!(apart("abcdef", "uvwxyz", 2), 3);
        assert_eq!(apart("a", "abcdef", 2), 3);
        assert_eq!(apart("abcd", "badc", 1), 2);
        assert_eq!(apart("ab", "ba", 1), 1, "a swap within the limit");
    }
}
