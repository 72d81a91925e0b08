use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use http::Method;

use super::client::{Ask, Client, NoAnswer};

/// Answers one request on each connection and closes it without saying so, before the second request is answered.
fn one_answer_a_connection() -> (std::net::SocketAddr, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, asked) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, send) = (stream.unwrap(), send.clone());
            thread::spawn(move || {
                let mut reader = BufReader::new(&stream);
                if let Some(line) = read(&mut reader) {
                    let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                    let _ = send.send(line);
                }
                // The next request arrives whole and is dropped without a word.
                let _ = read(&mut reader).map(|line| send.send(line));
            });
        }
    });
    (address, asked)
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    Some(first.trim().to_owned())
}

fn ask(method: Method) -> Ask {
    Ask { method, path: "/", cookies: None, form: String::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_that_nobody_answered_on_a_used_connection_is_sent_again_and_a_post_is_not() {
    let (address, asked) = one_answer_a_connection();
    let mut client = Client::new(address, Duration::from_secs(20));
    for _ in 0..2 {
        let answer = client.send(&ask(Method::GET)).await.unwrap();
        assert_eq!(&answer.body[..], b"ok");
    }
    assert!(matches!(client.send(&ask(Method::POST)).await, Err(NoAnswer::Broken(_))));
    let lines = asked.iter().take(4).collect::<Vec<_>>();
    assert_eq!(lines, ["GET / HTTP/1.1", "GET / HTTP/1.1", "GET / HTTP/1.1", "POST / HTTP/1.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_connection_that_breaks_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let closer = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        read(&mut BufReader::new(&stream));
    });
    let mut client = Client::new(address, Duration::from_secs(20));
    assert!(matches!(client.send(&ask(Method::GET)).await, Err(NoAnswer::Broken(_))));
    closer.join().unwrap();
    // Nobody listens any more.
    assert!(matches!(client.send(&ask(Method::GET)).await, Err(NoAnswer::Connect(_))));
}
