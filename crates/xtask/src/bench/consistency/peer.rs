//! dotenv-linter beside it: `diff` compares the keys of dotenv files, which is the one thing of this benchmark that it does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::Outcome;
use super::case::Case;
use super::layout::Layout;

/// The program, when it is there.
pub(super) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("dotenv-linter")).find(|program| program.is_file())
}

/// Whether it finds a difference between what production and staging read where the case changed a file; `None` where it cannot be
/// asked: the case changed no dotenv file of production that has its like in staging.
pub(super) fn differs(program: &Path, layout: &Layout, case: &Case, project: &Path) -> Outcome<Option<bool>> {
    let Some((ours, theirs)) = case.files.keys().find_map(|file| pair(layout, file)) else { return Ok(None) };
    if !project.join(&ours).is_file() {
        return Ok(None);
    }
    let output = Command::new(program)
        .args(["diff", "--plain", "--quiet"])
        .arg(project.join(&theirs))
        .arg(project.join(&ours))
        .stdin(Stdio::null())
        .output()?;
    Ok(Some(!output.status.success()))
}

/// A dotenv file of production and the one of staging in its place.
fn pair(layout: &Layout, file: &str) -> Option<(String, String)> {
    let plain = |file: &str, environment: &str| file.to_lowercase().replace(environment, "");
    let (production, staging) = (layout.production(), layout.staging());
    let is_dotenv = |layer: &&super::layout::Layer| layer.kind.starts_with("dotenv");
    let ours = production.services.values().flatten().filter(is_dotenv).find(|layer| layer.file == file)?;
    let wanted = plain(&ours.file, &production.name);
    let mut theirs = staging.services.values().flatten().filter(is_dotenv);
    let theirs = theirs.find(|layer| plain(&layer.file, &staging.name) == wanted && layer.file != ours.file)?;
    Some((ours.file.clone(), theirs.file.clone()))
}
