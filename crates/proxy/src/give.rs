//! The running process hands over to a newly started one, follows what that is told while it drains, and ends. See `handover`.

use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sternway_core::ids::ReleaseNumber;
use sternway_core::time::Millis;
use sternway_wire::Client;
use tokio::io::{BufReader, Interest};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use crate::admin::{self, read_line, write_line};
use crate::control::{Control, State, ahead};
use crate::drain::notice;
use crate::handover::{Answer, FORMAT, Offer, Order, PATIENCE, Report, Routing, send_files};
use crate::metrics;
use crate::protocol::{Refusal, Request, Response};
use crate::table;
use crate::targets::Phase;

/// How long kept connections on which nothing is open stay, and are told with their next response that it was the last one. A client that
/// asks at the very moment when its connection is closed gets an error, so that only those are closed that have not asked for long.
const LINGER: Duration = Duration::from_secs(5);
/// Connections that were just accepted may not be known yet.
const SETTLE: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_millis(20);

/// Hands over to the process at the other end. Returns when that has ended or wants nothing more.
pub(crate) async fn hand_over(
    control: &Arc<Control>,
    mut stream: BufReader<UnixStream>,
    format: u32,
) -> io::Result<()> {
    let given = match control.giving.try_lock() {
        Err(_) => Err(io::Error::other("another process is taking over at this moment")),
        Ok(_) if control.has_left() => Err(io::Error::other("another process has just taken over")),
        Ok(_) if control.shared.stopping.load(Ordering::Relaxed) => Err(io::Error::other("it is about to end")),
        Ok(_) if format < FORMAT => {
            Err(io::Error::other(format!("it hands over in format {FORMAT}, the new one knows formats up to {format}")))
        }
        Ok(_giving) => give(control, &mut stream).await,
    };
    match given {
        Ok(()) => follow(control, stream).await,
        Err(error) => {
            let why = Refusal::Invalid(error.to_string());
            // Mostly there is nobody left to tell.
            let _ = timeout(PATIENCE, write_line(&mut stream, &Answer::Refused { why })).await;
        }
    }
    Ok(())
}

/// Orders wait until this has come to its end, good or bad.
async fn give(control: &Arc<Control>, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
    let mut state = control.state.lock().await;
    answer(stream, &Answer::Offer(Box::new(offer(control, &state)))).await?;
    expect(stream, |order| matches!(order, Order::Sockets)).await?;
    send(control, &state, stream.get_ref()).await?;
    expect(stream, |order| matches!(order, Order::Ready)).await?;
    if let Some(listener) = &mut state.listener {
        listener.pause().await;
    }
    let serves = async {
        answer(stream, &Answer::Go).await?;
        expect(stream, |order| matches!(order, Order::Serving)).await
    };
    if let Err(error) = serves.await {
        serve_again(control, &mut state);
        return Err(error);
    }
    control.shared.stopping.store(true, Ordering::Relaxed);
    control.left.send_replace(true);
    control.stop_answering();
    drop(state);
    // Whether it hears this or has died: the next thing is to listen to it.
    let _ = answer(stream, &Answer::Report(report(control))).await;
    Ok(())
}

async fn answer(stream: &mut BufReader<UnixStream>, answer: &Answer) -> io::Result<()> {
    timeout(PATIENCE, write_line(stream, answer)).await?
}

async fn expect(stream: &mut BufReader<UnixStream>, expected: impl Fn(&Order) -> bool) -> io::Result<()> {
    let line = timeout(PATIENCE, read_line(stream)).await??.ok_or(io::ErrorKind::UnexpectedEof)?;
    let order = serde_json::from_slice(&line)?;
    if expected(&order) { Ok(()) } else { Err(io::Error::other(format!("{order:?} is not its turn"))) }
}

/// Sends the open files, in the order that the offer tells.
async fn send(control: &Control, state: &State, stream: &UnixStream) -> io::Result<()> {
    let lock = match &*control.place.lock.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(lock) => lock.try_clone()?,
        None => return Err(io::Error::other("it is about to end")),
    };
    let mut files = vec![lock.as_fd()];
    files.extend(state.listener.as_ref().map(AsFd::as_fd));
    files.extend(control.place.metrics.as_ref().map(AsFd::as_fd));
    timeout(PATIENCE, stream.async_io(Interest::WRITABLE, || send_files(stream, &files))).await?
}

fn offer(control: &Control, state: &State) -> Offer {
    control.look();
    Offer {
        format: FORMAT,
        pid: std::process::id(),
        environment: control.shared.environment.clone(),
        boot: control.shared.counting(),
        routing: routing(control, state),
        lapsed: state.lapsed.clone(),
        unsaved: state.unsaved.clone(),
        records: control.current_records(),
        failing: control.shared.failing.remembered(),
        seen: control.shared.seen.remembered(),
        report: report(control),
        listen: state.listener.as_ref().map(|listener| listener.asked),
        metrics: control.place.metrics.as_ref().and_then(|listener| listener.local_addr().ok()),
    }
}

fn routing(control: &Control, state: &State) -> Routing {
    let left = |until: Instant| {
        let left = until.saturating_duration_since(Instant::now());
        Millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    };
    let live = control.shared.live();
    Routing {
        saved: state.saved.clone(),
        canary: live.canary.as_ref().map(|canary| left(canary.until)),
        hold: live.hold.as_ref().map(|hold| left(hold.until())),
    }
}

fn report(control: &Control) -> Report {
    let mut drains = control.drains.lock().unwrap_or_else(PoisonError::into_inner);
    let told = drains.clone();
    // What is over has been told.
    drains.retain(|_, closed| closed.is_none());
    Report { releases: control.shared.counts(), drains: told }
}

/// Does what the successor says, until it has ended.
async fn follow(control: &Arc<Control>, mut stream: BufReader<UnixStream>) {
    while let Ok(Some(line)) = read_line(&mut stream).await {
        match serde_json::from_slice(&line) {
            Ok(Order::Follow(routing)) => control.follow(*routing).await,
            Ok(Order::Drain(release)) => control.empty(release),
            Ok(Order::Ending) => {
                control.let_go().await;
                let _ = answer(&mut stream, &Answer::Report(report(control))).await;
                return;
            }
            // It only wants the report, or is of a later version and says what this one cannot know.
            _ => {}
        }
        if answer(&mut stream, &Answer::Report(report(control))).await.is_err() {
            break;
        }
        control.reports.fetch_add(1, Ordering::Relaxed);
    }
    // It has died. Nobody has the admin socket then, unless it had handed over to another one.
    let socket = control.place.socket.clone();
    let somebody = tokio::task::spawn_blocking(move || {
        Client::connect(&socket, PATIENCE).and_then(|mut client| client.ask::<_, Response>(&Request::Status)).is_ok()
    });
    if !somebody.await.unwrap_or(false) {
        let mut state = control.state.lock().await;
        control.shared.count_anew();
        serve_again(control, &mut state);
        control.pass_on(&state).await;
    }
}

/// Serves as if there had been no hand-over.
fn serve_again(control: &Arc<Control>, state: &mut State) {
    control.shared.stopping.store(false, Ordering::Relaxed);
    control.left.send_replace(false);
    let (targets, held) = {
        let live = control.shared.live();
        (live.targets(), live.hold.is_some())
    };
    for targets in targets.iter().filter(|targets| targets.phase() != Phase::Serving && !held) {
        targets.enter(Phase::Serving);
    }
    if let Some(listener) = &mut state.listener
        && listener.start(&control.workers).is_err()
    {
        state.listener = None;
    }
    control.listen_again(state);
    // The successor's may have its name.
    control.stop_answering();
    if let Err(error) = control.start_answering() {
        crate::run::say(&format!("the admin socket cannot be opened again: {error}"));
    }
}

/// Drains after a hand-over. False when this process serves again, since its successor has died.
pub(crate) async fn leave(control: &Control) -> bool {
    let shared = &control.shared;
    let start = Instant::now();
    let drain = shared.live().table.as_ref().map_or(Duration::ZERO, |table| table.drain.duration());
    let limit = drain.max(LINGER);
    while control.has_left() {
        let since = start.elapsed();
        let busy = shared.targets().iter().any(|targets| targets.open() > 0)
            || shared.clients.len() > 0
            || control.predecessor.is_there();
        if since >= limit || (since >= SETTLE && !busy) {
            // What was counted last is told, too.
            let told = control.reports.load(Ordering::Relaxed);
            let asked = Instant::now();
            while control.has_left() && control.reports.load(Ordering::Relaxed) < told + 2 && asked.elapsed() < LINGER {
                if control.place.lock.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                    break;
                }
                sleep(LOOK).await;
            }
            if control.has_left() {
                return true;
            }
            break;
        }
        if since >= LINGER {
            shared.clients.close_idle();
        }
        if since + notice(limit) >= limit {
            for targets in shared.targets().iter().filter(|targets| targets.phase() < Phase::Told) {
                targets.enter(Phase::Told);
            }
        }
        sleep(LOOK).await;
    }
    false
}

impl Control {
    /// Opens admin socket and metrics.
    pub(crate) fn start_answering(self: &Arc<Self>) -> io::Result<()> {
        self.answer_at(admin::bind(&self.place.socket)?)
    }

    /// Answers at this admin socket, and tells metrics.
    pub(crate) fn answer_at(self: &Arc<Self>, socket: admin::Unnamed) -> io::Result<()> {
        let listener = socket.publish()?;
        let mut serving = self.place.serving.lock().unwrap_or_else(PoisonError::into_inner);
        serving.push(tokio::spawn(admin::serve(listener, Arc::clone(self))).abort_handle());
        if let Some(metrics) = &self.place.metrics {
            let listener = tokio::net::TcpListener::from_std(metrics.try_clone()?)?;
            serving.push(tokio::spawn(metrics::serve(listener, Arc::clone(&self.shared))).abort_handle());
        }
        Ok(())
    }

    /// Takes no new connections to admin socket and metrics.
    fn stop_answering(&self) {
        let serving = std::mem::take(&mut *self.place.serving.lock().unwrap_or_else(PoisonError::into_inner));
        serving.iter().for_each(tokio::task::AbortHandle::abort);
    }

    /// Tells the predecessor what is routed where.
    pub(crate) async fn pass_on(&self, state: &State) {
        if self.predecessor.is_there() {
            let order = Order::Follow(Box::new(routing(self, state)));
            self.predecessor.tell(&self.shared, &order).await;
        }
    }

    /// Waits until a release has nothing open at the predecessor; answers with what had to be closed there.
    pub(crate) async fn drained_before(&self, release: ReleaseNumber) -> u64 {
        while let Some(report) = self.predecessor.tell(&self.shared, &Order::Drain(release)).await {
            if let Some(Some(closed)) = report.drains.get(&release) {
                return *closed;
            }
            sleep(LOOK).await;
        }
        0
    }

    /// Routes as the successor does.
    async fn follow(&self, routing: Routing) {
        let mut state = self.state.lock().await;
        if !self.has_left() {
            return;
        }
        state.saved = routing.saved;
        state.lapsed = None;
        match &state.saved.table {
            Some(_) => self.route(&state.saved, routing.canary),
            None => crate::relay::relay(&self.shared, None, table::Routes::default(), None, false),
        }
        match routing.hold {
            Some(left) => self.hold_until(ahead(left)),
            None => self.end_hold(),
        }
        let asked = state.saved.listen.as_ref().and_then(|listen| listen.parse().ok());
        // The successor listens elsewhere now: nobody would accept here.
        if state.listener.as_ref().is_some_and(|listener| Some(listener.asked) != asked) {
            state.listener = None;
        }
        self.pass_on(&state).await;
    }

    /// Begins to empty a release for the successor.
    fn empty(self: &Arc<Self>, release: ReleaseNumber) {
        let mut drains = self.drains.lock().unwrap_or_else(PoisonError::into_inner);
        if let std::collections::btree_map::Entry::Vacant(entry) = drains.entry(release) {
            entry.insert(None);
            let control = Arc::clone(self);
            tokio::spawn(async move {
                let closed = match control.drained(release).await {
                    Ok(Response::Drained { closed }) => closed,
                    _ => 0,
                };
                control.drains.lock().unwrap_or_else(PoisonError::into_inner).insert(release, Some(closed));
            });
        }
    }

    /// The successor ends well and nobody is to serve after it: only what is open here goes on.
    async fn let_go(&self) {
        self.state.lock().await.listener = None;
        *self.place.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.predecessor.tell(&self.shared, &Order::Ending).await;
    }
}
