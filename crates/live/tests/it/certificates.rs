//! Certificates, made by `openssl` for one test.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::database_servers::run;

/// Somebody who vouches for servers.
pub(crate) struct Authority {
    dir: tempfile::TempDir,
}

/// A server's certificate and its key.
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// How long a certificate is good.
#[derive(Clone, Copy)]
pub(crate) enum Good {
    Now,
    LongAgo,
    NotYet,
}

const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

const CONFIG: &str = "[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n\
                      policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n";

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { dir: tempfile::tempdir().unwrap() };
        fs::write(authority.path("openssl.cnf"), CONFIG).unwrap();
        fs::write(authority.path("index.txt"), "").unwrap();
        fs::write(authority.path("serial"), "01\n").unwrap();
        let mut command = authority.openssl("req");
        command
            .args(["-x509", "-days", "30", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"])
            .args(NEW_KEY);
        run(command.args(["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]));
        authority
    }

    /// The file that a client believes.
    pub(crate) fn file(&self) -> String {
        self.path("ca.pem").to_str().unwrap().to_owned()
    }

    /// A certificate of a server with these names (`DNS:localhost,IP:127.0.0.1`); without any it has a common name only.
    pub(crate) fn vouch(&self, names: &str, good: Good) -> Certificate {
        let names = if names.is_empty() { String::new() } else { format!("subjectAltName={names}\n") };
        self.issue(&format!("{names}extendedKeyUsage=serverAuth\n"), good)
    }

    /// One that a client shows of itself.
    pub(crate) fn vouch_for_client(&self) -> Certificate {
        self.issue("extendedKeyUsage=clientAuth\n", Good::Now)
    }

    fn issue(&self, extensions: &str, good: Good) -> Certificate {
        fs::write(self.path("extensions"), extensions).unwrap();
        let mut request = self.openssl("req");
        run(request.args(["-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"]).args(NEW_KEY));
        let (from, until) = match good {
            Good::Now => ("20200101000000Z", "20491231000000Z"),
            Good::LongAgo => ("20200101000000Z", "20200201000000Z"),
            Good::NotYet => ("20480101000000Z", "20491231000000Z"),
        };
        let mut sign = self.openssl("ca");
        sign.args(["-batch", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext"]);
        sign.args(["-in", "server.csr", "-out", "server.pem", "-startdate", from, "-enddate", until]);
        run(sign.args(["-extfile", "extensions"]));
        // The next one has other files.
        let serial = fs::read_to_string(self.path("serial")).unwrap();
        let named = |end: &str| self.path(&format!("{}.{end}", serial.trim()));
        fs::rename(self.path("server.key"), named("key")).unwrap();
        fs::rename(self.path("server.pem"), named("crt")).unwrap();
        Certificate { certificate: named("crt"), key: named("key") }
    }

    fn openssl(&self, what: &str) -> Command {
        let mut command = Command::new("openssl");
        command.arg(what).current_dir(self.dir.path());
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
