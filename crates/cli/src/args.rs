//! What can be typed. Help, man pages and completions come from here alone.

mod facts;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use facts::{FactsArgs, FactsCommand, FactsExport, FactsKey};

/// What somebody needs who has not used it today.
const FIRST: &str = "\
To begin:         sternway init, then check, plan ENV, ship ENV
To see:           sternway status, sternway log --follow
When it is wrong: sternway rollback ENV, then sternway incident";

/// Production releases that can go back.
///
/// Moving an environment from one release to the next is a transaction: checked before, proven during, undone in seconds, and
/// written in one logbook.
///
/// Exit codes: 0 done, 1 internal error, 2 usage or configuration, 10 blocked by a gate, 11 rolled back, 12 held, waiting for a person,
/// 130 stopped following (the rollout goes on).
#[derive(Debug, Parser)]
#[command(name = "sternway", version, about, long_about, propagate_version = true, arg_required_else_help = true, after_help = FIRST)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The folder with sternway.toml.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,
    /// Where state lives; by default /var/lib/sternway/PROJECT as root, else the XDG state folder.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR", env = "STERNWAY_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Print JSON of a documented, versioned shape.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented sternway.toml from what the project already has.
    Init,
    /// Evaluate every gate, changing nothing.
    Check(Check),
    /// Answer for the values that only production has; `check --register` lists them.
    Register(Register),
    /// Look whether what runs is still consistent, as `serve` does by itself every 10 minutes.
    Watch(Watch),
    /// Show the configuration of environments beside each other: same or different, never a value.
    Diff(Diff),
    /// Say what of a folder's PHP will not run on another version, where, and what replaces it. Needs no sternway.toml.
    Scan(Scan),
    /// Write what can be told of a configuration without its values, for people who may not see them.
    Facts(FactsArgs),
    /// Show the frozen plan: its digest, its steps, its way back, what will be visible at today's traffic.
    Plan(PlanArgs),
    /// Take an environment to a new release: gates, rollout, verification, commit or rollback.
    Ship(Ship),
    /// Go back to the previous, or a named, release. Asks no gate.
    Rollback(Rollback),
    /// Say what runs where, since when, and what waits for whom.
    Status(Status),
    /// Read the logbook, follow it, or prove that it was not altered.
    Log(Log),
    /// Approve a plan that waits, by its digest.
    Approve(Decide),
    /// Deny a plan that waits, by its digest.
    Deny(Decide),
    /// Decide on a rollout that is held.
    Resume(Resume),
    /// Hold a rollout before its next step.
    Hold(HoldArgs),
    /// List open incidents, look at one, add a note to it, resolve it.
    Incident(Incident),
    /// Render an incident's record from the logbook.
    Report(Report),
    /// Show the whole story in two minutes, on this machine, with nothing else installed.
    Demo(Demo),
    /// Say what a finding's code means, with an example and what to do; without one, list all codes.
    Explain(Explain),
    /// Print the JSON Schema of sternway.toml, for editors.
    Schema,
    /// The resident part: drives rollouts, takes over expired leases, runs jobs.
    Serve,
    /// The host's agent: supervises services, stages releases.
    Agent(AgentArgs),
    /// An environment's proxy: routes, switches, drains, counts.
    Proxy(ProxyArgs),
    /// Put the program that is installed now in the place of the one that runs: agent, proxies, serve. Users notice nothing.
    ///
    /// The agent becomes the new program in place. A new proxy takes over the listening sockets from the one that runs, which answers what
    /// is open and ends. Services are not touched. What runs this program already is left alone, so that it can be typed twice.
    Upgrade(Upgrade),
    /// Stop everything that Sternway runs for this project on this machine.
    Down(Down),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write one for each command.
    Man(ManArgs),
    /// The names that could stand at the end of these words; asked by the shells' completions.
    #[command(hide = true)]
    CompleteNames {
        /// What was typed after the program's name, up to the cursor.
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// Owns one service's pipes and exit status.
    #[command(hide = true)]
    Shim {
        /// Its folder.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Proves what the agent is asked to: the question on standard input, the answer on standard output.
    #[command(hide = true)]
    Prove {
        /// After so many milliseconds it ends, whatever is still open.
        #[arg(long)]
        within: u64,
    },
    /// A service of the demo's application.
    #[command(hide = true)]
    DemoApp {
        /// Which.
        role: String,
    },
}

impl Global {
    /// As when nothing is typed.
    pub(crate) fn here() -> Self {
        Self { project: PathBuf::from("."), state: None, json: false }
    }
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The environment; without it, every environment's configuration is checked.
    pub(crate) environment: Option<String>,
    /// Connect, too, as each service of the environment is configured to, and prove that those who share sessions find each other's.
    ///
    /// Read-only but for one key, which expires after 30 seconds, in each session store that is shared; it is deleted at once.
    #[arg(long, requires = "environment")]
    pub(crate) live: bool,
    /// List the register instead: the values that only production has, and who answers for them until when.
    #[arg(long, conflicts_with_all = ["baseline", "write_baseline"])]
    pub(crate) register: bool,
    /// Leave out the findings that this file accepts; they block nothing and are counted.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept today's findings about consistency: write them to this file, without values, for `--baseline`.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Write keys that are missing (S0211, S0231) as commented placeholders, without a value, into the environment's own files.
    ///
    /// Each stands where the other environments' files have it. Only files within the project are changed, and nothing else in them.
    /// A second time nothing is written.
    #[arg(long, conflicts_with = "register")]
    pub(crate) fix: bool,
    /// With --fix: show what would be written, and write nothing.
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    /// Take an environment's configuration from this file of facts (`sternway facts export`), whether or not its sources can be read.
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Vec<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// `register`
#[derive(Debug, Args)]
pub(crate) struct Register {
    #[command(subcommand)]
    pub(crate) what: RegisterCommand,
}

/// What is done with the register.
#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// Answer for a value that only production has; once more to change what was said.
    Accept(RegisterAccept),
    /// Take a value out of the register.
    Remove(RegisterRemove),
}

/// `register accept`
#[derive(Debug, Args)]
pub(crate) struct RegisterAccept {
    /// The environment, which is protected.
    pub(crate) environment: String,
    /// Which value: SERVICE:KEY.
    #[arg(value_name = "SERVICE:KEY")]
    pub(crate) value: String,
    /// Who answers for it.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: String,
    /// Why only production has it.
    #[arg(long, value_name = "TEXT", value_parser = in_a_line)]
    pub(crate) reason: String,
    /// Ask again after this day, such as 2027-12-31.
    #[arg(long, value_name = "DATE", conflicts_with = "span")]
    pub(crate) until: Option<String>,
    /// Ask again after this time, such as 90d or "6 months".
    #[arg(long = "for", id = "span", value_name = "TIME")]
    pub(crate) span: Option<String>,
}

/// `register remove`
#[derive(Debug, Args)]
pub(crate) struct RegisterRemove {
    /// The environment.
    pub(crate) environment: String,
    /// Which value: SERVICE:KEY.
    #[arg(value_name = "SERVICE:KEY")]
    pub(crate) value: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = in_a_line)]
    pub(crate) reason: String,
}

/// `watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The environment; by default every protected one.
    pub(crate) environment: Option<String>,
    /// Look once and end; otherwise again and again, until Ctrl-C.
    #[arg(long)]
    pub(crate) once: bool,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    Human,
    /// JSON.
    Json,
    /// Static Analysis Results Interchange Format 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// GitHub workflow annotations.
    Github,
    /// Checkstyle XML.
    Checkstyle,
}

/// `scan`
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// A folder, or one file.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The version of PHP that the code shall run on, such as 8.2.
    #[arg(long, value_name = "VERSION")]
    pub(crate) php: sternway_compat::Version,
    /// The version that it runs on now: say only what breaks in between.
    #[arg(long, value_name = "VERSION")]
    pub(crate) from: Option<sternway_compat::Version>,
    /// The extensions of PHP files, instead of the usual ones.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) ext: Vec<String>,
    /// Leave out what is less sure: a type told by a comment is medium, a guess low.
    #[arg(long, value_enum, default_value_t = Sureness::Medium)]
    pub(crate) min_confidence: Sureness,
    /// Also look at what .gitignore and .ignore leave out.
    #[arg(long)]
    pub(crate) all: bool,
    /// Also look at packages, in vendor and node_modules; otherwise only at the functions that they bring.
    #[arg(long)]
    pub(crate) vendor: bool,
    /// Leave out the findings that this file accepts; they are counted.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept today's findings: write them to this file, for `--baseline`.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Print a patch for what is mechanical and safe, which `git apply` takes; change nothing. What is left to a person is said beside it.
    #[arg(long, conflicts_with_all = ["format", "write_baseline"])]
    pub(crate) fix: bool,
    /// Look at every file anew, and keep nothing for the next scan.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

/// How sure a finding has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sureness {
    /// Guesses, too.
    Low,
    /// What types in comments tell, too.
    Medium,
    /// Only what is certain.
    High,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as S0224.
    pub(crate) code: Option<String>,
}

/// What is shipped.
#[derive(Debug, Clone, Args)]
pub(crate) struct Source {
    /// Take the code of this release of any environment, with today's configuration.
    #[arg(long, value_name = "NUMBER", conflicts_with = "from")]
    pub(crate) release: Option<u64>,
    /// Take the code that serves in this environment, with today's configuration of the target.
    #[arg(long, value_name = "ENV")]
    pub(crate) from: Option<String>,
    /// Let a blocking finding pass. Needs --reason.
    #[arg(long = "override", value_name = "CODE", requires = "reason")]
    pub(crate) overrides: Vec<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = in_a_line)]
    pub(crate) reason: Option<String>,
    /// Do not start before this time: RFC 3339, or `2026-03-01 22:00 Europe/Berlin`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Compare with another environment's configuration by this file of facts (`sternway facts export`).
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Vec<PathBuf>,
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Which environments; by default all.
    #[arg(value_name = "ENV")]
    pub(crate) environments: Vec<String>,
    /// Show where one key (KEY or SERVICE:KEY) comes from: every layer that sets it, in order.
    #[arg(long, value_name = "KEY")]
    pub(crate) explain: Option<String>,
    /// Show also the keys that are the same everywhere.
    #[arg(long)]
    pub(crate) all: bool,
    /// Take an environment's configuration from this file of facts (`sternway facts export`), whether or not its sources can be read.
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Vec<PathBuf>,
}

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The environment.
    pub(crate) environment: String,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// `ship`
#[derive(Debug, Args)]
pub(crate) struct Ship {
    /// The environment.
    pub(crate) environment: String,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Open the rollout and return; `sternway status` and `sternway log --follow` show how it goes on.
    #[arg(long)]
    pub(crate) detach: bool,
}

/// `rollback`
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The environment.
    pub(crate) environment: String,
    /// The release to go back to; by default the previous good one, or the base of an open rollout.
    pub(crate) release: Option<u64>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = in_a_line)]
    pub(crate) reason: String,
    /// Go back to the named release although it is marked bad, or does not answer (release 0, which was adopted).
    #[arg(long, requires = "release")]
    pub(crate) accept_bad: bool,
    /// Return without following.
    #[arg(long)]
    pub(crate) detach: bool,
}

/// `status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Only this environment.
    pub(crate) environment: Option<String>,
}

/// `log`
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// Go on printing what is appended.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Check the hash chain, and the heads that agent and proxies remember.
    #[arg(long, conflicts_with = "follow")]
    pub(crate) verify: bool,
    /// Only this environment.
    #[arg(long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
    /// Print the last lines that a service wrote instead.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Of this release.
    #[arg(long, value_name = "NUMBER", requires = "service")]
    pub(crate) release: Option<u64>,
    /// How many entries or lines; 0 prints all.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) lines: usize,
    /// Observations too, which are left out otherwise.
    #[arg(long)]
    pub(crate) all: bool,
}

/// `approve`, `deny`
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// The plan's digest, or its first 12 hex digits.
    pub(crate) digest: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = in_a_line)]
    pub(crate) reason: String,
}

/// `resume`
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The environment.
    pub(crate) environment: String,
    /// Try the step again (the default), accept it as it is, or go back.
    #[arg(long, value_enum, default_value_t = Way::Continue)]
    pub(crate) way: Way,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = in_a_line)]
    pub(crate) reason: String,
}

/// What a person decides about a held rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Try the step again.
    Continue,
    /// Accept the step as it is and go on.
    Accept,
    /// Go back to the base.
    Rollback,
}

/// `hold`
#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    /// The environment.
    pub(crate) environment: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "a person asked for it", value_parser = in_a_line)]
    pub(crate) reason: String,
}

/// `incident`
#[derive(Debug, Args)]
pub(crate) struct Incident {
    /// Those that are resolved, too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Without one, the open incidents are listed.
    #[command(subcommand)]
    pub(crate) what: Option<IncidentCommand>,
}

/// What is done with one incident.
#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// Say what is known of one: since when, who was affected, what was noted, what to do next.
    Show {
        /// The incident.
        incident: u64,
    },
    /// Add what you found out or did; it stands in the incident's record under your name.
    Note {
        /// The incident.
        incident: u64,
        /// What there is to say.
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Say that it is over, and how.
    Resolve {
        /// The incident.
        incident: u64,
        /// How it was resolved.
        #[arg(long, value_name = "TEXT", value_parser = in_a_line)]
        reason: String,
    },
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The incident; by default the newest.
    pub(crate) incident: Option<u64>,
    /// List all incidents.
    #[arg(long, conflicts_with = "incident")]
    pub(crate) list: bool,
    /// How it is rendered.
    #[arg(long, value_enum, default_value_t = ReportFormat::Markdown)]
    pub(crate) format: ReportFormat,
}

/// How a report is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Markdown.
    Markdown,
    /// One self-contained page.
    Html,
    /// JSON.
    Json,
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the demo's folder and say where it is.
    #[arg(long)]
    pub(crate) keep: bool,
}

/// `agent`
#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    /// In a session of its own, away from the terminal that started it.
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}

/// `proxy`
#[derive(Debug, Args)]
pub(crate) struct ProxyArgs {
    /// The environment.
    #[arg(long, value_name = "ENV")]
    pub(crate) environment: String,
    /// Where Prometheus may read, `address:port`.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<std::net::SocketAddr>,
}

/// `upgrade`
#[derive(Debug, Args)]
pub(crate) struct Upgrade {
    /// Replace also what runs this program already.
    #[arg(long)]
    pub(crate) all: bool,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write `sternway.1`, `sternway-ship.1` and so on to this folder, which is made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `down`
#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Confirms that what serves users is to be stopped.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What a person says goes into the logbook, and from there to terminals of others.
#[expect(clippy::unnecessary_wraps, reason = "clap's signature")]
fn in_a_line(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(crate::render::in_a_line(text))
}
