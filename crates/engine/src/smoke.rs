//! Smoke: the checks ask the candidate before it has traffic.

use sternway_core::check::Check;
use sternway_core::event::{Event, Observation, StepResult};
use sternway_core::finding::Finding;
use sternway_core::plan::Plan;
use sternway_core::release::ReleaseRef;
use sternway_core::state::Effect;
use sternway_core::time::Millis;
use sternway_core::verdict::Verdict;

use crate::ports::Subject;
use crate::session::{EngineError, Session};

/// A check that fails is asked again: three straight failures decide, as for a monitor.
const TRIES: u32 = 3;
const PAUSE: Millis = Millis(200);

impl Session {
    pub(crate) fn smoke(
        &mut self,
        effect: &Effect,
        plan: &Plan,
        release: &ReleaseRef,
    ) -> Result<StepResult, EngineError> {
        let checks = plan.checks.iter().filter(|check| check.smoke);
        self.ask_all(effect, plan, &Subject::Candidate(release.clone()), checks, "S0703")
    }

    /// Asks every check until it passes, at most three times each.
    pub(crate) fn ask_all<'c>(
        &mut self,
        effect: &Effect,
        plan: &Plan,
        subject: &Subject,
        checks: impl Iterator<Item = &'c Check>,
        code: &str,
    ) -> Result<StepResult, EngineError> {
        let release = match subject {
            Subject::Candidate(release) | Subject::Public(release) => release.number,
        };
        let environment = self.lease.environment.clone();
        let mut findings = Vec::new();
        let mut unknown = Vec::new();
        let mut passed = 0;
        for check in checks {
            for attempt in 1..=TRIES {
                self.stop_if_fenced()?;
                let from = self.ports.clock.now();
                let answer = self.ports.checks.ask(&environment, plan, check, subject);
                let to = self.ports.clock.now();
                let verdict = answer.verdict;
                let seen = answer.seen.clone();
                let what = Observation::Check { check: check.name.clone(), release, monitor: false, answer };
                self.stage(Event::Observed { rollout: Some(effect.rollout), from, to, what });
                if verdict == Verdict::Pass {
                    passed += 1;
                    break;
                }
                if attempt == TRIES {
                    match verdict {
                        Verdict::Unknown => unknown.push(format!("`{}`: {seen}", check.name)),
                        _ => findings.push(failed(code, check, &seen)),
                    }
                } else {
                    self.ports.clock.pause(PAUSE.duration());
                }
            }
        }
        self.flush()?;
        Ok(if !findings.is_empty() {
            StepResult::Failed { findings }
        } else if !unknown.is_empty() {
            StepResult::Unknown { why: unknown.join("; ") }
        } else {
            StepResult::Done { note: format!("{passed} check{} passed", if passed == 1 { "" } else { "s" }) }
        })
    }
}

fn failed(code: &str, check: &Check, seen: &str) -> Finding {
    let mut finding = Finding::error(code, &check.name, format!("check `{}`: {seen}", check.name))
        .hint("see the service's log with `sternway log --service NAME`, mend it, and ship again");
    finding.places.extend(check.place.clone());
    finding
}
