//! Rust: Cargo.toml, a package or a workspace with a binary.

use super::draft::Service;
use super::folder::Folder;
use super::shell;

const FRAMEWORKS: [&str; 9] = ["axum", "actix-web", "hyper", "warp", "rocket", "poem", "salvo", "tide", "tiny_http"];

/// A package that makes a binary.
struct Binary {
    package: String,
    file: String,
    framework: Option<&'static str>,
}

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let manifest = folder.toml("Cargo.toml", warnings)?;
    let own = binary(folder, &manifest);
    let in_workspace = own.is_none();
    let mut binaries: Vec<Binary> = own.map_or_else(|| members(folder, &manifest, warnings), |own| vec![own]);
    // The one that answers requests, if some do and some do not.
    binaries.sort_by_key(|binary| binary.framework.is_none());
    let names: Vec<&str> = binaries.iter().map(|binary| binary.package.as_str()).collect();
    if names.len() > 1 {
        warnings.push(format!("the workspace has several binaries ({}); the first is taken", names.join(", ")));
    }
    let chosen = binaries.first()?;

    let locked = if folder.is_file("Cargo.lock") { " --locked" } else { "" };
    let package = if in_workspace { format!(" --package {}", shell::word(&chosen.package)) } else { String::new() };
    let file = shell::word(&chosen.file);
    let build = format!(
        "cargo build --release{locked}{package} && mkdir -p bin && mv target/release/{file} bin/ && rm -rf target"
    );
    let mut service = Service::web("web");
    service.set("build", build, "Cargo.toml; only the binary is kept of target/, which would fill the disk");
    service.add("exclude", &["/target/".to_owned()], "what was built here is not copied");
    service.set(
        "run",
        format!("exec ./bin/{file}"),
        format!("the binary `{}` of the package `{}`", chosen.file, chosen.package),
    );
    match chosen.framework {
        Some(framework) => {
            warnings.push(format!("`web` uses {framework}: see that it listens on 127.0.0.1 and the port in $PORT"));
        }
        None => warnings.push(
            "no web framework was recognised in Cargo.toml: if `web` answers no requests, set kind = \"worker\""
                .to_owned(),
        ),
    }
    Some(service)
}

fn binary(folder: &Folder, manifest: &toml::Table) -> Option<Binary> {
    let package = manifest.get("package")?.as_table()?;
    let name = package.get("name")?.as_str()?.to_owned();
    let named = manifest.get("bin").and_then(|bins| bins.as_array()?.first()?.get("name")?.as_str());
    let default = package.get("default-run").and_then(toml::Value::as_str);
    if named.is_none() && default.is_none() && !folder.is_file("src/main.rs") {
        return None;
    }
    let file = default.or(named).unwrap_or(&name).to_owned();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let uses = |framework: &&str| dependencies.is_some_and(|all| all.contains_key(*framework));
    Some(Binary { package: name, file, framework: FRAMEWORKS.into_iter().find(uses) })
}

/// The binaries of a workspace: members by name, or `folder/*`.
fn members(folder: &Folder, manifest: &toml::Table, warnings: &mut Vec<String>) -> Vec<Binary> {
    let listed = manifest.get("workspace").and_then(|workspace| workspace.get("members")?.as_array());
    let patterns = listed.into_iter().flatten().filter_map(toml::Value::as_str);
    let paths = patterns.flat_map(|pattern| match pattern.strip_suffix("/*") {
        Some(parent) => folder.sub(parent).folders().into_iter().map(|name| format!("{parent}/{name}")).collect(),
        None => vec![pattern.to_owned()],
    });
    let paths: Vec<String> = paths.filter(|path| !path.ends_with("xtask")).collect();
    let read = |path: &String| {
        let member = folder.sub(path);
        binary(&member, &member.toml("Cargo.toml", warnings)?)
    };
    paths.iter().filter_map(read).collect()
}
