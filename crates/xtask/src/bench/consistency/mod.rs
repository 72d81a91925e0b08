//! Mistakes in configuration that `sternway check` must find, and rewritings about which it must say nothing.
//!
//! Projects as they really are laid out (`crates/xtask/layouts`) are changed in one place by [`operators`] and [`rewritings`], always the
//! same way, and the real program is run on each. A mistake is found when an error or a warning that the unchanged project does not give
//! points at the changed line or names the key; a rewriting gives a false alarm with any new error or warning. Half of the layouts and half
//! of the operators were left alone while the rules were tuned: see [`split`].

mod case;
mod entries;
mod layout;
mod operators;
mod parts;
mod peer;
mod random;
mod rewritings;
mod run;
mod score;
mod sites;
mod speed;
mod split;
mod yaml;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use self::case::Case;
use self::layout::Layout;
use self::operators::Operator;
use self::random::Random;
use self::run::{Bench, Found, is_about};
use self::score::{Tally, met};
use self::split::Half;
use super::options::Options;
use super::{Outcome, beside};
use crate::say;

/// Cases of one operator on one layout, unless asked otherwise.
const CASES: u64 = 12;

/// One case with all that it counts for.
struct Planned {
    layout: usize,
    operator: &'static str,
    half: Half,
    is_mistake: bool,
    case: Case,
}

/// How one case went.
struct Seen {
    said: bool,
    news: Vec<Found>,
    peer: Option<bool>,
}

/// Runs it.
pub(super) fn run(options: &Options) -> Outcome<Value> {
    if options.get("speed", 0) > 0 {
        return speed::run(options);
    }
    let sternway = beside(&["--package", "sternway"], "sternway")?;
    let layouts = Layout::all()?;
    let mut planned = plan(&layouts, usize::try_from(options.get("cases", CASES))?);
    if options.get("tuning", 0) > 0 {
        planned.retain(|planned| planned.half == Half::Tuning);
    }
    let peer = peer::find();
    let seen = look(&layouts, &planned, &sternway, peer.as_deref())?;

    let (mut mistakes, mut false_alarms) = (Tally::default(), Tally::default());
    for (planned, seen) in planned.iter().zip(&seen) {
        let tally = if planned.is_mistake { &mut mistakes } else { &mut false_alarms };
        tally.add(planned.operator, planned.half, seen.said, seen.peer);
        // What is held out is counted and not shown, so that nobody mends a rule for one of its cases.
        let told = planned.half == Half::Tuning || options.get("held-out", 0) > 0;
        if planned.is_mistake != seen.said && told && options.get("wrong", 0) > 0 {
            say(&wrong(planned, seen, &layouts[planned.layout]));
        }
    }
    mistakes.print("mistakes found", "recall");
    false_alarms.print("rewritings with a false alarm", "share");
    if peer.is_none() {
        say("dotenv-linter is not on PATH: `cargo install dotenv-linter`\n");
    }
    let goal = |half| met(mistakes.of(half), false_alarms.of(half));
    Ok(json!({
        "mistakes": mistakes.json(),
        "false_alarms": false_alarms.json(),
        "met": goal(Half::HeldOut),
        "met_by_the_tuning_half": goal(Half::Tuning),
    }))
}

fn wrong(planned: &Planned, seen: &Seen, layout: &Layout) -> String {
    let verdict = if planned.is_mistake { "not found" } else { "false alarm" };
    let first = format!("{verdict}: {} {}: {}\n", layout.name, planned.operator, planned.case.what);
    let others = seen.news.iter().map(|found| format!("    {} {}: {}\n", found.code, found.subject, found.message));
    std::iter::once(first).chain(others).collect()
}

/// Some cases of every operator on every layout.
fn plan(layouts: &[Layout], most: usize) -> Vec<Planned> {
    let mut planned = Vec::new();
    for (place, layout) in layouts.iter().enumerate() {
        let entries = entries::of(layout);
        for (operators, is_mistake) in [(operators::ALL, true), (rewritings::ALL, false)] {
            for (order, operator) in operators.iter().enumerate() {
                let half = Half::of(place, order);
                for case in some(operator, layout, &entries, most) {
                    planned.push(Planned { layout: place, operator: operator.name, half, is_mistake, case });
                }
            }
        }
    }
    planned
}

fn some(operator: &Operator, layout: &Layout, entries: &[entries::Entry], most: usize) -> Vec<Case> {
    let mut random = Random::of(&[operator.name, &layout.name]);
    let mut cases = (operator.cases)(layout, entries, &mut random);
    cases.retain(|case| case.is_change(layout));
    random.shuffle(&mut cases);
    cases.truncate(most);
    cases
}

/// Runs all cases, on as many projects at once as there are cores.
fn look(layouts: &[Layout], planned: &[Planned], sternway: &Path, peer: Option<&Path>) -> Outcome<Vec<Seen>> {
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || -> Outcome<Vec<(usize, Seen)>> {
        let mut seen = Vec::new();
        let mut bench: Option<(usize, Bench<'_>)> = None;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(planned) = planned.get(at) else { return Ok(seen) };
            let bench = match &mut bench {
                Some((layout, bench)) if *layout == planned.layout => bench,
                other => &mut other.insert((planned.layout, Bench::set(&layouts[planned.layout], sternway)?)).1,
            };
            seen.push((at, ask(bench, &layouts[planned.layout], planned, peer)?));
        }
    };
    let found = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(|worker| worker.join().map_err(|_| "a worker panicked")?);
        ended.collect::<Outcome<Vec<_>>>()
    })?;
    let mut found: Vec<(usize, Seen)> = found.into_iter().flatten().collect();
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, seen)| seen).collect())
}

fn ask(bench: &Bench<'_>, layout: &Layout, planned: &Planned, peer: Option<&Path>) -> Outcome<Seen> {
    let Planned { case, is_mistake, .. } = planned;
    bench.changed(case, |bench| {
        let news = bench.news()?;
        let said = if *is_mistake { news.iter().any(|found| is_about(found, case)) } else { !news.is_empty() };
        let peer = match peer {
            Some(program) => peer::differs(program, layout, case, &bench.project())?,
            None => None,
        };
        Ok(Seen { said, news, peer })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few cases of each operator, each on some of the layouts, so that no rule is lost unseen. All of them: `cargo xtask bench consistency`.
    #[test]
    fn mistakes_are_found_and_rewritings_are_not() {
        let sternway = beside(&["--package", "sternway"], "sternway").unwrap();
        let layouts = Layout::all().unwrap();
        let mut planned = plan(&layouts, 1);
        let names: Vec<&str> = operators::ALL.iter().chain(rewritings::ALL).map(|operator| operator.name).collect();
        planned.retain(|planned| {
            let order = names.iter().position(|name| *name == planned.operator).unwrap_or(0);
            (order + planned.layout).is_multiple_of(4)
        });
        assert!(planned.len() > 60, "{}", planned.len());
        let seen = look(&layouts, &planned, &sternway, None).unwrap();
        let wrong: Vec<String> = planned
            .iter()
            .zip(&seen)
            .filter(|(planned, seen)| planned.is_mistake != seen.said)
            .map(|(planned, seen)| wrong(planned, seen, &layouts[planned.layout]))
            .collect();
        let (missed, alarms): (Vec<&String>, Vec<&String>) =
            wrong.iter().partition(|text| text.starts_with("not found"));
        let mistakes = planned.iter().filter(|planned| planned.is_mistake).count();
        assert!(alarms.is_empty(), "{alarms:#?}");
        assert!(missed.len() * 20 <= mistakes, "{missed:#?}");
    }
}
