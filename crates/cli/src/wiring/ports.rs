//! The engine's ports on this machine.

use std::sync::Arc;

use sternway_core::ids::EnvironmentName;
use sternway_drivers::local::Local;
use sternway_drivers::proxy::Proxy;
use sternway_engine::LogbookJournal;
use sternway_engine::session::Ports;
use sternway_probe::Prober;
use sternway_store::Store;

use super::checks::Probing;
use super::clock::SystemClock;
use super::parts;
use crate::context::Context;

/// Everything that a driver of this environment works with.
pub(crate) fn ports(
    context: &Context,
    journal: &LogbookJournal,
    prober: &Arc<Prober>,
    store: &Store,
    environment: &EnvironmentName,
) -> Ports {
    let proxy = Arc::new(Proxy::at(&context.proxy_socket(environment)));
    let mine = context.clone();
    // An agent that was killed is brought back by whoever needs it; its lock keeps it from running twice.
    let revive = Arc::new(move || {
        let _the_driver_asks_again_and_says_why_not = parts::start_agent(&mine);
    });
    Ports {
        journal: Arc::new(journal.clone()),
        driver: Arc::new(Local::new(&context.agent_socket(), Arc::clone(&proxy), revive)),
        traffic: proxy,
        checks: Arc::new(Probing::new(Arc::clone(prober), context.clone(), store.clone())),
        clock: Arc::new(SystemClock),
    }
}
