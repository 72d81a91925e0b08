//! `[environments.X]`

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeValue;

use super::parse::Services;
use super::source::{Problems, code};
use super::view::{View, named};
use super::{ConfigSource, Environment, Service};
use crate::finding::Place;
use crate::ids::ServiceName;
use crate::plan::{JudgeSettings, OnLimit, TrafficSpec};
use crate::release::ServiceKind;
use crate::time::Millis;

/// How often a protected environment is looked at.
const WATCH: Millis = Millis::from_secs(600);

/// An environment and where its parts stand.
pub(super) struct Placed {
    pub(super) environment: Environment,
    pub(super) span: Range<usize>,
    pub(super) listen_span: Range<usize>,
    pub(super) metrics_span: Range<usize>,
    pub(super) steps_span: Option<Range<usize>>,
}

pub(super) fn read(
    problems: &mut Problems<'_>,
    services: &Services,
    name: &str,
    span: Range<usize>,
    view: View<'_>,
) -> Placed {
    let at = format!("environments.{name}");
    let listen = view.owned("listen");
    if services.are_sure() && !services.of_kind(ServiceKind::Web).is_empty() && !view.has("listen") {
        let message = format!("`listen` is missing in `{at}`");
        let hint = "say where the proxy listens, for instance listen = \"127.0.0.1:8080\"";
        problems.error(code::MISSING, &format!("{at}.listen"), span.clone(), message, hint);
    }
    if let (Some(adopt), true) = (view.text("adopt"), view.has("listen"))
        && adopt == listen
    {
        let hint = "let what serves today move to another port first, and give that port here";
        let message = "what serves today cannot be where the proxy is to listen";
        problems.error(code::CONTRADICTION, &format!("{at}.adopt"), view.span("adopt", &span), message, hint);
    }
    each_step_grows(problems, &at, &span, view);

    let traffic = TrafficSpec {
        listen,
        routes: routes(problems, services, &at, &span, view),
        login: view.texts("login"),
        drain: view.duration("drain"),
    };
    let judge = JudgeSettings {
        alpha: view.fraction("alpha"),
        slow_floor: view.duration("slow_floor"),
        on_unknown: if view.text("on_unknown") == Some("hold") { OnLimit::Hold } else { OnLimit::RollBack },
    };
    let protected = if view.has("protected") { view.bool("protected") } else { matches!(name, "production" | "prod") };
    let environment = Environment {
        protected,
        traffic,
        steps: view.wholes("steps"),
        verify: view.duration("verify"),
        bake: view.duration("bake"),
        judge,
        adopt: view.text("adopt").map(str::to_owned),
        approvals: view.whole("approvals").unwrap_or_default(),
        keep: view.whole("keep").unwrap_or_default(),
        config: sources(problems, services, &at, "config", view),
        reads: sources(problems, services, &at, "reads", view),
        facts: view.text("facts").map(str::to_owned),
        metrics: view.text("metrics").map(str::to_owned),
        watch: if view.has("watch") { view.duration_if("watch") } else { protected.then_some(WATCH) },
        place: problems.source.place(span.start),
    };
    Placed {
        environment,
        listen_span: view.span("listen", &span),
        metrics_span: view.span("metrics", &span),
        steps_span: view.value("steps").map(toml::Spanned::span),
        span,
    }
}

fn each_step_grows(problems: &mut Problems<'_>, at: &str, span: &Range<usize>, view: View<'_>) {
    let subject = format!("{at}.steps");
    let entries = view.list("steps");
    let steps: Vec<i64> = view.wholes("steps");
    if entries.len() == steps.len() {
        for (pair, entry) in steps.windows(2).zip(entries.iter().skip(1)) {
            if let [before, after] = pair
                && after <= before
            {
                let message = format!("the steps must grow, but {after} follows {before}");
                problems.error(code::BAD_VALUE, &subject, entry.span(), message, "for instance steps = [10, 50, 100]");
            }
        }
    }
    if let (Some(last), Some(entry)) = (steps.last(), entries.last())
        && *last < 100
    {
        let message = format!("the last step must be 100, but is {last}: some traffic would stay on the old release");
        let hint = "add 100 at the end";
        problems.error(code::BAD_VALUE, &subject, entry.span(), message, hint);
    }
    if view.has("verify") && steps == [100] {
        let message = "`verify` has no effect: there is no step below 100";
        let place = view.span("verify", span);
        problems.warning(code::NO_EFFECT, &format!("{at}.verify"), place, message, "leave it out, or add a step");
    }
}

/// The routes that are given; or `/` to the only web service.
fn routes(
    problems: &mut Problems<'_>,
    services: &Services,
    at: &str,
    span: &Range<usize>,
    view: View<'_>,
) -> BTreeMap<String, ServiceName> {
    let web = services.of_kind(ServiceKind::Web);
    let subject = format!("{at}.routes");
    if !view.has("routes") {
        return match web.as_slice() {
            [only] => BTreeMap::from([("/".to_owned(), (*only).clone())]),
            [first, .., last] if services.are_sure() => {
                let message = format!("`routes` is missing in `{at}`: there is more than one web service");
                let hint = format!(
                    "say which paths go where, for instance routes = {{ \"/\" = \"{first}\", \"/{last}\" = \"{last}\" }}"
                );
                problems.error(code::MISSING, &subject, span.clone(), message, hint);
                BTreeMap::new()
            }
            _ => BTreeMap::new(),
        };
    }
    let mut routes = BTreeMap::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (prefix, prefix_span, value) in view.named("routes") {
        if let Some(other) = seen.insert(prefix.trim_end_matches('/'), prefix) {
            let message = format!("`{prefix}` and `{other}` are the same route");
            problems.error(code::DUPLICATE, &subject, prefix_span, message, "leave one out");
        }
        let Some(target) = value.get_ref().as_str() else { continue };
        let Some((name, declared)) = services.find(problems, &subject, value.span(), target) else { continue };
        match declared.kind {
            Some(ServiceKind::Web) => {
                routes.insert(prefix.to_owned(), name.clone());
            }
            Some(kind) => {
                let kind = if kind == ServiceKind::Job { "a job" } else { "a worker" };
                let message = format!("`{name}` is {kind}: it answers no requests");
                let names: Vec<&str> = web.iter().map(|name| name.as_str()).collect();
                let hint = format!("web services: {}", names.join(", "));
                problems.error(code::CONTRADICTION, &subject, value.span(), message, hint);
            }
            None => {}
        }
    }
    routes
}

fn sources(
    problems: &mut Problems<'_>,
    services: &Services,
    at: &str,
    key: &str,
    view: View<'_>,
) -> BTreeMap<ServiceName, Vec<ConfigSource>> {
    let mut config = BTreeMap::new();
    for (name, name_span, value) in view.named(key) {
        let subject = format!("{at}.{key}.{name}");
        let Some((service, declared)) = services.find(problems, &subject, name_span, name) else { continue };
        let entries = match value.get_ref() {
            DeValue::Array(entries) => entries.as_ref(),
            _ => std::slice::from_ref(value),
        };
        let mut sources = Vec::new();
        for entry in entries {
            let place = problems.source.place(entry.span().start);
            match entry.get_ref() {
                DeValue::Table(values) => {
                    let values = named(values);
                    for (key, span, value) in &values {
                        look_for_secret(problems, &subject, &declared.service, (key, span), value.get_ref());
                    }
                    let values = values.into_iter();
                    let values = values
                        .filter_map(|(key, _, value)| Some((key.to_owned(), value.get_ref().as_str()?.to_owned())));
                    sources.push(ConfigSource::Inline { values: values.collect(), place });
                }
                source => {
                    let found = source.as_str().and_then(|text| file(text, place));
                    // A process of ours is named by its service, which must be one.
                    if let Some(ConfigSource::File { kind, path, .. }) = &found
                        && kind == "process"
                        && services.find(problems, &subject, entry.span(), path).is_none()
                    {
                        continue;
                    }
                    sources.extend(found);
                }
            }
        }
        config.insert(service.clone(), sources);
    }
    config
}

/// `kind:path` or `kind:path#part`. A command is taken whole.
fn file(text: &str, place: Place) -> Option<ConfigSource> {
    let (kind, path) = text.split_once(':')?;
    let (path, part) = match path.rsplit_once('#') {
        Some((path, part)) if kind != "command" && !path.is_empty() && !part.is_empty() => {
            (path, Some(part.to_owned()))
        }
        _ => (path, None),
    };
    Some(ConfigSource::File { kind: kind.to_owned(), path: path.trim().to_owned(), part, place })
}

/// sternway.toml is committed and read by many: a password in it is nearly always a mistake. The value is never shown.
fn look_for_secret(
    problems: &mut Problems<'_>,
    subject: &str,
    service: &Service,
    (key, span): (&str, &Range<usize>),
    value: &DeValue<'_>,
) {
    let upper = key.to_ascii_uppercase();
    let named = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APP_KEY", "PRIVATE_KEY", "CREDENTIAL"];
    let secret = match service.secrets().get(key) {
        Some(declared) => *declared,
        None => named.iter().any(|word| upper.contains(word)),
    };
    if secret && value.as_str().is_some_and(|text| !text.is_empty()) {
        let message = format!("`{key}` looks like a secret, and sternway.toml is no place for one");
        let hint = "keep it in a dotenv file that is not committed: \"dotenv:PATH\"";
        problems.warning(code::PLAIN_SECRET, subject, span.clone(), message, hint);
    }
}
