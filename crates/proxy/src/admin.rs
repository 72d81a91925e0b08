//! The admin socket: one JSON line in, one JSON line out.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::control::Control;
use crate::give;
use crate::protocol::{Refusal, Request, Response};

/// An admin socket that listens and does not have its name yet.
#[derive(Debug)]
pub(crate) struct Unnamed {
    listener: UnixListener,
    new: PathBuf,
    path: PathBuf,
}

/// Opens the socket. It appears under its name only when it listens and only its owner can connect, and it replaces what a
/// process that is no more, or that hands over to this one, has there. Two processes do not get here with one state folder, so that
/// nobody else's socket is taken.
pub(crate) fn bind(path: &Path) -> io::Result<Unnamed> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut new = path.to_owned().into_os_string();
    new.push(".new");
    let new = PathBuf::from(new);
    let _ = fs::remove_file(&new);
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
    Ok(Unnamed { listener, new, path: path.to_owned() })
}

impl Unnamed {
    /// From now on whoever connects gets here.
    pub(crate) fn publish(self) -> io::Result<UnixListener> {
        fs::rename(&self.new, &self.path)?;
        Ok(self.listener)
    }
}

/// Takes orders until the process ends or hands over.
pub(crate) async fn serve(listener: UnixListener, control: Arc<Control>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) if sternway_wire::peer_allowed(&stream) => {
                let control = Arc::clone(&control);
                tokio::spawn(async move {
                    let _ = talk(stream, control).await;
                });
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

/// Answers on one connection. Once the state is another process's, nobody is answered any more: who asks again there gets an answer.
async fn talk(stream: UnixStream, control: Arc<Control>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut left = control.left.subscribe();
    loop {
        let line = tokio::select! {
            biased;
            _ = left.wait_for(|left| *left) => return Ok(()),
            line = read_line(&mut stream) => line?,
        };
        let Some(line) = line else { return Ok(()) };
        let response = match serde_json::from_slice::<Request>(&line) {
            Ok(Request::HandOver { format }) => return give::hand_over(&control, stream, format).await,
            Ok(request) => tokio::select! {
                biased;
                _ = left.wait_for(|left| *left) => return Ok(()),
                response = control.answer(request) => response,
            },
            Err(error) => {
                Response::Refused { why: Refusal::Invalid(format!("the request is not understood: {error}")) }
            }
        };
        write_line(&mut stream, &response).await?;
    }
}

/// One line without its end; `None` at the end of the stream, also when it comes within a line.
pub(crate) async fn read_line(stream: &mut BufReader<UnixStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = stream.take(sternway_wire::LINE_LIMIT).read_until(b'\n', &mut line).await?;
    Ok((read > 0 && line.pop() == Some(b'\n')).then_some(line))
}

/// Writes a value as one line.
pub(crate) async fn write_line(stream: &mut BufReader<UnixStream>, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.get_mut().write_all(&line).await
}
