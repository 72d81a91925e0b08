//! The application that the tests ship. Sternway starts it as this very test binary, and it is told by its environment how to behave:
//!
//! - `PORT`: where it listens, by default what Sternway gives;
//! - `STATUS`: what `/account` answers (by default 200);
//! - `START_DELAY`: milliseconds before it listens;
//! - `ECHO`: prints its whole environment and ends with status 3, as frameworks do that fail to start.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The shell command that starts it.
pub(crate) fn command() -> String {
    let own = std::env::current_exe().unwrap();
    format!("exec '{}' app::serve --exact --ignored --nocapture", own.display())
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
#[expect(clippy::exit, reason = "a process of its own")]
#[ignore = "started by other tests as a process of its own"]
fn serve() {
    if setting("ECHO").is_some() {
        for (name, value) in std::env::vars() {
            println!("{name}={value}");
        }
        std::process::exit(3);
    }
    let delay = setting("START_DELAY").map_or(0, |delay| delay.parse().unwrap());
    thread::sleep(Duration::from_millis(delay));
    let port: u16 = setting("OWN_PORT").or_else(|| setting("PORT")).unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for stream in listener.incoming().flatten() {
        thread::spawn(move || converse(stream));
    }
}

fn converse(stream: TcpStream) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while answer(&mut reader, &mut writer).is_ok_and(|go_on| go_on) {}
}

/// Answers one request; says whether another may come.
fn answer(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> std::io::Result<bool> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(false);
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let (mut length, mut chunked, mut upgrade) = (0_u64, false, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        upgrade |= line.starts_with("upgrade:");
    }
    if upgrade {
        writer.write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")?;
        std::io::copy(reader, writer)?;
        return Ok(false);
    }
    let received = if chunked { read_chunks(reader)? } else { discard(reader, length)? };
    let release = setting("STERNWAY_RELEASE").unwrap_or_default();
    let version = std::fs::read_to_string("version.txt").unwrap_or_default();
    let (status, body) = match path.as_str() {
        "/hang" => loop {
            thread::park();
        },
        "/up" => (200, "up".to_owned()),
        "/account" => (setting("STATUS").map_or(200, |status| status.parse().unwrap()), format!("release {release}")),
        "/upload" => (200, received.to_string()),
        "/greeting" => (200, setting("GREETING").unwrap_or_default()),
        "/shared" => (200, std::fs::read_to_string("uploads/file.txt").unwrap_or_else(|error| error.to_string())),
        "/share" => {
            std::fs::write("uploads/file.txt", "kept")?;
            (200, "written".to_owned())
        }
        _ => (200, format!("hello from release {release}, version {}", version.trim())),
    };
    write!(writer, "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    Ok(true)
}

fn discard(reader: &mut impl Read, length: u64) -> std::io::Result<u64> {
    std::io::copy(&mut reader.take(length), &mut std::io::sink())
}

fn read_chunks(reader: &mut BufReader<TcpStream>) -> std::io::Result<u64> {
    let mut received = 0;
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim(), 16).map_err(std::io::Error::other)?;
        received += discard(reader, size)?;
        reader.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(received);
        }
    }
}
