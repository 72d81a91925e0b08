//! Few clients, few requests, a short record or none: what the judge promises then, on many seeded rollouts.

use super::simulation::Chance;
use super::tests::settings;
use super::*;
use crate::counts::{FailingClients, Histogram};

/// One who asks, and keeps the cookie.
struct Person {
    /// The chance of a request at each look.
    asks: f64,
    /// The place between 0 and 1 that the canary gives.
    place: f64,
    /// A script that gets such an error whatever serves it.
    fails_anyway: Option<Metric>,
    /// Whether it is known to have had an error in this canary, and at which share it was seen last.
    known: bool,
    seen: u8,
}

/// A release that fails for everybody, or for nobody.
type Fails = Option<Metric>;

struct Crowd {
    people: Vec<Person>,
    /// The chance of such an error whoever asks whatever release.
    noise: (Metric, f64),
}

impl Crowd {
    fn new(chance: &mut Chance, people: usize, scripts: usize, kind: Metric, requests: f64) -> Self {
        let one = |number: usize| Person {
            // Some ask nine times as often as others.
            asks: (requests / people as f64 * (0.2 + 1.6 * chance.share())).min(1.0),
            place: chance.share(),
            fails_anyway: (number < scripts).then_some(kind),
            known: false,
            seen: 0,
        };
        Self { people: (0..people).map(one).collect(), noise: (kind, 0.0) }
    }

    /// One look: the candidate's counts and the current release's.
    fn look(&mut self, chance: &mut Chance, percent: u8, fails: [Fails; 2], faster: f64) -> [Counts; 2] {
        let mut sides = [(); 2].map(|()| Counts { clients: Some(FailingClients::default()), ..Counts::default() });
        for person in &mut self.people {
            if !chance.happens(person.asks * faster) {
                continue;
            }
            let side = usize::from(person.place >= f64::from(percent) / 100.0);
            let counts = &mut sides[side];
            counts.requests += 1;
            counts.latency.add(&Histogram { buckets: vec![(Histogram::bucket(5_000), 1)] });
            let clients = counts.clients.as_mut().unwrap();
            clients.seen += u64::from(person.seen != percent);
            person.seen = percent;
            let noise = Some(self.noise.0).filter(|_| chance.happens(self.noise.1));
            let Some(metric) = person.fails_anyway.or(fails[side]).or(noise) else { continue };
            match metric {
                Metric::ServerErrors => counts.server_errors += 1,
                _ => counts.unauthorized += 1,
            }
            if !person.known && percent < 100 {
                person.known = true;
                *clients.of_mut(metric) += 1;
            }
        }
        sides
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    /// It has all traffic, after so many requests there.
    Committed(u64),
    Rejected,
    Unknown,
}

/// A rollout as the engine drives one: at each share a window, which what is unknown makes twice as long.
fn rollout(chance: &mut Chance, crowd: &mut Crowd, record: u64, steps: &[u8], candidate: Fails) -> End {
    const WINDOW: u32 = 100;
    let mut before = Counts::default();
    // The record is as good when it is made in less time.
    let faster = 1.0 / crowd.people.iter().map(|person| person.asks).fold(0.0, f64::max);
    while before.requests < record {
        let [counts, _] = crowd.look(chance, 100, [None; 2], faster);
        before.add(&Counts { clients: None, ..counts });
    }
    crowd.people.iter_mut().for_each(|person| person.seen = 0);
    let base = BaseRecord { counts: before, rate: 10.0 };
    let mut judge = Judge::new(&settings(), Some(&base).filter(|base| base.counts.requests > 0));
    let mut requests = 0;
    for &percent in steps {
        judge.begin_step(percent);
        requests = 0;
        let mut looks = 0;
        loop {
            let [counts, current] = crowd.look(chance, percent, [candidate, None], 1.0);
            requests += counts.requests;
            judge.observe(&counts, &current);
            looks += 1;
            match judge.judgement().verdict {
                Verdict::Fail => return End::Rejected,
                Verdict::Pass if looks >= WINDOW => break,
                Verdict::Unknown if looks >= 2 * WINDOW => return End::Unknown,
                _ => {}
            }
        }
    }
    End::Committed(requests)
}

const KINDS: [Metric; 2] = [Metric::ServerErrors, Metric::Unauthorized];

#[test]
fn a_release_that_fails_for_everybody_is_never_promoted() {
    let mut chance = Chance::new(11);
    for people in [1, 2, 3, 5, 10, 20, 40, 100] {
        for record in [0, 1, 5, 40, 300, 499, 500, 3_000] {
            for kind in KINDS {
                for requests in [0.02, 0.3, 3.0] {
                    for steps in [&[100][..], &[10, 100], &[50, 100], &[10, 50, 100]] {
                        let mut crowd = Crowd::new(&mut chance, people, 0, kind, requests);
                        let end = rollout(&mut chance, &mut crowd, record, steps, Some(kind));
                        // Where nobody asked it is for the checks alone; and four 401s may be those of people without a right.
                        let few = if kind == Metric::ServerErrors { 1 } else { 5 };
                        let promoted = matches!(end, End::Committed(asked) if asked >= few);
                        assert!(!promoted, "{people} clients, record {record}, {kind:?}, {steps:?}: {end:?}");
                    }
                }
            }
        }
    }
}

/// Good releases under all kinds of traffic.
struct Good<'a> {
    seed: u64,
    rollouts: usize,
    scripts: &'a [usize],
    /// Chance of a 5xx and of a 401.
    noise: &'a [[f64; 2]],
    records: &'a [u64],
}

impl Good<'_> {
    /// How many of them were rejected and how many stayed unknown.
    fn alarms(&self) -> (usize, usize) {
        let mut chance = Chance::new(self.seed);
        let mut ends = (0, 0);
        for _ in 0..self.rollouts {
            let people = chance.one_of(&[1, 2, 3, 5, 10, 20, 40]);
            let scripts = chance.one_of(self.scripts).min(people);
            let (record, kind) = (chance.one_of(self.records), chance.one_of(&KINDS));
            let requests = chance.one_of(&[0.02, 0.3, 3.0]);
            let steps = chance.one_of(&[&[10, 100][..], &[10, 50, 100]]);
            let mut crowd = Crowd::new(&mut chance, people, scripts, kind, requests);
            let [server_errors, unauthorized] = chance.one_of(self.noise);
            crowd.noise.1 = if kind == Metric::ServerErrors { server_errors } else { unauthorized };
            match rollout(&mut chance, &mut crowd, record, steps, None) {
                End::Rejected => ends.0 += 1,
                End::Unknown => ends.1 += 1,
                End::Committed(_) => {}
            }
        }
        ends
    }
}

#[test]
fn a_good_release_with_few_clients_goes_out() {
    let good = Good { seed: 12, rollouts: 2_000, scripts: &[0], noise: &[[0.0, 0.0]], records: &[0, 40, 500, 2_000] };
    assert_eq!(good.alarms(), (0, 0));
}

#[test]
fn errors_that_happen_anyway_take_none_back() {
    let noise = &[[0.001, 0.05], [0.01, 0.2]];
    let good = Good { seed: 15, rollouts: 3_000, scripts: &[0], noise, records: &[40, 500, 2_000] };
    let (rejected, unknown) = good.alarms();
    assert!(rejected * 1000 < 3_000 && unknown * 1000 < 3_000, "{rejected} rejected, {unknown} unknown of 3000");
    // When nothing is known of before, a single 5xx may have been all that anybody saw.
    let (rejected, unknown) = Good { seed: 16, records: &[0], ..good }.alarms();
    assert!(rejected * 1000 < 3_000 && unknown * 200 < 3_000, "{rejected} rejected, {unknown} unknown of 3000");
}

#[test]
fn scripts_among_few_clients_take_no_good_release_back_where_there_is_a_record() {
    let good = Good { seed: 13, rollouts: 2_000, scripts: &[1, 2, 3], noise: &[[0.0, 0.0]], records: &[500, 2_000] };
    let (rejected, unknown) = good.alarms();
    assert_eq!(rejected, 0);
    assert!(unknown * 100 < 2_000, "{unknown} of 2000 stayed unknown");
    // Nobody can tell a script from a release that fails for its few clients when nothing is known of before.
    let (rejected, unknown) = Good { seed: 14, records: &[0, 20, 100], ..good }.alarms();
    assert_eq!(rejected, 0);
    assert!(unknown * 10 < 2_000, "{unknown} of 2000 stayed unknown");
}
