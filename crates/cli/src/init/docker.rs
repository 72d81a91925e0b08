//! Dockerfile: what its last stage runs and which port it names. The image itself is not built.

use super::draft::Service;
use super::folder::Folder;
use super::shell;

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let text = folder.text("Dockerfile")?;
    let (mut entrypoint, mut command, mut port) = (None, None, None);
    for line in instructions(&text) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        let rest = rest.trim();
        match word.to_ascii_uppercase().as_str() {
            // Another stage: what the one before would have run is gone.
            "FROM" => (entrypoint, command, port) = (None, None, None),
            "ENTRYPOINT" => (entrypoint, command) = (Some(as_shell(rest)), None),
            "CMD" => command = Some(as_shell(rest)),
            "EXPOSE" => {
                port = port.or_else(|| rest.split(['/', ' ']).next()?.parse::<u16>().ok().filter(|port| *port > 0));
            }
            _ => {}
        }
    }
    let run: Vec<String> = [entrypoint, command].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if run.is_empty() {
        return None;
    }
    let run = run.join(" ");
    let mut service = Service::web("web");
    service.set("run", shell::exec(&run), "what the Dockerfile's last stage runs");
    if let (Some(port), false) = (port, run.contains("PORT")) {
        service.fix_port(port, "the Dockerfile exposes it");
    }
    warnings.push(
        "only the Dockerfile's command was taken: it runs on this machine, without the image, so that what it needs must be installed here"
            .to_owned(),
    );
    Some(service)
}

/// Instructions with their continued lines joined, without comments.
fn instructions(text: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (part, continues) = line.strip_suffix('\\').map_or((line, false), |part| (part.trim_end(), true));
        match joined.last_mut() {
            Some(last) if open => {
                last.push(' ');
                last.push_str(part);
            }
            _ => joined.push(part.to_owned()),
        }
        open = continues;
    }
    joined
}

/// `["node", "a b.js"]` or a plain command, as one shell command.
fn as_shell(rest: &str) -> String {
    match serde_json::from_str::<Vec<String>>(rest) {
        // `sh -c "..."` is what Sternway does itself.
        Ok(words) => match words.as_slice() {
            [sh, flag, script] if (sh == "sh" || sh == "/bin/sh") && flag == "-c" => script.clone(),
            words => words.iter().map(|word| shell::word(word)).collect::<Vec<_>>().join(" "),
        },
        Err(_) => rest.to_owned(),
    }
}
