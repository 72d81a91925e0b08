//! Kubernetes manifests: what a container gets, or what a ConfigMap or Secret holds (Kubernetes 1.31, `pkg/kubelet/kubelet_pods.go`).
//!
//! - `#part` is `CONTAINER`, `OBJECT`, `OBJECT/CONTAINER`, `KIND/OBJECT` or `KIND/OBJECT/CONTAINER`: `#web`, `#Deployment/web/app`,
//!   `#ConfigMap/web`. It must fit one container alone, or one ConfigMap or Secret. Without it, the file must hold one container; where it
//!   holds none, all its ConfigMaps and Secrets count, later ones over earlier ones. Containers that only run first (`initContainers`)
//!   count only when they are named.
//! - Containers are those of Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs and CronJobs. Lists of
//!   objects are opened.
//! - `env` wins over `envFrom`; of both, later entries over earlier ones. `$(NAME)` is what stands before it under that name, in `env` or
//!   `envFrom`; `$$` is a `$`; a name that is not there stays as it is written.
//! - ConfigMaps and Secrets are looked up in the same file; what is in another, and fields and resources of the pod, are unknown.
//! - Secrets' `data` is decoded. What is no text then is unknown.

mod base64;
mod container;
mod expansion;
mod objects;

use sternway_core::finding::Finding;

use self::container::Container;
use self::objects::{Object, objects};
use super::text::{Encoding, Fault, Reading, Spot, decode};
use super::{which, yaml};
use crate::document::Node;
use crate::source::{Input, Read};

/// Reads a file of manifests.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reading = Reading::new(input.file);
    let Some(text) = decode(input.bytes, Encoding::Marked, &mut reading) else { return reading.finish() };
    let documents = yaml::documents(&text, &mut reading);
    let objects = objects(&documents);
    let containers: Vec<Container<'_>> = objects.iter().flat_map(container::of).collect();
    match choose(input, &objects, &containers) {
        Ok(Chosen::Container(container)) => {
            container::assign(container, &objects, &mut reading);
            reading.finish_as_is()
        }
        Ok(Chosen::Objects(chosen)) => {
            for object in chosen {
                for entry in object.data(&mut reading) {
                    let spot = Spot { line: entry.place.line, column: entry.place.column };
                    reading.assign(entry.key, entry.value, spot);
                }
            }
            reading.finish()
        }
        Err(finding) => {
            reading.read.findings.push(*finding);
            reading.finish_as_is()
        }
    }
}

enum Chosen<'a> {
    Container(&'a Container<'a>),
    Objects(Vec<&'a Object<'a>>),
}

/// What counts.
fn choose<'a>(
    input: &Input<'_>,
    objects: &'a [Object<'a>],
    containers: &'a [Container<'a>],
) -> Result<Chosen<'a>, Box<Finding>> {
    let fitting: Vec<&Container<'_>> = match input.part {
        Some(part) => containers.iter().filter(|container| fits(part, &container.path)).collect(),
        None => containers.iter().filter(|container| !container.first).collect(),
    };
    let names = |containers: &[&Container<'_>]| containers.iter().map(|one| one.path.join("/")).collect::<Vec<_>>();
    let holders = objects.iter().filter(|object| object.holds_data());
    let data: Vec<&Object<'_>> = match input.part {
        Some(part) => holders.filter(|object| fits(part, &[object.kind, object.name])).collect(),
        None => holders.collect(),
    };
    // An object that only runs containers first is named by them.
    let main: Vec<&Container<'_>> = fitting.iter().copied().filter(|container| !container.first).collect();
    match (&fitting[..], &main[..], &data[..]) {
        ([one], _, []) | (_, [one], []) => Ok(Chosen::Container(one)),
        (_, [one], _) if input.part.is_none() => Ok(Chosen::Container(one)),
        ([], _, [_]) => Ok(Chosen::Objects(data)),
        ([], _, [_, ..]) if input.part.is_none() => Ok(Chosen::Objects(data)),
        ([], _, []) => {
            let mut all = names(&containers.iter().collect::<Vec<_>>());
            let holders = objects.iter().filter(|object| object.holds_data());
            all.extend(holders.map(|object| format!("{}/{}", object.kind, object.name)));
            Err(Box::new(which::absent(input.file, "containers, ConfigMaps and Secrets", &all)))
        }
        _ => {
            let mut all = names(&fitting);
            if input.part.is_some() {
                all.extend(data.iter().map(|object| format!("{}/{}", object.kind, object.name)));
            }
            Err(Box::new(which::several(input.file, "containers", &all)))
        }
    }
}

/// Whether the names of a part are these: of kind, object and container, some may be left out at the ends, but for the kind alone.
fn fits(part: &str, path: &[&str]) -> bool {
    let named: Vec<&str> = part.split('/').collect();
    let same = |from: usize| {
        path.get(from..from + named.len()).is_some_and(|names| {
            names.iter().zip(&named).enumerate().all(|(index, (name, wanted))| {
                if from + index == 0 { name.eq_ignore_ascii_case(wanted) } else { name == wanted }
            })
        })
    };
    // The kind alone says too little.
    (usize::from(named.len() == 1)..path.len()).any(same)
}

/// A place within the file, for what is wrong with a node.
fn spot(node: &Node) -> Spot {
    Spot { line: node.place.line, column: node.place.column }
}

fn wrong(reading: &mut Reading<'_>, node: &Node, message: &'static str, hint: &'static str) {
    reading.fault(Fault::error(spot(node), message, hint));
}
