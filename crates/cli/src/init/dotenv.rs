//! .env files: which one belongs to which environment. Their values are never read into the draft.

use super::folder::Folder;

/// The file that holds an environment's configuration, and why that one.
pub(super) fn file(folder: &Folder, environment: &str) -> Option<(String, String)> {
    let short = match environment {
        "production" => "prod",
        other => other,
    };
    let own = [
        format!("config/{environment}.env"),
        format!("{environment}.env"),
        format!(".env.{environment}"),
        format!(".env.{short}"),
    ];
    if let Some(file) = own.into_iter().find(|file| folder.is_file(file)) {
        let why = format!("{file} is named after the environment");
        return Some((file, why));
    }
    let only = environment == "production" && folder.is_file(".env");
    only.then(|| (".env".to_owned(), "no file is named after production".to_owned()))
}

/// The names that an example file says are needed.
pub(super) fn needed(folder: &Folder) -> Option<(String, Vec<String>)> {
    let examples = [".env.example", ".env.sample", ".env.dist", "env.example"];
    let file = examples.into_iter().find(|file| folder.is_file(file))?;
    let names = names(&folder.text(file)?);
    (!names.is_empty()).then(|| (file.to_owned(), names))
}

/// The keys of a dotenv text.
fn names(text: &str) -> Vec<String> {
    let key = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, _) = line.split_once('=')?;
        let key = key.trim();
        let is_name = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name.then(|| key.to_owned())
    };
    text.lines().filter_map(key).take(200).collect()
}

/// Whether .env files lie in a service's folder and would become part of its releases.
pub(super) fn lies_in(folder: &Folder) -> bool {
    folder.files().iter().any(|name| name == ".env" || name.starts_with(".env."))
}
