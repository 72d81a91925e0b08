//! Where values stand in YAML that is written plainly: block mappings, `- KEY=value` in lists, and `- name: KEY` with `value: ...` below it.
//! Documents of Kubernetes are told apart by their kind and name.

use std::ops::Range;

use super::sites::{Site, value_from};

/// Every value of a file.
pub(super) fn scan(file: &str, text: &str) -> Vec<Site> {
    let mut reader = Reader { file, ..Reader::default() };
    let mut start = 0;
    for (index, whole) in text.split_inclusive('\n').enumerate() {
        reader.line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        reader.start = start;
        reader.read(whole.trim_end_matches(['\n', '\r']));
        start += whole.len();
    }
    reader.sites
}

#[derive(Default)]
struct Reader<'a> {
    file: &'a str,
    line: u32,
    /// Where the line begins in the text.
    start: usize,
    /// What the line stands below, with the indentation of each.
    above: Vec<(usize, String)>,
    document: String,
    /// The name of the last entry of a list that has one, and where it stands.
    named: Option<(String, Range<usize>)>,
    sites: Vec<Site>,
}

impl Reader<'_> {
    fn read(&mut self, line: &str) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.starts_with("---") {
            self.above.clear();
            self.document.clear();
            return;
        }
        if text.is_empty() || text.starts_with('#') {
            return;
        }
        let (in_list, body) = text.strip_prefix("- ").map_or((false, text), |body| (true, body));
        let at = line.len() - body.len();
        let depth = indent + usize::from(in_list);
        self.above.retain(|(other, _)| *other < depth);
        let colon = body.find(": ").or_else(|| body.strip_suffix(':').map(str::len));
        if let Some(colon) = colon.filter(|_| !body.starts_with(['"', '\''])) {
            self.entry(line, at..at + colon, depth, in_list);
        } else if in_list && let Some(equals) = body.find('=') {
            self.push(line, at..at + equals, at + equals + 1);
        }
    }

    fn entry(&mut self, line: &str, key: Range<usize>, depth: usize, in_list: bool) {
        let value = key.end + 1;
        let rest = line[value.min(line.len())..].trim();
        let word = &line[key.clone()];
        let top = self.above.is_empty();
        if rest.is_empty() || rest.starts_with('&') {
            self.above.push((depth, word.to_owned()));
            self.named = None;
        } else if word == "kind" && top {
            rest.clone_into(&mut self.document);
        } else if word == "name" && self.above.len() == 1 && self.above[0].1 == "metadata" {
            self.document = format!("{}/{rest}", self.document);
        } else if word == "name" && in_list {
            let from = line.len() - line[value..].trim_start().len();
            self.named = Some((rest.to_owned(), self.start + from..self.start + from + rest.len()));
        } else if word == "value"
            && let Some((name, at)) = self.named.take()
        {
            let (value_at, quote) = value_from(line, value);
            self.sites.push(Site {
                file: self.file.to_owned(),
                line: self.line,
                path: format!("{}/env.{name}", self.document),
                key: name,
                key_at: at,
                value: line[value_at.clone()].to_owned(),
                value_at: self.start + value_at.start..self.start + value_at.end,
                quote,
            });
        } else if word != "<<" {
            self.push(line, key, value);
        }
    }

    fn push(&mut self, line: &str, key: Range<usize>, value: usize) {
        let word = line[key.clone()].to_owned();
        let words = self.above.iter().map(|(_, word)| word.as_str()).chain([word.as_str()]);
        let path = words.collect::<Vec<_>>().join(".");
        let (value_at, quote) = value_from(line, value);
        self.sites.push(Site {
            file: self.file.to_owned(),
            line: self.line,
            path: if self.document.is_empty() { path } else { format!("{}/{path}", self.document) },
            key_at: self.start + key.start..self.start + key.end,
            key: word,
            value: line[value_at.clone()].to_owned(),
            value_at: self.start + value_at.start..self.start + value_at.end,
            quote,
        });
    }
}
