//! `serve`: the resident part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sternway_probe::Prober;
use sternway_server::Resident;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::person;
use crate::wiring::{jobs, ports};

/// How long a rollout may stand still after its driver died.
const LEASE: Duration = Duration::from_secs(5);

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let journal = context.journal()?;
    let store = context.store()?;
    let prober = Arc::new(
        Prober::new()
            .map_err(|error| Failure::internal("S0505", "checks cannot be asked from this machine").cause(&error))?,
    );
    let stop = stop_on_signal()?;
    let boot = sternway_core::digest::Digest::of(
        format!("{}-{:?}", std::process::id(), std::time::SystemTime::now()).as_bytes(),
    );
    let wired = (context.clone(), journal.clone());
    let resident = Resident {
        jobs: jobs::all(context, &journal),
        ports: Arc::new(move |environment| ports::ports(&wired.0, &wired.1, &prober, &store, environment)),
        journal,
        holder: format!("serve@{} pid {} {}", person::host(), std::process::id(), &boot.hex()[..6]),
        lease: LEASE,
        stop,
        say: Arc::new(crate::render::say),
    };
    resident.run().map_err(|error| {
        Failure::internal("S0802", "serve ended").cause(&error).production("what served goes on serving")
    })?;
    Ok(Exit::Done)
}

/// SIGTERM and SIGINT end the loop at the next look; what is under way is left to the next driver.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    crate::wiring::signals::on_end(move || told.store(true, Ordering::SeqCst))?;
    Ok(stop)
}
