//! The JSON Schema of sternway.toml for editors, made from the same tables that the parser obeys.

use serde_json::{Map, Value, json};

use super::keys;
use super::shape::{Default, Key, Kind, Table};

/// A JSON Schema (draft 2020-12) of sternway.toml.
pub fn schema() -> Value {
    let mut schema = table(&keys::ROOT);
    schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".to_owned(), "sternway.toml".into());
    Value::Object(schema)
}

fn table(table: &Table) -> Map<String, Value> {
    let properties: Map<String, Value> = table.keys.iter().map(|one| (one.name.to_owned(), key(one))).collect();
    let required: Vec<&str> = table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = object(json!({
        "type": "object",
        "description": table.doc,
        "properties": properties,
        "additionalProperties": false,
    }));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let mut all: Vec<Value> = Vec::new();
    for set in table.exactly_one {
        all.push(json!({ "oneOf": set.iter().map(|name| json!({ "required": [name] })).collect::<Vec<_>>() }));
    }
    for set in table.at_most_one {
        let pairs =
            set.iter().enumerate().flat_map(|(at, a)| set[at + 1..].iter().map(move |b| json!({ "required": [a, b] })));
        all.push(json!({ "not": { "anyOf": pairs.collect::<Vec<_>>() } }));
    }
    if !all.is_empty() {
        schema.insert("allOf".to_owned(), all.into());
    }
    schema
}

fn key(key: &Key) -> Value {
    let mut schema = object(kind(&key.kind));
    schema.insert("description".to_owned(), key.doc.into());
    let default = match key.default {
        Default::Nothing => return Value::Object(schema),
        Default::Text(text) => json!(text),
        Default::Texts(texts) => json!(texts),
        Default::Bool(flag) => json!(flag),
        Default::Whole(number) => json!(number),
        Default::Wholes(numbers) => json!(numbers),
        Default::Fraction(number) => json!(number),
    };
    schema.insert("default".to_owned(), default);
    Value::Object(schema)
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Text(format) if format.pattern.is_empty() => json!({ "type": "string" }),
        Kind::Text(format) => json!({ "type": "string", "pattern": format.pattern }),
        Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::False => json!({ "const": false }),
        Kind::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Fraction(above, most) => json!({ "type": "number", "exclusiveMinimum": above, "maximum": most }),
        Kind::List(entry, least) => json!({ "type": "array", "items": kind(entry), "minItems": least }),
        Kind::Table(of) => Value::Object(table(of)),
        Kind::Map(format, of, least) => {
            let names = if format.pattern.is_empty() { json!({}) } else { json!({ "pattern": format.pattern }) };
            json!({ "type": "object", "propertyNames": names, "additionalProperties": kind(of), "minProperties": least })
        }
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(kind).collect::<Vec<_>>() }),
        Kind::Json => json!({}),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("const".to_owned(), other)]),
    }
}
