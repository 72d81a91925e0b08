//! `scan`: what of a folder's code will not run on another version of its runtime.

use std::path::{Path, PathBuf};
use std::time::Instant;

use sternway_compat::{Choice, Confidence, Options, Problem, Report};
use sternway_core::finding::{Finding, Severity};

use crate::args::{Format, Scan, Sureness};
use crate::failure::{Exit, Failure};
use crate::render::scan::{Asked, Shown};
use crate::{baseline, render};

pub(super) fn run(args: &Scan, json: bool) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = if json { Format::Json } else { args.format };
    let options = options(args);
    let mut report = sternway_compat::scan(&args.path, &options).map_err(|error| {
        Failure::usage("S1009", format!("{} cannot be scanned", args.path.display()))
            .cause(&error)
            .next("name a folder, or a file: sternway scan PATH --php 8.2")
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let least = match args.min_confidence {
        Sureness::Low => Confidence::Low,
        Sureness::Medium => Confidence::Medium,
        Sureness::High => Confidence::High,
    };
    let before = report.problems.len();
    report.problems.retain(|problem| problem.confidence >= least);
    let unsure = before - report.problems.len();
    if args.fix {
        return propose(args, &report, &options, json);
    }
    let (shown, accepted, more) = against_baseline(args, &report)?;
    let asked = Asked { target: options.target, source: options.source };
    let counts = render::scan::Counts { unsure, accepted, seconds };
    let exit =
        if shown.iter().any(|shown| shown.finding.severity == Severity::Error) { Exit::Blocked } else { Exit::Done };
    render::scan::all(&shown, &more, &report, asked, counts, format);
    Ok(exit)
}

/// `--fix`: a patch on standard output, and words beside it.
fn propose(args: &Scan, report: &Report, options: &Options, json: bool) -> Result<Exit, Failure> {
    let fixes = sternway_compat::fix(&args.path, report, options)
        .map_err(|error| Failure::usage("S1009", format!("{} cannot be scanned", args.path.display())).cause(&error))?;
    let root = root_of(args);
    let name =
        |file: &str| render::scan::name_for_git(&if args.path.is_file() { root.clone() } else { root.join(file) });
    if json {
        render::scan::fixes_json(&fixes, name);
    } else {
        render::scan::fixes(&fixes, name);
    }
    Ok(Exit::Done)
}

/// The path that was named, as an absolute one.
fn root_of(args: &Scan) -> PathBuf {
    std::path::absolute(&args.path).unwrap_or_else(|_| args.path.clone())
}

fn options(args: &Scan) -> Options {
    let mut choice = Choice { ignored: args.all, packages: args.vendor, ..Choice::default() };
    if !args.ext.is_empty() {
        choice.extensions = args.ext.iter().map(|name| name.trim_start_matches('.').to_owned()).collect();
    }
    let cache = if args.no_cache { None } else { cache_folder() };
    Options { target: args.php, source: args.from, choice, cache }
}

/// The XDG cache folder, where there is one.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("sternway/compat"))
}

/// The problems that the baseline does not accept, how many it does, and what there is to say about it.
fn against_baseline<'r>(args: &Scan, report: &'r Report) -> Result<(Vec<Shown<'r>>, usize, Vec<Finding>), Failure> {
    let root = root_of(args);
    let is_file = args.path.is_file();
    let shown = |problem: &'r Problem| {
        let mut finding = problem.finding();
        for place in &mut finding.places {
            place.file =
                if is_file { root.clone() } else { root.join(Path::new(&place.file)) }.to_string_lossy().into_owned();
        }
        Shown { problem, finding }
    };
    let found: Vec<Finding> = report.problems.iter().map(Problem::finding).collect();
    let used = match (&args.write_baseline, &args.baseline) {
        (Some(path), _) => baseline::write(path, &found, None)?,
        (None, Some(path)) => baseline::typed(path)?,
        (None, None) => return Ok((report.problems.iter().map(shown).collect(), 0, Vec::new())),
    };
    let left = used.apply(found, None).findings;
    let kept: Vec<Shown<'_>> =
        report.problems.iter().filter(|problem| left.contains(&problem.finding())).map(shown).collect();
    let accepted = report.problems.len() - kept.len();
    let more = left.into_iter().filter(|finding| !finding.code.starts_with("S10")).collect();
    Ok((kept, accepted, more))
}
