//! `GET /v1/openapi.json`: the interface, described (OpenAPI 3.1). The schemas come from the protocol's own types; what each
//! operation takes and answers stands in [`operations`], in the router's order, but for groups in [`group_operations`], for communities in
//! [`community_operations`], for logins
//! without the password in [`login_operations`], for passkeys in [`passkey_operations`], for pictures of profiles in
//! [`picture_operations`], for what an account keeps to itself in [`account_operations`], for its archives in [`archive_operations`],
//! for what members report in [`report_operations`], for those who administer in [`admin_operations`], and for what the operator
//! says in [`site_operations`].

mod account_operations;
mod admin_operations;
mod archive_operations;
mod community_operations;
mod examples;
mod group_operations;
mod login_operations;
mod oidc_operations;
mod operations;
mod passkey_operations;
mod picture_operations;
mod report_operations;
mod schemas;
mod site_operations;
#[cfg(test)]
mod tests;

use super::HttpProblem;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use operations::{Operation, Payload, operations};
use schemas::Schemas;
use serde_json::{Map, Value, json};
use sotto_protocol::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// It never changes while the server runs.
static DOCUMENT: LazyLock<Result<String, serde_json::Error>> =
    LazyLock::new(|| document().and_then(|document| serde_json::to_string(&document)));

/// The description of the interface.
pub(crate) async fn openapi() -> Response {
    match &*DOCUMENT {
        Ok(text) => (
            [
                (CONTENT_TYPE, "application/json"),
                (CACHE_CONTROL, "public, max-age=300"),
            ],
            text.as_str(),
        )
            .into_response(),
        Err(error) => HttpProblem::internal(error).into_response(),
    }
}

/// The description of the interface, as `GET /v1/openapi.json` answers it.
pub fn document() -> Result<Value, serde_json::Error> {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let problem = schemas.of::<Problem>()?;
    for operation in operations() {
        let described = describe(&operation, &problem, &mut schemas)?;
        paths
            .entry(operation.path)
            .or_default()
            .insert(operation.method.to_owned(), described);
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sotto",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "End-to-end encrypted messaging. The server sees ciphertext, public keys and public profiles. \
                Messages are sent and received over the WebSocket at /v1/ws, in binary frames.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.into_map(),
            "securitySchemes": {
                "access": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A device's access token, good for 15 minutes; POST /v1/auth/refresh gives a new one.",
                },
                "oidc": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token (RFC 9068) of the server's OpenID provider, where the operator takes them. It names \
                        the account that is linked with its subject.",
                },
                "enrolment": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "What a login gives: good for ten minutes, to enrol a device; after a login by \
                        password, recovery code or passkey also to set another password, to add a passkey, \
                        to link an OpenID provider's login, or to delete the account.",
                },
            },
        },
    }))
}

fn describe(
    operation: &Operation,
    problem: &Value,
    schemas: &mut Schemas,
) -> Result<Value, serde_json::Error> {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag()],
        "responses": responses(operation, problem, schemas)?,
    });
    let Some(members) = described.as_object_mut() else {
        return Ok(described);
    };
    let mut parameters = Vec::new();
    for parameter in &operation.parameters {
        let schema = (parameter.schema)(schemas)?;
        parameters.push(json!({
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.required,
            "description": parameter.description,
            "example": schemas.example(&schema, parameter.name),
            "schema": schema,
        }));
    }
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), parameters.into());
    }
    let any_of = operation.security.schemes().iter();
    let any_of: Vec<_> = any_of.map(|scheme| json!({ *scheme: [] })).collect();
    if !any_of.is_empty() {
        members.insert("security".to_owned(), any_of.into());
    }
    if let Some(body) = &operation.body {
        let content = content(body, schemas)?;
        members.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": content }),
        );
    }
    Ok(described)
}

fn content(payload: &Payload, schemas: &mut Schemas) -> Result<Value, serde_json::Error> {
    Ok(match payload {
        Payload::Json(schema, reads) => {
            let schema = schema(schemas)?;
            let example = schemas.example(&schema, "");
            let mut described = json!({ "schema": schema });
            // One that nobody could read says nothing; a test finds what has none.
            if let (Ok(()), Some(members)) = (reads(example.clone()), described.as_object_mut()) {
                members.insert("example".to_owned(), example);
            }
            json!({ "application/json": described })
        }
        Payload::Bytes(media_type) => json!({ *media_type: {} }),
    })
}

/// What the operation answers if it succeeds, and each problem under its status.
fn responses(
    operation: &Operation,
    problem: &Value,
    schemas: &mut Schemas,
) -> Result<Value, serde_json::Error> {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut response = json!({ "description": answer.description });
        if let (Some(payload), Some(members)) = (&answer.payload, response.as_object_mut()) {
            members.insert("content".to_owned(), content(payload, schemas)?);
        }
        if let (true, Some(members)) = (operation.conditional, response.as_object_mut()) {
            members.insert(
                "headers".to_owned(),
                json!({ "ETag": {
                    "description": "Of this version, for `If-None-Match`.",
                    "schema": { "type": "string" },
                } }),
            );
        }
        responses.insert(answer.status.to_string(), response);
    }
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in operation.problems() {
        let codes = by_status.entry(code.status()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    for (status, codes) in by_status {
        let list: Vec<String> = codes
            .iter()
            .map(|code| format!("`{code}`: {}", code.title()))
            .collect();
        let examples: Map<String, Value> = codes
            .iter()
            .map(|&code| {
                Ok((
                    code.to_string(),
                    json!({ "value": serde_json::to_value(Problem::new(code))? }),
                ))
            })
            .collect::<Result<_, serde_json::Error>>()?;
        let response = json!({
            "description": list.join(" "),
            "content": { "application/problem+json": { "schema": problem, "examples": examples } },
        });
        responses.insert(status.to_string(), response);
    }
    Ok(responses.into())
}
