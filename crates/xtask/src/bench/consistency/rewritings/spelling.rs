//! The same in other signs.

use std::collections::BTreeMap;

use super::super::case::{Case, with_part};
use super::super::entries::Entry;
use super::super::layout::Layout;
use super::super::parts::{Part, part};
use super::super::random::Random;
use super::own;

fn files(entries: &[Entry]) -> BTreeMap<&str, &str> {
    own(entries).map(|entry| (entry.site.file.as_str(), entry.kind.as_str())).collect()
}

/// Comments and empty lines.
pub(super) fn commented(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for (file, kind) in files(entries) {
        let comment = match kind {
            "appsettings" => "// reviewed in March",
            "web-config" => "<!-- reviewed in March -->",
            "ini" => "; reviewed in March",
            _ => "# reviewed in March: PASSWORD=not-here",
        };
        for _ in 0..3 {
            let lines: Vec<&str> = layout.text(file).lines().collect();
            let at = 1 + random.below(lines.len() - 1);
            let mut new: Vec<&str> = lines[..at].to_vec();
            new.extend([comment, ""]);
            new.extend(&lines[at..]);
            cases.push(Case::new(format!("a comment in {file}")).file(file, Some(new.join("\n") + "\n")));
        }
    }
    cases
}

/// Hosts in capitals, and with the dot of the root at their end.
pub(super) fn hosts(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let Some(range) = part(&entry.key, &entry.site.value, Part::Host) else { continue };
        let host = &entry.site.value[range.clone()];
        if !host.contains('.') || host.contains('/') {
            continue;
        }
        let web = part(&entry.key, &entry.site.value, Part::Scheme)
            .is_some_and(|scheme| entry.site.value[scheme].starts_with("http"));
        let (first, rest) = host.split_once('.').unwrap_or((host, ""));
        let capital = format!("{}.{rest}", first.to_uppercase());
        let new = if web || random.below(2) == 0 { capital } else { format!("{host}.") };
        cases.push(with_part(layout, entry, range, &new, "a host spelt otherwise"));
    }
    cases
}

/// Line ends of Windows, `export`, and no line end at the last line.
pub(super) fn line_ends(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for (file, kind) in files(entries) {
        let text = layout.text(file);
        let mut of = |what: &str, new: String| cases.push(Case::new(format!("{what} in {file}")).file(file, Some(new)));
        of("no end of the last line", text.trim_end().to_owned());
        of("empty lines at the end", format!("{text}\n\n"));
        of("line ends of Windows", text.replace('\n', "\r\n"));
        if ["dotenv-php", "dotenv-symfony", "dotenv-python", "dotenv-ruby", "dotenv-node"].contains(&kind) {
            let lines = text.lines().map(|line| {
                let sets = line.starts_with(|c: char| c.is_ascii_uppercase());
                if sets { format!("export {line}\n") } else { format!("{line}\n") }
            });
            of("export before keys", lines.collect());
        }
    }
    cases
}

/// Letters of a login in a URL as `%XX`.
pub(super) fn percent_encoded(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let value = &entry.site.value;
        if !value.contains("://") {
            continue;
        }
        for wanted in [Part::User, Part::Password] {
            let Some(range) = part(&entry.key, value, wanted) else { continue };
            let letters: Vec<usize> = range.clone().filter(|at| value.as_bytes()[*at].is_ascii_alphabetic()).collect();
            let Some(&at) = random.one_of(&letters) else { continue };
            // Within `%2F` a letter means something else, and within a reference.
            let near = &value[range.start.max(at.saturating_sub(2))..at];
            if near.contains('%') || value[range].contains('$') {
                continue;
            }
            let coded = format!("%{:02X}", value.as_bytes()[at]);
            cases.push(with_part(layout, entry, at..at + 1, &coded, "percent-encoded"));
        }
    }
    cases
}

/// Quotes that change nothing.
pub(super) fn requoted(layout: &Layout, entries: &[Entry], _: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in own(entries) {
        let site = &entry.site;
        let text = layout.text(&site.file);
        let in_list = text[..site.key_at.start].ends_with("- ") && text[site.key_at.end..].starts_with('=');
        let knows_quotes = match entry.kind.as_str() {
            "dotenv-docker" | "properties" | "web-config" | "appsettings" | "ini" => false,
            kind => (kind.starts_with("dotenv") || !site.file.ends_with(".properties")) && !in_list,
        };
        let plain = !site.value.is_empty()
            && site.value.chars().all(|c| c.is_ascii_alphanumeric() || "._:/@?&=%+-".contains(c));
        if !knows_quotes || !plain {
            continue;
        }
        // A number of YAML is a text in quotes, which is the same where all become texts.
        for quote in ['\'', '"'].into_iter().filter(|quote| Some(*quote) != site.quote) {
            cases.push(Case::new(format!("{quote} around {} in {}", entry.key, site.file)).splice(
                layout,
                &site.file,
                site.quoted_at(),
                &format!("{quote}{}{quote}", site.value),
            ));
        }
    }
    cases
}

/// Spaces that mean nothing.
pub(super) fn spaced(layout: &Layout, entries: &[Entry], random: &mut Random) -> Vec<Case> {
    let mut cases = Vec::new();
    for (file, kind) in files(entries) {
        let text = layout.text(file);
        let mut of = |what: &str, new: String| cases.push(Case::new(format!("{what} in {file}")).file(file, Some(new)));
        match kind {
            "appsettings" => {
                let wider = |line: &str| {
                    let bare = line.trim_start();
                    " ".repeat((line.len() - bare.len()) * 2) + bare
                };
                let wide = text.lines().map(wider).collect::<Vec<_>>().join("\n") + "\n";
                of("wider indentation", wide);
                of("no indentation", text.lines().map(|line| line.trim_start().to_owned() + "\n").collect());
                of("no space after colons", text.replace("\": ", "\":"));
            }
            "web-config" => of("other spaces", text.replace("\" />", "\"/>").replace(" value=", "\n         value=")),
            _ => {}
        }
    }
    for entry in own(entries) {
        let site = &entry.site;
        let (from, to) = (site.key_at.end, site.quoted_at().start);
        if from > to {
            continue;
        }
        let sign = &layout.text(&site.file)[from..to];
        let new = match (entry.kind.as_str(), sign) {
            ("dotenv-python" | "dotenv-ruby" | "dotenv-php" | "dotenv-node", "=") => " = ",
            ("properties" | "ini" | "php-ini", _) => "   =  ",
            ("spring", "=") => [" = ", ": ", " : ", "="][random.below(3)],
            ("yaml" | "compose" | "spring" | "kubernetes", ": ") => ":    ",
            _ => continue,
        };
        cases.push(Case::new(format!("spaces before the value of {} in {}", entry.key, site.file)).splice(
            layout,
            &site.file,
            from..to,
            new,
        ));
    }
    cases
}
