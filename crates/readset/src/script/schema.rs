//! Schemas that are applied to the environment: zod and what is like it, envalid, t3-env.

use tree_sitter::Node;

use super::names::Names;
use super::reads::of_schema;
use super::{literal, meaning};
use crate::findings::{Care, Found};
use crate::read::Fallback;
use crate::tree::{children, text_of};

/// Methods by which a schema is applied to a value.
const APPLIES: &[&str] =
    &["parse", "safeParse", "parseAsync", "safeParseAsync", "validate", "validateSync", "validateAsync"];

/// How far a chain of calls is followed.
const CHAIN: usize = 32;

/// The keys of the schema that a call applies to the environment.
pub(super) fn keys(call: Node<'_>, text: &str, names: &Names<'_>) -> Vec<Found> {
    let Some((how, objects)) = applied(call, text, names) else { return Vec::new() };
    let mut found = Vec::new();
    for object in objects {
        for pair in children(object).into_iter().filter(|pair| pair.kind() == "pair") {
            let (Some(key), Some(value)) = (pair.child_by_field_name("key"), pair.child_by_field_name("value")) else {
                continue;
            };
            let name = literal::string(key, text)
                .or_else(|| (key.kind() == "property_identifier").then(|| text_of(key, text).to_owned()));
            if let Some(name) = name {
                found.push(of_schema(name, key.start_byte(), how, says(value, text)));
            }
        }
    }
    found
}

/// Whether the environment is handed to a schema whose keys are known.
pub(super) fn is_checked(node: Node<'_>, around: &[Node<'_>], text: &str, names: &Names<'_>) -> bool {
    let end = node.end_byte();
    around
        .iter()
        .rev()
        .take(4)
        .filter(|call| call.kind() == "call_expression" && call.end_byte() >= end)
        .any(|call| applied(*call, text, names).is_some())
}

/// The objects whose keys a call takes from the environment.
fn applied<'t>(call: Node<'t>, text: &str, names: &Names<'t>) -> Option<(&'static str, Vec<Node<'t>>)> {
    let function = call.child_by_field_name("function")?;
    let arguments = children(call.child_by_field_name("arguments").filter(|node| node.kind() == "arguments")?);
    let is_environment = |node: &Node<'t>| meaning::environment(*node, text, names).is_some();
    match function.kind() {
        "identifier" if text_of(function, text) == "cleanEnv" => {
            let [environment, keys, ..] = arguments.as_slice() else { return None };
            let keys = object(*keys, text, names)?;
            is_environment(environment).then(|| ("cleanEnv()", vec![keys]))
        }
        "identifier" if text_of(function, text) == "createEnv" => {
            let options = object(*arguments.first()?, text, names)?;
            let of_options: Vec<(&str, Node<'t>)> = children(options)
                .into_iter()
                .filter_map(|pair| {
                    Some((text_of(pair.child_by_field_name("key")?, text), pair.child_by_field_name("value")?))
                })
                .collect();
            of_options.iter().find(|(key, value)| *key == "runtimeEnv" && is_environment(value))?;
            let objects = of_options
                .iter()
                .filter(|(key, _)| matches!(*key, "server" | "client" | "shared"))
                .filter_map(|(_, value)| object(*value, text, names))
                .collect();
            Some(("createEnv()", objects))
        }
        "member_expression" => {
            let method = text_of(function.child_by_field_name("property")?, text);
            if !APPLIES.contains(&method) || !arguments.iter().any(is_environment) {
                return None;
            }
            let keys = schema(function.child_by_field_name("object")?, text, names)?;
            Some(("schema.parse()", vec![keys]))
        }
        _ => None,
    }
}

/// The object of `z.object({...})`, also behind a variable and further methods.
fn schema<'t>(mut node: Node<'t>, text: &str, names: &Names<'t>) -> Option<Node<'t>> {
    for _ in 0..CHAIN {
        match node.kind() {
            "identifier" => node = names.value(text_of(node, text))?,
            "call_expression" => {
                let function = node.child_by_field_name("function")?;
                let arguments = children(node.child_by_field_name("arguments")?);
                let name = match function.kind() {
                    "member_expression" => text_of(function.child_by_field_name("property")?, text),
                    _ => text_of(function, text),
                };
                if matches!(name, "object" | "strictObject" | "looseObject") {
                    return object(*arguments.first()?, text, names);
                }
                node = function.child_by_field_name("object")?;
            }
            _ => return None,
        }
    }
    None
}

/// An object literal, also behind a variable.
fn object<'t>(node: Node<'t>, text: &str, names: &Names<'t>) -> Option<Node<'t>> {
    match node.kind() {
        "object" => Some(node),
        "identifier" => names.value(text_of(node, text)).filter(|value| value.kind() == "object"),
        _ => None,
    }
}

/// What a schema's value says about a missing key: it reads the chain of calls from its end.
fn says(value: Node<'_>, text: &str) -> Fallback {
    let mut node = value;
    for _ in 0..CHAIN {
        if node.kind() != "call_expression" {
            break;
        }
        let Some(function) = node.child_by_field_name("function") else { break };
        let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
        let default =
            |node: Option<&Node<'_>>| node.map_or(Care::Expression, |node| literal::default_of(*node, text)).fallback();
        // envalid: `str({ default: 'd' })`.
        let options = arguments.iter().find(|argument| argument.kind() == "object");
        let own = options
            .into_iter()
            .flat_map(|options| children(*options))
            .find(|pair| pair.child_by_field_name("key").is_some_and(|key| text_of(key, text) == "default"));
        if let Some(own) = own {
            return default(own.child_by_field_name("value").as_ref());
        }
        if function.kind() != "member_expression" {
            break;
        }
        match function.child_by_field_name("property").map(|property| text_of(property, text)) {
            Some("default" | "prefault" | "catch") => return default(arguments.first()),
            Some("optional" | "nullish") => return Fallback::Guarded,
            _ => {}
        }
        let Some(object) = function.child_by_field_name("object") else { break };
        node = object;
    }
    Fallback::None
}
