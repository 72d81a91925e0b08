//! From the logbook's entries to a report: a pure fold, the same for the same entries.

use sternway_core::event::{Entry, Event};
use sternway_core::ids::{IncidentNumber, ReleaseNumber};
use sternway_core::time::{Millis, Timestamp};

use super::impact::{Traffic, affected, by_metric, frequency};
use super::model::{Durations, FORMAT, Moment, ReleaseSeen, Report, Restoration, Rollout, Status};
use super::scope::Scope;
use super::{actions, evidence, narrative, timeline, words};

/// What the logbook tells about this incident; `None` when it was never opened. The order of the entries does not matter.
pub(crate) fn gather(entries: &[Entry], incident: IncidentNumber) -> Option<Report> {
    let scope = Scope::of(entries, incident)?;
    let started = evidence::started(&scope);
    let detected = evidence::detected(&scope);
    let restored = evidence::restored(&scope, &started);
    let resolved = resolved(&scope);
    let traffic = Traffic::of(&scope);
    let affected = affected(&scope, &traffic);
    let impact = by_metric(&scope, &traffic);
    let moments = narrative::Moments {
        started: &started,
        detected: detected.as_ref(),
        restored: &restored,
        resolved: resolved.as_ref(),
    };
    let mut report = Report {
        format: FORMAT,
        incident,
        title: scope.title.to_owned(),
        date: date(started.at),
        environment: scope.opened.environment.clone(),
        status: status(&restored, resolved.as_ref()),
        rollout: rollout(&scope),
        opened: opened(&scope),
        durations: durations(&scope, &moments),
        production: scope.state.to_owned(),
        frequency: frequency(&scope, &traffic, &affected),
        happened: narrative::happened(&scope, &moments),
        cause: narrative::cause(&scope, &impact),
        actions: actions::actions(&scope),
        unknown: Vec::new(),
        to_write: Vec::new(),
        timeline: timeline::timeline(&scope),
        started,
        detected,
        restored,
        resolved,
        affected,
        impact,
    };
    report.unknown = narrative::unknown(&scope, &report);
    report.to_write = narrative::to_write(&scope, &report);
    Some(report)
}

/// The day in UTC.
pub(super) fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.split_once('T').map_or_else(|| text.clone(), |(day, _)| day.to_owned())
}

fn opened(scope: &Scope<'_>) -> Moment {
    let how = format!("opened {}", words::by_whom(scope.opened));
    Moment { at: scope.opened.at, entry: scope.opened.seq, how }
}

fn resolved(scope: &Scope<'_>) -> Option<Moment> {
    scope.entries.iter().find_map(|entry| match &entry.event {
        Event::IncidentResolved { text, .. } => {
            let how = if words::automatic(entry) { text.clone() } else { format!("{}: {text}", entry.by) };
            Some(Moment { at: entry.at, entry: entry.seq, how })
        }
        _ => None,
    })
}

const fn status(restored: &Restoration, resolved: Option<&Moment>) -> Status {
    match (resolved, restored) {
        (Some(_), _) => Status::Resolved,
        (None, Restoration::At(_) | Restoration::NeverLost { .. }) => Status::Restored,
        (None, Restoration::NotRestored { .. } | Restoration::NotRecorded { .. }) => Status::Open,
    }
}

fn durations(scope: &Scope<'_>, moments: &narrative::Moments<'_>) -> Durations {
    let restored = match moments.restored {
        Restoration::At(moment) => Some(moment),
        _ => None,
    };
    let span = |from: Option<&Moment>, to: Option<&Moment>| -> Option<Millis> {
        from.zip(to).and_then(|(from, to)| words::between(from.at, to.at))
    };
    let typed = evidence::typed(scope) && moments.started.entry == scope.opened.seq;
    let started = Some(moments.started).filter(|_| !typed);
    Durations {
        to_detect: span(started, moments.detected),
        detect_to_restore: span(moments.detected, restored),
        to_restore: span(started, restored),
        to_resolve: span(started, moments.resolved),
    }
}

fn rollout(scope: &Scope<'_>) -> Option<Rollout> {
    let (_, plan) = scope.plan?;
    let outcome = scope.entries.iter().rev().find_map(|entry| match entry.event {
        Event::Closed { outcome, .. } => Some(outcome),
        _ => None,
    });
    let held = scope.entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Held { why, .. } => Some(Some(why.clone())),
        Event::Resumed { .. } | Event::Unwound { .. } | Event::Began { .. } | Event::Closed { .. } => Some(None),
        _ => None,
    });
    Some(Rollout {
        number: plan.rollout,
        kind: plan.kind,
        from: plan.base.as_ref().map(|base| release(scope, base.number)),
        to: release(scope, plan.candidate.number),
        outcome,
        held: held.flatten(),
    })
}

fn release(scope: &Scope<'_>, number: ReleaseNumber) -> ReleaseSeen {
    let bad = scope
        .entries
        .iter()
        .any(|entry| matches!(&entry.event, Event::MarkedBad { release, .. } if release.number == number));
    let origin = scope.releases.get(&number).map(|record| record.origin.clone()).unwrap_or_default();
    ReleaseSeen { number, origin, bad }
}
