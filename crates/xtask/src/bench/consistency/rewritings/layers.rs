//! The same value from another place.

use super::super::case::{Case, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::is_secret;
use super::super::random::Random;
use super::own;

const PROJECT: &str = "sternway.toml";

/// A key is taken out of its file and stands in sternway.toml, for every service that had it from there.
pub(super) fn moved(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    let production = layout.production();
    for entry in own(entries).filter(|entry| !entry.covers) {
        let site = &entry.site;
        let movable = entry.kind.starts_with("dotenv") || (entry.kind == "compose" && entry.services.len() == 1);
        let plain = site.value.chars().all(|c| c.is_ascii_alphanumeric() || "._:/@?&=+-!^*~ ".contains(c));
        // A secret in sternway.toml is reported, and rightly.
        let secret = is_secret(&entry.key) || site.value.contains('@');
        if !movable || !plain || secret || site.value.is_empty() {
            continue;
        }
        let text = layout.text(&site.file);
        let start = text[..site.key_at.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
        let mut case = Case::new(format!("{} stands in sternway.toml and not in {}", entry.key, site.file)).splice(
            layout,
            &site.file,
            start..end,
            "",
        );
        let mut project = layout.text(PROJECT).to_owned();
        let head = format!("[environments.{}.config]", production.name);
        let Some(from) = project.find(&head) else { continue };
        for service in &entry.services {
            let Some(at) = project[from..].find(&format!("\n{service} = [")).map(|at| from + at) else { continue };
            let Some(close) = project[at..].find("]\n").map(|close| at + close) else { continue };
            project.insert_str(close, &format!(", {{ {} = \"{}\" }}", entry.key, site.value));
        }
        case = case.file(PROJECT, Some(project));
        cases.push(case);
    }
    cases
}

/// A literal becomes the default of a reference that nothing answers; or a reference becomes what it is.
pub(super) fn interpolated(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let (site, kind) = (&entry.site, entry.kind.as_str());
        let value = &site.value;
        let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "._:/@?&=+-".contains(c));
        if plain && site.quote != Some('\'') {
            let new = match kind {
                "dotenv-symfony" | "dotenv-python" | "compose" => format!("${{NOT_SET_HERE:-{value}}}"),
                "spring" => format!("${{not.set.here:{value}}}"),
                _ => continue,
            };
            cases.push(with_value(layout, entry, &new, "the default of a reference"));
        } else if let Some((before, rest)) = value.split_once("$(").filter(|_| kind == "kubernetes")
            && let Some((name, after)) = rest.split_once(')')
            && let Some(meant) = entries.iter().find(|other| other.key == name)
        {
            cases.push(with_value(
                layout,
                entry,
                &format!("{before}{}{after}", meant.site.value),
                "a reference written out",
            ));
        } else if let Some(name) = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
            && let Some(meant) =
                entries.iter().find(|other| other.key == name && !other.services.is_disjoint(&entry.services))
        {
            cases.push(with_value(layout, entry, &meant.site.value, "a reference written out"));
        }
    }
    cases
}

/// An anchor of YAML and what refers to it, written out; and two equal values as an anchor.
pub(super) fn anchored(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for (file, text) in &layout.files {
        if let Some(at) = text.find(&format!("\n{}:\n  <<: *default\n", layout.production().name))
            && let Some(block) = text.split("default: &default\n").nth(1).and_then(|rest| rest.split("\n\n").next())
        {
            let line = at + text[at..].find("  <<:").unwrap_or(0);
            let new = format!("{}{block}\n{}", &text[..line], &text[line + "  <<: *default\n".len()..]);
            cases.push(Case::new(format!("anchors written out in {file}")).file(file, Some(new)));
        }
    }
    let own: Vec<&Entry> = own(entries).collect();
    for (index, one) in own.iter().enumerate() {
        let of_yaml =
            ["compose", "kubernetes", "spring", "yaml"].contains(&one.kind.as_str()) && one.site.file.contains(".y");
        let text = layout.text(&one.site.file);
        let later = own[index + 1..].iter().find(|other| {
            other.site.file == one.site.file
                && other.site.value == one.site.value
                && other.site.value_at.start > one.site.value_at.start
                && other.site.quote == one.site.quote
                // An anchor is of its document, and of YAML, not of the text `KEY=value`.
                && !text[one.site.value_at.start..other.site.value_at.start].contains("\n---")
                && [one, other].iter().all(|entry| !text[..entry.site.key_at.start].ends_with("- ") || !text[entry.site.key_at.end..].starts_with('='))
        });
        let Some(other) = later.filter(|_| of_yaml && !one.site.value.is_empty()) else { continue };
        let (first, second) = (one.site.quoted_at(), other.site.quoted_at());
        let case = Case::new(format!("{} anchors {} in {}", one.key, other.key, one.site.file))
            .splice(layout, &one.site.file, second, "*same")
            .splice(layout, &one.site.file, first.start..first.start, "&same ");
        cases.push(case);
    }
    cases
}
