//! Which instances accept connections: asked every second, unless they have just answered a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::client::SECOND;
use crate::live::{Live, Shared};
use crate::pool::dial;

const LIMIT: Duration = Duration::from_secs(1);

/// Asks every instance of the current and candidate sets once.
pub(crate) async fn check(shared: &Shared) {
    let mut asked = JoinSet::new();
    for targets in shared.live().targets() {
        for index in 0..targets.addresses.len() {
            let address = &targets.addresses[index];
            if address.healthy() && address.answered_within(SECOND, shared.clients.now()) {
                continue;
            }
            let targets = Arc::clone(&targets);
            asked.spawn(async move {
                let address = &targets.addresses[index];
                address.set_healthy(dial(&address.text, LIMIT).await.is_ok());
            });
        }
    }
    asked.join_all().await;
}

/// Addresses of current instances that do not accept connections now.
pub(crate) fn unhealthy(live: &Live) -> Vec<String> {
    let current = live.arms.iter().filter_map(|arm| arm.current.as_ref());
    let addresses = current.flat_map(|targets| &targets.addresses);
    addresses.filter(|address| !address.healthy()).map(|address| address.text.clone()).collect()
}
