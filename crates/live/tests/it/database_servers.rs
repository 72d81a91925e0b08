//! PostgreSQL and MariaDB, started for one test and stopped with it.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::certificates::Certificate;
use crate::servers::{Process, free_port, until};

pub(crate) const PASSWORD: &str = "pa55-of-the-database";

pub(crate) struct Server {
    pub(crate) port: u16,
    _process: Process,
    _dir: tempfile::TempDir,
}

/// The newest PostgreSQL that is installed.
fn postgres_bin() -> PathBuf {
    let mut found: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path().join("bin")).collect();
    found.sort();
    found.pop().unwrap()
}

/// A command as somebody who is not root, where root types: database servers refuse to run as root.
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

fn give(path: &Path, user: &str) {
    if is_root() {
        let id = |flag| run(Command::new("id").args([flag, user])).trim().parse().ok();
        chown(path, id("-u"), id("-g")).unwrap();
    }
}

/// A folder that this user may write.
fn folder_of(user: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    give(dir.path(), user);
    dir
}

/// A certificate and its key where this user may read them, and nobody else.
fn copied(certificate: &Certificate, dir: &Path, user: &str) -> [String; 2] {
    [(&certificate.certificate, "server.crt"), (&certificate.key, "server.key")].map(|(from, name)| {
        let to = dir.join(name);
        fs::copy(from, &to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        give(&to, user);
        to.to_str().unwrap().to_owned()
    })
}

#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn started(mut process: Process, port: u16, dir: tempfile::TempDir) -> Server {
    until("the server answers", || {
        assert!(process.0.try_wait().unwrap().is_none(), "the server ended");
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    Server { port, _process: process, _dir: dir }
}

pub(crate) fn postgres() -> Server {
    postgres_with(None, "")
}

/// One that encrypts, if it has a certificate; `rules` stand before its own in pg_hba.conf.
pub(crate) fn postgres_with(certificate: Option<&Certificate>, rules: &str) -> Server {
    let (dir, port, bin) = (folder_of("postgres"), free_port(), postgres_bin());
    let data = dir.path().join("data");
    let password = dir.path().join("password");
    fs::write(&password, PASSWORD).unwrap();
    let mut initdb = as_user("postgres", &bin.join("initdb"));
    initdb.args(["--no-sync", "-U", "shop", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"]);
    run(initdb.arg("--pwfile").arg(&password).arg("-D").arg(&data).current_dir(dir.path()));
    let hba = data.join("pg_hba.conf");
    fs::write(&hba, format!("{rules}{}", fs::read_to_string(&hba).unwrap())).unwrap();
    let mut command = as_user("postgres", &bin.join("postgres"));
    command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
    if let Some(certificate) = certificate {
        let [certificate, key] = copied(certificate, dir.path(), "postgres");
        command.args([
            "-c",
            "ssl=on",
            "-c",
            &format!("ssl_cert_file={certificate}"),
            "-c",
            &format!("ssl_key_file={key}"),
        ]);
    }
    command.arg("-k").arg(dir.path()).current_dir(dir.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let server = started(Process(command.spawn().unwrap()), port, dir);
    // It listens before it takes logins.
    until("PostgreSQL is ready", || {
        let mut ready = Command::new(bin.join("pg_isready"));
        ready.args(["-h", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).status().unwrap().success()
    });
    server
}

pub(crate) fn mariadb() -> Server {
    mariadb_with(None, &[])
}

/// One that encrypts, if it has a certificate. Its users: `shop` with a password, `open` with none.
pub(crate) fn mariadb_with(certificate: Option<&Certificate>, options: &[&str]) -> Server {
    let (dir, port) = (folder_of("mysql"), free_port());
    let data = dir.path().join("data");
    let mut install = as_user("mysql", Path::new("mariadb-install-db"));
    run(install.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg("--skip-test-db"));
    let setup = dir.path().join("setup.sql");
    let sql = format!(
        "CREATE DATABASE shop;\nCREATE USER 'shop'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON shop.* TO 'shop'@'%';\n\
         CREATE USER 'open'@'%';\nGRANT ALL ON shop.* TO 'open'@'%';\n"
    );
    fs::write(&setup, sql).unwrap();
    let mut command = as_user("mysql", Path::new("mariadbd"));
    command.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--port={port}"));
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve"]).args(options);
    if let Some(certificate) = certificate {
        let [certificate, key] = copied(certificate, dir.path(), "mysql");
        command.args([format!("--ssl-cert={certificate}"), format!("--ssl-key={key}")]);
    }
    command.arg(format!("--socket={}", dir.path().join("s.sock").display()));
    command.arg(format!("--init-file={}", setup.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    started(Process(command.spawn().unwrap()), port, dir)
}
