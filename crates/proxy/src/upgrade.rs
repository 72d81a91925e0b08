//! Upgraded connections: bytes are copied both ways until one side ends, or the release is drained.
//!
//! When the drain of its release nears its limit, a connection is told: a WebSocket client gets a close frame (1001, going away) between
//! two frames of the service, and its answer goes to the service, which then closes too; of any other protocol the service sees the
//! end of its input, and can say its last words. At the limit what is left is closed.

use std::pin::pin;
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::watch;

use crate::targets::{Claim, Phase};
use crate::websocket::{Frames, GOING_AWAY};

type Reader = ReadHalf<TokioIo<Upgraded>>;
type Writer = WriteHalf<TokioIo<Upgraded>>;

const BUFFER: usize = 16 * 1024;
/// How long a client may take to end its side after the service has ended its own.
const LINGER: Duration = Duration::from_secs(5);

/// Connects the two sides and keeps the claim until both are done.
pub(crate) async fn connect(client: OnUpgrade, service: OnUpgrade, claim: Claim, websocket: bool) {
    let (Ok(client), Ok(service)) = tokio::join!(client, service) else { return };
    let (from_client, to_client) = tokio::io::split(TokioIo::new(client));
    let (from_service, to_service) = tokio::io::split(TokioIo::new(service));
    let mut phase = claim.targets.watch();
    let mut up = pin!(up(from_client, to_service, claim.targets.watch(), websocket));
    let mut down = pin!(down(from_service, to_client, claim.targets.watch(), websocket));
    let both = async {
        tokio::select! {
            ended = &mut up => if ended.is_ok() {
                let _ = down.await;
            },
            ended = &mut down => if ended.is_ok() {
                let _ = tokio::time::timeout(LINGER, up).await;
            },
        }
    };
    tokio::select! {
        () = both => {}
        _ = phase.wait_for(|phase| *phase == Phase::Closed) => {}
    }
}

async fn told(phase: &mut watch::Receiver<Phase>) {
    let _ = phase.wait_for(|phase| *phase >= Phase::Told).await;
}

/// Copies what the client sends, then ends the service's input.
async fn up(
    mut client: Reader,
    mut service: Writer,
    mut phase: watch::Receiver<Phase>,
    websocket: bool,
) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = tokio::select! {
            read = client.read(&mut buffer) => read?,
            () = told(&mut phase), if !websocket => 0,
        };
        if read == 0 {
            return service.shutdown().await;
        }
        service.write_all(&buffer[..read]).await?;
    }
}

/// Copies what the service sends, then ends the client's input.
async fn down(
    mut service: Reader,
    mut client: Writer,
    mut phase: watch::Receiver<Phase>,
    websocket: bool,
) -> std::io::Result<()> {
    let (mut buffer, mut frames) = (vec![0; BUFFER], Frames::default());
    let (mut leaving, mut left) = (false, false);
    loop {
        let read = tokio::select! {
            read = service.read(&mut buffer) => Some(read?),
            () = told(&mut phase), if websocket && !leaving => None,
        };
        match read {
            Some(0) => return client.shutdown().await,
            // After a close frame nothing may follow.
            Some(_) if left => {}
            Some(read) => {
                frames.feed(&buffer[..read]);
                client.write_all(&buffer[..read]).await?;
            }
            None => leaving = true,
        }
        if leaving && !left && frames.between() {
            client.write_all(&GOING_AWAY).await?;
            client.flush().await?;
            left = true;
        }
    }
}
