//! Building in a clean copy, so that nothing of the developer's folder leaks into a release.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sternway_core::digest::Digest;
use sternway_core::ids::ServiceName;
use sternway_core::project::Service;
use sternway_store::Store;

use super::store_failure;
use crate::failure::{Exit, Failure};

/// Unpacks the tree, runs the command there, and takes the result in.
pub(super) fn build(
    store: &Store,
    name: &ServiceName,
    service: &Service,
    excludes: &[String],
    command: &str,
    tree: &Digest,
) -> Result<Digest, Failure> {
    let failed = |why: String| {
        Failure::new(Exit::Usage, "S0408", format!("building service `{name}` failed"))
            .because(why)
            .production("unchanged; nothing was begun")
            .next(format!("run it yourself in {}: {command}", service.path))
    };
    let no_copy = |error| store_failure("the clean copy cannot be made", &error);
    let folder = store.temporary_folder().map_err(no_copy)?;
    let place = folder.path().join(name.as_str());
    store.unpack(tree, &place).map_err(no_copy)?;
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(&place)
        .stdin(Stdio::null())
        // What it says is for the person who ships; standard output is kept for results.
        .stdout(std::io::stderr())
        .process_group(0)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| failed(error.to_string()))? {
            Some(status) => break status,
            None if start.elapsed() > service.build_within.duration() => {
                if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
                    let _it_may_have_ended_just_now =
                        rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
                }
                let _reaped = child.wait();
                return Err(failed(format!("it did not end within {}", service.build_within)));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    if !status.success() {
        return Err(failed(format!("`{command}` ended with {status}")));
    }
    let imported = store
        .import(&place, excludes, &service.spec.shared)
        .map_err(|error| store_failure(&format!("what building service `{name}` made cannot be taken in"), &error))?;
    Ok(imported.digest)
}
