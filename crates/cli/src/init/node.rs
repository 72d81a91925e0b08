//! Node: package.json with its scripts.

use serde_json::Value;

use super::draft::Service;
use super::folder::Folder;
use super::shell;

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let package = folder.json("package.json", warnings)?;
    let start = start(folder, &package);
    let Some((run, why)) = start else {
        warnings.push("package.json has no `start` script: nothing says how it is run".to_owned());
        return None;
    };
    let mut service = Service::web("web");
    if let Some((build, why)) = build(folder) {
        // Builders such as Vite and Next take values from the folder's .env files.
        service.reads_dotenv = build.contains("run build");
        service.set("build", build, why);
    }
    service.set("run", run.clone(), why);
    if let Some(port) = shell::fixed_port(&run).or_else(|| listens_on(folder, &run)) {
        service.fix_port(port, "this port stands in the code, which does not read $PORT");
        warnings.push(format!("`web` seems to listen on port {port} only; let it listen on process.env.PORT instead"));
    }
    Some(service)
}

/// How the packages are fetched and the assets built; None when there is nothing to do. Also for projects that Node does not run.
pub(super) fn build(folder: &Folder) -> Option<(String, String)> {
    let package = folder.json("package.json", &mut Vec::new())?;
    let has = |table: &str| package[table].as_object().is_some_and(|all| !all.is_empty());
    let (tool, install, lock) = tool(folder);
    let mut steps: Vec<String> = Vec::new();
    let mut why: Vec<String> = Vec::new();
    if has("dependencies") || has("devDependencies") {
        steps.push(install.to_owned());
        why.push(lock.to_owned());
    }
    if package["scripts"]["build"].is_string() {
        steps.push(format!("{tool} run build"));
        why.push("package.json has a `build` script".to_owned());
    }
    (!steps.is_empty()).then(|| (steps.join(" && "), why.join("; ")))
}

fn tool(folder: &Folder) -> (&'static str, &'static str, &'static str) {
    if folder.is_file("pnpm-lock.yaml") {
        ("pnpm", "pnpm install --frozen-lockfile", "pnpm-lock.yaml is there")
    } else if folder.is_file("yarn.lock") {
        ("yarn", "yarn install --frozen-lockfile", "yarn.lock is there")
    } else if folder.is_file("package-lock.json") {
        ("npm", "npm ci", "package-lock.json is there")
    } else {
        ("npm", "npm install", "package.json lists packages, and there is no lock file")
    }
}

fn start(folder: &Folder, package: &Value) -> Option<(String, String)> {
    if let Some(script) = package["scripts"]["start"].as_str() {
        // A plain command runs without npm in between, which would not always pass SIGTERM on.
        let run =
            if script.starts_with("node ") { shell::exec(script) } else { format!("exec {} start", tool(folder).0) };
        return Some((run, format!("package.json's `start` script is `{script}`")));
    }
    let main = package["main"].as_str().filter(|main| folder.is_file(main) && !main.starts_with(['/', '-']));
    let file = main.or_else(|| ["server.js", "index.js"].into_iter().find(|file| folder.is_file(file)))?;
    Some((
        format!("exec node {}", shell::word(file)),
        format!("{file} is there, and package.json has no `start` script"),
    ))
}

/// A port that the started file listens on outright, when it does not look at PORT at all.
fn listens_on(folder: &Folder, run: &str) -> Option<u16> {
    let file = run.strip_prefix("exec node ")?.split_whitespace().last()?;
    let text = folder.text(file)?;
    if text.contains("env.PORT") || text.contains("env[\"PORT\"]") || text.contains("env['PORT']") {
        return None;
    }
    text.split(".listen(").skip(1).find_map(|rest| {
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|port| *port > 0)
    })
}
