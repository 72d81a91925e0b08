//! nginx configuration: what nginx hands on to applications (nginx 1.22).
//!
//! - `fastcgi_param`, `uwsgi_param` and `scgi_param` of a place that passes requests on (`fastcgi_pass` and the like), else of one that sets
//!   them. As nginx has it, a level with such lines of its own gets none from those around it. `env NAME=value` of the main level
//!   comes before them; `env NAME` is unknown.
//! - `#part` is a server's name, a location as it is written (`/api`, `~ \.php$`), or both: `shop.example/api`, `shop.example ~ \.php$`. Without
//!   it, all places that pass requests on must hand on the same.
//! - `$variables` are unknown. What a request itself makes of the CGI's own names (`QUERY_STRING $query_string`, `SCRIPT_FILENAME ...`) is
//!   no configuration, and left out. `PHP_VALUE` and `PHP_ADMIN_VALUE` become the keys of php.ini that they set.
//! - `include` is followed beside the file and in the folder above it, or, where the file lies in `.../etc/nginx/`, from there.

mod params;
mod tree;

use self::params::{Candidate, candidates, variables};
use super::text::set_twice;
use super::which;
use crate::source::{Assignment, Input, Read};

/// Reads an nginx configuration.
pub(super) fn read(input: &Input<'_>) -> Read {
    let mut findings = Vec::new();
    let tree = tree::read(input, &mut findings);
    let mut assignments = variables(&tree, &mut findings);
    let all = candidates(&tree, &mut findings);
    let fitting: Vec<&Candidate> = match input.part {
        Some(part) => all.iter().filter(|candidate| candidate.fits(part)).collect(),
        None => all.iter().collect(),
    };
    let names = |candidates: &[&Candidate]| {
        let mut names: Vec<String> = candidates.iter().map(|candidate| candidate.label()).collect();
        names.sort();
        names.dedup();
        names
    };
    match &fitting[..] {
        [] if input.part.is_none() => {}
        [] => {
            findings.push(which::absent(input.file, "servers and locations", &names(&all.iter().collect::<Vec<_>>())));
        }
        [first, rest @ ..] if rest.iter().all(|other| same(&first.assignments, &other.assignments)) => {
            let own: Vec<Assignment> =
                first.assignments.iter().filter(|one| one.place.file == input.file).cloned().collect();
            findings.extend(set_twice(&own));
            assignments.extend(first.assignments.iter().cloned());
        }
        several => findings.push(which::several(input.file, "servers and locations", &names(several))),
    }
    Read { assignments, findings, ..Read::default() }
}

/// Whether both come to the same.
pub(super) fn same(one: &[Assignment], other: &[Assignment]) -> bool {
    let equal =
        |(one, other): (&Assignment, &Assignment)| one.key == other.key && one.value.plain() == other.value.plain();
    one.len() == other.len() && one.iter().zip(other).all(equal)
}
