//! `check --fix`: keys that an environment lacks become commented placeholders in its own files. Nothing else is changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sternway_config::fill::target::{Declared, Target, target};
use sternway_config::fill::write::{inside, replace};
use sternway_config::fill::{Kind, Put, Sheet};
use sternway_config::landscape::{Landscape, Missing, Origin};
use sternway_config::plain;
use sternway_config::source::Folder;
use sternway_core::finding::Place;
use sternway_core::ids::{EnvironmentName, ServiceName};
use sternway_core::project::Project;

use crate::context::Context;

/// Larger files are no configuration.
const LARGEST: usize = 8 << 20;

/// A key that an environment lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) environment: EnvironmentName,
    pub(crate) service: ServiceName,
    pub(crate) key: String,
}

/// A placeholder.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) gap: Gap,
    /// Its first line, in the file as it is now.
    pub(crate) place: Place,
    pub(crate) text: Vec<String>,
    /// Where another environment has the key.
    pub(crate) like: Option<Place>,
}

/// What became of the keys.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    /// Whether nothing was to be written.
    pub(crate) dry: bool,
    /// By file and line.
    pub(crate) written: Vec<Written>,
    /// Those of which a placeholder is there already, and where.
    pub(crate) there: Vec<(Gap, Place)>,
    /// The others, and why.
    pub(crate) not_written: Vec<(Gap, String)>,
}

/// A file, and which keys went into it.
struct Open<'a> {
    path: PathBuf,
    before: Vec<u8>,
    sheet: Sheet<'a>,
    /// In the order in which they were put there.
    put: Vec<(Gap, Option<Place>)>,
}

/// Writes a placeholder for each key; with `dry` it only says what would be written.
pub(crate) fn run(context: &Context, project: &Project, landscape: &Landscape, gaps: &[Missing], dry: bool) -> Fixed {
    let mut fixed = Fixed { dry, ..Fixed::default() };
    let files = Folder(&context.project_dir);
    let mut open: BTreeMap<String, Open<'_>> = BTreeMap::new();
    for (gap, target) in wanted(project, landscape, gaps, &mut fixed) {
        if !open.contains_key(&target.file) {
            match open_file(context, &target.file, &files) {
                Ok(file) => {
                    open.insert(target.file.clone(), file);
                }
                Err(why) => {
                    fixed.not_written.push((gap, format!("{}: {why}", target.file)));
                    continue;
                }
            }
        }
        let Some(file) = open.get_mut(&target.file) else { continue };
        let kind = Kind { name: target.kind, path: target.path, part: target.part };
        match file.sheet.add(kind, &gap.key, &target.order) {
            Ok(Put::Written) => file.put.push((gap, target.like)),
            Ok(Put::There(line)) => {
                let place = Place { file: target.file, line, column: 0 };
                // Another service reads the same file: its placeholder was written just now.
                if file.put.iter().all(|(written, _)| written.key != gap.key) {
                    fixed.there.push((gap, place));
                }
            }
            Err(why) => fixed.not_written.push((gap, format!("{}: {why}", target.file))),
        }
    }
    for (name, file) in open {
        finish(&name, file, dry, &mut fixed);
    }
    fixed
}

/// The keys with the file into which each belongs, in the order in which another environment has them.
fn wanted<'a>(
    project: &'a Project,
    landscape: &'a Landscape,
    gaps: &[Missing],
    fixed: &mut Fixed,
) -> Vec<(Gap, Target<'a>)> {
    let mut wanted: Vec<(Gap, Target<'a>)> = Vec::new();
    for missing in gaps {
        let Missing { environment, service, key, .. } = missing;
        let gap = Gap { environment: environment.clone(), service: service.clone(), key: key.clone() };
        if wanted.iter().any(|(known, _)| *known == gap) {
            continue;
        }
        let declared = |name: &'a EnvironmentName| -> Option<Declared<'a>> {
            let settings = project.environments.get(name)?;
            let known = landscape.environments.get(name)?.services.get(service)?;
            let of = |sources: &'a BTreeMap<ServiceName, Vec<_>>| sources.get(service).map(Vec::as_slice);
            let (config, reads) = (of(&settings.config).unwrap_or_default(), of(&settings.reads).unwrap_or_default());
            (known.origin == Origin::Sources).then_some(Declared { environment: name, config, reads, service: known })
        };
        let here = project.environments.get_key_value(environment).and_then(|(name, _)| declared(name));
        let others = project.environments.keys().filter(|name| *name != environment);
        let others: Vec<Declared<'a>> = others.filter_map(declared).collect();
        let found = here.ok_or("its sources cannot be read").and_then(|here| target(key, here, &others));
        match found {
            Ok(target) => wanted.push((gap, target)),
            Err(why) => fixed.not_written.push((gap, why.to_owned())),
        }
    }
    // What no other environment has comes last.
    let place =
        |(gap, target): &(Gap, Target<'a>)| target.order.iter().position(|key| *key == gap.key).unwrap_or(usize::MAX);
    wanted.sort_by(|one, other| (&one.1.file, place(one)).cmp(&(&other.1.file, place(other))));
    wanted
}

fn open_file<'a>(context: &Context, file: &str, files: &'a Folder<'_>) -> Result<Open<'a>, String> {
    let path = inside(&context.project_dir, file).map_err(|why| why.to_string())?;
    let before = plain::read(&path, LARGEST + 1).map_err(|error| error.to_string())?;
    if before.len() > LARGEST {
        return Err("it is larger than 8 MiB".to_owned());
    }
    let sheet = Sheet::of(file, &before, files)?;
    Ok(Open { path, before, sheet, put: Vec::new() })
}

fn finish(name: &str, file: Open<'_>, dry: bool, fixed: &mut Fixed) {
    let Open { path, before, sheet, put } = file;
    if put.is_empty() {
        return;
    }
    let replaced = if dry { Ok(()) } else { replace(&path, &before, &sheet.bytes()) };
    if let Err(why) = replaced {
        fixed.not_written.extend(put.into_iter().map(|(gap, _)| (gap, format!("{name}: {why}"))));
        return;
    }
    for placeholder in sheet.written() {
        let of = put.iter().find(|(gap, _)| gap.key == placeholder.key);
        if let Some((gap, like)) = of {
            let place = Place { file: name.to_owned(), line: placeholder.line, column: 0 };
            fixed.written.push(Written { gap: gap.clone(), place, text: placeholder.text, like: like.clone() });
        }
    }
}
