//! The demo's project on disk: sternway.toml, the code and the configuration of each release.

use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::component::OFFERS;
use super::front::TEMPLATE;
use super::password::random_hex;

/// How the rollout of a release ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It serves.
    Serves,
    /// A smoke check stops it before it has traffic.
    StoppedBySmoke,
    /// It fails under traffic and is rolled back.
    RolledBack,
}

/// One release of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Release {
    /// Its place in the story, from 1; see [`write_release`].
    pub(crate) number: u64,
    /// What it is, in a word or two.
    pub(crate) name: &'static str,
    /// What is in it, for the one who watches.
    pub(crate) story: &'static str,
    /// How its rollout must end.
    pub(crate) ending: Ending,
}

/// The demo's releases in order.
pub(crate) const RELEASES: [Release; 4] = [
    Release { number: 1, name: "good", story: "the shop's first release", ending: Ending::Serves },
    Release {
        number: 2,
        name: "broken page",
        story: "its page names a value that nobody fills: 500 on /",
        ending: Ending::StoppedBySmoke,
    },
    Release {
        number: 3,
        name: "wrong session store",
        story: "only the component's configuration names another session store: 401 for logged-in users, every smoke check green",
        ending: Ending::RolledBack,
    },
    Release {
        number: 4,
        name: "corrected",
        story: "the code of release 3 with the right configuration; release 1 has served until now",
        ending: Ending::Serves,
    },
];

/// Where the project in `dir` keeps its accounts.
pub(crate) fn accounts_database(dir: &Path) -> PathBuf {
    dir.join("data/accounts.db")
}

/// Writes the project with its first release. `listen` is where the proxy will listen, `program` the absolute path of this binary,
/// which holds the application as `demo-app front` and `demo-app component`.
pub(crate) fn write_project(dir: &Path, listen: SocketAddr, program: &Path) -> io::Result<()> {
    for folder in ["front", "component", "config", "data"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    fs::write(dir.join("sternway.toml"), project_file(listen, program))?;
    let password = random_hex::<12>()?;
    let front = format!(
        "# The front's configuration in production.\n\
         SHOP_NAME='Harbour Shop'\n\
         ACCOUNTS_DB={}\n\
         SESSION_STORE={}\n\
         PROBE_PASSWORD={password}\n",
        quoted(&accounts_database(dir)),
        quoted(&dir.join(SESSIONS)),
    );
    write_private(&dir.join("config/front.env"), &front)?;
    write_release(dir, 1)
}

/// Changes the project's files to those of a release: its number in [`RELEASES`].
pub(crate) fn write_release(dir: &Path, number: u64) -> io::Result<()> {
    let page = match number {
        1 => page("<p>Fresh from the boat.</p>"),
        2 => page("<p>Your basket: {{basket.total}}</p>"),
        _ => page("<p>Fresh from the boat, now with a basket.</p>"),
    };
    let offers = match number {
        1 => r#"["herring", "mussels"]"#,
        _ => r#"["herring", "mussels", "basket of the day"]"#,
    };
    let sessions = match number {
        3 => "data/sessions-component.db",
        _ => SESSIONS,
    };
    fs::write(dir.join("front").join(TEMPLATE), page)?;
    fs::write(dir.join("component").join(OFFERS), format!("{offers}\n"))?;
    let component =
        format!("# The component's configuration in production.\nSESSION_STORE={}\n", quoted(&dir.join(sessions)));
    write_private(&dir.join("config/component.env"), &component)
}

const SESSIONS: &str = "data/sessions.db";

fn page(news: &str) -> String {
    format!("<!doctype html>\n<title>{{{{shop}}}}</title>\n<h1>Welcome to {{{{shop}}}}, {{{{user}}}}</h1>\n{news}\n")
}

fn project_file(listen: SocketAddr, program: &Path) -> String {
    let run = |service: &str| {
        let command = format!("exec {} demo-app {service}", quoted(program));
        toml::Value::String(command).to_string()
    };
    let (front, component) = (run("front"), run("component"));
    format!(
        r#"[project]
name = "demo"

[services.front]
path = "front"
run = {front}
ready = "http:/up"

[services.component]
path = "component"
run = {component}
ready = "http:/component/up"

[environments.production]
protected = true
listen = "{listen}"
routes = {{ "/" = "front", "/component" = "component" }}
login = ["/login"]
steps = [10, 100]
verify = "6s"
bake = "8s"

[environments.production.config]
front = ["dotenv:config/front.env"]
component = ["dotenv:config/component.env"]

[[checks]]
name = "home"
http = {{ method = "GET", url = "/", contains = "Welcome" }}
smoke = true
monitor = "1s"

[[checks]]
name = "login"
http = {{ method = "POST", url = "/login", form = {{ user = "probe", password = {{ secret = "PROBE_PASSWORD" }} }}, contains = "Welcome" }}
smoke = true
monitor = "2s"

[[checks]]
name = "component"
http = {{ method = "GET", url = "/component/up", json_path = {{ "/up" = true }} }}
smoke = true
monitor = "1s"
"#
    )
}

/// For the shell and for a dotenv file alike.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_file_is_valid_and_without_warnings() {
        let text = project_file("127.0.0.1:8080".parse().unwrap(), Path::new("/it's \"here\"/sternway"));
        let parsed = sternway_core::project::parse(&text, "sternway.toml").expect("valid");
        assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
        let front = sternway_core::ids::ServiceName::new("front").unwrap();
        assert_eq!(parsed.project.services[&front].spec.run, r#"exec '/it'\''s "here"/sternway' demo-app front"#);
    }

    #[test]
    fn releases_three_and_four_have_the_same_code_and_differ_in_the_components_configuration_alone() {
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path(), "127.0.0.1:8080".parse().unwrap(), Path::new("/bin/sternway")).unwrap();
        let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        let [third, fourth] = [3, 4].map(|number| {
            write_release(folder.path(), number).unwrap();
            ["front/page.html", "component/offers.json", "config/front.env", "config/component.env"].map(read)
        });
        assert_eq!(third[..3], fourth[..3]);
        assert_ne!(third[3], fourth[3]);
    }
}
