//! The listener: accepts connections and deals them out to the workers in turn.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
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

/// An open listener. It is open as long as this lives, also while nobody accepts: who connects then waits.
#[derive(Debug)]
pub(crate) struct Listener {
    /// As it was asked for.
    pub(crate) asked: SocketAddr,
    /// As it is: differs when port 0 was asked for.
    pub(crate) bound: SocketAddr,
    socket: std::net::TcpListener,
    accepting: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Listener {
    /// A listener that is open already: one that another process hands over. Nobody accepts yet.
    pub(crate) fn adopt(asked: SocketAddr, socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { asked, bound: socket.local_addr()?, socket, accepting: None })
    }

    /// Starts to accept, unless it does.
    pub(crate) fn start(&mut self, workers: &Workers) -> io::Result<()> {
        if self.accepting.is_none() {
            let listener = TcpListener::from_std(self.socket.try_clone()?)?;
            let (stop, stopped) = oneshot::channel();
            self.accepting = Some((stop, tokio::spawn(accept(listener, Arc::clone(workers), stopped))));
        }
        Ok(())
    }

    /// Takes what has already connected and stops to accept.
    pub(crate) async fn pause(&mut self) {
        if let Some((stop, task)) = self.accepting.take() {
            let _ = stop.send(());
            let _ = task.await;
        }
    }

    /// Takes what has already connected and closes; afterwards the address is free.
    pub(crate) async fn close(mut self) {
        self.pause().await;
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Opens a listener and starts to accept.
pub(crate) fn open(asked: SocketAddr, workers: &Workers) -> io::Result<Listener> {
    let socket = if asked.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(asked)?;
    let mut listener = Listener::adopt(asked, socket.listen(4096)?.into_std()?)?;
    listener.start(workers)?;
    Ok(listener)
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
