//! Puts together what the ecosystems recognise: services of the folder itself, or of the folders within.

use sternway_core::release::ServiceKind;

use super::draft::{Draft, Environment, Service, name_of};
use super::folder::Folder;
use super::{docker, dotenv, node, php, procfile, python, ruby, rust};

/// Folders that hold something else than a service.
const NOT_SERVICES: [&str; 16] = [
    "vendor",
    "node_modules",
    "target",
    "tests",
    "test",
    "spec",
    "docs",
    "dist",
    "build",
    "tmp",
    "log",
    "logs",
    "storage",
    "public",
    "scripts",
    "examples",
];

/// Why history and configuration are left out.
const NOT_CODE: &str = "history and secrets are no part of a release; configuration arrives through the environment";

/// Where users' files usually are.
const UPLOADS: [&str; 8] = [
    "uploads",
    "public/uploads",
    "storage/uploads",
    "web/uploads",
    "wp-content/uploads",
    "media",
    "data/uploads",
    "var/uploads",
];

pub(super) fn project(folder: &Folder) -> Draft {
    let mut warnings = Vec::new();
    let mut services = services_of(folder, &mut warnings);
    if services.is_empty() {
        services = services_within(folder, &mut warnings);
    }
    if services.is_empty() {
        services.push(placeholder(&mut warnings));
    }
    let with_staging = dotenv::file(folder, "staging").is_some();
    let mut environments = vec![environment(folder, "production", "127.0.0.1:8080", &services)];
    if with_staging {
        environments.push(environment(folder, "staging", "127.0.0.1:8081", &services));
    }
    leave_out_config(&mut services, &environments);
    for (service, file, _) in environments.iter().flat_map(|environment| &environment.config) {
        if file == ".env" || file.ends_with("/.env") {
            warnings.push(format!(
                "`{service}` gets {file} in production: see that its values are production's, or name another file"
            ));
        }
    }
    let needed = needed(folder, &services, &environments, &mut warnings);
    Draft { name: name_of(&folder.name()), services, environments, needed, warnings }
}

/// What the folder itself is. The Procfile is the author's word; then the frameworks; a Dockerfile says least about this machine.
fn services_of(folder: &Folder, warnings: &mut Vec<String>) -> Vec<Service> {
    // With a Procfile nothing else has to say how the project is run.
    let mut unheard = Vec::new();
    let heard = if folder.is_file("Procfile") { &mut unheard } else { &mut *warnings };
    let known = php::find(folder, heard)
        .map(|service| with_assets(folder, service))
        .or_else(|| ruby::find(folder, heard))
        .or_else(|| python::find(folder, heard))
        .or_else(|| node::find(folder, heard))
        .or_else(|| rust::find(folder, heard));
    let mut services = procfile::find(folder, known.as_ref(), warnings);
    if services.is_empty() {
        warnings.append(&mut unheard);
        services.extend(known.or_else(|| docker::find(folder, warnings)));
    }
    for service in &mut services {
        files(folder, service, warnings);
    }
    warnings.dedup();
    services
}

/// A PHP project whose assets Node builds.
fn with_assets(folder: &Folder, mut service: Service) -> Service {
    let build = service.settings.iter().find(|setting| setting.key == "build").cloned();
    let assets = node::build(folder).filter(|(steps, _)| steps.contains("run build"));
    if let (Some(build), Some((steps, why))) = (build, assets) {
        let before = build.value.as_str().unwrap_or_default();
        service.set("build", format!("{before} && {steps}"), format!("{}; {why}", build.why));
    }
    service
}

/// What must not go along with a release.
fn files(folder: &Folder, service: &mut Service, warnings: &mut Vec<String>) {
    let uploads: Vec<String> = UPLOADS.into_iter().filter(|path| folder.is_dir(path)).map(str::to_owned).collect();
    let covered = |path: &str| {
        let shared = service
            .settings
            .iter()
            .find(|setting| setting.key == "shared")
            .and_then(|setting| setting.value.as_array());
        let within = |outer: &str| path == outer || path.starts_with(&format!("{outer}/"));
        shared.is_some_and(|shared| shared.iter().filter_map(toml::Value::as_str).any(within))
    };
    let uploads: Vec<String> = uploads.into_iter().filter(|path| !covered(path)).collect();
    service.add("shared", &uploads, "looks like users' files, which must outlive a release");

    let mut exclude = Vec::new();
    if folder.is_dir(".git") {
        exclude.push("/.git/".to_owned());
    }
    if dotenv::lies_in(folder) {
        if service.reads_dotenv {
            exclude.extend(["/.env.local", "/.env.*.local"].map(str::to_owned));
            warnings.push(format!(
                "the .env files in the folder of `{}` become part of its releases, because it reads them itself: see that no secret is in them",
                service.name
            ));
        } else {
            exclude.push("/.env*".to_owned());
        }
    }
    service.add("exclude", &exclude, NOT_CODE);

    for place in ["", "database/", "db/", "data/", "var/"] {
        for file in folder.sub(place).files() {
            let is_database = [".sqlite", ".sqlite3", ".db"].iter().any(|end| file.ends_with(end));
            if is_database {
                warnings.push(format!(
                    "{place}{file} looks like a database: move it to a folder of its own and name that in `shared`, or each release starts with a copy"
                ));
            }
        }
    }
}

/// A configuration file within a service's folder stays out of its releases: it arrives through the environment.
fn leave_out_config(services: &mut [Service], environments: &[Environment]) {
    let files = environments.iter().flat_map(|environment| &environment.config).map(|(_, file, _)| file);
    for file in files {
        for service in services.iter_mut().filter(|service| !service.reads_dotenv) {
            let within = match service.text("path") {
                Some(path) => file.strip_prefix(&format!("{path}/")),
                None => Some(file.as_str()),
            };
            if let Some(within) = within.filter(|within| !within.starts_with(".env")) {
                service.add("exclude", &[format!("/{within}")], NOT_CODE);
            }
        }
    }
}

/// Services of the folders one level down, each named after its folder.
fn services_within(folder: &Folder, warnings: &mut Vec<String>) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for (path, found, said) in projects_within(folder) {
        let alone = found.len() == 1;
        for mut service in found {
            let last = path.rsplit('/').next().unwrap_or(&path);
            // `apps/web` and `admin/web` are two.
            let taken = services.iter().any(|other| other.name == name_of(last));
            let own = name_of(&if taken { path.replace('/', "-") } else { last.to_owned() });
            let name = if alone || service.name == "web" { own } else { format!("{own}-{}", service.name) };
            service.name = name_of(&name);
            service.settings.insert(
                0,
                super::draft::Setting {
                    key: "path",
                    value: path.as_str().into(),
                    why: format!("{path}/ holds a project of its own"),
                },
            );
            if !services.iter().any(|other| other.name == service.name) {
                services.push(service);
            }
        }
        warnings.extend(said.into_iter().map(|warning| format!("{path}: {warning}")));
    }
    services
}

/// The projects in the folders within; of one that holds none itself, those in its own folders (`apps/web`, `packages/api`).
fn projects_within(folder: &Folder) -> Vec<(String, Vec<Service>, Vec<String>)> {
    let look = |path: String| {
        let mut said = Vec::new();
        let found = services_of(&folder.sub(&path), &mut said);
        (path, found, said)
    };
    let mut all = Vec::new();
    for path in candidates(folder) {
        let (path, found, said) = look(path);
        if !found.is_empty() {
            all.push((path, found, said));
            continue;
        }
        let deeper: Vec<_> =
            candidates(&folder.sub(&path)).into_iter().map(|inner| look(format!("{path}/{inner}"))).collect();
        let holds = deeper.iter().any(|(_, found, _)| !found.is_empty());
        if holds {
            all.extend(deeper.into_iter().filter(|(_, found, _)| !found.is_empty()));
        } else {
            all.push((path, found, said));
        }
    }
    all
}

fn candidates(folder: &Folder) -> Vec<String> {
    let folders = folder.folders().into_iter();
    folders.filter(|path| !path.starts_with('.') && !NOT_SERVICES.contains(&path.as_str())).collect()
}

fn placeholder(warnings: &mut Vec<String>) -> Service {
    let mut service = Service::web("web");
    service.set("run", "exec ./serve --port \"$PORT\"", "a placeholder: nothing here says how the project is run");
    warnings.push(
        "nothing was recognised: replace `run` by the command that starts your server on 127.0.0.1:$PORT".to_owned(),
    );
    service
}

fn environment(folder: &Folder, name: &'static str, listen: &'static str, services: &[Service]) -> Environment {
    let config = services.iter().filter_map(|service| {
        // A file of the service's own folder first, then one for the whole project.
        let own = service.text("path").and_then(|path| {
            let (file, why) = dotenv::file(&folder.sub(path), name)?;
            Some((format!("{path}/{file}"), why))
        });
        let (file, why) = own.or_else(|| dotenv::file(folder, name))?;
        Some((service.name.clone(), file, why))
    });
    Environment { name, listen, routes: routes(services), config: config.collect() }
}

/// `/` goes to the one that looks like the front, the others get their name as prefix; nothing to say when there is only one.
fn routes(services: &[Service]) -> Vec<(String, String)> {
    let web: Vec<&str> = services
        .iter()
        .filter(|service| service.kind == ServiceKind::Web)
        .map(|service| service.name.as_str())
        .collect();
    if web.len() < 2 {
        return Vec::new();
    }
    let fronts = ["web", "frontend", "front", "app", "site", "www"];
    let front = fronts.into_iter().find(|name| web.contains(name)).unwrap_or(web[0]);
    let others = web.iter().filter(|name| **name != front).map(|name| (format!("/{name}"), (*name).to_owned()));
    std::iter::once(("/".to_owned(), front.to_owned())).chain(others).collect()
}

/// The names that example files ask for, when no file was found that could hold them.
fn needed(
    folder: &Folder,
    services: &[Service],
    environments: &[Environment],
    warnings: &mut Vec<String>,
) -> Vec<(String, Vec<String>)> {
    let paths = services.iter().filter_map(|service| service.text("path"));
    let within = paths.filter_map(|path| {
        let (file, names) = dotenv::needed(&folder.sub(path))?;
        Some((format!("{path}/{file}"), names))
    });
    let needed: Vec<_> = dotenv::needed(folder).into_iter().chain(within).collect();
    let configured = environments.iter().any(|environment| !environment.config.is_empty());
    if configured {
        return Vec::new();
    }
    for (file, names) in &needed {
        warnings.push(format!("{file} names {} values, but no file with production's was found", names.len()));
    }
    needed
}
