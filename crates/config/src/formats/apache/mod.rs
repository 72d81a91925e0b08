//! Apache configuration and .htaccess: what Apache hands on to applications (httpd 2.4).
//!
//! - `SetEnv`, `PassEnv` (unknown), `UnsetEnv`; what `SetEnvIf`, `SetEnvIfNoCase` and `BrowserMatch` set depends on the request, and is
//!   unknown. `php_value`, `php_admin_value`, `php_flag` and `php_admin_flag` are keys of php.ini.
//! - `#part` is the `ServerName` or a `ServerAlias` of a `<VirtualHost>`, whose lines come over those outside of all. Without it, all virtual
//!   hosts must come to the same. `<Directory>` and `<Location>` count as they stand.
//! - `${NAME}` is what a `Define` before it says; what is not defined there comes from where Apache is started, and is unknown.
//! - Whether `<IfModule>`, `<IfDefine>`, `<If>`, `<Files>`, `<Limit>` and the like count depends on modules, on how Apache is started, and on
//!   the request: what they set is unknown, but for `<IfDefine>` of a name that is defined in the file, and for `<IfModule mod_env.c>`.
//! - `Include` is followed beside the file and in the folder above it, or, where the file lies in `.../etc/apache2/`, from there.

mod lines;
mod sections;

use std::collections::HashSet;

use sternway_core::finding::{Finding, Place};

use self::sections::{Doing, Reader, Step};
use super::nginx::same;
use super::text::set_twice;
use super::which;
use crate::source::{Assignment, Input, Read, Template};

/// Reads an Apache configuration.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut reader = Reader::new(input);
    reader.file(input.bytes, input.file, 0);
    let Reader { steps, hosts, mut findings, .. } = reader;
    let says_something: HashSet<usize> = steps.iter().filter_map(|step| step.host).collect();
    let fits = |host: &usize| match input.part {
        Some(part) => hosts[*host].iter().any(|name| name == part),
        None => says_something.contains(host),
    };
    let fitting: Vec<usize> = (0..hosts.len()).filter(fits).collect();
    let name = |host: &usize| hosts[*host].first().cloned().unwrap_or_else(|| "(no ServerName)".to_owned());
    let outcome = |host: Option<usize>| {
        let counts = |step: &&Step| step.host.is_none() || step.host == host;
        // What a host says comes over what is said outside, wherever it stands.
        let outside = steps.iter().filter(counts).filter(|step| step.host.is_none());
        let inside = steps.iter().filter(counts).filter(|step| step.host.is_some());
        let mut assignments: Vec<Assignment> = Vec::new();
        for step in outside.chain(inside) {
            take(&mut assignments, &step.doing, &step.place);
        }
        assignments
    };
    let mut outcomes = fitting.iter().take(MOST_HOSTS).map(|host| outcome(Some(*host)));
    let assignments = match outcomes.next() {
        None if input.part.is_none() => outcome(None),
        None => {
            let names: Vec<String> = (0..hosts.len()).map(|host| name(&host)).collect();
            findings.push(which::absent(input.file, "virtual hosts", &names));
            Vec::new()
        }
        Some(first) if outcomes.all(|other| same(&first, &other)) => first,
        Some(_) => {
            let mut names: Vec<String> = fitting.iter().map(name).collect();
            names.sort();
            names.dedup();
            findings.push(which::several(input.file, "virtual hosts", &names));
            Vec::new()
        }
    };
    findings.extend(twice(&steps, None, input.file));
    findings.extend(fitting.first().into_iter().flat_map(|host| twice(&steps, Some(*host), input.file)));
    Read { assignments, findings, ..Read::default() }
}

/// Of more virtual hosts, the first are compared.
const MOST_HOSTS: usize = 256;

fn take(assignments: &mut Vec<Assignment>, doing: &Doing, place: &Place) {
    match doing {
        Doing::Set(key, value) => {
            assignments.push(Assignment { key: key.clone(), value: value.clone(), place: place.clone() });
        }
        Doing::Unset(key) => assignments.retain(|one| one.key != *key),
        Doing::MayUnset(key, why) => {
            if assignments.iter().any(|one| one.key == *key) {
                let value = Template::unknown(*why, place.clone());
                assignments.push(Assignment { key: key.clone(), value, place: place.clone() });
            }
        }
    }
}

/// What one virtual host sets twice in one file; and so outside of all.
fn twice(steps: &[Step], host: Option<usize>, file: &str) -> Vec<Finding> {
    let counts = |step: &&Step| step.host == host && step.place.file == file;
    let known = |step: &Step| match &step.doing {
        Doing::Set(key, value) if value.plain().is_some() => {
            Some(Assignment { key: key.clone(), value: value.clone(), place: step.place.clone() })
        }
        _ => None,
    };
    set_twice(&steps.iter().filter(counts).filter_map(known).collect::<Vec<_>>())
}
