//! `facts`: what can be told of a configuration without its values, for people who may not see them.

use std::io::Write as _;
use std::path::Path;

use sternway_config::FingerprintKey;
use sternway_config::facts::file::FactsFile;
use sternway_core::ids::EnvironmentName;
use sternway_engine::Clock as _;

use super::plan;
use crate::args::{FactsArgs, FactsCommand, FactsExport, FactsKey};
use crate::context::{Context, Loaded};
use crate::failure::{Exit, Failure};
use crate::wiring::clock::SystemClock;
use crate::wiring::facts;
use crate::{release, render};

pub(super) fn run(context: &Context, args: &FactsArgs, json: bool) -> Result<Exit, Failure> {
    match &args.what {
        FactsCommand::Export(args) => export(context, args, json),
        FactsCommand::Key(args) => key(context, args, json),
    }
}

fn export(context: &Context, args: &FactsExport, json: bool) -> Result<Exit, Failure> {
    let loaded = context.load()?;
    let (environment, _) = loaded.environment(&args.environment)?;
    context.prepare()?;
    let file = gather(context, &loaded, environment, args.sources)?;
    let text = file.print().map_err(|error| Failure::internal("S0283", "the facts cannot be written").cause(&error))?;
    let Some(out) = &args.out else {
        render::line(text.trim_end());
        return Ok(Exit::Done);
    };
    write(out, &text)?;
    let keys: usize = file.facts.services.values().map(|service| service.keys.len()).sum();
    let environment = &file.environment;
    if json {
        render::json(&serde_json::json!({
            "format": 1, "environment": environment, "release": file.release, "keys": keys, "file": out,
        }));
    } else {
        let from = match file.release {
            Some(release) => format!("release {release}"),
            None => "its sources".to_owned(),
        };
        let shown = out.display();
        render::line(&format!("{shown} tells of {keys} keys of {environment}, as of {from}, without a value"));
        render::line("who is to compare with it needs the key, too: sternway facts key --out FILE");
    }
    Ok(Exit::Done)
}

/// The facts of the release that serves; or of the sources, where none does, or they are asked for.
fn gather(
    context: &Context,
    loaded: &Loaded,
    environment: EnvironmentName,
    sources: bool,
) -> Result<FactsFile, Failure> {
    let state = plan::known_state(context)?;
    let current = state.environments.get(&environment).and_then(|place| place.current.as_ref());
    let serves = current.map(|current| &current.release).filter(|release| release.number.0 > 0 && !sources);
    let key = release::fingerprint_key(context)?;
    let (facts, of) = if let Some(release) = serves {
        let facts = facts::of_release(&loaded.project, &context.store()?, &release.digest, &key)
            .map_err(|error| release::store_failure("what was sealed cannot be read", &error))?;
        (facts, Some((release.number, release.digest.clone())))
    } else {
        let (_, settings) = loaded.environment(environment.as_str())?;
        let configured = release::configuration(context, loaded, &state, (&environment, settings))?;
        let place = (&environment, settings);
        (facts::to_seal(context, &loaded.project, &state, place, &configured.given, &key), None)
    };
    let (release, digest) = of.unzip();
    Ok(FactsFile {
        format: sternway_config::facts::FORMAT,
        written_by: concat!("sternway ", env!("CARGO_PKG_VERSION")).to_owned(),
        at: SystemClock.now(),
        project: loaded.project.name.clone(),
        environment,
        release,
        digest,
        facts,
    })
}

/// Complete or not at all, in the place of what is there.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut beside = path.file_name().unwrap_or_default().to_owned();
    beside.push(format!(".tmp-{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = std::fs::File::create_new(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        let _nothing_more_can_be_done = std::fs::remove_file(&beside);
        Failure::usage("S0283", format!("the facts cannot be written to {}", path.display())).cause(&error)
    })
}

fn key(context: &Context, args: &FactsKey, json: bool) -> Result<Exit, Failure> {
    context.prepare()?;
    let own = context.fingerprint_key();
    let unusable = |error: sternway_config::fingerprint::KeyError| {
        Failure::usage("S0207", "the key for fingerprints cannot be used").next(error.hint()).cause(&error)
    };
    let (file, text) = if let Some(from) = &args.take {
        let key = FingerprintKey::read(from).map_err(unusable)?;
        if own.exists() && FingerprintKey::read(&own).map_err(unusable)?.name() != key.name() {
            return Err(Failure::usage("S0207", "this project has another key for fingerprints here already")
                .because(format!("with another one every value of its releases would look changed: {}", own.display()))
                .next(format!("compare with both: {}={}", facts::KEY_FILE, from.display())));
        }
        if !own.exists() {
            key.write(&own).map_err(unusable)?;
        }
        (own, "this project's fingerprints are made with that key from now on".to_owned())
    } else if let Some(out) = &args.out {
        release::fingerprint_key(context)?.write(out).map_err(unusable)?;
        let shown = out.display();
        (
            out.clone(),
            format!(
                "{shown} (0600) is this project's key: give it by a safe way to who is to compare, never with the facts"
            ),
        )
    } else {
        return Err(Failure::usage("S0207", "it is not said where the key is to be written")
            .next("sternway facts key --out FILE"));
    };
    if json {
        render::json(&serde_json::json!({ "format": 1, "file": file }));
    } else {
        render::line(&text);
    }
    Ok(Exit::Done)
}
