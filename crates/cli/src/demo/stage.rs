//! The demo's folders and processes: a project and a state of its own, away from everything else.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use super::app;
use super::load::LoadHandle;
use super::view::View;
use crate::failure::Failure;
use crate::wiring::parts::program;

/// The demo's stage.
pub(super) struct Stage {
    folder: PathBuf,
    listen: SocketAddr,
    program: PathBuf,
}

/// How shipping a release ended.
pub(super) struct Shipped {
    /// The exit code of `sternway ship`.
    pub(super) exit: i32,
    lines: Vec<String>,
}

impl Shipped {
    /// Whether the step with this name failed.
    pub(super) fn stopped_at(&self, step: &str) -> bool {
        self.lines.iter().any(|line| line.trim_start().starts_with("failed") && line.contains(&format!(" {step} ")))
    }

    /// In the words of the documented exit codes.
    pub(super) fn outcome(&self) -> &'static str {
        match self.exit {
            0 => "committed",
            10 => "blocked",
            11 if self.stopped_at("smoke") => "stopped by smoke",
            11 => "rolled back",
            12 => "held",
            _ => "failed",
        }
    }

    /// Why it went back.
    pub(super) fn cause(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| line.trim_start().strip_prefix("cause:")).map(str::trim)
    }
}

impl Stage {
    /// Makes the folders and writes the project.
    pub(super) fn set() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sternway-demo-{}", std::process::id()));
        let _an_earlier_one_with_our_number = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("project"))?;
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let program = program().map_err(|_| io::Error::other("the program's own path is not known"))?;
        app::write_project(&folder.join("project"), listen, &program)?;
        Ok(Self { folder, listen, program })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn project(&self) -> PathBuf {
        self.folder.join("project")
    }

    pub(super) fn listen(&self) -> SocketAddr {
        self.listen
    }

    fn sternway(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--project").arg(self.project()).arg("--state").arg(self.folder.join("state")).args(args);
        command.stdin(Stdio::null());
        command
    }

    /// `sternway ship production`, with what it says shown as it comes.
    pub(super) fn ship(&self, view: &View, load: Option<&LoadHandle>) -> Result<Shipped, Failure> {
        let failed = |error: io::Error| Failure::internal("S0919", "`sternway ship` cannot be run").cause(&error);
        let mut child = self
            .sternway(&["ship", "production"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (tell, told) = std::sync::mpsc::channel();
        let out = child.stdout.take();
        let reader = std::thread::spawn(move || {
            for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok) {
                let _the_demo_has_ended = tell.send(line);
            }
        });
        let mut lines = Vec::new();
        let status = loop {
            view.tick(load);
            while let Ok(line) = told.try_recv() {
                view.line(&line);
                lines.push(line);
            }
            if let Some(status) = child.try_wait().map_err(failed)? {
                break status;
            }
        };
        let _it_only_reads = reader.join();
        for line in told.try_iter() {
            view.line(&line);
            lines.push(line);
        }
        let mut said = String::new();
        if let Some(mut error) = child.stderr.take() {
            let _what_can_be_read_is_shown = error.read_to_string(&mut said);
        }
        said.lines().for_each(|line| view.line(line));
        Ok(Shipped { exit: status.code().unwrap_or(1), lines })
    }

    /// Stops everything that the demo started.
    pub(super) fn down(&self) -> Result<(), Failure> {
        let output = self.sternway(&["down", "--yes"]).output();
        let output = output.map_err(|error| Failure::internal("S0919", "the demo was not stopped").cause(&error))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Failure::internal("S0919", "the demo was not stopped")
            .because(String::from_utf8_lossy(&output.stderr).trim().to_owned())
            .next(format!("{} --state {} down --yes", self.program.display(), self.folder.join("state").display())))
    }

    /// The record of the newest incident, as a page beside the demo's folder, where it stays.
    pub(super) fn keep_report(&self) -> io::Result<PathBuf> {
        let page = self.sternway(&["report", "--format", "html"]).output()?;
        let path = self.folder.with_extension("html");
        fs::write(&path, page.stdout)?;
        Ok(path)
    }

    pub(super) fn clear(&self) {
        let _left_over_files_are_in_the_folder_for_temporary_ones = fs::remove_dir_all(&self.folder);
    }
}
