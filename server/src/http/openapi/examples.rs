//! Examples of what goes over the wire, made from its schemas: so that each of them is one, whatever changes.

use serde_json::{Map, Value, json};

/// How deep examples stand in each other before lists are empty.
const DEPTH: usize = 12;

const REFERENCE: &str = "#/components/schemas/";

/// An example of a value with this schema. `name` is what the value is called where it stands.
pub(super) fn example(schema: &Value, name: &str, schemas: &Map<String, Value>) -> Value {
    made(schema, name, schemas, 0)
}

fn made(schema: &Value, name: &str, schemas: &Map<String, Value>, depth: usize) -> Value {
    let own = schema.get("example");
    if let Some(own) = own.or_else(|| schema.get("examples")?.get(0)) {
        return own.clone();
    }
    if let Some(type_name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix(REFERENCE))
    {
        return known_type(type_name)
            .or_else(|| Some(made(schemas.get(type_name)?, name, schemas, depth)))
            .unwrap_or_default();
    }
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let choices = choices.as_array().map(Vec::as_slice).unwrap_or_default();
        let choice = choices.iter().find(|choice| kind(choice) != Some("null"));
        return choice.map_or(Value::Null, |choice| made(choice, name, schemas, depth));
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(members) = made(part, name, schemas, depth) {
                whole.extend(members);
            }
        }
        return whole.into();
    }
    match kind(schema) {
        Some("object") => object(schema, schemas, depth),
        Some("array") => match schema.get("items") {
            Some(items) if depth < DEPTH => json!([made(items, name, schemas, depth + 1)]),
            _ => json!([]),
        },
        Some("integer" | "number") => match name {
            "maxnumber" => json!(500_000),
            "limit" => json!(20),
            _ => schema.get("minimum").cloned().unwrap_or(json!(1)),
        },
        Some("boolean") => json!(true),
        Some("string") => json!(words(name)),
        _ => Value::Null,
    }
}

/// The type, of several the first that is not `null`.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    }
}

fn object(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let members: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), made(schema, name, schemas, depth + 1)))
        .collect();
    members.into()
}

/// Of types whose first form says little.
fn known_type(name: &str) -> Option<Value> {
    let text = |text: &str| json!({ "kind": "text", "text": text });
    Some(match name {
        "Inline" => text("We have moved."),
        "Block" => json!({ "kind": "paragraph", "content": [text("We have moved.")] }),
        "CaptchaSolution" => json!("eyJhbGdvcml0aG0iOiJTSEEtMjU2In0="),
        "GivenInvite" => json!("X7KD-2M4P-QRST-VWXY"),
        "Token" => json!("eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"),
        _ => return None,
    })
}

/// A text for a member or a parameter with this name.
fn words(name: &str) -> &'static str {
    match name {
        "about" => "I mend clocks.",
        "authorization_url" => "https://id.example.org/authorize?response_type=code",
        "redirect_uri" => "https://chat.example.org/login/oidc",
        "if-none-match" => "\"S0pB1p2K2pN0y1cXhG5wYw\"",
        "iss" => "https://id.example.org",
        "accent" | "light" => "#2b594c",
        "algorithm" => "SHA-256",
        "challenge" => "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f53",
        "dark" => "#8fcab4",
        "date" => "2026-11-20",
        "display_name" => "Ada Lovelace",
        "endpoint" => "https://push.example.org/subscription/1",
        "name" => "Sotto",
        "q" => "ada",
        "range" => "bytes=0-65535",
        "salt" => "4f1c0f8e5b7a?expires=1795000000&",
        "signature" => "9e107d9d372bb6826bd81d3542a419d6",
        "summary" => "We have moved to another house.",
        "title" => "We have moved",
        "type" => "/problems/not-found",
        _ => "text",
    }
}
