//! The draft of a project: settings with their reasons, not yet text.

use sternway_core::release::ServiceKind;

/// One line of sternway.toml and why it is there.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// The value as TOML.
    pub(super) value: toml::Value,
    pub(super) why: String,
}

/// A service that is only offered.
#[derive(Clone)]
pub(super) struct Maybe {
    pub(super) name: &'static str,
    pub(super) kind: ServiceKind,
    pub(super) run: String,
}

impl Maybe {
    /// Changes to the database's tables. No `undo` is offered: the frameworks' own go back by one batch, whether or not this release
    /// brought one, and so would undo more than was done.
    pub(super) fn migrate(run: impl Into<String>) -> Self {
        Self { name: "migrate", kind: ServiceKind::Job, run: run.into() }
    }

    pub(super) fn worker(name: &'static str, run: impl Into<String>) -> Self {
        Self { name, kind: ServiceKind::Worker, run: run.into() }
    }
}

/// A service that was recognised.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) kind: ServiceKind,
    pub(super) settings: Vec<Setting>,
    /// Services of the same folder that a person may want, written as comments.
    pub(super) maybe: Vec<Maybe>,
    /// Something reads the .env files of the folder itself, so that they have to stay.
    pub(super) reads_dotenv: bool,
    /// A path that answers 200 when it works.
    pub(super) health: Option<String>,
    /// Login pages that the framework is known for.
    pub(super) login: Option<(&'static str, &'static str)>,
}

impl Service {
    pub(super) fn web(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: ServiceKind::Web,
            settings: Vec::new(),
            maybe: Vec::new(),
            reads_dotenv: false,
            health: None,
            login: None,
        }
    }

    /// Sets a key, also over an earlier guess.
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<toml::Value>, why: impl Into<String>) {
        let setting = Setting { key, value: value.into(), why: why.into() };
        match self.settings.iter_mut().find(|other| other.key == key) {
            Some(other) => *other = setting,
            None => self.settings.push(setting),
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.key == key).and_then(|setting| setting.value.as_str())
    }

    /// Adds entries to a list.
    pub(super) fn add(&mut self, key: &'static str, entries: &[String], why: &str) {
        if entries.is_empty() {
            return;
        }
        let entries = entries.iter().map(|entry| toml::Value::from(entry.as_str()));
        match self.settings.iter_mut().find(|setting| setting.key == key) {
            Some(Setting { value: toml::Value::Array(list), why: reason, .. }) => {
                let new: Vec<_> = entries.filter(|entry| !list.contains(entry)).collect();
                list.extend(new);
                if !reason.contains(why) {
                    reason.push_str("; ");
                    reason.push_str(why);
                }
            }
            _ => self.set(key, toml::Value::Array(entries.collect()), why),
        }
    }

    /// It listens on one port whatever `PORT` says, so that two releases of it cannot run side by side.
    pub(super) fn fix_port(&mut self, port: u16, why: &str) {
        self.set("port", i64::from(port), why);
        self.set("overlap", false, "two releases cannot listen on one fixed port; better let it listen on $PORT");
    }

    /// Its health path, which is then also its readiness.
    pub(super) fn healthy_at(&mut self, path: &str, why: &str) {
        self.set("ready", format!("http:{path}"), why);
        self.health = Some(path.to_owned());
    }
}

/// Where it goes.
pub(super) struct Environment {
    pub(super) name: &'static str,
    pub(super) listen: &'static str,
    pub(super) routes: Vec<(String, String)>,
    /// Service, its dotenv file, and why that one.
    pub(super) config: Vec<(String, String, String)>,
}

/// All that was recognised.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) services: Vec<Service>,
    pub(super) environments: Vec<Environment>,
    /// Names that an example file says are needed: file, names.
    pub(super) needed: Vec<(String, Vec<String>)>,
    pub(super) warnings: Vec<String>,
}

/// The nearest text that is a name of sternway.toml.
pub(super) fn name_of(text: &str) -> String {
    let text = text.to_lowercase();
    let fit = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_' { c } else { '-' };
    let name: String = text.chars().map(fit).collect();
    let name = name.trim_matches(|c| c == '-' || c == '_');
    let name: String = name.chars().take(63).collect();
    if name.is_empty() { "app".to_owned() } else { name }
}
