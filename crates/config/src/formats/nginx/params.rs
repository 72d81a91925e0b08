//! What each place of an nginx configuration hands on.

use sternway_core::finding::Finding;

use super::tree::Directive;
use crate::formats::glyphs::{Glyph, Scan, text_of};
use crate::formats::text::{Builder, Fault, MOST_NODES, Reading, Spot};
use crate::source::{Assignment, Piece, Template, is_key};

/// The modules that hand on parameters: what sets one, and what passes requests on.
const MODULES: [(&str, &str); 3] =
    [("fastcgi_param", "fastcgi_pass"), ("uwsgi_param", "uwsgi_pass"), ("scgi_param", "scgi_pass")];

/// A place that hands something on.
pub(super) struct Candidate {
    servers: Vec<String>,
    location: Option<String>,
    passes: bool,
    pub(super) assignments: Vec<Assignment>,
}

impl Candidate {
    /// How it is named after `#`.
    pub(super) fn label(&self) -> String {
        let server = self.servers.first().map_or("", String::as_str);
        match &self.location {
            Some(location) if server.is_empty() || location.starts_with('/') => format!("{server}{location}"),
            Some(location) => format!("{server} {location}"),
            None => server.to_owned(),
        }
    }

    pub(super) fn fits(&self, part: &str) -> bool {
        let location = self.location.as_deref();
        if location == Some(part) || self.servers.iter().any(|server| server == part) {
            return true;
        }
        let rest = |server: &String| part.strip_prefix(server.as_str()).map(str::trim_start);
        location.is_some() && self.servers.iter().filter_map(rest).any(|rest| Some(rest) == location)
    }
}

/// The variables of nginx' own processes.
pub(super) fn variables(tree: &[Directive], findings: &mut Vec<Finding>) -> Vec<Assignment> {
    let mut all = Vec::new();
    for directive in tree.iter().filter(|directive| directive.name == "env") {
        let Some(word) = directive.words.first() else { continue };
        let place = directive.place.clone();
        let equals = word.iter().position(|glyph| glyph.is == '=');
        let key = text_of(&word[..equals.unwrap_or(word.len())]);
        if !is_key(&key) {
            fault(directive, "this is not a name that a variable can have", findings);
            continue;
        }
        let value = match equals {
            Some(equals) => Template::text(text_of(&word[equals + 1..])),
            None => Template::unknown("it is taken from the environment of nginx", place.clone()),
        };
        all.push(Assignment { key, value, place });
    }
    all
}

/// The places that pass requests on; where none does, those that set parameters.
pub(super) fn candidates(tree: &[Directive], findings: &mut Vec<Finding>) -> Vec<Candidate> {
    let mut walk = Walk { all: Vec::new(), findings, made: 0 };
    walk.level(tree, &[], None, [&[], &[], &[]]);
    let mut all = walk.all;
    if all.iter().any(|candidate| candidate.passes) {
        all.retain(|candidate| candidate.passes);
    }
    // What no name can be given to only counts where nothing else is.
    if all.iter().any(|candidate| !candidate.label().is_empty()) {
        all.retain(|candidate| !candidate.label().is_empty());
    }
    all
}

struct Walk<'f> {
    all: Vec<Candidate>,
    findings: &'f mut Vec<Finding>,
    /// How many assignments there are: each place has those of the levels around it.
    made: usize,
}

impl Walk<'_> {
    fn level(
        &mut self,
        directives: &[Directive],
        servers: &[String],
        location: Option<&str>,
        inherited: [&[&Directive]; MODULES.len()],
    ) {
        let own = MODULES.map(|(param, _)| directives.iter().filter(|one| one.name == param).collect::<Vec<_>>());
        let mut counts = inherited;
        for (index, (_, pass)) in MODULES.iter().enumerate() {
            if !own[index].is_empty() {
                counts[index] = &own[index];
            }
            let passes = directives.iter().any(|one| one.name == *pass);
            if passes || !own[index].is_empty() {
                let assignments = self.assignments(counts[index], !own[index].is_empty());
                let location = location.map(ToOwned::to_owned);
                self.all.push(Candidate { servers: servers.to_vec(), location, passes, assignments });
            }
        }
        for directive in directives {
            let words = || directive.words.iter().map(|word| text_of(word));
            match &*directive.name {
                "server" => {
                    let named = directive.block.iter().filter(|one| one.name == "server_name");
                    let names: Vec<String> = named.flat_map(|one| one.words.iter().map(|word| text_of(word))).collect();
                    self.level(&directive.block, &names, None, counts);
                }
                "location" => {
                    let name = words().collect::<Vec<_>>().join(" ");
                    self.level(&directive.block, servers, Some(&name), counts);
                }
                _ => self.level(&directive.block, servers, location, counts),
            }
        }
    }

    /// What is wrong is told once, where the lines stand.
    fn assignments(&mut self, directives: &[&Directive], tell: bool) -> Vec<Assignment> {
        let mut all = Vec::new();
        self.made = self.made.saturating_add(directives.len());
        if let Some(first) = directives.first().filter(|_| self.made > MOST_NODES) {
            if self.made - directives.len() <= MOST_NODES {
                fault(first, "these are handed on by too many places: the rest is not read", self.findings);
            }
            return all;
        }
        for directive in directives {
            let [key, value, rest @ ..] = &directive.words[..] else {
                if tell {
                    fault(directive, "this needs a name and a value", self.findings);
                }
                continue;
            };
            let (key, place) = (text_of(key), directive.place.clone());
            let template = template(value, directive);
            let plain = template.plain();
            let if_not_empty = rest.first().is_some_and(|word| text_of(word) == "if_not_empty");
            let of_request = MADE_BY_REQUESTS.contains(&&*key) && plain.is_none() || ALWAYS_THE_SAME.contains(&&*key);
            if of_request || if_not_empty && plain.as_deref() == Some("") {
                continue;
            }
            match plain.filter(|_| matches!(&*key, "PHP_VALUE" | "PHP_ADMIN_VALUE")) {
                Some(settings) => {
                    for (key, value) in settings.lines().filter_map(|line| line.split_once('=')) {
                        let value = Template::text(unquoted(value.trim()));
                        all.push(Assignment { key: key.trim().to_owned(), value, place: place.clone() });
                    }
                }
                None => all.push(Assignment { key, value: template, place }),
            }
        }
        all
    }
}

fn unquoted(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Names of the CGI (RFC 3875 and PHP's), which variables of the request are given to.
const MADE_BY_REQUESTS: &[&str] = &[
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "DOCUMENT_ROOT",
    "DOCUMENT_URI",
    "HTTPS",
    "HTTP_HOST",
    "HTTP_PROXY",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "REMOTE_USER",
    "REQUEST_METHOD",
    "REQUEST_SCHEME",
    "REQUEST_URI",
    "SCRIPT_FILENAME",
    "SCRIPT_NAME",
    "SERVER_ADDR",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
];
const ALWAYS_THE_SAME: &[&str] = &["GATEWAY_INTERFACE", "REDIRECT_STATUS", "SERVER_SOFTWARE"];

/// A value, whose variables are only known for a request.
fn template(value: &[Glyph], directive: &Directive) -> Template {
    let mut built = Builder::default();
    let mut scan = Scan::new(value);
    let in_name = |is: char| is.is_ascii_alphanumeric() || is == '_';
    while let Some(glyph) = scan.next() {
        if glyph.is != '$' {
            built.push(glyph.is);
            continue;
        }
        if scan.take('{') {
            scan.take_while(|is| is != '}');
            scan.next();
        } else {
            scan.take_while(in_name);
        }
        let place = sternway_core::finding::Place {
            line: glyph.at.line,
            column: glyph.at.column,
            file: directive.place.file.clone(),
        };
        let why = "it holds a variable of nginx, which has a value for each request".to_owned();
        built.piece(Piece::Unknown { why, place });
    }
    built.finish()
}

fn fault(directive: &Directive, message: &'static str, findings: &mut Vec<Finding>) {
    let spot = Spot { line: directive.place.line, column: directive.place.column };
    let mut reading = Reading::new(&directive.place.file);
    reading.fault(Fault::error(spot, message, "write `name value;`"));
    findings.extend(reading.finish_as_is().findings);
}
