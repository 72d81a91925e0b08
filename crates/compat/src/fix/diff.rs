//! Two texts of nearly the same lines as hunks of a unified diff.
//!
//! Changes are few and local, so lines are compared from both ends of each stretch that differs; no search for the shortest diff is needed.

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// A stretch of lines that differs: from and to in the old lines, from and to in the new ones.
type Stretch = (usize, usize, usize, usize);

/// The hunks that make the new text of the old one; empty when they are the same.
pub(super) fn hunks(old: &[u8], new: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(old), lines(new));
    let stretches = stretches(&old, &new);
    let mut out = Vec::new();
    let mut at = 0;
    while at < stretches.len() {
        // Changes whose surroundings touch stand in one hunk.
        let mut end = at + 1;
        while end < stretches.len() && stretches[end].0 - stretches[end - 1].1 <= 2 * CONTEXT {
            end += 1;
        }
        hunk(&mut out, &old, &new, &stretches[at..end]);
        at = end;
    }
    out
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn stretches(old: &[&[u8]], new: &[&[u8]]) -> Vec<Stretch> {
    let mut found = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if old.get(a).is_some() && old.get(a) == new.get(b) {
            a += 1;
            b += 1;
            continue;
        }
        let (end_a, end_b) = meet(old, new, a, b);
        found.push((a, end_a, b, end_b));
        (a, b) = (end_a, end_b);
    }
    found
}

/// Where both go on the same: the nearest place at which two lines in a row are the same, or the end.
fn meet(old: &[&[u8]], new: &[&[u8]], a: usize, b: usize) -> (usize, usize) {
    let same = |x: usize, y: usize| match (old.get(x), new.get(y)) {
        (Some(one), Some(other)) => one == other && old.get(x + 1) == new.get(y + 1),
        (None, None) => true,
        _ => false,
    };
    let furthest = (old.len() - a).max(new.len() - b);
    for distance in 1..=2 * furthest {
        for forward in 0..=distance {
            let (x, y) = (a + forward, b + (distance - forward));
            if x <= old.len() && y <= new.len() && same(x, y) {
                return (x, y);
            }
        }
    }
    (old.len(), new.len())
}

fn hunk(out: &mut Vec<u8>, old: &[&[u8]], new: &[&[u8]], stretches: &[Stretch]) {
    let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return };
    let before = first.0.min(CONTEXT);
    let (start_old, start_new) = (first.0 - before, first.2 - before);
    let end_old = (last.1 + CONTEXT).min(old.len());
    let end_new = last.3 + (end_old - last.1);
    let range = |start: usize, end: usize| {
        let count = end - start;
        let first = if count == 0 { start } else { start + 1 };
        if count == 1 { first.to_string() } else { format!("{first},{count}") }
    };
    out.extend(format!("@@ -{} +{} @@\n", range(start_old, end_old), range(start_new, end_new)).bytes());
    let mut at = start_old;
    for (from_old, to_old, from_new, to_new) in stretches {
        old[at..*from_old].iter().for_each(|line| push(out, b' ', line));
        old[*from_old..*to_old].iter().for_each(|line| push(out, b'-', line));
        new[*from_new..*to_new].iter().for_each(|line| push(out, b'+', line));
        at = *to_old;
    }
    old[at..end_old].iter().for_each(|line| push(out, b' ', line));
}

fn push(out: &mut Vec<u8>, sign: u8, line: &[u8]) {
    out.push(sign);
    out.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        String::from_utf8(hunks(old.as_bytes(), new.as_bytes())).unwrap()
    }

    #[test]
    fn a_change_stands_between_three_lines_and_far_ones_apart() {
        let old = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ".replace(' ', "\n");
        let new = old.replace("\n5\n", "\nfive\n").replace("\n18\n", "\n");
        assert_eq!(
            diff(&old, &new),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -15,6 +15,5 @@\n 15\n 16\n 17\n-18\n 19\n 20\n"
        );
        assert_eq!(diff(&old, &old), "");
    }

    #[test]
    fn an_end_without_a_line_end_is_said() {
        assert_eq!(
            diff("a\nb", "a\nc"),
            "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    }
}
