//! The schemas that operations refer to.

use super::examples::example;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// The schemas that operations refer to, by name.
#[derive(Debug, Default)]
pub(super) struct Schemas(Map<String, Value>);

impl Schemas {
    /// A reference to the schema of a type, which is taken in with all that it refers to.
    pub(super) fn of<T: ToSchema>(&mut self) -> Result<Value, serde_json::Error> {
        let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
        T::schemas(&mut named);
        let name = T::name().into_owned();
        named.push((name.clone(), T::schema()));
        for (name, schema) in named {
            self.0.insert(name, serde_json::to_value(schema)?);
        }
        Ok(json!({ "$ref": format!("#/components/schemas/{name}") }))
    }

    /// An example of a value with this schema, called by this name.
    pub(super) fn example(&self, schema: &Value, name: &str) -> Value {
        example(schema, name, &self.0)
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}
