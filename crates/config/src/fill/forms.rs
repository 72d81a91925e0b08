//! How each kind of file writes a key: beside a key that is there, or by itself.

use std::path::Path;

use super::text::indentation;

/// A way to write a key that is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    /// What stands above it where the file has no place for it yet: `[session]`, `session:`. Without indentation of its own.
    pub(super) above: Vec<String>,
    /// The key, with all but a value, in one line or two.
    pub(super) key: Vec<String>,
    /// What makes it a setting when it follows the last line, for the proof alone.
    pub(super) value: &'static str,
    /// What must follow the value.
    pub(super) close: String,
    /// What stands before all lines.
    pub(super) indentation: String,
    /// What makes a line a comment.
    pub(super) sign: Sign,
}

/// How a line becomes a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// By what stands before it.
    Before(&'static str),
    /// `<!-- ... -->`
    Xml,
}

const HASH: Sign = Sign::Before("# ");
const SLASHES: Sign = Sign::Before("// ");
const SEMICOLON: Sign = Sign::Before("; ");

impl Form {
    fn new(sign: Sign, key: impl Into<String>, value: &'static str) -> Self {
        let (above, key) = (Vec::new(), vec![key.into()]);
        Self { above, key, value, close: String::new(), indentation: String::new(), sign }
    }

    fn closed(self, close: impl Into<String>) -> Self {
        Self { close: close.into(), ..self }
    }

    fn comment(&self, line: &str, last: bool) -> String {
        let close = if last { self.close.as_str() } else { "" };
        let text = match self.sign {
            Sign::Before(sign) => format!("{}{sign}{line}{close}", self.indentation),
            Sign::Xml => format!("{}<!-- {line}{close} -->", self.indentation),
        };
        text.trim_end().to_owned()
    }

    /// The lines of the key as comments.
    pub(super) fn placeholder(&self) -> Vec<String> {
        let last = self.key.len().saturating_sub(1);
        self.key.iter().enumerate().map(|(index, line)| self.comment(line, index == last)).collect()
    }

    /// Those above it as comments.
    pub(super) fn headings(&self) -> Vec<String> {
        self.above.iter().map(|line| self.comment(line, false)).collect()
    }

    /// The lines of the key as settings, for the proof.
    pub(super) fn setting(&self) -> Vec<String> {
        let last = self.key.len().saturating_sub(1);
        let line = |(index, line): (usize, &String)| {
            if index == last {
                format!("{}{line}{}{}", self.indentation, self.value, self.close)
            } else {
                format!("{}{line}", self.indentation)
            }
        };
        self.key.iter().enumerate().map(line).collect()
    }

    /// A line above it without its comment.
    pub(super) fn uncommented(&self, content: &str) -> String {
        format!("{}{content}", self.indentation)
    }
}

/// A key of the file, and the line on which it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Like<'a> {
    /// The key as the file's kind names it.
    pub(super) key: &'a str,
    pub(super) line: &'a str,
    /// In characters, from 1.
    pub(super) column: usize,
}

/// The ways to write `key` beside one that is there, or, without one, by itself. Whether one is right is for the proof to tell.
///
/// # Errors
/// Why this kind of file cannot hold it.
pub(super) fn forms(kind: &str, file: &str, key: &str, like: Option<Like<'_>>) -> Result<Vec<Form>, &'static str> {
    let is_yaml = |file: &str| {
        Path::new(file)
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("yml") || end.eq_ignore_ascii_case("yaml"))
    };
    if !is_plain(key) {
        return Err("its name cannot be written plainly");
    }
    Ok(match (kind, like) {
        ("json", _) => return Err("JSON has no comments"),
        ("files", _) => return Err("each value is a file of its own there"),
        ("command", _) => return Err("a command prints it"),
        ("yaml", _) => yaml(key, like),
        ("spring", _) if is_yaml(file) => yaml(key, like),
        ("compose", Some(like)) => in_compose(key, like),
        ("kubernetes", Some(like)) => in_kubernetes(key, like),
        ("toml", _) => tables(key, like, HASH),
        ("ini", _) => tables(key, like, SEMICOLON),
        ("php-ini", _) => flat(vec![Form::new(SEMICOLON, format!("{key} ="), " 1")], like),
        ("properties" | "spring", _) => flat(vec![Form::new(HASH, format!("{key}="), "1")], like),
        ("php" | "wp-config", Some(like)) => php(key, like),
        ("json5" | "appsettings", Some(like)) => json5(key, like, if kind == "json5" { '.' } else { ':' }),
        ("web-config", Some(like)) => web_config(key, like),
        ("xml", Some(like)) => xml(key, like),
        ("systemd", Some(_)) => flat(vec![Form::new(HASH, format!("Environment={key}="), "1")], like),
        ("nginx", Some(like)) => directive(key, like),
        ("apache", Some(_)) => flat(vec![Form::new(HASH, format!("SetEnv {key}"), " 1")], like),
        (kind, _) if kind.starts_with("dotenv") => dotenv(key, like),
        _ => Vec::new(),
    })
}

/// Names that need no quotes beyond a pair of them, and end no comment.
fn is_plain(key: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@ +,~".contains(c);
    !key.is_empty() && key.trim() == key && key.chars().all(plain) && !key.contains("--") && !key.contains("//")
}

fn flat(mut forms: Vec<Form>, like: Option<Like<'_>>) -> Vec<Form> {
    if let Some(like) = like {
        for form in &mut forms {
            indentation(like.line).clone_into(&mut form.indentation);
        }
    }
    forms
}

fn dotenv(key: &str, like: Option<Like<'_>>) -> Vec<Form> {
    let exported = like.is_some_and(|like| like.line.trim_start().starts_with("export "));
    let export = if exported { "export " } else { "" };
    flat(vec![Form::new(HASH, format!("{export}{key}="), "1")], like)
}

/// What is left of a key below the parent of one that is there, whose own name stands at its place; the parent's key ends where as
/// many names from its end are taken off as stand there.
fn below_parent<'k>(key: &'k str, like: Like<'_>, separator: char) -> Option<&'k str> {
    let own = token(like)?;
    let names = own.split(separator).count();
    let parent = like.key.rsplitn(names + 1, separator).nth(names);
    match parent {
        Some(parent) => key.strip_prefix(parent)?.strip_prefix(separator),
        None => Some(key),
    }
    .filter(|rest| !rest.is_empty())
}

/// The name at a key's place, without quotes.
fn token(like: Like<'_>) -> Option<String> {
    let rest: String = like.line.chars().skip(like.column.checked_sub(1)?).collect();
    if let quote @ ('"' | '\'') = rest.chars().next()? {
        return rest[1..].split(quote).next().map(ToOwned::to_owned);
    }
    let end = rest.find([':', '=', ' ', '\t', '>', ',']).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// The blanks that bring a line to a column.
fn up_to(like: Like<'_>) -> String {
    let before = like.line.chars().take(like.column.saturating_sub(1));
    before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
}

fn yaml(key: &str, like: Option<Like<'_>>) -> Vec<Form> {
    let (rest, indentation) = match like {
        Some(like) => match below_parent(key, like, '.') {
            Some(rest) => (rest, up_to(like)),
            None => return Vec::new(),
        },
        None => (key, String::new()),
    };
    let names: Vec<&str> = rest.split('.').collect();
    if names.iter().any(|name| name.is_empty() || name.parse::<u64>().is_ok()) {
        return Vec::new();
    }
    let line = |(depth, name): (usize, &&str)| format!("{}{}:", "  ".repeat(depth), quoted_in_yaml(name));
    let mut lines: Vec<String> = names.iter().enumerate().map(line).collect();
    let last = lines.pop().unwrap_or_default();
    vec![Form { above: lines, indentation, ..Form::new(HASH, last, " \"1\"") }]
}

fn quoted_in_yaml(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'))
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

fn in_compose(key: &str, like: Like<'_>) -> Vec<Form> {
    let mut form = if like.line.trim_start().starts_with("- ") {
        Form::new(HASH, format!("- {key}="), "1")
    } else {
        Form::new(HASH, format!("{}:", quoted_in_yaml(key)), " \"1\"")
    };
    indentation(like.line).clone_into(&mut form.indentation);
    vec![form]
}

fn in_kubernetes(key: &str, like: Like<'_>) -> Vec<Form> {
    if !like.line.trim_start().starts_with("- name:") {
        return in_compose(key, like);
    }
    let mut form = Form::new(HASH, "  value:", " \"1\"");
    form.key.insert(0, format!("- name: {key}"));
    indentation(like.line).clone_into(&mut form.indentation);
    vec![form]
}

/// INI and TOML: a key in its section.
fn tables(key: &str, like: Option<Like<'_>>, sign: Sign) -> Vec<Form> {
    let form = |name: &str| Form::new(sign, format!("{name} ="), " 1");
    if let Some(like) = like {
        let rest = below_parent(key, like, '.');
        // At the top of an INI file a name with a dot is no section's.
        let rest = rest.filter(|rest| sign != SEMICOLON || *rest != key || !rest.contains('.'));
        return flat(rest.map(form).into_iter().collect(), Some(like));
    }
    let at = if sign == SEMICOLON { key.find('.') } else { key.rfind('.') };
    let Some(at) = at else { return vec![form(key)] };
    vec![Form { above: vec![format!("[{}]", &key[..at])], ..form(&key[at + 1..]) }]
}

fn php(key: &str, like: Like<'_>) -> Vec<Form> {
    let line = like.line.trim_start();
    let spaced = if line.starts_with("define( ") { (" ", " ") } else { ("", "") };
    let constant = !key.contains(['.', '-', ' ', '/', ':']);
    let forms = if line.starts_with("define(") && constant {
        vec![Form::new(SLASHES, format!("define({}'{key}', ", spaced.0), "'1'").closed(format!("{});", spaced.1))]
    } else if line.starts_with("const ") && constant {
        vec![Form::new(SLASHES, format!("const {key} = "), "'1'").closed(";")]
    } else if line.starts_with('$') {
        let mut names = key.split('.');
        let variable = names.next().unwrap_or_default();
        let keys: Vec<String> = names.map(|name| format!("['{name}']")).collect();
        let keys = keys.concat();
        vec![Form::new(SLASHES, format!("${variable}{keys} = "), "'1'").closed(";")]
    } else if line.starts_with(['\'', '"']) && up_to(like).len() == indentation(like.line).len() {
        let Some(rest) = below_parent(key, like, '.') else { return Vec::new() };
        let names: Vec<&str> = rest.split('.').collect();
        let open: Vec<String> = names.iter().map(|name| format!("'{name}' => ")).collect();
        vec![Form::new(SLASHES, open.join("["), "'1'").closed(format!("{},", "]".repeat(names.len() - 1)))]
    } else {
        Vec::new()
    };
    flat(forms, Some(like))
}

fn json5(key: &str, like: Like<'_>, separator: char) -> Vec<Form> {
    if up_to(like).len() != indentation(like.line).len() {
        return Vec::new();
    }
    let Some(rest) = below_parent(key, like, separator) else { return Vec::new() };
    let names: Vec<&str> = rest.split(separator).collect();
    let open: Vec<String> = names.iter().map(|name| format!("\"{name}\": ")).collect();
    let close = format!("{},", " }".repeat(names.len() - 1));
    flat(vec![Form::new(SLASHES, open.join("{ "), "\"1\"").closed(close)], Some(like))
}

fn web_config(key: &str, like: Like<'_>) -> Vec<Form> {
    let (Some((section, name)), true) = (key.split_once(':'), like.line.trim_start().starts_with("<add ")) else {
        return Vec::new();
    };
    if like.key.split_once(':').map(|(own, _)| own) != Some(section) {
        return Vec::new();
    }
    let form = if section.eq_ignore_ascii_case("ConnectionStrings") {
        Form::new(Sign::Xml, format!("<add name=\"{name}\" connectionString=\""), "1")
    } else {
        Form::new(Sign::Xml, format!("<add key=\"{name}\" value=\""), "1")
    };
    flat(vec![form.closed("\" />")], Some(like))
}

fn xml(key: &str, like: Like<'_>) -> Vec<Form> {
    let line = like.line.trim_start();
    let (parent, name) = key.rsplit_once('.').unwrap_or(("", key));
    let (other, _) = like.key.rsplit_once('.').unwrap_or(("", like.key));
    let element = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains([' ', '@', ':']);
    if parent != other || !line.starts_with('<') || !element(name) {
        return Vec::new();
    }
    flat(vec![Form::new(Sign::Xml, format!("<{name}>"), "1").closed(format!("</{name}>"))], Some(like))
}

fn directive(key: &str, like: Like<'_>) -> Vec<Form> {
    let word = like.line.trim_start().split([' ', '\t']).next().unwrap_or_default();
    let form = match word {
        "env" => Form::new(HASH, format!("env {key}="), "1"),
        "fastcgi_param" | "uwsgi_param" | "scgi_param" => Form::new(HASH, format!("{word} {key} "), "1"),
        _ => return Vec::new(),
    };
    flat(vec![form.closed(";")], Some(like))
}
