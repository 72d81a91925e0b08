//! Random rollouts: what `next` says mixed with anything that people, other drivers and chance may add.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sternway_core::event::{Choice, Dir, Event, Outcome};
use sternway_core::ids::{Epoch, RolloutNumber};
use sternway_core::plan::{OnInterrupted, OnLimit, Plan, PlanKind, Undo};
use sternway_core::state::{Effect, EffectState, Next};
use sternway_core::time::Millis;

use crate::book::{Book, done, failed, unknown};
use crate::releases::{API, LEGACY, MIGRATE, Part, QUEUE, SEED, WEB};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Happening {
    /// The driver does what comes next, and an effect comes to this.
    Drive(Came),
    /// A person says something, right or wrong.
    Say(Word),
    /// Time passes.
    Pass(u64),
    /// Something that should not be there at all: rollout, step, direction, attempt and epoch are anything.
    Noise(u8, u64, u16, bool, u32, u64),
}

#[derive(Debug, Clone, Copy)]
enum Came {
    Done,
    Failed,
    Unknown,
    /// The driver dies with the effect begun, and another takes over.
    Died,
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Hold(Option<(u64, Choice)>),
    Resume(Choice),
    Approve(u8),
    Deny,
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::Continue), Just(Choice::RollBack), Just(Choice::Accept)]
}

fn happening() -> impl Strategy<Value = Happening> {
    let came =
        prop_oneof![8 => Just(Came::Done), 1 => Just(Came::Failed), 1 => Just(Came::Unknown), 1 => Just(Came::Died)];
    let word = prop_oneof![
        proptest::option::of((0_u64..5_000, choice())).prop_map(Word::Hold),
        choice().prop_map(Word::Resume),
        (0_u8..3).prop_map(Word::Approve),
        Just(Word::Deny),
    ];
    prop_oneof![
        12 => came.prop_map(Happening::Drive),
        3 => word.prop_map(Happening::Say),
        1 => (0_u64..10_000).prop_map(Happening::Pass),
        3 => (any::<u8>(), 0_u64..4, 0_u16..14, any::<bool>(), 0_u32..4, 0_u64..5)
            .prop_map(|(kind, rollout, step, undo, attempt, epoch)| Happening::Noise(kind, rollout, step, undo, attempt, epoch)),
    ]
}

/// Which services, what serves before, and how the plan is bent.
fn plans() -> impl Strategy<Value = (usize, bool, bool, u32, bool, u64)> {
    (0_usize..4, any::<bool>(), any::<bool>(), 0_u32..3, any::<bool>(), any::<u64>())
}

const KINDS: [&[Part]; 4] = [&[WEB], &[WEB, API, QUEUE, MIGRATE, SEED], &[LEGACY, QUEUE], &[QUEUE, MIGRATE]];

/// A book with an open rollout.
fn opened((kind, rollback, hold, approvals, later, bits): (usize, bool, bool, u32, bool, u64)) -> Book {
    let parts = KINDS[kind];
    let mut book = Book::serving(parts);
    book.seal(2, parts);
    let mut plan = book.case(2, parts).plan();
    if rollback {
        book.open(&plan);
        book.end(|_| done());
        plan = book.case(1, parts).rollback().plan.unwrap();
    } else {
        plan.approvals = approvals;
        plan.not_before = later.then(|| book.now.plus(Millis(300).duration()));
    }
    plan.judge.on_unknown = if hold { OnLimit::Hold } else { OnLimit::RollBack };
    for (index, step) in plan.steps.iter_mut().enumerate() {
        if bits >> index & 1 == 1 {
            step.on_interrupted = OnInterrupted::Ask;
        }
        if !rollback && bits >> (index + 20) & 3 == 3 && !step.after_commit {
            step.undo = Undo::Irreversible("it cannot".to_owned());
        }
    }
    book.open(&plan);
    book
}

/// What ran, to hold against what was closed.
#[derive(Default)]
struct Ran {
    /// By step: how often forward, and whether the last word was an undo that was done.
    steps: BTreeMap<u16, (u32, bool)>,
}

impl Ran {
    fn effect(&mut self, effect: &Effect, came: Came) {
        let entry = self.steps.entry(effect.step).or_default();
        match effect.dir {
            Dir::Do => *entry = (entry.0 + 1, false),
            Dir::Undo => entry.1 = matches!(came, Came::Done),
        }
    }
}

fn say(book: &mut Book, word: Word) {
    let Some(rollout) = book.state.rollout(&book.place).map(|open| open.plan.rollout) else { return };
    let digest = book.rollout().plan.digest();
    let (by, event) = match word {
        Word::Hold(until) => {
            let until = until.map(|(after, choice)| (book.now.plus(Millis(after).duration()), choice));
            ("ann".to_owned(), Event::Held { rollout, why: "a person".to_owned(), until })
        }
        Word::Resume(choice) => ("ann".to_owned(), Event::Resumed { rollout, choice, reason: String::new() }),
        Word::Approve(who) => (format!("person {who}"), Event::Approved { digest, reason: String::new() }),
        Word::Deny => ("bob".to_owned(), Event::Denied { digest, reason: String::new() }),
    };
    let _what_cannot_be_is_refused = book.person(&by, event);
}

fn noise(kind: u8, rollout: u64, step: u16, undo: bool, attempt: u32) -> Event {
    let rollout = RolloutNumber(rollout);
    let dir = if undo { Dir::Undo } else { Dir::Do };
    match kind % 8 {
        0 => Event::Began { rollout, step, dir, attempt },
        1 => Event::Finished { rollout, step, dir, result: failed() },
        2 => Event::Finished { rollout, step, dir, result: done() },
        3 => Event::Unwound { rollout, why: "noise".to_owned() },
        4 => Event::Closed { rollout, outcome: Outcome::Committed },
        5 => Event::Closed { rollout, outcome: Outcome::RolledBack },
        6 => Event::Closed { rollout, outcome: Outcome::Cancelled },
        _ => Event::Removed { releases: vec![sternway_core::ids::ReleaseNumber(u64::from(step))], why: String::new() },
    }
}

fn drive(book: &mut Book, came: Came, ran: &mut Ran) {
    match book.decide() {
        Next::Run(effect) => {
            assert!(book.state.rollout(&book.place).is_some(), "an effect without an open rollout");
            assert!(effect.dir == Dir::Do || book.rollout().plan.kind == PlanKind::Ship, "a rollback went back");
            ran.effect(&effect, came);
            match came {
                Came::Done => book.finish(&effect, done()),
                Came::Failed => book.finish(&effect, failed()),
                Came::Unknown => book.finish(&effect, unknown()),
                Came::Died => book.take_lease(),
            }
        }
        Next::Wait(Some(until)) => {
            assert!(until > book.now, "it waits for what has been");
            book.now = until;
        }
        Next::Wait(None) | Next::Rest => {}
        Next::Append(_) => unreachable!("`decide` appends"),
    }
}

/// What holds after everything.
fn holds(book: &Book, plan: &Plan) {
    let place = book.state.environment(&book.place);
    let Some(open) = &place.rollout else {
        let past = place.history.last().unwrap();
        let serves = place.current.as_ref().map(|current| current.release.clone());
        let expected =
            if past.outcome == Outcome::Committed { Some(plan.candidate.clone()) } else { plan.base.clone() };
        assert_eq!(serves, expected);
        assert_eq!(book.next(), Next::Rest, "nothing runs once it is closed");
        return;
    };
    assert!(open.unwinding.is_none() || plan.kind == PlanKind::Ship, "a rollback was unwound");
    assert_eq!(open.plan, *plan, "a plan is frozen");
    assert!(!open.has_begun() || open.is_approved(), "it began unapproved");
}

/// Closed as rolled back, whatever began is undone or was accepted as it is.
fn undone(book: &Book, plan: &Plan, ran: &Ran, accepted: bool) {
    let place = book.state.environment(&book.place);
    let outcome = place.history.last().map(|past| (past.rollout, past.outcome));
    if outcome != Some((plan.rollout, Outcome::RolledBack)) {
        return;
    }
    for (step, (forward, back)) in &ran.steps {
        let has_undo = plan.steps[usize::from(*step)].undo != Undo::Nothing;
        assert!(*forward == 0 || !has_undo || *back || accepted, "step {step} began and was never undone");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("STERNWAY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_nothing_panics_what_is_next_fits_and_it_ends(
        plan in plans(),
        happenings in proptest::collection::vec(happening(), 0..70),
    ) {
        let mut book = opened(plan);
        let plan = book.rollout().plan.clone();
        let mut ran = Ran::default();
        let mut accepted = false;
        for happening in happenings {
            match happening {
                Happening::Drive(came) => drive(&mut book, came, &mut ran),
                Happening::Say(word) => {
                    accepted |= matches!(word, Word::Resume(Choice::Accept) | Word::Hold(Some((_, Choice::Accept))));
                    say(&mut book, word);
                }
                Happening::Pass(span) => book.now = book.now.plus(Millis(span).duration()),
                Happening::Noise(kind, rollout, step, undo, attempt, epoch) => {
                    let event = noise(kind, rollout, step, undo, attempt);
                    // Under the lease that is held only `next` decides; anything else is somebody else's.
                    let epoch = Epoch(epoch);
                    let epoch = if epoch == book.epoch { None } else { Some(Epoch(epoch.0.min(book.epoch.0 - 1))) };
                    let _what_cannot_be_is_refused = book.append("noise", epoch, event);
                }
            }
            holds(&book, &plan);
        }
        // On a world that works again, with people who answer, it ends.
        for round in 0..60 {
            match book.decide() {
                Next::Run(effect) => {
                    ran.effect(&effect, Came::Done);
                    book.finish(&effect, done());
                }
                Next::Wait(Some(until)) => book.now = until,
                Next::Wait(None) => {
                    let open = book.rollout();
                    let irreversible = matches!(open.position(), Some((step, Dir::Undo))
                        if matches!(open.plan.steps[usize::from(step)].undo, Undo::Irreversible(_)));
                    if open.hold.is_none() {
                        say(&mut book, Word::Approve(round % 3));
                    } else if irreversible {
                        accepted = true;
                        say(&mut book, Word::Resume(Choice::Accept));
                    } else {
                        say(&mut book, Word::Resume(Choice::Continue));
                    }
                }
                Next::Rest => break,
                Next::Append(_) => unreachable!("`decide` appends"),
            }
        }
        prop_assert!(book.state.rollout(&book.place).is_none(), "it does not end: {:?}", book.next());
        holds(&book, &plan);
        undone(&book, &plan, &ran, accepted);
        // The same entries give the same state, on any machine.
        let mut anew = sternway_core::state::State::default();
        for entry in &book.entries {
            let line = serde_json::to_string(entry).unwrap();
            anew.apply(&serde_json::from_str(&line).unwrap()).unwrap();
        }
        prop_assert!(anew == book.state);
    }
}

#[test]
fn a_step_that_began_and_never_finished_is_undone_too() {
    let mut book = opened((1, false, false, 0, false, 0));
    let plan = book.rollout().plan.clone();
    let effect = book.drive_to("start", Dir::Do);
    book.take_lease();
    let rollout = plan.rollout;
    let reason = String::new();
    book.person("ann", Event::Resumed { rollout, choice: Choice::RollBack, reason }).unwrap();
    let Next::Run(undo) = book.decide() else { panic!() };
    assert_eq!((undo.step, undo.dir), (effect.step, Dir::Undo));
    assert!(matches!(book.rollout().steps[usize::from(effect.step)].forward, EffectState::Begun { .. }));
}
