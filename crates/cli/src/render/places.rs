//! Places as the reader can open them. Findings name files relative to the project's folder, which need not be where the reader is.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use sternway_core::finding::{Finding, Place};

/// The project's folder, set once when the command line was read.
static PROJECT: OnceLock<PathBuf> = OnceLock::new();

/// Says where the project is. What was said first counts.
pub(crate) fn of_project(folder: &Path) {
    let _said_before = PROJECT.set(folder.to_owned());
}

/// The place as it is to be shown.
pub(crate) fn shown(place: &Place) -> Place {
    if !place.is_file() {
        return place.clone();
    }
    let Ok(here) = std::env::current_dir() else { return place.clone() };
    let project = PROJECT.get().map_or(Path::new("."), PathBuf::as_path);
    Place { file: from(&here, project, &place.file), ..place.clone() }
}

/// The findings with their places as they are to be shown.
pub(crate) fn all_shown(findings: &[Finding]) -> Vec<Finding> {
    let shown = |finding: &Finding| Finding { places: finding.places.iter().map(shown).collect(), ..finding.clone() };
    findings.iter().map(shown).collect()
}

/// A file of the project, as seen from a folder: relative when it lies below, absolute otherwise.
fn from(here: &Path, project: &Path, file: &str) -> String {
    if file.is_empty() {
        return String::new();
    }
    let path = settled(&here.join(project).join(file));
    let path = path.strip_prefix(here).unwrap_or(&path);
    path.to_str().map_or_else(|| file.to_owned(), str::to_owned)
}

/// Without `.` and `..`, by its words alone.
pub(super) fn settled(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut settled, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                settled.pop();
            }
            part => settled.push(part),
        }
        settled
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(project: &str, file: &str) -> String {
        from(Path::new("/srv/ann/work"), Path::new(project), file)
    }

    #[test]
    fn below_the_readers_folder_it_is_relative_and_elsewhere_absolute() {
        for (project, file, shown) in [
            (".", "sternway.toml", "sternway.toml"),
            ("", "config/a.env", "config/a.env"),
            ("shop", "sternway.toml", "shop/sternway.toml"),
            ("./shop/", "../common.env", "common.env"),
            ("..", "sternway.toml", "/srv/ann/sternway.toml"),
            ("/srv/shop", "config/a.env", "/srv/shop/config/a.env"),
            ("/srv/ann/work/shop", "sternway.toml", "shop/sternway.toml"),
            ("shop", "/etc/shop.env", "/etc/shop.env"),
            ("shop", "", ""),
        ] {
            assert_eq!(seen(project, file), shown, "{project} {file}");
        }
    }
}
