//! Quotes that mean something else in this kind of file, so that the value is another one.

use super::super::case::{Case, with_value};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::is_secret;
use super::super::random::Random;

/// Quotes that are kept, lacking ones that cut a value, and double ones in which `$` means something.
pub(super) fn requoted(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in entries.iter().filter(|entry| entry.own && !entry.site.value.is_empty()) {
        let site = &entry.site;
        let text = layout.text(&site.file);
        let in_list = text[..site.key_at.start].ends_with("- ") && text[site.key_at.end..].starts_with('=');
        let keeps = matches!(entry.kind.as_str(), "dotenv-docker" | "properties")
            || site.file.ends_with(".properties")
            || in_list;
        if keeps && site.quote.is_none() {
            cases.push(with_value(layout, entry, &format!("\"{}\"", site.value), "quotes that are kept"));
        }
        if entry.kind == "web-config" {
            cases.push(with_value(layout, entry, &format!("&quot;{}&quot;", site.value), "quotes that are kept"));
        }
        if !is_secret(&entry.key) || site.value.starts_with("${") {
            continue;
        }
        let half = site.value.char_indices().nth(site.value.chars().count() / 2).map_or(0, |(at, _)| at);
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let (first, second) = (plain(&site.value[..half]), plain(&site.value[half..]));
        let cuts = !keeps
            && (entry.kind.starts_with("dotenv") || ["compose", "yaml", "spring"].contains(&entry.kind.as_str()));
        let whole = |value: &str, what: &str| {
            Case::new(format!("{what}: {} in {}:{}", entry.key, site.file, site.line))
                .splice(layout, &site.file, site.quoted_at(), value)
                .at(&site.file, site.line)
                .key(&entry.key)
        };
        if cuts {
            cases.push(whole(&format!("{first} #{second}"), "without the quotes that kept `#`"));
        }
        if ["dotenv-symfony", "dotenv-ruby", "dotenv-php"].contains(&entry.kind.as_str()) {
            let variable = if entry.kind == "dotenv-php" { format!("${{X{second}}}") } else { format!("$X{second}") };
            cases.push(whole(&format!("\"{first}{variable}\""), "in quotes in which `$` is a reference"));
        }
    }
    cases
}
