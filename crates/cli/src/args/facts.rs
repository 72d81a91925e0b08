//! `facts`: what can be typed after it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `facts`
#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    #[command(subcommand)]
    pub(crate) what: FactsCommand,
}

/// What is done with facts.
#[derive(Debug, Subcommand)]
pub(crate) enum FactsCommand {
    /// Write an environment's facts: shapes and keyed fingerprints, no value.
    ///
    /// Of the release that serves; where none does, of the sources. `check --facts FILE`, `diff --facts FILE` and `facts = "FILE"` in sternway.toml
    /// compare with it.
    Export(FactsExport),
    /// Write the key of the project's fingerprints, for those who are to compare with its facts.
    ///
    /// They name its file: STERNWAY_FINGERPRINT_KEY_FILE=FILE. Without it, facts say what values look like, and not whether they are the same. Who
    /// has the key and the facts can try guesses: give it to people who could be told the weakest of the passwords.
    Key(FactsKey),
}

/// `facts export`
#[derive(Debug, Args)]
pub(crate) struct FactsExport {
    /// The environment.
    pub(crate) environment: String,
    /// Where to; by default standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Of its sources as they are now, also where a release serves.
    #[arg(long)]
    pub(crate) sources: bool,
}

/// `facts key`
#[derive(Debug, Args)]
pub(crate) struct FactsKey {
    /// Write it to this new file, for its owner only.
    #[arg(long, value_name = "FILE", conflicts_with = "take")]
    pub(crate) out: Option<PathBuf>,
    /// Take this file's key for this project here, before it has one of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) take: Option<PathBuf>,
}
