use serde_json::{Value, json};

use super::COMPLETE;
use crate::project::{parse, schema};

/// The part of JSON Schema that ours uses, except patterns.
fn accepts(schema: &Value, value: &Value) -> bool {
    let object = schema.as_object().unwrap();
    let list = |key: &str| object.get(key).map(|list| list.as_array().unwrap().as_slice());
    let of_type = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        other => panic!("unknown type {other}"),
    };
    object.iter().all(|(key, rule)| match key.as_str() {
        "type" => of_type(rule.as_str().unwrap()),
        "enum" => rule.as_array().unwrap().contains(value),
        "const" => rule == value,
        "minimum" => value.as_f64().unwrap() >= rule.as_f64().unwrap(),
        "maximum" => value.as_f64().unwrap() <= rule.as_f64().unwrap(),
        "exclusiveMinimum" => value.as_f64().unwrap() > rule.as_f64().unwrap(),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        "minProperties" => value.as_object().is_none_or(|entries| entries.len() as u64 >= rule.as_u64().unwrap()),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| accepts(rule, item))),
        "required" => value.as_object().is_none_or(|entries| {
            list("required").unwrap().iter().all(|key| entries.contains_key(key.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|entries| {
            entries.iter().all(|(key, inner)| rule.get(key).is_none_or(|schema| accepts(schema, inner)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|entries| {
            let named = object.get("properties");
            entries.iter().filter(|(key, _)| named.is_none_or(|named| named.get(key).is_none())).all(|(_, inner)| {
                match rule {
                    Value::Bool(allowed) => *allowed,
                    schema => accepts(schema, inner),
                }
            })
        }),
        "oneOf" => list(key).unwrap().iter().filter(|one| accepts(one, value)).count() == 1,
        "anyOf" => list(key).unwrap().iter().any(|one| accepts(one, value)),
        "allOf" => list(key).unwrap().iter().all(|one| accepts(one, value)),
        "not" => !accepts(rule, value),
        "description" | "default" | "title" | "$schema" | "pattern" | "propertyNames" => true,
        other => panic!("a keyword that this test does not know: {other}"),
    })
}

fn as_json(text: &str) -> Value {
    let table: toml::Table = toml::from_str(text).unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn the_schema_accepts_what_the_parser_accepts() {
    assert!(parse(COMPLETE, "sternway.toml").is_ok());
    assert!(accepts(&schema(), &as_json(COMPLETE)));
}

#[test]
fn the_schema_refuses_what_the_parser_refuses() {
    let edits = [
        ("keep = 9", "keeep = 9"),
        ("keep = 9", "keep = 0"),
        ("keep = 9", "keep = \"9\""),
        ("alpha = 0.01", "alpha = 0"),
        ("on_unknown = \"hold\"", "on_unknown = \"wait\""),
        ("steps = [5, 25, 100]", "steps = []"),
        ("[project]\nname = \"shop\"", "[project]"),
        ("tcp = \"127.0.0.1:25\"", "tcp = \"127.0.0.1:25\"\ncommand = \"true\""),
        ("tcp = \"127.0.0.1:25\"", ""),
        ("body = { secret = \"HOOK_BODY\" }", "body = { secret = \"HOOK_BODY\" }, form = { a = \"b\" }"),
        ("monitor = false", "monitor = true"),
        ("component = { APP_ENV = \"production\" }", "component = { APP_ENV = 1 }"),
    ];
    for (from, to) in edits {
        let text = COMPLETE.replacen(from, to, 1);
        assert_ne!(text, COMPLETE, "{from}");
        assert!(parse(&text, "sternway.toml").is_err(), "the parser accepts {to}");
        assert!(!accepts(&schema(), &as_json(&text)), "the schema accepts {to}");
    }
}

/// Every key of the schema stands in the complete file, whose snapshot shows what becomes of it.
#[test]
fn the_complete_file_is_complete() {
    fn keys(schema: &Value, into: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    into.extend(properties.keys().cloned());
                }
                object.values().for_each(|inner| keys(inner, into));
            }
            Value::Array(items) => items.iter().for_each(|inner| keys(inner, into)),
            _ => {}
        }
    }
    fn given(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                into.extend(object.keys().cloned());
                object.values().for_each(|inner| given(inner, into));
            }
            Value::Array(items) => items.iter().for_each(|inner| given(inner, into)),
            _ => {}
        }
    }
    let (mut known, mut used) = (Vec::new(), Vec::new());
    keys(&schema(), &mut known);
    given(&as_json(COMPLETE), &mut used);
    assert!(known.len() > 50);
    let missing: Vec<&String> = known.iter().filter(|key| !used.contains(key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn every_key_is_explained_to_editors() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let verify = &schema["properties"]["environments"]["additionalProperties"]["properties"]["verify"];
    assert_eq!(verify["default"], json!("30s"));
    assert_eq!(verify["description"], json!("How long each step below 100 is watched."));
}
