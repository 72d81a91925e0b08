//! The frozen plan of a rollout: a list of steps, each with its way back.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::baseline::Acceptance;
use crate::check::Check;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::ids::{EnvironmentName, RolloutNumber, ServiceName};
use crate::release::ReleaseRef;
use crate::time::{Millis, Timestamp};

/// Why a plan exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// Forward to a new release.
    Ship,
    /// Back to a release that has served before. Waits for no gate and is never rolled back itself.
    Rollback,
}

/// What would differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Whether the code differs from the base's.
    pub code: bool,
    /// `service:KEY` of each configuration value that was added, removed or changed.
    pub config: Vec<String>,
    /// One line for a person.
    pub summary: String,
}

/// Where a release goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This machine, through its agent.
    Local,
}

/// How requests reach the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrafficSpec {
    /// Where the proxy listens, `address:port`.
    pub listen: String,
    /// Path prefix (`/component`) or host and path prefix (`shop.example/api`) to service.
    pub routes: BTreeMap<String, ServiceName>,
    /// Paths of the login pages: a redirect to one of them counts as an error.
    pub login: Vec<String>,
    /// How long open requests and connections of a drained release may go on.
    pub drain: Millis,
}

impl TrafficSpec {
    /// Whether requests reach the environment at all; those of workers and jobs alone do not.
    pub fn is_routed(&self) -> bool {
        !self.listen.is_empty() && !self.routes.is_empty()
    }
}

/// How the candidate is judged. See [`crate::judge`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgeSettings {
    /// The chance of rolling a good release back, over the whole rollout.
    pub alpha: f64,
    /// A response faster than this is never slow, whatever the base's 99th percentile is.
    pub slow_floor: Millis,
    /// What follows when the bake's limit is reached and the verdict is still unknown.
    pub on_unknown: OnLimit,
}

/// What happens to a rollout whose verdict is unknown at the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnLimit {
    /// Go back.
    RollBack,
    /// Wait for a person.
    Hold,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Record how the base release has served: its error rates as current and its 99th percentile.
    Baseline {
        /// The release that serves now.
        release: Option<ReleaseRef>,
    },
    /// See that this release serves: its instances are ready, the proxy names it current, and the checks pass.
    ConfirmServing {
        /// The release that must be serving.
        release: ReleaseRef,
    },
    /// Put the release's files on the host, complete or not at all.
    Stage {
        /// The release to stage.
        release: ReleaseRef,
    },
    /// Run a job to its end, once for each release and direction.
    RunJob {
        /// The release that the job belongs to.
        release: ReleaseRef,
        /// The job.
        service: ServiceName,
        /// The shell command.
        command: String,
        /// At most so long.
        within: Millis,
    },
    /// Run a job's undo command.
    UndoJob {
        /// The release that the job belongs to.
        release: ReleaseRef,
        /// The job.
        service: ServiceName,
        /// The shell command.
        command: String,
        /// At most so long.
        within: Millis,
    },
    /// Start instances and wait until they are ready.
    Start {
        /// The release to start.
        release: ReleaseRef,
        /// Which of its services.
        services: Vec<ServiceName>,
    },
    /// Drain and stop instances.
    Stop {
        /// The release to stop.
        release: ReleaseRef,
        /// Which of its services.
        services: Vec<ServiceName>,
    },
    /// Ask the smoke checks of the candidate, before it has traffic.
    Smoke {
        /// The release to ask.
        release: ReleaseRef,
    },
    /// Give the candidate this share of traffic, sticky by cookie, as a lease that runs out when it is not renewed.
    Shift {
        /// The candidate.
        release: ReleaseRef,
        /// Percent of traffic, 1 to 99.
        percent: u8,
    },
    /// Take the candidate's share back: all traffic to the current release.
    Unshift {
        /// The candidate.
        release: ReleaseRef,
    },
    /// Watch the candidate at its share of traffic and judge it against the current release.
    Verify {
        /// The candidate.
        release: ReleaseRef,
        /// Percent of traffic that it has; 100 after the switch.
        percent: u8,
        /// How long it is watched.
        window: Millis,
    },
    /// Switch all of the environment's traffic to this release, all services in one moment.
    Switch {
        /// The release that becomes current.
        release: ReleaseRef,
        /// How its requests are routed.
        traffic: TrafficSpec,
    },
    /// Take this release out of traffic when nothing served before it: requests then get 503.
    Withdraw {
        /// The release.
        release: ReleaseRef,
    },
    /// Stop the workers of one release, then start those of the other.
    SwapWorkers {
        /// Whose workers stop, if any.
        from: Option<ReleaseRef>,
        /// Which of them.
        stop: Vec<ServiceName>,
        /// Whose workers start, if any.
        to: Option<ReleaseRef>,
        /// Which of them.
        start: Vec<ServiceName>,
    },
    /// For services that cannot run side by side: hold requests, stop one, start the other, switch, let the requests go.
    Exchange {
        /// Whose instances stop, if any ran.
        from: Option<ReleaseRef>,
        /// Which of them.
        stop: Vec<ServiceName>,
        /// Whose instances start, if there is one to go to.
        to: Option<ReleaseRef>,
        /// Which of them.
        start: Vec<ServiceName>,
        /// How requests are routed afterwards.
        traffic: TrafficSpec,
    },
    /// Drain and stop what served before.
    Retire {
        /// The release that served before.
        release: ReleaseRef,
        /// Which of its services.
        services: Vec<ServiceName>,
    },
}

/// How a step is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// It changed nothing that matters.
    Nothing,
    /// By this action, which works whether the step never ran, ran half, or ran twice.
    By(Action),
    /// It cannot be taken back; an approval must name it.
    Irreversible(String),
}

/// What to do about a step that had begun when its driver died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupted {
    /// Run it again: its driver is idempotent by the effect's key.
    Rerun,
    /// Hold, and ask a person.
    Ask,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Short name for a person, unique in its plan: `start`, `shift 10%`, `bake`.
    pub name: String,
    /// What is done.
    pub action: Action,
    /// How it is taken back.
    pub undo: Undo,
    /// What follows when it was interrupted.
    pub on_interrupted: OnInterrupted,
    /// True for what happens after the new release is accepted: it is retried and reported, never a reason to go back.
    pub after_commit: bool,
}

/// What was proven about going back before the plan was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// The base release is present and intact.
    Proven {
        /// The release to which a failure goes back.
        to: ReleaseRef,
        /// What was looked at, in words.
        evidence: Vec<String>,
    },
    /// Nothing served before: a failure leaves the environment without a release.
    None {
        /// Why, and what would give one.
        why: String,
    },
}

/// A plan, frozen. Approvals bind to its [`Plan::digest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Format of this record; now 1.
    pub format: u32,
    /// The rollout's number.
    pub rollout: RolloutNumber,
    /// Ship or rollback.
    pub kind: PlanKind,
    /// The environment.
    pub environment: EnvironmentName,
    /// What would differ.
    pub change: Change,
    /// Where it goes.
    pub targets: Vec<Target>,
    /// The release that serves now; the plan is void when that has moved.
    pub base: Option<ReleaseRef>,
    /// How the base's requests are routed, to go back to.
    pub base_traffic: Option<TrafficSpec>,
    /// Where what was adopted answers, when the base or the candidate is release 0.
    #[serde(default)]
    pub adopted: Option<String>,
    /// The checks that the base was verified by, to verify it again after going back.
    #[serde(default)]
    pub base_checks: Vec<Check>,
    /// The release to go to.
    pub candidate: ReleaseRef,
    /// How the candidate's requests are routed.
    pub traffic: TrafficSpec,
    /// The checks of smoke and bake.
    pub checks: Vec<Check>,
    /// How the candidate is judged.
    pub judge: JudgeSettings,
    /// What will be done, in order.
    pub steps: Vec<Step>,
    /// What was proven about going back.
    pub way_back: WayBack,
    /// How many approvals it needs before it starts.
    pub approvals: u32,
    /// How many good releases are kept to go back to.
    #[serde(default = "default_keep")]
    pub keep: u32,
    /// Not to start before this time.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub not_before: Option<Timestamp>,
    /// Findings that do not block, and those that were overridden.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// What the project's baseline accepted, and so is not among the findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
    /// What can be seen at today's traffic and how fast, and other remarks, for a person. Not part of the digest.
    #[serde(default)]
    pub remarks: Vec<String>,
}

fn default_keep() -> u32 {
    5
}

impl Plan {
    /// Whether requests reach this release while it is current: then the proxy is asked about it.
    pub fn is_routed(&self, release: &ReleaseRef) -> bool {
        if *release == self.candidate {
            self.traffic.is_routed()
        } else {
            self.base_traffic.as_ref().is_some_and(TrafficSpec::is_routed)
        }
    }

    /// The services that this release must have running to serve: those that requests are routed to, and those that the plan starts
    /// or stops for it. What was adopted has none of ours.
    pub fn services_of(&self, release: &ReleaseRef) -> BTreeSet<ServiceName> {
        let mut found = BTreeSet::new();
        if release.number.0 == 0 {
            return found;
        }
        let traffic = if *release == self.candidate { Some(&self.traffic) } else { self.base_traffic.as_ref() };
        found.extend(traffic.into_iter().flat_map(|traffic| traffic.routes.values().cloned()));
        let undone = |step: &Step| if let Undo::By(action) = &step.undo { Some(action.clone()) } else { None };
        for action in self.steps.iter().flat_map(|step| [Some(step.action.clone()), undone(step)]).flatten() {
            let parts = match action {
                Action::Start { release, services }
                | Action::Stop { release, services }
                | Action::Retire { release, services } => vec![(Some(release), services)],
                Action::SwapWorkers { from, stop, to, start } | Action::Exchange { from, stop, to, start, .. } => {
                    vec![(from, stop), (to, start)]
                }
                _ => Vec::new(),
            };
            found.extend(parts.into_iter().filter(|(of, _)| of.as_ref() == Some(release)).flat_map(|(_, all)| all));
        }
        found
    }

    /// The digest to which approvals bind: all of the plan but its number and its remarks.
    pub fn digest(&self) -> Digest {
        let mut frozen = self.clone();
        frozen.rollout = RolloutNumber(0);
        frozen.remarks.clear();
        Digest::of_json(&frozen)
    }
}
