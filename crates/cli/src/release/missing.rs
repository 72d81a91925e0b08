//! Commands that start a file of the service's own folder which is not there.

use std::path::Path;

use sternway_core::finding::Finding;
use sternway_core::project::Project;

/// Services whose `run` starts a file that their folder does not have. Where a `build` may make it, or it is `shared`, nothing is said,
/// and neither is of commands that are more than a word with arguments: a shell may make anything of those.
pub(crate) fn not_there(project_dir: &Path, project: &Project) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, service) in project.services.iter().filter(|(_, service)| service.build.is_none()) {
        let Some(file) = own_file(&service.spec.run) else { continue };
        let shared = |path: &String| Path::new(file).starts_with(path.trim_start_matches("./").trim_end_matches('/'));
        let folder = project_dir.join(&service.path);
        if !folder.is_dir() || folder.join(file).exists() || service.spec.shared.iter().any(shared) {
            continue;
        }
        let text = format!("`run` starts ./{file}, which is not in the service's folder");
        let mut finding = Finding::error("S0508", name.as_str(), text)
            .hint("name the command that starts your server on 127.0.0.1:$PORT, or the `build` that makes this file");
        finding.places.push(service.place.clone());
        found.push(finding);
    }
    found
}

/// The file that a command starts, when it is one of the folder itself: `./serve`, as in `exec ./serve --port "$PORT"`.
fn own_file(run: &str) -> Option<&str> {
    let run = run.trim();
    let run = run.strip_prefix("exec ").unwrap_or(run).trim_start();
    let word = run.split_whitespace().next()?.strip_prefix("./")?;
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-/+@".contains(character);
    (!word.is_empty() && word.chars().all(plain)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::{not_there, own_file};

    #[test]
    fn only_a_plain_file_of_the_folder_itself_is_looked_for() {
        for (run, file) in [
            ("exec ./serve --port \"$PORT\"", Some("serve")),
            ("./bin/web.sh", Some("bin/web.sh")),
            ("  exec  ./a", Some("a")),
            ("node server.js", None),
            ("cd sub && ./serve", None),
            ("./$NAME", None),
            ("FOO=1 ./serve", None),
            ("", None),
        ] {
            assert_eq!(own_file(run), file, "{run}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named_unless_something_may_make_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("web")).unwrap();
        let found = |more: &str| {
            let text = format!(
                "[project]\nname = \"shop\"\n[services.web]\npath = \"web\"\nrun = \"exec ./serve\"\n{more}\n\
                 [environments.production]\nlisten = \"127.0.0.1:8080\"\n"
            );
            let parsed = sternway_core::project::parse(&text, "sternway.toml").unwrap();
            not_there(folder.path(), &parsed.project).into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert_eq!(found(""), ["`run` starts ./serve, which is not in the service's folder"]);
        assert!(found("build = \"make\"").is_empty());
        assert!(found("shared = [\"serve\"]").is_empty());
        std::fs::write(folder.path().join("web/serve"), "").unwrap();
        assert!(found("").is_empty());
    }
}
