//! Apache's configuration: the server's own, virtual hosts, `.htaccess`.

use sternway_core::finding::Severity;

use super::facts::{Kind, Row, When, rows};
use super::lines::{Line, lines};
use super::said;
use super::settings::setting;
use crate::facts::Facts;
use crate::seen::Said;
use crate::version::Version;

/// Modules that every Apache 2.4 loads, as distributions ship it.
const ALWAYS: &[&str] = &["authn_core", "authn_file", "authz_core", "authz_host", "authz_user", "filter", "auth_basic"];

/// Whether a text is a configuration of Apache: it has its containers.
pub(crate) fn is_apache(text: &str) -> bool {
    ["<VirtualHost", "<Directory", "<IfModule", "<Location", "<FilesMatch", "LoadModule "]
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// A container that is open.
struct Open {
    /// Modules that are surely loaded in it.
    with: Option<String>,
    /// Modules that are surely not.
    without: Option<String>,
    /// Whether nothing in it is read.
    is_dead: bool,
}

/// What is to be said about one file of configuration, on a host with this PHP and Apache 2.4.
pub(crate) fn apache(text: &str, facts: &Facts<'_>, target: Version) -> Vec<Said> {
    let lines = lines(text);
    let mut reader = Reader { facts, target, open: Vec::new(), loaded: loaded(&lines), found: Vec::new() };
    let lives = lines.iter().any(|line| names_present_php(line, target));
    for line in &lines {
        reader.line(line, lives);
    }
    reader.found
}

/// The modules that a file loads: a file that loads any is the whole server's.
fn loaded(lines: &[Line]) -> Option<Vec<String>> {
    let named = |line: &Line| {
        let [directive, module, ..] = &line.words[..] else { return None };
        directive.eq_ignore_ascii_case("LoadModule").then(|| module.trim_end_matches("_module").to_ascii_lowercase())
    };
    let all: Vec<String> = lines.iter().filter_map(named).collect();
    (!all.is_empty()).then_some(all)
}

/// Whether a line opens a block for the PHP that will be there: then blocks for others stand beside it on purpose.
fn names_present_php(line: &Line, target: Version) -> bool {
    let present: &[&str] = if target.major() >= 8 {
        &["mod_php.c", "php_module"]
    } else if target.major() == 7 {
        &["mod_php7.c", "php7_module"]
    } else {
        &["mod_php5.c", "php5_module"]
    };
    line.words.len() > 1
        && line.words[0].eq_ignore_ascii_case("<IfModule")
        && present.iter().any(|name| line.words[1].trim_end_matches('>').eq_ignore_ascii_case(name))
}

struct Reader<'f> {
    facts: &'f Facts<'f>,
    target: Version,
    open: Vec<Open>,
    loaded: Option<Vec<String>>,
    found: Vec<Said>,
}

impl Reader<'_> {
    fn line(&mut self, line: &Line, others_on_purpose: bool) {
        let first = line.words[0].as_str();
        if first.starts_with("</") {
            self.open.pop();
            return;
        }
        let dead = self.open.iter().any(|open| open.is_dead);
        if let Some(name) = first.strip_prefix('<') {
            let opened = self.opened(name, line, dead || others_on_purpose);
            self.open.push(opened);
            return;
        }
        if dead {
            return;
        }
        for row in rows() {
            let is_it = match row.kind {
                Kind::Directive | Kind::Value => row.name.eq_ignore_ascii_case(first),
                Kind::Module => {
                    first.eq_ignore_ascii_case("LoadModule")
                        && line
                            .words
                            .get(1)
                            .is_some_and(|module| module.trim_end_matches("_module").eq_ignore_ascii_case(row.name))
                }
                Kind::Container => false,
            };
            if is_it && row.is_reached(self.target) && self.holds(row, line) {
                self.say(row, line);
            }
        }
        self.php_value(line);
    }

    /// A container begins.
    fn opened(&mut self, name: &str, line: &Line, quietly: bool) -> Open {
        let mut open = Open { with: None, without: None, is_dead: false };
        let argument = line.words.get(1).map(|word| word.trim_end_matches('>')).unwrap_or_default();
        if name.eq_ignore_ascii_case("IfVersion") {
            let words: Vec<&str> = line.words[1..].iter().map(|word| word.trim_end_matches('>')).collect();
            open.is_dead = !version_holds(&words);
        } else if name.eq_ignore_ascii_case("IfModule") {
            let (negated, module) = argument.strip_prefix('!').map_or((false, argument), |module| (true, module));
            let short = module_of(module);
            if negated {
                open.is_dead = ALWAYS.contains(&short.as_str());
                open.without = Some(short);
            } else {
                let row = rows().iter().find(|row| {
                    row.kind == Kind::Container
                        && row.name.eq_ignore_ascii_case(module)
                        && (row.when != When::Php || row.is_reached(self.target))
                });
                if let Some(row) = row {
                    open.is_dead = true;
                    if !quietly {
                        self.say(row, line);
                    }
                }
                open.with = Some(short);
            }
        } else if self.open.iter().all(|open| !open.is_dead) {
            for row in rows() {
                let is_it = row.kind == Kind::Directive && row.name.eq_ignore_ascii_case(name.trim_end_matches('>'));
                if is_it && row.is_reached(self.target) && self.holds(row, line) {
                    self.say(row, line);
                }
            }
        }
        open
    }

    fn holds(&self, row: &Row, line: &Line) -> bool {
        let args = &line.words[1..];
        let sign = |word: &String| word.starts_with(['+', '-']);
        let bare = |word: &String| word.trim_start_matches(['+', '-']).to_ascii_lowercase();
        match row.when {
            When::Always | When::Php => true,
            When::Without(module) => self.is_without(module),
            When::Mixed => args.iter().any(sign) && !args.iter().all(sign),
            When::Count(count) => args.len() == count,
            // `-SSLv2` takes it away.
            When::Word(wanted) => {
                args.iter().any(|word| !word.starts_with('-') && bare(word) == wanted.to_ascii_lowercase())
            }
            When::NoWord(wanted) => {
                !args.is_empty() && args.iter().all(|word| !wanted.split(',').any(|known| bare(word) == known))
            }
            When::Contains(wanted) => {
                let wanted = wanted.to_ascii_lowercase();
                args.iter().any(|word| !word.starts_with('-') && word.to_ascii_lowercase().contains(&wanted))
            }
        }
    }

    /// Whether a module is not loaded, or may not be.
    fn is_without(&self, module: &str) -> bool {
        let is = |name: &Option<String>| name.as_deref() == Some(module);
        if self.open.iter().any(|open| is(&open.with)) {
            return false;
        }
        if self.open.iter().any(|open| is(&open.without)) {
            return true;
        }
        match &self.loaded {
            Some(loaded) => {
                !loaded.iter().any(|known| known == module || (module == "php" && known.starts_with("php")))
            }
            // Not known: PHP runs beside Apache as often as in it; the others are there by default.
            None => module == "php",
        }
    }

    fn say(&mut self, row: &Row, line: &Line) {
        let Some(mut severity) = row.severity() else { return };
        let certain = self.loaded.is_some() || !matches!(row.when, When::Without(_));
        if !certain {
            severity = Severity::Warning;
        }
        let written = match row.kind {
            Kind::Container => format!("<IfModule {}>", row.name),
            Kind::Module => format!("LoadModule {}_module", row.name),
            Kind::Directive => row.name.to_owned(),
            Kind::Value => line.words.join(" "),
        };
        let (major, minor) = row.version;
        let product = if major >= 5 { "PHP" } else { "Apache" };
        let what = match row.effect {
            "removed" => format!("`{written}` was removed in {product} {major}.{minor}"),
            "error" => format!("`{written}` fails since {product} {major}.{minor}"),
            "deprecated" => format!("`{written}` is deprecated since {product} {major}.{minor}"),
            _ => format!("`{written}` works differently since {product} {major}.{minor}"),
        };
        let message = if row.message.is_empty() { what } else { format!("{what}: {}", row.message) };
        let mut one = said(severity, format!("apache {}", row.name), line.number, message);
        if !row.replacement.is_empty() {
            one.hint = format!("use {}", row.replacement);
        }
        row.source.clone_into(&mut one.source);
        self.found.push(one);
    }

    /// `php_value name value`: the directive itself is PHP's.
    fn php_value(&mut self, line: &Line) {
        let is = |name: &str| line.words[0].eq_ignore_ascii_case(name);
        if ["php_value", "php_flag", "php_admin_value", "php_admin_flag"].into_iter().any(is)
            && let Some(name) = line.words.get(1)
        {
            self.found.extend(setting(self.facts, self.target, name, "", line.number, false));
        }
    }
}

/// `php7` for `mod_php7.c` and `php7_module`.
fn module_of(name: &str) -> String {
    let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
    name.to_ascii_lowercase()
}

/// `<IfVersion >= 2.4>` with Apache 2.4.
fn version_holds(words: &[&str]) -> bool {
    let (operator, version) = match words {
        [version] => ("=", *version),
        [operator, version, ..] => (*operator, *version),
        [] => return true,
    };
    let (negated, operator) = operator.strip_prefix('!').map_or((false, operator), |operator| (true, operator));
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), minor) = (parts.next(), parts.next().flatten()) else { return true };
    let asked = (major, minor.unwrap_or(0));
    let holds = match operator {
        ">=" => (2, 4) >= asked,
        ">" => (2, 4) > asked || (asked == (2, 4) && version.split('.').count() > 2),
        "<=" => (2, 4) <= asked,
        "<" => (2, 4) < asked,
        _ => (2, 4) == asked,
    };
    holds != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, Severity, String)> {
        let all = apache(text, Facts::known(), Version::new(8, 2));
        all.into_iter().map(|said| (said.at.line, said.severity, said.rule)).collect()
    }

    fn lines_of(text: &str) -> Vec<u32> {
        found(text).into_iter().map(|(line, _, _)| line).collect()
    }

    #[test]
    fn what_apache_2_4_lacks_is_named_and_what_a_guard_keeps_from_it_is_not() {
        assert_eq!(
            found("RewriteLog /tmp/x\nNameVirtualHost *:80\n"),
            [
                (1, Severity::Error, "apache RewriteLog".to_owned()),
                (2, Severity::Warning, "apache NameVirtualHost".to_owned())
            ]
        );
        assert_eq!(lines_of("<IfModule !mod_authz_core.c>\nOrder deny,allow\n</IfModule>\nDeny from all\n"), [4]);
        assert_eq!(lines_of("<IfVersion < 2.4>\nOrder deny,allow\n</IfVersion>\n"), [0_u32; 0]);
        assert_eq!(lines_of("Options +Indexes FollowSymLinks\nOptions +A -B\nOptions A B"), [1]);
    }

    #[test]
    fn a_block_for_a_php_that_is_gone_vanishes() {
        let gone = "<IfModule mod_php7.c>\nphp_value memory_limit 64M\n</IfModule>\n";
        assert_eq!(found(gone), [(1, Severity::Warning, "apache mod_php7.c".to_owned())]);
        let both = format!("{gone}<IfModule mod_php.c>\nphp_value memory_limit 64M\n</IfModule>\n");
        assert_eq!(lines_of(&both), [0_u32; 0]);
        assert_eq!(lines_of("php_value memory_limit 64M\n"), [1]);
    }

    #[test]
    fn a_server_that_loads_its_modules_is_known() {
        let server = "LoadModule authz_core_module a.so\nOrder allow,deny\n";
        assert!(found(server).contains(&(2, Severity::Error, "apache Order".to_owned())));
        let with = "LoadModule access_compat_module a.so\nLoadModule authz_core_module a.so\nOrder allow,deny\n";
        assert!(!found(with).iter().any(|(_, severity, _)| *severity == Severity::Error));
    }
}
