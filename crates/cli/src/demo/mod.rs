//! `sternway demo`: a real application, a steady load of users, and four releases of which two are bad.
//!
//! The demo uses the product as anybody would, through its command line; nothing in the product knows about it. [`app`] is the
//! application, [`load`] its users, [`stage`] the folders and processes, [`view`] what one sees.

pub(crate) mod app;
pub(crate) mod load;
mod stage;
mod view;

use std::time::{Duration, Instant};

use app::{Ending, RELEASES, Release};
use load::{Load, LoadHandle, LoadOptions, LoadResult};
use stage::{Shipped, Stage};
use view::View;

use crate::failure::{Exit, Failure};
use crate::render;

/// Enough requests on the first release's record for the judge to compare with.
const RECORD: u64 = 900;
/// The load is given at most this long for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of one release.
struct Told {
    release: Release,
    shipped: Shipped,
    right: bool,
}

/// Runs the whole story; [`Exit::Done`] only when every release ended as told and no account was lost.
pub(crate) fn run(keep: bool, json: bool) -> Result<Exit, Failure> {
    let start = Instant::now();
    let stage = Stage::set().map_err(failed)?;
    let view = View::new(json);
    view.say(&format!("demo in {}", stage.folder().display()));
    let played = play(&stage, &view);
    // Whatever happened, nothing is left running.
    let down = stage.down();
    let (told, result) = played?;
    down?;
    let present =
        app::accounts_present(&app::accounts_database(&stage.project()), result.accounts.iter().map(String::as_str));
    let present = present
        .map_err(|error| Failure::internal("S0919", "the accounts cannot be counted").because(error.to_string()))?;
    let report = stage.keep_report().map_err(failed)?;
    if keep {
        view.say(&format!("kept: {}", stage.folder().display()));
    } else {
        stage.clear();
    }
    let fine = told.iter().all(|one| one.right) && present == result.accounts.len() as u64;
    if json {
        render::json(&summary(&told, &result, present, &report));
    } else {
        view.table(&told, &result, present, &report, start.elapsed());
    }
    Ok(if fine { Exit::Done } else { Exit::Internal })
}

/// Ships the four releases while users are at work.
fn play(stage: &Stage, view: &View) -> Result<(Vec<Told>, LoadResult), Failure> {
    let mut told = Vec::new();
    let mut load: Option<LoadHandle> = None;
    for release in RELEASES {
        app::write_release(&stage.project(), release.number).map_err(failed)?;
        view.chapter(&release);
        let shipped = stage.ship(view, load.as_ref())?;
        let right = match release.ending {
            Ending::Serves => shipped.exit == Exit::Done as i32,
            Ending::StoppedBySmoke => shipped.exit == Exit::RolledBack as i32 && shipped.stopped_at("smoke"),
            Ending::RolledBack => shipped.exit == Exit::RolledBack as i32 && !shipped.stopped_at("smoke"),
        };
        told.push(Told { release, shipped, right });
        if load.is_none() {
            let users = Load::start(stage.listen(), LoadOptions::default()).map_err(failed)?;
            view.say("120 users come: they sign up, log in, and use both services");
            let start = Instant::now();
            while users.snapshot().requests < RECORD && start.elapsed() < PATIENCE {
                view.tick(Some(&users));
            }
            load = Some(users);
        }
    }
    let load = load.map(LoadHandle::stop).unwrap_or_default();
    Ok((told, load))
}

fn failed(error: std::io::Error) -> Failure {
    Failure::internal("S0919", "the demo cannot go on")
        .cause(&error)
        .production("there is none: the demo has a state of its own")
}

fn summary(told: &[Told], result: &LoadResult, present: u64, report: &std::path::Path) -> serde_json::Value {
    let releases: Vec<_> = told
        .iter()
        .map(|one| serde_json::json!({ "name": one.release.name, "outcome": one.shipped.outcome(), "as_told": one.right }))
        .collect();
    serde_json::json!({
        "requests": result.requests,
        "failed": result.failed,
        "longest_failure_ms": u64::try_from(result.longest_failure.as_millis()).unwrap_or(u64::MAX),
        "accounts_created": result.accounts.len(),
        "accounts_present": present,
        "releases": releases,
        "report": report,
    })
}
