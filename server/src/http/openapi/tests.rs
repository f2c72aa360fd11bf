use super::document;
use super::operations::operations;
use std::collections::BTreeSet;

/// Routes that take no method.
const WITHOUT_METHOD: [&str; 1] = ["/chat"];

/// Every route that the router's source names under `/v1`, with its methods.
fn routed() -> BTreeSet<(String, String)> {
    let source = include_str!("../router.rs");
    let mut routed = BTreeSet::new();
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
            let first =
                handlers.contains(&format!(" {method}(")) || handlers.contains(&format!("\n{method}("));
            if first || handlers.contains(&format!(".{method}(")) {
                routed.insert((path.clone(), method.to_owned()));
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
    assert_eq!(routed(), described);
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
