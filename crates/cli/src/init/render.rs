//! The draft as text: sternway.toml with a comment on each guess, and the list of guesses for the terminal.

use sternway_core::release::ServiceKind;

use super::draft::{Draft, Environment, Maybe, Service};

/// Lines are collected, comments wrapped.
struct Page(String);

/// Where comments are wrapped.
const WIDTH: usize = 100;

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn comment(&mut self, text: &str) {
        let mut line = "#".to_owned();
        for word in text.split_whitespace() {
            if line.len() > 1 && line.len() + 1 + word.len() > WIDTH {
                self.line(&line);
                "#".clone_into(&mut line);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }
}

/// The text of sternway.toml.
pub(super) fn toml(draft: &Draft) -> String {
    let mut page = Page(String::new());
    page.comment("Drafted by `sternway init` from what it found here. Each guess says where it comes from: correct what is wrong, then run `sternway check`. Editors can complete it with `sternway schema`.");
    page.line("");
    page.line("[project]");
    page.line(&format!("name = \"{}\"", draft.name));
    for service in &draft.services {
        self::service(&mut page, service);
    }
    let front = draft.services.iter().find(|service| service.kind == ServiceKind::Web);
    for environment in &draft.environments {
        self::environment(&mut page, draft, environment, front);
    }
    if let Some(front) = front {
        checks(&mut page, front, &draft.environments);
    }
    page.0
}

fn service(page: &mut Page, service: &Service) {
    page.line("");
    page.line(&format!("[services.{}]", service.name));
    for setting in &service.settings {
        page.comment(&setting.why);
        page.line(&format!("{} = {}", setting.key, setting.value));
    }
    for other in &service.maybe {
        page.line("");
        maybe(page, service, other);
    }
}

/// A table that a person may want: it needs the folder and the build of the service that it belongs to.
fn maybe(page: &mut Page, service: &Service, other: &Maybe) {
    let (intro, kind) = match other.kind {
        ServiceKind::Job => (
            "To change tables before a release has traffic; the old release must be able to live with the change:",
            "job",
        ),
        ServiceKind::Worker => ("For background work:", "worker"),
        ServiceKind::Web => ("For more requests:", "web"),
    };
    page.comment(intro);
    let name = if service.name == "web" { other.name.to_owned() } else { format!("{}-{}", service.name, other.name) };
    page.line(&format!("# [services.{name}]"));
    page.line(&format!("# kind = \"{kind}\""));
    for setting in
        service.settings.iter().filter(|setting| matches!(setting.key, "path" | "build" | "shared" | "exclude"))
    {
        page.line(&format!("# {} = {}", setting.key, setting.value));
    }
    page.line(&format!("# run = {}", toml::Value::from(other.run.as_str())));
}

fn environment(page: &mut Page, draft: &Draft, environment: &Environment, front: Option<&Service>) {
    page.line("");
    page.line(&format!("[environments.{}]", environment.name));
    if let Some(front) = front {
        page.comment("Where users reach it; \"0.0.0.0:PORT\" opens it to other machines.");
        page.line(&format!("listen = \"{}\"", environment.listen));
        if environment.name == "production" {
            page.comment("What serves today, so that the first release has a way back:");
            page.line("# adopt = \"127.0.0.1:8000\"");
        }
        if let Some((path, why)) = front.login {
            page.comment(&format!(
                "{why}; being sent there counts as an error of a release, because that is how lost sessions show."
            ));
            page.line(&format!("login = [\"{path}\"]"));
        }
        if front.settings.iter().any(|setting| setting.key == "overlap") {
            page.comment("Two releases cannot run side by side, so that there is no step with part of the traffic.");
            page.line("steps = [100]");
        }
    }
    if !environment.routes.is_empty() {
        page.comment("Path prefixes and who answers them; the prefixes are guessed from the folders' names.");
        let routes: Vec<String> =
            environment.routes.iter().map(|(path, name)| format!("\"{path}\" = \"{name}\"")).collect();
        page.line(&format!("routes = {{ {} }}", routes.join(", ")));
    }
    if !environment.config.is_empty() {
        page.line("");
        page.line(&format!("[environments.{}.config]", environment.name));
        let mut said = "";
        for (name, file, why) in &environment.config {
            if said != why {
                page.comment(why);
                said = why;
            }
            page.line(&format!("{name} = [{}]", toml::Value::from(format!("dotenv:{file}"))));
        }
    }
    for (file, names) in draft.needed.iter().filter(|_| environment.name == "production") {
        page.line("");
        page.comment(&format!(
            "{file} names these values: {}. Put production's into a file and name it here:",
            names.join(", ")
        ));
        page.line(&format!("# [environments.{}.config]", environment.name));
        if let Some(service) = draft.services.first() {
            page.line(&format!("# {} = [\"dotenv:config/{}.env\"]", service.name, environment.name));
        }
    }
}

fn checks(page: &mut Page, front: &Service, environments: &[Environment]) {
    // The front of several is the one behind `/`.
    let behind_root = environments.iter().flat_map(|environment| &environment.routes).find(|(path, _)| path == "/");
    let health = if behind_root.is_none_or(|(_, name)| *name == front.name) { front.health.as_deref() } else { None };
    page.line("");
    page.comment("Asked of each release before it has traffic, and again while it is watched. Add one for what must never break, such as the login.");
    page.line("[[checks]]");
    page.line("name = \"answers\"");
    match health {
        Some(path) => page.line(&format!("http = {{ url = {} }}", toml::Value::from(path))),
        None => page.line("http = { url = \"/\", follow = true }"),
    }
}

/// Each guess and its reason, a line each.
pub(super) fn explained(draft: &Draft) -> Vec<String> {
    let mut lines = Vec::new();
    for service in &draft.services {
        for setting in &service.settings {
            lines.push(format!("services.{}.{} = {}: {}", service.name, setting.key, setting.value, setting.why));
        }
    }
    for environment in &draft.environments {
        for (path, name) in &environment.routes {
            lines.push(format!(
                "environments.{}.routes: \"{path}\" goes to {name}: guessed from the folders' names",
                environment.name
            ));
        }
        for (name, file, why) in &environment.config {
            lines.push(format!("environments.{}.config.{name} = dotenv:{file}: {why}", environment.name));
        }
    }
    lines
}
