//! `[[checks]]`

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::parse::Services;
use super::source::{Problems, code};
use super::view::{View, secret_or_text};
use crate::check::{Check, HttpCheck, Question};
use crate::release::ServiceKind;

/// A check and where its parts stand.
pub(super) struct Asked {
    pub(super) check: Check,
    pub(super) span: Range<usize>,
    pub(super) url_span: Range<usize>,
}

pub(super) fn read(problems: &mut Problems<'_>, services: &Services, entries: &[Spanned<DeValue<'_>>]) -> Vec<Asked> {
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    let mut checks = Vec::new();
    for entry in entries {
        let Some(table) = entry.get_ref().as_table() else { continue };
        let view = View::new(table, &keys::CHECK);
        let asked = one(problems, services, entry.span(), view);
        let name = &asked.check.name;
        let line = problems.source.place(asked.span.start).line;
        if let Some(earlier) = first.get(name).filter(|_| !name.is_empty()) {
            let message = format!("there is another check named \"{name}\", on line {earlier}");
            problems.error(
                code::DUPLICATE,
                &subject(name),
                asked.span.clone(),
                message,
                "give each check a name of its own",
            );
        } else {
            first.insert(name.clone(), line);
        }
        checks.push(asked);
    }
    checks
}

fn subject(name: &str) -> String {
    format!("check \"{name}\"")
}

fn one(problems: &mut Problems<'_>, services: &Services, span: Range<usize>, view: View<'_>) -> Asked {
    let name = view.owned("name");
    let subject = subject(&name);
    let http = view.table("http", &keys::HTTP);
    let question = if let Some(http) = http {
        Question::Http(Box::new(read_http(http)))
    } else if view.has("tcp") {
        Question::Tcp(view.owned("tcp"))
    } else {
        Question::Command(view.owned("command"))
    };
    let service = view.text("service").and_then(|service| {
        let place = view.span("service", &span);
        let (name, declared) = services.find(problems, &subject, place.clone(), service)?;
        if declared.kind == Some(ServiceKind::Job) {
            let message = format!("`{service}` is a job: there is nothing to ask when it has ended");
            problems.error(code::CONTRADICTION, &subject, place, message, "name a web service or a worker");
        }
        Some(name.clone())
    });
    let candidates = services.of_kind(ServiceKind::Web).len();
    if question == Question::Tcp(String::new()) && service.is_none() && !view.has("service") && candidates != 1 {
        let message = "which service's own port is meant?";
        problems.error(code::MISSING, &subject, view.span("tcp", &span), message, "add service = \"...\"");
    }

    let monitor = if view.value("monitor").is_some_and(|value| value.get_ref().is_bool()) {
        None
    } else {
        view.duration_if("monitor")
    };
    let (smoke, timeout, latency) = (view.bool("smoke"), view.duration("timeout"), view.duration_if("latency"));
    if !smoke && monitor.is_none() {
        let message = "it is never asked: neither before traffic nor during the bake";
        let hint = "leave out smoke = false or monitor = false, or the check";
        problems.warning(code::NO_EFFECT, &subject, span.clone(), message, hint);
    }
    if latency.is_some_and(|latency| latency >= timeout) {
        let message = "`latency` has no effect: it is not shorter than `timeout`";
        let place = view.span("latency", &span);
        problems.warning(code::NO_EFFECT, &subject, place, message, "make it shorter, or the timeout longer");
    }

    let span = view.span("name", &span);
    let place = Some(problems.source.place(span.start));
    let check = Check { name, question, service, smoke, monitor, timeout, latency, place };
    Asked { check, url_span: http.map_or_else(|| span.clone(), |http| http.span("url", &span)), span }
}

fn read_http(view: View<'_>) -> HttpCheck {
    HttpCheck {
        method: view.owned("method"),
        url: view.owned("url"),
        headers: view.text_map("headers"),
        form: view.text_map("form"),
        json: view.value("json").map(|value| super::view::json(value.get_ref())),
        body: view.value("body").and_then(|value| secret_or_text(value.get_ref())),
        status: view.wholes("status"),
        contains: view.texts("contains"),
        lacks: view.texts("lacks"),
        json_path: view.json_map("json_path"),
        follow: view.bool("follow"),
    }
}
