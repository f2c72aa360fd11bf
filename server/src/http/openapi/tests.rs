use super::document;
use super::operations::{Operation, Payload, operations};
use serde_json::Value;
use sotto_protocol::ProblemCode;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Routes that take no method.
const WITHOUT_METHOD: [&str; 1] = ["/chat"];

/// Every route that the router's source names under `/v1`, with its methods and the path of each handler.
fn routed() -> BTreeMap<(String, String), String> {
    let source = include_str!("../router.rs");
    let mut routed = BTreeMap::new();
    for route in source.split(".route(").skip(1) {
        let mut quoted = route.split('"');
        let path = quoted.nth(1).unwrap();
        if path.starts_with("/health") || WITHOUT_METHOD.contains(&path) {
            continue;
        }
        let path = format!("/v1{}", path.trim_start_matches("/v1"));
        // To the end of the statement or to the next route, whichever comes first: handlers name their own method.
        let handlers = route.split("\n        .").next().unwrap();
        for method in ["get", "put", "post", "patch", "delete"] {
            let behind = |before: char| handlers.split_once(&format!("{before}{method}("));
            if let Some((_, handler)) = [' ', '\n', '.'].into_iter().find_map(behind) {
                let handler: String = handler
                    .chars()
                    .take_while(|character| character.is_alphanumeric() || matches!(character, '_' | ':'))
                    .collect();
                routed.insert((path.clone(), method.to_owned()), handler);
            }
        }
    }
    routed
}

#[test]
fn every_route_is_described_and_every_description_is_of_a_route() {
    let described: BTreeSet<_> = operations()
        .iter()
        .map(|operation| (operation.path.to_owned(), operation.method.to_owned()))
        .collect();
    assert!(described.len() > 20);
    let routed: BTreeSet<_> = routed().into_keys().collect();
    assert_eq!(routed, described);
}

/// The problems that the source of a handler names, which stands at `<noun>/<verb>.rs`, or at `<noun>.rs`.
fn named_by(handler: &str) -> BTreeSet<&'static str> {
    let modules: Vec<_> = handler.split("::").collect();
    let modules: Vec<_> = modules
        .iter()
        .take_while(|module| !module.is_empty())
        .copied()
        .collect();
    let file = modules
        .split_last()
        .map(|(_, modules)| modules.join("/"))
        .unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/http/{file}.rs"));
    let Ok(source) = std::fs::read_to_string(&path) else {
        // The WebSocket's and the web app's stand elsewhere.
        assert!(["ws", "web", "openapi"].contains(&modules[0]), "{handler}");
        return BTreeSet::new();
    };
    let source = source.split("#[cfg(test)]").next().unwrap().to_owned();
    let is_named = |code: &ProblemCode| {
        source
            .split(&format!("ProblemCode::{code:?}"))
            .skip(1)
            .any(|after| !after.starts_with(|next: char| next.is_alphanumeric()))
    };
    ProblemCode::ALL
        .iter()
        .filter(|code| is_named(code))
        .map(|code| code.as_str())
        .collect()
}

/// Problems that stand in the source of a handler for others who share it.
const OF_OTHERS: [(&str, ProblemCode); 16] = [
    // There is always something about the server.
    ("aboutPage", ProblemCode::NotFound),
    // What is read, set and taken away stands in one file.
    ("listAccounts", ProblemCode::UserNotFound),
    ("setPicture", ProblemCode::PictureNotFound),
    ("setCover", ProblemCode::PictureNotFound),
    ("removePicture", ProblemCode::PictureNotFound),
    ("removePicture", ProblemCode::InvalidPicture),
    ("removePicture", ProblemCode::TooManyPixels),
    ("removeCover", ProblemCode::PictureNotFound),
    ("removeCover", ProblemCode::InvalidPicture),
    ("removeCover", ProblemCode::TooManyPixels),
    ("readPicture", ProblemCode::InvalidPicture),
    ("readPicture", ProblemCode::TooManyPixels),
    ("readPicture", ProblemCode::UserNotFound),
    // What a challenge is for: registrations and logins.
    ("captcha", ProblemCode::CaptchaInvalid),
    ("captcha", ProblemCode::CaptchaRequired),
    // It takes no body.
    ("withdrawDeviceLink", ProblemCode::TooLarge),
];

#[test]
fn every_problem_that_a_handler_names_is_in_its_description() {
    let routed = routed();
    let mut lacking = Vec::new();
    for operation in operations() {
        let handler = &routed[&(operation.path.to_owned(), operation.method.to_owned())];
        let of_others = OF_OTHERS
            .iter()
            .filter(|(id, _)| *id == operation.id)
            .map(|(_, code)| *code);
        let described: BTreeSet<_> = operation
            .problems()
            .chain(of_others)
            .map(ProblemCode::as_str)
            .collect();
        let missing: Vec<_> = named_by(handler).difference(&described).copied().collect();
        if !missing.is_empty() {
            lacking.push(format!("{} {}: {missing:?}", operation.method, operation.path));
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

/// What of an operation's description has no example, or one that cannot be read.
fn without_example(operation: &Operation, described: &Value) -> Vec<String> {
    let mut lacking = Vec::new();
    let mut check = |what: String, payload: &Payload, described: &Value| {
        if let Payload::Json(_, reads) = payload {
            let example = described["content"]["application/json"]["example"].clone();
            if let Err(error) = reads(example.clone()) {
                lacking.push(format!("{what}: {error}: {example}"));
            }
        }
    };
    if let Some(body) = &operation.body {
        check("body".to_owned(), body, &described["requestBody"]);
    }
    for answer in &operation.answers {
        if let Some(payload) = &answer.payload {
            check(
                answer.status.to_string(),
                payload,
                &described["responses"][answer.status.to_string()],
            );
        }
    }
    for code in operation.problems() {
        let status = &described["responses"][code.status().to_string()];
        let example = &status["content"]["application/problem+json"]["examples"][code.as_str()]["value"];
        if example["code"] != code.as_str() {
            lacking.push(code.to_string());
        }
    }
    let parameters = described["parameters"].as_array().into_iter().flatten();
    lacking.extend(
        parameters
            .filter(|parameter| parameter["example"].is_null())
            .map(|parameter| parameter["name"].to_string()),
    );
    lacking
}

#[test]
fn every_operation_has_examples_that_can_be_read() {
    let document = document().unwrap();
    let mut lacking = Vec::new();
    for operation in operations() {
        let described = &document["paths"][operation.path][operation.method];
        let without = without_example(&operation, described);
        if !without.is_empty() {
            lacking.push(format!("{} {}: {without:#?}", operation.method, operation.path));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn every_reference_leads_to_a_schema_and_every_operation_has_a_name_of_its_own() {
    let document = document().unwrap();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let names: BTreeSet<_> = operations().iter().map(|operation| operation.id).collect();
    assert_eq!(names.len(), operations().len());
}
