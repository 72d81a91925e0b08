//! What a container gets.

use std::collections::HashMap;

use sternway_core::finding::Place;

use super::expansion::{expand, length};
use super::objects::Object;
use super::{spot, wrong};
use crate::document::{Node, NodeValue};
use crate::formats::text::{Fault, Reading, Spot, set_twice};
use crate::source::{Assignment, Template};

/// A container with its names.
pub(super) struct Container<'a> {
    /// Kind, object, container.
    pub(super) path: [&'a str; 3],
    /// Whether it only runs before the others.
    pub(super) first: bool,
    object: &'a Object<'a>,
    node: &'a Node,
}

/// A value for a process is no longer than this, and all of them are no longer than that.
const LONGEST: usize = 128 * 1024;
const LARGEST: usize = 64 << 20;
/// What an assignment costs beside its text.
const WEIGHT: usize = 64;

/// The containers of an object.
pub(super) fn of<'a>(object: &'a Object<'a>) -> Vec<Container<'a>> {
    let path: &[&str] = match object.kind {
        "Pod" => &["spec"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" => {
            &["spec", "template", "spec"]
        }
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return Vec::new(),
    };
    let Some(pod) = path.iter().try_fold(object.node, |node, key| node.get(key)) else { return Vec::new() };
    let mut all = Vec::new();
    for (list, first) in [("initContainers", true), ("containers", false)] {
        for node in pod.get(list).map_or(&[][..], Node::items) {
            let name = node.get("name").and_then(name_of).unwrap_or("");
            all.push(Container { path: [object.kind, object.name, name], first, object, node });
        }
    }
    all
}

fn name_of(node: &Node) -> Option<&str> {
    let NodeValue::Scalar(template) = &node.value else { return None };
    if let [crate::source::Piece::Text(text)] = &template.0[..] { Some(text.reveal()) } else { None }
}

/// Assigns what a container gets.
pub(super) fn assign<'a>(container: &Container<'_>, objects: &'a [Object<'a>], reading: &mut Reading<'_>) {
    let mut cluster = Cluster { objects, namespace: container.object.namespace.as_deref(), held: HashMap::new() };
    let mut environment = Environment::default();
    for entry in container.node.get("envFrom").map_or(&[][..], Node::items) {
        cluster.all_of(entry, &mut environment, reading);
    }
    let mut own = Vec::new();
    for entry in container.node.get("env").map_or(&[][..], Node::items) {
        let Some(name) = entry.get("name").and_then(Node::text).filter(|name| !name.is_empty()) else {
            wrong(reading, entry, "this entry of `env` has no name", "write `- name: KEY` and `value:` under it");
            continue;
        };
        let place = entry.get("name").map_or(&entry.place, |name| &name.place).clone();
        if let Some(value) = cluster.value(entry, &environment, reading) {
            own.push(Assignment { key: name.clone(), value: Template::default(), place: place.clone() });
            environment.set(name, value, place, reading);
        }
    }
    reading.read.findings.extend(set_twice(&own));
    reading.read.assignments.append(&mut environment.assignments);
}

#[derive(Default)]
struct Environment {
    assignments: Vec<Assignment>,
    by_key: HashMap<String, usize>,
    written: usize,
}

impl Environment {
    fn set(&mut self, key: String, value: Template, place: Place, reading: &mut Reading<'_>) {
        let length = length(&value);
        self.written = self.written.saturating_add(length + key.len() + WEIGHT);
        let value = if length > LONGEST || self.is_full() {
            let message = "with its references replaced, this value is longer than the system allows";
            let at = Spot { line: place.line, column: place.column };
            reading.fault(Fault::error(at, message, "keep it in a file, and its path here"));
            Template::text("")
        } else {
            value
        };
        self.by_key.insert(key.clone(), self.assignments.len());
        self.assignments.push(Assignment { key, value, place });
    }

    fn is_full(&self) -> bool {
        self.written > LARGEST
    }

    fn get(&self, key: &str) -> Option<&Template> {
        self.assignments.get(*self.by_key.get(key)?).map(|assignment| &assignment.value)
    }
}

/// What is in the file beside the container.
struct Cluster<'a> {
    objects: &'a [Object<'a>],
    namespace: Option<&'a str>,
    /// What objects hold, by their place in the file; each is read once.
    held: HashMap<usize, Vec<Assignment>>,
}

impl Cluster<'_> {
    /// What a ConfigMap or Secret of this name holds, if it is in the file.
    fn held(&mut self, kind: &str, name: &str, reading: &mut Reading<'_>) -> Option<&[Assignment]> {
        let fits = |object: &Object<'_>| {
            let same =
                object.namespace.is_none() || self.namespace.is_none() || object.namespace.as_deref() == self.namespace;
            object.kind == kind && object.name == name && same
        };
        let index = self.objects.iter().rposition(fits)?;
        let objects = self.objects;
        Some(self.held.entry(index).or_insert_with(|| objects[index].data(reading)))
    }

    /// All of a ConfigMap or Secret.
    fn all_of(&mut self, entry: &Node, into: &mut Environment, reading: &mut Reading<'_>) {
        let prefix = entry.get("prefix").and_then(Node::text).unwrap_or_default();
        for (key, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(reference) = entry.get(key) else { continue };
            let name = reference.get("name").and_then(Node::text).unwrap_or_default();
            let Some(held) = self.held(kind, &name, reading) else {
                let message = "the keys of this ConfigMap or Secret are unknown: it is not in the file";
                let hint = "name the file that it is in as a source of its own";
                reading.fault(Fault::warning(spot(reference), message, hint));
                continue;
            };
            if into.is_full() {
                return;
            }
            for Assignment { key, value, place } in held.iter().cloned() {
                into.set(format!("{prefix}{key}"), value, place, reading);
            }
        }
    }

    /// The value of an entry of `env`; nothing when it is not set, or wrong.
    fn value(&mut self, entry: &Node, environment: &Environment, reading: &mut Reading<'_>) -> Option<Template> {
        let value = match entry.get("value").map(|value| &value.value) {
            Some(NodeValue::Scalar(value)) => value.clone(),
            Some(_) => {
                wrong(reading, entry, "the value of this variable is a map or a list", "write text, in quotes");
                return None;
            }
            None => Template::default(),
        };
        let from = entry.get("valueFrom").filter(|from| !from.is_null());
        match (value.plain(), from) {
            (Some(text), None) if text.contains('$') => Some(Self::expanded(&text, entry, environment, reading)),
            (_, None) => Some(value),
            (Some(text), Some(from)) if text.is_empty() => self.value_from(from, reading),
            (_, Some(from)) => {
                wrong(reading, from, "this variable has both `value` and `valueFrom`", "keep one of them");
                None
            }
        }
    }

    fn expanded(text: &str, entry: &Node, environment: &Environment, reading: &mut Reading<'_>) -> Template {
        let place = entry.get("value").map_or(&entry.place, |value| &value.place);
        let mut missing = false;
        let mut length_so_far = 0_usize;
        let value = expand(text, |name| {
            if let Some(found) = environment.get(name) {
                length_so_far = length_so_far.saturating_add(length(found));
                let fits = length_so_far <= LONGEST;
                return Some(if fits { found.clone() } else { Template::unknown("it is too long", place.clone()) });
            }
            if of_a_service(name) {
                let why = "it refers to the address of a service, which the cluster gives";
                return Some(Template::unknown(why, place.clone()));
            }
            missing |= !name.is_empty();
            None
        });
        if missing {
            let at = Spot { line: place.line, column: place.column };
            let message = "a `$(...)` here is of a name that is not set before it: Kubernetes leaves it as it is";
            reading.fault(Fault::warning(at, message, "set that name earlier, or write $$( for a plain `$(`"));
        }
        value
    }

    fn value_from(&mut self, from: &Node, reading: &mut Reading<'_>) -> Option<Template> {
        for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(reference) = from.get(key) else { continue };
            let of = |key: &str| reference.get(key).and_then(Node::text).unwrap_or_default();
            let (name, wanted, optional) = (of("name"), of("key"), of("optional") == "true");
            let Some(held) = self.held(kind, &name, reading) else {
                let why = if kind == "Secret" {
                    "it is in a Secret that is not in the file"
                } else {
                    "it is in a ConfigMap that is not in the file"
                };
                return Some(Template::unknown(why, from.place.clone()));
            };
            let found = held.iter().rev().find(|entry| entry.key == wanted).map(|entry| entry.value.clone());
            if found.is_none() && !optional {
                let message = "the ConfigMap or Secret in the file has no such key: the container would not start";
                wrong(reading, reference, message, "add the key there, or set `optional: true`");
            }
            return found;
        }
        let why = if from.get("fieldRef").is_some() {
            "it is a field of the pod"
        } else if from.get("resourceFieldRef").is_some() {
            "it is a limit or request of the container"
        } else {
            "where it comes from is only known to the cluster"
        };
        Some(Template::unknown(why, from.place.clone()))
    }
}

/// Whether a name may be one of those that the kubelet sets for each service of the namespace.
fn of_a_service(name: &str) -> bool {
    let upper = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    upper && (name.contains("_SERVICE_") || name.contains("_PORT"))
}
