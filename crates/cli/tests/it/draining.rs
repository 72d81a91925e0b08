//! Back while the old release still drains after the commit: nothing waits for the drain, and the old release was never stopped.

use std::io::{Read as _, Write as _};

use super::http::Connection;
use super::journal::Journal;
use super::project::{CHECK, Project, finish};

/// A user's connection that stays open.
struct Socket(Connection);

impl Socket {
    fn open(project: &Project) -> Self {
        let mut socket = Connection::open(project.listen).unwrap();
        socket
            .send("GET /socket HTTP/1.1\r\nhost: shop.example\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            .unwrap();
        let head = socket.head().unwrap();
        assert_eq!((head.status, head.release()), (101, Some(1)));
        Self(socket)
    }

    fn echoes(&mut self, text: &[u8]) {
        self.0.stream.get_mut().write_all(text).unwrap();
        let mut back = vec![0; text.len()];
        self.0.stream.read_exact(&mut back).unwrap();
        assert_eq!(back, text);
    }
}

/// Release 2 is committed, and release 1 drains for ten minutes or until the socket is closed.
fn draining() -> (Project, Journal, Socket, u32) {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK).replace("drain = \"3s\"", "drain = \"10m\"");
    project.write("sternway.toml", &text);
    project.ship();
    let old = project.instance(1, "pid").unwrap();
    let socket = Socket::open(&project);
    project.version("2");
    project.run(&["ship", "production", "--detach"]).exits(0);
    let journal = Journal::follow(&project);
    journal.wait_for_step(2, "retire");
    project.serves(2);
    (project, journal, socket, old)
}

#[test]
fn a_rollback_while_the_old_release_drains_goes_back_at_once_to_what_is_still_warm() {
    let (project, journal, mut socket, old) = draining();
    finish(project.start(&["rollback", "production", "--reason", "at 3 a.m."])).exits(0);
    project.rests_on(1);
    assert_eq!(project.instance(1, "pid"), Some(old), "it was never stopped");
    socket.echoes(b"nor was this closed");
    assert_eq!(journal.wait_for_end(2), "committed");
    assert_eq!(journal.wait_for_end(3), "committed");
    project.logbook_is_intact();
}

#[test]
fn of_two_people_who_go_back_while_it_drains_one_opens_the_way_and_both_get_there() {
    let (project, _journal, _socket, old) = draining();
    let both = [(); 2].map(|()| project.start(&["rollback", "production"]));
    for one in both {
        finish(one).exits(0);
    }
    project.rests_on(1);
    assert_eq!(project.instance(1, "pid"), Some(old));
    let opened = project.run(&["log", "--json", "--all"]).exits(0);
    assert_eq!(opened.out.matches("\"kind\":\"rollback\"").count(), 1, "{}", opened.out);
    project.logbook_is_intact();
}

#[test]
fn a_rollback_while_it_drains_goes_on_when_serve_dies() {
    let (project, journal, _socket, _) = draining();
    let serve = project.part("serve");
    super::processes::kill(serve);
    finish(project.start(&["rollback", "production"])).exits(0);
    assert_eq!(journal.wait_for_end(3), "committed");
    project.rests_on(1);
    project.logbook_is_intact();
}
