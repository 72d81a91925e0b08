//! The listener: accepts connections and deals them out to the workers in turn.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A new connection on its way to a worker.
pub(crate) type Accepted = (TcpStream, SocketAddr);
/// The workers.
pub(crate) type Workers = Arc<[UnboundedSender<Accepted>]>;

/// An open listener.
#[derive(Debug)]
pub(crate) struct Listener {
    /// As it was asked for.
    pub(crate) asked: SocketAddr,
    /// As it is: differs when port 0 was asked for.
    pub(crate) bound: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Takes what has already connected and closes; afterwards the address is free.
    pub(crate) async fn close(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Opens a listener and starts to accept.
pub(crate) fn open(asked: SocketAddr, workers: Workers) -> std::io::Result<Listener> {
    let socket = if asked.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(asked)?;
    let listener = socket.listen(4096)?;
    let bound = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(accept(listener, workers, stopped));
    Ok(Listener { asked, bound, stop, task })
}

async fn accept(listener: TcpListener, workers: Workers, mut stopped: oneshot::Receiver<()>) {
    let mut turn = 0;
    loop {
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => {
                let _ = workers[turn].send(accepted);
                turn = (turn + 1) % workers.len();
            }
            // Out of file descriptors, mostly: some connection has to end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
