//! What the judge promises, shown on many seeded rollouts.

use super::tests::settings;
use super::*;
use crate::counts::{FailingClients, Histogram};

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): small, seeded, good enough to toss coins.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform on [0, 1).
    pub(super) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    pub(super) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        #[expect(clippy::cast_possible_truncation, reason = "less than the length")]
        let index = (self.bits() % values.len() as u64) as usize;
        values[index]
    }

    /// How many of `n` happen, by inversion; in parts, since the chance of none must not underflow.
    fn of(&mut self, n: u64, chance: f64) -> u64 {
        const PART: u64 = 500;
        if n > PART {
            return self.of(PART, chance) + self.of(n - PART, chance);
        }
        if n == 0 || chance <= 0.0 {
            return 0;
        }
        if chance > 0.5 {
            return n - self.of(n, 1.0 - chance);
        }
        let odds = chance / (1.0 - chance);
        let (mut point, mut k) = ((1.0 - chance).powi(i32::try_from(n).unwrap()), 0);
        let mut left = self.share();
        while left >= point && k < n {
            left -= point;
            point *= odds * (n - k) as f64 / (k + 1) as f64;
            k += 1;
        }
        k
    }
}

/// How a release answers: the chance of each kind of error, and of each of three latencies above the usual one.
#[derive(Clone, Copy)]
struct Service {
    errors: [f64; 5],
    slow: [f64; 3],
}

const USUAL: u64 = 20_000;
const SLOW: [u64; 3] = [150_000, 400_000, 1_000_000];

impl Service {
    fn any(chance: &mut Chance) -> Self {
        let rates = [0.0, 0.0005, 0.002, 0.01, 0.05];
        let errors = [(); 5].map(|()| chance.one_of(&rates));
        let slow = [(); 3].map(|()| chance.one_of(&[0.0, 0.001, 0.004, 0.02]));
        Self { errors, slow }
    }

    /// One whose error chances, all kinds, are this times as great.
    fn times(self, factor: f64) -> Self {
        Self { errors: self.errors.map(|rate| rate * factor), slow: self.slow.map(|rate| rate * factor) }
    }

    fn answer(&self, chance: &mut Chance, requests: u64) -> Counts {
        if requests == 0 {
            return Counts::default();
        }
        let [server_errors, unreachable, unauthorized, login_redirects, client_errors] =
            self.errors.map(|rate| chance.of(requests, rate));
        let mut left = requests;
        let mut buckets = Vec::with_capacity(4);
        for (rate, micros) in self.slow.into_iter().zip(SLOW) {
            let count = chance.of(left, rate);
            left -= count;
            if count > 0 {
                buckets.push((Histogram::bucket(micros), count));
            }
        }
        if left > 0 {
            buckets.insert(0, (Histogram::bucket(USUAL), left));
        }
        let latency = Histogram { buckets };
        Counts {
            requests,
            server_errors,
            unreachable,
            unauthorized,
            login_redirects,
            client_errors,
            latency,
            clients: None,
            spared: 0,
        }
    }
}

/// How requests come in: at each look (candidate's, current's).
trait Traffic {
    fn look(&mut self, chance: &mut Chance, share: f64) -> (u64, u64);
}

/// So many requests a look, each by its own toss.
struct Even(u64);

impl Traffic for Even {
    fn look(&mut self, chance: &mut Chance, share: f64) -> (u64, u64) {
        let candidate = chance.of(self.0, share);
        (candidate, self.0 - candidate)
    }
}

/// Clients that stick to a release; a few of them send most requests, and in bursts.
struct Clumpy {
    clients: Vec<(f64, f64)>,
}

impl Clumpy {
    fn new(chance: &mut Chance) -> Self {
        // Requests a look by Pareto's law with infinite variance, at most 6 a look; and each client's toss.
        let volume = |share: f64| (0.05 * (1.0 - share).powf(-1.0 / 1.2)).min(6.0);
        Self { clients: (0..25).map(|_| (volume(chance.share()), chance.share())).collect() }
    }
}

impl Traffic for Clumpy {
    fn look(&mut self, chance: &mut Chance, share: f64) -> (u64, u64) {
        let (mut candidate, mut current) = (0, 0);
        for (volume, toss) in &self.clients {
            if chance.happens(volume / 6.0) {
                let burst = 3 + chance.bits() % 7;
                *(if *toss < share { &mut candidate } else { &mut current }) += burst;
            }
        }
        (candidate, current)
    }
}

/// One rollout at 10%, 50% and 100% with a look every 20 ms at first and every second later; whether it was rejected.
fn rejected(chance: &mut Chance, base: Service, candidate: Service, traffic: &mut dyn Traffic, outages: bool) -> bool {
    let length = chance.one_of(&[500, 2_000, 10_000]);
    let record = BaseRecord { counts: base.answer(chance, length), rate: 500.0 };
    let mut judge = Judge::new(&settings(), Some(&record));
    for (percent, looks) in [(10, 100), (50, 50)] {
        judge.begin_step(percent);
        // While an outage lasts, a second on average, both releases fail that much more often.
        let mut shared = 1.0;
        for _ in 0..looks {
            if outages && chance.happens(0.02) {
                shared = chance.one_of(&[1.0, 5.0, 19.0]);
            }
            let (to_candidate, to_current) = traffic.look(chance, f64::from(percent) / 100.0);
            let seen = candidate.times(shared).answer(chance, to_candidate);
            judge.observe(&seen, &base.times(shared).answer(chance, to_current));
        }
    }
    judge.begin_step(100);
    for look in 0..90 {
        let requests = if look < 60 { 10 } else { 500 };
        judge.observe(&candidate.answer(chance, requests), &Counts::default());
    }
    !judge.judgement().rejected.is_empty()
}

#[test]
fn a_good_release_is_rolled_back_less_than_once_in_a_thousand_bakes() {
    const BAKES: usize = 12_000;
    let mut chance = Chance::new(1);
    let alarms = (0..BAKES)
        .filter(|_| {
            let service = Service::any(&mut chance);
            rejected(&mut chance, service, service, &mut Even(10), false)
        })
        .count();
    assert!(alarms * 1000 < BAKES, "{alarms} of {BAKES}");
}

#[test]
fn nor_with_clients_that_stick_and_outages_that_both_releases_share() {
    const BAKES: usize = 8_000;
    let mut chance = Chance::new(2);
    let alarms = (0..BAKES)
        .filter(|_| {
            let service = Service::any(&mut chance);
            let mut traffic = Clumpy::new(&mut chance);
            rejected(&mut chance, service, service, &mut traffic, true)
        })
        .count();
    assert!(alarms * 1000 < BAKES, "{alarms} of {BAKES}");
}

/// Scripts that keep their cookie and fail on every request, under whatever release: each polls in a rhythm of its own, from its
/// place between 0 and 1. Clients without cookies come beside them.
struct Scripts {
    each: Vec<Script>,
    told_apart: bool,
}

struct Script {
    /// Polls every so many looks, with so many requests.
    rhythm: (u64, u64),
    phase: u64,
    place: f64,
    known: bool,
    /// The share at which it was seen last.
    seen_at: Option<f64>,
}

impl Scripts {
    fn new(chance: &mut Chance, told_apart: bool) -> Self {
        let count = chance.one_of(&[1_usize, 2, 3, 4, 5, 7, 10, 20, 40]);
        let script = |chance: &mut Chance| Script {
            rhythm: chance.one_of(&[(20, 1), (4, 1), (1, 1), (1, 4)]),
            phase: chance.bits() % 20,
            place: chance.share(),
            known: false,
            seen_at: None,
        };
        Self { each: (0..count).map(|_| script(chance)).collect(), told_apart }
    }

    /// One look: the candidate's counts and the current release's.
    fn look(&mut self, chance: &mut Chance, service: Service, share: f64, slow: u64) -> [Counts; 2] {
        let to_candidate = chance.of(10, share);
        let mut sides = [to_candidate, 10 - to_candidate].map(|requests| service.answer(chance, requests));
        for side in &mut sides {
            let mut clients = FailingClients::default();
            for metric in Metric::ALL {
                *clients.of_mut(metric) = side.errors(metric, slow);
            }
            clients.seen = side.requests;
            side.clients = Some(clients).filter(|_| self.told_apart);
        }
        for script in &mut self.each {
            script.phase += 1;
            let (every, polls) = script.rhythm;
            if script.phase.is_multiple_of(every) {
                let side = &mut sides[usize::from(script.place >= share)];
                if let Some(clients) =
                    side.clients.as_mut().filter(|_| script.seen_at.is_none_or(|at| (at - share).abs() > 1e-9))
                {
                    script.seen_at = Some(share);
                    clients.seen += 1;
                }
                side.requests += polls;
                side.unauthorized += polls;
                side.latency.add(&Histogram { buckets: vec![(Histogram::bucket(USUAL), polls)] });
                if let Some(clients) = side.clients.as_mut().filter(|_| share < 1.0 && !script.known) {
                    script.known = true;
                    clients.unauthorized += 1;
                }
            }
        }
        sides
    }
}

/// How many of so many rollouts of a good release are rejected because of scripts that would fail anyway.
fn alarms_by_scripts(bakes: usize, seed: u64, told_apart: bool) -> usize {
    let mut chance = Chance::new(seed);
    let rejected = |_: &usize| {
        let service = Service { slow: [0.0; 3], ..Service::any(&mut chance) };
        let mut scripts = Scripts::new(&mut chance, told_apart);
        let slow = settings().slow_floor.0 * 1000;
        let mut record = Counts::default();
        (0..300).for_each(|_| record.add(&scripts.look(&mut chance, service, 1.0, slow)[0]));
        let mut judge = Judge::new(&settings(), Some(&BaseRecord { counts: record, rate: 500.0 }));
        for (percent, looks) in [(10, 150), (50, 75), (100, 60)] {
            judge.begin_step(percent);
            for _ in 0..looks {
                let [candidate, current] = scripts.look(&mut chance, service, f64::from(percent) / 100.0, slow);
                judge.observe(&candidate, &current);
            }
        }
        !judge.judgement().rejected.is_empty()
    };
    (0..bakes).filter(rejected).count()
}

#[test]
fn nor_because_scripts_that_fail_anyway_stick_to_it() {
    const BAKES: usize = 4_000;
    let alarms = alarms_by_scripts(BAKES, 7, true);
    assert!(alarms * 1000 < BAKES, "{alarms} of {BAKES}");
    // The same scripts, judged by their requests alone: the fault that counting clients mends.
    let by_requests = alarms_by_scripts(200, 7, false);
    assert!(by_requests > 10, "{by_requests} of 200");
}

#[test]
fn a_better_release_is_never_rolled_back() {
    let mut chance = Chance::new(3);
    for seed in 0..3_000 {
        let base = Service::any(&mut chance);
        let better = base.times(chance.one_of(&[0.0, 0.3, 0.6]));
        assert!(!rejected(&mut chance, base, better, &mut Even(10), false), "bake {seed}");
    }
}

/// Requests, in looks of 20 ms, until a candidate is rejected at this share of traffic.
fn requests_until_rejected(chance: &mut Chance, base: f64, failing: f64, percent: u8, per_look: u64) -> u64 {
    let service = |rate: f64| Service { errors: [rate, 0.0, 0.0, 0.0, 0.0], slow: [0.0; 3] };
    let record = BaseRecord { counts: service(base).answer(chance, 10_000), rate: 500.0 };
    let mut judge = Judge::new(&settings(), Some(&record));
    judge.begin_step(percent);
    let mut requests = 0;
    while judge.rejected.is_empty() {
        let to_candidate = chance.of(per_look, f64::from(percent) / 100.0);
        let seen = service(base + failing * (1.0 - base)).answer(chance, to_candidate);
        judge.observe(&seen, &service(base).answer(chance, per_look - to_candidate));
        requests += per_look;
        assert!(requests < 1_000_000, "never rejected");
    }
    requests
}

#[test]
fn thirty_percent_failing_at_500_requests_a_second_show_within_two_seconds_at_a_tenth() {
    let mut chance = Chance::new(4);
    let mut seen: Vec<_> = (0..1_000).map(|_| requests_until_rejected(&mut chance, 0.0, 0.3, 10, 10)).collect();
    seen.sort_unstable();
    // 500 requests/s for 2 s.
    assert!(seen[990] <= 1_000, "{} requests at the 99th percentile", seen[990]);
}

#[test]
fn all_failing_shows_within_a_handful_of_requests_after_the_switch() {
    let mut chance = Chance::new(5);
    assert!((0..100).all(|_| requests_until_rejected(&mut chance, 0.0, 1.0, 100, 1) <= 2));
    assert!((0..100).all(|_| requests_until_rejected(&mut chance, 0.02, 1.0, 100, 1) <= 4));
}

#[test]
fn what_is_said_beforehand_comes_true_within_a_factor_of_two() {
    let mut chance = Chance::new(6);
    for base in [0.0, 0.002, 0.02] {
        let service = Service { errors: [base, 0.0, 0.0, 0.0, 0.0], slow: [0.0; 3] };
        // A record that is typical of its rate.
        let mut record = service.answer(&mut chance, 10_000);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 200")]
        let typical = (base * 10_000.0) as u64;
        record.server_errors = typical;
        for told in visibility(1.0, &record, &settings(), &[10, 50, 100]) {
            for shown in &told.shown {
                let mut seen: Vec<_> = (0..200)
                    .map(|_| requests_until_rejected(&mut chance, base, shown.failing, told.percent, 1))
                    .collect();
                seen.sort_unstable();
                let (four_of_five, said) = (seen[160] as f64, shown.within.unwrap());
                assert!(
                    (0.5..=2.0).contains(&(said / four_of_five)),
                    "base {base}, {}% of traffic, {} failing: said {said}, was {four_of_five}",
                    told.percent,
                    shown.failing
                );
            }
        }
    }
}

#[test]
fn what_is_said_beforehand_reads_well() {
    let clean = Counts { requests: 10_000, ..Counts::default() };
    let sentences = |rate: f64, base: &Counts| {
        visibility(rate, base, &settings(), &[10, 100]).into_iter().map(|it| it.sentence).collect::<Vec<_>>().join("\n")
    };
    let short = Counts { requests: 212, ..Counts::default() };
    let noisy = Counts { server_errors: 4_000, ..clean.clone() };
    let said =
        [sentences(20.0, &clean), sentences(0.2, &short), sentences(0.0, &Counts::default()), sentences(0.05, &noisy)];
    insta::assert_snapshot!(said.join("\n"), @r"
    at 20 requests/s: 5% errors show within about 66 s, all failing within about 3.3 s at 10% of traffic; with fewer than 38 clients that stays unknown, and it goes back
    at 20 requests/s: 5% errors show within about 6.8 s, all failing within about 0.2 s at 100% of traffic
    at 0.2 requests/s: 5% errors show within about 111 min, all failing within about 6 min at 10% of traffic; with fewer than 38 clients that stays unknown, and it goes back
    the base's record has 212 of 500 requests: at 100% of traffic only the checks judge (14 straight passes accept one); should most requests fail, it goes back
    no requests are seen today: at 10% of traffic only the checks judge (14 straight passes accept one); should most requests fail, it goes back
    no requests are seen today: at 100% of traffic only the checks judge (14 straight passes accept one); should most requests fail, it goes back
    at 0.05 requests/s: 5% errors do not show within a day, all failing show within about 3 h at 10% of traffic; with fewer than 38 clients that stays unknown, and it goes back
    at 0.05 requests/s: 5% errors do not show within a day, all failing show within about 9 min at 100% of traffic
    ");
}
