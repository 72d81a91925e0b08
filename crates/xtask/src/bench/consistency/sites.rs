//! Where values stand in files, line by line: enough of each format for files that are written plainly, as those of the layouts are.

use std::ops::Range;

use super::yaml;

/// A value in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) file: String,
    /// From 1.
    pub(super) line: u32,
    /// The key as it is written.
    pub(super) key: String,
    /// The key with what it stands below.
    pub(super) path: String,
    pub(super) key_at: Range<usize>,
    /// Without quotes.
    pub(super) value_at: Range<usize>,
    pub(super) quote: Option<char>,
    /// The value, as it is written between the quotes.
    pub(super) value: String,
}

impl Site {
    /// The bytes of the value with its quotes.
    pub(super) fn quoted_at(&self) -> Range<usize> {
        let width = usize::from(self.quote.is_some());
        self.value_at.start - width..self.value_at.end + width
    }
}

/// Every value of a file.
pub(super) fn scan(kind: &str, file: &str, text: &str) -> Vec<Site> {
    let lines = Lines { file, text };
    if kind.starts_with("dotenv") {
        return lines.each(|_, line| assigned(line, '='));
    }
    match kind {
        "properties" => lines.each(|_, line| assigned(line, '=')),
        "spring" if file.ends_with(".properties") => lines.each(|_, line| assigned(line, '=')),
        "yaml" | "spring" | "compose" | "kubernetes" => yaml::scan(file, text),
        "ini" | "php-ini" => ini(&lines),
        "json" | "appsettings" => json(&lines),
        "web-config" => lines.each(|_, line| attributes(line)),
        _ => Vec::new(),
    }
}

struct Lines<'a> {
    file: &'a str,
    text: &'a str,
}

/// A key and a value in a line, by bytes within it.
struct Found {
    path: String,
    key: Range<usize>,
    value: Range<usize>,
    quote: Option<char>,
}

impl Lines<'_> {
    fn each(&self, mut of: impl FnMut(&Self, &str) -> Option<Found>) -> Vec<Site> {
        let mut sites = Vec::new();
        let mut start = 0;
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            if let Some(found) = of(self, line.trim_end_matches(['\n', '\r'])) {
                let shift = |range: Range<usize>| range.start + start..range.end + start;
                let (key_at, value_at) = (shift(found.key), shift(found.value));
                sites.push(Site {
                    file: self.file.to_owned(),
                    line: u32::try_from(index + 1).unwrap_or(u32::MAX),
                    key: self.text[key_at.clone()].to_owned(),
                    path: found.path,
                    value: self.text[value_at.clone()].to_owned(),
                    key_at,
                    value_at,
                    quote: found.quote,
                });
            }
            start += line.len();
        }
        sites
    }
}

/// The value that stands from `from` on, without the quotes around it.
pub(super) fn value_from(line: &str, from: usize) -> (Range<usize>, Option<char>) {
    let rest = &line[from..];
    let start = from + rest.len() - rest.trim_start().len();
    let text = line[start..].trim_end();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quote {
        Some(quote) if text.len() > 1 && text.ends_with(quote) => (start + 1..start + text.len() - 1, Some(quote)),
        _ => (start..start + text.len(), None),
    }
}

fn assigned(line: &str, equals: char) -> Option<Found> {
    if line.trim_start().starts_with(['#', ';', '[']) {
        return None;
    }
    let at = line.find(equals)?;
    let key = line[..at].trim_end();
    let start = key.len() - key.trim_start().trim_start_matches("export ").len();
    let key = start..key.len();
    if key.is_empty() {
        return None;
    }
    let (value, quote) = value_from(line, at + 1);
    Some(Found { path: line[key.clone()].to_owned(), key, value, quote })
}

fn ini(lines: &Lines<'_>) -> Vec<Site> {
    let mut section = String::new();
    lines.each(|_, line| {
        if let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
            return None;
        }
        let mut found = assigned(line, '=')?;
        found.path = format!("{section}.{}", found.path);
        Some(found)
    })
}

fn json(lines: &Lines<'_>) -> Vec<Site> {
    let mut above: Vec<String> = Vec::new();
    lines.each(|_, line| {
        let text = line.trim_start();
        if text.starts_with(['}', ']']) {
            above.pop();
            return None;
        }
        let start = line.len() - text.len() + 1;
        let end = start + text.strip_prefix('"')?.find('"')?;
        let key = start..end;
        let colon = end + line[end..].find(':')?;
        let rest = line[colon + 1..].trim();
        if rest.ends_with('{') || rest.ends_with('[') {
            above.push(line[key].to_owned());
            return None;
        }
        if rest.contains(['{', '[']) {
            return None;
        }
        let bare = line.trim_end().strip_suffix(',').unwrap_or(line.trim_end());
        let (value, quote) = value_from(bare, colon + 1);
        let path = above.iter().chain([&line[key.clone()].to_owned()]).cloned().collect::<Vec<_>>().join(":");
        Some(Found { path, key, value, quote })
    })
}

/// `<add key="K" value="V" />` and `<add name="N" connectionString="V" .../>`.
fn attributes(line: &str) -> Option<Found> {
    let of = |name: &str| {
        let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(start..start + line[start..].find('"')?)
    };
    let key = of("key").or_else(|| of("name"))?;
    let value = of("value").or_else(|| of("connectionString"))?;
    Some(Found { path: line[key.clone()].to_owned(), key, value, quote: Some('"') })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, file: &str, text: &str) -> Vec<String> {
        let sites = scan(kind, file, text);
        for site in &sites {
            assert_eq!(text[site.value_at.clone()], site.value);
            assert_eq!(text[site.key_at.clone()], site.key);
        }
        sites.into_iter().map(|site| format!("{} {}={}", site.line, site.path, site.value)).collect()
    }

    #[test]
    fn values_are_found_in_each_format() {
        assert_eq!(told("dotenv", ".env", "# x\nexport A='b c'\nB=\n"), ["2 A=b c", "3 B="]);
        assert_eq!(told("ini", "x.ini", "[s]\na = b\n"), ["2 s.a=b"]);
        let json = "{\n  \"A\": {\n    \"B\": \"x:1\",\n    \"C\": 5\n  },\n  \"D\": true\n}\n";
        assert_eq!(told("appsettings", "a.json", json), ["3 A:B=x:1", "4 A:C=5", "6 D=true"]);
        assert_eq!(told("web-config", "w", "<add key=\"K\" value=\"V\" />\n"), ["1 K=V"]);
        let yaml = "a: &x\n  b: c\n  d:\n    - E=f\n    - \"G\"\nh: 'i'\n";
        assert_eq!(told("yaml", "y", yaml), ["2 a.b=c", "4 a.d.E=f", "6 h=i"]);
        let manifest = "kind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n    - name: c\n      env:\n        - name: A\n          value: \"1\"\n---\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  B: 2\n";
        assert_eq!(told("kubernetes", "k", manifest), ["9 Pod/p/env.A=1", "15 ConfigMap/m/data.B=2"]);
    }
}
