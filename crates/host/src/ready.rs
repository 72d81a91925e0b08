//! One look at whether an instance is ready.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use sternway_core::release::Ready;

/// A service that takes longer to answer its readiness check is asked again.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// What one look saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    Ready,
    /// Not yet, and what was seen instead.
    NotYet(String),
}

/// Looks once, at an instance that has been alive for this long.
pub(crate) fn look(ready: &Ready, port: Option<u16>, alive: Duration) -> Look {
    match (ready, port) {
        (Ready::Alive(least), _) if alive >= least.duration() => Look::Ready,
        (Ready::Alive(least), _) => Look::NotYet(format!("it has not stayed alive for {least} yet")),
        (Ready::Tcp, Some(port)) => connect(port).map_or_else(Look::NotYet, |_| Look::Ready),
        (Ready::Http(path), Some(port)) => match get(path, port) {
            Ok(200..=399) => Look::Ready,
            Ok(status) => Look::NotYet(format!("GET {path} answered with status {status}")),
            Err(seen) => Look::NotYet(seen),
        },
        (Ready::Tcp | Ready::Http(_), None) => Look::NotYet("it has no port to ask".to_owned()),
    }
}

fn connect(port: u16) -> Result<TcpStream, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, ANSWER_LIMIT).map_err(|error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => format!("nothing listens on 127.0.0.1:{port}"),
        _ => format!("127.0.0.1:{port} cannot be reached: {error}"),
    })
}

/// The status of an HTTP/1.1 answer.
fn get(path: &str, port: u16) -> Result<u16, String> {
    let mut stream = connect(port)?;
    let unanswered = |error: std::io::Error| format!("GET {path} got no answer: {error}");
    stream.set_read_timeout(Some(ANSWER_LIMIT)).map_err(unanswered)?;
    stream.set_write_timeout(Some(ANSWER_LIMIT)).map_err(unanswered)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: sternway-ready\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(unanswered)?;
    let mut line = Vec::new();
    // No status line is longer; what is longer is not HTTP.
    BufReader::new(stream).take(1024).read_until(b'\n', &mut line).map_err(unanswered)?;
    let line = String::from_utf8_lossy(&line);
    line.strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_ascii_whitespace().nth(1)?.parse().ok())
        .ok_or_else(|| format!("GET {path} got an answer that is not HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use sternway_core::time::Millis;

    fn answering(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let _read = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn only_200_to_399_is_ready() {
        let up = |answer| look(&Ready::Http("/up".to_owned()), Some(answering(answer)), Duration::ZERO);
        assert_eq!(up("HTTP/1.1 200 OK\r\n\r\n"), Look::Ready);
        assert_eq!(up("HTTP/1.0 302 Found\r\n\r\n"), Look::Ready);
        assert_eq!(
            up("HTTP/1.1 503 Service Unavailable\r\n\r\n"),
            Look::NotYet("GET /up answered with status 503".to_owned())
        );
        assert!(matches!(up("SSH-2.0-OpenSSH\r\n"), Look::NotYet(_)));
    }

    #[test]
    fn alive_needs_its_time() {
        let ready = Ready::Alive(Millis(500));
        assert!(matches!(look(&ready, None, Duration::from_millis(499)), Look::NotYet(_)));
        assert_eq!(look(&ready, None, Duration::from_millis(500)), Look::Ready);
    }
}
