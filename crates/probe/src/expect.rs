//! Whether an HTTP answer is what the check expects. Says what differs without showing the body.

use serde_json::Value;
use sternway_core::check::HttpCheck;

use crate::Outcome;

/// As much of a body as was read.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// False when there was more than the limit.
    pub(crate) whole: bool,
}

/// Judges the status; `to` is the path that it redirects to.
pub(crate) fn status(check: &HttpCheck, status: u16, to: Option<&str>) -> Result<(), Outcome> {
    let good = if check.status.is_empty() { (200..300).contains(&status) } else { check.status.contains(&status) };
    if good {
        return Ok(());
    }
    let to = to.map(|path| format!(" to {path}")).unwrap_or_default();
    Err(Outcome::fail(format!("status {status}{to}, expected {}", expected(&check.status))))
}

fn expected(statuses: &[u16]) -> String {
    match statuses {
        [] => "2xx".to_owned(),
        some => some.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
    }
}

/// Judges the body.
pub(crate) fn body(check: &HttpCheck, status: u16, body: &Body) -> Outcome {
    let text = String::from_utf8_lossy(&body.bytes);
    let read = if body.whole { "" } else { " in its first 2 MiB" };
    if let Some(missing) = check.contains.iter().find(|part| !text.contains(part.as_str())) {
        return Outcome::fail(format!("body lacks {missing:?}{read}"));
    }
    if let Some(found) = check.lacks.iter().find(|part| text.contains(part.as_str())) {
        return Outcome::fail(format!("body contains {found:?}"));
    }
    let needs_all = !check.lacks.is_empty() || !check.json_path.is_empty();
    if needs_all && !body.whole {
        return Outcome::unknown("the body is larger than the 2 MiB that are looked at");
    }
    if !check.json_path.is_empty() {
        let Ok(json) = serde_json::from_str::<Value>(&text) else {
            return Outcome::fail("body is not JSON");
        };
        if let Some(difference) = check.json_path.iter().find_map(|(path, expected)| differs(&json, path, expected)) {
            return Outcome::fail(difference);
        }
    }
    Outcome::pass(format!("status {status}"))
}

/// What differs at `path`. A found text, list or object is not shown: it may be anybody's.
fn differs(json: &Value, path: &str, expected: &Value) -> Option<String> {
    let found = match at(json, path) {
        None => return Some(format!("{path} is missing, expected {expected}")),
        Some(found) if same(found, expected) => return None,
        Some(found) => found,
    };
    let found = match found {
        Value::String(_) => "another text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        scalar => scalar.to_string(),
    };
    Some(format!("{path} is {found}, expected {expected}"))
}

/// 1 and 1.0 are one number in JSON, though not to `serde_json`.
fn same(found: &Value, expected: &Value) -> bool {
    found == expected || matches!((found.as_f64(), expected.as_f64()), (Some(a), Some(b)) if a.total_cmp(&b).is_eq())
}

/// The value at an RFC 6901 pointer (empty, or starting with `/`) or at a dotted path (`items.0.name`).
fn at<'a>(json: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() || path.starts_with('/') {
        return json.pointer(path);
    }
    path.split('.').try_fold(json, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_and_dotted_paths_reach_values() {
        let json = json!({ "a": [{ "b/c": 1, "d": 2 }], "e.f": 3 });
        assert_eq!(at(&json, "/a/0/b~1c"), Some(&json!(1)));
        assert_eq!(at(&json, "a.0.d"), Some(&json!(2)));
        assert_eq!(at(&json, "/e.f"), Some(&json!(3)));
        assert_eq!(at(&json, ""), Some(&json));
        assert_eq!(at(&json, "a.1.d"), None);
    }

    #[test]
    fn a_differing_text_is_not_shown() {
        let found = json!({ "name": "Jane Doe", "n": 3, "f": 1.0 });
        assert_eq!(differs(&found, "name", &json!("x")), Some("name is another text, expected \"x\"".into()));
        assert_eq!(differs(&found, "n", &json!(4)), Some("n is 3, expected 4".into()));
        assert_eq!(differs(&found, "gone", &json!(4)), Some("gone is missing, expected 4".into()));
        assert_eq!(differs(&found, "f", &json!(1)), None);
    }
}
