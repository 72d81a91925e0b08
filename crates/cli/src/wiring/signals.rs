//! SIGINT and SIGTERM, on a thread of their own.

use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// Calls this at the first SIGINT or SIGTERM.
pub(crate) fn on_end(told: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::internal("S0914", "signals cannot be received").cause(&error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt()).map_err(failed)?, signal(SignalKind::terminate()).map_err(failed)?)
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        told();
    });
    Ok(())
}
