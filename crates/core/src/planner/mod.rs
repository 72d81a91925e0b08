//! From what is known to a frozen plan, or to the findings that stand against one.
//!
//! The planner proves the way back before it freezes anything: the base's artifact and configuration must be present and intact,
//! the disk must hold the candidate, and the listen address must be ours to use. Effects gathered the facts; here they are judged.

mod change;
mod checks;
mod elsewhere;
mod retention;
mod steps;
mod way_back;

pub use retention::{Retention, retention};

use crate::baseline::Acceptance;
use crate::check::Check;
use crate::digest::Digest;
use crate::event::Event;
use crate::finding::{Finding, Severity};
use crate::ids::{EnvironmentName, RolloutNumber};
use crate::judge;
use crate::plan::{Plan, PlanKind, Target, TrafficSpec};
use crate::project::Environment;
use crate::release::{ReleaseContent, ReleaseRecord};
use crate::state::State;
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// What the planner needs to know of one release.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// What the logbook says of it.
    pub record: ReleaseRecord,
    /// What it is made of; `None` for what was adopted, and for one whose content is damaged (then `intact` says so).
    pub content: Option<ReleaseContent>,
    /// The bytes that were read and found right, or why it cannot be used.
    pub intact: Result<u64, Finding>,
}

/// What was observed before planning.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Free bytes where releases are staged.
    pub disk_free: u64,
    /// Free inodes there.
    pub inodes_free: u64,
    /// Bytes that staging the candidate needs.
    pub disk_needed: u64,
    /// Inodes that it needs.
    pub inodes_needed: u64,
    /// Who holds the listen address, when somebody other than this environment's proxy does.
    pub listen_taken: Option<String>,
    /// For what was adopted, when it is the base or the release to go to: whether it accepts connections.
    pub adopted_answers: Option<bool>,
    /// The project's folder from which was shipped last and the one now, when they are not the same.
    pub other_folder: Option<(String, String)>,
    /// The base's record as current and its requests a second, when the proxy could be asked.
    pub record: Option<(crate::counts::Counts, f64)>,
}

/// Everything that a plan rests on.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// The logbook, folded.
    pub state: &'a State,
    /// Where to.
    pub environment: &'a EnvironmentName,
    /// How that environment is configured.
    pub settings: &'a Environment,
    /// The project's checks.
    pub checks: &'a [Check],
    /// The release that serves now.
    pub base: Option<Known>,
    /// The release to go to.
    pub candidate: Known,
    /// What was observed.
    pub facts: Facts,
    /// What other gates found.
    pub findings: Vec<Finding>,
    /// What they found and the project's baseline accepts.
    pub accepted: Option<Acceptance>,
    /// Codes that a person lets pass.
    pub overrides: &'a [String],
    /// Not before this time.
    pub not_before: Option<Timestamp>,
}

/// What came of planning: the gate's event, and the plan when nothing blocks.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Everything that was found, most severe first.
    pub findings: Vec<Finding>,
    /// Codes that would have blocked but were overridden.
    pub overridden: Vec<String>,
    /// What the project's baseline accepted.
    pub accepted: Option<Acceptance>,
    /// The frozen plan; `None` when a finding blocks.
    pub plan: Option<Plan>,
}

impl Planned {
    /// The event that records the gate.
    pub fn gate(&self, candidate: &ReleaseRecord) -> Event {
        Event::GateEvaluated {
            release: candidate.number,
            findings: self.findings.clone(),
            overridden: self.overridden.clone(),
            accepted: self.accepted.clone(),
            verdict: if self.plan.is_some() { Verdict::Pass } else { Verdict::Fail },
        }
    }
}

/// Plans a way forward.
pub fn ship(inputs: &Inputs<'_>) -> Planned {
    let mut findings = inputs.findings.clone();
    findings.extend(standing_in_the_way(inputs));
    let (way_back, against) = way_back::prove(inputs);
    findings.extend(against);
    let overridden = settle(&mut findings, inputs.overrides);
    let blocked =
        findings.iter().any(|finding| is_blocking(finding, &overridden)) || incomplete(&inputs.candidate).is_some();
    let plan = (!blocked).then(|| {
        let content = inputs.candidate.content.as_ref();
        let traffic = TrafficSpec {
            routes: content.map(|content| content.routes.clone()).unwrap_or_default(),
            ..inputs.settings.traffic.clone()
        };
        let base_traffic = base_traffic(inputs, &traffic);
        let (steps, mut remarks) = steps::forward(inputs, &traffic, base_traffic.as_ref());
        remarks.push(room(inputs));
        if traffic.is_routed() {
            remarks.extend(visibility(inputs));
        }
        Plan {
            format: 1,
            rollout: RolloutNumber(inputs.state.last_rollout + 1),
            kind: PlanKind::Ship,
            environment: inputs.environment.clone(),
            change: change::of(inputs.base.as_ref(), &inputs.candidate, base_traffic.as_ref(), &traffic),
            targets: vec![Target::Local],
            base: inputs.base.as_ref().map(|base| base.record.reference()),
            base_traffic,
            base_checks: base_checks(inputs),
            adopted: adopted(inputs),
            candidate: inputs.candidate.record.reference(),
            traffic,
            checks: inputs.checks.to_vec(),
            judge: inputs.settings.judge.clone(),
            steps,
            way_back,
            approvals: inputs.settings.approvals,
            keep: inputs.settings.keep,
            not_before: inputs.not_before,
            findings: findings.clone(),
            accepted: inputs.accepted.clone(),
            remarks,
        }
    });
    Planned { findings, overridden, accepted: inputs.accepted.clone(), plan }
}

/// Plans a way back to a release that has served before. No gate is asked: what is found is said, and only an artifact that is not
/// there can stand in its way, and, unless a person lets that pass, what was adopted and does not answer: what serves must not be left for nothing.
pub fn rollback(inputs: &Inputs<'_>, traffic: TrafficSpec, checks: Vec<Check>) -> Planned {
    let mut findings = Vec::new();
    match &inputs.candidate.record.adopted {
        None => findings.extend(incomplete(&inputs.candidate)),
        Some(adopted) => findings.extend(way_back::not_answering(&adopted.address, inputs.facts.adopted_answers)),
    }
    findings.extend(open_rollout(inputs));
    findings.extend(serves_already(inputs));
    let overridden = settle(&mut findings, inputs.overrides);
    if findings.iter().any(|finding| is_blocking(finding, &overridden)) {
        return Planned { findings, overridden, accepted: None, plan: None };
    }
    let base_traffic = base_traffic(inputs, &traffic);
    let steps = steps::back(inputs, &traffic, base_traffic.as_ref());
    let plan = Plan {
        format: 1,
        rollout: RolloutNumber(inputs.state.last_rollout + 1),
        kind: PlanKind::Rollback,
        environment: inputs.environment.clone(),
        change: change::of(inputs.base.as_ref(), &inputs.candidate, base_traffic.as_ref(), &traffic),
        targets: vec![Target::Local],
        base: inputs.base.as_ref().map(|base| base.record.reference()),
        base_traffic,
        base_checks: base_checks(inputs),
        adopted: adopted(inputs),
        candidate: inputs.candidate.record.reference(),
        traffic,
        checks,
        judge: inputs.settings.judge.clone(),
        steps,
        way_back: crate::plan::WayBack::None {
            why: "this is the way back; a rollback is never rolled back".to_owned(),
        },
        approvals: 0,
        keep: inputs.settings.keep,
        not_before: None,
        findings: findings.clone(),
        accepted: None,
        remarks: not_undone(inputs),
    };
    Planned { findings, overridden, accepted: None, plan: Some(plan) }
}

/// Data never goes back by itself: what jobs changed since the target came stays, and a person who goes back is told.
fn not_undone(inputs: &Inputs<'_>) -> Vec<String> {
    let Some(place) = inputs.state.environments.get(inputs.environment) else { return Vec::new() };
    let target = inputs.candidate.record.reference();
    place.jobs_since(&target).map(|(release, left)| left.in_words(release)).collect()
}

/// What stands in the way whatever the way back is.
fn standing_in_the_way(inputs: &Inputs<'_>) -> Vec<Finding> {
    let candidate = &inputs.candidate;
    let environment = inputs.environment;
    let mut found = Vec::new();
    found.extend(open_rollout(inputs));
    found.extend(incomplete(candidate));
    found.extend(serves_already(inputs));
    found.extend(checks::without_their_secrets(inputs));
    found.extend(elsewhere::another_project(inputs));
    found.extend(elsewhere::another_address(inputs));
    if let Some(bad) = inputs.state.environment(environment).bad.get(&candidate.record.digest) {
        found.push(
            Finding::error(
                "S0502",
                format!("release {}", candidate.record.number),
                format!("this code with this configuration failed at {}: {}", bad.at, bad.why),
            )
            .hint("change the code or the configuration, or say why it will work now: --override S0502 --reason TEXT"),
        );
    }
    let facts = &inputs.facts;
    if !has_room(inputs) {
        // What is free is different the next moment, and an overridden finding is part of what is approved.
        let text = format!(
            "staging needs twice {} bytes and {} inodes, and less than that is free",
            facts.disk_needed, facts.inodes_needed
        );
        let finding = Finding::error("S0403", "disk", text)
            .hint("make room in the state folder, or lower `keep` in sternway.toml");
        // What fits once can be staged by somebody who knows that going back will find room; what does not fit cannot.
        let fits = facts.disk_free >= facts.disk_needed && facts.inodes_free >= facts.inodes_needed;
        found.push(if fits { finding } else { finding.that_stands() });
    }
    if let Some(holder) = &facts.listen_taken {
        let listen = &inputs.settings.traffic.listen;
        found.push(
            Finding::error("S0404", listen, format!("{listen} is in use by {holder}"))
                .hint("stop it, or name another address as `listen` in sternway.toml")
                .that_stands(),
        );
    }
    if inputs.checks.is_empty() {
        found.push(
            Finding::warning(
                "S0503",
                environment.as_str(),
                "no [[checks]]: only readiness and the judge stand between a bad release and its users",
            )
            .hint("add a [[checks]] entry to sternway.toml that a user would notice when it fails"),
        );
    }
    found
}

/// Going to what serves already would end with stopping it, as what served before.
fn serves_already(inputs: &Inputs<'_>) -> Option<Finding> {
    let (number, environment) = (inputs.candidate.record.number, inputs.environment);
    inputs.base.as_ref().filter(|base| base.record.digest == inputs.candidate.record.digest)?;
    let text = format!("release {number} serves already: nothing would change");
    Some(
        Finding::error("S0501", environment.as_str(), text)
            .hint(format!("sternway status {environment}"))
            .that_stands(),
    )
}

/// Why a release cannot be started from what is in the store.
fn incomplete(known: &Known) -> Option<Finding> {
    let damaged = |why: &str| {
        let subject = format!("release {}", known.record.number);
        Finding::error("S0402", subject, why)
            .hint("restore the state folder from a backup, or ship it anew")
            .that_stands()
    };
    match (&known.intact, &known.content) {
        (Err(finding), _) => Some(finding.clone().that_stands()),
        (Ok(_), None) => Some(damaged("its content is missing")),
        (Ok(_), Some(content)) if content.digest() != known.record.digest => {
            Some(damaged("its content is not what was sealed"))
        }
        _ => None,
    }
}

fn open_rollout(inputs: &Inputs<'_>) -> Option<Finding> {
    let open = inputs.state.rollout(inputs.environment)?;
    let text = format!(
        "rollout {} is open, by {} since {}; {}",
        open.plan.rollout,
        open.by,
        open.opened,
        open.until_in_words()
    );
    let hint =
        format!("follow it with `sternway status {0}`, or end it with `sternway rollback {0}`", inputs.environment);
    Some(Finding::error("S0901", inputs.environment.as_str(), text).hint(hint).that_stands())
}

/// Sorts the findings and names the blocking ones that a person lets pass. What stands, stays: an open rollout, say, an artifact
/// that is not there, or an address that somebody else has.
fn settle(findings: &mut [Finding], overrides: &[String]) -> Vec<String> {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.code.cmp(&b.code)));
    let mut codes: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && !finding.stands && overrides.contains(&finding.code))
        .map(|finding| finding.code.clone())
        .collect();
    codes.dedup();
    codes
}

fn is_blocking(finding: &Finding, overridden: &[String]) -> bool {
    finding.severity == Severity::Error && (finding.stands || !overridden.contains(&finding.code))
}

/// How the base is reached, to go back to: as it was committed, or, for what was adopted, every route to its one address.
fn base_traffic(inputs: &Inputs<'_>, traffic: &TrafficSpec) -> Option<TrafficSpec> {
    let current = inputs.state.environments.get(inputs.environment)?.current.as_ref()?;
    Some(current.traffic.clone().unwrap_or_else(|| traffic.clone()))
}

fn adopted(inputs: &Inputs<'_>) -> Option<String> {
    let known = inputs.base.iter().chain([&inputs.candidate]).find_map(|known| known.record.adopted.clone());
    known.map(|adopted| adopted.address)
}

fn base_checks(inputs: &Inputs<'_>) -> Vec<Check> {
    let current = inputs.state.environments.get(inputs.environment).and_then(|place| place.current.as_ref());
    current.map(|current| current.checks.clone()).unwrap_or_default()
}

/// What the judge will be able to see at today's traffic.
fn visibility(inputs: &Inputs<'_>) -> Vec<String> {
    match &inputs.facts.record {
        Some((counts, rate)) => judge::visibility(*rate, counts, &inputs.settings.judge, &inputs.settings.steps)
            .into_iter()
            .map(|visible| visible.sentence)
            .collect(),
        None => vec!["today's traffic is not known: only the checks are sure to judge".to_owned()],
    }
}

/// Whether the candidate fits twice.
fn has_room(inputs: &Inputs<'_>) -> bool {
    let facts = &inputs.facts;
    facts.disk_free >= facts.disk_needed.saturating_mul(2) && facts.inodes_free >= facts.inodes_needed.saturating_mul(2)
}

/// How much room there is: different each time it is asked, and so no part of what is approved.
fn room(inputs: &Inputs<'_>) -> String {
    let facts = &inputs.facts;
    format!("{} free on disk, staging needs {}", size(facts.disk_free), size(facts.disk_needed))
}

/// Bytes for a person: `64.3 GB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut amount = bytes as f64;
    let mut unit = "";
    for next in UNITS {
        if amount < 999.95 {
            break;
        }
        amount /= 1000.0;
        unit = next;
    }
    format!("{amount:.1} {unit}")
}

/// The digest of an adopted release 0: it has no content, so its address stands for it.
pub fn adopted_digest(address: &str) -> Digest {
    Digest::of(format!("adopted:{address}").as_bytes())
}
