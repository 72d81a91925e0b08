//! `serve`: the resident part.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::fs::FlockOperation;
use sternway_core::digest::Digest;
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
    let (holder, _seat) = holder(context)?;
    let wired = (context.clone(), journal.clone());
    let resident = Resident {
        jobs: jobs::all(context, &journal, &store),
        ports: Arc::new(move |environment| ports::ports(&wired.0, &wired.1, &prober, &store, environment)),
        journal,
        holder,
        lease: LEASE,
        stop,
        say: Arc::new(crate::render::say),
    };
    resident.run().map_err(|error| {
        Failure::internal("S0802", "serve ended").cause(&error).production("what served goes on serving")
    })?;
    Ok(Exit::Done)
}

/// Who drives. The first `serve` of a state folder on this machine has the machine's own name, guarded by a lock that the kernel
/// lets go of with the process: after a `kill -9` the next one has the same name, and so takes its own leases up at once. A second
/// one beside it has a name of its own, and takes over what the first lets expire.
fn holder(context: &Context) -> Result<(String, Option<File>), Failure> {
    let path = context.state.join("serve.lock");
    let failed =
        |error: std::io::Error| Failure::usage("S0910", format!("{} cannot be used", path.display())).cause(&error);
    let seat = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    let name = format!("serve@{}", person::host());
    match rustix::fs::flock(&seat, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok((name, Some(seat))),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let boot = Digest::of(format!("{:?}", std::time::SystemTime::now()).as_bytes());
            Ok((format!("{name} pid {} {}", std::process::id(), &boot.hex()[..6]), None))
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// SIGTERM and SIGINT end the loop at the next look; what is under way is left to the next driver.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    crate::wiring::signals::on_end(move || told.store(true, Ordering::SeqCst))?;
    Ok(stop)
}
