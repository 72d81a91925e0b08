//! `upgrade`: everything of Sternway's own is replaced while users work and releases go on.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::http::Connection;
use super::journal::Journal;
use super::load::Load;
use super::processes;
use super::project::{CHECK, Project, Ran, finish, pid, ran};
use super::until::until;

/// Replaces what runs this very program already, too.
fn upgrade_all(project: &Project) -> Value {
    project.run(&["upgrade", "--all", "--json"]).exits(0).json()
}

/// Whether each part was replaced, by name.
fn replaced(upgraded: &Value) -> Vec<(String, bool)> {
    let parts = upgraded["parts"].as_array().unwrap();
    parts.iter().map(|part| (part["name"].as_str().unwrap().to_owned(), part["replaced"].as_bool().unwrap())).collect()
}

fn each(replaced: bool) -> Vec<(String, bool)> {
    ["agent", "proxy-production", "serve"].map(|name| (name.to_owned(), replaced)).to_vec()
}

/// The processes of production's proxy that run now, also those that only finish what is open.
fn proxies(project: &Project) -> Vec<u32> {
    let of_project = processes::of_folder(&project.state);
    of_project.iter().filter(|one| one.words.contains(" proxy --environment ")).map(|one| one.pid).collect()
}

/// Release 1 serves, and what is open may go on for a minute.
fn with_a_long_drain() -> Project {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK).replace("drain = \"3s\"", "drain = \"60s\"");
    project.write("sternway.toml", &text);
    project.ship();
    project
}

fn echo(socket: &mut Connection) {
    let text = b"\x81\x05hello";
    socket.stream.get_mut().write_all(text).unwrap();
    let mut back = vec![0; text.len()];
    socket.stream.read_exact(&mut back).unwrap();
    assert_eq!(back, text);
}

#[test]
fn five_upgrades_lose_no_request_no_websocket_and_no_upload() {
    let project = with_a_long_drain();
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 200);
    let mut socket = Connection::open(project.listen).unwrap();
    socket
        .send("GET /socket HTTP/1.1\r\nhost: shop.example\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n")
        .unwrap();
    assert_eq!(socket.head().unwrap().status, 101);
    let mut upload = Connection::open(project.listen).unwrap();
    upload.send("POST /upload HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 600000\r\n\r\n").unwrap();
    let piece = vec![7; 100_000];
    let service = project.instance(1, "pid");
    for _ in 0..5 {
        upload.stream.get_mut().write_all(&piece).unwrap();
        let before = ["agent", "proxy-production", "serve"].map(|name| project.part(name));
        assert_eq!(replaced(&upgrade_all(&project)), each(true));
        let after = ["agent", "proxy-production", "serve"].map(|name| project.part(name));
        // The agent becomes another program in place.
        assert!(before[0] == after[0] && before[1] != after[1] && before[2] != after[2], "{before:?} {after:?}");
        echo(&mut socket);
        load.wait_for(1, 200);
    }
    upload.stream.get_mut().write_all(&piece).unwrap();
    assert_eq!(upload.response().unwrap().text(), "600000");
    echo(&mut socket);
    drop((socket, upload));
    assert_eq!(replaced(&project.run(&["upgrade", "--json"]).exits(0).json()), each(false));
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
    assert_eq!(project.instance(1, "pid"), service, "the service was not touched");
    until("the proxies before have ended", || match proxies(&project) {
        left if left.len() == 1 => Ok(()),
        left => Err(left),
    });
    project.rests_on(1);
}

#[test]
fn a_program_at_another_place_takes_over_and_is_left_alone_the_second_time() {
    let project = Project::new();
    project.ship();
    let installed = project.root().join("installed");
    std::fs::copy(env!("CARGO_BIN_EXE_sternway"), &installed).unwrap();
    let upgrade = || -> Ran {
        let mut command = Command::new(&installed);
        command.arg("--state").arg(&project.state).args(["upgrade", "--json"]).stdin(Stdio::null());
        ran(command)
    };
    assert_eq!(replaced(&upgrade().exits(0).json()), each(true));
    assert_eq!(replaced(&upgrade().exits(0).json()), each(false));
    for name in ["agent", "proxy-production", "serve"] {
        let exe = std::fs::read_link(format!("/proc/{}/exe", project.part(name))).unwrap();
        assert_eq!(exe, installed, "{name}");
    }
    project.rests_on(1);
    project.version("2");
    project.ship();
    project.rests_on(2);
}

#[test]
fn a_good_release_commits_although_all_is_replaced_while_it_has_a_share_and_while_it_bakes() {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK).replace("verify = \"1s\"", "verify = \"3s\"");
    project.write("sternway.toml", &text.replace("[10, 100]", "[50, 100]"));
    project.ship();
    let journal = Journal::follow(&project);
    let load = Load::start(project.listen, "/account");
    // Enough that the judge can judge.
    load.wait_for(1, 600);
    for (number, step) in [(2, "verify 50%"), (3, "bake")] {
        project.version(&number.to_string());
        let ship = project.start(&["ship", "production"]);
        journal.wait_for_step(number, step);
        load.wait_for(number, 20);
        upgrade_all(&project);
        assert_eq!(journal.wait_for_end(number), "committed", "{:?}", journal.why_back(number));
        finish(ship).exits(0);
        project.rests_on(number);
        project.logbook_is_intact();
    }
    let seen = load.end();
    assert!(seen.failed.is_empty(), "{:?}", seen.failed);
}

#[test]
fn a_bad_release_goes_back_although_the_proxy_is_replaced_while_it_has_a_share() {
    let project = Project::new();
    let text = project.toml(&Project::web(), "", CHECK);
    let text = text.replace("[10, 100]", "[50, 100]").replace("verify = \"1s\"", "verify = \"5s\"");
    project.write("sternway.toml", &text);
    project.ship();
    let journal = Journal::follow(&project);
    let load = Load::start(project.listen, "/account");
    load.wait_for(1, 600);
    project.write("web.env", "STATUS=401\n");
    let ship = project.start(&["ship", "production"]);
    journal.wait_for_step(2, "shift 50%");
    upgrade_all(&project);
    assert_eq!(journal.wait_for_end(2), "rolled_back");
    finish(ship).exits(11);
    project.rests_on(1);
    project.logbook_is_intact();
    let seen = load.end();
    let strange: Vec<_> = seen.failed.iter().filter(|failure| !failure.starts_with("401 ")).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn whichever_proxy_is_killed_during_an_upgrade_the_next_one_finishes_it() {
    let project = with_a_long_drain();
    for new_one in [false, true, true] {
        let before = project.part("proxy-production");
        let upgrade = project.start(&["upgrade", "--all"]);
        if new_one {
            let new = until("the new process", || {
                let all = proxies(&project);
                all.iter().copied().find(|one| *one != before).ok_or(all)
            });
            processes::kill(new);
        } else {
            processes::kill(before);
        }
        let ended = finish(upgrade);
        assert!([0, 1].contains(&ended.code), "{ended:?}");
        until("users are answered", || match project.get("/") {
            Ok(response) if response.release() == Some(1) => Ok(()),
            other => Err(format!("{other:?}")),
        });
        assert_eq!(replaced(&upgrade_all(&project)), each(true));
        project.rests_on(1);
        until("one proxy is left", || match proxies(&project) {
            left if left == [project.part("proxy-production")] => Ok(()),
            left => Err(left),
        });
    }
}

#[test]
fn an_upgrade_where_nothing_runs_does_nothing_and_one_without_an_agent_starts_it() {
    let project = Project::new();
    project.run(&["upgrade"]).exits(0).says("nothing runs here");
    project.ship();
    let serve = project.status()["parts"].as_array().unwrap().iter().find(|part| part["name"] == "serve").cloned();
    // `serve` would bring the agent back by itself.
    let serve = serve.unwrap();
    for key in ["shim", "pid"] {
        processes::kill(serve[key].as_u64().map(pid).unwrap());
    }
    processes::kill(project.part("agent"));
    project.run(&["upgrade"]).exits(0).says("services were not touched");
    project.rests_on(1);
}
