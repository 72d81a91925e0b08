//! What was found and what was not, by operator and half.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::table::Table;
use super::split::Half;

/// Goal: the share of the mistakes that are found.
pub(super) const RECALL: f64 = 0.95;
/// Goal: rewritings for one false alarm.
pub(super) const REWRITINGS: usize = 200;

/// Of some cases, those about which something was said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) cases: usize,
    pub(super) said: usize,
}

impl Count {
    fn add(&mut self, said: bool) {
        self.cases += 1;
        self.said += usize::from(said);
    }

    fn plus(self, other: Self) -> Self {
        Self { cases: self.cases + other.cases, said: self.said + other.said }
    }

    fn share(self) -> f64 {
        if self.cases == 0 { 1.0 } else { self.said as f64 / self.cases as f64 }
    }

    fn shown(self) -> String {
        if self.cases == 0 { "-".to_owned() } else { format!("{}/{}", self.said, self.cases) }
    }
}

/// The counts of one kind: mistakes, or rewritings.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: BTreeMap<(&'static str, Half), Count>,
    peer: BTreeMap<&'static str, Count>,
}

impl Tally {
    pub(super) fn add(&mut self, operator: &'static str, half: Half, said: bool, peer: Option<bool>) {
        self.counts.entry((operator, half)).or_default().add(said);
        if let Some(said) = peer {
            self.peer.entry(operator).or_default().add(said);
        }
    }

    pub(super) fn of(&self, half: Half) -> Count {
        let all = self.counts.iter().filter(|((_, other), _)| *other == half);
        all.fold(Count::default(), |sum, (_, count)| sum.plus(*count))
    }

    /// A row for each operator, and the sums.
    pub(super) fn print(&self, what: &str, said: &str) {
        let mut table = Table::new(&[what, "tuning half", "held-out half", said, "dotenv-linter"]);
        let names: std::collections::BTreeSet<&str> = self.counts.keys().map(|(name, _)| *name).collect();
        for name in names {
            let of = |half| self.counts.get(&(name, half)).copied().unwrap_or_default();
            let (tuning, held_out) = (of(Half::Tuning), of(Half::HeldOut));
            let peer = self.peer.get(name).copied().unwrap_or_default();
            let share = format!("{:.3}", tuning.plus(held_out).share());
            table.row([name.to_owned(), tuning.shown(), held_out.shown(), share, peer.shown()]);
        }
        let (tuning, held_out) = (self.of(Half::Tuning), self.of(Half::HeldOut));
        let peer = self.peer.values().fold(Count::default(), |sum, count| sum.plus(*count));
        let share = format!("{:.3}", tuning.plus(held_out).share());
        table.row(["all".to_owned(), tuning.shown(), held_out.shown(), share, peer.shown()]);
        table.print();
    }

    pub(super) fn json(&self) -> Value {
        let mut all = serde_json::Map::new();
        for ((name, half), count) in &self.counts {
            let half = if *half == Half::Tuning { "tuning" } else { "held_out" };
            all.entry(*name).or_insert_with(|| json!({}))[half] = json!({ "cases": count.cases, "said": count.said });
        }
        for (name, count) in &self.peer {
            all.entry(*name).or_insert_with(|| json!({}))["dotenv_linter"] =
                json!({ "cases": count.cases, "said": count.said });
        }
        Value::Object(all)
    }
}

/// Whether both goals are met on a half.
pub(super) fn met(mistakes: Count, rewritings: Count) -> bool {
    mistakes.share() >= RECALL && rewritings.said * REWRITINGS <= rewritings.cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_shares() {
        let count = |said, cases| Count { cases, said };
        assert!(met(count(95, 100), count(1, 200)));
        assert!(!met(count(94, 100), count(0, 200)));
        assert!(!met(count(100, 100), count(1, 199)));
    }
}
