//! One user after another at one browser: signs up, logs in, looks around, and leaves for the next.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Method;
use tokio::sync::watch;

use super::LoadOptions;
use super::client::{Answer, Ask, Client, NoAnswer};
use super::jar::Jar;
use super::tally::Tally;

/// Someone who was kept waiting for longer does not catch up with all that was due meanwhile.
const CATCH_UP: Duration = Duration::from_secs(2);

/// A browser, and who sits at it.
pub(super) struct User {
    address: SocketAddr,
    /// Tells this load's users from those of an earlier one.
    run: u32,
    number: u32,
    /// How many have sat here before.
    serial: u32,
    period: Duration,
    phase: Duration,
    patience: Duration,
    tally: Arc<Mutex<Tally>>,
    client: Client,
    jar: Jar,
    name: String,
    next: Next,
}

/// What a user does next.
#[derive(Debug, Clone, Copy)]
enum Next {
    SignUp,
    LogIn,
    /// Looks around, with so many looks left.
    Look(u32),
}

impl User {
    pub(super) fn new(
        address: SocketAddr,
        run: u32,
        number: u32,
        options: &LoadOptions,
        tally: Arc<Mutex<Tally>>,
    ) -> Self {
        let period = Duration::from_secs(1) * options.users / options.per_second.max(1);
        Self {
            address,
            run,
            number,
            serial: 0,
            period,
            phase: period * number / options.users.max(1),
            patience: options.patience,
            tally,
            client: Client::new(address, options.patience),
            jar: Jar::default(),
            name: format!("u{run:08x}-{number}-0"),
            next: Next::SignUp,
        }
    }

    /// Sends a request each time that one is due, until told to stop.
    pub(super) async fn live(mut self, start: tokio::time::Instant, mut stopped: watch::Receiver<bool>) {
        let mut due = start + self.phase;
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep_until(due) => {}
            }
            self.step().await;
            due = (due + self.period).max(tokio::time::Instant::now() - CATCH_UP);
        }
    }

    async fn step(&mut self) {
        match self.next {
            Next::SignUp => self.sign_up().await,
            Next::LogIn => self.log_in().await,
            Next::Look(0) => {
                self.leave();
                self.sign_up().await;
            }
            Next::Look(left) => self.look(left).await,
        }
    }

    /// The next one opens a browser without cookies and without a connection.
    fn leave(&mut self) {
        self.serial += 1;
        self.name = format!("u{:08x}-{}-{}", self.run, self.number, self.serial);
        self.client = Client::new(self.address, self.patience);
        self.jar = Jar::default();
        self.next = Next::SignUp;
    }

    async fn sign_up(&mut self) {
        let answer = self.ask(Method::POST, "/signup").await;
        if self.judge("POST /signup", &answer, "ready") {
            self.locked().acknowledge(&self.name);
            self.next = Next::LogIn;
        } else {
            // It may have been created without our hearing of it: try another name.
            self.leave();
        }
    }

    async fn log_in(&mut self) {
        let answer = self.ask(Method::POST, "/login").await;
        if self.judge("POST /login", &answer, "Welcome") {
            // Spread out, so that not all leave at once.
            self.next = Next::Look(20 + (self.number * 7 + self.serial * 13) % 40);
        }
    }

    async fn look(&mut self, left: u32) {
        let (label, path) =
            if left.is_multiple_of(2) { ("GET /me", "/me") } else { ("GET /component/data", "/component/data") };
        let answer = self.ask(Method::GET, path).await;
        let name = self.name.clone();
        self.judge(label, &answer, &name);
        let logged_out = answer.is_ok_and(|answer| answer.status == 401 || answer.leads_to_login());
        self.next = if logged_out { Next::LogIn } else { Next::Look(left - 1) };
    }

    async fn ask(&mut self, method: Method, path: &'static str) -> Result<Answer, NoAnswer> {
        let form = match method {
            Method::POST => format!("user={}&password=pw-{}", self.name, self.name),
            _ => String::new(),
        };
        let answer = self.client.send(&Ask { method, path, cookies: self.jar.header(), form }).await;
        if let Ok(answer) = &answer {
            answer.cookies().for_each(|cookie| self.jar.set(cookie));
        }
        answer
    }

    /// Counts the answer; true when it is as it must be: no error, not the login page, and about this user.
    fn judge(&self, label: &str, answer: &Result<Answer, NoAnswer>, contains: &str) -> bool {
        let failure = match answer {
            Err(error) => Some(error.to_string()),
            Ok(answer) if answer.leads_to_login() => Some("sent to the login page".to_owned()),
            Ok(answer) if answer.status.as_u16() >= 400 => Some(format!("status {}", answer.status.as_u16())),
            Ok(answer) if !String::from_utf8_lossy(&answer.body).contains(contains) => Some("wrong content".to_owned()),
            Ok(_) => None,
        };
        let good = failure.is_none();
        let release = answer.as_ref().ok().and_then(Answer::release);
        self.locked().record(Instant::now(), release, failure.map(|failure| format!("{label}: {failure}")));
        good
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
