//! What lasts longer than a switch.

use std::io::{Read as _, Write as _};

use super::http::Connection;
use super::journal::Journal;
use super::project::{CHECK, Project, finish};

/// Release 1 serves, and releases have half a minute to finish what is open.
fn with_a_long_drain() -> Project {
    let project = Project::new();
    project
        .write("sternway.toml", &project.toml(&Project::web(), "", CHECK).replace("drain = \"3s\"", "drain = \"60s\""));
    project.ship();
    project.version("2");
    project
}

#[test]
fn a_websocket_survives_the_switch_until_its_side_is_done() {
    let project = with_a_long_drain();
    let mut socket = Connection::open(project.listen).unwrap();
    socket
        .send("GET /socket HTTP/1.1\r\nhost: shop.example\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
        .unwrap();
    let head = socket.head().unwrap();
    assert_eq!((head.status, head.release()), (101, Some(1)));
    let mut echo = |text: &[u8]| {
        socket.stream.get_mut().write_all(text).unwrap();
        let mut back = vec![0; text.len()];
        socket.stream.read_exact(&mut back).unwrap();
        assert_eq!(back, text);
    };
    echo(b"before");
    let ship = project.start(&["ship", "production"]);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "bake");
    project.serves(2);
    echo(b"after the switch");
    journal.wait_for_step(2, "retire");
    echo(b"while it drains");
    drop(socket);
    let ended = finish(ship).exits(0);
    assert!(ended.out.contains("drained and stopped"), "{}", ended.out);
    project.rests_on(2);
}

#[test]
fn an_upload_of_a_hundred_megabytes_survives_the_switch() {
    const SIZE: usize = 100 << 20;
    let project = with_a_long_drain();
    let mut upload = Connection::open(project.listen).unwrap();
    upload.send(&format!("POST /upload HTTP/1.1\r\nhost: shop.example\r\ncontent-length: {SIZE}\r\n\r\n")).unwrap();
    let half = vec![7; SIZE / 2];
    upload.stream.get_mut().write_all(&half).unwrap();
    let ship = project.start(&["ship", "production"]);
    Journal::follow(&project).wait_for_step(2, "bake");
    project.serves(2);
    upload.stream.get_mut().write_all(&half).unwrap();
    let answer = upload.response().unwrap();
    assert_eq!((answer.status, answer.release(), answer.text()), (200, Some(1), SIZE.to_string()));
    finish(ship).exits(0);
    project.rests_on(2);
}
