//! php.ini, .user.ini, and the `php_value[...]` of PHP-FPM.

use sternway_core::finding::Severity;

use super::said;
use crate::facts::{Effect, Facts, Folded, Kind};
use crate::seen::Said;
use crate::version::Version;

/// What is to be said about a file of settings.
pub(crate) fn settings(text: &str, facts: &Facts<'_>, target: Version) -> Vec<Said> {
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#', '[']) {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.split(';').next().unwrap_or_default().trim().trim_matches('"'));
        // `php_admin_value[memory_limit] = 64M`
        let pool = name.strip_suffix(']').and_then(|name| name.split_once('['));
        if let Some((kind, name)) = pool {
            if ["php_value", "php_flag", "php_admin_value", "php_admin_flag"].contains(&kind) {
                all.extend(setting(facts, target, name, value, number, false));
            }
        } else if name.eq_ignore_ascii_case("extension") || name.eq_ignore_ascii_case("zend_extension") {
            all.extend(extension(facts, target, value, number));
        } else {
            all.extend(setting(facts, target, name, value, number, true));
        }
    }
    all
}

/// What is to be said about one directive. `starts` tells whether PHP reads it when it starts.
pub(super) fn setting(
    facts: &Facts<'_>,
    target: Version,
    name: &str,
    value: &str,
    line: u32,
    starts: bool,
) -> Option<Said> {
    let reached = |kind| {
        let rows = facts.about(kind, Folded::one(name));
        rows.filter(|row| facts.matters(*row).has(target)).map(|row| facts.row(row)).next_back()
    };
    let fatal = if starts && is_on(value) { reached(Kind::FatalIni) } else { None };
    if let Some(row) = fatal {
        let message =
            format!("PHP {target} does not start with the directive `{name}`, which was removed in {}", row.version);
        let mut one = said(Severity::Error, format!("fatal-ini {name}"), line, message);
        "take the line out".clone_into(&mut one.hint);
        row.source.clone_into(&mut one.source);
        return Some(one);
    }
    let row = reached(Kind::Ini)?;
    let what = match row.effect {
        Effect::Removed | Effect::Error => format!("was removed in PHP {} and says nothing any more", row.version),
        Effect::Deprecated => format!("is deprecated since PHP {}", row.version),
        Effect::Added => format!("comes with PHP {} and says nothing before", row.version),
        Effect::Changed => return None,
    };
    let reason = if row.message.is_empty() { String::new() } else { format!(": {}", row.message) };
    let mut one =
        said(Severity::Warning, format!("ini {name}"), line, format!("the directive `{name}` {what}{reason}"));
    if !row.replacement.is_empty() {
        one.hint = format!("use {}", row.replacement);
    }
    row.source.clone_into(&mut one.source);
    Some(one)
}

/// Whether a value turns a directive on.
fn is_on(value: &str) -> bool {
    let off = ["", "0", "off", "no", "false", "none", "null"];
    !off.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// `extension=mysql.so`
fn extension(facts: &Facts<'_>, target: Version, value: &str, line: u32) -> Option<Said> {
    let file = value.rsplit(['/', '\\']).next().unwrap_or(value);
    let name = file.trim_end_matches(".so").trim_end_matches(".dll").trim_start_matches("php_");
    let rows = facts.about(Kind::Extension, Folded::one(name));
    let row = rows.filter(|row| facts.matters(*row).has(target)).map(|row| facts.row(row)).next_back()?;
    if row.effect != Effect::Removed {
        return None;
    }
    let message =
        format!("the extension `{name}` was removed in PHP {} and cannot be loaded: {}", row.version, row.message);
    let mut one = said(Severity::Warning, format!("extension {name}"), line, message);
    if !row.replacement.is_empty() {
        one.hint = format!("use {}", row.replacement);
    }
    row.source.clone_into(&mut one.source);
    Some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, target: (u8, u8)) -> Vec<(u32, Severity, String)> {
        let all = settings(text, Facts::known(), Version::new(target.0, target.1));
        all.into_iter().map(|said| (said.at.line, said.severity, said.rule)).collect()
    }

    #[test]
    fn what_keeps_php_from_starting_is_an_error_when_it_is_on() {
        let ini = "[PHP]\n; register_globals = On\nregister_globals = On\nsafe_mode = Off\nmemory_limit = 64M\n";
        assert_eq!(
            found(ini, (8, 2)),
            [
                (3, Severity::Error, "fatal-ini register_globals".to_owned()),
                (4, Severity::Warning, "ini safe_mode".to_owned())
            ]
        );
        assert_eq!(found("track_errors = 1\n", (7, 4)), [(1, Severity::Warning, "ini track_errors".to_owned())]);
    }

    #[test]
    fn extensions_and_pools_are_known() {
        assert_eq!(found("extension=php_mysql.dll\nextension = \"mysqli\"\n", (7, 0)).len(), 1);
        assert_eq!(found("extension=mysql.so\n", (5, 6)), []);
        let pool = "[www]\nuser = www-data\nphp_admin_value[mbstring.func_overload] = 2\n";
        assert_eq!(found(pool, (8, 2)), [(3, Severity::Warning, "ini mbstring.func_overload".to_owned())]);
    }
}
