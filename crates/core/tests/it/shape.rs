//! What is kept of a fold must not be taken for the fold of a program that folds otherwise.

use serde_json::Value;
use sternway_core::digest::Digest;
use sternway_core::state::{STATE_FORMAT, State};

/// Every format there was, with the digest of the state's schema. A line is added, none is ever changed.
const FORMATS: [(u32, &str); 4] = [
    (1, "sha256:51b86486e765f0751805e9d3a5b6097df90051a4d6e71012131f76f2512096d2"),
    (2, "sha256:0d065c96dfc5a46e75726e121ba8d8fef37b20b28038d8b2cf055f62d323f84c"),
    (3, "sha256:4804776c606a107eac5589126101961b76597d232fe18766cbe2262f2792b7bd"),
    (4, "sha256:d26e4b7752712d0c19b83480c0178b07a4951e454979a2b2cac29166c910d1ff"),
];

#[test]
fn another_shape_of_the_state_is_another_format() {
    let mut schema = schemars::schema_for!(State).to_value();
    without_words(&mut schema);
    let schema = Digest::of_json(&schema);
    assert_eq!(
        FORMATS.last(),
        Some(&(STATE_FORMAT, schema.as_str())),
        "the state's shape changed: raise STATE_FORMAT, and add a line here"
    );
}

/// What a field is for may be said in other words.
fn without_words(schema: &mut Value) {
    match schema {
        Value::Array(all) => all.iter_mut().for_each(without_words),
        Value::Object(fields) => {
            fields.retain(|name, value| name != "description" || !value.is_string());
            fields.values_mut().for_each(without_words);
        }
        _ => {}
    }
}
