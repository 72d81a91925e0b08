//! `check --live`, typed by a person: what is proven, what is found, and that nothing of a value is said.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use super::project::{CHECK, Project};
use super::until::until_true;

const PASSWORD: &str = "pa55-of-the-sessions";

/// A Redis with a password, on a free loopback port, without a disk.
struct Redis {
    port: u16,
    process: Child,
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

fn redis(project: &Project) -> Redis {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "127.0.0.2", "--save", ""]);
    command.args(["--requirepass", PASSWORD]).arg("--dir").arg(project.root());
    let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until_true("redis-server answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    Redis { port, process }
}

#[test]
fn two_services_are_proven_to_share_sessions_and_a_wrong_database_blocks() {
    let project = Project::new();
    let redis = redis(&project);
    let queue =
        "[services.queue]\npath = \"web\"\nkind = \"worker\"\nready = \"alive:100ms\"\nrun = \"exec sleep 1000\"\n";
    let agree = "[[agreements]]\nname = \"sessions\"\nsession = [\"web\", \"queue\"]\n\n";
    let text = project.toml(&(Project::web() + queue), "", &format!("{agree}{CHECK}"));
    let text =
        text.replace("web = [\"dotenv:web.env\"]\n", "web = [\"dotenv:web.env\"]\nqueue = [\"dotenv:queue.env\"]\n");
    project.write("sternway.toml", &text);
    let value = |host: &str, database: u32, password: &str| {
        format!("SESSION_SAVE_PATH=tcp://{host}:{}?database={database}&auth={password}\n", redis.port)
    };
    project.write("web.env", &format!("GREETING=good day\n{}", value("127.0.0.1", 1, PASSWORD)));
    // One server by two names: the texts differ, and the proof answers that.
    project.write("queue.env", &value("127.0.0.2", 1, PASSWORD));
    let proven = project.run(&["check", "production", "--live"]).exits(0);
    let proven = proven.says("proven live: 2 connections, 1 session proof");
    // Another database: found by the proof, too, with the place of the value.
    project.write("queue.env", &value("127.0.0.1", 2, PASSWORD));
    let apart = project.run(&["check", "production", "--live"]).exits(10).says("S0255").says("queue.env:1:1");
    // No baseline accepts that, whoever wrote it: a proof is of today.
    let file = project.dir.join("accepted.json");
    let file = file.to_str().unwrap();
    let by_hand = |subject: &str| {
        format!(
            r#"{{"format":1,"about":"production","accepted":[{{"code":"S0255","subject":"{subject}","files":["queue.env","web.env"]}}]}}"#
        )
    };
    project.run(&["check", "production", "--live", "--write-baseline", file]).exits(10).says("S0255");
    let accepted = std::fs::read_to_string(file).unwrap();
    assert!(accepted.contains("S02") && !accepted.contains("S025"), "{accepted}");
    let found = project.run(&["check", "production", "--live", "--json"]).exits(10).json();
    let proof = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "S0255").unwrap();
    std::fs::write(file, by_hand(&proof["subject"].as_str().unwrap().replace('"', "\\\""))).unwrap();
    project.run(&["check", "production", "--live", "--baseline", file]).exits(10).says("S0255").says("S0263");
    // A wrong password, in every format.
    project.write("queue.env", &value("127.0.0.1", 1, "wrong-pa55"));
    let mut ran = vec![proven, apart];
    for format in ["human", "json", "sarif", "junit", "github"] {
        ran.push(project.run(&["check", "production", "--live", "--format", format]).exits(10).says("S0252"));
    }
    let port = format!(":{}", redis.port);
    for ran in ran {
        for secret in [PASSWORD, "wrong-pa55", "127.0.0.1:", "127.0.0.2", &port] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} in\n{}\n{}", ran.out, ran.err);
        }
    }
    project.run(&["check", "--live"]).exits(2);
}
