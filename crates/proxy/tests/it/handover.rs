//! Another process takes over: nothing is lost, whoever of the two dies, and whenever.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sternway_core::ids::{Epoch, ReleaseNumber};
use sternway_core::time::Millis;
use sternway_proxy::protocol::{Refusal, Request, Response};

use crate::client::Connection;
use crate::proxy::{EPOCH, Proxy, set, table, until, web};
use crate::server::{Server, body, nobody, respond};

/// Users with kept connections, who ask again and again.
struct Load {
    over: Arc<AtomicBool>,
    good: Arc<AtomicU64>,
    failed: Arc<Mutex<Vec<String>>>,
    users: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(address: &str) -> Self {
        let (over, good, failed) = (Arc::default(), Arc::default(), Arc::default());
        let mut load = Self { over, good, failed, users: Vec::new() };
        for _ in 0..8 {
            let (over, good, failed) = (Arc::clone(&load.over), Arc::clone(&load.good), Arc::clone(&load.failed));
            let address = address.to_owned();
            load.users.push(thread::spawn(move || {
                let mut connection: Option<Connection> = None;
                while !over.load(Ordering::SeqCst) {
                    let opened = match connection.take() {
                        Some(connection) => Ok(connection),
                        None => TcpStream::connect(&address).map(|_| Connection::open(&address)),
                    };
                    let asked = opened.and_then(|mut opened| {
                        let reply = opened.try_get("/", "")?;
                        Ok((reply, opened))
                    });
                    match asked {
                        Ok((reply, opened)) if reply.status == 200 => {
                            good.fetch_add(1, Ordering::SeqCst);
                            connection = (reply.header("connection") != Some("close")).then_some(opened);
                        }
                        Ok((reply, _)) => failed.lock().unwrap().push(reply.status.to_string()),
                        Err(error) => failed.lock().unwrap().push(error.to_string()),
                    }
                    // The pace of a user, not a wait for anything.
                    thread::sleep(Duration::from_millis(5));
                }
            }));
        }
        load.more(100);
        load
    }

    /// Waits until so many more requests were answered.
    fn more(&self, more: u64) {
        let before = self.good.load(Ordering::SeqCst);
        until("more answers", || (self.good.load(Ordering::SeqCst) >= before + more).then_some(()));
    }

    /// How many were answered well; none must have failed.
    fn end(mut self) -> u64 {
        self.over.store(true, Ordering::SeqCst);
        self.users.drain(..).for_each(|user| user.join().unwrap());
        assert!(self.failed.lock().unwrap().is_empty(), "{:?}", self.failed.lock().unwrap());
        self.good.load(Ordering::SeqCst)
    }
}

/// Answers at `/`, keeps `/upload` waiting for its body, and sends back what comes after an upgrade.
fn server() -> Server {
    Server::start(|head, stream| {
        if head.headers.contains_key("upgrade") {
            let out = stream.get_mut();
            let _ = out.write_all(b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                let _ = stream.get_mut().write_all(&buffer[..read]);
            }
            return false;
        }
        let mut length = 0;
        body(head, stream, |piece| length += piece.len());
        respond(stream, 200, "", length.to_string().as_bytes());
        true
    })
}

/// A proxy whose listener has an address that it must not lose, in front of this server.
fn proxy(server: &Server) -> Proxy {
    let proxy = Proxy::start();
    let mut table = table(1, &[&server.address]);
    table.listen = nobody();
    table.drain = Millis(60_000);
    proxy.switch(table);
    proxy
}

fn ended(mut old: Child) {
    until("the old process ends", || old.try_wait().unwrap().map(|status| assert!(status.success(), "{status}")));
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

const FRAME: &[u8] = b"\x81\x05hello";

fn websocket(proxy: &Proxy) -> Connection {
    let mut socket = proxy.connect();
    socket.write("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    assert_eq!(socket.head().unwrap().status, 101);
    echo(&mut socket);
    socket
}

fn echo(socket: &mut Connection) {
    socket.write(FRAME);
    let mut back = [0; FRAME.len()];
    socket.stream.read_exact(&mut back).unwrap();
    assert_eq!(back, FRAME);
}

#[test]
fn five_hand_overs_lose_no_request_no_websocket_no_upload_and_no_count() {
    let server = server();
    let mut proxy = proxy(&server);
    let Response::Counts { boot, .. } = proxy.ask(&Request::Counts) else { panic!("no counts") };
    let load = Load::start(&proxy.address());
    let mut socket = websocket(&proxy);
    let mut upload = proxy.connect();
    let piece = vec![7; 10_000];
    upload.write("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
    let mut old = Vec::new();
    for _ in 0..5 {
        upload.write(&piece);
        old.push(proxy.hand_over());
        load.more(200);
        echo(&mut socket);
    }
    upload.write(&piece);
    assert_eq!(upload.read().unwrap().text(), "60000");
    drop(socket);
    let good = load.end();
    old.into_iter().for_each(ended);
    until("all is counted", || {
        let counts = proxy.counts(1);
        (counts.current.requests == good + 2 && counts.open == 0).then_some(())
    });
    // The judge sees one and the same counting.
    assert!(matches!(proxy.ask(&Request::Counts), Response::Counts { boot: now, .. } if now == boot));
}

#[test]
fn what_was_ordered_stands_and_the_old_process_does_what_the_new_one_is_told() {
    let (one, two) = (server(), server());
    let mut proxy = proxy(&one);
    proxy.canary(2, &two.address, 50, 600_000);
    proxy.order(&Request::Witness { seq: 7, hash: "abc".to_owned() });
    let mut clients: Vec<_> = (0..30)
        .map(|_| {
            let mut client = proxy.connect();
            let reply = client.get("/");
            (client, reply.cookie().unwrap(), reply.release())
        })
        .collect();
    let before = proxy.status();
    // The upload comes from a client of release 1, so that it is known where it goes.
    let of_one = |(_, cookie, release): &(_, String, _)| (*release == Some(1)).then(|| cookie.clone());
    let cookie = clients.iter().find_map(of_one).expect("one of thirty stayed");
    let mut upload = proxy.connect();
    upload.write(format!("POST /upload HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 4\r\n\r\nab"));
    until("the upload is open", || (proxy.counts(1).open == 1).then_some(()));
    let old = proxy.hand_over();
    let after = proxy.status();
    assert_ne!(after.pid, before.pid);
    assert_eq!(
        (after.table.clone(), after.percent, after.candidate, after.epoch, after.witness),
        (before.table, 50, Some(ReleaseNumber(2)), EPOCH, before.witness)
    );
    // By the old process and by the new one everybody stays on the same side.
    for (client, cookie, release) in &mut clients {
        let header = format!("Cookie: {cookie}\r\n");
        assert_eq!(client.get_with("/", &header).release(), *release);
        assert_eq!(proxy.connect().get_with("/", &header).release(), *release);
    }
    // Connections that were kept are told to go with their next answer, so that new ones are needed to be served by the old process.
    let mut table = after.table.unwrap();
    table.current.insert(web(), set(2, &[&two.address]));
    proxy.switch(table);
    let drained = thread::spawn({
        let socket = proxy.socket();
        move || {
            let mut client = sternway_wire::Client::connect(&socket, Duration::from_mins(1)).unwrap();
            client.ask::<_, Response>(&Request::Drained { release: ReleaseNumber(1) }).unwrap()
        }
    });
    until("the old process's request shows", || (proxy.counts(1).open == 1).then_some(()));
    assert!(!drained.is_finished());
    upload.write("cd");
    assert_eq!(
        (upload.read().unwrap().text().as_str(), drained.join().unwrap()),
        ("4", Response::Drained { closed: 0 })
    );
    drop(upload);
    drop(clients);
    ended(old);
}

#[test]
fn a_hold_goes_over_and_its_end_reaches_who_waits_at_the_old_process() {
    let server = server();
    let mut proxy = proxy(&server);
    let mut waiting = proxy.connect();
    proxy.order(&Request::Hold { epoch: EPOCH, limit: Millis(600_000) });
    waiting.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("it waits", || (proxy.status().held == Some(1)).then_some(()));
    let old = proxy.hand_over();
    let mut later = proxy.connect();
    later.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    until("both wait", || (proxy.status().held == Some(1)).then_some(()));
    proxy.order(&Request::Release { epoch: Epoch(2) });
    for client in [&mut waiting, &mut later] {
        assert_eq!(client.read().unwrap().status, 200);
    }
    drop((waiting, later));
    ended(old);
}

/// A new process that takes part in a hand-over up to a point.
struct Half {
    input: BufReader<UnixStream>,
}

impl Half {
    fn ask(proxy: &Proxy) -> Self {
        let stream = UnixStream::connect(proxy.socket()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut half = Self { input: BufReader::new(stream) };
        half.say("{\"hand_over\":{\"format\":1}}");
        half
    }

    fn say(&mut self, line: &str) {
        self.input.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.input.read_line(&mut line).unwrap();
        line
    }
}

#[test]
fn a_new_process_that_dies_at_any_point_before_it_serves_changes_nothing() {
    let server = server();
    let mut proxy = proxy(&server);
    let load = Load::start(&proxy.address());
    let mut socket = websocket(&proxy);
    for point in 0..4 {
        let mut half = Half::ask(&proxy);
        if point > 0 {
            assert!(half.line().starts_with("{\"offer\":"));
        }
        if point > 1 {
            half.say("\"sockets\"");
            // The open files go with this byte, and are dropped.
            half.input.read_exact(&mut [0]).unwrap();
        }
        if point > 2 {
            half.say("\"ready\"");
            assert_eq!(half.line(), "\"go\"\n");
        }
        drop(half);
        load.more(50);
        assert_eq!(proxy.status().pid, proxy.pid());
        proxy.order(&Request::Release { epoch: Epoch(point + 2) });
    }
    echo(&mut socket);
    load.end();
    let old = proxy.hand_over();
    echo(&mut socket);
    drop(socket);
    ended(old);
}

#[test]
fn new_processes_that_are_killed_at_any_moment_leave_somebody_who_serves() {
    let server = server();
    let mut proxy = proxy(&server);
    let address = proxy.address();
    let mut socket = websocket(&proxy);
    for round in 0..10 {
        let mut new = proxy.another();
        let unnamed = proxy.folder.join("admin.sock.new");
        until("it has come so far", || match round % 3 {
            0 => Some(()),
            1 => (unnamed.exists() || proxy.status_now()?.pid == new.id()).then_some(()),
            _ => (proxy.status_now()?.pid == new.id()).then_some(()),
        });
        new.kill().unwrap();
        new.wait().unwrap();
        // Never refused: the socket is open in one of the two at each moment.
        let mut client = Connection::open(&address);
        let status = until("somebody serves", || proxy.status_now());
        assert_eq!(status.pid, proxy.pid(), "the first process serves again");
        // What the killed one had accepted is lost with it.
        if client.try_get("/", "").is_err() {
            assert_eq!(Connection::open(&address).get("/").status, 200);
        }
        proxy.order(&Request::Release { epoch: Epoch(round + 2) });
        echo(&mut socket);
    }
    let old = proxy.hand_over();
    assert_eq!(proxy.connect().get("/").status, 200);
    drop(socket);
    ended(old);
}

#[test]
fn an_old_process_that_dies_while_it_is_asked_leaves_the_state_to_the_new_one() {
    let server = server();
    let mut proxy = proxy(&server);
    let address = proxy.address();
    for at_the_end in [false, true, true, true] {
        let pid = proxy.pid().to_string();
        if !at_the_end {
            assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
        }
        let mut new = proxy.another();
        if at_the_end {
            let sock = proxy.folder.join("admin.sock.new");
            until("it has come so far", || (sock.exists() || proxy.status_now()?.pid == new.id()).then_some(()));
        }
        proxy.kill();
        until("the new process serves", || {
            assert_eq!(new.try_wait().unwrap(), None, "{}", proxy.stderr());
            (proxy.status_now()?.pid == new.id()).then_some(())
        });
        proxy.become_(new);
        assert_eq!((proxy.address(), Connection::open(&address).get("/").status), (address.clone(), 200));
        proxy.order(&Request::Release { epoch: EPOCH });
    }
}

#[test]
fn a_new_process_that_dies_while_the_old_one_drains_is_replaced_by_it() {
    let server = server();
    let mut proxy = proxy(&server);
    let mut socket = websocket(&proxy);
    let old = proxy.hand_over();
    let before = proxy.status();
    let mut table = before.table.unwrap();
    table.login = vec!["/other".to_owned()];
    proxy.order(&Request::Switch { epoch: Epoch(9), table: Some(table.clone()) });
    proxy.kill();
    let status = until("the old process serves again", || proxy.status_now());
    assert_eq!((status.pid, status.epoch, status.table), (old.id(), Epoch(9), Some(table)));
    assert_eq!(proxy.connect().get("/").status, 200);
    proxy.become_(old);
    let old = proxy.hand_over();
    assert_eq!(proxy.connect().get("/").status, 200);
    echo(&mut socket);
    drop(socket);
    ended(old);
}

#[test]
fn of_two_new_processes_one_wins_and_the_other_is_told() {
    let server = server();
    let mut proxy = proxy(&server);
    let mut half = Half::ask(&proxy);
    assert!(half.line().starts_with("{\"offer\":"));
    let mut second = proxy.another();
    let status = until("the second one has ended", || second.try_wait().unwrap());
    assert!(!status.success());
    assert!(proxy.stderr().contains("another process is taking over at this moment"), "{}", proxy.stderr());
    drop(half);
    // Without a helping hand: whoever comes first.
    let (mut one, mut two) = (proxy.another(), proxy.another());
    let winner = until("one of them serves", || {
        let pid = proxy.status_now()?.pid;
        (pid == one.id() || pid == two.id()).then_some(pid)
    });
    assert_eq!(proxy.connect().get("/").status, 200);
    until("the first process ends", || proxy.has_ended());
    // The other one was told, or took over in its turn.
    until("one is left", || {
        let left = [&mut one, &mut two].map(|child| child.try_wait().unwrap().is_none());
        (left != [true, true]).then_some(winner)
    });
    let (left, gone) = if one.try_wait().unwrap().is_none() { (one, two) } else { (two, one) };
    drop(gone);
    proxy.become_(left);
    assert_eq!(proxy.connect().get("/").status, 200);
}

#[test]
fn a_proxy_that_cannot_hand_over_goes_on_and_the_new_one_says_so() {
    let server = server();
    let mut proxy = proxy(&server);
    // How a version before hand-overs answers: it does not know the request.
    let answer = proxy_answer(&proxy, "{\"take_it\":{}}");
    assert!(
        matches!(&answer, Response::Refused { why: Refusal::Invalid(why) } if why.starts_with("the request is not understood"))
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("state")).unwrap();
    let lock = std::fs::File::create(folder.path().join("state/lock")).unwrap();
    lock.lock().unwrap();
    let listener = std::os::unix::net::UnixListener::bind(folder.path().join("admin.sock")).unwrap();
    let line = serde_json::to_string(&answer).unwrap();
    let old = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut asked).unwrap();
        stream.write_all(format!("{line}\n").as_bytes()).unwrap();
        asked
    });
    let options = sternway_proxy::Options {
        state: folder.path().join("state"),
        socket: folder.path().join("admin.sock"),
        environment: "test".to_owned(),
        metrics: None,
    };
    let error = sternway_proxy::run(options).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("of a version that cannot hand over"), "{error}: {source}");
    assert!(old.join().unwrap().contains("hand_over"));
    // One that knows only formats of before.
    let answer = proxy_answer(&proxy, "{\"hand_over\":{\"format\":0}}");
    assert!(matches!(answer, Response::Refused { .. }), "{answer:?}");
    assert_eq!(proxy.connect().get("/").status, 200);
    let old = proxy.hand_over();
    ended(old);
}

fn proxy_answer(proxy: &Proxy, line: &str) -> Response {
    let mut stream = UnixStream::connect(proxy.socket()).unwrap();
    stream.write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_proxy_that_is_told_to_end_takes_the_draining_one_with_it() {
    let server = server();
    let mut proxy = proxy(&server);
    let address = proxy.address();
    let mut socket = websocket(&proxy);
    let old = proxy.hand_over();
    proxy.terminate();
    until("it has ended", || proxy.has_ended().map(|well| assert!(well)));
    // Nobody listens, nobody has the state, and what was open goes on.
    until("the address is free", || TcpStream::connect(&address).is_err().then_some(()));
    echo(&mut socket);
    let new = proxy.another();
    proxy.become_(new);
    until("another proxy starts", || (proxy.status_now()?.pid == proxy.pid()).then_some(()));
    assert_eq!(Connection::open(&address).get("/").status, 200);
    drop(socket);
    kill(old);
}
