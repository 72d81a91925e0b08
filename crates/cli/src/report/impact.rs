//! Who was affected, how often, and by what: counted from the observations of traffic, from below.

use sternway_core::counts::{Counts, Metric};
use sternway_core::event::{Event, Impact, Observation};
use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Timestamp;

use super::evidence::{failing_metrics, rejections, slow_limit};
use super::model::{Affected, Frequency, MetricImpact, Source};
use super::scope::Scope;
use super::words::between;

/// One window of the failing release's traffic.
struct Window<'a> {
    entry: u64,
    from: Timestamp,
    to: Timestamp,
    release: ReleaseNumber,
    percent: u8,
    counts: &'a Counts,
    clients: u64,
}

/// The failing release's traffic, and in which metrics it failed.
pub(super) struct Traffic<'a> {
    /// All windows, as observed.
    all: Vec<Window<'a>>,
    /// Indices of windows that do not overlap, so that no request is counted twice.
    apart: Vec<usize>,
    metrics: Vec<Metric>,
    slow: Option<u64>,
}

impl<'a> Traffic<'a> {
    /// The failing release's windows.
    pub(super) fn of(scope: &Scope<'a>) -> Self {
        let mut all: Vec<Window<'a>> = scope
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Observed {
                    from, to, what: Observation::Traffic { release, percent, counts, clients }, ..
                } if scope.concerns(*release) => {
                    let (entry, release, percent, clients) = (entry.seq, *release, *percent, *clients);
                    Some(Window { entry, from: *from, to: *to, release, percent, counts, clients })
                }
                _ => None,
            })
            .collect();
        all.sort_by_key(|window| (window.release, window.from, std::cmp::Reverse(window.to)));
        Self { apart: apart(&all), all, metrics: failing_metrics(scope), slow: slow_limit(scope) }
    }

    /// Errors of one metric over the windows that do not overlap; `None` when that cannot be told.
    fn errors(&self, metric: Metric) -> Option<u64> {
        self.sum(|window| window_errors(window.counts, metric, self.slow))
    }

    fn sum(&self, count: impl Fn(&Window<'a>) -> Option<u64>) -> Option<u64> {
        self.apart.iter().try_fold(0_u64, |sum, &index| Some(sum.saturating_add(count(&self.all[index])?)))
    }

    /// Failed requests of one window. One request has at most one kind of error, but it may be slow as well: then it counts once.
    fn failed(&self, window: &Window<'a>) -> Option<u64> {
        let kinds = self.metrics.iter().filter(|metric| **metric != Metric::Latency);
        let failed = kinds.fold(0_u64, |sum, metric| sum.saturating_add(window.counts.errors(*metric, 0)));
        let slow = if self.metrics.contains(&Metric::Latency) {
            window_errors(window.counts, Metric::Latency, self.slow)?
        } else {
            0
        };
        Some(failed.max(slow))
    }
}

fn window_errors(counts: &Counts, metric: Metric, slow: Option<u64>) -> Option<u64> {
    match metric {
        Metric::Latency => slow.map(|slow| counts.errors(metric, slow)),
        _ => Some(counts.errors(metric, 0)),
    }
}

/// Of windows sorted by release and start, those that overlap no earlier kept one of the same release.
fn apart(windows: &[Window<'_>]) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for (index, window) in windows.iter().enumerate() {
        let free =
            kept.last().is_none_or(|&last| windows[last].release != window.release || windows[last].to <= window.from);
        if free {
            kept.push(index);
        }
    }
    kept
}

/// Who was affected: as an update of the incident recorded it, else counted here.
pub(super) fn affected(scope: &Scope<'_>, traffic: &Traffic<'_>) -> Affected {
    let recorded = scope.entries.iter().rev().find_map(|entry| match &entry.event {
        Event::IncidentUpdated { impact: Some(impact), .. } => Some((entry.seq, impact)),
        _ => None,
    });
    if let Some((entry, impact)) = recorded {
        return as_recorded(scope, traffic, entry, impact);
    }
    if !traffic.all.is_empty() {
        return counted(scope, traffic);
    }
    if scope.had_traffic() == Some(false) {
        let method = "The release never had traffic: no step that routes requests to it had begun. Nothing was counted, because \
                      there was nothing to count.";
        let zero = Some(0);
        return blank(Source::NoTraffic, zero, method, without_traffic(scope));
    }
    let method = "No traffic of the failing release was observed, so that nobody can be counted.";
    blank(Source::Unknown, None, method, Vec::new())
}

fn blank(source: Source, figure: Option<u64>, method: &str, not_included: Vec<String>) -> Affected {
    Affected {
        source,
        failed_requests: figure,
        requests: figure,
        clients: figure,
        span: None,
        method: method.to_owned(),
        not_included,
        entries: Vec::new(),
    }
}

fn without_traffic(scope: &Scope<'_>) -> Vec<String> {
    let jobs: Vec<&str> = scope
        .entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Began { step, dir: sternway_core::event::Dir::Do, .. } => match &scope.step(step)?.action {
                sternway_core::plan::Action::RunJob { service, .. } => Some(service.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    jobs.iter()
        .map(|job| format!("what the job `{job}` did, which ran before the release was to have traffic"))
        .collect()
}

fn as_recorded(scope: &Scope<'_>, traffic: &Traffic<'_>, entry: u64, impact: &Impact) -> Affected {
    let mut method = if impact.method.is_empty() {
        "The entry does not say how it was counted.".to_owned()
    } else {
        impact.method.clone()
    };
    let sums = (traffic.sum(|window| traffic.failed(window)), traffic.sum(|window| Some(window.counts.requests)));
    if let (false, (Some(failed), Some(requests))) = (traffic.all.is_empty(), sums)
        && (failed, requests) != (impact.failed_requests, impact.requests)
    {
        let labels: Vec<String> = traffic.metrics.iter().map(|metric| metric.label().to_owned()).collect();
        let labels = super::prose::list(&labels);
        method = format!(
            "{method}. Counting only {labels}, the observed windows of traffic add up to {failed} of {requests} requests"
        );
    }
    Affected {
        source: Source::Recorded,
        failed_requests: Some(impact.failed_requests),
        requests: Some(impact.requests),
        clients: Some(impact.clients),
        span: (impact.failed_requests > 0).then_some(impact.span),
        method,
        not_included: if impact.requests == 0 { without_traffic(scope) } else { not_included(scope) },
        entries: vec![entry],
    }
}

fn counted(scope: &Scope<'_>, traffic: &Traffic<'_>) -> Affected {
    let labels: Vec<String> = traffic.metrics.iter().map(|metric| metric.label().to_owned()).collect();
    let kept = || traffic.apart.iter().map(|&index| &traffic.all[index]);
    let bad = || kept().filter(|window| traffic.failed(window).is_some_and(|failed| failed > 0));
    let first = bad().map(|window| window.from).min();
    let last = bad().map(|window| window.to).max();
    let method = format!(
        "Sum over the observed windows of the failing release's traffic that do not overlap; a request counts as failed when it is \
         one of: {}. Clients are the most that any one window saw among its failed requests (the same client in two windows cannot \
         be told from two), by the proxy's salted hash. The span runs from the start of the first window with a failed request to \
         the end of the last. All this is an estimate from below.",
        super::prose::list(&labels)
    );
    Affected {
        source: Source::Counted,
        failed_requests: traffic.sum(|window| traffic.failed(window)),
        requests: traffic.sum(|window| Some(window.counts.requests)),
        clients: traffic.all.iter().map(|window| window.clients).max(),
        span: first.zip(last).and_then(|(first, last)| between(first, last)),
        method,
        not_included: not_included(scope),
        entries: kept().map(|window| window.entry).collect(),
    }
}

fn not_included(scope: &Scope<'_>) -> Vec<String> {
    let mut left_out = vec![
        "people who met a wrong page that came with a good status".to_owned(),
        "people who stayed away or gave up after a failure".to_owned(),
        "several people behind one client".to_owned(),
        "requests after the last observed window".to_owned(),
    ];
    if scope
        .entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Observed { what: Observation::Missing { .. }, .. }))
    {
        left_out.push("what an observer that could not be reached would have seen".to_owned());
    }
    left_out
}

/// How often requests failed.
pub(super) fn frequency(scope: &Scope<'_>, traffic: &Traffic<'_>, affected: &Affected) -> Frequency {
    let failed = affected.failed_requests;
    let share = failed.zip(affected.requests).filter(|(_, requests)| *requests > 0);
    let seconds = affected.span.map(|span| span.0 as f64 / 1000.0).filter(|seconds| *seconds > 0.0);
    Frequency {
        share: share.map(|(failed, requests)| failed as f64 / requests as f64),
        per_second: failed.zip(seconds).map(|(failed, seconds)| failed as f64 / seconds),
        percent: traffic.all.iter().map(|window| window.percent).max(),
        expected: expected(scope, traffic, affected.requests),
    }
}

/// What the record of the release that served before makes of as many requests.
fn expected(scope: &Scope<'_>, traffic: &Traffic<'_>, requests: Option<u64>) -> Option<f64> {
    let requests = requests.filter(|requests| *requests > 0)?;
    let base = scope.entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Observed { what: Observation::Base { counts, .. }, .. } if counts.requests > 0 => Some(counts),
        _ => None,
    })?;
    let errors = traffic
        .metrics
        .iter()
        .try_fold(0_u64, |sum, &metric| Some(sum.saturating_add(window_errors(base, metric, traffic.slow)?)))?;
    Some(errors as f64 / base.requests as f64 * requests as f64)
}

/// What failed, by metric: what the judge rejected, and what else was not zero.
pub(super) fn by_metric(scope: &Scope<'_>, traffic: &Traffic<'_>) -> Vec<MetricImpact> {
    let mut impacts: Vec<MetricImpact> = Vec::new();
    for rejection in rejections(scope) {
        let text = format!(
            "{} on release {}: {} of {} requests (against {})",
            rejection.metric.label(),
            rejection.release,
            rejection.errors,
            rejection.requests,
            rejection.against
        );
        impacts.push(MetricImpact {
            metric: rejection.metric,
            release: rejection.release,
            errors: rejection.errors,
            requests: rejection.requests,
            rejected: true,
            text,
            entries: vec![rejection.entry.seq],
        });
    }
    impacts.extend(not_rejected(traffic, &impacts));
    impacts
}

fn not_rejected(traffic: &Traffic<'_>, rejected: &[MetricImpact]) -> Vec<MetricImpact> {
    let mut releases: Vec<ReleaseNumber> = traffic.all.iter().map(|window| window.release).collect();
    releases.dedup();
    // Without a rollout there may be several releases, whose sums would have to be kept apart: say nothing rather than mix them.
    let [release] = releases.as_slice() else { return Vec::new() };
    let requests = traffic.sum(|window| Some(window.counts.requests)).unwrap_or(0);
    let seen = Metric::ALL.into_iter().filter(|metric| rejected.iter().all(|impact| impact.metric != *metric));
    seen.filter_map(|metric| traffic.errors(metric).filter(|errors| *errors > 0).map(|errors| (metric, errors)))
        .map(|(metric, errors)| MetricImpact {
            metric,
            release: *release,
            errors,
            requests,
            rejected: false,
            text: format!("{} on release {release}: {errors} of {requests} requests (not rejected)", metric.label()),
            entries: traffic
                .apart
                .iter()
                .map(|&index| &traffic.all[index])
                .filter_map(|window| (window_errors(window.counts, metric, traffic.slow)? > 0).then_some(window.entry))
                .collect(),
        })
        .collect()
}
