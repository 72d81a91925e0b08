//! Observing what a plan rests on: nothing here decides.

use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;
use sternway_core::planner::{Facts, Known};
use sternway_core::project::Environment;
use sternway_core::release::ReleaseRecord;
use sternway_core::state::State;
use sternway_drivers::proxy::Proxy;
use sternway_host::agent::release_folder;
use sternway_proxy::protocol::{Request, Response};
use sternway_store::Store;

use crate::context::Context;
use crate::failure::Failure;
use crate::remembered::Remembered;

/// What is known of a release: its record, and whether its content is all there, read byte by byte.
pub(crate) fn known(store: &Store, record: &ReleaseRecord) -> Known {
    if record.adopted.is_some() {
        return Known { record: record.clone(), content: None, intact: Ok(0) };
    }
    let subject = format!("release {}", record.number);
    let content = store.content(&record.digest);
    let intact = store
        .verify(&record.digest)
        .map_err(|error| Finding::error("S0402", subject, error.to_string()).hint(error.hint()));
    Known { record: record.clone(), content: content.ok(), intact }
}

/// The same of a release to go back to: one whose objects are damaged in the store may be whole where it is staged, and is started from
/// there.
pub(crate) fn known_to_go_back_to(context: &Context, store: &Store, record: &ReleaseRecord) -> Known {
    let known = known(store, record);
    if known.intact.is_ok() {
        return known;
    }
    let folder = release_folder(&context.agent_state(), &record.environment, record.number);
    // What is staged there may be another release: its marker says which, and the agent refuses it then.
    match store.verify_staged(&record.digest, &folder) {
        Ok(bytes) => Known { intact: Ok(bytes), ..known },
        Err(_) => known,
    }
}

/// What serves now, if anything.
pub(crate) fn base(store: &Store, state: &State, environment: &EnvironmentName) -> Option<Known> {
    let place = state.environments.get(environment)?;
    let current = place.current.as_ref()?;
    if current.release.number.0 == 0 {
        return place.adopted.as_ref().map(|record| known(store, record));
    }
    state.releases.get(&current.release.number).map(|release| known(store, &release.record))
}

/// Disk, addresses, traffic.
pub(crate) fn facts(
    context: &Context,
    store: &Store,
    environment: &EnvironmentName,
    settings: &Environment,
    candidate: &Known,
    base: Option<&Known>,
) -> Result<Facts, Failure> {
    let disk = rustix::fs::statvfs(&context.state)
        .map_err(|error| Failure::internal("S0910", "the state folder's disk cannot be asked").cause(&error))?;
    let needed = store.size(&candidate.record.digest).ok();
    let proxy = Proxy::at(&context.proxy_socket(environment));
    let serving = match proxy.ask_once(&Request::Status, Duration::from_secs(2)) {
        Ok(Response::Status(status)) => Some(status),
        _ => None,
    };
    let ours = serving.and_then(|status| status.table).is_some_and(|table| table.listen == settings.traffic.listen);
    let record = match proxy.ask_once(&Request::Record, Duration::from_secs(2)) {
        Ok(Response::Record { release: Some(_), counts, span }) => {
            let rate = counts.requests as f64 / span.duration().as_secs_f64().max(1.0);
            Some((counts, rate))
        }
        _ => None,
    };
    let adopted = base.into_iter().chain([candidate]).find_map(|known| known.record.adopted.as_ref());
    Ok(Facts {
        disk_free: disk.f_bavail.saturating_mul(disk.f_frsize),
        inodes_free: if disk.f_files == 0 { u64::MAX } else { disk.f_favail },
        disk_needed: needed.map_or(0, |size| size.bytes),
        inodes_needed: needed.map_or(0, |size| size.inodes),
        listen_taken: if ours { None } else { taken(&settings.traffic.listen) },
        adopted_answers: adopted.map(|adopted| answers(&adopted.address)),
        other_folder: other_folder(context),
        record,
    })
}

/// The project's folder from which was shipped last and the one now, when they are two.
fn other_folder(context: &Context) -> Option<(String, String)> {
    let real = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok();
    let last = Remembered::read(context)?;
    let (before, now) = (real(last.dir())?, real(&context.project_dir)?);
    (before != now).then(|| (before.display().to_string(), now.display().to_string()))
}

/// Who holds an address, when it cannot be listened at.
fn taken(listen: &str) -> Option<String> {
    match TcpListener::bind(listen) {
        Ok(_) => None,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Some("another process".to_owned()),
        Err(error) => Some(format!("nobody, but it cannot be listened at: {error}")),
    }
}

fn answers(address: &str) -> bool {
    address
        .to_socket_addrs()
        .is_ok_and(|mut all| all.any(|one| TcpStream::connect_timeout(&one, Duration::from_secs(3)).is_ok()))
}
