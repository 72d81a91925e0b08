//! `completions`, and the names that a shell asks for while somebody types: environments, releases, services, incidents, plans.
//!
//! What clap generates knows commands and options. Names stand in sternway.toml and in the logbook, so the generated scripts ask
//! the hidden command `complete-names` with the words up to the cursor. It answers with one candidate a line, and with nothing when
//! anything is wrong: nobody wants an error under a half-typed line.

use std::collections::BTreeSet;
use std::io::Write as _;

use clap::{Arg, Command, CommandFactory as _, Parser as _};
use clap_complete::Shell;
use sternway_core::ids::EnvironmentName;
use sternway_core::state::State;

use super::plan::fold;
use crate::args::{Cli, Global};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::render;

/// Prints the script for a shell.
pub(super) fn script(shell: Shell) -> Result<Exit, Failure> {
    let mut generated = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sternway", &mut generated);
    let text = String::from_utf8_lossy(&generated);
    let text = match shell {
        Shell::Bash => format!("{text}\n{BASH}"),
        Shell::Zsh => with_names_in_zsh(&text),
        Shell::Fish => format!("{text}\n{FISH}"),
        _ => text.into_owned(),
    };
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| Failure::internal("S0914", "the completions cannot be written").cause(&error))?;
    Ok(Exit::Done)
}

const BASH: &str = r#"_sternway_with_names() {
    local cur="${COMP_WORDS[COMP_CWORD]}" names
    _sternway "$@"
    case "$cur" in -*) return 0 ;; esac
    names="$("$1" complete-names -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
    if [ -n "$names" ]; then
        COMPREPLY=($(compgen -W "$names" -- "$cur"))
    fi
    return 0
}
complete -F _sternway_with_names -o bashdefault -o default sternway
"#;

const FISH: &str = r#"function __sternway_names
    set -l words (commandline -opc)
    command $words[1] complete-names -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c sternway -n 'not string match -q -- "-*" (commandline -ct); and count (__sternway_names) >/dev/null' -f -a '(__sternway_names)'
for option in environment from release service
    complete -c sternway -l $option -x -a '(__sternway_names)'
end
"#;

const ZSH: &str = r#"_sternway_names() {
    local -a typed names
    typed=(${(Q)${(z)LBUFFER}})
    [[ "$LBUFFER" == *[[:space:]] ]] && typed+=('')
    names=(${(f)"$("${typed[1]}" complete-names -- "${(@)typed[2,-1]}" 2>/dev/null)"})
    (( ${#names} )) && compadd -a names
}
"#;

/// Zsh asks for each argument by an action of its own: that of names is put in place of the one for files.
fn with_names_in_zsh(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let names = [":environment -- ", "::environments -- ", ":release -- ", ":incident -- ", ":digest -- "];
        let names = names.iter().any(|name| line.contains(name));
        let options = ["--environment=", "--from=", "--release=", "--service="];
        let options = options.iter().any(|option| line.contains(option));
        if names || options {
            out.push_str(&line.replace(":_default'", ":_sternway_names'"));
        } else {
            out.push_str(line);
        }
        out.push('\n');
        if line.starts_with("autoload") {
            out.push_str(ZSH);
        }
    }
    out
}

/// Prints the candidates for the last of these words, which may be empty.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every command")]
pub(super) fn names(words: &[String]) -> Result<Exit, Failure> {
    for name in candidates(words).unwrap_or_default() {
        render::line(&name);
    }
    Ok(Exit::Done)
}

/// What is asked for at the cursor.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// The subcommands, `incident show`.
    command: Vec<String>,
    /// The argument that is being typed.
    argument: String,
    /// An environment that was typed before.
    environment: Option<String>,
}

/// Walks through the words as clap would, as far as names need it.
fn asked(words: &[String]) -> Option<Asked> {
    let mut root = Cli::command();
    root.build();
    let (cursor, before) = words.split_last()?;
    if cursor.starts_with('-') {
        return None;
    }
    let mut command = &root;
    let mut path = Vec::new();
    let mut environment = None;
    let mut position = 0;
    let mut expects: Option<&Arg> = None;
    for word in before {
        if let Some(option) = expects.take() {
            if option.get_id() == "environment" {
                environment = Some(word.clone());
            }
        } else if word.starts_with('-') {
            expects = option(command, word).filter(|option| option.get_action().takes_values() && !word.contains('='));
        } else if let Some(below) = command.find_subcommand(word).filter(|_| position == 0) {
            command = below;
            path.push(word.clone());
        } else {
            if positional(command, position).is_some_and(|arg| arg.get_id() == "environment") {
                environment = Some(word.clone());
            }
            position += 1;
        }
    }
    let argument = expects.or_else(|| positional(command, position))?.get_id().to_string();
    Some(Asked { command: path, argument, environment })
}

fn option<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.split('=').next().unwrap_or(word);
    command.get_arguments().find(|arg| match name.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg.get_short().is_some_and(|short| name.len() == 2 && name.ends_with(short)),
    })
}

fn positional(command: &Command, position: usize) -> Option<&Arg> {
    let many = |arg: &&Arg| arg.get_num_args().is_some_and(|number| number.max_values() > 1);
    command.get_positionals().nth(position).or_else(|| command.get_positionals().last().filter(many))
}

fn candidates(words: &[String]) -> Option<Vec<String>> {
    let asked = asked(words)?;
    if !["environment", "environments", "from", "release", "service", "incident", "digest"]
        .contains(&asked.argument.as_str())
    {
        return None;
    }
    let context = Context::find(&global(words)).ok()?;
    let loaded = || context.load().ok();
    let state = || fold(&context.existing_journal().ok()?).ok();
    match asked.argument.as_str() {
        "environment" | "environments" | "from" => {
            let declared = loaded().map(|loaded| loaded.project.environments.keys().map(ToString::to_string).collect());
            declared.or_else(|| Some(state()?.environments.keys().map(ToString::to_string).collect()))
        }
        "service" => {
            let declared: Option<Vec<String>> =
                loaded().map(|loaded| loaded.project.services.keys().map(ToString::to_string).collect());
            declared.or_else(|| {
                let state = state()?;
                let all = state.releases.values().flat_map(|release| release.record.services.keys());
                Some(all.map(ToString::to_string).collect::<BTreeSet<_>>().into_iter().collect())
            })
        }
        "release" => Some(releases(&state()?, &asked)),
        "incident" => {
            let state = state()?;
            let open =
                |resolved: bool| state.incidents.iter().filter(move |(_, known)| known.resolved.is_some() == resolved);
            // To resolve, only what is open.
            let others = open(true).filter(|_| !asked.command.iter().any(|word| word == "resolve"));
            Some(open(false).chain(others).map(|(number, _)| number.to_string()).collect())
        }
        "digest" => {
            let state = state()?;
            let waiting = state.environments.values().filter_map(|place| place.rollout.as_ref());
            let waiting = waiting.filter(|open| open.plan.approvals > 0 && !open.has_begun());
            Some(waiting.map(|open| open.plan.digest().short().to_owned()).collect())
        }
        _ => None,
    }
}

/// Of `rollback`, what can be gone back to; elsewhere every release whose code is still there.
fn releases(state: &State, asked: &Asked) -> Vec<String> {
    let environment = asked.environment.as_ref().and_then(|name| EnvironmentName::new(name.as_str()).ok());
    let back = asked.command.first().is_some_and(|command| command == "rollback");
    if let (true, Some(environment)) = (back, &environment) {
        let place = state.environment(environment);
        return place.ways_back(&state.releases).into_iter().map(|way| way.release.number.to_string()).collect();
    }
    let kept = state.releases.iter().rev().filter(|(_, release)| !release.removed);
    kept.map(|(number, _)| number.to_string()).collect()
}

/// `--project` and `--state` as far as they were typed, and the environment's.
fn global(words: &[String]) -> Global {
    let value = |name: &str| {
        let after =
            words.iter().zip(words.iter().skip(1)).find(|(word, _)| *word == name).map(|(_, value)| value.clone());
        after.or_else(|| words.iter().find_map(|word| Some(word.strip_prefix(name)?.strip_prefix('=')?.to_owned())))
    };
    let mut line = vec!["sternway".to_owned()];
    for name in ["--project", "--state"] {
        if let Some(value) = value(name) {
            line.extend([name.to_owned(), value]);
        }
    }
    line.push("status".to_owned());
    Cli::try_parse_from(line).map_or_else(|_| Global::here(), |cli| cli.global)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> Option<(String, Option<String>)> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        asked(&words).map(|asked| (asked.argument, asked.environment))
    }

    #[test]
    fn what_is_typed_decides_which_names_are_asked_for() {
        let named = |argument: &str| Some((argument.to_owned(), None));
        let within = |argument: &str| Some((argument.to_owned(), Some("production".to_owned())));
        assert_eq!(asks("ship "), named("environment"));
        assert_eq!(asks("--project dir --json ship pro"), named("environment"));
        assert_eq!(asks("--project=dir ship pro"), named("environment"));
        assert_eq!(asks("ship production --from "), within("from"));
        assert_eq!(asks("ship production --release "), within("release"));
        assert_eq!(asks("ship --detach "), named("environment"));
        assert_eq!(asks("rollback production "), within("release"));
        assert_eq!(asks("rollback --reason because production 1"), within("release"));
        assert_eq!(asks("log --environment production --service "), within("service"));
        assert_eq!(asks("incident show "), named("incident"));
        assert_eq!(asks("incident resolve "), named("incident"));
        assert_eq!(asks("approve "), named("digest"));
        assert_eq!(asks("ship production --reason "), within("reason"));
        for nothing in ["", "ship production ", "ship --de", "status --", "demo "] {
            assert_eq!(asks(nothing), None, "`{nothing}`");
        }
    }
}
