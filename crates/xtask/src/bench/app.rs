//! The service that benchmarks ship: it starts in milliseconds and does what the file `behaviour` of its release says.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

use super::Outcome;

/// How a release behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// As it should.
    Good,
    /// This many of a hundred requests fail with 500; its checks pass.
    Fails(u64),
    /// Its check fails, so that it never has traffic.
    FailsItsCheck,
}

impl Behaviour {
    /// As it stands in the file. The number makes each release another one.
    pub(crate) fn text(self, number: u64) -> String {
        let word = match self {
            Self::Good => "good".to_owned(),
            Self::Fails(percent) => format!("fails {percent}"),
            Self::FailsItsCheck => "fails-its-check".to_owned(),
        };
        format!("{word}\n{number}\n")
    }

    fn read(text: &str) -> Option<Self> {
        match text.lines().next()?.split_once(' ') {
            Some(("fails", percent)) => percent.parse().ok().map(Self::Fails),
            _ if text.starts_with("good\n") => Some(Self::Good),
            _ if text.starts_with("fails-its-check\n") => Some(Self::FailsItsCheck),
            _ => None,
        }
    }

    /// The status of the `n`th request for this path.
    fn status(self, path: &str, n: u64) -> StatusCode {
        let fails = match (self, path) {
            (_, "/ready") | (Self::Good, _) | (Self::Fails(_), "/check") => false,
            (Self::FailsItsCheck, _) => path == "/check",
            // Thirty-seven has no factor in common with a hundred: failures are spread evenly.
            (Self::Fails(percent), _) => n.wrapping_mul(37) % 100 < percent,
        };
        if fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    }
}

/// Serves on `PORT` until it is ended.
pub(super) fn run() -> Outcome<()> {
    let text = std::fs::read_to_string("behaviour")?;
    let behaviour = Behaviour::read(&text).ok_or("the file `behaviour` says nothing known")?;
    let port: u16 = std::env::var("PORT")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let requests = Rc::new(AtomicU64::new(0));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let requests = Rc::clone(&requests);
            tokio::task::spawn_local(async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let n = requests.fetch_add(1, Ordering::Relaxed);
                    let status = behaviour.status(request.uri().path(), n);
                    let mut response = Response::new(Full::new(Bytes::from_static(b"here we are\n")));
                    *response.status_mut() = status;
                    async move { Ok::<_, Infallible>(response) }
                });
                let _the_other_side_may_end_it =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for behaviour in [Behaviour::Good, Behaviour::Fails(30), Behaviour::FailsItsCheck] {
            assert_eq!(Behaviour::read(&behaviour.text(7)), Some(behaviour));
        }
        assert_eq!(Behaviour::read("better\n"), None);
    }

    #[test]
    fn as_many_fail_as_it_says_and_never_its_readiness() {
        let failing =
            |behaviour: Behaviour, path| (0..1000).filter(|&n| behaviour.status(path, n) != StatusCode::OK).count();
        assert_eq!(failing(Behaviour::Fails(30), "/"), 300);
        assert_eq!(failing(Behaviour::Fails(100), "/"), 1000);
        assert_eq!(failing(Behaviour::Fails(100), "/check"), 0);
        assert_eq!(failing(Behaviour::FailsItsCheck, "/check"), 1000);
        for behaviour in [Behaviour::Good, Behaviour::Fails(100), Behaviour::FailsItsCheck] {
            assert_eq!(failing(behaviour, "/ready"), 0);
        }
    }
}
