//! pg_service.conf: sections of libpq's key words (parseServiceFile in fe-connect.c; the manual's "The Connection Service File").

use super::endpoint::Why;
use super::libpq::{KEYWORDS, Words};

/// The words of a section; `None` when there is no such section. `ldap:` lines are not followed, and nested services are errors, as in libpq.
pub(super) fn section(text: &str, service: &str) -> Result<Option<Words>, Why> {
    let mut found: Option<Words> = None;
    let mut within = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(rest) = line.strip_prefix('[') {
            if within {
                break;
            }
            within = rest.split_once(']').is_some_and(|(name, _)| name == service);
            if within {
                found = Some(Words::new());
            }
        } else if let Some(words) = found.as_mut().filter(|_| within) {
            let (name, value) = line.split_once('=').ok_or("a line of the service file has no =")?;
            if name == "service" || !KEYWORDS.iter().any(|(known, _)| *known == name) {
                return Err("a key word in the service file that libpq refuses");
            }
            // The first one wins.
            words.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    Ok(found)
}
