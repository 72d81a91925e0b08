//! A service: a real HTTP server of a few lines, one thread a connection.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) seen: Arc<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
    stopped: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// A request's head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
}

impl Head {
    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }
}

/// The connection, from which the handler reads the body and to which it writes the response.
pub(crate) type Stream = BufReader<TcpStream>;

impl Server {
    /// Starts a server; the handler answers each request and says whether the connection stays.
    pub(crate) fn start(handler: impl Fn(&Head, &mut Stream) -> bool + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), handler)
    }

    pub(crate) fn start_at(
        address: SocketAddr,
        handler: impl Fn(&Head, &mut Stream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Seen::default());
        let (handler, mine) = (Arc::new(handler), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if mine.stopped.load(Ordering::SeqCst) {
                    return;
                }
                mine.connections.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                mine.open.lock().unwrap().push(stream.try_clone().unwrap());
                let (handler, mine) = (Arc::clone(&handler), Arc::clone(&mine));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some(head) = head(&mut stream) {
                        mine.requests.fetch_add(1, Ordering::SeqCst);
                        if !handler(&head, &mut stream) {
                            break;
                        }
                    }
                    let _ = stream.get_ref().shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, seen }
    }

    /// A server that answers every request with its name.
    pub(crate) fn named(name: &'static str) -> Self {
        Self::start(move |_, stream| {
            respond(stream, 200, "", name.as_bytes());
            true
        })
    }

    /// A server that answers every request with the status in its path, `/404`, and `/` with 200.
    pub(crate) fn statuses() -> Self {
        Self::start(|head, stream| {
            let status = head.path()[1..].split(['?', '/']).next().unwrap().parse().unwrap_or(200);
            let location = head.headers.get("x-location").map_or(String::new(), |to| format!("Location: {to}\r\n"));
            respond(stream, status, &location, b"");
            true
        })
    }

    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Ends it as a killed process ends: listener and connections are gone.
    pub(crate) fn stop(&self) {
        self.seen.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        for stream in self.seen.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        crate::proxy::until("the server is gone", || TcpStream::connect(&self.address).is_err().then_some(()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.seen.stopped.load(Ordering::SeqCst) {
            self.stop();
        }
    }
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn head(stream: &mut Stream) -> Option<Head> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let pair = |line: String| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Some(Head { line, headers: lines.filter_map(pair).collect() })
}

pub(crate) fn respond(stream: &mut Stream, status: u16, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    let _ = stream.get_mut().write_all(&[head.as_bytes(), body].concat());
}

/// Reads a body in pieces, chunked or of known length, until `piece` has had all of it.
pub(crate) fn body(head: &Head, stream: &mut Stream, mut piece: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    let mut take = |stream: &mut Stream, mut left: usize, piece: &mut dyn FnMut(&[u8])| {
        while left > 0 {
            let most = left.min(buffer.len());
            let read = stream.read(&mut buffer[..most]).unwrap();
            assert!(read > 0, "the body was cut off");
            piece(&buffer[..read]);
            left -= read;
        }
    };
    if let Some(length) = head.headers.get("content-length") {
        return take(stream, length.parse().unwrap(), &mut piece);
    }
    if head.headers.contains_key("transfer-encoding") {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            take(stream, size, &mut piece);
            stream.read_line(&mut String::new()).unwrap();
            if size == 0 {
                return;
            }
        }
    }
}
