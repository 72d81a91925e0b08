//! Asks a check within its time.

use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use sternway_core::check::{Check, CheckAnswer, Question};
use sternway_core::time::Millis;
use sternway_core::verdict::Verdict;
use tokio::runtime::Runtime;

use crate::{Outcome, Subject, address, command, http, tcp};

/// The longest line that an answer shows.
const SEEN_CHARS: usize = 240;

/// Why no prober could be made.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// No thread for its I/O.
    #[error("cannot start the thread that asks checks")]
    Runtime(#[source] std::io::Error),
    /// The HTTP client refused its settings.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// Asks checks. One serves any number of threads at once; each call blocks its caller, at most for the check's time-out.
#[derive(Debug)]
pub struct Prober {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    plain: reqwest::Client,
    /// Why HTTPS cannot be asked, where the machine has no root certificates: plain HTTP must not need them.
    tls: Result<reqwest::Client, String>,
}

impl Prober {
    /// A prober with a thread of its own for I/O.
    pub fn new() -> Result<Self, Unavailable> {
        // One TLS provider for the whole program; an error means that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(8)
            .thread_name("probe")
            .enable_all()
            .build()
            .map_err(Unavailable::Runtime)?;
        Ok(Self {
            runtime: Some(runtime),
            plain: client().tls_certs_only([]).build().map_err(Unavailable::Client)?,
            tls: client().build().map_err(|error| http::root_cause(&error)),
        })
    }

    /// Asks `check` of `subject`. Blocks for at most the check's time-out, give or take the scheduler; must not be called from
    /// within an asynchronous task.
    pub fn evaluate(&self, check: &Check, subject: &Subject) -> CheckAnswer {
        let timeout = check.timeout.duration();
        let start = Instant::now();
        let outcome = match &check.question {
            Question::Http(question) => {
                let resolving = Resolving::default();
                self.within(timeout, &resolving, http::ask(self, question, check.service.as_ref(), subject, &resolving))
            }
            Question::Tcp(address) => match tcp_address(address, check, subject) {
                Ok((host, port)) => {
                    let resolving = Resolving::default();
                    self.within(timeout, &resolving, tcp::ask(&host, port, &resolving))
                }
                Err(why) => Outcome::unknown(why),
            },
            Question::Command(line) => {
                let url = subject.base("/", check.service.as_ref()).unwrap_or_default();
                let place =
                    command::Place { folder: subject.folder(check.service.as_ref()), url, each: &subject.each() };
                command::ask(line, &place, timeout, &subject.secrets)
            }
        };
        let took = Millis(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
        let outcome = judge_latency(outcome, took, check.latency);
        CheckAnswer { verdict: outcome.verdict, seen: one_line(&subject.secrets.scrub(&outcome.seen)), took }
    }

    /// The client for a URL's scheme, or why there is none.
    pub(crate) fn client(&self, scheme: &str) -> Result<&reqwest::Client, String> {
        match scheme {
            "http" => Ok(&self.plain),
            "https" => self.tls.as_ref().map_err(|why| format!("HTTPS cannot be asked from here: {why}")),
            other => Err(format!("scheme {other} cannot be asked")),
        }
    }

    fn within(&self, timeout: Duration, resolving: &Resolving, question: impl Future<Output = Outcome>) -> Outcome {
        let Some(runtime) = &self.runtime else {
            return Outcome::unknown("the prober is stopping");
        };
        runtime.block_on(async { tokio::time::timeout(timeout, question).await }).unwrap_or_else(|_| {
            if resolving.0.get() {
                Outcome::unknown("the host's name did not resolve in time")
            } else {
                Outcome::fail(no_answer(timeout))
            }
        })
    }
}

/// Whether a name is being looked up now: a resolver that does not answer is ours, not the asked one's, and says nothing about it.
#[derive(Debug, Default)]
pub(crate) struct Resolving(Cell<bool>);

impl Resolving {
    /// The addresses of a host; an error is the outcome of the check.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Outcome> {
        self.0.set(true);
        let found = tokio::net::lookup_host((host, port)).await;
        self.0.set(false);
        match found {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) => Err(Outcome::unknown(format!("{host} does not resolve: {error}"))),
        }
    }
}

impl Drop for Prober {
    fn drop(&mut self) {
        // A name look-up that hangs in the resolver must not hang us.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A client that asks plainly: no proxy from the environment, no connection from an earlier check, no redirect by itself.
fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .pool_max_idle_per_host(0)
        .redirect(Policy::none())
        .referer(false)
        .user_agent(concat!("sternway/", env!("CARGO_PKG_VERSION"), " (check)"))
}

fn tcp_address(written: &str, check: &Check, subject: &Subject) -> Result<(String, u16), String> {
    if written.is_empty() {
        let base = subject.base("/", check.service.as_ref())?;
        address::of_url(base).ok_or_else(|| format!("{base} names no host and port"))
    } else {
        address::parse(written).ok_or_else(|| format!("{written} is not host:port"))
    }
}

pub(crate) fn no_answer(timeout: Duration) -> String {
    format!("no answer within {}", Millis(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)))
}

fn judge_latency(outcome: Outcome, took: Millis, allowed: Option<Millis>) -> Outcome {
    match allowed {
        Some(allowed) if outcome.verdict == Verdict::Pass && took > allowed => {
            Outcome::fail(format!("{}, but after {took}; allowed {allowed}", outcome.seen))
        }
        _ => outcome,
    }
}

/// Without line ends and control characters, cut to a length that fits a log.
fn one_line(text: &str) -> String {
    let mut line = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SEEN_CHARS).collect::<String>();
    if text.chars().nth(SEEN_CHARS).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_is_a_failure_only_beyond_the_bound() {
        let pass = Outcome::pass("status 200");
        assert_eq!(judge_latency(pass.clone(), Millis(500), Some(Millis(500))), pass);
        let slow = judge_latency(pass, Millis(501), Some(Millis(500)));
        assert_eq!(slow, Outcome::fail("status 200, but after 501 ms; allowed 500 ms"));
    }

    #[test]
    fn what_was_seen_is_one_line_of_bounded_length() {
        assert_eq!(one_line("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(one_line(&"x".repeat(1000)).chars().count(), SEEN_CHARS + 1);
    }
}
