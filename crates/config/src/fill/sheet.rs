//! One file, and the placeholders that are put into it.

use crate::source::Files;

use super::anchors::{Anchor, anchors, nearest, positions};
use super::forms::{Form, Like, forms};
use super::proof::{As, Said};
use super::text::{Text, commented};

/// A placeholder that was put into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The key that it stands for.
    pub key: String,
    /// Its first line in the new file, from 1.
    pub line: u32,
    /// Its lines.
    pub text: Vec<String>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// A placeholder was put there.
    Written,
    /// One is there already, on this line.
    There(u32),
}

/// A file while placeholders are put into it.
pub struct Sheet<'a> {
    file: String,
    files: &'a dyn Files,
    text: Text,
    written: Vec<Placeholder>,
}

/// What a file is to one source.
#[derive(Debug, Clone, Copy)]
pub struct Kind<'a> {
    /// The kind of the source.
    pub name: &'a str,
    /// The file that sternway.toml names, when it is another one that names this.
    pub path: &'a str,
    /// Which part of it.
    pub part: Option<&'a str>,
}

impl<'a> Sheet<'a> {
    /// A file with these bytes. `file` is its path as places name it.
    ///
    /// # Errors
    /// That it is no text of a kind that can be added to.
    pub fn of(file: &str, bytes: &[u8], files: &'a dyn Files) -> Result<Self, &'static str> {
        let text = Text::of(bytes).ok_or("it is no text of single bytes, such as UTF-8")?;
        Ok(Self { file: file.to_owned(), files, text, written: Vec::new() })
    }

    /// The file as it is now.
    pub fn bytes(&self) -> Vec<u8> {
        self.text.bytes()
    }

    /// What was put into it, by line.
    pub fn written(&self) -> Vec<Placeholder> {
        let mut written = self.written.clone();
        written.sort_by_key(|placeholder| placeholder.line);
        written
    }

    /// Puts a placeholder for a key where its neighbours are; `order` are the keys of another environment's file as they follow each
    /// other there, `key` among them, or nothing.
    ///
    /// # Errors
    /// Why it cannot be, in words that hold nothing of the file.
    pub fn add(&mut self, as_what: Kind<'_>, key: &str, order: &[String]) -> Result<Put, &'static str> {
        let (file, files) = (self.file.clone(), self.files);
        let as_what = As { kind: as_what.name, path: as_what.path, part: as_what.part, file: &file, files };
        // Before the file is read: what holds for its kind is the better reason.
        forms(as_what.kind, &file, key, None)?;
        let read = as_what.read(&self.text.bytes()).ok_or("it cannot be read")?;
        let said = Said::of(&read);
        let reader = Reader { as_what, said };
        let anchors = anchors(&read, &file, key, order);
        let mut tried: Vec<(Form, Vec<usize>)> = Vec::new();
        for anchor in &anchors {
            for form in forms(as_what.kind, &file, key, self.like(anchor))? {
                let mut lines = self.beside_placeholders(key, order, anchor);
                let width = form.indentation.len();
                lines.extend(positions(&self.text, &read, &file, anchor, width, nearest(&anchors, key, order)));
                tried.push((form, lines));
            }
        }
        for form in forms(as_what.kind, &file, key, None)? {
            tried.push((form, vec![self.text.lines.len()]));
        }
        if let Some(line) = tried.iter().find_map(|(form, _)| self.found(&reader, key, form)) {
            return Ok(Put::There(number(line)));
        }
        // All that go where something is already before any that bring a section of their own.
        tried.sort_by_key(|(form, _)| form.above.len());
        for (form, lines) in &tried {
            if self.under_headings(&reader, key, form) {
                return Ok(Put::Written);
            }
            for line in lines {
                if self.put(&reader, key, form, *line) {
                    return Ok(Put::Written);
                }
            }
        }
        Err("no place was found where it would be read")
    }

    fn like<'t>(&'t self, anchor: &'t Anchor) -> Option<Like<'t>> {
        let line = &self.text.lines.get(anchor.line)?.text;
        Some(Like { key: &anchor.key, line, column: anchor.column })
    }

    /// Right behind the placeholder of a key that stands between the anchor and `key`.
    fn beside_placeholders(&self, key: &str, order: &[String], anchor: &Anchor) -> Vec<usize> {
        let (Some(place), Some(from)) =
            (order.iter().position(|other| other == key), order.iter().position(|other| *other == anchor.key))
        else {
            return Vec::new();
        };
        let between = order.get(from + 1..place).unwrap_or_default();
        let behind = |name: &String| {
            let known = self.written.iter().find(|placeholder| placeholder.key == *name)?;
            Some(known.line as usize - 1 + known.text.len())
        };
        between.iter().rev().find_map(behind).into_iter().collect()
    }

    /// The line of a placeholder for the key that is there already: one that sets it when its comment is taken away.
    fn found(&self, reader: &Reader<'_>, key: &str, form: &Form) -> Option<usize> {
        let heads: Vec<String> = form.key.iter().map(|line| squeezed(line)).collect();
        let fits = |line: usize, head: &String| {
            let content = self.text.lines.get(line).and_then(|line| commented(&line.text)).map(squeezed);
            content.is_some_and(|content| begins_with(&content, head))
        };
        let lines = (0..self.text.lines.len())
            .filter(|line| heads.iter().enumerate().all(|(index, head)| fits(line + index, head)));
        for line in lines {
            let setting = form.setting();
            let with = self.text.with(line, heads.len(), &setting);
            if reader.sets(&with, key) || self.in_its_block(reader, key, form, line) {
                return Some(line);
            }
        }
        None
    }

    /// Whether a placeholder that is there sets the key together with the headings above it.
    fn in_its_block(&self, reader: &Reader<'_>, key: &str, form: &Form, line: usize) -> bool {
        let Some((start, end)) = self.block(form) else { return false };
        (start..end).contains(&line) && reader.sets_among(&self.uncommented(form, start, end), key)
    }

    /// The lines of a commented section: its headings and what follows them as comments.
    fn block(&self, form: &Form) -> Option<(usize, usize)> {
        let headings = form.headings();
        if headings.is_empty() {
            return None;
        }
        let texts: Vec<&str> = self.text.lines.iter().map(|line| line.text.as_str()).collect();
        let start = texts.windows(headings.len()).position(|window| window == headings)?;
        let ends = |line: &&str| commented(line).is_none_or(|content| content.trim_start().starts_with('['));
        let more = texts[start + headings.len()..].iter().position(ends);
        Some((start, more.map_or(texts.len(), |more| start + headings.len() + more)))
    }

    /// The same with its comments taken away and a value for each of its keys.
    fn uncommented(&self, form: &Form, start: usize, end: usize) -> Text {
        let contents: Vec<String> = self.text.lines[start..end]
            .iter()
            .filter_map(|line| Some(commented(&line.text)?.strip_prefix(' ')?.to_owned()))
            .collect();
        let deeper = |index: usize| {
            let width = |line: &String| line.len() - line.trim_start().len();
            contents.get(index + 1).is_some_and(|next| width(next) > width(&contents[index]))
        };
        let lines: Vec<String> = contents
            .iter()
            .enumerate()
            .map(|(index, content)| {
                let is_key = content.ends_with(['=', ':']) && !deeper(index);
                form.uncommented(&if is_key { format!("{content}{}", form.value) } else { content.clone() })
            })
            .collect();
        self.text.with(start, end - start, &lines)
    }

    /// Puts the key under headings that are there as comments.
    fn under_headings(&mut self, reader: &Reader<'_>, key: &str, form: &Form) -> bool {
        let Some((_, end)) = self.block(form) else { return false };
        let mut with = self.text.clone();
        with.insert(end, &form.placeholder());
        let before = std::mem::replace(&mut self.text, with);
        let block = self.block(form);
        let sets = block.is_some_and(|(start, end)| reader.sets_among(&self.uncommented(form, start, end), key));
        if !sets || !reader.is_unchanged(&self.text) {
            self.text = before;
            return false;
        }
        self.note(key, form.placeholder(), end);
        true
    }

    /// Puts the key before a line.
    fn put(&mut self, reader: &Reader<'_>, key: &str, form: &Form, line: usize) -> bool {
        let (mut commented, mut set) = (self.text.clone(), self.text.clone());
        let mut lines = form.headings();
        lines.extend(form.placeholder());
        commented.insert(line, &lines);
        let mut settings: Vec<String> = form.above.iter().map(|line| form.uncommented(line)).collect();
        settings.extend(form.setting());
        set.insert(line, &settings);
        if !reader.is_unchanged(&commented) || !reader.sets(&set, key) {
            return false;
        }
        self.text = commented;
        self.note(key, lines, line);
        true
    }

    fn note(&mut self, key: &str, text: Vec<String>, line: usize) {
        let count = number(text.len()) - 1;
        for other in self.written.iter_mut().filter(|other| other.line > number(line) - 1) {
            other.line += count;
        }
        self.written.push(Placeholder { key: key.to_owned(), line: number(line), text });
    }
}

/// How the file is read, and what it says now.
struct Reader<'a> {
    as_what: As<'a>,
    said: Said,
}

impl Reader<'_> {
    fn is_unchanged(&self, text: &Text) -> bool {
        self.as_what.read(&text.bytes()).is_some_and(|read| Said::of(&read) == self.said)
    }

    /// Whether it is set, and nothing else that was not: what a format makes of one setting, as `Db_ProviderName` of `Db`, is one.
    fn sets(&self, text: &Text, key: &str) -> bool {
        let alone = |new: &[&str]| new.contains(&key) && new.iter().all(|new| new.starts_with(key));
        self.reads(text, alone)
    }

    /// Whether it is set, beside others that are placeholders as well.
    fn sets_among(&self, text: &Text, key: &str) -> bool {
        self.reads(text, |new| new.contains(&key))
    }

    /// Whether this holds of what is set beside all that was.
    fn reads(&self, text: &Text, holds: impl Fn(&[&str]) -> bool) -> bool {
        let read = self.as_what.read(&text.bytes());
        read.is_some_and(|read| Said::of(&read).beyond(&self.said).is_some_and(|new| holds(&new)))
    }
}

/// Of an index from 0: the number from 1.
fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// Without blanks and `export`: how a person writes it is not what counts.
fn squeezed(line: &str) -> String {
    let line = line.trim_start();
    line.strip_prefix("export ").unwrap_or(line).chars().filter(|c| !matches!(c, ' ' | '\t')).collect()
}

/// Whether it begins so, with a whole name.
fn begins_with(content: &str, head: &str) -> bool {
    let is_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    content.strip_prefix(head).is_some_and(|rest| !(head.ends_with(is_of_a_name) && rest.starts_with(is_of_a_name)))
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its lines hold values.
        f.debug_struct("Sheet").field("file", &self.file).field("written", &self.written).finish_non_exhaustive()
    }
}
