//! Which part of a file counts, where it holds several and sternway.toml names one after `#`.

use sternway_core::finding::Finding;

/// No more names than this are told.
const MOST: usize = 20;

/// Several parts, and none is named: `services`, `containers`.
pub(super) fn several(file: &str, what: &str, names: &[String]) -> Finding {
    let message = format!("it holds several {what}, and which one counts is not said: {}", list(names));
    finding(file, message, names)
}

/// None of the parts is the named one.
pub(super) fn absent(file: &str, what: &str, names: &[String]) -> Finding {
    let message = if names.is_empty() {
        format!("it holds no {what}")
    } else {
        format!("none of its {what} is the one that is named after `#`: {}", list(names))
    };
    finding(file, message, names)
}

fn finding(file: &str, message: String, names: &[String]) -> Finding {
    let hint = match names.first() {
        Some(name) => format!("name one in sternway.toml: {file}#{name}"),
        None => "name the file that does".to_owned(),
    };
    Finding::error("S0245", file, message).hint(hint).at(file, 0, 0)
}

fn list(names: &[String]) -> String {
    let told: Vec<_> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", told.join(", "))
}
