//! Procfile: one process a line, `name: command`. The author's own word on how things are run.

use sternway_core::release::ServiceKind;

use super::draft::{Service, name_of};
use super::folder::Folder;
use super::{python, shell};

/// The services of a Procfile. `base` is what the folder's ecosystem says about build and files, for every process alike.
pub(super) fn find(folder: &Folder, base: Option<&Service>, warnings: &mut Vec<String>) -> Vec<Service> {
    let Some(text) = folder.text("Procfile") else { return Vec::new() };
    let mut services: Vec<Service> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((process, command)) = line.split_once(':').map(|(name, command)| (name.trim(), command.trim())) else {
            warnings.push("a line of the Procfile has no `:` and was passed over".to_owned());
            continue;
        };
        let name = name_of(process);
        if command.is_empty() || services.iter().any(|other| other.name == name) {
            warnings.push(format!("the Procfile's process `{process}` is empty or stands twice and was passed over"));
            continue;
        }
        services.push(service(&name, process, command, base, warnings));
    }
    services
}

fn service(name: &str, process: &str, command: &str, base: Option<&Service>, warnings: &mut Vec<String>) -> Service {
    let mut service = Service::web(name);
    let of_base = |key: &str| base.and_then(|base| base.settings.iter().find(|setting| setting.key == key));
    match process {
        "web" => {
            service.health = base.and_then(|base| base.health.clone());
            service.login = base.and_then(|base| base.login);
        }
        "release" => {
            service.kind = ServiceKind::Job;
            service.set("kind", "job", "the Procfile's release phase runs once before a release has traffic");
            warnings.push(format!(
                "`{name}` runs before each release; give it an `undo` command if what it does can be taken back"
            ));
        }
        _ => {
            service.kind = ServiceKind::Worker;
            service.set("kind", "worker", "only the Procfile's process `web` gets requests");
        }
    }
    service.settings.extend(of_base("build").cloned());
    service.reads_dotenv = base.is_some_and(|base| base.reads_dotenv);
    let has_venv = of_base("build").and_then(|build| build.value.as_str()).is_some_and(|build| build.contains(".venv"));
    let command = if has_venv { python::within_venv(command) } else { command.to_owned() };
    service.set("run", shell::exec(&command), format!("the Procfile's process `{process}`"));
    for key in ["ready", "shared"] {
        if key == "shared" || service.kind == ServiceKind::Web {
            service.settings.extend(of_base(key).cloned());
        }
    }
    if service.kind == ServiceKind::Web && !command.contains("PORT") {
        if let Some(port) = shell::fixed_port(&command) {
            service.fix_port(port, "the command names its port");
        } else {
            warnings.push(format!(
                "the command of `{name}` does not mention $PORT: see that it listens on 127.0.0.1:$PORT"
            ));
        }
    }
    service
}
