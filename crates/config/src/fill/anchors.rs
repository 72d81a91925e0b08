//! Beside which keys a new one may stand, and on which line.

use crate::source::Read;

use super::text::{Text, commented, indentation};

/// A key that is set in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) key: String,
    /// From 0.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// Whether the new key comes after it.
    pub(super) before: bool,
}

/// No more keys than these are tried: with so many that do not fit, none will.
const MOST: usize = 12;

/// The keys beside which `key` may stand, the best first: its neighbours in the order of another environment's file, then those that
/// begin as it does, then the file's last.
pub(super) fn anchors(read: &Read, file: &str, key: &str, order: &[String]) -> Vec<Anchor> {
    let here: Vec<Anchor> = read
        .assignments
        .iter()
        .filter(|one| one.place.file == file && one.place.line > 0)
        .map(|one| Anchor {
            key: one.key.clone(),
            line: one.place.line as usize - 1,
            column: one.place.column as usize,
            before: true,
        })
        .collect();
    let mut found: Vec<Anchor> = Vec::new();
    let named = |name: &String| here.iter().rfind(|anchor| anchor.key == *name).cloned();
    if let Some(place) = order.iter().position(|other| other == key) {
        let ahead = order[..place].iter().rev().filter_map(named);
        let behind = order[place + 1..].iter().filter_map(named).map(|anchor| Anchor { before: false, ..anchor });
        let (ahead, behind): (Vec<Anchor>, Vec<Anchor>) = (ahead.collect(), behind.collect());
        found.extend(ahead.into_iter().take(MOST).chain(behind.into_iter().take(MOST)));
    }
    let mut alike: Vec<&Anchor> = here.iter().rev().filter(|anchor| likeness(&anchor.key, key) > 0).collect();
    alike.sort_by_key(|anchor| std::cmp::Reverse(likeness(&anchor.key, key)));
    found.extend(alike.into_iter().take(MOST).cloned());
    found.extend(here.last().cloned());
    // Where a key stands within sections, those of its own section come first; a neighbour elsewhere is none.
    found.sort_by_key(|anchor| std::cmp::Reverse(depth(&anchor.key, key)));
    let mut seen = Vec::new();
    found.retain(|anchor| {
        let new = !seen.contains(&anchor.key);
        seen.push(anchor.key.clone());
        new
    });
    found.truncate(MOST * 2);
    found
}

/// How many words two keys begin with in common.
fn likeness(one: &str, other: &str) -> usize {
    let split = |key: &str| key.split(['_', '.', ':', '-']).map(str::to_lowercase).collect::<Vec<_>>();
    split(one).iter().zip(&split(other)).take_while(|(a, b)| a == b).count()
}

/// How many sections two keys are in together.
fn depth(one: &str, other: &str) -> usize {
    let names = |key: &str| key.split(['.', ':']).map(ToOwned::to_owned).collect::<Vec<_>>();
    let (one, other) = (names(one), names(other));
    one[..one.len() - 1].iter().zip(&other[..other.len() - 1]).take_while(|(a, b)| a == b).count()
}

/// The key right before `key` in the order of another environment's file, of those that are set here.
pub(super) fn nearest<'a>(anchors: &'a [Anchor], key: &str, order: &[String]) -> Option<&'a Anchor> {
    let place = order.iter().position(|other| other == key)?;
    order[..place].iter().rev().find_map(|name| anchors.iter().find(|anchor| anchor.before && anchor.key == *name))
}

/// The lines before which the new key, so far to the right, may stand to be beside an anchor, the best first.
pub(super) fn positions(
    text: &Text,
    read: &Read,
    file: &str,
    anchor: &Anchor,
    width: usize,
    nearest: Option<&Anchor>,
) -> Vec<usize> {
    if !anchor.before {
        return vec![above_its_comment(text, anchor.line), anchor.line];
    }
    let starts = read.assignments.iter().filter(|one| one.place.file == file);
    let next = starts.map(|one| (one.place.line as usize).saturating_sub(1)).filter(|line| *line > anchor.line).min();
    let next = next.unwrap_or(text.lines.len());
    let mut found: Vec<usize> = nearest.map(|nearest| outside(text, nearest.line, width)).into_iter().collect();
    found.push(outside(text, anchor.line, indentation(&text.lines[anchor.line].text).len()));
    found.extend([back_over_remarks(text, next, anchor.line), anchor.line + 1, next, anchor.line]);
    found.dedup();
    found
}

/// Behind all that is further to the right than `width` after a line.
fn outside(text: &Text, line: usize, width: usize) -> usize {
    let is_over = |line: &str| !line.trim().is_empty() && indentation(line).len() <= width;
    let behind = text.lines.iter().enumerate().skip(line + 1).find(|(_, line)| is_over(&line.text));
    back_over_remarks(text, behind.map_or(text.lines.len(), |(index, _)| index), line)
}

fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || commented(line).is_some() || line.trim_start().starts_with(['*', '/'])
}

/// Blank lines and comments before a key belong to what follows.
fn back_over_remarks(text: &Text, mut line: usize, after: usize) -> usize {
    while line > after + 1 && is_remark(&text.lines[line - 1].text) {
        line -= 1;
    }
    line
}

/// Comments right above a key are about it, unless they are the file's own head.
fn above_its_comment(text: &Text, line: usize) -> usize {
    let mut above = line;
    while above > 0 && commented(&text.lines[above - 1].text).is_some() {
        above -= 1;
    }
    if above == 0 { line } else { above }
}
