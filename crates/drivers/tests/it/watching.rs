//! What is asked while a release is watched is asked once and briefly: nothing is judged meanwhile.

use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use sternway_core::plan::Action;
use sternway_drivers::local::Local;
use sternway_drivers::proxy::Proxy;
use sternway_engine::ports::{Driver as _, Traffic as _};

use super::plans::{environment, order, plan, release};

/// Far more than what is asked briefly may take, and far less than an order may be tried for.
const DEADLINE: Duration = Duration::from_secs(9);

/// Does it within the deadline, or fails.
fn briefly<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, end) = channel();
    thread::spawn(move || {
        let _nobody_waits_any_more = done.send(what());
    });
    end.recv_timeout(DEADLINE).expect("it is not brief")
}

/// Somebody who takes connections, and either closes them at once or keeps them open without a word. Answers with their number.
fn silent(socket: &Path, hangs: bool) -> Arc<AtomicUsize> {
    let listener = UnixListener::bind(socket).unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        let mut kept: Vec<UnixStream> = Vec::new();
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            kept.extend(stream.ok().filter(|_| hangs));
        }
    });
    count
}

fn local(folder: &Path) -> Local {
    let revive = Arc::new(|| panic!("the watch waits for nobody's return"));
    Local::new(&folder.join("agent"), Arc::new(Proxy::at(&folder.join("proxy"))), revive)
}

fn renew(folder: &Path) -> String {
    let local = local(folder);
    briefly(move || {
        let (plan, action) = (plan(), Action::Shift { release: release(2), percent: 10 });
        local.renew_share(&order(&plan, &action), &release(2), 10).unwrap_err().to_string()
    })
}

#[test]
fn a_renewal_is_one_attempt_when_the_agent_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    let asked = silent(&folder.path().join("agent"), false);
    let why = renew(folder.path());
    assert!(why.starts_with("the agent could not be reached"), "{why}");
    // One connection shows that somebody listens, and one carries the question.
    assert!(asked.load(Ordering::SeqCst) <= 2, "{asked:?}");
}

#[test]
fn a_renewal_does_not_wait_for_an_agent_that_is_away_or_hangs() {
    let folder = tempfile::tempdir().unwrap();
    assert!(renew(folder.path()).contains("agent"));
    silent(&folder.path().join("agent"), true);
    assert!(renew(folder.path()).contains("agent"));
}

#[test]
fn steadiness_and_counters_do_not_wait_for_somebody_who_hangs() {
    let folder = tempfile::tempdir().unwrap();
    silent(&folder.path().join("agent"), true);
    silent(&folder.path().join("proxy"), true);
    let driver = local(folder.path());
    briefly(move || {
        let (plan, action) = (plan(), Action::Shift { release: release(2), percent: 10 });
        driver.steady(&order(&plan, &action), &release(2)).unwrap_err();
    });
    let proxy = Proxy::at(&folder.path().join("proxy"));
    briefly(move || proxy.counts(&environment()).unwrap_err());
}
