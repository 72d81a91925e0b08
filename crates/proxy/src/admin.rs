//! The admin socket: one JSON line in, one JSON line out.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::control::Control;
use crate::protocol::{Refusal, Request, Response};

/// Opens the socket. It appears under its name only when it listens and only its owner can connect, and it replaces what a
/// process that is no more left there. Two processes do not get here with one state folder, so that nobody's socket is taken.
pub(crate) fn bind(path: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut new = path.to_owned().into_os_string();
    new.push(".new");
    let new = PathBuf::from(new);
    let _ = fs::remove_file(&new);
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
    fs::rename(&new, path)?;
    Ok(listener)
}

/// Takes orders until the process ends.
pub(crate) async fn serve(listener: UnixListener, control: Arc<Control>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if sternway_wire::peer_allowed(&stream) => {
                let control = Arc::clone(&control);
                tokio::spawn(async move {
                    let _ = talk(stream, &control).await;
                });
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

async fn talk(stream: UnixStream, control: &Control) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let read = (&mut stream).take(sternway_wire::LINE_LIMIT).read_until(b'\n', &mut line).await?;
        if read == 0 || line.pop() != Some(b'\n') {
            return Ok(());
        }
        let response = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => control.answer(request).await,
            Err(error) => {
                Response::Refused { why: Refusal::Invalid(format!("the request is not understood: {error}")) }
            }
        };
        let mut answer = serde_json::to_vec(&response)?;
        answer.push(b'\n');
        stream.get_mut().write_all(&answer).await?;
    }
}
