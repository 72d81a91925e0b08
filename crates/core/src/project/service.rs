//! `[services.X]`

use std::collections::BTreeSet;
use std::ops::Range;

use super::parse::Declared;
use super::source::{Problems, code};
use super::view::View;
use super::{Service, formats};
use crate::release::{Ready, ServiceKind, ServiceSpec};
use crate::time::Millis;

pub(super) fn read(problems: &mut Problems<'_>, name: &str, span: Range<usize>, view: View<'_>) -> Declared {
    let kind = match view.text("kind") {
        Some("web") => Some(ServiceKind::Web),
        Some("worker") => Some(ServiceKind::Worker),
        Some("job") => Some(ServiceKind::Job),
        _ => None,
    };
    if let Some(kind) = kind {
        fits_kind(problems, name, &span, view, kind);
    }
    each_shared_once(problems, name, view);
    secret_or_plain(problems, name, view);

    let assumed = kind.unwrap_or_default();
    let ready = view.text("ready").and_then(|text| formats::ready(text).ok()).unwrap_or(match assumed {
        ServiceKind::Web => Ready::Tcp,
        ServiceKind::Worker => Ready::Alive(Millis::from_secs(1)),
        ServiceKind::Job => Ready::Alive(Millis(0)),
    });
    let ready_within = view.duration_if("ready_within").unwrap_or(match assumed {
        ServiceKind::Job => Millis::from_secs(600),
        ServiceKind::Web | ServiceKind::Worker => Millis::from_secs(30),
    });
    let spec = ServiceSpec {
        kind: assumed,
        run: view.owned("run"),
        undo: view.text("undo").map(str::to_owned),
        ready,
        ready_within,
        grace: view.duration("grace"),
        overlap: view.bool("overlap"),
        port: view.whole("port"),
        shared: view.texts("shared"),
    };
    let service = Service {
        path: view.owned("path"),
        build: view.text("build").map(str::to_owned),
        build_within: view.duration("build_within"),
        exclude: view.texts("exclude"),
        spec,
        connections: view
            .named("connections")
            .into_iter()
            .filter_map(|(key, _, value)| Some((key.to_owned(), value.get_ref().as_str()?.to_owned())))
            .collect(),
        secret: view.texts("secret"),
        plain: view.texts("plain"),
        place: problems.source.place(span.start),
    };
    Declared { service, kind, port_span: view.value("port").map(toml::Spanned::span) }
}

/// Keys that have no meaning for the service's kind, and ports that two releases would fight over.
fn fits_kind(problems: &mut Problems<'_>, name: &str, span: &Range<usize>, view: View<'_>, kind: ServiceKind) {
    let mut refuse = |key: &str, message: String, hint: &str| {
        if view.has(key) {
            let subject = format!("services.{name}.{key}");
            problems.error(code::CONTRADICTION, &subject, view.span(key, span), message, hint);
        }
    };
    if kind == ServiceKind::Job {
        for key in ["ready", "port", "overlap"] {
            let message = format!("`{key}` has no meaning for a job: it runs once and is done when it exits 0");
            refuse(key, message, "leave it out; ready_within is how long the job may take");
        }
    } else {
        refuse("undo", "only a job can have `undo`".to_owned(), "add kind = \"job\", or leave it out");
    }
    if kind == ServiceKind::Web && view.bool("overlap") {
        let message = "two releases cannot run side by side on one fixed port".to_owned();
        let hint = "add overlap = false (requests are then held for the moment of the switch), or let the service listen on $PORT";
        refuse("port", message, hint);
    }
    let longer = |ready: Millis| view.duration_if("ready_within").unwrap_or(Millis::from_secs(30)) <= ready;
    if let Some(Ok(Ready::Alive(alive))) = view.text("ready").map(formats::ready)
        && kind != ServiceKind::Job
        && longer(alive)
    {
        let hint = "make ready_within longer, or the time to stay alive shorter";
        refuse("ready", "it could never get ready: ready_within ends first".to_owned(), hint);
    }
}

/// A key cannot be declared both ways.
fn secret_or_plain(problems: &mut Problems<'_>, name: &str, view: View<'_>) {
    let secret = view.texts("secret");
    for entry in view.list("plain") {
        let Some(key) = entry.get_ref().as_str().filter(|key| secret.iter().any(|other| other == key)) else {
            continue;
        };
        let message = format!("`{key}` is declared to be a secret and to be none");
        let subject = format!("services.{name}.plain");
        problems.error(code::CONTRADICTION, &subject, entry.span(), message, "leave out one");
    }
}

fn each_shared_once(problems: &mut Problems<'_>, name: &str, view: View<'_>) {
    let mut seen: BTreeSet<Vec<&str>> = BTreeSet::new();
    for entry in view.list("shared") {
        let Some(text) = entry.get_ref().as_str() else { continue };
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if let Some(other) = seen.iter().find(|other| other.starts_with(&parts) || parts.starts_with(other)) {
            let message = format!("`{text}` and `{}` are one within the other", other.join("/"));
            let hint = "name only the outer one";
            problems.error(code::DUPLICATE, &format!("services.{name}.shared"), entry.span(), message, hint);
        }
        seen.insert(parts);
    }
}
