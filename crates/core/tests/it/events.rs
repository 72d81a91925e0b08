//! Every event ever written still reads. `fixtures/events-v1.jsonl` was written by the first version; it only grows.

use std::collections::BTreeSet;

use serde_json::Value;
use sternway_core::event::{Entry, Event};

const WRITTEN: &str = include_str!("fixtures/events-v1.jsonl");

/// Whether everything that was written is still there; later versions may add fields.
fn keeps(now: &Value, written: &Value) -> bool {
    match (now, written) {
        (Value::Object(now), Value::Object(written)) => {
            written.iter().all(|(key, value)| now.get(key).is_some_and(|now| keeps(now, value)))
        }
        (Value::Array(now), Value::Array(written)) => {
            now.len() == written.len() && now.iter().zip(written).all(|(now, written)| keeps(now, written))
        }
        _ => now == written,
    }
}

#[test]
fn every_line_reads_and_is_written_as_it_was() {
    for (line, number) in WRITTEN.lines().zip(1..) {
        let entry: Entry = serde_json::from_str(line).unwrap_or_else(|error| panic!("line {number}: {error}"));
        let (now, written) = (serde_json::to_value(&entry).unwrap(), serde_json::from_str(line).unwrap());
        assert!(keeps(&now, &written), "line {number} was\n{written}\nand is\n{now}");
        let again: Entry = serde_json::from_value(now).unwrap();
        assert_eq!(again, entry, "line {number}");
        assert!(written["event"].get(entry.event.kind()).is_some(), "line {number}: its kind is its tag");
    }
}

/// The names that an event's JSON can hold for what is one of several: tags, and values that are texts.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(one)) = object.get("const") {
                found.insert(one.clone());
            }
            found.extend(object.get("enum").into_iter().flat_map(texts));
            if object.get("additionalProperties") == Some(&Value::Bool(false)) {
                found.extend(object.get("required").into_iter().flat_map(texts));
            }
            object.values().for_each(|inner| names(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn every_kind_of_event_and_every_variant_within_occurs() {
    let schema = serde_json::to_value(schemars::schema_for!(Event)).unwrap();
    let mut expected = BTreeSet::new();
    names(&schema, &mut expected);
    for some in ["opened", "noted", "exchange", "irreversible", "login_redirects", "unknown", "secret", "ask"] {
        assert!(expected.contains(some), "the schema says nothing of `{some}`");
    }
    let missing: Vec<&String> = expected.iter().filter(|name| !WRITTEN.contains(&format!("\"{name}\""))).collect();
    assert!(missing.is_empty(), "add a line to events-v1.jsonl with {missing:?}");
}

#[test]
fn optional_fields_may_be_absent() {
    let lean = [
        r#"{"approved":{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}"#,
        r#"{"denied":{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}"#,
        r#"{"held":{"rollout":1,"why":"w"}}"#,
        r#"{"resumed":{"rollout":1,"choice":"continue"}}"#,
        r#"{"incident_updated":{"incident":1,"text":"t"}}"#,
        r#"{"lease_taken":{"epoch":1,"holder":"h"}}"#,
    ];
    for line in lean {
        serde_json::from_str::<Event>(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}
