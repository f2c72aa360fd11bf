//! The description of the interface, against which every problem is held that a test is answered with.

use http::Method;
use serde_json::Value;
use sotto_protocol::ProblemCode;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| sotto_server::openapi_document().unwrap());

/// Asserts that the description of the operation names the problem. What is no operation has no description.
#[track_caller]
pub(super) fn assert_names(method: &Method, path: &str, code: ProblemCode) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let status = &operation["responses"][code.status().to_string()];
    let example = &status["content"]["application/problem+json"]["examples"][code.as_str()];
    assert!(
        example.is_object(),
        "{method} {path} answers {code}, which its description does not name"
    );
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut fitting: Vec<_> = paths.keys().filter(|template| fits(template, path)).collect();
    // What is spelt out goes before what is variable, as in the router.
    fitting.sort_by_key(|template| template.contains('{'));
    paths[*fitting.first()?].get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(part, given)| part.starts_with('{') || *part == given)
}
