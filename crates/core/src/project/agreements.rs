//! `[[agreements]]`

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::environment::Placed;
use super::parse::Services;
use super::source::{Problems, code};
use super::view::View;
use super::{Agreement, Component, Rule, ValueRef, keys, suggest};
use crate::ids::{EnvironmentName, ServiceName};

pub(super) fn read(
    problems: &mut Problems<'_>,
    services: &Services,
    environments: &BTreeMap<EnvironmentName, Placed>,
    entries: &[Spanned<DeValue<'_>>],
) -> Vec<Agreement> {
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    let mut agreements = Vec::new();
    for entry in entries {
        let Some(table) = entry.get_ref().as_table() else { continue };
        let view = View::new(table, &keys::AGREEMENT);
        let agreement = one(problems, services, environments, entry.span(), view);
        let name = &agreement.name;
        if let Some(earlier) = first.get(name).filter(|_| !name.is_empty()) {
            let message = format!("there is another agreement named \"{name}\", on line {earlier}");
            let place = view.span("name", &entry.span());
            problems.error(code::DUPLICATE, &subject(name), place, message, "give each agreement a name of its own");
        } else {
            first.insert(name.clone(), agreement.place.line);
        }
        agreements.push(agreement);
    }
    agreements
}

fn subject(name: &str) -> String {
    format!("agreement \"{name}\"")
}

fn one(
    problems: &mut Problems<'_>,
    services: &Services,
    environments: &BTreeMap<EnvironmentName, Placed>,
    span: Range<usize>,
    view: View<'_>,
) -> Agreement {
    let name = view.owned("name");
    let subject = subject(&name);
    let mut values = |key: &str| value_refs(problems, services, &subject, view.list(key));
    let rule = if view.has("must_agree") {
        Rule::MustAgree(values("must_agree"))
    } else if view.has("must_differ") {
        Rule::MustDiffer(values("must_differ"))
    } else if view.has("may_differ") {
        Rule::MayDiffer(values("may_differ"))
    } else {
        Rule::Session(sharing(problems, services, &subject, view.list("session")))
    };
    one_is_no_agreement(problems, &subject, view, &rule, &span);
    let mut places = Vec::new();
    for entry in view.list("environments") {
        let Some(id) = entry.get_ref().as_str().and_then(|text| EnvironmentName::new(text).ok()) else { continue };
        if !environments.contains_key(&id) {
            let hint = suggest::hint(id.as_str(), "environments", environments.keys().map(EnvironmentName::as_str));
            let message = format!("there is no environment `{id}`");
            problems.error(code::UNKNOWN_NAME, &subject, entry.span(), message, hint);
        }
        places.push(id);
    }
    Agreement {
        rule,
        on: view.texts("on").iter().filter_map(|text| component(text)).collect(),
        environments: places,
        reason: view.text("reason").map(str::to_owned),
        place: problems.source.place(view.span("name", &span).start),
        name,
    }
}

/// An agreement of a value with itself holds always, and says nothing.
fn one_is_no_agreement(problems: &mut Problems<'_>, subject: &str, view: View<'_>, rule: &Rule, span: &Range<usize>) {
    if let Rule::MustAgree(values) = rule
        && let [ValueRef { service: Some(_), .. }] = values.as_slice()
        && view.list("must_agree").len() == 1
    {
        let hint = "name a second value, or *:KEY for that of all services";
        let place = view.span("must_agree", span);
        problems.error(code::CONTRADICTION, subject, place, "one value alone cannot agree with another", hint);
    }
}

fn value_refs(
    problems: &mut Problems<'_>,
    services: &Services,
    subject: &str,
    entries: &[Spanned<DeValue<'_>>],
) -> Vec<ValueRef> {
    let mut values = Vec::new();
    for entry in entries {
        let Some((service, key)) = entry.get_ref().as_str().and_then(|text| text.split_once(':')) else { continue };
        let service = match service {
            "*" => None,
            name => match services.find(problems, subject, entry.span(), name) {
                Some((name, _)) => Some(name.clone()),
                None => continue,
            },
        };
        values.push(ValueRef { service, key: key.to_owned() });
    }
    values
}

fn sharing(
    problems: &mut Problems<'_>,
    services: &Services,
    subject: &str,
    entries: &[Spanned<DeValue<'_>>],
) -> Vec<ServiceName> {
    let mut found = Vec::new();
    for entry in entries {
        let Some(name) = entry.get_ref().as_str() else { continue };
        found.extend(services.find(problems, subject, entry.span(), name).map(|(name, _)| name.clone()));
    }
    found
}

fn component(text: &str) -> Option<Component> {
    Some(match text {
        "store" => Component::Store,
        "namespace" => Component::Namespace,
        "credential" => Component::Credential,
        "tls" => Component::Tls,
        "value" => Component::Value,
        _ => return None,
    })
}
