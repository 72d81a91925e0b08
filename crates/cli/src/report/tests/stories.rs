//! Logbooks written by hand: each tells one way in which an incident goes.

use std::collections::BTreeMap;

use sternway_core::check::CheckAnswer;
use sternway_core::counts::Counts;
use sternway_core::digest::Digest;
use sternway_core::event::{Choice, Dir, Entry, Event, Impact, Observation, Outcome, StepResult};
use sternway_core::finding::Finding;
use sternway_core::ids::{EnvironmentName, Epoch, IncidentNumber, ReleaseNumber, RolloutNumber, ServiceName};
use sternway_core::plan::{
    Action, Change, JudgeSettings, OnInterrupted, OnLimit, Plan, PlanKind, Step, TrafficSpec, Undo, WayBack,
};
use sternway_core::release::{ReleaseRecord, ReleaseRef, ServiceKind};
use sternway_core::time::{Millis, Timestamp};
use sternway_core::verdict::Verdict;

/// 2026-03-02T14:00:00Z.
const START: i64 = 1_772_460_000_000;
const MACHINE: &str = "serve@shop-1";
const ROLLOUT: RolloutNumber = RolloutNumber(4);
const INCIDENT: IncidentNumber = IncidentNumber(1);

/// A logbook under way.
pub(super) struct Story {
    pub(super) entries: Vec<Entry>,
    now: i64,
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

fn release(number: u64) -> ReleaseRef {
    ReleaseRef { number: ReleaseNumber(number), digest: Digest::of(format!("release {number}").as_bytes()) }
}

fn sealed(number: u64, code: &str, origin: &str) -> Event {
    let ReleaseRef { number: reference, digest } = release(number);
    let services = ["web", "component"].map(|name| (service(name), ServiceKind::Web));
    let release = ReleaseRecord {
        number: reference,
        digest,
        environment: EnvironmentName::new("production").unwrap(),
        code: Digest::of(code.as_bytes()),
        config: Digest::of(format!("config {number}").as_bytes()),
        services: services.into(),
        adopted: None,
        origin: origin.to_owned(),
    };
    Event::Sealed { release }
}

fn traffic() -> TrafficSpec {
    let routes = BTreeMap::from([("/".to_owned(), service("web")), ("/component".to_owned(), service("component"))]);
    TrafficSpec {
        listen: "127.0.0.1:8080".to_owned(),
        routes,
        login: vec!["/login".to_owned()],
        drain: Millis::from_secs(30),
    }
}

fn step(name: &str, action: Action, undo: Undo) -> Step {
    Step { name: name.to_owned(), action, undo, on_interrupted: OnInterrupted::Rerun, after_commit: false }
}

/// The usual plan from release 1 to release 3: 0 baseline, 1 start, 2 smoke, 3 shift, 4 verify, 5 switch, 6 bake.
fn plan(kind: PlanKind, change: Change) -> Plan {
    let (from, to) = if kind == PlanKind::Ship { (1, 3) } else { (3, 1) };
    let (base, candidate) = (release(from), release(to));
    let services = vec![service("component"), service("web")];
    let stop = Action::Stop { release: candidate.clone(), services: services.clone() };
    let back = Action::Switch { release: base.clone(), traffic: traffic() };
    let switch = Action::Switch { release: candidate.clone(), traffic: traffic() };
    let steps = match kind {
        PlanKind::Ship => vec![
            step(
                "baseline",
                Action::Baseline { release: Some(base.clone()) },
                Undo::By(Action::ConfirmServing { release: base.clone() }),
            ),
            step("start", Action::Start { release: candidate.clone(), services }, Undo::By(stop)),
            step("smoke", Action::Smoke { release: candidate.clone() }, Undo::Nothing),
            step(
                "shift 10%",
                Action::Shift { release: candidate.clone(), percent: 10 },
                Undo::By(Action::Unshift { release: candidate.clone() }),
            ),
            step(
                "verify 10%",
                Action::Verify { release: candidate.clone(), percent: 10, window: Millis::from_secs(30) },
                Undo::Nothing,
            ),
            step("switch", switch, Undo::By(back)),
            step(
                "bake",
                Action::Verify { release: candidate.clone(), percent: 100, window: Millis::from_secs(120) },
                Undo::Nothing,
            ),
        ],
        PlanKind::Rollback => vec![
            step("start", Action::Start { release: candidate.clone(), services }, Undo::Nothing),
            step("switch", switch, Undo::Nothing),
            step("confirm", Action::ConfirmServing { release: candidate.clone() }, Undo::Nothing),
        ],
    };
    // In its stored form, so that a field that plans gain later with a default changes nothing here.
    let stored = serde_json::json!({
        "format": 1,
        "rollout": ROLLOUT,
        "kind": kind,
        "environment": "production",
        "change": change,
        "targets": ["local"],
        "base": base,
        "base_traffic": traffic(),
        "candidate": candidate,
        "traffic": traffic(),
        "checks": [],
        "judge": JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::RollBack },
        "steps": steps,
        "way_back": WayBack::Proven { to: base, evidence: vec!["files intact".to_owned()] },
        "approvals": 0,
    });
    serde_json::from_value(stored).unwrap()
}

fn config_only() -> Change {
    Change {
        code: false,
        config: vec!["component:SESSION_STORE".to_owned()],
        summary: "same code, 1 configuration value differs".to_owned(),
    }
}

fn code_only() -> Change {
    Change { code: true, config: Vec::new(), summary: "other code, same configuration".to_owned() }
}

fn counts(requests: u64, unauthorized: u64) -> Counts {
    let mut counts = Counts { requests, unauthorized, ..Counts::default() };
    (0..requests).for_each(|_| counts.latency.record(4_000));
    counts
}

impl Story {
    fn new() -> Self {
        Self { entries: Vec::new(), now: 0 }
    }

    /// A logbook in which the releases 1 and 3 are sealed and a rollout is opened.
    fn rollout(kind: PlanKind, change: Change) -> Self {
        let mut story = Self::new();
        story.person("alice", sealed(1, "code 1", "commit 4f2a91c"));
        let code = if change.code { "code 3" } else { "code 1" };
        story.wait(60_000).person("alice", sealed(3, code, "commit 4f2a91c with new configuration"));
        story.person("alice", Event::Opened { plan: Box::new(plan(kind, change)) });
        story
    }

    fn wait(&mut self, millis: i64) -> &mut Self {
        self.now += millis;
        self
    }

    fn push(&mut self, by: &str, epoch: Option<Epoch>, event: Event) -> &mut Self {
        let environment = Some(EnvironmentName::new("production").unwrap());
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(Entry { seq, at: at(self.now), environment, epoch, by: by.to_owned(), event });
        self.wait(40)
    }

    fn person(&mut self, name: &str, event: Event) -> &mut Self {
        self.push(name, None, event)
    }

    fn machine(&mut self, event: Event) -> &mut Self {
        self.push(MACHINE, Some(Epoch(7)), event)
    }

    fn began(&mut self, step: u16, dir: Dir, attempt: u32) -> &mut Self {
        self.machine(Event::Began { rollout: ROLLOUT, step, dir, attempt })
    }

    fn finished(&mut self, step: u16, dir: Dir, result: StepResult) -> &mut Self {
        self.machine(Event::Finished { rollout: ROLLOUT, step, dir, result })
    }

    fn done(&mut self, step: u16, dir: Dir) -> &mut Self {
        self.began(step, dir, 1).wait(200).finished(step, dir, StepResult::Done { note: String::new() })
    }

    fn failed(&mut self, step: u16, dir: Dir, finding: Finding) -> &mut Self {
        self.finished(step, dir, StepResult::Failed { findings: vec![finding] })
    }

    fn observed(&mut self, rollout: Option<RolloutNumber>, lasted: i64, what: Observation) -> &mut Self {
        let (from, to) = (at(self.now), at(self.now + lasted));
        self.wait(lasted).machine(Event::Observed { rollout, from, to, what })
    }

    fn check(&mut self, name: &str, number: u64, monitor: bool, verdict: Verdict, seen: &str) -> &mut Self {
        let answer = CheckAnswer { verdict, seen: seen.to_owned(), took: Millis(12) };
        let what = Observation::Check { check: name.to_owned(), release: ReleaseNumber(number), monitor, answer };
        self.observed(Some(ROLLOUT), 12, what)
    }

    fn traffic(&mut self, number: u64, percent: u8, requests: u64, unauthorized: u64, clients: u64) -> &mut Self {
        let counts = counts(requests, unauthorized);
        self.observed(
            Some(ROLLOUT),
            500,
            Observation::Traffic { release: ReleaseNumber(number), percent, counts, clients },
        )
    }

    fn unwound(&mut self, why: &str) -> &mut Self {
        self.machine(Event::Unwound { rollout: ROLLOUT, why: why.to_owned() })
    }

    fn opened(&mut self, title: &str, started: i64, state: &str) -> &mut Self {
        let (title, state) = (title.to_owned(), state.to_owned());
        self.machine(Event::IncidentOpened {
            incident: INCIDENT,
            rollout: Some(ROLLOUT),
            title,
            started: at(started),
            state,
        })
    }

    fn marked(&mut self) -> &mut Self {
        self.machine(Event::MarkedBad { release: release(3), why: "it was rolled back".to_owned() })
    }

    fn closed(&mut self, outcome: Outcome) -> &mut Self {
        self.machine(Event::Closed { rollout: ROLLOUT, outcome })
    }
}

/// The start of every release that was shipped: base recorded, candidate started.
fn shipped(change: Change) -> Story {
    let mut story = Story::rollout(PlanKind::Ship, change);
    let base = Observation::Base { release: ReleaseNumber(1), counts: counts(10_000, 10), rate: 48.5 };
    story.began(0, Dir::Do, 1).observed(Some(ROLLOUT), 0, base);
    story.finished(0, Dir::Do, StepResult::Done { note: String::new() }).done(1, Dir::Do);
    story
}

/// (a) The smoke check stops the release before it has traffic.
pub(super) fn smoke() -> Story {
    let mut story = shipped(code_only());
    story.began(2, Dir::Do, 1).check("home", 3, false, Verdict::Pass, "status 200");
    story.check("login", 3, false, Verdict::Fail, "status 500, expected 200");
    let started = story.now - 52;
    let finding = Finding::error("S0703", "login", "status 500, expected 200");
    story.failed(2, Dir::Do, finding).unwound("`smoke` failed: status 500, expected 200");
    story.done(1, Dir::Undo).done(0, Dir::Undo).marked();
    story.opened(
        "production: release 3 was rolled back",
        started,
        "release 1 serves; next: sternway status production",
    );
    let impact = Impact { method: "the proxy forwarded no request to the candidate".to_owned(), ..Impact::default() };
    let restored = Some(at(story.now));
    let text = "release 1 serves again, verified".to_owned();
    story.machine(Event::IncidentUpdated { incident: INCIDENT, text, restored, impact: Some(impact) });
    story.closed(Outcome::RolledBack);
    story
}

/// (b) The canary is rejected by its 401s, though every check passes: only one configuration value differs.
pub(super) fn canary() -> Story {
    let mut story = shipped(config_only());
    story.began(2, Dir::Do, 1).check("home", 3, false, Verdict::Pass, "status 200");
    story.check("login", 3, false, Verdict::Pass, "status 200").check("cart", 3, false, Verdict::Pass, "status 200");
    story.finished(2, Dir::Do, StepResult::Done { note: "3 checks passed".to_owned() }).done(3, Dir::Do).began(
        4,
        Dir::Do,
        1,
    );
    story.traffic(1, 90, 220, 0, 0).traffic(3, 10, 20, 0, 0).traffic(3, 10, 20, 6, 3).traffic(3, 10, 20, 12, 5);
    let against = "the current release, 1 of 220 requests".to_owned();
    let judged = Observation::Judged {
        release: ReleaseNumber(3),
        metric: sternway_core::counts::Metric::Unauthorized,
        errors: 18,
        requests: 60,
        against,
        evidence: 51_234.5,
        verdict: Verdict::Fail,
    };
    story.observed(Some(ROLLOUT), 0, judged);
    let finding = Finding::error("S0701", "release 3", "401/403 responses: 18 of 60 requests");
    story.failed(4, Dir::Do, finding).unwound("`verify 10%` failed: 401/403 responses: 18 of 60 requests");
    story.done(3, Dir::Undo).done(1, Dir::Undo).done(0, Dir::Undo).marked();
    story.opened("production: release 3 was rolled back", 63_000, "release 1 serves; next: sternway status production");
    story.closed(Outcome::RolledBack);
    let text = "release 4 names the right store".to_owned();
    story.wait(3_600_000).person("alice", Event::IncidentResolved { incident: INCIDENT, text });
    story
}

/// (c) A person takes the release back during the bake, although nothing was measured to be wrong.
pub(super) fn by_hand() -> Story {
    let mut story = shipped(code_only());
    story.done(2, Dir::Do).done(3, Dir::Do).done(4, Dir::Do).done(5, Dir::Do).began(6, Dir::Do, 1);
    story.traffic(3, 100, 200, 0, 0).check("login", 3, true, Verdict::Pass, "status 200");
    story.check("search", 3, true, Verdict::Unknown, "no answer: name could not be resolved");
    let reason = "customers on the phone: invoices show the wrong total".to_owned();
    story.wait(9_000).person("bob", Event::Resumed { rollout: ROLLOUT, choice: Choice::RollBack, reason });
    let started = story.now - 40;
    story.unwound("bob: customers on the phone: invoices show the wrong total");
    story.done(5, Dir::Undo).done(3, Dir::Undo).done(1, Dir::Undo).done(0, Dir::Undo).marked();
    story.opened(
        "production: release 3 was rolled back",
        started,
        "release 1 serves again; next: sternway status production",
    );
    story.closed(Outcome::RolledBack);
    story
}

/// (d) A rollback that cannot finish: the switch back fails, and the rollout waits for a person.
pub(super) fn stuck() -> Story {
    let mut story = Story::rollout(PlanKind::Rollback, code_only());
    story.done(0, Dir::Do);
    for attempt in 1..=3 {
        let finding =
            Finding::error("S0601", "proxy", "the admin socket does not answer").hint("sternway agent status");
        story.began(1, Dir::Do, attempt).wait(400).failed(1, Dir::Do, finding);
    }
    let started = story.now - 440;
    let state =
        "which release serves is not known: the switch to release 1 did not finish; next: sternway status production";
    story.opened("production: going back to release 1 does not finish", started, state);
    let missing = Observation::Missing { source: "proxy".to_owned(), why: "connection refused".to_owned() };
    story.observed(Some(ROLLOUT), 100, missing);
    let why = "`switch` failed 3 times: the admin socket does not answer".to_owned();
    story.machine(Event::Held { rollout: ROLLOUT, why, until: None });
    story
}

/// A rollback that a person typed, up to its last step, which sees whether the release serves.
pub(super) fn typed(confirmed: StepResult) -> Story {
    let mut story = Story::rollout(PlanKind::Rollback, code_only());
    let (title, started) = ("production: release 3 was rolled back by alice".to_owned(), at(story.now));
    let state = "release 3 serves, going back to release 1; next: sternway status production".to_owned();
    story.person("alice", Event::IncidentOpened { incident: INCIDENT, rollout: Some(ROLLOUT), title, started, state });
    story.done(0, Dir::Do).done(1, Dir::Do).began(2, Dir::Do, 1).wait(200).finished(2, Dir::Do, confirmed);
    story
}

/// The rest of it: a person lets a step pass that did not succeed, and the rollout ends.
pub(super) fn let_pass(mut story: Story) -> Story {
    let (choice, reason) = (Choice::Accept, "the check is wrong".to_owned());
    story.person("alice", Event::Resumed { rollout: ROLLOUT, choice, reason });
    let (text, restored) = ("release 1 serves again, verified".to_owned(), Some(at(story.now)));
    story.machine(Event::IncidentUpdated { incident: INCIDENT, text, restored, impact: None });
    story.closed(Outcome::Committed);
    story
}

/// (e) Something fails while no rollout is under way.
pub(super) fn alone() -> Story {
    let mut story = Story::new();
    let ask = |verdict, seen: &str| Observation::Check {
        check: "login".to_owned(),
        release: ReleaseNumber(1),
        monitor: true,
        answer: CheckAnswer { verdict, seen: seen.to_owned(), took: Millis(8) },
    };
    for _ in 0..4 {
        story.wait(5_000).observed(None, 8, ask(Verdict::Pass, "status 200"));
    }
    let what = "exited with status 137, restarted".to_owned();
    story.machine(Event::InstanceChanged { release: ReleaseNumber(1), service: service("web"), what });
    let started = story.now + 5_000;
    for _ in 0..3 {
        story.wait(5_000).observed(None, 8, ask(Verdict::Fail, "status 502, expected 200"));
    }
    let (title, state) =
        ("production: login fails".to_owned(), "release 1 serves; next: sternway status production".to_owned());
    story.machine(Event::IncidentOpened { incident: INCIDENT, rollout: None, title, started: at(started), state });
    story.person("carol", Event::Noted { text: "the database was out of connections".to_owned() });
    story.wait(60_000).observed(None, 8, ask(Verdict::Pass, "status 200"));
    let restored = Some(at(story.now));
    let text = "raised the limit of connections".to_owned();
    story.person("carol", Event::IncidentUpdated { incident: INCIDENT, text, restored, impact: None });
    story.person("carol", Event::IncidentResolved { incident: INCIDENT, text: "limit raised for good".to_owned() });
    story
}
