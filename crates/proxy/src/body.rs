//! A response's body on its way to the client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::body::{Body, Frame, SizeHint};

use crate::pool::Upstream;
use crate::targets::Claim;

/// What the client gets.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Nothing.
    Empty,
    /// Words of the proxy's own.
    Text(&'static str),
    /// What the service says.
    Forwarded(Forwarded),
}

/// A service's response as it comes in. When it has come in whole, the connection goes back to its pool and the request is closed;
/// when it is dropped before, because the client went away, the connection is closed.
#[derive(Debug)]
pub(crate) struct Forwarded {
    body: Incoming,
    open: Option<Open>,
}

/// What a request holds until its response has been read.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) claim: Claim,
    pub(crate) upstream: Box<Upstream>,
    /// Which of the claim's addresses.
    pub(crate) address: usize,
}

impl Open {
    /// Gives everything back.
    fn close(self) {
        let Self { claim, mut upstream, address } = self;
        upstream.touch(claim.now());
        if upstream.is_ready() {
            claim.targets.addresses[address].put(claim.worker(), upstream);
        } else if !upstream.is_closed() {
            // The end has been read but the driver has not gone on yet; nearly never.
            let (targets, worker) = (Arc::clone(&claim.targets), claim.worker());
            tokio::spawn(async move {
                if upstream.get_ready().await {
                    targets.addresses[address].put(worker, upstream);
                }
            });
        }
    }
}

impl Reply {
    /// The body of a service's response.
    pub(crate) fn forward(body: Incoming, open: Open) -> Self {
        if body.is_end_stream() {
            open.close();
            return Self::Empty;
        }
        Self::Forwarded(Forwarded { body, open: Some(open) })
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            reply @ Self::Text(_) => match std::mem::replace(reply, Self::Empty) {
                Self::Text(text) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes()))))),
                _ => Poll::Ready(None),
            },
            Self::Forwarded(forwarded) => forwarded.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(_) => false,
            Self::Forwarded(forwarded) => forwarded.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Text(text) => SizeHint::with_exact(text.len() as u64),
            Self::Forwarded(forwarded) => forwarded.body.size_hint(),
        }
    }
}

impl Forwarded {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending()
            && let Some(open) = &mut self.open
        {
            // The body has now asked for more; let the connection answer at once, and look again.
            open.upstream.drive(cx);
            polled = Pin::new(&mut self.body).poll_frame(cx);
        }
        let over = match &polled {
            Poll::Pending => false,
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(Some(Err(_))) => {
                self.open = None;
                false
            }
        };
        if over && let Some(mut open) = self.open.take() {
            if !open.upstream.is_ready() {
                open.upstream.drive(cx);
            }
            open.close();
        }
        polled
    }
}
